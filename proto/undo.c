/* The two stacks of gestures and the renaming of what they name. Rule R5. */
#include "proto/undo.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/value.h"
#include <string.h>

static const uint8_t value_false = 0xc2;

void undo_entry_done(const struct pl_mem *mem, struct undo_entry *entry)
{
    for (size_t i = 0; i < entry->step_n; i++)
        pl_mem_put(mem, entry->steps[i].value);
    pl_mem_put(mem, entry->steps);
    *entry = (struct undo_entry){0};
}

void undo_stack_done(const struct pl_mem *mem, struct undo_stack *stack)
{
    for (size_t i = 0; i < stack->entry_n; i++)
        undo_entry_done(mem, &stack->entries[i]);
    pl_mem_put(mem, stack->entries);
    *stack = (struct undo_stack){0};
}

bool undo_stack_push(const struct pl_mem *mem, struct undo_stack *stack, struct undo_entry *entry)
{
    if (stack->entry_n == PL_UNDO_ENTRIES_MAX) {
        undo_entry_done(mem, &stack->entries[0]);
        stack->entry_n--;
        memmove(stack->entries, stack->entries + 1, stack->entry_n * sizeof *stack->entries);
    }
    if (stack->entry_n == stack->entry_cap) {
        const size_t cap = stack->entry_cap == 0 ? 16 : stack->entry_cap * 2;
        struct undo_entry *entries = pl_mem_resize(mem, stack->entries, cap * sizeof *entries);
        if (entries == NULL)
            return false;
        stack->entries = entries;
        stack->entry_cap = cap;
    }
    stack->entries[stack->entry_n++] = *entry;
    *entry = (struct undo_entry){0};
    return true;
}

bool undo_stack_pop(struct undo_stack *stack, struct undo_entry *ret_entry)
{
    if (stack->entry_n == 0)
        return false;
    *ret_entry = stack->entries[--stack->entry_n];
    return true;
}

/* A zeroed step at `index`, those from there on moved up. */
static struct undo_step *step_insert(const struct pl_mem *mem, struct undo_entry *entry, size_t index)
{
    if (entry->step_n == entry->step_cap) {
        const size_t cap = entry->step_cap == 0 ? 4 : entry->step_cap * 2;
        struct undo_step *steps = pl_mem_resize(mem, entry->steps, cap * sizeof *steps);
        if (steps == NULL)
            return NULL;
        entry->steps = steps;
        entry->step_cap = cap;
    }
    struct undo_step *step = &entry->steps[index];
    memmove(step + 1, step, (entry->step_n - index) * sizeof *step);
    entry->step_n++;
    *step = (struct undo_step){0};
    return step;
}

bool undo_entry_append(const struct pl_mem *mem, struct undo_entry *entry, struct undo_entry *from)
{
    for (size_t i = 0; i < from->step_n; i++) {
        struct undo_step *last = entry->step_n > 0 ? &entry->steps[entry->step_n - 1] : NULL;
        struct undo_step *next = &from->steps[i];
        const bool goes_on = last != NULL && last->kind == UNDO_INSERTED &&
                             next->kind == UNDO_INSERTED && last->field == next->field &&
                             pl_id_equal(last->object, next->object) &&
                             last->range.id.replica == next->range.id.replica &&
                             last->range.id.ctr + last->range.n == next->range.id.ctr;
        if (goes_on) {
            last->range.n += next->range.n;
            continue;
        }
        struct undo_step *step = step_insert(mem, entry, entry->step_n);
        if (step == NULL)
            return false;
        *step = *next;
        next->value = NULL;
    }
    undo_entry_done(mem, from);
    return true;
}

static bool step_keep(const struct pl_mem *mem, struct undo_step *step, struct pl_slice value)
{
    step->value = pl_mem_get(mem, value.len + 1); /* never zero bytes */
    if (step->value == NULL)
        return false;
    if (value.len > 0)
        memcpy(step->value, value.data, value.len);
    step->value_len = value.len;
    return true;
}

/* A register nobody had set goes back to its type's zero: a register cannot be unset. */
static struct pl_slice zero_value(uint32_t field)
{
    static const struct {
        uint8_t len;
        uint8_t bytes[5];
    } zeros[] = {
        [PL_VALUE_BOOL] = {1, {0xc2}},
        [PL_VALUE_UINT] = {1, {0x00}},
        [PL_VALUE_NUMBER] = {1, {0x00}},
        [PL_VALUE_STR] = {1, {0xa0}},
        [PL_VALUE_URL] = {1, {0xa0}},
        [PL_VALUE_BIN] = {2, {0xc4, 0x00}},
        [PL_VALUE_POINT] = {3, {0x92, 0x00, 0x00}},
        [PL_VALUE_SIZE] = {3, {0x92, 0x00, 0x00}},
        [PL_VALUE_RECT] = {5, {0x94, 0x00, 0x00, 0x01, 0x01}}, /* the whole image */
        [PL_VALUE_PLACE] = {3, {0x92, 0xc0, 0xa0}},
        [PL_VALUE_REF] = {1, {0xc0}},
        [PL_VALUE_END] = {5, {0x94, 0xc0, 0x00, 0x00, 0x00}},
        [PL_VALUE_IDS] = {1, {0x90}},
        [PL_VALUE_COUNTS] = {1, {0x90}},
        [PL_VALUE_MOMENT] = {3, {0x92, 0xc0, 0x00}},
        [PL_VALUE_CLOCK] = {5, {0x94, 0x00, 0x00, 0x00, 0x00}},
        [PL_VALUE_UNKNOWN] = {1, {0xc0}},
    };
    const enum pl_value_type type = pl_field_type(field);
    return (struct pl_slice){.data = zeros[type].bytes, .len = zeros[type].len};
}

/* The value as an op would bring it: a clock is kept with its time, and comes without. */
static bool keep_wire(const struct pl_mem *mem, struct undo_step *step, struct pl_slice value)
{
    struct pl_buf wire;
    if (pl_field_type(step->field) != PL_VALUE_CLOCK)
        return step_keep(mem, step, value);
    pl_buf_init(&wire, mem);
    pl_clock_wire(&wire, value);
    const bool ok = !wire.failed && step_keep(mem, step, pl_buf_slice(&wire));
    pl_buf_done(&wire);
    return ok;
}

static bool note_register(const struct pl_mem *mem, struct undo_entry *entry,
                          const struct pl_object *object_or_null, const struct pl_op *op)
{
    struct pl_register reg = {.value = zero_value(op->field)};
    uint32_t field = op->field;
    if (op->code == PL_OP_CREATE) {
        field = PL_FIELD_ALIVE;
        reg.value = (struct pl_slice){&value_false, 1};
    } else if (object_or_null != NULL) {
        (void)pl_object_register(object_or_null, field, &reg);
    }
    struct undo_step *step = step_insert(mem, entry, entry->step_n);
    if (step == NULL)
        return false;
    step->kind = UNDO_REGISTER;
    step->object = op->object;
    step->field = field;
    step->stamp = op->stamp;
    step->before = reg.stamp;
    return keep_wire(mem, step, reg.value);
}

static bool note_tally(const struct pl_mem *mem, struct undo_entry *entry,
                       const struct pl_object *object_or_null, const struct pl_op *op)
{
    struct pl_tally tally = {0}; /* who never wrote it goes back to 0 */
    if (object_or_null != NULL)
        (void)pl_object_tally(object_or_null, op->field, op->user, op->sub, &tally);
    struct undo_step *step = step_insert(mem, entry, entry->step_n);
    if (step == NULL)
        return false;
    step->kind = UNDO_TALLY;
    step->object = op->object;
    step->field = op->field;
    step->sub = op->sub;
    step->number = tally.value;
    step->stamp = op->stamp;
    step->before = tally.stamp;
    return true;
}

static bool note_insert(const struct pl_mem *mem, struct undo_entry *entry, const struct pl_op *op)
{
    struct undo_step *step = step_insert(mem, entry, entry->step_n);
    if (step == NULL)
        return false;
    step->kind = UNDO_INSERTED;
    step->object = op->object;
    step->field = op->field;
    step->range = (struct pl_id_range){.id = op->id, .n = op->value_n};
    return true;
}

struct note {
    const struct pl_mem *mem;
    struct undo_entry *entry;
    const struct pl_op *op;
    bool failed;
};

static bool note_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct note *note = user;
    struct undo_step *step = step_insert(note->mem, note->entry, note->entry->step_n);
    if (step == NULL || !step_keep(note->mem, step, utf8)) {
        note->failed = true;
        return false;
    }
    step->kind = UNDO_DELETED;
    step->object = note->op->object;
    step->field = note->op->field;
    step->range = range;
    return true;
}

static bool note_delete(const struct pl_mem *mem, struct undo_entry *entry,
                        const struct pl_object *object_or_null, const struct pl_op *op)
{
    struct note note = {.mem = mem, .entry = entry, .op = op};
    struct pl_reader reader = pl_reader_of(op->value);
    const struct pl_text *text =
        object_or_null == NULL ? NULL : pl_object_text(object_or_null, op->field);
    struct pl_id_range range;
    for (uint32_t i = 0; text != NULL && i < op->value_n && pl_read_range(&reader, &range); i++)
        pl_text_range(text, range, note_run, &note);
    return !note.failed;
}

bool undo_note(const struct pl_mem *mem, struct undo_entry *entry, const struct pl_object *object_or_null,
               const struct pl_op *op)
{
    switch (op->code) {
    case PL_OP_CREATE:
    case PL_OP_SET:
        return note_register(mem, entry, object_or_null, op);
    case PL_OP_INSERT:
        return note_insert(mem, entry, op);
    case PL_OP_DELETE:
        return note_delete(mem, entry, object_or_null, op);
    case PL_OP_TALLY:
        return note_tally(mem, entry, object_or_null, op);
    default:
        return true;
    }
}

void undo_rename_stamp(struct undo_entry *entry, const struct pl_op *op, struct pl_stamp from)
{
    const enum undo_kind kind = op->code == PL_OP_TALLY ? UNDO_TALLY : UNDO_REGISTER;
    for (size_t i = 0; i < entry->step_n; i++) {
        struct undo_step *step = &entry->steps[i];
        if (step->kind != kind || step->field != op->field || step->sub != op->sub ||
            !pl_id_equal(step->object, op->object))
            continue;
        if (pl_stamp_compare(step->stamp, from) == 0)
            step->stamp = op->stamp;
        if (pl_stamp_compare(step->before, from) == 0)
            step->before = op->stamp;
    }
}

/* Cuts an inserted step so that its first `n` ids stand alone. */
static bool step_cut(const struct pl_mem *mem, struct undo_entry *entry, size_t index, uint64_t n)
{
    if (step_insert(mem, entry, index + 1) == NULL)
        return false;
    struct undo_step *head = &entry->steps[index], *tail = head + 1;
    *tail = *head;
    tail->range.id.ctr += n;
    tail->range.n -= n;
    head->range.n = n;
    return true;
}

/* Only what was inserted can be deleted again, so only those steps name ids that come back. */
bool undo_rename_range(const struct pl_mem *mem, struct undo_entry *entry, struct pl_id_range from,
                       struct pl_id to)
{
    for (size_t i = 0; i < entry->step_n; i++) {
        const struct undo_step *step = &entry->steps[i];
        if (step->kind != UNDO_INSERTED || step->range.id.replica != from.id.replica)
            continue;
        const uint64_t start = step->range.id.ctr, end = start + step->range.n;
        const uint64_t low = start > from.id.ctr ? start : from.id.ctr;
        const uint64_t from_end = from.id.ctr + from.n;
        const uint64_t high = end < from_end ? end : from_end;
        if (high <= low)
            continue;
        if (low > start) {
            if (!step_cut(mem, entry, i, low - start))
                return false;
            continue; /* the cut-off part is the next step */
        }
        if (high < end && !step_cut(mem, entry, i, high - low))
            return false;
        entry->steps[i].range.id =
            (struct pl_id){.replica = to.replica, .ctr = to.ctr + (low - from.id.ctr)};
    }
    return true;
}
