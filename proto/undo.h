/* Undo and redo as data: what a gesture wrote and what stood there before. Rule R5. Private to the replica.
 * Steps are noted just before an op is applied; edit.c turns them back into ops. */
#ifndef PL_UNDO_H
#define PL_UNDO_H
#include "proto/object.h"

enum undo_kind {
    UNDO_REGISTER, /* the gesture wrote `stamp` over `value` of stamp `before` */
    UNDO_INSERTED, /* it inserted `range` */
    UNDO_DELETED,  /* it deleted `range`, whose text was `value` */
    UNDO_TALLY,    /* it wrote `stamp` over `number` of stamp `before` in one's own register `sub` */
};

struct undo_step {
    enum undo_kind kind;
    struct pl_id object;
    uint32_t field;
    struct pl_stamp stamp;
    struct pl_stamp before;
    uint32_t sub, number;
    struct pl_id_range range;
    uint8_t *value; /* owned */
    size_t value_len;
};

struct undo_entry {
    uint64_t gesture;
    struct undo_step *steps; /* owned */
    size_t step_n;
    size_t step_cap;
};

struct undo_stack {
    struct undo_entry *entries; /* owned */
    size_t entry_n;
    size_t entry_cap;
};

void undo_entry_done(const struct pl_mem *mem, struct undo_entry *entry);
void undo_stack_done(const struct pl_mem *mem, struct undo_stack *stack);
/* Takes the entry on success; drops the oldest above PL_UNDO_ENTRIES_MAX. False when out of memory. */
bool undo_stack_push(const struct pl_mem *mem, struct undo_stack *stack, struct undo_entry *entry);
/* The newest entry, now the caller's; false when empty. */
bool undo_stack_pop(struct undo_stack *stack, struct undo_entry *ret_entry);

/* Notes what applying `op` to `object` (NULL for a create) will change. False when out of memory. */
bool undo_note(const struct pl_mem *mem, struct undo_entry *entry, const struct pl_object *object_or_null,
               const struct pl_op *op);

/* Appends the steps of `from`, which is emptied. False when out of memory. */
bool undo_entry_append(const struct pl_mem *mem, struct undo_entry *entry, struct undo_entry *from);

/* `op` restored the value a register (or a tally's) had under the stamp `from`: steps of that register that named
 * `from` name the op's. (A create gives all its registers one stamp, so a stamp alone names no register.) */
void undo_rename_stamp(struct undo_entry *entry, const struct pl_op *op, struct pl_stamp from);
/* Text came back under new ids, scalar by scalar. False when out of memory. */
bool undo_rename_range(const struct pl_mem *mem, struct undo_entry *entry, struct pl_id_range from,
                       struct pl_id to);

#endif
