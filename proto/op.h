/* Batches and ops as bytes: shape, counting, validation against the schema. SPEC section 4.
 * Nothing here knows a document: what needs one is doc.h's. */
#ifndef PL_OP_H
#define PL_OP_H
#include "proto/id.h"
#include "proto/reader.h"
#include "proto/status.h"

#define PL_KIND(name, number, writer) PL_KIND_##name = number,
enum pl_kind {
#include "proto/schema.def"
};
#undef PL_KIND
#define PL_FIELD(name, number, type) PL_FIELD_##name = number,
enum pl_field {
#include "proto/schema.def"
};
#undef PL_FIELD

enum pl_op_code {
    PL_OP_CREATE = 0, /* [0, kind, {field: value, ...}]               1 counter; the object's id */
    PL_OP_SET = 1,    /* [1, object, field, value]                    1 counter */
    PL_OP_INSERT = 2, /* [2, object, field, left|nil, right|nil, str] one counter per scalar */
    PL_OP_DELETE = 3, /* [3, object, field, [[replica, ctr, n], ...]] 1 counter */
    PL_OP_TALLY = 4,  /* [4, object, field, sub, value]               1 counter; the envelope's user's register */
    PL_OP_MARK = 5,   /* [5, object, field, kind, value, start|nil, after, end|nil, after]   1 counter; see marks.h */
    PL_OP_SKIP = 6,   /* [6, n]                                       n counters; does nothing */
    PL_OP_COLLECT = 7,/* [7]                                          1 counter; the server's: see pl_doc_apply */
    PL_OP_ADOPT = 8,  /* [8, snapshot]                                1 counter; the server's: see pl_doc_apply */
    PL_OP_TURN = 9,   /* [9, object, field, mark, hidden]             1 counter; hides a mark or shows it again */
};

struct pl_op {
    enum pl_op_code code;
    struct pl_id id;          /* of the op; the first of an insert */
    struct pl_stamp stamp;
    struct pl_id object;      /* equal to id for a create */
    uint32_t kind;            /* create */
    uint32_t field;           /* set, insert, delete, tally */
    uint32_t sub;             /* tally: which of the user's registers; mark: its kind */
    struct pl_slice value;    /* set, mark: the value; create: the map's pairs; delete: the ranges' elements */
    uint32_t value_n;         /* create: pairs; delete: ranges; insert: scalars; skip: counters; tally: the value;
                               * turn: 1 hides */
    struct pl_id left, right; /* insert: origins, or no id; mark: what its ends are tied to; turn: left is
                               * the mark */
    bool left_after;          /* mark: right after the scalar rather than right before it */
    bool right_after;
    struct pl_slice text;     /* insert: UTF-8, not empty; adopt: the snapshot */
    uint64_t user;            /* whose op it is, and when: of its envelope; srv_ms 0 while pending */
    uint64_t srv_ms;
};

/* A batch body [replica, ctr0, lam0, ops], or a void [replica, ctr0, n, code]. Borrows the bytes. */
struct pl_batch {
    uint32_t replica;
    uint64_t ctr0;
    uint64_t lam0;         /* 0 in a void */
    uint64_t ctr_n;        /* counters it takes */
    uint32_t op_n;         /* 0 in a void */
    enum pl_status refusal;/* PL_OK for a batch, the code of a void */
    enum pl_role needs;    /* the highest role its ops ask for by themselves (what they touch: see pl_doc_decide) */
    struct pl_slice ops;   /* the ops array's elements, op_n of them */
    struct pl_op first;    /* most batches have one op: it is kept as it was read and checked */
    size_t first_len;      /* its bytes; 0: not kept */
};

struct pl_op_iter {
    const struct pl_batch *first_or_null; /* whose first op comes next */
    struct pl_reader reader;
    uint32_t left_n;
    uint32_t replica;
    uint64_t ctr;
    uint64_t lam;
    uint64_t user; /* for the ops: 0 until the caller sets them */
    uint64_t srv_ms;
};

/* Reads a whole body and checks everything that needs no document: shape, every count and limit, value types of
 * known fields. PL_MALFORMED (ctr_n is 0 then, and the rest means nothing), PL_INVALID or PL_TOO_BIG. `allow_void`:
 * whether a void is acceptable here. */
PL_CHECKED enum pl_status pl_batch_read(struct pl_slice body, bool allow_void,
                                        struct pl_batch *ret_batch);
/* The batch stays where it is until the first op was taken. */
struct pl_op_iter pl_batch_ops(const struct pl_batch *batch);
/* The next op; false at the end. The batch must have passed pl_batch_read. */
bool pl_op_next(struct pl_op_iter *iter, struct pl_op *ret_op);

/* The lowest role that may write objects of this kind; PL_ROLE_EDITOR for unknown kinds. */
enum pl_role pl_kind_writer(uint32_t kind);
#define PL_MARK(name, number, type, grows) PL_MARK_##name = number,
enum pl_mark_kind {
#include "proto/schema.def"
};
#undef PL_MARK

/* Whether below a facilitator only its maker may change one. */
bool pl_kind_own(uint32_t kind);
/* Counters the op takes. */
uint64_t pl_op_counters(const struct pl_op *op);
/* Elements of an op's array, its code among them; 0 for a code there is none of. */
uint32_t pl_op_parts(enum pl_op_code code);

#endif
