/* Capability links as rows, and the port through which auth reads them; store implements it, main wires it. */
#ifndef BASE_LINKS_H
#define BASE_LINKS_H
#include "proto/id.h"
#include "proto/status.h"
#include <stdint.h>

struct link_row {
    uint64_t link;
    uint64_t board;
    uint64_t expires_ms; /* Unix time; 0: never */
    enum pl_role role;
    bool revoked;
};

struct links {
    /* PL_NOT_FOUND, PL_IO. Synchronous, on the loop's thread. */
    enum pl_status (*find)(void *self, uint64_t link, struct link_row *ret_row);
    void *self;
};

#endif
