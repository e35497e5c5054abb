/* A talk-track's rows, read within a transaction: what the store and its tools share. */
#ifndef STORE_TRACK_READ_H
#define STORE_TRACK_READ_H
#include "store/env.h"
#include "base/track.h"

/* What the states of a segment are pinned by: ids of tracks are random and far apart. */
static inline uint64_t track_pin(uint64_t track, uint32_t segment)
{
    return track + segment;
}
/* The whole track, into one that is there already; after a failure that is none. PL_NOT_FOUND, PL_CORRUPT, PL_VERSION,
 * PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status track_reread(struct env *env, MDB_txn *txn, uint64_t board, uint64_t id, struct track *track);
/* The whole track. PL_NOT_FOUND, PL_CORRUPT, PL_VERSION, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status track_read(struct env *env, MDB_txn *txn, uint64_t board, uint64_t track,
                                     struct track **ret_track);
/* The same in a transaction of its own: as it is at this moment. */
PL_CHECKED enum pl_status track_read_now(struct env *env, uint64_t board, uint64_t track, struct track **ret_track);
/* The track behind this one in order of boards and tracks, which it moves to; MDB_NOTFOUND at the end. Begin with 0
 * and 0. 0 or LMDB's code. */
int track_next(struct env *env, MDB_txn *txn, uint64_t *board, uint64_t *track);
/* PL_NOT_FOUND, PL_CORRUPT, PL_IO. */
PL_CHECKED enum pl_status track_chunk_find(struct env *env, MDB_txn *txn, const struct track *track, uint32_t segment,
                                           enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk);
/* How many guests watched, and how many got to each tenth of `played_ms` at least. 0 or LMDB's code. */
int track_views(struct env *env, MDB_txn *txn, uint64_t board, uint64_t track, uint32_t played_ms, uint32_t *ret_n,
                uint32_t ret_reach[11]);

#endif
