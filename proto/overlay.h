/* The objects that pending batches touch, as clones with those batches applied: what a person sees before it is
 * committed. Rule R1. Private to the replica.
 *
 * A slot whose last pending op was committed either takes the committed object's place, or goes, or is kept warm: a big
 * text is not cloned anew for every keystroke. A warm clone equals the committed object. */
#ifndef PL_OVERLAY_H
#define PL_OVERLAY_H
#include "proto/object_write.h"

#define OVERLAY_WARM_MAX 4u

struct overlay_slot {
    struct pl_id id;          /* none: the slot is free */
    struct pl_object *object; /* owned */
    uint32_t pending_n;       /* pending ops that name it; 0 while it is warm */
    bool foreign;             /* others' entries were merged into it since it was cloned */
    bool leaving;             /* the entry being folded commits it as it is */
};

struct overlay {
    const struct pl_mem *mem;
    struct overlay_slot *slots; /* open addressing, a power of two */
    size_t slot_n;
    size_t n;
    struct pl_id warm[OVERLAY_WARM_MAX]; /* oldest first; some may be pending again, or gone */
    size_t warm_n;
};

void overlay_init(struct overlay *overlay, const struct pl_mem *mem);
void overlay_done(struct overlay *overlay);
/* NULL when absent. A slot stays where it is until the next add or drop. */
struct overlay_slot *overlay_find(const struct overlay *overlay, struct pl_id id);
/* Takes the object on success; NULL when out of memory. It is not there yet. */
struct overlay_slot *overlay_add(struct overlay *overlay, struct pl_object *object);
/* Frees the slot and the object it holds, if it still holds one. */
void overlay_drop(struct overlay *overlay, struct overlay_slot *slot);
/* Whether the object is worth keeping, and may be. */
bool overlay_warmable(const struct pl_object *object);
/* Keeps a slot without pending ops; drops others, the oldest first, that become too much. */
void overlay_keep_warm(struct overlay *overlay, struct overlay_slot *slot);

#endif
