/* Carries out a plan by native replicas, and measures. */
#ifndef TRACE_REPLAY_H
#define TRACE_REPLAY_H
#include "bench/trace/figures.h"
#include "bench/trace/journal.h"
#include "bench/trace/plan.h"

/* What a replay leaves behind for others to compare with. */
struct replay {
    struct journal journal;
    struct pl_buf encoded; /* the state all peers agreed on */
    /* By patch, where it was in UTF-16 units: {at, removed}. NULL where they are the patch's own numbers. */
    uint32_t (*utf16_or_null)[2];
};

void replay_init(struct replay *replay);
void replay_done(struct replay *replay);
/* Carries out the plan once and adds its time to figures->replay. `replay` is emptied first. A text or state that is
 * not as it must be, and whatever the engine refuses, is told in the figures; false is out of memory. */
PL_CHECKED bool replay_run(struct replay *replay, const struct history *history, const struct plan *plan,
                           struct figures *figures);
enum replay_source {
    REPLAY_ENCODED, /* the encoded state */
    REPLAY_JOURNAL, /* the journal's batches, in one go */
};

/* Brings an empty replica to the whole history, once, until its text was read; adds to figures->load or merge, and
 * compares with the replay. */
void replay_measure(const struct replay *replay, const struct history *history, enum replay_source source,
                    struct figures *figures);
/* Compares a text with what the history says it must be. */
void replay_compare_text(const struct history *history, struct pl_slice text, struct figures *figures);

#endif
