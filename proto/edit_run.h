/* One call's ops on their way into the newest pending batches: numbered, noted for undo, applied to the overlay. Either
 * run_commit or run_abort ends a run. Private to edit.c, arrange.c and revert.c. */
#ifndef PL_EDIT_RUN_H
#define PL_EDIT_RUN_H
#include "proto/replica_private.h"

struct edit_run {
    struct pl_replica *replica;
    uint64_t gesture;
    bool joins;   /* the batch at the mark may grow */
    bool changed; /* the overlay is not what it was */
    struct open_mark mark;
    uint64_t ctr_before, lam_before;
};

/* `joins`: the newest pending batch was never handed to a socket. Steps are noted in replica->noted. */
void run_begin(struct edit_run *run, struct pl_replica *replica, uint64_t gesture, bool joins);
/* Numbers the op (id, stamp; a create's object), applies it, notes its inverse. A full batch is cut before it. Deletes
 * come from run_delete alone. */
PL_CHECKED enum pl_status run_emit(struct edit_run *run, struct pl_op *op);
/* Deletes what is visible of [utf16, utf16 + n) of a text, or of `range` when that has any ids. */
PL_CHECKED enum pl_status run_delete(struct edit_run *run, struct pl_id object, uint32_t field,
                                     struct pl_id_range range, size_t utf16, size_t n);
/* Inserts text of any length between two origins. */
PL_CHECKED enum pl_status run_insert(struct edit_run *run, struct pl_op *op, struct pl_slice utf8);
/* The ops are pending; the steps that undo them are the caller's to take. */
PL_CHECKED enum pl_status run_commit(struct edit_run *run);
/* Everything is as it was before run_begin. */
void run_abort(struct edit_run *run);

#endif
