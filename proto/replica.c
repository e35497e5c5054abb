/* A client's replica: its life, its identity, what it is asked. Rules R2, R3, S9, S10. Entries that arrive are settle.c's,
 * pending ops over the overlay overlay_apply.c's, making edits edit.c's, re-keying rekey.c's, parents tree.c's. */
#include "proto/limits.h"
#include "proto/replica_private.h"
#include "proto/view.h"

struct pl_replica *pl_replica_new(const struct pl_mem *mem)
{
    struct pl_replica *replica = pl_mem_get(mem, sizeof *replica);
    if (replica == NULL)
        return NULL;
    *replica = (struct pl_replica){.mem = mem, .ctr_next = 1, .text_max = PL_TEXT_SCALARS_MAX};
    overlay_init(&replica->overlay, mem);
    pending_init(&replica->pending, mem);
    undo_entry_init(&replica->noted, mem);
    pl_buf_init(&replica->value, mem);
    pl_buf_init(&replica->ranges, mem);
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
    pending_done(&replica->pending);
    overlay_done(&replica->overlay);
    undo_stack_done(replica->mem, &replica->undo);
    undo_stack_done(replica->mem, &replica->redo);
    undo_entry_done(&replica->noted);
    pl_buf_done(&replica->value);
    pl_buf_done(&replica->ranges);
    pl_mem_put(replica->mem, replica->made);
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

void replica_drop_known(struct pl_replica *replica)
{
    for (size_t i = replica->pending.n; i-- > 0;) {
        const struct pending *pending = pending_get(&replica->pending, i);
        struct pl_replica_row row;
        if (pl_doc_replica(replica->doc, pending->replica, &row) && pending->ctr0 <= row.hwm)
            pending_drop(&replica->pending, i);
    }
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
    replica_drop_known(replica);
    status = replica_mend(replica);
    return status == PL_OK ? overlay_rebuild(replica) : status;
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
    status = pending_add(&replica->pending, body);
    if (status != PL_OK)
        return status;
    if (batch.lam0 + batch.op_n - 1 > replica->lam)
        replica->lam = batch.lam0 + batch.op_n - 1;
    return overlay_apply_batch(replica, replica->pending.n - 1);
}

enum pl_status pl_replica_identify(struct pl_replica *replica, uint32_t id, uint64_t hwm, uint64_t user)
{
    struct pl_replica_row row;
    uint64_t last = hwm;
    if (id == PL_REPLICA_SERVER)
        return PL_INVALID;
    if (pl_doc_replica(replica->doc, id, &row) && row.hwm > last)
        last = row.hwm;
    for (size_t i = 0; i < replica->pending.n; i++) {
        struct pending *pending = pending_get(&replica->pending, i);
        pending->rekey = pending->replica != id;
        if (!pending->rekey && pending->ctr0 + pending->ctr_n - 1 > last)
            last = pending->ctr0 + pending->ctr_n - 1;
    }
    replica->id = id;
    replica->user = user;
    replica->ctr_next = last + 1;
    replica_drop_known(replica);
    const enum pl_status status = replica_mend(replica); /* an outbox may be older than the document */
    return status == PL_OK ? replica_rekey(replica) : status;
}

enum pl_status pl_replica_refuse(struct pl_replica *replica, uint64_t ctr0)
{
    struct pending_queue *queue = &replica->pending;
    size_t i = 0;
    while (i < queue->n &&
           (pending_get(queue, i)->replica != replica->id || pending_get(queue, i)->ctr0 != ctr0))
        i++;
    if (i == queue->n)
        return PL_NOT_FOUND;
    pending_drop(queue, i);
    /* No seq was taken, so the counters are free again: what follows moves down (S9). */
    for (size_t k = i; k < queue->n; k++)
        pending_get(queue, k)->rekey = pending_get(queue, k)->replica == replica->id;
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
    return replica->pending.n;
}

bool pl_replica_pending_at(struct pl_replica *replica, size_t index, struct pl_pending *ret_pending)
{
    if (index >= replica->pending.n)
        return false;
    const struct pl_slice body = pending_body(&replica->pending, index);
    const struct pending *pending = pending_get(&replica->pending, index);
    *ret_pending = (struct pl_pending){.ctr0 = pending->ctr0, .ctr_n = pending->ctr_n, .body = body};
    return true;
}

const struct pl_object *pl_replica_object(const struct pl_replica *replica, struct pl_id id)
{
    const struct overlay_slot *slot = overlay_find(&replica->overlay, id);
    return slot != NULL ? slot->object : pl_doc_object(replica->doc, id);
}

bool pl_replica_object_pending(const struct pl_replica *replica, struct pl_id id)
{
    const struct overlay_slot *slot = overlay_find(&replica->overlay, id);
    return slot != NULL && slot->pending_n > 0;
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
    for (size_t i = 0; i < replica->overlay.slot_n; i++) {
        object = replica->overlay.slots[i].object;
        if (object != NULL && pl_doc_object(replica->doc, pl_object_id(object)) == NULL)
            visit(user, object);
    }
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
    const size_t n_max = pl_doc_object_n(replica->doc) + replica->overlay.n;
    struct gather gather = {
        .objects = pl_mem_get(replica->mem, (n_max + 1) * sizeof(struct pl_object *)),
    };
    if (gather.objects == NULL)
        return 0;
    pl_replica_each(replica, gather_object, &gather);
    const uint64_t hash = pl_view_hash_of(replica->mem, gather.objects, gather.n);
    pl_mem_put(replica->mem, (void *)gather.objects);
    return hash;
}
