/* Grants and single-use tickets. A ticket carries a grant from HTTP, where cookie and link were
 * checked, to the socket's HELLO: 30 s, once. Kept in memory only; a restart forgets them and
 * clients ask again. */
#ifndef AUTH_TICKET_H
#define AUTH_TICKET_H
#include "base/links.h"
#include "proto/id.h"
#include "proto/limits.h"
#include "proto/mem.h"
#include "proto/status.h"

/* What a person may do on one board, through one link. */
struct grant {
    uint64_t board;
    uint64_t link;
    uint64_t user;       /* the guest's number, below 2^53 */
    uint64_t expires_ms; /* Unix time the link ends; 0: never */
    enum pl_role role;
    char name[PL_NAME_BYTES_MAX + 1]; /* UTF-8, NUL-terminated */
};

#define TICKET_TEXT_BYTES 44u /* base64url of 32 random bytes, and the NUL */

struct tickets;
struct tickets *tickets_new(const struct pl_mem *mem); /* NULL when out of memory */
void tickets_free(struct tickets *tickets_or_null);
/* Copies the grant. PL_LIMIT when too many are waiting. */
PL_CHECKED enum pl_status tickets_issue(struct tickets *tickets, const struct grant *grant,
                                        uint64_t now_ms, char ret_text[TICKET_TEXT_BYTES]);
/* The link was changed or withdrawn: waiting tickets that came by it carry its new role and end, or are worth nothing. */
void tickets_link_changed(struct tickets *tickets, const struct link_row *row);
/* PL_TICKET when unknown, used or older than PL_TICKET_MS. */
PL_CHECKED enum pl_status tickets_take(struct tickets *tickets, struct pl_slice text,
                                       uint64_t now_ms, struct grant *ret_grant);

#endif
