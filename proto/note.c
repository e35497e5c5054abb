/* What an op is about to change, noted for undo. Rule R5. */
#include "proto/undo.h"
#include "proto/value.h"

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

/* Values are kept as an op would bring them: a clock is kept with its time, and comes without. */
static bool note_register(struct undo_entry *entry, const struct pl_object *object_or_null, const struct pl_op *op)
{
    static const uint8_t dead = 0xc2;
    struct pl_register reg = {.value = zero_value(op->field)};
    struct undo_step step = {.kind = UNDO_REGISTER, .object = op->object, .stamp = op->stamp, .field = op->field};
    if (op->code == PL_OP_CREATE) {
        step.field = PL_FIELD_ALIVE;
        reg.value = (struct pl_slice){&dead, 1};
    } else if (object_or_null != NULL) {
        (void)pl_object_register(object_or_null, op->field, &reg);
    }
    step.before = reg.stamp;
    if (pl_field_type(step.field) != PL_VALUE_CLOCK)
        return undo_step_add(entry, &step, reg.value, NULL);
    struct pl_buf wire;
    pl_buf_init(&wire, entry->values.mem);
    pl_clock_wire(&wire, reg.value);
    const bool ok = !wire.failed && undo_step_add(entry, &step, pl_buf_slice(&wire), NULL);
    pl_buf_done(&wire);
    return ok;
}

static bool note_tally(struct undo_entry *entry, const struct pl_object *object_or_null, const struct pl_op *op)
{
    struct pl_tally tally = {0}; /* who never wrote it goes back to 0 */
    if (object_or_null != NULL)
        (void)pl_object_tally(object_or_null, op->field, op->user, op->sub, &tally);
    const struct undo_step step = {.kind = UNDO_TALLY, .object = op->object, .stamp = op->stamp,
                                   .before = tally.stamp, .field = op->field, .sub = op->sub,
                                   .value_at = tally.value};
    return undo_step_add(entry, &step, (struct pl_slice){0}, NULL);
}

bool undo_note(struct undo_entry *entry, const struct pl_object *object_or_null, const struct pl_op *op)
{
    struct undo_step inserted = {.kind = UNDO_INSERTED, .object = op->object, .field = op->field};
    struct undo_step mark = {.kind = UNDO_MARK, .object = op->object, .field = op->field};
    switch (op->code) {
    case PL_OP_CREATE:
    case PL_OP_SET:
        return note_register(entry, object_or_null, op);
    case PL_OP_INSERT:
        inserted.range = (struct pl_id_range){.id = op->id, .n = op->value_n};
        return undo_step_add(entry, &inserted, (struct pl_slice){0}, NULL);
    case PL_OP_MARK:
    case PL_OP_TURN:
        mark.range = (struct pl_id_range){.id = op->code == PL_OP_MARK ? op->id : op->left, .n = 1};
        mark.sub = op->code == PL_OP_MARK || op->value_n == 0 ? 1 : 0;
        return undo_step_add(entry, &mark, (struct pl_slice){0}, NULL);
    case PL_OP_TALLY:
        return note_tally(entry, object_or_null, op);
    default:
        return true;
    }
}

bool undo_note_deleted(struct undo_entry *entry, const struct pl_text *text, const struct pl_op *op,
                       struct pl_id_range range, struct pl_slice utf8)
{
    const struct undo_step step = {.kind = UNDO_DELETED, .object = op->object, .field = op->field, .range = range};
    return undo_step_add(entry, &step, utf8, text);
}
