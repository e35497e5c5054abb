/* The two stacks of gestures. Rule R5. Memory is used again, so that typing allocates nothing in the long run: an entry
 * that is pushed swaps its blocks with those of the one that falls out. */
#include "proto/undo.h"
#include "proto/limits.h"
#include <string.h>

#define STEPS_MIN 2u
#define STACK_MIN 16u
#define STEPS_KEPT_MAX 16u
#define VALUES_KEPT_MAX 256u
#define RUN_SCALARS_MAX 4096u /* text one step puts back: an op has room for it */
#define BACKSPACE_BYTES_MAX 512u /* each one in front of a run moves the run */
#define ENTRIES_KEPT_MIN 8u /* however much memory they take */

void undo_entry_init(struct undo_entry *entry, const struct pl_mem *mem)
{
    *entry = (struct undo_entry){.gesture = 0};
    pl_buf_init(&entry->values, mem);
}

void undo_entry_done(struct undo_entry *entry)
{
    pl_mem_put(entry->values.mem, entry->steps);
    pl_buf_done(&entry->values);
    undo_entry_init(entry, entry->values.mem);
}

void undo_entry_clear(struct undo_entry *entry)
{
    if (entry->step_cap > STEPS_KEPT_MAX || entry->values.cap > VALUES_KEPT_MAX)
        undo_entry_done(entry);
    entry->step_n = 0;
    entry->gesture = 0;
    pl_buf_clear(&entry->values);
}

size_t undo_entry_bytes(const struct undo_entry *entry)
{
    return entry->step_cap * sizeof *entry->steps + entry->values.cap + sizeof *entry;
}

bool undo_entry_reserve(struct undo_entry *entry, uint32_t step_n, size_t bytes)
{
    uint32_t cap = entry->step_cap == 0 ? STEPS_MIN : entry->step_cap;
    while (cap < entry->step_n + step_n)
        cap *= 2;
    if (cap != entry->step_cap) {
        struct undo_step *steps = pl_mem_resize(entry->values.mem, entry->steps, cap * sizeof *steps);
        if (steps == NULL)
            return false;
        entry->steps = steps;
        entry->step_cap = cap;
    }
    return bytes == 0 || pl_buf_reserve(&entry->values, bytes);
}

struct undo_step *undo_step_insert(struct undo_entry *entry, size_t index)
{
    if (!undo_entry_reserve(entry, 1, 0))
        return NULL;
    struct undo_step *step = &entry->steps[index];
    memmove(step + 1, step, (entry->step_n - index) * sizeof *step);
    entry->step_n++;
    *step = (struct undo_step){.kind = UNDO_REGISTER};
    return step;
}

static struct pl_id last_id(struct pl_id_range range)
{
    return (struct pl_id){.replica = range.id.replica, .ctr = range.id.ctr + range.n - 1};
}

/* Whether `b` is of the same text and replica as `a`, and its ids follow on a's. */
static bool ids_follow(const struct undo_step *a, const struct undo_step *b)
{
    return a->kind == b->kind && a->field == b->field && pl_id_equal(a->object, b->object) &&
           a->range.id.replica == b->range.id.replica && a->range.id.ctr + a->range.n == b->range.id.ctr &&
           a->range.n + b->range.n <= RUN_SCALARS_MAX;
}

/* Whether the scalars stand side by side too: what came between them would otherwise stand on the wrong side later. */
static bool stand_together(const struct pl_text *text_or_null, const struct undo_step *a, const struct undo_step *b)
{
    struct pl_id left, right;
    return text_or_null != NULL && pl_text_after(text_or_null, last_id(a->range), &left, &right) &&
           pl_id_equal(left, last_id(a->range)) && pl_id_equal(right, b->range.id);
}

/* The next step as part of the last one. */
static bool goes_on(struct undo_entry *entry, const struct undo_step *next, struct pl_slice value,
                    const struct pl_text *text_or_null)
{
    struct undo_step *last = entry->step_n == 0 ? NULL : &entry->steps[entry->step_n - 1];
    if (last == NULL || (next->kind != UNDO_INSERTED && next->kind != UNDO_DELETED))
        return false;
    if (ids_follow(last, next) &&
        (next->kind == UNDO_INSERTED || stand_together(text_or_null, last, next))) {
        pl_buf_append(&entry->values, value.data, value.len);
        last->value_len += value.len & 0x1fffffff;
        last->range.n += next->range.n;
        return true;
    }
    if (next->kind != UNDO_DELETED || last->value_len > BACKSPACE_BYTES_MAX || !ids_follow(next, last) ||
        !stand_together(text_or_null, next, last) || !pl_buf_reserve(&entry->values, value.len))
        return false;
    uint8_t *text = entry->values.data + last->value_at;
    memmove(text + value.len, text, last->value_len);
    memcpy(text, value.data, value.len);
    entry->values.len += value.len;
    last->value_len += value.len & 0x1fffffff;
    last->range.id = next->range.id;
    last->range.n += next->range.n;
    return true;
}

bool undo_step_add(struct undo_entry *entry, const struct undo_step *step, struct pl_slice value,
                   const struct pl_text *text_or_null)
{
    if (goes_on(entry, step, value, text_or_null))
        return !entry->values.failed;
    struct undo_step *added = undo_step_insert(entry, entry->step_n);
    if (added == NULL)
        return false;
    *added = *step;
    if (step->kind == UNDO_TALLY)
        return true;
    added->value_at = (uint32_t)entry->values.len;
    added->value_len = value.len & 0x1fffffff; /* a value is far below: PL_VALUE_BYTES_MAX */
    pl_buf_append(&entry->values, value.data, value.len);
    return !entry->values.failed;
}

void undo_stack_done(const struct pl_mem *mem, struct undo_stack *stack)
{
    for (size_t i = 0; i < stack->entry_cap; i++)
        undo_entry_done(&stack->entries[i]);
    pl_mem_put(mem, stack->entries);
    *stack = (struct undo_stack){.entries = NULL};
}

struct undo_entry *undo_stack_at(const struct undo_stack *stack, size_t index)
{
    return &stack->entries[(stack->first + index) & (stack->entry_cap - 1)];
}

static void drop_oldest(struct undo_stack *stack)
{
    struct undo_entry *oldest = undo_stack_at(stack, 0);
    stack->bytes -= undo_entry_bytes(oldest);
    undo_entry_clear(oldest);
    stack->first = (stack->first + 1) & (stack->entry_cap - 1);
    stack->entry_n--;
}

/* A bigger ring, its oldest entry at the beginning. */
static bool grow_ring(const struct pl_mem *mem, struct undo_stack *stack)
{
    const size_t cap = stack->entry_cap == 0 ? STACK_MIN : stack->entry_cap * 2;
    struct undo_entry *entries = pl_mem_get(mem, cap * sizeof *entries);
    if (entries == NULL)
        return false;
    for (size_t i = 0; i < cap; i++) {
        if (i < stack->entry_n)
            entries[i] = *undo_stack_at(stack, i);
        else
            undo_entry_init(&entries[i], mem);
    }
    pl_mem_put(mem, stack->entries);
    stack->entries = entries;
    stack->entry_cap = cap;
    stack->first = 0;
    return true;
}

bool undo_stack_push(const struct pl_mem *mem, struct undo_stack *stack, struct undo_entry *entry)
{
    while (stack->entry_n == PL_UNDO_ENTRIES_MAX ||
           (stack->entry_n >= ENTRIES_KEPT_MIN && stack->bytes > PL_UNDO_BYTES_MAX))
        drop_oldest(stack);
    if (stack->entry_n == stack->entry_cap && !grow_ring(mem, stack))
        return false;
    struct undo_entry *place = undo_stack_at(stack, stack->entry_n);
    const struct undo_entry taken = *entry;
    *entry = *place;
    *place = taken;
    undo_entry_clear(entry);
    stack->entry_n++;
    stack->bytes += undo_entry_bytes(place);
    return true;
}

bool undo_stack_pop(struct undo_stack *stack, struct undo_entry *ret_entry)
{
    if (stack->entry_n == 0)
        return false;
    struct undo_entry *newest = undo_stack_at(stack, --stack->entry_n);
    stack->bytes -= undo_entry_bytes(newest);
    *ret_entry = *newest;
    undo_entry_init(newest, ret_entry->values.mem);
    return true;
}

void undo_stack_resized(struct undo_stack *stack, size_t before)
{
    stack->bytes += undo_entry_bytes(undo_stack_at(stack, stack->entry_n - 1)) - before;
}

/* Cuts an inserted step so that its first `n` ids stand alone. */
static bool step_cut(struct undo_entry *entry, size_t index, uint64_t n)
{
    if (undo_step_insert(entry, index + 1) == NULL)
        return false;
    struct undo_step *head = &entry->steps[index], *tail = head + 1;
    *tail = *head;
    tail->range.id.ctr += n;
    tail->range.n -= n;
    head->range.n = n;
    return true;
}

/* Only what was inserted can be deleted again, so only those steps name ids that come back. */
bool undo_rename_range(struct undo_entry *entry, struct pl_id_range from, struct pl_id to)
{
    for (size_t i = 0; i < entry->step_n; i++) {
        const struct undo_step *step = &entry->steps[i];
        if ((step->kind != UNDO_INSERTED && step->kind != UNDO_MARK) || step->range.id.replica != from.id.replica)
            continue;
        const uint64_t start = step->range.id.ctr, end = start + step->range.n;
        const uint64_t low = start > from.id.ctr ? start : from.id.ctr;
        const uint64_t from_end = from.id.ctr + from.n;
        const uint64_t high = end < from_end ? end : from_end;
        if (high <= low)
            continue;
        if (low > start) {
            if (!step_cut(entry, i, low - start))
                return false;
            continue; /* the cut-off part is the next step */
        }
        if (high < end && !step_cut(entry, i, high - low))
            return false;
        entry->steps[i].range.id = (struct pl_id){.replica = to.replica, .ctr = to.ctr + (low - from.id.ctr)};
    }
    return true;
}
