/* Where to go: a board link or a server's address, taken apart and resolved. */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H
#include "proto/limits.h"
#include "proto/status.h"
#include <sys/socket.h>

#define TARGET_HOST_BYTES  256u
#define TARGET_BOARD_BYTES 64u

struct target {
    char host[TARGET_HOST_BYTES];       /* "localhost:8080", as the Host header has it */
    char board[TARGET_BOARD_BYTES];     /* empty: the server's address only */
    char token[PL_TOKEN_BYTES_MAX + 1]; /* the link's fragment */
    struct sockaddr_storage address;
    socklen_t address_bytes;
};

/* http://HOST[:PORT] or http://HOST[:PORT]/b/BOARD#k=TOKEN. PL_INVALID for another shape (TLS is
 * not spoken here), PL_NOT_FOUND when the host has no address. */
PL_CHECKED enum pl_status target_parse(const char *url, struct target *ret_target);
/* Reads a link's board and token into a target that knows its server already. PL_INVALID. */
PL_CHECKED enum pl_status target_take_link(struct target *target, const char *link);

#endif
