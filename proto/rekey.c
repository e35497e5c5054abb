/* Pending batches under new ids: for a tab that was given another replica, for batches of tabs that are gone, and when
 * a refusal gave counters back. Rule R3. References to ids that move are rewritten; all others stay. */
#include "proto/limits.h"
#include "proto/op_write.h"
#include "proto/reader.h"
#include "proto/replica_private.h"
#include "proto/value.h"

/* Where the ids and stamps of one batch go. */
struct move {
    struct pl_id_range from;
    struct pl_id to;
    uint64_t lam0;
    uint64_t lam_n;
};

struct rekey {
    struct pl_replica *replica;
    struct move *moves; /* one per batch that moves, in order */
    size_t move_n;
    struct pl_buf ops;
    struct pl_buf value;
};

static struct pl_id moved(const struct rekey *rekey, struct pl_id id)
{
    for (size_t i = 0; i < rekey->move_n; i++) {
        const struct move *move = &rekey->moves[i];
        if (id.replica == move->from.id.replica && id.ctr >= move->from.id.ctr &&
            id.ctr - move->from.id.ctr < move->from.n)
            return (struct pl_id){.replica = move->to.replica,
                                  .ctr = move->to.ctr + (id.ctr - move->from.id.ctr)};
    }
    return id;
}

static struct pl_stamp moved_stamp(const struct rekey *rekey, struct pl_stamp stamp)
{
    for (size_t i = 0; i < rekey->move_n; i++) {
        const struct move *move = &rekey->moves[i];
        if (stamp.replica == move->from.id.replica && stamp.lam >= move->lam0 &&
            stamp.lam - move->lam0 < move->lam_n)
            stamp.replica = move->to.replica;
    }
    return stamp;
}

/* Appends the ranges a range becomes: it may span several batches, or reach into what does not move. */
static uint32_t write_moved_range(struct rekey *rekey, struct pl_buf *buf, struct pl_id_range range)
{
    uint32_t n = 0;
    while (range.n > 0) {
        const struct pl_id to = moved(rekey, range.id);
        uint64_t run = 1;
        while (run < range.n) {
            const struct pl_id next = moved(
                rekey, (struct pl_id){.replica = range.id.replica, .ctr = range.id.ctr + run});
            if (next.replica != to.replica || next.ctr != to.ctr + run)
                break;
            run++;
        }
        pl_range_write(buf, (struct pl_id_range){.id = to, .n = run});
        range.id.ctr += run;
        range.n -= run;
        n++;
    }
    return n;
}

static bool move_ref(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_id id;
    if (!pl_read_id(reader, &id))
        return false;
    pl_write_id(buf, moved(user, id));
    return true;
}

static void write_moved_value(struct rekey *rekey, uint32_t field, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    (void)pl_value_filter(field, &reader, move_ref, rekey, &rekey->value); /* checked when it came */
}

static void move_pairs(struct rekey *rekey, struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    for (uint32_t i = 0; i < op->value_n; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            return;
        pl_write_uint(&rekey->value, field);
        write_moved_value(rekey, field, value);
    }
    op->value = pl_buf_slice(&rekey->value);
}

static void move_ranges(struct rekey *rekey, struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    struct pl_id_range range;
    uint32_t n = 0;
    for (uint32_t i = 0; i < op->value_n && pl_read_range(&reader, &range); i++)
        n += write_moved_range(rekey, &rekey->value, range);
    op->value = pl_buf_slice(&rekey->value);
    op->value_n = n;
}

/* Rewrites one op's references and appends it. */
static void move_op(struct rekey *rekey, struct pl_op *op)
{
    pl_buf_clear(&rekey->value);
    op->object = moved(rekey, op->object);
    switch (op->code) {
    case PL_OP_CREATE:
        move_pairs(rekey, op);
        break;
    case PL_OP_SET:
        write_moved_value(rekey, op->field, op->value);
        op->value = pl_buf_slice(&rekey->value);
        break;
    case PL_OP_INSERT:
    case PL_OP_MARK:
    case PL_OP_TURN:
        op->left = moved(rekey, op->left);
        op->right = moved(rekey, op->right);
        break;
    case PL_OP_DELETE:
        move_ranges(rekey, op);
        break;
    default:
        break;
    }
    pl_op_write(&rekey->ops, op);
}

static enum pl_status move_batch(struct rekey *rekey, size_t index, struct pl_id to)
{
    struct pending_queue *queue = &rekey->replica->pending;
    const struct pl_batch batch = pending_batch(queue, index);
    struct pending *pending = pending_get(queue, index);
    struct pl_op_iter iter = pl_batch_ops(&batch);
    struct pl_op op;
    struct pl_buf body;
    pl_buf_clear(&rekey->ops);
    while (pl_op_next(&iter, &op))
        move_op(rekey, &op);
    pl_buf_init(&body, rekey->replica->mem);
    pl_batch_write(&body, to.replica, to.ctr, pending->lam0, pending->op_n, pl_buf_slice(&rekey->ops));
    if (body.failed || rekey->ops.failed || rekey->value.failed) {
        pl_buf_done(&body);
        return PL_NO_MEMORY;
    }
    pending_replace(queue, index, &body, rekey->ops.len);
    pending->replica = to.replica;
    pending->ctr0 = to.ctr;
    pending->rekey = false;
    return PL_OK;
}

/* The steps of one gesture; what they would write back may name objects too. */
static bool move_steps(struct rekey *rekey, struct undo_entry *entry)
{
    struct pl_buf values;
    pl_buf_init(&values, rekey->replica->mem);
    for (size_t i = 0; i < entry->step_n; i++) {
        struct undo_step *step = &entry->steps[i];
        step->object = moved(rekey, step->object);
        if (step->kind == UNDO_REGISTER || step->kind == UNDO_TALLY) {
            step->stamp = moved_stamp(rekey, step->stamp);
            step->before = moved_stamp(rekey, step->before);
        }
        if (step->kind == UNDO_DELETED || step->kind == UNDO_MARK)
            step->range.id = moved(rekey, step->range.id);
        if (step->kind != UNDO_REGISTER && step->kind != UNDO_DELETED)
            continue;
        const struct pl_slice value = undo_value(entry, step);
        pl_buf_clear(&rekey->value);
        if (step->kind == UNDO_REGISTER)
            write_moved_value(rekey, step->field, value);
        else
            pl_write_raw(&rekey->value, value);
        step->value_at = (uint32_t)values.len;
        step->value_len = rekey->value.len & 0x1fffffff;
        pl_write_raw(&values, pl_buf_slice(&rekey->value));
    }
    const bool ok = !values.failed && !rekey->value.failed;
    pl_buf_done(&entry->values);
    entry->values = values;
    return ok;
}

static enum pl_status move_undo(struct rekey *rekey, struct undo_stack *stack)
{
    stack->bytes = 0;
    for (size_t e = 0; e < stack->entry_n; e++) {
        struct undo_entry *entry = undo_stack_at(stack, e);
        for (size_t i = 0; i < rekey->move_n; i++)
            if (!undo_rename_range(entry, rekey->moves[i].from, rekey->moves[i].to))
                return PL_NO_MEMORY;
        if (!move_steps(rekey, entry))
            return PL_NO_MEMORY;
        stack->bytes += undo_entry_bytes(entry);
    }
    return PL_OK;
}

/* Own batches keep their counters, so they go first; the others follow in their order. */
static void own_first(struct pending_queue *queue)
{
    for (size_t i = 1; i < queue->n; i++) {
        const struct pending pending = *pending_get(queue, i);
        size_t k = i;
        for (; !pending.rekey && k > 0 && pending_get(queue, k - 1)->rekey; k--)
            *pending_get(queue, k) = *pending_get(queue, k - 1);
        *pending_get(queue, k) = pending;
    }
}

static void plan_moves(struct rekey *rekey)
{
    struct pl_replica *replica = rekey->replica;
    uint64_t ctr = replica->ctr_next;
    for (size_t i = 0; i < replica->pending.n; i++) {
        const struct pending *pending = pending_get(&replica->pending, i);
        if (!pending->rekey)
            continue;
        rekey->moves[rekey->move_n++] = (struct move){
            .from = {.id = {.replica = pending->replica, .ctr = pending->ctr0}, .n = pending->ctr_n},
            .to = {.replica = replica->id, .ctr = ctr},
            .lam0 = pending->lam0,
            .lam_n = pending->op_n,
        };
        ctr += pending->ctr_n;
    }
}

static enum pl_status move_all(struct rekey *rekey)
{
    struct pl_replica *replica = rekey->replica;
    enum pl_status status = PL_OK;
    plan_moves(rekey);
    for (size_t i = 0, k = 0; i < replica->pending.n && status == PL_OK; i++) {
        if (!pending_get(&replica->pending, i)->rekey)
            continue;
        status = move_batch(rekey, i, rekey->moves[k].to);
        replica->ctr_next = rekey->moves[k].to.ctr + rekey->moves[k].from.n;
        k++;
    }
    if (status == PL_OK && rekey->move_n > 0)
        status = move_undo(rekey, &replica->undo);
    if (status == PL_OK && rekey->move_n > 0)
        status = move_undo(rekey, &replica->redo);
    return status;
}

enum pl_status replica_rekey(struct pl_replica *replica)
{
    struct rekey rekey = {.replica = replica};
    pending_close(&replica->pending);
    own_first(&replica->pending);
    rekey.moves = pl_mem_get(replica->mem, (replica->pending.n + 1) * sizeof *rekey.moves);
    if (rekey.moves == NULL)
        return PL_NO_MEMORY;
    pl_buf_init(&rekey.ops, replica->mem);
    pl_buf_init(&rekey.value, replica->mem);
    const enum pl_status status = move_all(&rekey);
    pl_buf_done(&rekey.ops);
    pl_buf_done(&rekey.value);
    pl_mem_put(replica->mem, rekey.moves);
    return status == PL_OK ? overlay_rebuild(replica) : status;
}
