/* Undo and redo: a gesture's steps turned back into ops, newest first. Rule R5. */
#include "proto/edit_run.h"
#include "proto/marks.h"
#include "proto/rename.h"

/* One entry on its way back. Stamps that its own steps rename are looked up as the steps before them are reverted;
 * everything else that names them follows when all went well. */
struct reverting {
    struct edit_run run;
    struct undo_entry entry;
    struct renames renames;
};

static bool rename_range(struct reverting *reverting, struct pl_id_range from, struct pl_id to)
{
    struct pl_replica *replica = reverting->run.replica;
    bool ok = undo_rename_range(&reverting->entry, from, to) && undo_rename_range(&replica->noted, from, to);
    for (size_t i = 0; ok && i < replica->undo.entry_n; i++)
        ok = undo_rename_range(undo_stack_at(&replica->undo, i), from, to);
    for (size_t i = 0; ok && i < replica->redo.entry_n; i++)
        ok = undo_rename_range(undo_stack_at(&replica->redo, i), from, to);
    return ok;
}

static void rename_entry(const struct renames *renames, struct undo_entry *entry)
{
    for (size_t i = 0; i < entry->step_n; i++)
        renames_apply(renames, &entry->steps[i]);
}

static void rename_stamps(const struct reverting *reverting)
{
    struct pl_replica *replica = reverting->run.replica;
    const struct renames *renames = &reverting->renames;
    if (renames->n == 0)
        return;
    rename_entry(renames, &replica->noted);
    for (size_t i = 0; i < replica->undo.entry_n; i++)
        rename_entry(renames, undo_stack_at(&replica->undo, i));
    for (size_t i = 0; i < replica->redo.entry_n; i++)
        rename_entry(renames, undo_stack_at(&replica->redo, i));
}

/* Writes back what stood there under the step's `before`. */
static enum pl_status write_back(struct reverting *reverting, const struct undo_step *step, struct pl_op *op)
{
    op->object = step->object;
    op->field = step->field;
    const enum pl_status status = run_emit(&reverting->run, op);
    if (status != PL_OK)
        return status;
    return renames_add(&reverting->renames, step, step->before, op->stamp) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status revert_register(struct reverting *reverting, const struct undo_step *step,
                                      const struct pl_object *object)
{
    struct pl_register reg;
    if (!pl_object_register(object, step->field, &reg) ||
        pl_stamp_compare(reg.stamp, step->stamp) != 0)
        return PL_OK; /* somebody wrote it since: theirs stays */
    struct pl_op op = {.code = PL_OP_SET, .value = undo_value(&reverting->entry, step)};
    return write_back(reverting, step, &op);
}

static enum pl_status revert_tally(struct reverting *reverting, const struct undo_step *step,
                                   const struct pl_object *object)
{
    struct pl_tally tally;
    if (!pl_object_tally(object, step->field, reverting->run.replica->user, step->sub, &tally) ||
        pl_stamp_compare(tally.stamp, step->stamp) != 0)
        return PL_OK; /* another tab of this person wrote it since */
    struct pl_op op = {.code = PL_OP_TALLY, .sub = step->sub, .value_n = step->value_at};
    return write_back(reverting, step, &op);
}

/* The scalar `n` places into a range. */
static struct pl_id range_at(struct pl_id_range range, uint64_t n)
{
    return (struct pl_id){.replica = range.id.replica, .ctr = range.id.ctr + n};
}

/* The first place behind `from` to which an end of a mark is tied, or the range's end. `ret_after`: right after the
 * scalar in front of it. */
static uint64_t next_tie(const struct pl_marks *marks_or_null, struct pl_id_range range, uint64_t from, bool *ret_after)
{
    uint64_t to = range.n;
    struct pl_mark mark;
    *ret_after = false;
    for (size_t i = 0; marks_or_null != NULL && pl_marks_at(marks_or_null, i, &mark); i++) {
        const struct pl_anchor ends[] = {mark.start, mark.end};
        for (size_t k = 0; k < 2; k++) {
            const uint64_t at = ends[k].id.ctr - range.id.ctr + ends[k].after;
            if (ends[k].id.replica != range.id.replica || ends[k].id.ctr < range.id.ctr || at <= from || at > to)
                continue;
            *ret_after = ends[k].after || (at == to && *ret_after);
            to = at;
        }
    }
    return to;
}

/* The next piece of a deleted range that comes back: it stands behind its last scalar, or, where a mark ends right after
 * that, in front of it, so that each mark covers of the new text what it covered of the old. Returns where it ends. */
static uint64_t place_piece(const struct pl_text *text, struct pl_id_range range, uint64_t from, struct pl_id *ret_left,
                            struct pl_id *ret_right)
{
    const struct pl_id before = *ret_left; /* the piece before it, which is new already */
    uint64_t to = from;
    bool after, found;
    struct pl_id beside;
    do {
        to = next_tie(pl_text_marks(text), range, to, &after);
        beside = range_at(range, to - (after && to - from > 1 ? 2 : 1));
        found = pl_text_after(text, beside, ret_left, ret_right);
    } while (!found && to < range.n); /* collected: the next one then */
    if (!found)
        (void)pl_text_after(text, range_at(range, range.n - 1), ret_left, ret_right);
    if (from > 0 && !pl_id_equal(*ret_left, beside))
        (void)pl_text_after(text, before, ret_left, ret_right);
    return to;
}

static size_t utf8_bytes(struct pl_slice utf8, uint64_t scalars)
{
    size_t len = 0;
    for (uint64_t n = 0; len < utf8.len; len++)
        if ((utf8.data[len] & 0xc0) != 0x80 && n++ == scalars)
            break;
    return len;
}

/* A mark whose two ends hang on one scalar, and whether another of its kind shows there instead. */
struct lone {
    struct pl_mark mark;
    size_t at; /* in UTF-16 units, of the scalar's successor */
    bool found, covered;
};

static bool newer(const struct pl_mark *mark, const struct pl_mark *than)
{
    return pl_stamp_compare((struct pl_stamp){.lam = mark->lam, .replica = mark->id.replica},
                            (struct pl_stamp){.lam = than->lam, .replica = than->id.replica}) > 0;
}

static void find_lone(const struct pl_marks *marks, struct pl_id scalar, struct lone *lone)
{
    struct pl_mark mark;
    for (size_t i = 0; pl_marks_at(marks, i, &mark); i++)
        if (pl_id_equal(mark.start.id, scalar) && pl_id_equal(mark.end.id, scalar) && !mark.start.after &&
            mark.end.after && !mark.hidden && (!lone->found || newer(&mark, &lone->mark))) {
            lone->mark = mark;
            lone->found = true;
        }
}

static bool find_cover(void *user, const struct pl_mark_run *run)
{
    struct lone *lone = user;
    lone->covered = lone->covered || (run->mark->kind == lone->mark.kind && run->at <= lone->at &&
                                      lone->at < run->at + run->n && newer(run->mark, &lone->mark));
    return true;
}

/* A link over one letter ends before and behind it: what comes back in its place is outside of both ends, and gets such
 * a mark of its own, which is what entries mean from now on that named the old one. It goes with its letter, so that is
 * no step to be reverted. */
static enum pl_status mark_again(struct reverting *reverting, const struct undo_step *step, struct pl_id from,
                                 struct pl_id to)
{
    struct pl_replica *replica = reverting->run.replica;
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, step->object), step->field);
    const struct pl_marks *marks = pl_text_marks(text);
    struct lone lone = {.at = pl_text_position(text, (struct pl_anchor){.id = to})};
    if (marks != NULL)
        find_lone(marks, from, &lone);
    if (!lone.found)
        return PL_OK;
    enum pl_status status = pl_marks_runs(marks, text, find_cover, &lone);
    if (status != PL_OK || lone.covered)
        return status;
    struct pl_op op = {.code = PL_OP_MARK, .object = step->object, .field = step->field, .sub = lone.mark.kind,
                       .left = to, .right = to, .right_after = true};
    pl_buf_clear(&replica->value); /* a copy: the marks move when one joins them */
    pl_write_raw(&replica->value, lone.mark.value);
    op.value = pl_buf_slice(&replica->value);
    const uint32_t step_n = replica->noted.step_n;
    status = replica->value.failed ? PL_NO_MEMORY : run_emit(&reverting->run, &op);
    if (status != PL_OK)
        return status;
    replica->noted.step_n = step_n;
    return rename_range(reverting, (struct pl_id_range){.id = lone.mark.id, .n = 1}, op.id) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status revert_deleted(struct reverting *reverting, const struct undo_step *step,
                                     const struct pl_text *text)
{
    struct pl_replica *replica = reverting->run.replica;
    const struct pl_id_range range = step->range;
    struct pl_slice left = undo_value(&reverting->entry, step);
    struct pl_op op = {.code = PL_OP_INSERT, .object = step->object, .field = step->field};
    if (!pl_text_has(text, range_at(range, range.n - 1)) || pl_text_scalars(text) + range.n > replica->text_max)
        return PL_OK;
    for (uint64_t from = 0, to; from < range.n; from = to) {
        text = pl_object_text(pl_replica_object(replica, step->object), step->field);
        to = place_piece(text, range, from, &op.left, &op.right);
        op.value_n = (uint32_t)(to - from);
        op.text = (struct pl_slice){.data = left.data, .len = utf8_bytes(left, to - from)};
        left.data += op.text.len;
        left.len -= op.text.len;
        enum pl_status status = run_emit(&reverting->run, &op);
        if (status != PL_OK)
            return status;
        const struct pl_id_range piece = {.id = range_at(range, from), .n = to - from};
        if (!rename_range(reverting, piece, op.id))
            return PL_NO_MEMORY;
        status = piece.n == 1 ? mark_again(reverting, step, piece.id, op.id) : PL_OK;
        if (status != PL_OK)
            return status;
        op.left = range_at((struct pl_id_range){.id = op.id}, to - from - 1);
    }
    return PL_OK;
}

/* A mark of one's own goes, or comes back; what it covered shows what others say of it. */
static enum pl_status revert_mark(struct reverting *reverting, const struct undo_step *step,
                                  const struct pl_text *text)
{
    const struct pl_marks *marks = pl_text_marks(text);
    struct pl_mark mark;
    struct pl_op op = {.code = PL_OP_TURN, .object = step->object, .field = step->field, .left = step->range.id,
                       .value_n = step->sub};
    if (marks == NULL || !pl_marks_get(marks, step->range.id, &mark) || mark.hidden == (step->sub == 1))
        return PL_OK; /* collected, or as it should be */
    return run_emit(&reverting->run, &op);
}

static enum pl_status revert_step(struct reverting *reverting, const struct undo_step *step)
{
    const struct pl_object *object = pl_replica_object(reverting->run.replica, step->object);
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, step->field);
    if (object == NULL || pl_object_dying(object) == PL_DYING_MAX)
        return PL_OK; /* collected, or about to be (G1) */
    switch ((enum undo_kind)step->kind) {
    case UNDO_REGISTER:
        return revert_register(reverting, step, object);
    case UNDO_TALLY:
        return revert_tally(reverting, step, object);
    case UNDO_INSERTED:
        return run_delete(&reverting->run, step->object, step->field, step->range, 0, 0);
    case UNDO_DELETED:
        return text == NULL ? PL_OK : revert_deleted(reverting, step, text);
    case UNDO_MARK:
        return text == NULL ? PL_OK : revert_mark(reverting, step, text);
    }
    return PL_OK;
}

/* Each step is the entry's last while it is reverted, so renaming reaches those before it. */
static enum pl_status revert_entry(struct reverting *reverting)
{
    enum pl_status status = PL_OK;
    while (reverting->entry.step_n > 0 && status == PL_OK) {
        struct undo_step step = reverting->entry.steps[--reverting->entry.step_n];
        renames_apply(&reverting->renames, &step);
        status = revert_step(reverting, &step);
    }
    return status == PL_OK ? run_commit(&reverting->run) : status;
}

/* Reverts one entry; its inverse goes onto `to`, if it had an effect. */
static enum pl_status revert_one(struct pl_replica *replica, struct reverting *reverting, struct undo_stack *to,
                                 bool *ret_effect)
{
    run_begin(&reverting->run, replica, 0, false);
    enum pl_status status = revert_entry(reverting);
    *ret_effect = status == PL_OK && replica->noted.step_n > 0;
    if (*ret_effect) {
        rename_stamps(reverting);
        replica->noted.gesture = reverting->entry.gesture;
        if (!undo_stack_push(replica->mem, to, &replica->noted))
            status = PL_NO_MEMORY;
    }
    if (status != PL_OK)
        run_abort(&reverting->run);
    return status;
}

/* Reverts the newest entry of `from` that has an effect. */
static enum pl_status revert(struct pl_replica *replica, struct undo_stack *from, struct undo_stack *to)
{
    struct reverting reverting;
    bool effect = false;
    enum pl_status status = PL_OK;
    if (replica->id == PL_REPLICA_SERVER)
        return PL_STATE;
    while (status == PL_OK && !effect) {
        if (!undo_stack_pop(from, &reverting.entry))
            return PL_NOT_FOUND;
        renames_init(&reverting.renames, replica->mem);
        status = revert_one(replica, &reverting, to, &effect);
        renames_done(&reverting.renames);
        undo_entry_done(&reverting.entry);
    }
    if (status != PL_OK) { /* what is left of them may name ids and stamps that were taken back */
        undo_stack_done(replica->mem, &replica->undo);
        undo_stack_done(replica->mem, &replica->redo);
    }
    return status;
}

enum pl_status pl_replica_undo(struct pl_replica *replica)
{
    return revert(replica, &replica->undo, &replica->redo);
}

enum pl_status pl_replica_redo(struct pl_replica *replica)
{
    return revert(replica, &replica->redo, &replica->undo);
}
