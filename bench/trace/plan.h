/* A history as a list of steps for replicas ("peers"), the same for the native engine and for WebAssembly.
 *
 * A sequential history is one peer's typing. In a concurrent one each agent has a peer, which before a transaction
 * takes what its parents came after and it does not have yet. A peer cannot forget: where a transaction does not come
 * after all its agent has done and seen, another peer of the same agent goes on from there. In the end every peer
 * takes the rest and must agree with all others.
 *
 * What a peer settles is the next chapter of the journal: chapter 0 makes the text and its start content; chapter
 * i + 1 of a concurrent history is transaction i. */
#ifndef TRACE_PLAN_H
#define TRACE_PLAN_H
#include "bench/trace/history.h"

#define PLAN_AWAKE_MAX 32u /* peers held as replicas at a time; the others rest as snapshots */

enum step_kind {
    STEP_OPEN,   /* a fresh replica, numbered peer + 1 */
    STEP_CREATE, /* makes the text's object */
    STEP_EDIT,   /* a: the patch */
    STEP_SETTLE, /* what the peer has pending comes back from the journal, as its next chapter */
    STEP_TAKE,   /* a: first chapter, b: how many */
    STEP_PARK,   /* the peer becomes a snapshot... */
    STEP_WAKE,   /* ...and a replica again */
    STEP_AGREE,  /* the peer has the whole history: its state must be the others' */
};

struct step {
    uint32_t kind;
    uint32_t peer;
    uint32_t a, b;
};

struct plan {
    struct step *steps;
    size_t step_n, step_cap;
    size_t setup_n;     /* the first steps: what stands before the history begins */
    uint32_t peer_n;
    uint32_t chapter_n;
    uint32_t last_peer; /* awake and whole at the end */
};

/* `settle_every`: after how many edits of a sequential history the journal catches up; not 0. PL_NO_MEMORY. */
PL_CHECKED enum pl_status plan_make(const struct history *history, uint32_t settle_every,
                                    struct plan *ret_plan);
void plan_done(struct plan *plan); /* takes a zeroed one too */

#endif
