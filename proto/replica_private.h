/* The layout of a client's replica, for replica.c, edit.c, rekey.c and tree.c alone. */
#ifndef PL_REPLICA_PRIVATE_H
#define PL_REPLICA_PRIVATE_H
#include "proto/doc.h"
#include "proto/replica.h"
#include "proto/table.h"
#include "proto/undo.h"

struct pending {
    uint64_t ctr0;
    uint64_t ctr_n;
    uint64_t lam0;
    uint64_t gesture;
    uint32_t replica;
    uint32_t op_n;
    bool rekey; /* of another replica, or its counters were taken back: see rekey.c */
    uint8_t *body; /* owned */
    size_t body_len;
};

struct pl_replica {
    const struct pl_mem *mem;
    struct pl_doc *doc;       /* committed */
    struct pl_table overlay;  /* clones of the objects pending batches touch, with those applied */
    struct pending *pending;  /* oldest first */
    size_t pending_n;
    size_t pending_cap;
    uint32_t id;              /* 0 before identify */
    uint64_t user;
    uint64_t ctr_next;
    uint64_t lam;             /* the highest seen or used */
    size_t text_max;          /* visible scalars in one text that an edit may bring it to */
    struct undo_stack undo;
    struct undo_stack redo;
    struct pl_observer observer;
};

/* The ops of a pending batch, which was checked when it came. */
struct pl_op_iter pending_ops(const struct pending *pending);
struct pl_slice pending_body(const struct pending *pending);
void replica_touched(const struct pl_replica *replica, struct pl_id object);
/* Copies `body` to the end of the queue, without applying it. PL_NO_MEMORY, or what is wrong with the bytes. */
PL_CHECKED enum pl_status pending_add(struct pl_replica *replica, struct pl_slice body, uint64_t gesture);
void pending_drop(struct pl_replica *replica, size_t index);
/* Drops the batches the committed document has, by its row for their replica: they are not sent again (R3). */
void pending_drop_known(struct pl_replica *replica);

/* The overlay's object, cloned from the committed one if need be; NULL with PL_OK when there is none at all. */
PL_CHECKED enum pl_status overlay_object(struct pl_replica *replica, struct pl_id id,
                                         struct pl_object **ret_object);
/* Applies one op over the overlay. */
PL_CHECKED enum pl_status overlay_apply(struct pl_replica *replica, const struct pl_op *op);
/* Forgets the overlay and applies all pending batches again. Ops whose object or text is gone are passed over: the
 * server will refuse them. */
PL_CHECKED enum pl_status overlay_rebuild(struct pl_replica *replica);

/* Gives the pending batches marked `rekey` ids of `replica->id` from `ctr_next` on (R3), and rebuilds the overlay. */
PL_CHECKED enum pl_status replica_rekey(struct pl_replica *replica);

#endif
