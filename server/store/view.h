/* A data folder as it is in one moment, for tools: read only, beside a running server if there is
 * one. While a view is open the server's file cannot reuse what it sees: keep it short on a busy
 * server. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H
#include "base/journal.h"
#include "proto/mem.h"
#include "proto/writer.h"
#include "base/track.h"

struct store_view;

/* PL_NOT_FOUND: no data folder; PL_VERSION: of another format; PL_CORRUPT, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_view_open(const struct pl_mem *mem, const char *dir,
                                          struct store_view **ret_view);
void store_view_close(struct store_view *view_or_null);

struct store_view_board {
    uint64_t board;
    uint64_t created_ms;
    uint32_t next_replica;
};
/* The board with the lowest id above `after`; false: no more. Begin with 0, which no board has. */
bool store_view_board(struct store_view *view, uint64_t after, struct store_view_board *ret_board);
/* The snapshot at the lowest seq from `from` on: PL_OK, PL_NOT_FOUND, PL_IO. */
PL_CHECKED enum pl_status store_view_snapshot(struct store_view *view, uint64_t board, uint32_t doc,
                                              uint64_t from, uint64_t *ret_seq);
/* Its bytes, inflated, appended: PL_CORRUPT, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_view_snapshot_read(struct store_view *view, uint64_t board,
                                                   uint32_t doc, uint64_t seq, struct pl_buf *buf);
/* The first kept record that holds entries from `from` on: where its entries begin and end.
 * PL_NOT_FOUND, PL_CORRUPT. */
PL_CHECKED enum pl_status store_view_record(struct store_view *view, uint64_t board, uint32_t doc,
                                            uint64_t from, uint64_t *ret_first, uint64_t *ret_last);
/* Entries [from, to], checked: PL_NOT_FOUND at a hole, PL_CORRUPT, or what the reader returned.
 * ret_next: where it stopped, one behind the last entry that passed. */
PL_CHECKED enum pl_status store_view_entries(struct store_view *view, uint64_t board, uint32_t doc,
                                             uint64_t from, uint64_t to,
                                             const struct journal_reader *reader,
                                             uint64_t *ret_next);
/* As journal.h's load, at most up to seq_max. */
PL_CHECKED enum pl_status store_view_load(struct store_view *view, uint64_t board, uint32_t doc,
                                          uint64_t seq_max, const struct journal_reader *reader);
/* The mark of the lowest replica from `from` on; false: no more. */
bool store_view_mark(struct store_view *view, uint64_t board, uint32_t from, struct journal_mark *ret_mark);
/* The link behind this one, in order of boards and links; false: no more. Begin with 0 and 0. */
bool store_view_link(struct store_view *view, uint64_t board, uint64_t link, struct link_row *ret_link);
/* The audit entry with the lowest number from `from` on among those of the board (0: the server) that last, or that
 * pass; false: no more. Begin with 1. */
bool store_view_audit(struct store_view *view, uint64_t board, bool lasts, uint64_t from, uint64_t *ret_n,
                      uint64_t *ret_at_ms, struct audit_entry *ret_entry);
/* The talk-track behind this one in order of boards and tracks, which it moves to; the caller frees it. Begin with 0 and
 * 0. PL_NOT_FOUND: no more; PL_CORRUPT, PL_VERSION: there is one, but it cannot be read; PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_view_track(struct store_view *view, uint64_t *board, uint64_t *track,
                                           struct track **ret_track);
/* One as it is now, beside what the view shows. A second view in its place would end the first: LMDB takes a process's
 * readers away when one of its environments is closed. PL_NOT_FOUND, PL_CORRUPT, PL_VERSION, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_view_track_now(struct store_view *view, uint64_t board, uint64_t track,
                                               struct track **ret_track);
/* A chunk of one. PL_NOT_FOUND, PL_CORRUPT, PL_IO. */
PL_CHECKED enum pl_status store_view_chunk(struct store_view *view, const struct track *track, uint32_t segment,
                                           enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk);

#endif
