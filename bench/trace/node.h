/* Carries out a plan by proto.wasm, in a Node that trace.mjs drives. */
#ifndef TRACE_NODE_H
#define TRACE_NODE_H
#include "bench/trace/figures.h"
#include "bench/trace/plan.h"
#include "bench/trace/replay.h"

/* Replays `repeat` times. `native` is the same plan carried out natively: it knows the positions in UTF-16, and the
 * state that must come out. False when Node could not be run at all, said on stderr. */
PL_CHECKED bool node_run(const struct history *history, const struct plan *plan, const struct replay *native,
                         uint32_t repeat, struct figures *figures);

#endif
