/* Ops becoming pending batches. Rules B1, B3, O3, R1; a gesture over the limits becomes several batches. */
#include "proto/edit_run.h"
#include "proto/limits.h"
#include "proto/op_write.h"

void run_begin(struct edit_run *run, struct pl_replica *replica, uint64_t gesture)
{
    *run = (struct edit_run){
        .replica = replica,
        .entry = {.gesture = gesture},
        .ctr0 = replica->ctr_next,
        .ctr = replica->ctr_next,
        .lam0 = replica->lam + 1,
        .lam = replica->lam + 1,
        .lam_before = replica->lam,
        .pending_before = replica->pending_n,
    };
    pl_buf_init(&run->ops, replica->mem);
}

/* Closes the batch being filled, if there is anything in it. */
static enum pl_status cut(struct edit_run *run)
{
    struct pl_buf body;
    if (run->op_n == 0)
        return PL_OK;
    pl_buf_init(&body, run->replica->mem);
    pl_batch_write(&body, run->replica->id, run->ctr0, run->lam0, run->op_n, pl_buf_slice(&run->ops));
    enum pl_status status = PL_NO_MEMORY;
    if (!body.failed && !run->ops.failed)
        status = pending_add(run->replica, pl_buf_slice(&body), run->entry.gesture);
    pl_buf_done(&body);
    pl_buf_clear(&run->ops);
    run->op_n = 0;
    run->ctr0 = run->ctr;
    run->lam0 = run->lam;
    return status;
}

enum pl_status run_emit(struct edit_run *run, struct pl_op *op)
{
    struct pl_replica *replica = run->replica;
    struct pl_object *object = NULL;
    const size_t cost = op->value.len + op->text.len + 64;
    if (run->op_n == PL_BATCH_OPS_MAX || run->ops.len + cost > PL_BATCH_BYTES_SOFT) {
        const enum pl_status status = cut(run);
        if (status != PL_OK)
            return status;
    }
    op->id = (struct pl_id){.replica = replica->id, .ctr = run->ctr};
    op->stamp = (struct pl_stamp){.lam = run->lam, .replica = replica->id};
    op->user = replica->user;
    if (op->code == PL_OP_CREATE) {
        op->object = op->id;
    } else {
        const enum pl_status status = overlay_object(replica, op->object, &object);
        if (status != PL_OK || object == NULL)
            return status == PL_OK ? PL_ORPHAN : status;
    }
    if (!undo_note(replica->mem, &run->entry, object, op))
        return PL_NO_MEMORY;
    const enum pl_status status = overlay_apply(replica, op);
    if (status != PL_OK)
        return status;
    pl_op_write(&run->ops, op);
    run->op_n++;
    run->lam++;
    run->ctr += pl_op_counters(op);
    return PL_OK;
}

enum pl_status run_commit(struct edit_run *run)
{
    const enum pl_status status = cut(run);
    if (status != PL_OK)
        return status;
    run->replica->ctr_next = run->ctr;
    run->replica->lam = run->lam - 1;
    pl_buf_done(&run->ops);
    return PL_OK;
}

void run_abort(struct edit_run *run)
{
    struct pl_replica *replica = run->replica;
    while (replica->pending_n > run->pending_before)
        pending_drop(replica, replica->pending_n - 1);
    replica->lam = run->lam_before;
    (void)!overlay_rebuild(replica); /* without memory the replica is lost anyway: the caller was told */
    undo_entry_done(replica->mem, &run->entry);
    pl_buf_done(&run->ops);
}

/* The elements of a pending batch's ops array; empty when the bytes could not be read. */
static struct pl_batch batch_of(const struct pending *pending)
{
    struct pl_batch batch;
    if (pl_batch_read(pending_body(pending), false, &batch) != PL_OK)
        batch = (struct pl_batch){0};
    return batch;
}

static bool joins(const struct pending *a, const struct pending *b)
{
    return a->gesture != 0 && a->gesture == b->gesture && a->replica == b->replica &&
           a->ctr0 + a->ctr_n == b->ctr0 && a->lam0 + a->op_n == b->lam0 &&
           a->op_n + b->op_n <= PL_BATCH_OPS_MAX && a->body_len + b->body_len <= PL_BATCH_BYTES_SOFT;
}

bool pl_replica_coalesce(struct pl_replica *replica)
{
    struct pl_buf ops, body;
    if (replica->pending_n < 2)
        return false;
    struct pending *a = &replica->pending[replica->pending_n - 2];
    const struct pending *b = a + 1;
    if (!joins(a, b))
        return false;
    pl_buf_init(&ops, replica->mem);
    pl_buf_init(&body, replica->mem);
    pl_write_raw(&ops, batch_of(a).ops);
    pl_write_raw(&ops, batch_of(b).ops);
    pl_batch_write(&body, a->replica, a->ctr0, a->lam0, a->op_n + b->op_n, pl_buf_slice(&ops));
    const bool ok = !ops.failed && !body.failed;
    if (ok) {
        pl_mem_put(replica->mem, a->body);
        a->body = body.data; /* the buffer's block is the body's now */
        a->body_len = body.len;
        a->op_n += b->op_n;
        a->ctr_n += b->ctr_n;
        pending_drop(replica, replica->pending_n - 1);
    } else {
        pl_buf_done(&body);
    }
    pl_buf_done(&ops);
    return ok;
}
