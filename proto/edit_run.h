/* One call's ops on their way to becoming pending batches: numbered, noted for undo, applied to the overlay.
 * Either run_commit or run_abort ends a run. Private to edit.c and revert.c. */
#ifndef PL_EDIT_RUN_H
#define PL_EDIT_RUN_H
#include "proto/replica_private.h"

struct edit_run {
    struct pl_replica *replica;
    struct undo_entry entry; /* what the ops so far undo */
    struct pl_buf ops;       /* of the batch being filled */
    uint32_t op_n;
    uint64_t ctr0, lam0;     /* of that batch */
    uint64_t ctr, lam;       /* of the next op */
    uint64_t lam_before;     /* to go back to */
    size_t pending_before;
};

void run_begin(struct edit_run *run, struct pl_replica *replica, uint64_t gesture);
/* Numbers the op (id, stamp; a create's object), applies it, notes its inverse. A full batch is cut before it. */
PL_CHECKED enum pl_status run_emit(struct edit_run *run, struct pl_op *op);
/* The ops become pending; the undo entry stays in run->entry for the caller to take. */
PL_CHECKED enum pl_status run_commit(struct edit_run *run);
/* Everything is as it was before run_begin. */
void run_abort(struct edit_run *run);

#endif
