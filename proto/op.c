/* Batches and ops from bytes, and what the schema says of them. Rules B1 to B3, O5 to O7. */
#include "proto/op.h"
#include "proto/limits.h"
#include <math.h>

enum value_type {
    VALUE_BOOL,
    VALUE_UINT,
    VALUE_NUMBER,
    VALUE_STR,
    VALUE_POINT,
    VALUE_SIZE,
    VALUE_PLACE,
    VALUE_TEXT,
    VALUE_UNKNOWN,
};

static enum value_type field_type(uint32_t field)
{
    switch (field) {
#define PL_FIELD(name, number, type)                                                               \
    case number:                                                                                   \
        return VALUE_##type;
#include "proto/schema.def"
#undef PL_FIELD
    default:
        return VALUE_UNKNOWN;
    }
}

enum pl_role pl_kind_writer(uint32_t kind)
{
    switch (kind) {
#define PL_KIND(name, number, writer)                                                              \
    case number:                                                                                   \
        return PL_ROLE_##writer;
#include "proto/schema.def"
#undef PL_KIND
    default:
        return PL_ROLE_EDITOR;
    }
}

bool pl_field_known(uint32_t field)
{
    return field_type(field) != VALUE_UNKNOWN;
}

bool pl_field_is_text(uint32_t field)
{
    return field_type(field) == VALUE_TEXT;
}

static bool bounded(double value)
{
    return fabs(value) <= PL_COORD_MAX;
}

static bool pair_fits(struct pl_reader *reader, double min)
{
    double a, b;
    return pl_read_array_of(reader, 2) && pl_read_number(reader, &a) && pl_read_number(reader, &b) &&
           bounded(a) && bounded(b) && a >= min && b >= min;
}

static bool place_fits(struct pl_reader *reader)
{
    struct pl_id parent;
    struct pl_slice order;
    return pl_read_array_of(reader, 2) && pl_read_id_or_nil(reader, &parent) &&
           pl_read_str(reader, &order) && order.len <= PL_ORDER_BYTES_MAX;
}

static bool value_fits(enum value_type type, struct pl_reader *reader)
{
    struct pl_slice bytes;
    uint64_t number;
    double real;
    bool flag;
    switch (type) {
    case VALUE_BOOL:
        return pl_read_bool(reader, &flag);
    case VALUE_UINT:
        return pl_read_u53(reader, &number);
    case VALUE_NUMBER:
        return pl_read_number(reader, &real) && bounded(real);
    case VALUE_STR:
        return pl_read_str(reader, &bytes) && bytes.len <= PL_TITLE_BYTES_MAX;
    case VALUE_POINT:
        return pair_fits(reader, -PL_COORD_MAX);
    case VALUE_SIZE:
        return pair_fits(reader, 0.0);
    case VALUE_PLACE:
        return place_fits(reader);
    case VALUE_UNKNOWN:
        return pl_read_raw(reader, &bytes);
    case VALUE_TEXT:
        break;
    }
    return false; /* a text is no register */
}

enum pl_status pl_value_check(uint32_t field, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    if (value.len > PL_VALUE_BYTES_MAX)
        return PL_TOO_BIG;
    return value_fits(field_type(field), &reader) && pl_reader_done(&reader) ? PL_OK : PL_INVALID;
}

/* The first problem found is the one reported; reading goes on so that counters can be counted. */
static void blame(enum pl_status *status, enum pl_status found)
{
    if (*status == PL_OK)
        *status = found;
}

static bool read_create(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_u32(reader, &op->kind) || !pl_read_map(reader, &op->value_n))
        return false;
    const uint8_t *start = reader->at;
    uint64_t seen = 0; /* known fields, by bit */
    if (op->value_n > PL_OBJECT_FIELDS_MAX)
        blame(status, PL_TOO_BIG);
    for (uint32_t i = 0; i < op->value_n; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(reader, &field) || !pl_read_raw(reader, &value))
            return false;
        if (field == PL_FIELD_ALIVE || (field < 64 && (seen >> field & 1) != 0))
            blame(status, PL_INVALID);
        if (field < 64)
            seen |= UINT64_C(1) << field;
        blame(status, pl_value_check(field, value));
    }
    op->object = op->id;
    op->value = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    return true;
}

static bool read_set(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_raw(reader, &op->value))
        return false;
    blame(status, pl_value_check(op->field, op->value));
    return true;
}

static bool text_allowed(uint32_t field)
{
    const enum value_type type = field_type(field);
    return type == VALUE_TEXT || type == VALUE_UNKNOWN;
}

static bool read_insert(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_id_or_nil(reader, &op->left) || !pl_read_id_or_nil(reader, &op->right) ||
        !pl_read_str(reader, &op->text))
        return false;
    const size_t scalars = pl_utf8_scalars(op->text);
    op->value_n = (uint32_t)scalars; /* the text came in 32 bits of length */
    if (scalars == 0 || !text_allowed(op->field))
        blame(status, PL_INVALID);
    if (scalars > PL_TEXT_SCALARS_MAX)
        blame(status, PL_TOO_BIG);
    return true;
}

static bool read_delete(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_array(reader, &op->value_n))
        return false;
    const uint8_t *start = reader->at;
    if (op->value_n == 0 || !text_allowed(op->field))
        blame(status, PL_INVALID);
    if (op->value_n > PL_DELETE_RANGES_MAX)
        blame(status, PL_TOO_BIG);
    for (uint32_t i = 0; i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_range(reader, &range))
            return false;
        if (range.n > PL_TEXT_IDS_MAX)
            blame(status, PL_TOO_BIG);
    }
    op->value = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    return true;
}

/* One op at the cursor; id and stamp are given. False when the shape is wrong. */
static bool read_op(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    uint32_t count, code;
    if (!pl_read_array(reader, &count) || count == 0 || !pl_read_u32(reader, &code))
        return false;
    static const uint32_t counts[] = {
        [PL_OP_CREATE] = 3, [PL_OP_SET] = 4, [PL_OP_INSERT] = 6, [PL_OP_DELETE] = 4};
    if (code > PL_OP_DELETE || count != counts[code])
        return false;
    op->code = (enum pl_op_code)code;
    switch (op->code) {
    case PL_OP_CREATE:
        return read_create(reader, op, status);
    case PL_OP_SET:
        return read_set(reader, op, status);
    case PL_OP_INSERT:
        return read_insert(reader, op, status);
    case PL_OP_DELETE:
        return read_delete(reader, op, status);
    }
    return false;
}

static uint64_t op_counters(const struct pl_op *op)
{
    return op->code == PL_OP_INSERT ? op->value_n : 1;
}

static enum pl_status read_void(struct pl_reader *reader, struct pl_batch *batch)
{
    uint64_t code;
    if (!pl_read_u53(reader, &code) || !pl_reader_done(reader) || code == PL_OK || code > UINT16_MAX)
        return PL_MALFORMED;
    const uint64_t n = batch->lam0; /* the third element */
    if (n == 0 || batch->ctr0 + n - 1 > PL_U53_MAX)
        return PL_MALFORMED;
    batch->lam0 = 0;
    batch->ctr_n = n;
    batch->refusal = (enum pl_status)code;
    return PL_OK;
}

static enum pl_status read_ops(struct pl_reader *reader, struct pl_batch *batch)
{
    enum pl_status status = PL_OK;
    if (!pl_read_array(reader, &batch->op_n))
        return PL_MALFORMED;
    if (batch->op_n == 0 || batch->lam0 == 0 || batch->lam0 + batch->op_n > PL_U53_MAX)
        return PL_INVALID;
    if (batch->op_n > PL_BATCH_OPS_MAX)
        status = PL_TOO_BIG;
    const uint8_t *start = reader->at;
    uint64_t ctr_n = 0;
    for (uint32_t i = 0; i < batch->op_n; i++) {
        struct pl_op op = {.id = {.replica = batch->replica, .ctr = batch->ctr0 + ctr_n}};
        if (!read_op(reader, &op, &status))
            return PL_MALFORMED;
        if (op.code == PL_OP_CREATE && pl_kind_writer(op.kind) > batch->needs)
            batch->needs = pl_kind_writer(op.kind);
        ctr_n += op_counters(&op);
    }
    if (!pl_reader_done(reader))
        return PL_MALFORMED;
    if (ctr_n == 0 || batch->ctr0 + ctr_n - 1 > PL_U53_MAX)
        return PL_INVALID;
    batch->ctr_n = ctr_n;
    batch->ops = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    return status;
}

enum pl_status pl_batch_read(struct pl_slice body, bool allow_void, struct pl_batch *ret_batch)
{
    struct pl_reader reader = pl_reader_of(body);
    struct pl_batch batch = {.refusal = PL_OK};
    *ret_batch = (struct pl_batch){0};
    if (!pl_read_array_of(&reader, 4) || !pl_read_u32(&reader, &batch.replica) ||
        !pl_read_u53(&reader, &batch.ctr0) || !pl_read_u53(&reader, &batch.lam0) || batch.ctr0 == 0)
        return PL_MALFORMED;
    if (pl_peek(&reader) == PL_TYPE_INT) {
        const enum pl_status status = allow_void ? read_void(&reader, &batch) : PL_MALFORMED;
        if (status == PL_OK)
            *ret_batch = batch;
        return status;
    }
    const enum pl_status status = read_ops(&reader, &batch);
    *ret_batch = batch;
    if (status == PL_MALFORMED)
        ret_batch->ctr_n = 0;
    return status;
}

struct pl_op_iter pl_batch_ops(const struct pl_batch *batch)
{
    return (struct pl_op_iter){
        .reader = pl_reader_of(batch->ops),
        .left_n = batch->op_n,
        .replica = batch->replica,
        .ctr = batch->ctr0,
        .lam = batch->lam0,
    };
}

bool pl_op_next(struct pl_op_iter *iter, struct pl_op *ret_op)
{
    if (iter->left_n == 0)
        return false;
    enum pl_status status = PL_OK;
    struct pl_op op = {
        .id = {.replica = iter->replica, .ctr = iter->ctr},
        .stamp = {.lam = iter->lam, .replica = iter->replica},
    };
    if (!read_op(&iter->reader, &op, &status))
        return false;
    iter->left_n--;
    iter->lam++;
    iter->ctr += op_counters(&op);
    *ret_op = op;
    return true;
}
