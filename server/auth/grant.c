/* See grant.h. The row is the truth for role and time: a token only names it. So what an owner changes about a link holds
 * at once for everybody who came by it, in both directions. */
#include "auth/grant.h"
#include "auth/token.h"

bool grant_expired(const struct link_row *row, uint64_t now_ms)
{
    return row->expires_ms != 0 && now_ms >= row->expires_ms;
}

enum pl_status grant_of_link(const struct links *links, uint64_t board, uint64_t link, uint64_t now_ms,
                             struct grant *ret_grant)
{
    struct link_row row;
    enum pl_status status = links->find(links->self, board, link, &row);
    if (status != PL_OK)
        return status == PL_NOT_FOUND ? PL_TOKEN : status;
    if (row.revoked)
        return PL_REVOKED;
    if (grant_expired(&row, now_ms))
        return PL_EXPIRED;
    *ret_grant = (struct grant){.board = board, .link = link, .expires_ms = row.expires_ms, .role = row.role};
    return PL_OK;
}

enum pl_status grant_check(const struct keys *keys, const struct links *links,
                           struct pl_slice token, uint64_t board, uint64_t now_ms,
                           struct grant *ret_grant)
{
    struct token named;
    enum pl_status status = token_read(keys, token, now_ms, &named);
    if (status != PL_OK)
        return status;
    return named.board == board ? grant_of_link(links, board, named.link, now_ms, ret_grant) : PL_TOKEN;
}
