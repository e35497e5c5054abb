/* From a link's token to what its holder may do: the token's signature, then the link's row, then
 * its time. */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H
#include "auth/keys.h"
#include "auth/ticket.h"
#include "base/links.h"

/* The grant without user and name. PL_TOKEN: forged, of another board, or unknown; PL_EXPIRED, PL_REVOKED; PL_IO. What is
 * forged is refused by its bytes alone, whether there is such a board or not. */
PL_CHECKED enum pl_status grant_check(const struct keys *keys, const struct links *links,
                                      struct pl_slice token, uint64_t board, uint64_t now_ms,
                                      struct grant *ret_grant);
/* The same by the link's row alone, for whoever proved otherwise that they came by it. */
PL_CHECKED enum pl_status grant_of_link(const struct links *links, uint64_t board, uint64_t link, uint64_t now_ms,
                                        struct grant *ret_grant);
/* Whether the link's time is over. */
bool grant_expired(const struct link_row *row, uint64_t now_ms);

#endif
