/* Ops and batches to bytes. Rules B1, B2. */
#include "proto/op_write.h"
#include "proto/limits.h"

void pl_op_write(struct pl_buf *buf, const struct pl_op *op)
{
    pl_write_array(buf, pl_op_parts(op->code));
    pl_write_uint(buf, op->code);
    if (op->code == PL_OP_SET || op->code == PL_OP_INSERT || op->code == PL_OP_DELETE ||
        op->code == PL_OP_TALLY || op->code == PL_OP_MARK || op->code == PL_OP_TURN) {
        pl_write_id(buf, op->object);
        pl_write_uint(buf, op->field);
    }
    switch (op->code) {
    case PL_OP_CREATE:
        pl_write_uint(buf, op->kind);
        pl_write_map(buf, op->value_n);
        pl_write_raw(buf, op->value);
        break;
    case PL_OP_SET:
        pl_write_raw(buf, op->value);
        break;
    case PL_OP_INSERT:
        pl_write_id_or_nil(buf, op->left);
        pl_write_id_or_nil(buf, op->right);
        pl_write_str(buf, op->text);
        break;
    case PL_OP_DELETE:
        pl_write_array(buf, op->value_n);
        pl_write_raw(buf, op->value);
        break;
    case PL_OP_TALLY:
        pl_write_uint(buf, op->sub);
        pl_write_uint(buf, op->value_n);
        break;
    case PL_OP_MARK:
        pl_write_uint(buf, op->sub);
        pl_write_raw(buf, op->value);
        pl_write_id_or_nil(buf, op->left);
        pl_write_bool(buf, op->left_after);
        pl_write_id_or_nil(buf, op->right);
        pl_write_bool(buf, op->right_after);
        break;
    case PL_OP_TURN:
        pl_write_id(buf, op->left);
        pl_write_bool(buf, op->value_n != 0);
        break;
    case PL_OP_SKIP:
        pl_write_uint(buf, op->value_n);
        break;
    case PL_OP_COLLECT:
        break;
    case PL_OP_ADOPT:
        pl_write_bin(buf, op->text);
        break;
    }
}

void pl_batch_write(struct pl_buf *buf, uint32_t replica, uint64_t ctr0, uint64_t lam0, uint32_t op_n,
                    struct pl_slice ops)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, replica);
    pl_write_uint(buf, ctr0);
    pl_write_uint(buf, lam0);
    pl_write_array(buf, op_n);
    pl_write_raw(buf, ops);
}

void pl_place_write(struct pl_buf *buf, struct pl_id parent, struct pl_slice order)
{
    pl_write_array(buf, 2);
    pl_write_id_or_nil(buf, parent);
    pl_write_str(buf, order);
}

void pl_range_write(struct pl_buf *buf, struct pl_id_range range)
{
    pl_write_array(buf, 3);
    pl_write_uint(buf, range.id.replica);
    pl_write_uint(buf, range.id.ctr);
    pl_write_uint(buf, range.n);
}

bool pl_range_list_add(void *list, struct pl_id_range range, struct pl_slice utf8)
{
    struct pl_range_list *ranges = list;
    (void)utf8;
    pl_range_write(ranges->buf, range);
    ranges->n++;
    return ranges->n < PL_DELETE_RANGES_MAX;
}
