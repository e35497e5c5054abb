/* The layout of a client's replica, for the files that make it up: replica.c, settle.c, overlay_apply.c, edit.c and what
 * edits use, rekey.c, tree.c. */
#ifndef PL_REPLICA_PRIVATE_H
#define PL_REPLICA_PRIVATE_H
#include "proto/doc.h"
#include "proto/overlay.h"
#include "proto/pending.h"
#include "proto/replica.h"
#include "proto/undo.h"

struct pl_replica {
    const struct pl_mem *mem;
    struct pl_doc *doc;     /* committed */
    struct overlay overlay; /* clones of the objects pending batches touch, with those applied */
    struct pending_queue pending;
    bool missed;            /* a pending op found nothing to apply to: slots do not tell what is pending on them */
    uint32_t id;            /* 0 before identify */
    uint64_t user;
    uint64_t ctr_next;
    uint64_t lam;           /* the highest seen or used */
    size_t text_max;        /* visible scalars in one text that an edit may bring it to */
    struct undo_stack undo;
    struct undo_stack redo;
    struct pl_observer observer;
    /* for the call under way; their memory is used again */
    struct undo_entry noted; /* what its ops undo */
    struct pl_buf value;     /* a value being translated */
    struct pl_buf ranges;    /* a delete's */
    struct pl_id *made;      /* by edit number */
    size_t made_cap;
};

/* Tells the observer: all of the object may be different, or only whether it is pending is. */
void replica_touched(const struct pl_replica *replica, struct pl_id object);
void replica_told_pending(const struct pl_replica *replica, struct pl_id object);
/* Drops the batches the committed document has, by its row for their replica: they are not sent again (R3). */
void replica_drop_known(struct pl_replica *replica);

/* The overlay's slot for an object, cloned from the committed one if need be; NULL with PL_OK when there is none. */
PL_CHECKED enum pl_status overlay_slot_for(struct pl_replica *replica, struct pl_id id,
                                           struct overlay_slot **ret_slot);
/* Applies one op over the overlay: to its object's slot, or, a create, to one that is added. */
PL_CHECKED enum pl_status overlay_apply(struct pl_replica *replica, const struct pl_op *op,
                                        struct overlay_slot **slot);
/* Applies a pending batch. Ops whose object or text is gone are passed over: the server will refuse them. */
PL_CHECKED enum pl_status overlay_apply_batch(struct pl_replica *replica, size_t index);
/* Forgets the overlay and applies all pending batches again. */
PL_CHECKED enum pl_status overlay_rebuild(struct pl_replica *replica);

/* Lets pending batches name what is still there after a collection (R7). The overlay is that of before; rebuild it. */
PL_CHECKED enum pl_status replica_mend(struct pl_replica *replica);
/* Gives the pending batches marked `rekey` ids of `replica->id` from `ctr_next` on (R3), and rebuilds the overlay. */
PL_CHECKED enum pl_status replica_rekey(struct pl_replica *replica);

#endif
