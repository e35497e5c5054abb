/* Runs a plan apart, in a process of its own, and makes a failing one smaller. */
#ifndef SIM_MINIMISE_H
#define SIM_MINIMISE_H
#include "plan.h"

#define REASON_BYTES 256u

/* Runs `work` in a child. False when it did not end by itself with true: it failed, crashed, or hung for `seconds`. */
bool apart(bool (*work)(void *user), void *user, unsigned seconds, bool quiet);

/* Leaves steps out, then turns knobs towards their least, as long as the plan goes on failing for the same reason.
 * `reason` is what it failed for; one that says it crashed stands for any crash. Returns how many runs it took. */
uint32_t minimise(struct plan *plan, const char *reason);

#endif
