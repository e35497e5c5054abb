/* Reading an object, comparing two, and walking one's invariants. */
#include "proto/marks.h"
#include "proto/object_layout.h"
#include "proto/value.h"

/* The index of the field's register, or where it would be inserted. */
size_t pl_object_register_index(const struct pl_object *object, uint32_t field, bool *ret_there)
{
    size_t i = 0;
    while (i < object->reg_n && object->regs[i].field < field)
        i++;
    *ret_there = i < object->reg_n && object->regs[i].field == field;
    return i;
}

int pl_tally_compare(const struct pl_tally *a, const struct pl_tally *b)
{
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return a->sub < b->sub ? -1 : a->sub > b->sub;
}

/* Where the tally stands, or would. */
size_t pl_object_tally_index(const struct pl_object *object, const struct pl_tally *tally, bool *ret_there)
{
    const struct pl_tally *items = object->tallies == NULL ? NULL : object->tallies->items;
    const size_t n = pl_object_tally_n(object);
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pl_tally_compare(&items[middle], tally) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = low < n && pl_tally_compare(&items[low], tally) == 0;
    return low;
}

struct pl_id pl_object_id(const struct pl_object *object)
{
    return object->id;
}

uint32_t pl_object_kind(const struct pl_object *object)
{
    return object->kind;
}

uint8_t pl_object_dying(const struct pl_object *object)
{
    return object->dying;
}

void pl_object_set_dying(struct pl_object *object, uint8_t dying)
{
    object->dying = dying;
}

bool pl_object_alive(const struct pl_object *object)
{
    struct pl_register reg;
    return pl_object_register(object, PL_FIELD_ALIVE, &reg) && reg.value.len == 1 &&
           reg.value.data[0] == 0xc3;
}

bool pl_object_register_at(const struct pl_object *object, size_t index, struct pl_register *ret_register)
{
    if (index >= object->reg_n)
        return false;
    const struct reg *reg = &object->regs[index];
    *ret_register = (struct pl_register){
        .field = reg->field,
        .stamp = {.lam = reg->lam, .replica = reg->replica},
        .value = pl_reg_value(reg),
    };
    return true;
}

bool pl_object_register(const struct pl_object *object, uint32_t field, struct pl_register *ret_register)
{
    bool there;
    const size_t i = pl_object_register_index(object, field, &there);
    return there && pl_object_register_at(object, i, ret_register);
}

size_t pl_object_tally_n(const struct pl_object *object)
{
    return object->tallies == NULL ? 0 : object->tallies->n;
}

bool pl_object_tally_at(const struct pl_object *object, size_t index, struct pl_tally *ret_tally)
{
    if (index >= pl_object_tally_n(object))
        return false;
    *ret_tally = object->tallies->items[index];
    return true;
}

bool pl_object_tally(const struct pl_object *object, uint32_t field, uint64_t user, uint32_t sub,
                     struct pl_tally *ret_tally)
{
    const struct pl_tally wanted = {.field = field, .sub = sub, .user = user};
    bool there;
    const size_t i = pl_object_tally_index(object, &wanted, &there);
    return there && pl_object_tally_at(object, i, ret_tally);
}

const struct pl_text *pl_object_text_at(const struct pl_object *object, size_t index, uint32_t *ret_field)
{
    if (index >= object->text_n)
        return NULL;
    *ret_field = pl_text_slot(object, index)->field;
    return pl_text_slot(object, index)->text;
}

const struct pl_text *pl_object_text(const struct pl_object *object, uint32_t field)
{
    return pl_text_of(object, field);
}

static bool register_reader(const struct pl_object *object, uint32_t field, struct pl_reader *ret_reader)
{
    struct pl_register reg;
    if (!pl_object_register(object, field, &reg))
        return false;
    *ret_reader = pl_reader_of(reg.value);
    return true;
}

bool pl_object_point(const struct pl_object *object, uint32_t field, double *ret_a, double *ret_b)
{
    struct pl_reader reader;
    double a, b;
    if (!register_reader(object, field, &reader) || !pl_read_array_of(&reader, 2) ||
        !pl_read_number(&reader, &a) || !pl_read_number(&reader, &b))
        return false;
    *ret_a = a;
    *ret_b = b;
    return true;
}

bool pl_object_uint(const struct pl_object *object, uint32_t field, uint64_t *ret_value)
{
    struct pl_reader reader;
    return register_reader(object, field, &reader) && pl_read_u53(&reader, ret_value);
}

bool pl_object_str(const struct pl_object *object, uint32_t field, struct pl_slice *ret_utf8)
{
    struct pl_reader reader;
    return register_reader(object, field, &reader) && pl_read_str(&reader, ret_utf8);
}

bool pl_object_place(const struct pl_object *object, struct pl_id *ret_parent, struct pl_slice *ret_order)
{
    struct pl_reader reader;
    struct pl_id parent;
    struct pl_slice order;
    if (!register_reader(object, PL_FIELD_PLACE, &reader) || !pl_read_array_of(&reader, 2) ||
        !pl_read_id_or_nil(&reader, &parent) || !pl_read_str(&reader, &order))
        return false;
    *ret_parent = parent;
    *ret_order = order;
    return true;
}

static bool registers_equal(const struct pl_object *a, const struct pl_object *b)
{
    struct pl_register left, right;
    if (a->reg_n != b->reg_n)
        return false;
    for (size_t i = 0; pl_object_register_at(a, i, &left) && pl_object_register_at(b, i, &right); i++)
        if (left.field != right.field || pl_stamp_compare(left.stamp, right.stamp) != 0 ||
            !pl_slice_equal(left.value, right.value))
            return false;
    return true;
}

static bool tallies_equal(const struct pl_object *a, const struct pl_object *b)
{
    struct pl_tally left, right;
    if (pl_object_tally_n(a) != pl_object_tally_n(b))
        return false;
    for (size_t i = 0; pl_object_tally_at(a, i, &left) && pl_object_tally_at(b, i, &right); i++)
        if (pl_tally_compare(&left, &right) != 0 || left.value != right.value ||
            pl_stamp_compare(left.stamp, right.stamp) != 0)
            return false;
    return true;
}

static void pack_text_slot(const struct text_slot *slot, struct pl_id home, struct pl_buf *buf)
{
    struct pl_buf utf8;
    const struct pl_marks *marks = pl_text_marks(slot->text);
    pl_buf_init(&utf8, buf->mem);
    pl_pack_uint(buf, slot->field);
    pl_text_pack(slot->text, home, buf, &utf8);
    pl_pack_bytes(buf, pl_buf_slice(&utf8));
    if (marks != NULL && pl_marks_n(marks) > 0)
        pl_marks_pack(marks, buf);
    buf->failed = buf->failed || utf8.failed;
    pl_buf_done(&utf8);
}

static bool texts_equal(const struct pl_object *a, const struct pl_object *b)
{
    struct pl_buf left, right;
    pl_buf_init(&left, a->mem);
    pl_buf_init(&right, b->mem);
    for (size_t i = 0; i < a->text_n; i++)
        pack_text_slot(pl_text_slot(a, i), a->id, &left);
    for (size_t i = 0; i < b->text_n; i++)
        pack_text_slot(pl_text_slot(b, i), b->id, &right);
    const bool equal =
        !left.failed && !right.failed && pl_slice_equal(pl_buf_slice(&left), pl_buf_slice(&right));
    pl_buf_done(&left);
    pl_buf_done(&right);
    return equal;
}

bool pl_object_equal(const struct pl_object *a, const struct pl_object *b)
{
    return pl_id_equal(a->id, b->id) && a->kind == b->kind && a->dying == b->dying && registers_equal(a, b) &&
           tallies_equal(a, b) && texts_equal(a, b);
}

static bool order_sound(const struct pl_object *object)
{
    for (size_t i = 1; i < object->reg_n; i++)
        if (object->regs[i - 1].field >= object->regs[i].field)
            return false;
    for (size_t i = 1; i < object->text_n; i++)
        if (pl_text_slot(object, i - 1)->field >= pl_text_slot(object, i)->field)
            return false;
    for (size_t i = 1; i < pl_object_tally_n(object); i++)
        if (pl_tally_compare(&object->tallies->items[i - 1], &object->tallies->items[i]) >= 0)
            return false;
    return true;
}

bool pl_object_check(const struct pl_object *object, const char **ret_reason)
{
    struct pl_register reg;
    if (!order_sound(object)) {
        *ret_reason = "an object's registers, texts or tallies are out of order";
        return false;
    }
    if (object->dying > 0 && pl_object_alive(object)) {
        *ret_reason = "a living object is dying";
        return false;
    }
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++) {
        if (reg.stamp.lam == 0 || pl_value_check_kept(reg.field, reg.value) != PL_OK) {
            *ret_reason = "a register holds what its field cannot";
            return false;
        }
    }
    for (size_t i = 0; i < object->text_n; i++)
        if (!pl_text_check(pl_text_slot(object, i)->text, ret_reason))
            return false;
    return true;
}
