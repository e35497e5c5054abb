/* Ops and batches to bytes: the counterpart of op.h, for replicas. Private to the library. */
#ifndef PL_OP_WRITE_H
#define PL_OP_WRITE_H
#include "proto/op.h"
#include "proto/writer.h"

/* Appends one op from its struct: `value` holds a create's pairs, a set's value, a delete's ranges. */
void pl_op_write(struct pl_buf *buf, const struct pl_op *op);
/* Appends a whole body around op_n encoded ops. */
void pl_batch_write(struct pl_buf *buf, uint32_t replica, uint64_t ctr0, uint64_t lam0, uint32_t op_n,
                    struct pl_slice ops);
/* Appends a PLACE value. */
void pl_place_write(struct pl_buf *buf, struct pl_id parent, struct pl_slice order);
/* Appends one [replica, ctr, n]. */
void pl_range_write(struct pl_buf *buf, struct pl_id_range range);
/* Collects the ranges a delete names: the visitor for pl_text_visible and pl_text_range. */
struct pl_range_list {
    struct pl_buf *buf;
    uint32_t n;
};
bool pl_range_list_add(void *list, struct pl_id_range range, struct pl_slice utf8);

#endif
