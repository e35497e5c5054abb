/* Ops becoming pending batches. Rules B1, B3, O3, R1, R6; a gesture over the limits becomes several batches. */
#include "proto/edit_run.h"
#include "proto/limits.h"
#include "proto/op_write.h"

#define CHUNK_BYTES_MAX (64u * 1024u) /* of one insert, so that a long text fits batches */

void run_begin(struct edit_run *run, struct pl_replica *replica, uint64_t gesture, bool joins)
{
    struct pending_queue *queue = &replica->pending;
    *run = (struct edit_run){
        .replica = replica,
        .gesture = gesture,
        .mark = pending_mark(queue),
        .ctr_before = replica->ctr_next,
        .lam_before = replica->lam,
    };
    undo_entry_clear(&replica->noted);
    if (!joins || !queue->newest.open)
        return;
    const struct pending *newest = pending_get(queue, queue->n - 1);
    /* Stamps within a batch are contiguous, and above every stamp seen (O3). */
    run->joins = newest->replica == replica->id && newest->ctr0 + newest->ctr_n == replica->ctr_next &&
                 newest->lam0 + newest->op_n == replica->lam + 1;
}

/* Makes sure that the newest batch is open to this run and has room. */
static bool run_room(struct edit_run *run, const struct pl_op *op)
{
    struct pl_replica *replica = run->replica;
    struct pending_queue *queue = &replica->pending;
    const bool ours = run->joins || queue->n > run->mark.n;
    if (ours && open_has_room(queue, op))
        return true;
    if (ours && !open_reserve(queue))
        return false;
    return pending_open(queue, &run->mark, replica->id, replica->ctr_next, replica->lam + 1);
}

/* The op's place in the overlay; none for a create. */
static enum pl_status run_target(struct edit_run *run, const struct pl_op *op, struct overlay_slot **ret_slot)
{
    *ret_slot = NULL;
    if (op->code == PL_OP_CREATE)
        return PL_OK;
    const struct pl_object *seen = pl_replica_object(run->replica, op->object);
    if (seen == NULL || pl_object_dying(seen) == PL_DYING_MAX)
        return PL_ORPHAN;
    const enum pl_status status = overlay_slot_for(run->replica, op->object, ret_slot);
    run->changed = run->changed || status == PL_OK;
    return status;
}

/* A set that takes the place of the tail, which nobody has seen yet, has its stamp and its step to undo. */
static enum pl_status run_replace(struct edit_run *run, struct pl_op *op)
{
    struct pl_replica *replica = run->replica;
    struct overlay_slot *slot = overlay_find(&replica->overlay, op->object);
    op->id = replica->pending.newest.tail.op.id;
    op->stamp = replica->pending.newest.tail.op.stamp;
    if (slot == NULL)
        return PL_ORPHAN;
    run->changed = true;
    const enum pl_status status = pl_object_amend(slot->object, op, &replica->observer);
    if (status == PL_OK)
        open_extend(&replica->pending, op);
    return status;
}

enum pl_status run_emit(struct edit_run *run, struct pl_op *op)
{
    struct pl_replica *replica = run->replica;
    struct pending_queue *queue = &replica->pending;
    struct overlay_slot *slot;
    const bool ours = run->joins || queue->n > run->mark.n;
    const bool extends = ours && open_tail_takes(queue, op, run->gesture);
    op->user = replica->user;
    if (extends && op->code == PL_OP_SET)
        return run_replace(run, op);
    if (!extends && !run_room(run, op))
        return PL_NO_MEMORY;
    op->id = (struct pl_id){.replica = replica->id, .ctr = replica->ctr_next};
    op->stamp = (struct pl_stamp){.lam = replica->lam + 1, .replica = replica->id};
    if (op->code == PL_OP_CREATE)
        op->object = op->id;
    enum pl_status status = run_target(run, op, &slot);
    if (status != PL_OK)
        return status;
    if (!undo_note(&replica->noted, slot == NULL ? NULL : slot->object, op))
        return PL_NO_MEMORY;
    run->changed = true;
    status = overlay_apply(replica, op, &slot);
    if (status != PL_OK)
        return status;
    if (extends) {
        open_extend(queue, op);
    } else {
        open_append(queue, op, run->gesture);
        slot->pending_n++;
        replica->lam++;
    }
    if (!extends || op->code == PL_OP_INSERT)
        replica->ctr_next += pl_op_counters(op);
    return PL_OK;
}

/* The runs one delete names, noted for undo as they are found. */
struct gathering {
    struct edit_run *run;
    const struct pl_text *text;
    struct pl_op *op;
    bool failed;
};

static bool gather_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct gathering *gathering = user;
    struct pl_replica *replica = gathering->run->replica;
    pl_range_write(&replica->ranges, range);
    gathering->op->value_n++;
    gathering->failed = !undo_note_deleted(&replica->noted, gathering->text, gathering->op, range, utf8);
    return !gathering->failed && gathering->op->value_n < PL_DELETE_RANGES_MAX;
}

enum pl_status run_delete(struct edit_run *run, struct pl_id object, uint32_t field, struct pl_id_range range,
                          size_t utf16, size_t n)
{
    struct pl_replica *replica = run->replica;
    /* An op names only so many runs: what is left is the next one's. */
    for (size_t left = n; range.n > 0 || left > 0;) {
        struct pl_op op = {.code = PL_OP_DELETE, .object = object, .field = field};
        const struct pl_object *target = pl_replica_object(replica, object);
        const struct pl_text *text = target == NULL ? NULL : pl_object_text(target, field);
        struct gathering gathering = {.run = run, .text = text, .op = &op};
        if (text == NULL)
            return PL_OK;
        pl_buf_clear(&replica->ranges);
        if (range.n > 0)
            pl_text_range(text, range, gather_run, &gathering);
        else
            pl_text_visible(text, utf16, left, gather_run, &gathering);
        if (gathering.failed || replica->ranges.failed)
            return PL_NO_MEMORY;
        if (op.value_n == 0)
            return PL_OK;
        const size_t before = pl_text_utf16(text);
        op.value = pl_buf_slice(&replica->ranges);
        const enum pl_status status = run_emit(run, &op);
        if (status != PL_OK || op.value_n < PL_DELETE_RANGES_MAX)
            return status;
        const size_t gone = before - pl_text_utf16(pl_object_text(pl_replica_object(replica, object), field));
        left -= gone < left ? gone : left;
    }
    return PL_OK;
}

/* The bytes of as many scalars as one insert may have. */
static size_t chunk_of(struct pl_slice utf8)
{
    size_t len = utf8.len < CHUNK_BYTES_MAX ? utf8.len : CHUNK_BYTES_MAX;
    while (len < utf8.len && len > 0 && (utf8.data[len] & 0xc0) == 0x80)
        len--;
    struct pl_slice chunk = {.data = utf8.data, .len = len};
    while (pl_utf8_scalars(chunk) > PL_TEXT_SCALARS_MAX)
        for (chunk.len /= 2; (utf8.data[chunk.len] & 0xc0) == 0x80;)
            chunk.len--;
    return chunk.len;
}

enum pl_status run_insert(struct edit_run *run, struct pl_op *op, struct pl_slice utf8)
{
    enum pl_status status = PL_OK;
    while (utf8.len > 0 && status == PL_OK) {
        op->text = (struct pl_slice){.data = utf8.data, .len = chunk_of(utf8)};
        op->value_n = (uint32_t)pl_utf8_scalars(op->text);
        status = run_emit(run, op);
        op->left = (struct pl_id){.replica = op->id.replica, .ctr = op->id.ctr + op->value_n - 1};
        utf8.data += op->text.len;
        utf8.len -= op->text.len;
    }
    return status;
}

enum pl_status run_commit(struct edit_run *run)
{
    struct pending_queue *queue = &run->replica->pending;
    return !queue->newest.open || open_reserve(queue) ? PL_OK : PL_NO_MEMORY;
}

void run_abort(struct edit_run *run)
{
    struct pl_replica *replica = run->replica;
    pending_return(&replica->pending, &run->mark);
    replica->ctr_next = run->ctr_before;
    replica->lam = run->lam_before;
    undo_entry_clear(&replica->noted);
    if (run->changed && overlay_rebuild(replica) != PL_OK)
        replica->missed = true; /* without memory it is made anew when it can be: the caller was told */
}
