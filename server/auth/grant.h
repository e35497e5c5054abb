/* From a link's token to what its holder may do: the token's signature, then the link's row, then
 * its time. */
#ifndef AUTH_GRANT_H
#define AUTH_GRANT_H
#include "auth/keys.h"
#include "auth/ticket.h"
#include "base/links.h"

/* The grant without user and name. PL_TOKEN: forged, of another board, unknown or expired;
 * PL_REVOKED; PL_IO. */
PL_CHECKED enum pl_status grant_check(const struct keys *keys, const struct links *links,
                                      struct pl_slice token, uint64_t board, uint64_t now_ms,
                                      struct grant *ret_grant);
/* "owner" and so on, as interfaces and links name them. Static. */
const char *grant_role_name(enum pl_role role);

#endif
