/* Batches and ops from bytes, and what the schema says of them. Rules B1 to B3, O5 to O7. */
#include "proto/op.h"
#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/value.h"

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

bool pl_kind_own(uint32_t kind)
{
    switch (kind) {
#define PL_OWN(name)                                                                               \
    case PL_KIND_##name:                                                                           \
        return true;
#include "proto/schema.def"
#undef PL_OWN
    default:
        return false;
    }
}

/* The first problem found is the one reported; reading goes on so that counters can be counted. Without a status to
 * report to, what is read was checked before. */
static void blame(enum pl_status *status_or_null, enum pl_status found)
{
    if (status_or_null != NULL && *status_or_null == PL_OK)
        *status_or_null = found;
}

static bool read_fit(struct pl_reader *reader, uint32_t field, struct pl_slice *ret_value,
                       enum pl_status *status_or_null)
{
    enum pl_status found = PL_OK;
    if (status_or_null == NULL)
        return pl_read_raw(reader, ret_value);
    if (!pl_value_read(field, reader, ret_value, &found))
        return false;
    blame(status_or_null, found);
    return true;
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
        if (!pl_read_u32(reader, &field) || !read_fit(reader, field, &value, status))
            return false;
        if (field == PL_FIELD_ALIVE || (field < 64 && (seen >> field & 1) != 0))
            blame(status, PL_INVALID);
        if (field < 64)
            seen |= UINT64_C(1) << field;
    }
    op->object = op->id;
    op->value = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    return true;
}

static bool read_set(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    return pl_read_id(reader, &op->object) && pl_read_u32(reader, &op->field) &&
           read_fit(reader, op->field, &op->value, status);
}

/* Whether the field may be of a type that has ops of its own: one of a newer schema may be anything. */
static bool type_allowed(uint32_t field, enum pl_value_type wanted)
{
    const enum pl_value_type type = pl_field_type(field);
    return type == wanted || type == PL_VALUE_UNKNOWN;
}

static bool read_insert(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_id_or_nil(reader, &op->left) || !pl_read_id_or_nil(reader, &op->right) ||
        !pl_read_str(reader, &op->text))
        return false;
    const size_t scalars = pl_utf8_scalars(op->text);
    op->value_n = (uint32_t)scalars; /* the text came in 32 bits of length */
    if (scalars == 0 || !type_allowed(op->field, PL_VALUE_TEXT))
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
    if (op->value_n == 0 || !type_allowed(op->field, PL_VALUE_TEXT))
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

static bool read_tally(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_u32(reader, &op->sub) || !pl_read_u32(reader, &op->value_n))
        return false;
    if (!type_allowed(op->field, PL_VALUE_TALLY))
        blame(status, PL_INVALID);
    return true;
}

static bool read_mark(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) ||
        !pl_read_u32(reader, &op->sub) || !pl_read_raw(reader, &op->value) ||
        !pl_read_id_or_nil(reader, &op->left) || !pl_read_bool(reader, &op->left_after) ||
        !pl_read_id_or_nil(reader, &op->right) || !pl_read_bool(reader, &op->right_after))
        return false;
    if (!type_allowed(op->field, PL_VALUE_TEXT))
        blame(status, PL_INVALID);
    if (status != NULL)
        blame(status, pl_mark_check(op->sub, op->value));
    return true;
}

static bool read_turn(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    bool hidden;
    if (!pl_read_id(reader, &op->object) || !pl_read_u32(reader, &op->field) || !pl_read_id(reader, &op->left) ||
        !pl_read_bool(reader, &hidden))
        return false;
    op->value_n = hidden ? 1 : 0;
    if (!type_allowed(op->field, PL_VALUE_TEXT))
        blame(status, PL_INVALID);
    return true;
}

static bool read_skip(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    if (!pl_read_u32(reader, &op->value_n))
        return false;
    if (op->value_n == 0)
        blame(status, PL_INVALID);
    if (op->value_n > PL_SKIP_MAX)
        blame(status, PL_TOO_BIG);
    return true;
}

uint32_t pl_op_parts(enum pl_op_code code)
{
    static const uint8_t parts[] = {
        [PL_OP_CREATE] = 3, [PL_OP_SET] = 4,  [PL_OP_INSERT] = 6,  [PL_OP_DELETE] = 4,
        [PL_OP_TALLY] = 5,  [PL_OP_MARK] = 9, [PL_OP_SKIP] = 2, [PL_OP_COLLECT] = 1, [PL_OP_ADOPT] = 2,
        [PL_OP_TURN] = 5,
    };
    return (size_t)code < sizeof parts ? parts[code] : 0;
}

/* One op at the cursor; id and stamp are given. False when the shape is wrong. */
static bool read_op(struct pl_reader *reader, struct pl_op *op, enum pl_status *status)
{
    uint32_t count, code;
    if (!pl_read_array(reader, &count) || count == 0 || !pl_read_u32(reader, &code) ||
        count != pl_op_parts((enum pl_op_code)code))
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
    case PL_OP_TALLY:
        return read_tally(reader, op, status);
    case PL_OP_MARK:
        return read_mark(reader, op, status);
    case PL_OP_TURN:
        return read_turn(reader, op, status);
    case PL_OP_SKIP:
        return read_skip(reader, op, status);
    case PL_OP_COLLECT:
        return true;
    case PL_OP_ADOPT:
        return pl_read_bin(reader, &op->text);
    }
    return false;
}

uint64_t pl_op_counters(const struct pl_op *op)
{
    return op->code == PL_OP_INSERT || op->code == PL_OP_SKIP ? op->value_n : 1;
}

/* The role the op asks for by itself, whatever it touches. */
static enum pl_role op_needs(const struct pl_op *op)
{
    if (op->code == PL_OP_CREATE)
        return pl_kind_writer(op->kind);
    return op->code == PL_OP_COLLECT || op->code == PL_OP_ADOPT ? PL_ROLE_SERVER : PL_ROLE_NONE;
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
    struct pl_op later, *op = &batch->first;
    for (uint32_t i = 0; i < batch->op_n; i++, op = &later) {
        *op = (struct pl_op){.id = {.replica = batch->replica, .ctr = batch->ctr0 + ctr_n}};
        if (!read_op(reader, op, &status))
            return PL_MALFORMED;
        if (i == 0)
            batch->first_len = (size_t)(reader->at - start);
        if (op_needs(op) > batch->needs)
            batch->needs = op_needs(op);
        if ((op->code == PL_OP_COLLECT || op->code == PL_OP_ADOPT) && batch->op_n > 1)
            blame(&status, PL_INVALID);
        ctr_n += pl_op_counters(op);
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
    struct pl_batch *batch = ret_batch;
    *batch = (struct pl_batch){0};
    if (!pl_read_array_of(&reader, 4) || !pl_read_u32(&reader, &batch->replica) ||
        !pl_read_u53(&reader, &batch->ctr0) || !pl_read_u53(&reader, &batch->lam0) || batch->ctr0 == 0)
        return PL_MALFORMED;
    if (pl_peek(&reader) != PL_TYPE_INT)
        return read_ops(&reader, batch);
    return allow_void ? read_void(&reader, batch) : PL_MALFORMED;
}

struct pl_op_iter pl_batch_ops(const struct pl_batch *batch)
{
    return (struct pl_op_iter){
        .first_or_null = batch->first_len > 0 ? batch : NULL,
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
    if (iter->first_or_null != NULL) {
        *ret_op = iter->first_or_null->first;
        iter->reader.at += iter->first_or_null->first_len;
        iter->first_or_null = NULL;
    } else {
        *ret_op = (struct pl_op){.id = {.replica = iter->replica, .ctr = iter->ctr}};
        if (!read_op(&iter->reader, ret_op, NULL))
            return false;
    }
    ret_op->stamp = (struct pl_stamp){.lam = iter->lam, .replica = iter->replica};
    ret_op->user = iter->user;
    ret_op->srv_ms = iter->srv_ms;
    iter->left_n--;
    iter->lam++;
    iter->ctr += pl_op_counters(ret_op);
    return true;
}
