/* How much of its room for media each board has used and promised, and what lies on the disk of it though no row names it
 * any more, until the next sweep. A board's rows are read once; from then on changes are counted along, for reading all of
 * them for each chunk would cost every other board its time.
 *
 * Invariant: what was counted is what the rows say once all that was settled is written. A write that failed may have been
 * kept after all, so then the rows are read again, when nothing else of the board is under way. On the loop's thread. */
#ifndef TRACK_LEDGER_H
#define TRACK_LEDGER_H
#include "store/tracks.h"

struct ledger;

struct ledger *ledger_new(const struct pl_mem *mem, struct store *store); /* both borrowed; NULL: out of memory */
void ledger_free(struct ledger *ledger_or_null);

/* How many bytes the board may still take, promises left out, and how many tracks it has. PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status ledger_room(struct ledger *ledger, uint64_t board, uint64_t *ret_bytes, uint32_t *ret_tracks);

/* Bytes on their way: PL_QUOTA when there is no room for them; kept by ledger_release. */
PL_CHECKED enum pl_status ledger_promise(struct ledger *ledger, uint64_t board, uint64_t bytes);
void ledger_release(struct ledger *ledger, uint64_t board, uint64_t bytes);

/* A change was decided. Its write is awaited, and ledger_written tells its end. */
struct ledger_change {
    uint64_t was, is; /* bytes of a track */
    uint64_t leaves;  /* of files that it names no longer */
    bool fresh;       /* there was no such track */
};
PL_CHECKED enum pl_status ledger_settle(struct ledger *ledger, uint64_t board, const struct ledger_change *change);
void ledger_written(struct ledger *ledger, uint64_t board, bool kept);

/* What was left, of all boards; and nothing is any more. */
uint64_t ledger_left(const struct ledger *ledger);
void ledger_swept(struct ledger *ledger);

/* Rows of the board went away otherwise: they are read again. Nothing of it is under way. */
void ledger_forget(struct ledger *ledger, uint64_t board);

#endif
