/* An object's parts as ops: itself, what names others, texts and their marks, tallies. See
 * reading.h. */
#include "exchange/names.h"
#include "exchange/reading.h"
#include "exchange/value_json.h"
#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/value.h"

/* All objects, with what names nothing, and open: nobody may put anything into a locked one (B9). */
bool part_create(struct reading *reading, const json_t *object, struct pl_id id)
{
    const json_t *kind = json_object_get(object, "kind");
    json_t *fields = json_object_get(object, "fields"), *json;
    struct pl_op op = {.code = PL_OP_CREATE};
    struct pl_buf pairs;
    const char *name;
    uint32_t field;
    if (!json_is_string(kind) || !name_read(NAME_KIND, json_string_value(kind), &op.kind))
        return reading_complain(reading, "\"kind\" is not the name of one");
    pl_buf_init(&pairs, reading->mem);
    json_object_foreach(fields, name, json)
    {
        if (!reading_field(reading, name, &field))
            break;
        if (pl_value_names(field) || pl_field_type(field) == PL_VALUE_CLOCK ||
            field == PL_FIELD_LOCKED)
            continue;
        if (!reading_value(reading, field, json))
            break;
        pl_write_uint(&pairs, field);
        pl_write_raw(&pairs, pl_buf_slice(&reading->value));
        op.value_n++;
    }
    op.value = pl_buf_slice(&pairs);
    bool good = reading->status == PL_OK && !pairs.failed && reading_op(reading, id.replica, &op);
    if (pairs.failed)
        reading_fail(reading, PL_NO_MEMORY);
    pl_buf_done(&pairs);
    return good;
}

/* The fields that `wanted` names. */
static bool fields_set(struct reading *reading, const json_t *object, struct pl_id id,
                       bool (*wanted)(uint32_t field))
{
    json_t *fields = json_object_get(object, "fields"), *json;
    const char *name;
    struct pl_op op = {.code = PL_OP_SET, .object = id};
    json_object_foreach(fields, name, json)
    {
        if (!reading_field(reading, name, &op.field))
            return false;
        if (!wanted(op.field))
            continue;
        if (!reading_value(reading, op.field, json))
            return false;
        op.value = pl_buf_slice(&reading->value);
        if (!reading_op(reading, id.replica, &op))
            return false;
    }
    return true;
}

bool part_names(struct reading *reading, const json_t *object, struct pl_id id)
{
    return fields_set(reading, object, id, pl_value_names);
}

static bool is_lock(uint32_t field)
{
    return field == PL_FIELD_LOCKED;
}

bool part_locks(struct reading *reading, const json_t *object, struct pl_id id)
{
    return fields_set(reading, object, id, is_lock);
}

bool part_gone(struct reading *reading)
{
    const struct pl_op skip = {.code = PL_OP_SKIP, .value_n = 1};
    reading->gone = (struct pl_id){PL_REPLICA_SERVER, reading->made[0] + 1};
    return reading_op(reading, PL_REPLICA_SERVER, &skip) && reading_flush(reading);
}

/* Where a mark's end goes: units and scalars of the text counted along. */
static struct pl_id scalar_at(struct pl_slice utf8, struct pl_id first, size_t utf16)
{
    uint64_t n = 0;
    size_t units = 0;
    for (size_t i = 0; i < utf8.len && units < utf16; i++) {
        if ((utf8.data[i] & 0xc0u) == 0x80u)
            continue;
        n++;
        units += utf8.data[i] >= 0xf0 ? 2 : 1;
    }
    return (struct pl_id){first.replica, first.ctr + n};
}

static size_t utf16_of(struct pl_slice utf8)
{
    size_t units = 0;
    for (size_t i = 0; i < utf8.len; i++)
        units += (utf8.data[i] & 0xc0u) == 0x80u ? 0 : utf8.data[i] >= 0xf0 ? 2 : 1;
    return units;
}

static bool mark(struct reading *reading, const json_t *json, struct pl_op *op,
                 struct pl_slice utf8, struct pl_id first)
{
    const json_t *kind = json_array_get(json, 0);
    const json_int_t at = json_integer_value(json_array_get(json, 1)),
                     n = json_integer_value(json_array_get(json, 2));
    const size_t units = utf16_of(utf8);
    if (!json_is_string(kind) || !name_read(NAME_MARK, json_string_value(kind), &op->sub) ||
        at < 0 || n < 1 || (size_t)at >= units || (size_t)n > units - (size_t)at)
        return reading_complain(reading, "a mark is not [\"kind\", at, n, value] within its text");
    pl_buf_clear(&reading->value);
    if (!value_json_read(json_array_get(json, 3), &reading->value))
        return reading_complain(reading, "a mark's value is none");
    const size_t end = (size_t)at + (size_t)n;
    op->code = PL_OP_MARK;
    op->value = pl_buf_slice(&reading->value);
    op->left = scalar_at(utf8, first, (size_t)at);
    op->left_after = false;
    op->right = (struct pl_id){0}; /* the text's end */
    op->right_after = !pl_mark_grows(op->sub);
    if (op->right_after)
        op->right = scalar_at(utf8, first, end - 1);
    else if (end < units)
        op->right = scalar_at(utf8, first, end);
    return reading_op(reading, first.replica, op);
}

static bool text_one(struct reading *reading, const json_t *json, struct pl_op *op,
                     struct pl_id object)
{
    const json_t *text = json_object_get(json, "text");
    const json_t *marks = json_object_get(json, "marks");
    struct pl_replica_row row = {0};
    if (!json_is_string(text) || json_string_length(text) == 0)
        return reading_complain(reading, "a text is not {\"text\": \"...\"} with something in it");
    if (!reading_flush(reading)) /* so that the row tells which ids it will get */
        return false;
    (void)pl_doc_replica(reading->import->doc, object.replica, &row);
    const struct pl_id first = {object.replica, row.hwm + 1};
    op->code = PL_OP_INSERT;
    op->text =
        (struct pl_slice){(const uint8_t *)json_string_value(text), json_string_length(text)};
    op->left = op->right = (struct pl_id){0};
    if (!reading_op(reading, object.replica, op))
        return false;
    const struct pl_slice utf8 = op->text;
    for (size_t i = 0; i < json_array_size(marks); i++) {
        if (!mark(reading, json_array_get(marks, i), op, utf8, first))
            return false;
    }
    return true;
}

bool part_texts(struct reading *reading, const json_t *object, struct pl_id id)
{
    json_t *all = json_object_get(object, "texts"), *json;
    const char *name;
    json_object_foreach(all, name, json)
    {
        struct pl_op op = {.object = id};
        if (!reading_field(reading, name, &op.field) || !text_one(reading, json, &op, id))
            return false;
    }
    return true;
}

static bool replica_of(struct reading *reading, uint64_t user, uint32_t *ret_replica)
{
    for (uint32_t i = 1; i < reading->maker_n; i++) {
        if (reading->makers[i] == user) {
            *ret_replica = i;
            return true;
        }
    }
    if (reading->maker_n == reading->maker_cap)
        return reading_complain(reading, "too many people reacted");
    reading->made[reading->maker_n] = 0;
    reading->makers[ *ret_replica = reading->maker_n++] = user;
    return true;
}

bool part_tallies(struct reading *reading, const json_t *object, struct pl_id id)
{
    const json_t *all = json_object_get(object, "tallies");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *json = json_array_get(all, i);
        const json_int_t user = json_integer_value(json_array_get(json, 1));
        const json_int_t sub = json_integer_value(json_array_get(json, 2));
        const json_int_t value = json_integer_value(json_array_get(json, 3));
        struct pl_op op = {.code = PL_OP_TALLY, .object = id};
        const char *name = json_string_value(json_array_get(json, 0));
        uint32_t replica = 0;
        if (name == NULL || user < 0 || user > (json_int_t)PL_U53_MAX || sub < 0 ||
            sub > UINT32_MAX || value < 1 || value > UINT32_MAX)
            return reading_complain(reading, "a tally is not [\"field\", user, sub, value]");
        op.sub = (uint32_t)sub;
        op.value_n = (uint32_t)value;
        if (!reading_field(reading, name, &op.field) ||
            !replica_of(reading, (uint64_t)user, &replica) || !reading_op(reading, replica, &op))
            return false;
    }
    return true;
}
