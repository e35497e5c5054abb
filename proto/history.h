/* Time travel: a document at any seq of its journal. For playing a talk-track as it was recorded, and for looking back.
 *
 * A history is opened on a snapshot, or on nothing, and is given the entries that follow; its document can then be put
 * anywhere between. Going on folds what lies between. Going back begins from a checkpoint, a snapshot taken on the way
 * when the entries since the last one outweigh it; when checkpoints become too many every second one goes.
 *
 * After PL_NO_MEMORY or PL_CORRUPT a history is of no more use: free it. */
#ifndef PL_HISTORY_H
#define PL_HISTORY_H
#include "proto/doc.h"

struct pl_history;

/* Checkpoints stand at least so many bytes of entries apart, and take at most so many bytes together, the first and the
 * newest aside. */
struct pl_history_limits {
    size_t apart_bytes;
    size_t bytes_max;
};
#define PL_HISTORY_LIMITS ((struct pl_history_limits){.apart_bytes = 64u << 10, .bytes_max = 32u << 20})

/* `snapshot` is copied; an empty slice is the empty document. PL_MALFORMED, PL_VERSION, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_history_open(const struct pl_mem *mem, struct pl_slice snapshot,
                                          struct pl_history_limits limits, struct pl_history **ret_history);
void pl_history_free(struct pl_history *history_or_null);

/* Copies the entry behind the last one. PL_DUPLICATE for one it has (nothing happens), PL_GAP for a later one,
 * PL_NO_MEMORY. What the entry says is looked at when the document comes by. */
PL_CHECKED enum pl_status pl_history_append(struct pl_history *history, const struct pl_envelope *envelope);

uint64_t pl_history_first(const struct pl_history *history); /* the snapshot's seq */
uint64_t pl_history_last(const struct pl_history *history);  /* of the newest entry */
/* When the entry was journaled, ms since 1970; that of the nearest one for a seq it does not have. */
uint64_t pl_history_srv_ms(const struct pl_history *history, uint64_t seq);
/* The last seq at or before a time; the first one when that is later. */
uint64_t pl_history_seq(const struct pl_history *history, uint64_t srv_ms);

/* Puts the document at a seq from first to last: PL_NOT_FOUND otherwise. The observer is told of the changes on the
 * way, unless the document was read anew (`ret_anew_or_null`): then anything may have changed. PL_CORRUPT: an entry on
 * the way is none that a journal can hold; PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_history_move(struct pl_history *history, uint64_t seq,
                                          const struct pl_observer *observer_or_null, bool *ret_anew_or_null);
/* Where it is: its head is the seq. At first that of the snapshot. Borrowed until the next move. */
struct pl_doc *pl_history_doc(const struct pl_history *history);

#endif
