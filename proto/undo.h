/* Undo and redo as data: what a gesture wrote and what stood there before. Rule R5. Private to the replica.
 * Steps are noted just before an op is applied (note.c); revert.c turns them back into ops. */
#ifndef PL_UNDO_H
#define PL_UNDO_H
#include "proto/object.h"

enum undo_kind {
    UNDO_REGISTER, /* the gesture wrote `stamp` over a value of stamp `before` */
    UNDO_TALLY,    /* it wrote `stamp` over `number` of stamp `before` in one's own register `sub` */
    UNDO_INSERTED, /* it inserted `range` */
    UNDO_DELETED,  /* it deleted `range`, whose text is the value */
    UNDO_MARK,     /* it made or turned the mark `range.id`, which was hidden before when `sub` is 1 */
};

struct undo_step {
    struct pl_id object;
    union {
        struct {
            struct pl_stamp stamp;
            struct pl_stamp before;
        };
        struct pl_id_range range;
    };
    uint32_t field;
    uint32_t sub;      /* tally, mark */
    uint32_t value_at; /* in the entry's values; tally: the number */
    uint32_t value_len : 29;
    uint32_t kind : 3;
};

struct undo_entry {
    uint64_t gesture;
    struct undo_step *steps; /* owned */
    uint32_t step_n;
    uint32_t step_cap;
    struct pl_buf values; /* of the steps, in their order */
};

/* A ring: the oldest gestures go when there are too many, or when they take too much memory. */
struct undo_stack {
    struct undo_entry *entries; /* owned */
    size_t first;
    size_t entry_n;
    size_t entry_cap; /* a power of two */
    size_t bytes;
};

void undo_entry_init(struct undo_entry *entry, const struct pl_mem *mem);
void undo_entry_done(struct undo_entry *entry);
/* Empties it for the next gesture, and keeps its memory unless that is unusually much. */
void undo_entry_clear(struct undo_entry *entry);
static inline struct pl_slice undo_value(const struct undo_entry *entry, const struct undo_step *step)
{
    if (step->value_len == 0)
        return (struct pl_slice){0}; /* there may be no values at all */
    return (struct pl_slice){.data = entry->values.data + step->value_at, .len = step->value_len};
}
/* Room for so many more steps and bytes of values. False when out of memory. */
bool undo_entry_reserve(struct undo_entry *entry, uint32_t step_n, size_t bytes);
/* A zeroed step at `index`, those from there on moved up; NULL when out of memory. */
struct undo_step *undo_step_insert(struct undo_entry *entry, size_t index);
/* Appends a step with its value; one of text goes on with the last one where it can. `text_or_null`: a deleted step's,
 * as it was before the deletion, to see whether the two stood side by side. */
bool undo_step_add(struct undo_entry *entry, const struct undo_step *step, struct pl_slice value,
                   const struct pl_text *text_or_null);

void undo_stack_done(const struct pl_mem *mem, struct undo_stack *stack);
/* Oldest first; the newest is the last. */
struct undo_entry *undo_stack_at(const struct undo_stack *stack, size_t index);
/* Takes the entry's content, which is empty then. False when out of memory. */
bool undo_stack_push(const struct pl_mem *mem, struct undo_stack *stack, struct undo_entry *entry);
/* The newest entry, now the caller's; false when empty. */
bool undo_stack_pop(struct undo_stack *stack, struct undo_entry *ret_entry);
/* The newest entry grew, or shrank, from `before` bytes. */
void undo_stack_resized(struct undo_stack *stack, size_t before);
size_t undo_entry_bytes(const struct undo_entry *entry);

/* Notes what applying `op` to `object` (NULL for a create) will change; deletes are noted run by run. False when out of
 * memory. */
bool undo_note(struct undo_entry *entry, const struct pl_object *object_or_null, const struct pl_op *op);
bool undo_note_deleted(struct undo_entry *entry, const struct pl_text *text, const struct pl_op *op,
                       struct pl_id_range range, struct pl_slice utf8);

/* Text came back under new ids, scalar by scalar. False when out of memory. */
bool undo_rename_range(struct undo_entry *entry, struct pl_id_range from, struct pl_id to);

#endif
