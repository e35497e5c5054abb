/* Objects put where they shall be drawn: which order keys they get. Rules V1, R8. Private to edit.c. */
#ifndef PL_ARRANGE_H
#define PL_ARRANGE_H
#include "proto/edit_run.h"
#include "proto/order.h"

struct arranged {
    struct pl_id object;
    struct pl_id parent; /* to lie in from now on; no id: on the board */
};

/* Puts the objects, in this order, right below `before` in the drawing order, or above everything when that is no id or
 * unknown. Where keys would become too long, or neighbours have none between them, as many neighbours as it takes get
 * new ones, save those that not every editor may change. PL_ORPHAN, PL_INVALID for an object named twice, PL_NO_MEMORY. */
PL_CHECKED enum pl_status run_arrange(struct edit_run *run, const struct arranged *items, size_t n,
                                      struct pl_id before);
/* The key of one more object above everything: above *key, which is what it was at the last call of this run, or empty
 * at the first. False when only run_arrange can make room for it. */
bool run_key_above(const struct edit_run *run, struct pl_order_key *key);

#endif
