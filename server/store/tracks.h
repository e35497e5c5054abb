/* Talk-tracks in the data folder: reading their rows, and writing what changed of one in one transaction. Reading is
 * synchronous and short; store_tracks_each, and what media.h has, are for workers too. */
#ifndef STORE_TRACKS_H
#define STORE_TRACKS_H
#include "base/audit.h"
#include "store/store.h"
#include "base/track.h"

#define STORE_TRACK_VIEWS_MAX 4096u /* guests counted of one track: beyond, nobody new is */

/* The caller's, to be freed by track_free. PL_NOT_FOUND, PL_CORRUPT, PL_VERSION, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_track(struct store *store, uint64_t board, uint64_t track, struct track **ret_track);
/* The tracks of a board, or all there are (board 0), each valid during the call. What cannot be read is passed over and
 * told as PL_CORRUPT in the end; PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_tracks_each(struct store *store, uint64_t board,
                                            void (*row)(void *user, const struct track *track), void *user);
/* PL_NOT_FOUND: no such chunk. */
PL_CHECKED enum pl_status store_track_chunk(struct store *store, const struct track *track, uint32_t segment,
                                            enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk);
struct track_viewers {
    uint32_t n;
    uint32_t reach[11]; /* how many got to each tenth of the played time, at least */
};
PL_CHECKED enum pl_status store_track_viewers(struct store *store, const struct track *track, uint32_t played_ms,
                                              struct track_viewers *ret_viewers);
/* The seq of the board's newest durable entry. PL_NOT_FOUND, PL_IO. */
PL_CHECKED enum pl_status store_head(struct store *store, uint64_t board, uint64_t *ret_seq);
/* How long after the first of the entries behind `from` the one at `to` was written; 0 when there is one or none.
 * PL_NOT_FOUND: one of the two is not kept; PL_IO. */
PL_CHECKED enum pl_status store_span_ms(struct store *store, uint64_t board, uint64_t from, uint64_t to,
                                        uint64_t *ret_ms);

#define TRACK_CHANGE_SEGMENTS_MAX 2u
/* What is written of a track, all in one transaction. */
struct track_change {
    const struct track *track;
    bool about;            /* its own row */
    uint32_t segment_i;    /* the rows of so many segments from this one on, and pins of the states they span (SPEC K8) */
    uint32_t segment_n;    /* at most TRACK_CHANGE_SEGMENTS_MAX */
    const struct track_chunk *chunk_or_null; /* number `chunk_i` of `stream` of segment_i */
    enum track_stream stream;
    uint32_t chunk_i;
    const struct audit_entry *audit_or_null;
};
/* Copies all. PL_OK: durable; PL_IO: nothing of it is kept. */
void store_track_put(struct store *store, const struct track_change *change, journal_done *done, void *user);
/* How far a guest got; the furthest counts. */
void store_track_watched(struct store *store, uint64_t board, uint64_t track, uint64_t guest, uint32_t played_ms,
                         journal_done *done, void *user);
/* All rows of the track and its pins go. */
void store_track_purge(struct store *store, uint64_t board, uint64_t track, journal_done *done, void *user);

#endif
