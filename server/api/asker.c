/* Who asks: a link's token or the grant cookie says what they may on a board, the guest's cookie who they are. Without a
 * valid one every board answers the same, whether it is there or not: it is not looked at. */
#include "api/routes.h"
#include "auth/grant.h"
#include "auth/guest.h"
#include "auth/pass.h"
#include <string.h>

static struct pl_slice bearer(const struct api_request *request)
{
    static const char scheme[] = "Bearer ";
    const size_t len = sizeof scheme - 1;
    struct pl_slice header = request->authorization;
    if (header.len < len || memcmp(header.data, scheme, len) != 0)
        return (struct pl_slice){(const uint8_t *)"", 0};
    return (struct pl_slice){header.data + len, header.len - len};
}

/* The board must be there, too; counts a refusal. */
static enum pl_status board_check(const struct route_call *call, enum pl_status status)
{
    const struct api_env *env = &call->api->env;
    if (status == PL_OK)
        status = registry_find(env->registry, call->board);
    if (status != PL_OK)
        metrics_add(env->metrics_or_null, metrics_refusal(status), 1);
    return status;
}

enum pl_status asker_by_token(const struct route_call *call, struct grant *ret_grant)
{
    const struct api_env *env = &call->api->env;
    const uint64_t now_ms = loop_wall_ms(env->loop);
    struct grant grant = {0};
    enum pl_status status = board_check(
        call, grant_check(env->keys, env->links, bearer(call->request), call->board, now_ms, &grant));
    if (status != PL_OK)
        return status;
    (void)guest_read(env->keys, call->request->cookie, now_ms, &grant.user);
    *ret_grant = grant;
    return PL_OK;
}

enum pl_status asker_by_token_or_pass(const struct route_call *call, struct grant *ret_grant)
{
    const struct api_env *env = &call->api->env;
    if (call->request->authorization.data != NULL)
        return asker_by_token(call, ret_grant);
    return board_check(call, pass_check(env->keys, env->links, call->request->cookie, call->board,
                                        loop_wall_ms(env->loop), ret_grant));
}

enum pl_status asker_refuse(const struct route_call *call, const struct grant *grant)
{
    const struct audit_entry entry = {.board = grant->board,
                                      .user = grant->user,
                                      .by_link = grant->link,
                                      .act = AUDIT_REFUSED,
                                      .role = grant->role,
                                      .outcome = PL_PERM};
    audit_note(call->api->env.audit_or_null, &entry);
    return PL_PERM;
}
