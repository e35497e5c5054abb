/* Whether a batch may enter the journal: what the bytes alone cannot tell. Rules S7, S9, B4, B5, B9, O3.
 * Changes nothing. A batch may name what its own earlier ops made: those are noted in counter order. */
#include "proto/doc_private.h"
#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/reader.h"
#include "proto/value.h"

/* A create or an insert of the batch under decision; or, of field LOCKED, an object it opened. */
struct made {
    struct pl_id object;
    uint64_t ctr;
    uint64_t n;       /* ids: 1 for a create */
    struct pl_id left;/* insert: what it hangs on */
    uint64_t text_n;  /* insert: scalars this batch gave the text so far, this op included */
    uint32_t kind;    /* create */
    uint32_t field;   /* insert */
    bool creates;
};

struct decision {
    const struct pl_doc *doc;
    const struct pl_batch *batch;
    enum pl_role role;
    uint64_t ctr;     /* of the op under decision: the batch's ids below it are made */
    struct pl_buf scratch;
    size_t mark_n;    /* marks it may add to a text */
    size_t tally_n;   /* registers its tallies may add to an object */
    struct made *made;
    size_t made_n, made_cap;
    size_t created_n;
    size_t strange_n; /* sets of fields no schema names, and texts made under such */
    uint64_t work;    /* runs of texts it makes us look at */
};

#define MADE_FIRST 8u

/* Room grows with what a batch makes, not with how many ops it says it has: a peer pays for it byte by byte. */
static enum pl_status note_made(struct decision *decision, struct made made)
{
    if (decision->made_n == decision->made_cap) {
        const size_t cap = decision->made_cap == 0 ? MADE_FIRST : decision->made_cap * 2;
        struct made *grown = pl_mem_resize(decision->doc->mem, decision->made, cap * sizeof *grown);
        if (grown == NULL)
            return PL_NO_MEMORY;
        decision->made = grown;
        decision->made_cap = cap;
    }
    decision->made[decision->made_n++] = made;
    return PL_OK;
}

/* The earlier op of this batch that made the id, or NULL. */
static const struct made *made_by(const struct decision *decision, struct pl_id id)
{
    size_t low = 0, high = decision->made_n;
    if (id.replica != decision->batch->replica)
        return NULL;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct made *made = &decision->made[middle];
        if (id.ctr >= made->ctr && id.ctr - made->ctr < made->n)
            return made;
        if (made->ctr < id.ctr)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool object_known(const struct decision *decision, struct pl_id id, uint32_t *ret_kind)
{
    const struct pl_object *object = pl_doc_object(decision->doc, id);
    if (object != NULL) {
        *ret_kind = pl_object_kind(object);
        return true;
    }
    const struct made *made = made_by(decision, id);
    if (made == NULL || !made->creates)
        return false;
    *ret_kind = made->kind;
    return true;
}

static const struct pl_text *text_known(const struct decision *decision, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(decision->doc, op->object);
    return object == NULL ? NULL : pl_object_text(object, op->field);
}

static bool same_text(const struct made *made, const struct pl_op *op)
{
    return !made->creates && made->field == op->field && pl_id_equal(made->object, op->object);
}

static bool text_id_known(const struct decision *decision, const struct pl_op *op, struct pl_id id)
{
    if (pl_id_none(id))
        return true;
    const struct pl_text *text = text_known(decision, op);
    if (text != NULL && pl_text_has(text, id))
        return true;
    const struct made *made = made_by(decision, id);
    return made != NULL && same_text(made, op);
}

/* Whether the ids were ever given out. One that was may be unknown all the same: collected, or refused. */
static bool issued(const struct decision *decision, struct pl_id id, uint64_t n)
{
    const struct pl_replica_row *row = pl_doc_row(decision->doc, id.replica);
    const uint64_t last = id.ctr + n - 1;
    if (id.replica == decision->batch->replica)
        return last < decision->ctr;
    return row != NULL && last <= row->hwm;
}

static bool ref_issued(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    const struct decision *decision = user;
    struct pl_id id;
    (void)buf;
    return pl_read_id(reader, &id) && issued(decision, id, 1);
}

/* What a value names must have been made once; a reference to what is gone reads as none (V2, V5). */
static enum pl_status decide_value(struct decision *decision, uint32_t field, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    if (!pl_value_names(field))
        return PL_OK;
    pl_buf_clear(&decision->scratch);
    return pl_value_filter(field, &reader, ref_issued, decision, &decision->scratch) ? PL_OK : PL_ORPHAN;
}

static enum pl_status decide_create(struct decision *decision, const struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    if (op->kind == PL_KIND_BOARD && decision->role != PL_ROLE_SERVER)
        return PL_PERM;
    decision->created_n++;
    if (pl_doc_object_n(decision->doc) + decision->created_n > PL_OBJECTS_MAX)
        return PL_QUOTA;
    for (uint32_t i = 0; i < op->value_n; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            return PL_INVALID;
        const enum pl_status status = decide_value(decision, field, value);
        if (status != PL_OK)
            return status;
    }
    const struct made made = {.object = op->id, .ctr = op->id.ctr, .n = 1, .kind = op->kind, .creates = true};
    return note_made(decision, made);
}

/* Room for one more field of an object that has `field_n`: known ones are few, so only strange ones are counted, and
 * those of the whole batch, for an object may be of this batch. */
static bool field_fits(struct decision *decision, uint32_t field, size_t field_n)
{
    return pl_field_type(field) != PL_VALUE_UNKNOWN || field_n + ++decision->strange_n <= PL_OBJECT_FIELDS_MAX;
}

static enum pl_status decide_set(struct decision *decision, const struct pl_op *op, uint32_t kind)
{
    if (op->field == PL_FIELD_ALIVE && kind == PL_KIND_BOARD)
        return PL_INVALID;
    const enum pl_status status = decide_value(decision, op->field, op->value);
    if (status != PL_OK)
        return status;
    const struct pl_object *object = pl_doc_object(decision->doc, op->object);
    struct pl_register reg;
    if (object != NULL && pl_object_register(object, op->field, &reg))
        return PL_OK;
    size_t reg_n = 0;
    while (object != NULL && pl_object_register_at(object, reg_n, &reg))
        reg_n++;
    return field_fits(decision, op->field, reg_n) ? PL_OK : PL_QUOTA;
}

static size_t text_n(const struct decision *decision, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(decision->doc, op->object);
    size_t n = 0;
    uint32_t field;
    while (object != NULL && pl_object_text_at(object, n, &field) != NULL)
        n++;
    return n;
}

/* What an insert or a delete makes us look at is little, but for texts made to be costly. */
static enum pl_status text_affordable(struct decision *decision, size_t cost)
{
    decision->work += cost;
    return decision->work <= PL_BATCH_WORK_MAX ? PL_OK : PL_TOO_BIG;
}

/* The runs an insert looks at: those that hang on the same scalar, in the text and of this batch. */
static size_t insert_cost(const struct decision *decision, const struct pl_text *text, const struct pl_op *op)
{
    size_t cost =
        text == NULL ? 0 : pl_text_insert_cost(text, op->id, op->left, op->right, PL_BATCH_WORK_MAX + 1);
    for (size_t i = 0; i < decision->made_n; i++)
        if (same_text(&decision->made[i], op) && pl_id_equal(decision->made[i].left, op->left))
            cost += 2;
    return cost;
}

static enum pl_status decide_insert(struct decision *decision, const struct pl_op *op)
{
    const struct pl_text *text = text_known(decision, op);
    if (!text_id_known(decision, op, op->left) || !text_id_known(decision, op, op->right))
        return PL_ORPHAN;
    if (text_affordable(decision, insert_cost(decision, text, op)) != PL_OK)
        return PL_TOO_BIG;
    if (text == NULL && !field_fits(decision, op->field, text_n(decision, op)))
        return PL_QUOTA;
    uint64_t fresh = op->value_n;
    for (size_t i = decision->made_n; i > 0; i--) {
        if (same_text(&decision->made[i - 1], op)) {
            fresh += decision->made[i - 1].text_n;
            break;
        }
    }
    const uint64_t visible = text == NULL ? 0 : pl_text_scalars(text);
    const uint64_t ids = text == NULL ? 0 : pl_text_ids(text);
    if (visible + fresh > PL_TEXT_SCALARS_MAX || ids + fresh > PL_TEXT_IDS_MAX)
        return PL_TOO_BIG;
    const struct made made = {.object = op->object, .ctr = op->id.ctr, .n = op->value_n, .left = op->left,
                              .text_n = fresh, .field = op->field};
    return note_made(decision, made);
}

static enum pl_status decide_delete(struct decision *decision, const struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    const struct pl_text *text = text_known(decision, op);
    for (uint32_t i = 0; i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_range(&reader, &range))
            return PL_INVALID;
        if (!issued(decision, range.id, range.n))
            return PL_ORPHAN;
        const size_t spans = text == NULL ? 0 : pl_text_spans(text);
        if (text_affordable(decision, range.n < spans ? (size_t)range.n : spans) != PL_OK)
            return PL_TOO_BIG;
    }
    return PL_OK;
}

static enum pl_status decide_tally(struct decision *decision, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(decision->doc, op->object);
    const size_t tally_n = object == NULL ? 0 : pl_object_tally_n(object);
    struct pl_tally tally;
    if (object != NULL && pl_object_tally(object, op->field, op->user, op->sub, &tally))
        return PL_OK;
    return tally_n + ++decision->tally_n <= PL_TALLIES_MAX ? PL_OK : PL_QUOTA;
}

/* The ends of a mark are tied to what the text has; a mark to be turned may be collected already. */
static enum pl_status decide_mark(struct decision *decision, const struct pl_op *op)
{
    const struct pl_text *text = text_known(decision, op);
    const struct pl_marks *marks = text == NULL ? NULL : pl_text_marks(text);
    if (op->code == PL_OP_TURN)
        return issued(decision, op->left, 1) ? PL_OK : PL_ORPHAN;
    if (!text_id_known(decision, op, op->left) || !text_id_known(decision, op, op->right))
        return PL_ORPHAN;
    if (text == NULL && !field_fits(decision, op->field, text_n(decision, op)))
        return PL_QUOTA;
    return (marks == NULL ? 0 : pl_marks_n(marks)) + ++decision->mark_n <= PL_MARKS_MAX ? PL_OK : PL_QUOTA;
}

/* The server's own notes are decided like any: a broken one must not enter the journal. */
static enum pl_status decide_adopt(const struct decision *decision, const struct pl_op *op)
{
    struct pl_doc *notes;
    const enum pl_status status = pl_doc_load(decision->doc->mem, op->text, &notes);
    if (status == PL_OK)
        pl_doc_free(notes);
    return status == PL_NO_MEMORY || status == PL_OK ? status : PL_INVALID;
}

/* Whether the replica is this author's, now or before. */
static bool is_authors(const struct decision *decision, uint32_t replica, const struct pl_op *op)
{
    const struct pl_replica_row *row = pl_doc_row(decision->doc, replica);
    return replica == decision->batch->replica || (row != NULL && row->user == op->user);
}

/* Nobody changes a locked object but to open it, which is for whoever locked it and for facilitators; the rest of the
 * batch that opens it may go on with it (B9). */
static enum pl_status decide_lock(struct decision *decision, const struct pl_op *op)
{
    const struct pl_object *object = pl_doc_object(decision->doc, op->object);
    struct pl_register lock;
    bool locked = false;
    if (object == NULL || op->code == PL_OP_TALLY || decision->role == PL_ROLE_SERVER ||
        !pl_object_register(object, PL_FIELD_LOCKED, &lock))
        return PL_OK;
    struct pl_reader reader = pl_reader_of(lock.value);
    if (!pl_read_bool(&reader, &locked) || !locked)
        return PL_OK;
    for (size_t i = decision->made_n; i > 0; i--) {
        const struct made *made = &decision->made[i - 1];
        if (!made->creates && made->field == PL_FIELD_LOCKED && pl_id_equal(made->object, op->object))
            return PL_OK;
    }
    if (op->code != PL_OP_SET || op->field != PL_FIELD_LOCKED ||
        (decision->role < PL_ROLE_FACILITATOR && !is_authors(decision, lock.stamp.replica, op)))
        return PL_PERM;
    const struct made opened = {.object = op->object, .ctr = op->id.ctr, .n = 1, .field = PL_FIELD_LOCKED};
    return note_made(decision, opened);
}

/* Objects of some kinds are changed by their makers alone, and by facilitators (B5). */
static bool may_change(const struct decision *decision, const struct pl_op *op, uint32_t kind)
{
    if (op->code == PL_OP_TALLY)
        return true; /* one's own register on anything */
    if (decision->role < pl_kind_writer(kind))
        return false;
    if (op->code == PL_OP_CREATE || !pl_kind_own(kind) || decision->role >= PL_ROLE_FACILITATOR)
        return true;
    return is_authors(decision, op->object.replica, op);
}

static enum pl_status decide_op(struct decision *decision, const struct pl_op *op)
{
    uint32_t kind = op->kind;
    if (op->code == PL_OP_SKIP || op->code == PL_OP_COLLECT)
        return PL_OK;
    if (op->code == PL_OP_ADOPT)
        return decide_adopt(decision, op);
    if (op->code != PL_OP_CREATE && !object_known(decision, op->object, &kind))
        return PL_ORPHAN;
    if (!may_change(decision, op, kind))
        return PL_PERM;
    const enum pl_status lock = decide_lock(decision, op);
    if (lock != PL_OK)
        return lock;
    switch (op->code) {
    case PL_OP_CREATE:
        return decide_create(decision, op);
    case PL_OP_SET:
        return decide_set(decision, op, kind);
    case PL_OP_INSERT:
        return decide_insert(decision, op);
    case PL_OP_DELETE:
        return decide_delete(decision, op);
    case PL_OP_TALLY:
        return decide_tally(decision, op);
    case PL_OP_MARK:
    case PL_OP_TURN:
        return decide_mark(decision, op);
    default:
        return PL_INVALID;
    }
}

static enum pl_status decide_ops(const struct pl_doc *doc, const struct pl_batch *batch, uint64_t user,
                                 enum pl_role role)
{
    struct decision decision = {.doc = doc, .batch = batch, .role = role};
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    enum pl_status status = PL_OK;
    iter.user = user;
    pl_buf_init(&decision.scratch, doc->mem);
    while (status == PL_OK && pl_op_next(&iter, &op)) {
        decision.ctr = op.id.ctr;
        status = decide_op(&decision, &op);
    }
    pl_buf_done(&decision.scratch);
    pl_mem_put(doc->mem, decision.made);
    return status;
}

enum pl_status pl_doc_decide(const struct pl_doc *doc, struct pl_slice body, uint64_t user,
                             enum pl_role role, struct pl_batch *ret_batch)
{
    const enum pl_status shape = pl_batch_read(body, false, ret_batch);
    if (shape != PL_OK && ret_batch->ctr_n == 0)
        return shape;
    const struct pl_replica_row *row = pl_doc_row(doc, ret_batch->replica);
    const uint64_t next = row == NULL ? 1 : row->hwm + 1;
    const bool foreign = (row != NULL && row->user != user) ||
                         (ret_batch->replica == PL_REPLICA_SERVER) != (role == PL_ROLE_SERVER);
    if (role < PL_ROLE_COMMENTER || foreign) {
        ret_batch->ctr_n = 0; /* may not write at all: no seq (S9) */
        return PL_PERM;
    }
    if (ret_batch->ctr0 != next)
        return ret_batch->ctr0 < next ? PL_DUPLICATE : PL_GAP;
    if (shape != PL_OK)
        return shape;
    if (row == NULL && doc->row_n >= PL_REPLICAS_MAX)
        return PL_QUOTA;
    if (ret_batch->lam0 > doc->lam + PL_LAM_AHEAD_MAX)
        return PL_CLOCK;
    if (role < ret_batch->needs)
        return PL_PERM;
    return decide_ops(doc, ret_batch, user, role);
}

void pl_void_write(struct pl_buf *buf, const struct pl_batch *batch, enum pl_status code)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, batch->replica);
    pl_write_uint(buf, batch->ctr0);
    pl_write_uint(buf, batch->ctr_n);
    pl_write_uint(buf, code);
}
