/* See grant.h. The row is the truth for role and time too: a token only names it, so narrowing a
 * link later takes hold at once. */
#include "auth/grant.h"
#include "auth/token.h"

static bool expired(uint64_t expires_ms, uint64_t now_ms)
{
    return expires_ms != 0 && now_ms >= expires_ms;
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
    if (a_ms == 0)
        return b_ms;
    return b_ms == 0 || a_ms < b_ms ? a_ms : b_ms;
}

enum pl_status grant_check(const struct keys *keys, const struct links *links,
                           struct pl_slice token, uint64_t board, uint64_t now_ms,
                           struct grant *ret_grant)
{
    struct token named;
    struct link_row row;
    enum pl_status status = token_read(keys, token, &named);
    if (status != PL_OK)
        return status;
    if (named.board != board)
        return PL_TOKEN;
    status = links->find(links->self, named.link, &row);
    if (status != PL_OK)
        return status == PL_NOT_FOUND ? PL_TOKEN : status;
    if (row.board != board)
        return PL_TOKEN;
    if (row.revoked)
        return PL_REVOKED;
    uint64_t expires_ms = earlier(named.expires_ms, row.expires_ms);
    if (expired(expires_ms, now_ms))
        return PL_TOKEN;
    *ret_grant = (struct grant){
        .board = board,
        .link = named.link,
        .expires_ms = expires_ms,
        .role = row.role < named.role ? row.role : named.role,
    };
    return PL_OK;
}

const char *grant_role_name(enum pl_role role)
{
    static const char *const names[] = {
        [PL_ROLE_NONE] = "none",
        [PL_ROLE_VIEWER] = "viewer",
        [PL_ROLE_COMMENTER] = "commenter",
        [PL_ROLE_EDITOR] = "editor",
        [PL_ROLE_FACILITATOR] = "facilitator",
        [PL_ROLE_OWNER] = "owner",
    };
    return (size_t)role < sizeof names / sizeof names[0] ? names[role] : "none";
}
