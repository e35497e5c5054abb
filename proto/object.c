/* One object: registers and texts, each kept in field order in a small array. Rules O1 to O4, N2. */
#include "proto/limits.h"
#include "proto/object_write.h"
#include "proto/value.h"
#include <string.h>

#define INLINE_BYTES 20u /* [x, y] as two float64 and smaller values need no block of their own */

struct reg {
    uint64_t lam;
    uint32_t replica;
    uint32_t field;
    uint32_t len;
    union {
        uint8_t inside[INLINE_BYTES];
        uint8_t *outside; /* len above INLINE_BYTES */
    } value;
};

struct text_slot {
    uint32_t field;
    struct pl_text *text;
};

struct pl_object {
    const struct pl_mem *mem;
    struct pl_id id;
    uint32_t kind;
    uint16_t reg_n, reg_cap;
    uint16_t text_n;
    bool marked; /* dead at the last collection, and ever since */
    struct reg *regs;
    struct text_slot *texts;
    struct pl_tally *tallies; /* by (field, user, sub) */
    uint32_t tally_n, tally_cap;
};

struct pl_object *pl_object_new(const struct pl_mem *mem, struct pl_id id, uint32_t kind)
{
    struct pl_object *object = pl_mem_get(mem, sizeof *object);
    if (object != NULL)
        *object = (struct pl_object){.mem = mem, .id = id, .kind = kind};
    return object;
}

static void reg_drop(const struct pl_mem *mem, struct reg *reg)
{
    if (reg->len > INLINE_BYTES)
        pl_mem_put(mem, reg->value.outside);
}

void pl_object_free(struct pl_object *object_or_null)
{
    struct pl_object *object = object_or_null;
    if (object == NULL)
        return;
    for (size_t i = 0; i < object->reg_n; i++)
        reg_drop(object->mem, &object->regs[i]);
    for (size_t i = 0; i < object->text_n; i++)
        pl_text_free(object->texts[i].text);
    pl_mem_put(object->mem, object->regs);
    pl_mem_put(object->mem, object->texts);
    pl_mem_put(object->mem, object->tallies);
    pl_mem_put(object->mem, object);
}

static struct pl_slice reg_value(const struct reg *reg)
{
    const uint8_t *data = reg->len > INLINE_BYTES ? reg->value.outside : reg->value.inside;
    return (struct pl_slice){.data = data, .len = reg->len};
}

/* The index of the field's register, or where it would be inserted. */
static size_t reg_index(const struct pl_object *object, uint32_t field, bool *ret_there)
{
    size_t i = 0;
    while (i < object->reg_n && object->regs[i].field < field)
        i++;
    *ret_there = i < object->reg_n && object->regs[i].field == field;
    return i;
}

static bool reg_assign(const struct pl_mem *mem, struct reg *reg, struct pl_slice value)
{
    uint8_t *outside = NULL;
    if (value.len > INLINE_BYTES) {
        outside = pl_mem_get(mem, value.len);
        if (outside == NULL)
            return false;
        memcpy(outside, value.data, value.len);
    }
    reg_drop(mem, reg);
    reg->len = (uint32_t)value.len;
    if (outside != NULL)
        reg->value.outside = outside;
    else if (value.len > 0)
        memcpy(reg->value.inside, value.data, value.len);
    return true;
}

/* O2: the highest stamp wins. `ret_won_or_null` is written only when this one did. */
static enum pl_status reg_write(struct pl_object *object, uint32_t field, struct pl_stamp stamp,
                                struct pl_slice value, bool *ret_won_or_null)
{
    bool there;
    const size_t i = reg_index(object, field, &there);
    if (!there) {
        if (object->reg_n == object->reg_cap) {
            const size_t cap = object->reg_cap == 0 ? 6 : (size_t)object->reg_cap * 2;
            if (cap > UINT16_MAX)
                return PL_TOO_BIG;
            struct reg *regs = pl_mem_resize(object->mem, object->regs, cap * sizeof *regs);
            if (regs == NULL)
                return PL_NO_MEMORY;
            object->regs = regs;
            object->reg_cap = (uint16_t)cap;
        }
        memmove(object->regs + i + 1, object->regs + i, (object->reg_n - i) * sizeof *object->regs);
        object->regs[i] = (struct reg){.field = field};
        object->reg_n++;
    }
    struct reg *reg = &object->regs[i];
    const struct pl_stamp old = {.lam = reg->lam, .replica = reg->replica};
    if (pl_stamp_compare(stamp, old) <= 0)
        return PL_OK;
    if (!reg_assign(object->mem, reg, value))
        return PL_NO_MEMORY;
    reg->lam = stamp.lam;
    reg->replica = stamp.replica;
    if (field == PL_FIELD_ALIVE)
        object->marked = false;
    if (ret_won_or_null != NULL)
        *ret_won_or_null = true;
    return PL_OK;
}

/* Writes a value as it came: a clock is kept with its time. */
static enum pl_status reg_take(struct pl_object *object, uint32_t field, const struct pl_op *op,
                               struct pl_slice value, bool *ret_won_or_null)
{
    if (pl_field_type(field) != PL_VALUE_CLOCK)
        return reg_write(object, field, op->stamp, value, ret_won_or_null);
    struct pl_buf kept;
    pl_buf_init(&kept, object->mem);
    pl_clock_keep(&kept, value, op->srv_ms);
    const enum pl_status status =
        kept.failed ? PL_NO_MEMORY
                    : reg_write(object, field, op->stamp, pl_buf_slice(&kept), ret_won_or_null);
    pl_buf_done(&kept);
    return status;
}

static int tally_compare(const struct pl_tally *a, const struct pl_tally *b)
{
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return a->sub < b->sub ? -1 : a->sub > b->sub;
}

/* Where the tally stands, or would. */
static size_t tally_index(const struct pl_object *object, const struct pl_tally *tally, bool *ret_there)
{
    size_t low = 0, high = object->tally_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (tally_compare(&object->tallies[middle], tally) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = low < object->tally_n && tally_compare(&object->tallies[low], tally) == 0;
    return low;
}

static enum pl_status tally_write(struct pl_object *object, const struct pl_tally *tally, bool *ret_won)
{
    bool there;
    const size_t i = tally_index(object, tally, &there);
    if (there && pl_stamp_compare(tally->stamp, object->tallies[i].stamp) <= 0)
        return PL_OK;
    if (!there) {
        if (object->tally_n == object->tally_cap) {
            const uint32_t cap = object->tally_cap == 0 ? 4 : object->tally_cap * 2;
            struct pl_tally *grown = pl_mem_resize(object->mem, object->tallies, cap * sizeof *grown);
            if (grown == NULL)
                return PL_NO_MEMORY;
            object->tallies = grown;
            object->tally_cap = cap;
        }
        memmove(object->tallies + i + 1, object->tallies + i, (object->tally_n - i) * sizeof *object->tallies);
        object->tally_n++;
    }
    object->tallies[i] = *tally;
    *ret_won = true;
    return PL_OK;
}

static struct pl_text *text_of(const struct pl_object *object, uint32_t field)
{
    for (size_t i = 0; i < object->text_n; i++)
        if (object->texts[i].field == field)
            return object->texts[i].text;
    return NULL;
}

/* Takes the text on success. */
static bool text_add(struct pl_object *object, uint32_t field, struct pl_text *text)
{
    struct text_slot *texts =
        pl_mem_resize(object->mem, object->texts, (object->text_n + 1u) * sizeof *texts);
    if (texts == NULL)
        return false;
    size_t i = object->text_n;
    for (; i > 0 && texts[i - 1].field > field; i--)
        texts[i] = texts[i - 1];
    texts[i] = (struct text_slot){.field = field, .text = text};
    object->texts = texts;
    object->text_n++;
    return true;
}

static enum pl_status text_make(struct pl_object *object, uint32_t field, struct pl_text **ret_text)
{
    struct pl_text *text = text_of(object, field);
    if (text == NULL && object->text_n == UINT16_MAX)
        return PL_TOO_BIG;
    if (text == NULL) {
        text = pl_text_new(object->mem);
        if (text == NULL || !text_add(object, field, text)) {
            pl_text_free(text);
            return PL_NO_MEMORY;
        }
    }
    *ret_text = text;
    return PL_OK;
}

struct pl_object *pl_object_clone(const struct pl_object *object)
{
    struct pl_object *clone = pl_object_new(object->mem, object->id, object->kind);
    if (clone == NULL)
        return NULL;
    for (size_t i = 0; i < object->reg_n; i++) {
        const struct reg *reg = &object->regs[i];
        const struct pl_stamp stamp = {.lam = reg->lam, .replica = reg->replica};
        if (reg_write(clone, reg->field, stamp, reg_value(reg), NULL) != PL_OK)
            goto fail;
    }
    for (size_t i = 0; i < object->tally_n; i++) {
        bool won;
        if (tally_write(clone, &object->tallies[i], &won) != PL_OK)
            goto fail;
    }
    clone->marked = object->marked;
    for (size_t i = 0; i < object->text_n; i++) {
        struct pl_text *text = pl_text_clone(object->texts[i].text);
        if (text == NULL || !text_add(clone, object->texts[i].field, text)) {
            pl_text_free(text);
            goto fail;
        }
    }
    return clone;
fail:
    pl_object_free(clone);
    return NULL;
}

static enum pl_status apply_create(struct pl_object *object, const struct pl_op *op)
{
    static const uint8_t yes = 0xc3;
    struct pl_reader reader = pl_reader_of(op->value);
    enum pl_status status = reg_write(object, PL_FIELD_ALIVE, op->stamp, (struct pl_slice){&yes, 1}, NULL);
    for (uint32_t i = 0; i < op->value_n && status == PL_OK; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            return PL_MALFORMED;
        status = reg_take(object, field, op, value, NULL);
    }
    return status;
}

static enum pl_status apply_delete(struct pl_object *object, const struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    struct pl_text *text = text_of(object, op->field);
    for (uint32_t i = 0; text != NULL && i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_range(&reader, &range))
            return PL_MALFORMED;
        const enum pl_status status = pl_text_delete(text, range, NULL);
        if (status != PL_OK)
            return status;
    }
    return PL_OK;
}

static void tell(const struct pl_observer *observer_or_null, enum pl_change_kind kind, const struct pl_op *op)
{
    const struct pl_change change = {.kind = kind, .object = op->object, .field = op->field};
    pl_observe(observer_or_null, &change);
}

enum pl_status pl_object_apply(struct pl_object *object, const struct pl_op *op,
                               const struct pl_observer *observer_or_null)
{
    struct pl_text *text;
    enum pl_status status = PL_INVALID;
    enum pl_change_kind kind = PL_CHANGE_FIELD;
    bool changed = false;
    switch (op->code) {
    case PL_OP_CREATE:
        status = apply_create(object, op);
        kind = PL_CHANGE_MADE;
        changed = true;
        break;
    case PL_OP_SET:
        status = reg_take(object, op->field, op, op->value, &changed);
        break;
    case PL_OP_INSERT:
        status = text_make(object, op->field, &text);
        if (status == PL_OK)
            status = pl_text_insert(text, op->id, op->left, op->right, op->text, NULL);
        kind = PL_CHANGE_WHOLE;
        changed = true;
        break;
    case PL_OP_DELETE:
        status = apply_delete(object, op);
        kind = PL_CHANGE_WHOLE;
        changed = true;
        break;
    case PL_OP_TALLY: {
        const struct pl_tally tally = {.field = op->field, .sub = op->sub, .user = op->user,
                                       .value = op->value_n, .stamp = op->stamp};
        status = tally_write(object, &tally, &changed);
        kind = PL_CHANGE_TALLY;
        break;
    }
    case PL_OP_MARK:
    case PL_OP_SKIP:
    case PL_OP_COLLECT:
    case PL_OP_ADOPT:
        break; /* of no object */
    }
    if (status == PL_OK && changed)
        tell(observer_or_null, kind, op);
    return status;
}

enum pl_status pl_object_amend(struct pl_object *object, const struct pl_op *op,
                               const struct pl_observer *observer_or_null)
{
    bool there;
    const size_t i = reg_index(object, op->field, &there);
    if (there && object->regs[i].lam == op->stamp.lam && object->regs[i].replica == op->stamp.replica)
        object->regs[i].lam = 0; /* it gives way */
    return pl_object_apply(object, op, observer_or_null);
}

void pl_object_swap(struct pl_object *a, struct pl_object *b)
{
    const struct pl_object held = *a;
    *a = *b;
    *b = held;
}

enum pl_status pl_object_collect(struct pl_object *object, bool *ret_drop)
{
    *ret_drop = object->marked;
    object->marked = !pl_object_alive(object);
    return PL_OK;
}

struct pl_id pl_object_id(const struct pl_object *object)
{
    return object->id;
}

uint32_t pl_object_kind(const struct pl_object *object)
{
    return object->kind;
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
        .value = reg_value(reg),
    };
    return true;
}

bool pl_object_register(const struct pl_object *object, uint32_t field, struct pl_register *ret_register)
{
    bool there;
    const size_t i = reg_index(object, field, &there);
    return there && pl_object_register_at(object, i, ret_register);
}

size_t pl_object_tally_n(const struct pl_object *object)
{
    return object->tally_n;
}

bool pl_object_tally_at(const struct pl_object *object, size_t index, struct pl_tally *ret_tally)
{
    if (index >= object->tally_n)
        return false;
    *ret_tally = object->tallies[index];
    return true;
}

bool pl_object_tally(const struct pl_object *object, uint32_t field, uint64_t user, uint32_t sub,
                     struct pl_tally *ret_tally)
{
    const struct pl_tally wanted = {.field = field, .sub = sub, .user = user};
    bool there;
    const size_t i = tally_index(object, &wanted, &there);
    return there && pl_object_tally_at(object, i, ret_tally);
}

const struct pl_text *pl_object_text_at(const struct pl_object *object, size_t index, uint32_t *ret_field)
{
    if (index >= object->text_n)
        return NULL;
    *ret_field = object->texts[index].field;
    return object->texts[index].text;
}

const struct pl_text *pl_object_text(const struct pl_object *object, uint32_t field)
{
    return text_of(object, field);
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

void pl_object_encode(const struct pl_object *object, struct pl_buf *buf)
{
    pl_write_array(buf, 5);
    pl_write_uint(buf, object->id.replica);
    pl_write_uint(buf, object->id.ctr);
    pl_write_uint(buf, object->kind);
    pl_write_array(buf, object->reg_n);
    for (size_t i = 0; i < object->reg_n; i++) {
        const struct reg *reg = &object->regs[i];
        pl_write_array(buf, 4);
        pl_write_uint(buf, reg->field);
        pl_write_uint(buf, reg->lam);
        pl_write_uint(buf, reg->replica);
        pl_write_raw(buf, reg_value(reg));
    }
    pl_write_array(buf, object->text_n);
    for (size_t i = 0; i < object->text_n; i++) {
        pl_write_array(buf, 2);
        pl_write_uint(buf, object->texts[i].field);
        pl_text_encode(object->texts[i].text, buf);
    }
}

/* Fields come in ascending order, or the bytes are not canonical. */
static enum pl_status decode_registers(struct pl_object *object, struct pl_reader *reader)
{
    uint32_t n;
    if (!pl_read_array(reader, &n))
        return PL_MALFORMED;
    for (uint32_t i = 0; i < n; i++) {
        struct pl_register reg;
        if (!pl_read_array_of(reader, 4) || !pl_read_u32(reader, &reg.field) ||
            !pl_read_u53(reader, &reg.stamp.lam) || !pl_read_u32(reader, &reg.stamp.replica) ||
            !pl_read_raw(reader, &reg.value))
            return PL_MALFORMED;
        const bool ascends = i == 0 || object->regs[object->reg_n - 1].field < reg.field;
        if (!ascends || reg.stamp.lam == 0 || pl_value_check_kept(reg.field, reg.value) != PL_OK)
            return PL_MALFORMED;
        const enum pl_status status = reg_write(object, reg.field, reg.stamp, reg.value, NULL);
        if (status != PL_OK)
            return status;
    }
    return PL_OK;
}

static enum pl_status decode_texts(struct pl_object *object, struct pl_reader *reader)
{
    uint32_t n;
    if (!pl_read_array(reader, &n))
        return PL_MALFORMED;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t field;
        struct pl_slice value;
        struct pl_text *text;
        if (!pl_read_array_of(reader, 2) || !pl_read_u32(reader, &field) || !pl_read_raw(reader, &value))
            return PL_MALFORMED;
        if (object->text_n == UINT16_MAX || (i > 0 && object->texts[object->text_n - 1].field >= field))
            return PL_MALFORMED;
        const enum pl_status status = pl_text_decode(object->mem, value, &text);
        if (status != PL_OK)
            return status;
        if (!text_add(object, field, text)) {
            pl_text_free(text);
            return PL_NO_MEMORY;
        }
    }
    return PL_OK;
}

enum pl_status pl_object_decode(const struct pl_mem *mem, struct pl_reader *reader,
                                struct pl_object **ret_object)
{
    struct pl_id id;
    uint32_t kind;
    if (!pl_read_array_of(reader, 5) || !pl_read_u32(reader, &id.replica) ||
        !pl_read_u53(reader, &id.ctr) || id.ctr == 0 || !pl_read_u32(reader, &kind))
        return PL_MALFORMED;
    struct pl_object *object = pl_object_new(mem, id, kind);
    if (object == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = decode_registers(object, reader);
    if (status == PL_OK)
        status = decode_texts(object, reader);
    if (status != PL_OK) {
        pl_object_free(object);
        return status;
    }
    *ret_object = object;
    return PL_OK;
}

bool pl_object_check(const struct pl_object *object, const char **ret_reason)
{
    for (size_t i = 0; i < object->reg_n; i++) {
        if (i > 0 && object->regs[i - 1].field >= object->regs[i].field) {
            *ret_reason = "an object's registers are out of order";
            return false;
        }
    }
    for (size_t i = 0; i < object->text_n; i++)
        if (!pl_text_check(object->texts[i].text, ret_reason))
            return false;
    return true;
}
