/* POST /api/boards/<board>/ticket {"token", "name"}: a link's token and this browser's cookie
 * become a ticket for the socket's HELLO, and a pass for what the board's media are asked by. The cookie says who, the link says what; neither does the
 * other's work. */
#include "api/routes.h"
#include "auth/grant.h"
#include "auth/guest.h"
#include "auth/pass.h"
#include "base/role.h"
#include "proto/limits.h"
#include <string.h>

/* People's own text, shown to others: no control characters, not only blanks. That it is UTF-8,
 * jansson saw. */
static bool name_valid(struct pl_slice name)
{
    bool seen = false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7f)
            return false;
        seen = seen || name.data[i] != ' ';
    }
    return seen;
}

static enum pl_status body_read(const json_t *body, struct pl_slice *ret_token,
                                struct grant *ret_named)
{
    struct pl_slice name;
    struct pl_slice token;
    enum pl_status status = json_text(body, "token", PL_TOKEN_BYTES_MAX, &token);
    if (status != PL_OK)
        return status;
    status = json_text(body, "name", PL_NAME_BYTES_MAX, &name);
    if (status != PL_OK)
        return status;
    if (!name_valid(name))
        return PL_INVALID;
    memcpy(ret_named->name, name.data, name.len);
    ret_named->name[name.len] = '\0';
    *ret_token = token;
    return PL_OK;
}

static enum pl_status ticket_make(struct api *api, const struct api_request *request,
                                  uint64_t board, const json_t *body, struct grant *ret_grant,
                                  char ret_ticket[TICKET_TEXT_BYTES])
{
    struct pl_slice token;
    struct grant named = {0};
    struct grant grant = {0};
    enum pl_status status = body_read(body, &token, &named);
    if (status != PL_OK)
        return status;
    /* The token first: whoever holds none of this board's learns nothing of whether there is such a board. */
    uint64_t wall_ms = loop_wall_ms(api->env.loop);
    status = grant_check(api->env.keys, api->env.links, token, board, wall_ms, &grant);
    if (status != PL_OK)
        return status;
    status = registry_find(api->env.registry, board);
    if (status != PL_OK)
        return status;
    memcpy(grant.name, named.name, sizeof grant.name);
    if (!guest_read(api->env.keys, request->cookie, wall_ms, &grant.user))
        grant.user = guest_number(random_u64(api->env.random));
    status = tickets_issue(api->env.tickets, &grant, loop_now_ms(api->env.loop), ret_ticket);
    if (status == PL_OK)
        *ret_grant = grant;
    return status;
}

struct api_call *tickets_create(const struct route_call *call)
{
    struct api *api = call->api;
    const struct api_request *request = call->request;
    struct api_response *response = call->response;
    char ticket[TICKET_TEXT_BYTES];
    char cookie[GUEST_COOKIE_BYTES_MAX], pass[PASS_COOKIE_BYTES_MAX];
    struct grant grant = {0};
    json_t *body = NULL;
    enum pl_status status = json_body_read(request->body, &body);
    if (status == PL_OK)
        status = ticket_make(api, request, call->board, body, &grant, ticket);
    json_decref(body);
    if (status != PL_OK) {
        if (status == PL_TOKEN || status == PL_REVOKED || status == PL_EXPIRED ||
            status == PL_NOT_FOUND)
            metrics_add(api->env.metrics_or_null, metrics_refusal(status), 1);
        if (status == PL_INVALID)
            api_response_error_text(response, status,
                                    "a token and a name are needed, both as text");
        else if (status == PL_MALFORMED)
            api_response_error_text(response, status, "the body is not JSON");
        else
            api_response_error(response, status);
        return NULL;
    }
    metrics_add(api->env.metrics_or_null, METRIC_TICKETS_ISSUED, 1);
    bool secure = request->channel == API_SECURE || origin_secure(request->origin);
    guest_write(api->env.keys, grant.user, secure, cookie);
    api_response_header(response, "Set-Cookie", cookie);
    pass_write(api->env.keys, &grant, loop_wall_ms(api->env.loop), secure, pass);
    api_response_header(response, "Set-Cookie", pass);
    json_answer(response, 200,
                json_pack("{s:s, s:I, s:s}", "ticket", ticket, "user", (json_int_t)grant.user,
                          "role", role_name(grant.role)));
    return NULL;
}
