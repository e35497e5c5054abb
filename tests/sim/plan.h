/* What one run of a world is to be: the seed, its knobs, and the steps that are left out of it. A seed stands for a
 * whole plan; a smaller one, with which the same oracle still fails, is written as arguments of plenum-sim. */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H
#include "proto/mem.h"
#include <stdio.h>

#define PLAN_KNOBS_MAX 24u
#define PLAN_STEPS_MAX 1024u
#define PLAN_TEXT_BYTES 4096u
#define PLAN_STEPS 0u /* the first knob of every world: how many steps it takes */

struct plan;

struct sim_knob {
    const char *name;
    uint32_t least; /* the simplest value it can have: no fault, the fewest people */
};

/* One of the simulated worlds. */
struct sim_kind {
    const char *name;
    const char *prefix; /* of the files it leaves for the WebAssembly engine */
    uint32_t one_in;    /* seeds: it runs those that this divides */
    const struct sim_knob *knobs;
    uint32_t knob_n;
    void (*configure)(uint64_t seed, uint32_t *ret_knobs);
    /* Runs a plan, adds up what it met, and leaves the journal and its hash in files when there is a path. Returns why
     * an oracle did not hold (static), or NULL. */
    const char *(*run)(const struct plan *plan, const char *path_or_null, uint32_t *met);
};

struct plan {
    const struct sim_kind *kind;
    uint64_t seed;
    uint32_t knobs[PLAN_KNOBS_MAX];
    uint8_t skipped[PLAN_STEPS_MAX / 8];
};

struct plan plan_of(const struct sim_kind *kind, uint64_t seed);
bool plan_skips(const struct plan *plan, uint32_t step);
void plan_skip(struct plan *plan, uint32_t step, bool skips);
/* "clients=2,drop=0": false when a name is unknown or a number cannot be. */
bool plan_change(struct plan *plan, const char *changes);
/* "3,7-9": all other steps are left out. */
bool plan_keep(struct plan *plan, const char *steps);
/* Both, as they are read; room for PLAN_TEXT_BYTES. The second is empty when no step is left out. */
void plan_write(const struct plan *plan, char *ret_knobs, char *ret_kept);
/* A journal as one OPS message, and the state hash it must lead to, for the WebAssembly engine. False: a file error. */
bool plan_leave(const char *path, struct pl_slice ops, uint64_t hash);

#endif
