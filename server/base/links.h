/* Capability links as rows, and the port through which auth and api read and change them; store implements it, main
 * wires it. Called on the loop's thread. */
#ifndef BASE_LINKS_H
#define BASE_LINKS_H
#include "base/audit.h"
#include "proto/id.h"
#include "proto/status.h"
#include <stdbool.h>
#include <stdint.h>

#define LINKS_MAX 1000u /* of one board, withdrawn ones too */

struct link_row {
    uint64_t link;
    uint64_t board;
    uint64_t expires_ms; /* Unix time; 0: never */
    uint64_t made_ms;    /* Unix time; 0: not known */
    enum pl_role role;
    bool revoked; /* for good: the row stays to say so */
};

typedef void links_done(void *user,
                        enum pl_status status); /* PL_OK: durable; PL_IO: nothing has changed */

struct links {
    /* PL_NOT_FOUND, PL_IO. Synchronous. */
    enum pl_status (*find)(void *self, uint64_t board, uint64_t link, struct link_row *ret_row);
    /* Each link of the board, withdrawn and expired ones too. PL_IO. Synchronous. */
    enum pl_status (*each)(void *self, uint64_t board,
                           void (*row)(void *user, const struct link_row *row), void *user);
    /* Makes the link, or makes it what the row says, and notes the entry, in one transaction. Both are copied. */
    void (*put)(void *self, const struct link_row *row, const struct audit_entry *entry,
                links_done *done, void *user);
    void *self;
};

#endif
