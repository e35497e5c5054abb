/* A document as the fold of its journal. Rules O1 to O4, B7, B8, G1, D2. Deciding is decide.c's, encoding snapshot.c's. */
#include "proto/doc_private.h"
#include "proto/reader.h"
#include <string.h>

struct pl_doc *pl_doc_new(const struct pl_mem *mem)
{
    struct pl_doc *doc = pl_mem_get(mem, sizeof *doc);
    if (doc == NULL)
        return NULL;
    *doc = (struct pl_doc){.mem = mem};
    pl_table_init(&doc->objects, mem);
    return doc;
}

void pl_doc_free(struct pl_doc *doc_or_null)
{
    if (doc_or_null == NULL)
        return;
    pl_table_done(&doc_or_null->objects);
    pl_mem_put(doc_or_null->mem, doc_or_null->rows);
    pl_mem_put(doc_or_null->mem, doc_or_null);
}

/* The first row that is not below `replica`. */
static size_t row_index(const struct pl_doc *doc, uint32_t replica)
{
    size_t low = 0, high = doc->row_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (doc->rows[middle].replica < replica)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct pl_replica_row *pl_doc_row(const struct pl_doc *doc, uint32_t replica)
{
    const size_t i = row_index(doc, replica);
    return i < doc->row_n && doc->rows[i].replica == replica ? &doc->rows[i] : NULL;
}

struct pl_replica_row *pl_doc_row_add(struct pl_doc *doc, uint32_t replica)
{
    if (doc->row_n == doc->row_cap) {
        const size_t cap = doc->row_cap == 0 ? 8 : doc->row_cap * 2;
        struct pl_replica_row *rows = pl_mem_resize(doc->mem, doc->rows, cap * sizeof *rows);
        if (rows == NULL)
            return NULL;
        doc->rows = rows;
        doc->row_cap = cap;
    }
    const size_t i = row_index(doc, replica);
    memmove(doc->rows + i + 1, doc->rows + i, (doc->row_n - i) * sizeof *doc->rows);
    doc->rows[i] = (struct pl_replica_row){.replica = replica};
    doc->row_n++;
    return &doc->rows[i];
}

bool pl_envelope_read(struct pl_reader *reader, struct pl_envelope *ret_envelope)
{
    struct pl_envelope envelope;
    if (!pl_read_array_of(reader, 4) || !pl_read_u53(reader, &envelope.seq) ||
        !pl_read_u53(reader, &envelope.user) || !pl_read_u53(reader, &envelope.srv_ms) ||
        !pl_read_raw(reader, &envelope.body))
        return false;
    *ret_envelope = envelope;
    return true;
}

void pl_envelope_write(struct pl_buf *buf, const struct pl_envelope *envelope)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, envelope->seq);
    pl_write_uint(buf, envelope->user);
    pl_write_uint(buf, envelope->srv_ms);
    pl_write_raw(buf, envelope->body);
}

/* Everything dead twice over goes, everywhere at the same seq (G1). */
static enum pl_status fold_collect(struct pl_doc *doc, uint64_t seq, const struct pl_observer *observer_or_null)
{
    doc->floor_seq = doc->collect_seq;
    doc->collect_seq = seq;
    return pl_table_collect(&doc->objects, observer_or_null);
}

/* Another document's objects and writers join this one, ids and stamps unchanged (D2). */
static enum pl_status fold_adopt(struct pl_doc *doc, struct pl_slice snapshot,
                                 const struct pl_observer *observer_or_null)
{
    struct pl_doc *other;
    enum pl_status status = pl_doc_load(doc->mem, snapshot, &other);
    if (status != PL_OK)
        return status;
    for (size_t i = 0; i < other->row_n && status == PL_OK; i++) {
        const struct pl_replica_row *theirs = &other->rows[i];
        struct pl_replica_row *row = pl_doc_row(doc, theirs->replica);
        if (row == NULL)
            row = pl_doc_row_add(doc, theirs->replica);
        if (row == NULL)
            status = PL_NO_MEMORY;
        else if (row->hwm < theirs->hwm)
            *row = *theirs;
    }
    if (doc->lam < other->lam)
        doc->lam = other->lam;
    if (status == PL_OK)
        status = pl_table_adopt(&doc->objects, &other->objects, observer_or_null);
    pl_doc_free(other);
    return status;
}

static enum pl_status fold_op(struct pl_doc *doc, const struct pl_op *op, uint64_t seq,
                              const struct pl_observer *observer_or_null)
{
    switch (op->code) {
    case PL_OP_SKIP:
        return PL_OK;
    case PL_OP_COLLECT:
        return fold_collect(doc, seq, observer_or_null);
    case PL_OP_ADOPT:
        return fold_adopt(doc, op->text, observer_or_null);
    default:
        return pl_table_apply(&doc->objects, op, observer_or_null);
    }
}

static enum pl_status fold_ops(struct pl_doc *doc, const struct pl_batch *batch,
                               const struct pl_envelope *envelope, const struct pl_observer *observer_or_null,
                               const struct pl_doc_skip *skip_or_null)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    iter.user = envelope->user;
    iter.srv_ms = envelope->srv_ms;
    const uint64_t lam_last = batch->lam0 + batch->op_n - 1;
    if (lam_last > doc->lam)
        doc->lam = lam_last;
    while (pl_op_next(&iter, &op)) {
        if (skip_or_null != NULL && skip_or_null->skips(skip_or_null->user, op.object))
            continue;
        const enum pl_status status = fold_op(doc, &op, envelope->seq, observer_or_null);
        if (status != PL_OK)
            return status == PL_NO_MEMORY ? PL_NO_MEMORY : PL_CORRUPT;
    }
    return PL_OK;
}

enum pl_status pl_doc_fold(struct pl_doc *doc, const struct pl_envelope *envelope, const struct pl_batch *batch,
                           const struct pl_observer *observer_or_null, const struct pl_doc_skip *skip_or_null)
{
    struct pl_replica_row *row = pl_doc_row(doc, batch->replica);
    if (batch->ctr0 != (row == NULL ? 1 : row->hwm + 1))
        return PL_CORRUPT;
    if (row == NULL)
        row = pl_doc_row_add(doc, batch->replica);
    if (row == NULL)
        return PL_NO_MEMORY;
    row->user = envelope->user;
    row->hwm = batch->ctr0 + batch->ctr_n - 1;
    if (batch->refusal == PL_OK) {
        const enum pl_status status = fold_ops(doc, batch, envelope, observer_or_null, skip_or_null);
        if (status != PL_OK)
            return status;
    }
    doc->head = envelope->seq;
    doc->srv_ms = envelope->srv_ms;
    return PL_OK;
}

enum pl_status pl_doc_put(struct pl_doc *doc, struct pl_object *object)
{
    struct pl_object *old = pl_table_get(&doc->objects, pl_object_id(object));
    return old == NULL ? pl_table_add(&doc->objects, object) : pl_object_take(old, object);
}

enum pl_status pl_doc_apply(struct pl_doc *doc, const struct pl_envelope *envelope,
                            const struct pl_observer *observer_or_null)
{
    struct pl_batch batch;
    if (envelope->seq <= doc->head)
        return PL_DUPLICATE;
    if (envelope->seq != doc->head + 1)
        return PL_GAP;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK)
        return PL_CORRUPT;
    return pl_doc_fold(doc, envelope, &batch, observer_or_null, NULL);
}

uint64_t pl_doc_head(const struct pl_doc *doc)
{
    return doc->head;
}

uint64_t pl_doc_lam(const struct pl_doc *doc)
{
    return doc->lam;
}

uint64_t pl_doc_srv_ms(const struct pl_doc *doc)
{
    return doc->srv_ms;
}

uint64_t pl_doc_collect_seq(const struct pl_doc *doc)
{
    return doc->collect_seq;
}

uint64_t pl_doc_floor_seq(const struct pl_doc *doc)
{
    return doc->floor_seq;
}

#define OBJECT_WEIGHT 256u /* with its registers */

void pl_doc_weigh(const struct pl_doc *doc, struct pl_doc_weight *ret_weight)
{
    struct pl_doc_weight weight = {0};
    for (size_t i = 0; i < doc->objects.object_n; i++) {
        const struct pl_object *object = doc->objects.order[i];
        const struct pl_text *text;
        uint32_t field;
        uint64_t seen = OBJECT_WEIGHT, gone = 0;
        for (size_t k = 0; (text = pl_object_text_at(object, k, &field)) != NULL; k++) {
            seen += pl_text_scalars(text);
            gone += pl_text_ids(text) - pl_text_scalars(text);
        }
        const bool alive = pl_object_alive(object);
        weight.living_bytes += alive ? seen : 0;
        weight.dead_bytes += gone + (alive ? 0 : seen);
    }
    *ret_weight = weight;
}

size_t pl_doc_object_n(const struct pl_doc *doc)
{
    return doc->objects.object_n;
}

size_t pl_doc_replica_n(const struct pl_doc *doc)
{
    return doc->row_n;
}

bool pl_doc_replica(const struct pl_doc *doc, uint32_t replica, struct pl_replica_row *ret_row)
{
    const struct pl_replica_row *row = pl_doc_row(doc, replica);
    if (row != NULL)
        *ret_row = *row;
    return row != NULL;
}

const struct pl_object *pl_doc_object(const struct pl_doc *doc, struct pl_id id)
{
    return pl_table_get(&doc->objects, id);
}

const struct pl_object *pl_doc_object_at(struct pl_doc *doc, size_t index)
{
    return pl_table_at(&doc->objects, index);
}
