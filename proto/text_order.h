/* Where an insert belongs (B6). Private to the text_*.c files. */
#ifndef PL_TEXT_ORDER_H
#define PL_TEXT_ORDER_H
#include "proto/text_tree.h"

/* What text_step looks for: a span that hangs at most so deep, and if `kept` one that is not marked. */
struct wanted {
    uint32_t depth;
    bool kept;
};

/* Moves a spot to the nearest wanted span left (-1) or right (+1) of the one it names; false when there is none. */
bool pl_text_step(struct spot *spot, int by, struct wanted wanted);
/* -1, 0, 1: which of two borders, or two scalars, comes first. */
int pl_spot_compare(const struct spot *a, const struct spot *b);
/* The border right after a scalar. */
struct spot pl_spot_after(struct spot spot);

/* The border an insert belongs at; sets the run's depth, and its right origin to what has that one's place (B6).
 * PL_ORPHAN when the text lacks an origin. */
PL_CHECKED enum pl_status pl_text_place(const struct pl_text *text, struct run *run, struct spot *ret_at);

#endif
