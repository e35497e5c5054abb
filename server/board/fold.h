/* A state the journal tells (its newest snapshot before, and the entries since) as one snapshot of its
 * seq: pure work, for a worker. */
#ifndef BOARD_FOLD_H
#define BOARD_FOLD_H
#include "base/journal.h"
#include "base/loop.h"
#include "proto/writer.h"

/* The canonical snapshot, behind what ret_snapshot holds. PL_CORRUPT, PL_VERSION, PL_NO_MEMORY. */
PL_CHECKED enum pl_status past_fold(const struct pl_mem *mem, const struct journal_past *told,
                                    struct pl_buf *ret_snapshot);

/* The same in a worker, of copies. `done` comes on the loop and may take the snapshot's bytes; it is empty
 * unless PL_OK. */
PL_CHECKED enum pl_status fold_start(const struct pl_mem *mem, const struct loop *loop,
                                     const struct journal_past *told,
                                     void (*done)(void *user, enum pl_status status,
                                                  struct pl_buf *snapshot),
                                     void *user);

#endif
