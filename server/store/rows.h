/* Rows of an env, read and written within a transaction: what the store, its tools and the thinning
 * of history share. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H
#include "base/journal.h"
#include "proto/writer.h"
#include "store/env.h"

/* The newest snapshot at or before `seq_max` that passes its checksum, inflated into buf: PL_OK,
 * PL_NOT_FOUND, PL_NO_MEMORY, PL_IO. */
PL_CHECKED enum pl_status snapshot_newest(struct env *env, MDB_txn *txn, uint64_t board,
                                          uint32_t doc, uint64_t seq_max, struct pl_buf *buf,
                                          uint64_t *ret_seq);
/* The chunks of the snapshot at `seq`, one behind the other, still deflated: PL_OK, PL_CORRUPT when
 * anything is amiss, PL_NO_MEMORY. */
PL_CHECKED enum pl_status snapshot_deflated(struct env *env, MDB_txn *txn, uint64_t board,
                                            uint32_t doc, uint64_t seq, struct pl_buf *buf,
                                            struct row_snapshot *ret_row);
/* The same, inflated. */
PL_CHECKED enum pl_status snapshot_read(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                                        uint64_t seq, struct pl_buf *buf);
/* The next snapshot with a seq from `*seq` on: 0 and its seq and header, MDB_NOTFOUND, or LMDB's
 * code. */
int snapshot_next(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t *seq,
                  struct row_snapshot *ret_row);

/* Where a reading of records stands. */
struct walk {
    uint64_t board;
    uint64_t next_seq; /* the next record must start at or before it */
    uint64_t to_seq;
    uint32_t doc;
};
/* Every record from the one that holds next_seq up to to_seq. PL_NOT_FOUND at a hole, PL_CORRUPT
 * (logged), PL_IO, PL_NO_MEMORY, or what the reader returned; PL_OK also when there are none left:
 * see next_seq. */
PL_CHECKED enum pl_status records_read(struct env *env, MDB_txn *txn, struct walk *walk,
                                       const struct journal_reader *reader);
/* The newest snapshot at or before seq_max and the records behind it up to there, to the reader.
 * When the reader says PL_VERSION to the snapshot, which another Plenum packed, the journal from
 * its start. PL_NOT_FOUND at a hole; ret_next: one behind the last entry that was read. */
PL_CHECKED enum pl_status document_read(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                                        uint64_t seq_max, const struct journal_reader *reader,
                                        uint64_t *ret_next);
/* When the entry was journaled: 0, MDB_NOTFOUND when its record is not kept, or LMDB's code. */
int journal_srv_ms(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t seq,
                   uint64_t *ret_srv_ms);
/* The last key of a document in a room whose keys start with board doc; MDB_NOTFOUND when it has
 * none. */
int doc_last(MDB_txn *txn, MDB_dbi room, uint64_t board, uint32_t doc, MDB_val *ret_key);

/* 0, MDB_KEYEXIST when it is there (a board's row: with MDB_NOOVERWRITE in `flags`), or LMDB's
 * code. */
int entry_put(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t first_seq,
              uint32_t entry_n, struct pl_slice envelopes);
int board_row_put(struct env *env, MDB_txn *txn, uint64_t board, const struct row_board *row,
                  unsigned flags);
int mark_put(struct env *env, MDB_txn *txn, uint64_t board, const struct journal_mark *mark,
             uint64_t now_ms);
int link_put(struct env *env, MDB_txn *txn, const struct link_row *link);

#endif
