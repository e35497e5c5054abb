/* A whole board put into a data folder at rest, in one transaction: what an import is. */
#ifndef STORE_PUT_BOARD_H
#define STORE_PUT_BOARD_H
#include "base/journal.h"
#include "base/secrets.h"
#include "store/store.h"

struct store_new_board {
    uint64_t board;
    uint64_t created_ms;
    uint32_t next_replica;
    struct pl_slice envelopes; /* of document 0, from seq 1 on */
    const struct journal_mark *marks;
    size_t mark_n;
    const struct link_row *links;
    size_t link_n;
};

/* Makes the folder when it is not there. ret_secret: the key of links. PL_LIMIT: a server has the
 * folder; PL_STATE: it is a backup; PL_DUPLICATE: the board is there; PL_VERSION, PL_CORRUPT,
 * PL_IO, PL_NO_MEMORY. Nothing is changed then. */
PL_CHECKED enum pl_status store_put_board(const struct pl_mem *mem, const char *dir,
                                          const struct store_new_board *board,
                                          uint8_t ret_secret[SECRET_BYTES]);

#endif
