/* Undo and redo: a gesture's steps turned back into ops, newest first. Rule R5. */
#include "proto/edit_run.h"
#include "proto/op_write.h"

/* One entry on its way back: what is left of it is renamed as its own steps are reverted. */
struct reverting {
    struct edit_run run;
    struct undo_entry entry;
    struct pl_buf ranges;
};

/* The op restored a value that stood there under the stamp `from`. */
static void rename_stamp(struct reverting *reverting, struct pl_stamp from, const struct pl_op *op)
{
    struct pl_replica *replica = reverting->run.replica;
    if (from.lam == 0)
        return; /* a register nobody had set has no stamp to name */
    undo_rename_stamp(&reverting->entry, op, from);
    undo_rename_stamp(&reverting->run.entry, op, from);
    for (size_t i = 0; i < replica->undo.entry_n; i++)
        undo_rename_stamp(&replica->undo.entries[i], op, from);
    for (size_t i = 0; i < replica->redo.entry_n; i++)
        undo_rename_stamp(&replica->redo.entries[i], op, from);
}

static bool rename_range(struct reverting *reverting, struct pl_id_range from, struct pl_id to)
{
    struct pl_replica *replica = reverting->run.replica;
    const struct pl_mem *mem = replica->mem;
    bool ok = undo_rename_range(mem, &reverting->entry, from, to) &&
              undo_rename_range(mem, &reverting->run.entry, from, to);
    for (size_t i = 0; ok && i < replica->undo.entry_n; i++)
        ok = undo_rename_range(mem, &replica->undo.entries[i], from, to);
    for (size_t i = 0; ok && i < replica->redo.entry_n; i++)
        ok = undo_rename_range(mem, &replica->redo.entries[i], from, to);
    return ok;
}

/* Writes back what stood there under the step's `before`. */
static enum pl_status restore(struct reverting *reverting, const struct undo_step *step, struct pl_op *op)
{
    const struct pl_stamp before = step->before;
    op->object = step->object;
    op->field = step->field;
    const enum pl_status status = run_emit(&reverting->run, op);
    if (status == PL_OK)
        rename_stamp(reverting, before, op);
    return status;
}

static enum pl_status revert_register(struct reverting *reverting, const struct undo_step *step,
                                      const struct pl_object *object)
{
    struct pl_register reg;
    if (!pl_object_register(object, step->field, &reg) ||
        pl_stamp_compare(reg.stamp, step->stamp) != 0)
        return PL_OK; /* somebody wrote it since: theirs stays */
    struct pl_op op = {.code = PL_OP_SET, .value = {.data = step->value, .len = step->value_len}};
    return restore(reverting, step, &op);
}

static enum pl_status revert_tally(struct reverting *reverting, const struct undo_step *step,
                                   const struct pl_object *object)
{
    struct pl_tally tally;
    if (!pl_object_tally(object, step->field, reverting->run.replica->user, step->sub, &tally) ||
        pl_stamp_compare(tally.stamp, step->stamp) != 0)
        return PL_OK; /* another tab of this person wrote it since */
    struct pl_op op = {.code = PL_OP_TALLY, .sub = step->sub, .value_n = step->number};
    return restore(reverting, step, &op);
}

static enum pl_status revert_inserted(struct reverting *reverting, const struct undo_step *step,
                                      const struct pl_text *text)
{
    struct pl_range_list ranges = {.buf = &reverting->ranges};
    pl_buf_clear(&reverting->ranges);
    pl_text_range(text, step->range, pl_range_list_add, &ranges);
    if (reverting->ranges.failed)
        return PL_NO_MEMORY;
    if (ranges.n == 0)
        return PL_OK; /* deleted by somebody already */
    struct pl_op op = {.code = PL_OP_DELETE, .object = step->object, .field = step->field,
                       .value = pl_buf_slice(&reverting->ranges), .value_n = ranges.n};
    return run_emit(&reverting->run, &op);
}

static enum pl_status revert_deleted(struct reverting *reverting, const struct undo_step *step,
                                     const struct pl_text *text)
{
    const struct pl_slice utf8 = {.data = step->value, .len = step->value_len};
    const struct pl_id_range range = step->range;
    struct pl_op op = {
        .code = PL_OP_INSERT,
        .object = step->object,
        .field = step->field,
        .left = {.replica = range.id.replica, .ctr = range.id.ctr + range.n - 1},
        .text = utf8,
        .value_n = (uint32_t)range.n,
    };
    if (!pl_text_after(text, op.left, &op.left, &op.right) ||
        pl_text_scalars(text) + range.n > reverting->run.replica->text_max)
        return PL_OK;
    const enum pl_status status = run_emit(&reverting->run, &op);
    if (status != PL_OK)
        return status;
    return rename_range(reverting, range, op.id) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status revert_step(struct reverting *reverting, const struct undo_step *step)
{
    const struct pl_object *object = pl_replica_object(reverting->run.replica, step->object);
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, step->field);
    if (object == NULL)
        return PL_OK;
    switch (step->kind) {
    case UNDO_REGISTER:
        return revert_register(reverting, step, object);
    case UNDO_TALLY:
        return revert_tally(reverting, step, object);
    case UNDO_INSERTED:
        return text == NULL ? PL_OK : revert_inserted(reverting, step, text);
    case UNDO_DELETED:
        return text == NULL ? PL_OK : revert_deleted(reverting, step, text);
    }
    return PL_OK;
}

/* Steps newest first; each is the entry's last while it is reverted, so renaming reaches those before it. */
static enum pl_status revert_entry(struct reverting *reverting)
{
    enum pl_status status = PL_OK;
    const struct pl_mem *mem = reverting->run.replica->mem;
    while (reverting->entry.step_n > 0 && status == PL_OK) {
        struct undo_step step = reverting->entry.steps[--reverting->entry.step_n];
        status = revert_step(reverting, &step);
        pl_mem_put(mem, step.value);
    }
    return status;
}

/* Reverts the newest entry of `from` that has an effect; its inverse goes onto `to`. */
static enum pl_status revert(struct pl_replica *replica, struct undo_stack *from, struct undo_stack *to)
{
    struct reverting reverting;
    while (undo_stack_pop(from, &reverting.entry)) {
        pl_buf_init(&reverting.ranges, replica->mem);
        run_begin(&reverting.run, replica, reverting.entry.gesture);
        enum pl_status status = revert_entry(&reverting);
        const bool effect = reverting.run.entry.step_n > 0;
        if (status == PL_OK)
            status = run_commit(&reverting.run);
        if (status != PL_OK)
            run_abort(&reverting.run);
        else if (effect && !undo_stack_push(replica->mem, to, &reverting.run.entry))
            status = PL_NO_MEMORY;
        undo_entry_done(replica->mem, &reverting.run.entry);
        undo_entry_done(replica->mem, &reverting.entry);
        pl_buf_done(&reverting.ranges);
        if (status != PL_OK || effect)
            return status;
    }
    return PL_NOT_FOUND;
}

enum pl_status pl_replica_undo(struct pl_replica *replica)
{
    return replica->id == PL_REPLICA_SERVER ? PL_STATE
                                            : revert(replica, &replica->undo, &replica->redo);
}

enum pl_status pl_replica_redo(struct pl_replica *replica)
{
    return replica->id == PL_REPLICA_SERVER ? PL_STATE
                                            : revert(replica, &replica->redo, &replica->undo);
}
