/* Pending batches after a collection: what they named and is gone is replaced by what is nearest to it, under the same
 * ids and counters. Rule R7.
 *
 * The overlay still has the objects as they were, the pending edits in them; the document has what is left. An id is gone
 * when the document's row for its replica is past it and the document lacks it; what is beyond the row comes later, or is
 * pending itself. */
#include "proto/op_write.h"
#include "proto/replica_private.h"

/* A stretch of the old text, deleted scalars too, all of one kind. */
struct stretch {
    struct pl_id_range range;
    bool gone;
};

/* How far the pending ops of one replica were gone through: they may name each other, but only backwards. */
struct reached {
    uint32_t replica;
    uint64_t ctr; /* the next op's */
};

struct mending {
    struct pl_replica *replica;
    struct reached *reached;   /* owned; one per replica with pending batches */
    size_t reached_n;
    struct pl_buf stretches;   /* of the text of `object` and `field`, when it was needed */
    struct pl_id object;
    uint32_t field;
    const struct pl_text *left; /* what is left of that text, or NULL */
    struct pl_buf ops;
    bool changed;              /* the batch under way */
};

static bool past(const struct mending *mending, struct pl_id id)
{
    struct pl_replica_row row;
    return pl_doc_replica(mending->replica->doc, id.replica, &row) && id.ctr <= row.hwm;
}

static const struct pl_text *text_left(const struct mending *mending, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(mending->replica->doc, op->object);
    return object == NULL ? NULL : pl_object_text(object, op->field);
}

static bool text_id_gone(const struct mending *mending, const struct pl_text *left, struct pl_id id)
{
    return !pl_id_none(id) && past(mending, id) && (left == NULL || !pl_text_has(left, id));
}

static bool object_gone(const struct mending *mending, struct pl_id id)
{
    return past(mending, id) && pl_doc_object(mending->replica->doc, id) == NULL;
}

/* Where pending ops of the id's replica have come to; everything, when it has none. */
static uint64_t reach_of(const struct mending *mending, uint32_t replica)
{
    for (size_t i = 0; i < mending->reached_n; i++)
        if (mending->reached[i].replica == replica)
            return mending->reached[i].ctr;
    return UINT64_MAX;
}

static void reach_on(struct mending *mending, const struct pl_op *op)
{
    for (size_t i = 0; i < mending->reached_n; i++)
        if (mending->reached[i].replica == op->id.replica)
            mending->reached[i].ctr = op->id.ctr + pl_op_counters(op);
}

static bool add_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct mending *mending = user;
    struct stretch *last = NULL;
    (void)utf8;
    for (uint64_t i = 0; i < range.n; i++) {
        const struct pl_id id = {.replica = range.id.replica, .ctr = range.id.ctr + i};
        const bool gone = text_id_gone(mending, mending->left, id);
        if (last != NULL && last->gone == gone) {
            last->range.n++;
            continue;
        }
        const struct stretch next = {.range = {.id = id, .n = 1}, .gone = gone};
        pl_buf_append(&mending->stretches, &next, sizeof next);
        if (mending->stretches.failed)
            return false;
        last = (struct stretch *)(void *)(mending->stretches.data + mending->stretches.len) - 1;
    }
    return true;
}

/* Looks at the op's text as it was; mostly one after the other they are of the same. */
static void survey(struct mending *mending, const struct pl_op *op)
{
    if (pl_id_equal(mending->object, op->object) && mending->field == op->field)
        return;
    const struct overlay_slot *slot = overlay_find(&mending->replica->overlay, op->object);
    const struct pl_text *old = slot == NULL ? NULL : pl_object_text(slot->object, op->field);
    mending->object = op->object;
    mending->field = op->field;
    mending->left = text_left(mending, op);
    pl_buf_clear(&mending->stretches);
    if (old != NULL)
        pl_text_all(old, add_run, mending);
}

/* The nearest scalar in the given direction that can be named; no id when there is none. `ret_found` false: nobody here
 * knows where the scalar was. */
static struct pl_id nearest_named(const struct mending *mending, struct pl_id id, bool leftwards, bool *ret_found)
{
    const struct stretch *stretches = (const struct stretch *)(const void *)mending->stretches.data;
    const size_t n = mending->stretches.len / sizeof *stretches;
    size_t i = 0;
    while (i < n && (stretches[i].range.id.replica != id.replica || id.ctr < stretches[i].range.id.ctr ||
                     id.ctr - stretches[i].range.id.ctr >= stretches[i].range.n))
        i++;
    *ret_found = i < n;
    while (i < n) {
        const struct pl_id_range range = stretches[i].range;
        const uint64_t limit = reach_of(mending, range.id.replica);
        const uint64_t end = range.id.ctr + range.n < limit ? range.id.ctr + range.n : limit;
        if (!stretches[i].gone && range.id.ctr < end)
            return (struct pl_id){.replica = range.id.replica, .ctr = leftwards ? end - 1 : range.id.ctr};
        i = leftwards ? i - 1 : i + 1; /* below 0 it is above n */
    }
    return (struct pl_id){0};
}

/* An insert goes after the nearest remaining scalar on the left; where nobody knows, beside the right one, or at the
 * end. */
static void mend_insert(struct mending *mending, struct pl_op *op)
{
    const struct pl_text *left = text_left(mending, op);
    const bool left_gone = text_id_gone(mending, left, op->left), right_gone = text_id_gone(mending, left, op->right);
    bool found = true, ignored;
    if (!left_gone && !right_gone)
        return;
    survey(mending, op);
    if (right_gone)
        op->right = nearest_named(mending, op->right, false, &ignored);
    if (left_gone)
        op->left = nearest_named(mending, op->left, true, &found);
    if (!found && left != NULL) {
        const struct pl_anchor beside = {.id = op->right};
        pl_text_origins(left, pl_text_position(left, beside), &op->left, &op->right);
    }
    mending->changed = true;
}

static void mend_end(struct mending *mending, const struct pl_op *op, struct pl_id *id, bool *after)
{
    bool found;
    if (!text_id_gone(mending, text_left(mending, op), *id))
        return;
    survey(mending, op);
    /* The end itself, or the start, where nothing is left on that side. */
    *id = nearest_named(mending, *id, *after, &found);
    mending->changed = true;
}

static void mend_op(struct mending *mending, struct pl_op *op)
{
    const bool of_object = op->code != PL_OP_CREATE && op->code != PL_OP_SKIP;
    if (of_object && object_gone(mending, op->object)) {
        *op = (struct pl_op){.code = PL_OP_SKIP, .id = op->id, .value_n = (uint32_t)pl_op_counters(op)};
        mending->changed = true;
    } else if (op->code == PL_OP_INSERT) {
        mend_insert(mending, op);
    } else if (op->code == PL_OP_MARK) {
        mend_end(mending, op, &op->left, &op->left_after);
        mend_end(mending, op, &op->right, &op->right_after);
    }
    reach_on(mending, op);
    pl_op_write(&mending->ops, op);
}

static enum pl_status mend_batch(struct mending *mending, size_t index)
{
    struct pending_queue *queue = &mending->replica->pending;
    const struct pl_batch batch = pending_batch(queue, index);
    struct pl_op_iter iter = pl_batch_ops(&batch);
    struct pl_op op;
    struct pl_buf body;
    pl_buf_clear(&mending->ops);
    mending->changed = false;
    while (pl_op_next(&iter, &op))
        mend_op(mending, &op);
    if (mending->ops.failed || mending->stretches.failed)
        return PL_NO_MEMORY;
    if (!mending->changed)
        return PL_OK;
    pl_buf_init(&body, queue->mem);
    pl_batch_write(&body, batch.replica, batch.ctr0, batch.lam0, batch.op_n, pl_buf_slice(&mending->ops));
    if (body.failed) {
        pl_buf_done(&body);
        return PL_NO_MEMORY;
    }
    pending_replace(queue, index, &body, mending->ops.len);
    return PL_OK;
}

/* Pending batches name nothing of their own before it was made. */
static void begin_reached(struct mending *mending)
{
    const struct pending_queue *queue = &mending->replica->pending;
    for (size_t i = 0; i < queue->n; i++) {
        const struct pending *pending = pending_get(queue, i);
        if (reach_of(mending, pending->replica) == UINT64_MAX)
            mending->reached[mending->reached_n++] =
                (struct reached){.replica = pending->replica, .ctr = pending->ctr0};
    }
}

enum pl_status replica_mend(struct pl_replica *replica)
{
    struct mending mending = {.replica = replica};
    struct pending_queue *queue = &replica->pending;
    enum pl_status status = PL_OK;
    if (queue->n == 0)
        return PL_OK;
    pending_close(queue);
    mending.reached = pl_mem_get(replica->mem, queue->n * sizeof *mending.reached);
    if (mending.reached == NULL)
        return PL_NO_MEMORY;
    begin_reached(&mending);
    pl_buf_init(&mending.stretches, replica->mem);
    pl_buf_init(&mending.ops, replica->mem);
    for (size_t i = 0; i < queue->n && status == PL_OK; i++)
        status = mend_batch(&mending, i);
    pl_buf_done(&mending.stretches);
    pl_buf_done(&mending.ops);
    pl_mem_put(replica->mem, mending.reached);
    return status;
}
