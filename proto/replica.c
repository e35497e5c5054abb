/* A client's replica: committed document, pending batches, overlay. Rules R1, R2, S7, S10.
 * Making edits is edit.c's, re-keying rekey.c's, parents tree.c's. */
#include "proto/limits.h"
#include "proto/replica_private.h"
#include "proto/view.h"
#include <string.h>

struct pl_replica *pl_replica_new(const struct pl_mem *mem)
{
    struct pl_replica *replica = pl_mem_get(mem, sizeof *replica);
    if (replica == NULL)
        return NULL;
    *replica = (struct pl_replica){.mem = mem, .ctr_next = 1, .text_max = PL_TEXT_SCALARS_MAX};
    pl_table_init(&replica->overlay, mem);
    replica->doc = pl_doc_new(mem);
    if (replica->doc == NULL) {
        pl_replica_free(replica);
        return NULL;
    }
    return replica;
}

void pl_replica_free(struct pl_replica *replica_or_null)
{
    struct pl_replica *replica = replica_or_null;
    if (replica == NULL)
        return;
    while (replica->pending_n > 0)
        pending_drop(replica, replica->pending_n - 1);
    pl_mem_put(replica->mem, replica->pending);
    undo_stack_done(replica->mem, &replica->undo);
    undo_stack_done(replica->mem, &replica->redo);
    pl_table_done(&replica->overlay);
    pl_doc_free(replica->doc);
    pl_mem_put(replica->mem, replica);
}

void pl_replica_observe(struct pl_replica *replica, const struct pl_observer *observer_or_null)
{
    replica->observer = observer_or_null == NULL ? (struct pl_observer){0} : *observer_or_null;
}

void pl_replica_set_text_max(struct pl_replica *replica, size_t scalars)
{
    replica->text_max = scalars;
}

void replica_touched(const struct pl_replica *replica, struct pl_id object)
{
    const struct pl_change change = {.kind = PL_CHANGE_WHOLE, .object = object};
    pl_observe(&replica->observer, &change);
}

struct pl_slice pending_body(const struct pending *pending)
{
    return (struct pl_slice){.data = pending->body, .len = pending->body_len};
}

enum pl_status pending_add(struct pl_replica *replica, struct pl_slice body, uint64_t gesture)
{
    struct pl_batch batch;
    const enum pl_status status = pl_batch_read(body, false, &batch);
    if (status != PL_OK)
        return status;
    if (replica->pending_n == replica->pending_cap) {
        const size_t cap = replica->pending_cap == 0 ? 16 : replica->pending_cap * 2;
        struct pending *grown = pl_mem_resize(replica->mem, replica->pending, cap * sizeof *grown);
        if (grown == NULL)
            return PL_NO_MEMORY;
        replica->pending = grown;
        replica->pending_cap = cap;
    }
    uint8_t *copy = pl_mem_get(replica->mem, body.len);
    if (copy == NULL)
        return PL_NO_MEMORY;
    memcpy(copy, body.data, body.len);
    replica->pending[replica->pending_n++] = (struct pending){
        .ctr0 = batch.ctr0,
        .ctr_n = batch.ctr_n,
        .lam0 = batch.lam0,
        .gesture = gesture,
        .replica = batch.replica,
        .op_n = batch.op_n,
        .body = copy,
        .body_len = body.len,
    };
    if (batch.lam0 + batch.op_n - 1 > replica->lam)
        replica->lam = batch.lam0 + batch.op_n - 1;
    return PL_OK;
}

void pending_drop(struct pl_replica *replica, size_t index)
{
    pl_mem_put(replica->mem, replica->pending[index].body);
    replica->pending_n--;
    memmove(replica->pending + index, replica->pending + index + 1,
            (replica->pending_n - index) * sizeof *replica->pending);
}

void pending_drop_known(struct pl_replica *replica)
{
    for (size_t i = replica->pending_n; i-- > 0;) {
        const struct pending *pending = &replica->pending[i];
        struct pl_replica_row row;
        if (pl_doc_replica(replica->doc, pending->replica, &row) && pending->ctr0 <= row.hwm)
            pending_drop(replica, i);
    }
}

struct pl_op_iter pending_ops(const struct pending *pending)
{
    struct pl_batch batch;
    const enum pl_status status = pl_batch_read(pending_body(pending), false, &batch);
    if (status != PL_OK)
        batch.op_n = 0;
    return pl_batch_ops(&batch);
}

enum pl_status overlay_object(struct pl_replica *replica, struct pl_id id, struct pl_object **ret_object)
{
    struct pl_object *object = pl_table_get(&replica->overlay, id);
    const struct pl_object *committed = object == NULL ? pl_doc_object(replica->doc, id) : NULL;
    if (committed != NULL) {
        object = pl_object_clone(committed);
        if (object == NULL || pl_table_add(&replica->overlay, object) != PL_OK) {
            pl_object_free(object);
            return PL_NO_MEMORY;
        }
    }
    *ret_object = object;
    return PL_OK;
}

enum pl_status overlay_apply(struct pl_replica *replica, const struct pl_op *op)
{
    struct pl_object *object = NULL;
    if (op->code == PL_OP_SKIP)
        return PL_OK;
    if (op->code != PL_OP_CREATE) {
        const enum pl_status status = overlay_object(replica, op->object, &object);
        if (status != PL_OK)
            return status;
    }
    const enum pl_status status = pl_table_apply(&replica->overlay, op, NULL);
    if (status == PL_OK)
        replica_touched(replica, op->object);
    return status;
}

/* Ops whose object or text is gone are passed over: the server will refuse their batch. */
static enum pl_status overlay_apply_batch(struct pl_replica *replica, const struct pending *pending)
{
    struct pl_op_iter iter = pending_ops(pending);
    struct pl_op op;
    iter.user = replica->user;
    while (pl_op_next(&iter, &op))
        if (overlay_apply(replica, &op) == PL_NO_MEMORY)
            return PL_NO_MEMORY;
    return PL_OK;
}

enum pl_status overlay_rebuild(struct pl_replica *replica)
{
    const struct pl_object *object;
    for (size_t i = 0; (object = pl_table_at(&replica->overlay, i)) != NULL; i++)
        replica_touched(replica, pl_object_id(object));
    pl_table_done(&replica->overlay);
    enum pl_status status = PL_OK;
    for (size_t i = 0; i < replica->pending_n && status == PL_OK; i++)
        status = overlay_apply_batch(replica, &replica->pending[i]);
    return status;
}

static bool pending_touches(const struct pl_replica *replica, struct pl_id id)
{
    for (size_t i = 0; i < replica->pending_n; i++) {
        struct pl_op_iter iter = pending_ops(&replica->pending[i]);
        struct pl_op op;
        while (pl_op_next(&iter, &op))
            if (pl_id_equal(op.object, id))
                return true;
    }
    return false;
}

/* The oldest pending batch is committed now: clones that no other pending batch touches are dropped. */
static void settle_oldest(struct pl_replica *replica)
{
    struct pending settled = replica->pending[0];
    replica->pending[0].body = NULL;
    pending_drop(replica, 0);
    struct pl_op_iter iter = pending_ops(&settled);
    struct pl_op op;
    while (pl_op_next(&iter, &op)) {
        if (pl_table_get(&replica->overlay, op.object) == NULL)
            continue; /* dropped by an earlier op of this batch */
        if (replica->pending_n == 0 || !pending_touches(replica, op.object))
            pl_table_drop(&replica->overlay, op.object);
        replica_touched(replica, op.object);
    }
    pl_mem_put(replica->mem, settled.body);
}

/* Merges a colleague's committed batch into the clones it concerns. */
static enum pl_status merge_into_overlay(struct pl_replica *replica, const struct pl_batch *batch,
                                         const struct pl_envelope *envelope)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    iter.user = envelope->user;
    iter.srv_ms = envelope->srv_ms;
    while (pl_op_next(&iter, &op)) {
        if (op.code == PL_OP_CREATE || pl_table_get(&replica->overlay, op.object) == NULL)
            continue;
        const enum pl_status status = pl_table_apply(&replica->overlay, &op, NULL);
        if (status == PL_NO_MEMORY)
            return status;
    }
    return PL_OK;
}

enum pl_status pl_replica_apply(struct pl_replica *replica, const struct pl_envelope *envelope)
{
    struct pl_batch batch;
    const struct pending *oldest = replica->pending_n > 0 ? &replica->pending[0] : NULL;
    if (envelope->seq <= pl_doc_head(replica->doc))
        return PL_DUPLICATE;
    if (envelope->seq != pl_doc_head(replica->doc) + 1)
        return PL_GAP;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK)
        return PL_CORRUPT;
    /* Own entries before the oldest pending batch are history: an old snapshot's tail brings them again. */
    const bool own = oldest != NULL && batch.replica == oldest->replica &&
                     batch.ctr0 + batch.ctr_n > oldest->ctr0;
    if (own && batch.ctr0 != oldest->ctr0)
        return PL_DIVERGED;
    if (own && batch.refusal == PL_OK && !pl_slice_equal(envelope->body, pending_body(oldest)))
        return PL_DIVERGED;
    enum pl_status status = pl_doc_apply(replica->doc, envelope, &replica->observer);
    if (status != PL_OK)
        return status;
    if (pl_doc_lam(replica->doc) > replica->lam)
        replica->lam = pl_doc_lam(replica->doc);
    if (own && batch.refusal != PL_OK) {
        pending_drop(replica, 0);
        return overlay_rebuild(replica);
    }
    if (own)
        settle_oldest(replica);
    else if (batch.refusal == PL_OK)
        status = merge_into_overlay(replica, &batch, envelope);
    return status;
}

enum pl_status pl_replica_load(struct pl_replica *replica, struct pl_slice snapshot)
{
    struct pl_doc *doc = NULL;
    enum pl_status status = PL_OK;
    if (snapshot.len > 0)
        status = pl_doc_load(replica->mem, snapshot, &doc);
    else if ((doc = pl_doc_new(replica->mem)) == NULL)
        status = PL_NO_MEMORY;
    if (status != PL_OK)
        return status;
    pl_doc_free(replica->doc);
    replica->doc = doc;
    if (pl_doc_lam(doc) > replica->lam)
        replica->lam = pl_doc_lam(doc);
    pending_drop_known(replica);
    return overlay_rebuild(replica);
}

enum pl_status pl_replica_restore(struct pl_replica *replica, struct pl_slice body)
{
    struct pl_batch batch;
    struct pl_replica_row row;
    enum pl_status status = pl_batch_read(body, false, &batch);
    if (status != PL_OK)
        return status;
    if (pl_doc_replica(replica->doc, batch.replica, &row) && batch.ctr0 <= row.hwm)
        return PL_DUPLICATE;
    status = pending_add(replica, body, 0);
    if (status != PL_OK)
        return status;
    return overlay_apply_batch(replica, &replica->pending[replica->pending_n - 1]);
}

enum pl_status pl_replica_identify(struct pl_replica *replica, uint32_t id, uint64_t hwm, uint64_t user)
{
    struct pl_replica_row row;
    uint64_t last = hwm;
    if (id == PL_REPLICA_SERVER)
        return PL_INVALID;
    if (pl_doc_replica(replica->doc, id, &row) && row.hwm > last)
        last = row.hwm;
    for (size_t i = 0; i < replica->pending_n; i++) {
        struct pending *pending = &replica->pending[i];
        pending->rekey = pending->replica != id;
        if (!pending->rekey && pending->ctr0 + pending->ctr_n - 1 > last)
            last = pending->ctr0 + pending->ctr_n - 1;
    }
    replica->id = id;
    replica->user = user;
    replica->ctr_next = last + 1;
    return replica_rekey(replica);
}

enum pl_status pl_replica_refuse(struct pl_replica *replica, uint64_t ctr0)
{
    size_t i = 0;
    while (i < replica->pending_n &&
           (replica->pending[i].replica != replica->id || replica->pending[i].ctr0 != ctr0))
        i++;
    if (i == replica->pending_n)
        return PL_NOT_FOUND;
    pending_drop(replica, i);
    /* No seq was taken, so the counters are free again: what follows moves down (S9). */
    for (size_t k = i; k < replica->pending_n; k++)
        replica->pending[k].rekey = true;
    replica->ctr_next = ctr0;
    return replica_rekey(replica);
}

uint32_t pl_replica_id(const struct pl_replica *replica)
{
    return replica->id;
}

size_t pl_replica_undo_n(const struct pl_replica *replica)
{
    return replica->undo.entry_n;
}

size_t pl_replica_redo_n(const struct pl_replica *replica)
{
    return replica->redo.entry_n;
}

size_t pl_replica_pending_n(const struct pl_replica *replica)
{
    return replica->pending_n;
}

bool pl_replica_pending_at(const struct pl_replica *replica, size_t index, struct pl_pending *ret_pending)
{
    if (index >= replica->pending_n)
        return false;
    const struct pending *pending = &replica->pending[index];
    *ret_pending = (struct pl_pending){
        .ctr0 = pending->ctr0,
        .ctr_n = pending->ctr_n,
        .gesture = pending->gesture,
        .body = pending_body(pending),
    };
    return true;
}

const struct pl_object *pl_replica_object(const struct pl_replica *replica, struct pl_id id)
{
    const struct pl_object *object = pl_table_get(&replica->overlay, id);
    return object != NULL ? object : pl_doc_object(replica->doc, id);
}

bool pl_replica_object_pending(const struct pl_replica *replica, struct pl_id id)
{
    return pl_table_get(&replica->overlay, id) != NULL;
}

uint64_t pl_replica_author(const struct pl_replica *replica, struct pl_id id)
{
    struct pl_replica_row row;
    if (pl_doc_replica(replica->doc, id.replica, &row))
        return row.user;
    return id.replica == replica->id ? replica->user : 0;
}

void pl_replica_each(struct pl_replica *replica, void (*visit)(void *user, const struct pl_object *object),
                     void *user)
{
    const struct pl_object *object;
    for (size_t i = 0; (object = pl_doc_object_at(replica->doc, i)) != NULL; i++)
        visit(user, pl_replica_object(replica, pl_object_id(object)));
    for (size_t i = 0; (object = pl_table_at(&replica->overlay, i)) != NULL; i++)
        if (pl_doc_object(replica->doc, pl_object_id(object)) == NULL)
            visit(user, object);
}

struct pl_doc *pl_replica_doc(struct pl_replica *replica)
{
    return replica->doc;
}

struct gather {
    const struct pl_object **objects;
    size_t n;
};

static void gather_object(void *user, const struct pl_object *object)
{
    struct gather *gather = user;
    gather->objects[gather->n++] = object;
}

uint64_t pl_replica_view_hash(struct pl_replica *replica)
{
    const size_t n_max = pl_doc_object_n(replica->doc) + replica->overlay.object_n;
    struct gather gather = {
        .objects = pl_mem_get(replica->mem, (n_max + 1) * sizeof(struct pl_object *)),
    };
    if (gather.objects == NULL)
        return 0;
    pl_replica_each(replica, gather_object, &gather);
    const uint64_t hash = pl_view_hash_of(gather.objects, gather.n);
    pl_mem_put(replica->mem, (void *)gather.objects);
    return hash;
}
