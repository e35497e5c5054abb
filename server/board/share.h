/* A snapshot as the frames that carry it: BEGIN, CHUNKs, END (SPEC S3, S4). Made once in a
 * worker from a copy, then sent to every joiner that can use it. */
#ifndef BOARD_SHARE_H
#define BOARD_SHARE_H
#include "base/frame.h"
#include "base/journal.h"
#include "base/loop.h"
#include "proto/status.h"
#include "proto/writer.h"

struct share;

/* Takes over the bytes of `snapshot` (which is emptied), the document's state as of `as_of`.
 * `done` comes on the loop with the share, or with NULL when there was no memory. */
PL_CHECKED enum pl_status share_start(const struct pl_mem *mem, const struct loop *loop,
                                      uint32_t doc, uint64_t as_of, struct pl_buf *snapshot,
                                      void (*done)(void *user, struct share *share_or_null),
                                      void *user);
/* Of the snapshot that the journal told of, as it is stored: copied, at once. PL_NO_MEMORY. */
PL_CHECKED enum pl_status share_of_stored(const struct pl_mem *mem, uint32_t doc,
                                          const struct journal_past *told, struct share **ret_share);
void share_free(struct share *share_or_null);
uint64_t share_as_of(const struct share *share);
size_t share_frame_n(const struct share *share);
struct frame *share_frame(const struct share *share, size_t index); /* borrowed */

#endif
