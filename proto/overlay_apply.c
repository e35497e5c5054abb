/* Pending ops over the overlay. Rule R1. */
#include "proto/replica_private.h"

void replica_touched(const struct pl_replica *replica, struct pl_id object)
{
    const struct pl_change change = {.kind = PL_CHANGE_WHOLE, .object = object};
    pl_observe(&replica->observer, &change);
}

void replica_told_pending(const struct pl_replica *replica, struct pl_id object)
{
    const struct pl_change change = {.kind = PL_CHANGE_PENDING, .object = object};
    pl_observe(&replica->observer, &change);
}

enum pl_status overlay_slot_for(struct pl_replica *replica, struct pl_id id, struct overlay_slot **ret_slot)
{
    struct overlay_slot *slot = overlay_find(&replica->overlay, id);
    const struct pl_object *committed = slot == NULL ? pl_doc_object(replica->doc, id) : NULL;
    if (committed != NULL) {
        struct pl_object *clone = pl_object_clone(committed);
        slot = clone == NULL ? NULL : overlay_add(&replica->overlay, clone);
        if (slot == NULL) {
            pl_object_free(clone);
            return PL_NO_MEMORY;
        }
    }
    *ret_slot = slot;
    return PL_OK;
}

static enum pl_status overlay_create(struct pl_replica *replica, const struct pl_op *op, struct overlay_slot **ret_slot)
{
    if (overlay_find(&replica->overlay, op->id) != NULL || pl_doc_object(replica->doc, op->id) != NULL)
        return PL_DUPLICATE;
    struct pl_object *object = pl_object_new(replica->mem, op->id, op->kind, op->value_n + 1u);
    if (object == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = pl_object_apply(object, op, &replica->observer);
    struct overlay_slot *slot = status == PL_OK ? overlay_add(&replica->overlay, object) : NULL;
    if (slot == NULL) {
        pl_object_free(object);
        return status == PL_OK ? PL_NO_MEMORY : status;
    }
    *ret_slot = slot;
    return PL_OK;
}

enum pl_status overlay_apply(struct pl_replica *replica, const struct pl_op *op, struct overlay_slot **slot)
{
    if (op->code == PL_OP_CREATE)
        return overlay_create(replica, op, slot);
    if ((*slot)->pending_n == 0)
        replica_told_pending(replica, op->object);
    return pl_object_apply((*slot)->object, op, &replica->observer);
}

enum pl_status overlay_apply_batch(struct pl_replica *replica, size_t index)
{
    const struct pl_batch batch = pending_batch(&replica->pending, index);
    struct pl_op_iter iter = pl_batch_ops(&batch);
    struct pl_op op;
    iter.user = replica->user;
    while (pl_op_next(&iter, &op)) {
        struct overlay_slot *slot = NULL;
        enum pl_status status = PL_OK;
        if (op.code == PL_OP_SKIP)
            continue;
        if (op.code != PL_OP_CREATE)
            status = overlay_slot_for(replica, op.object, &slot);
        if (status == PL_OK)
            status = slot == NULL && op.code != PL_OP_CREATE ? PL_ORPHAN : overlay_apply(replica, &op, &slot);
        if (status == PL_NO_MEMORY)
            return PL_NO_MEMORY;
        if (slot != NULL)
            slot->pending_n++;
        replica->missed = replica->missed || status != PL_OK;
    }
    return PL_OK;
}

static void tell_all(const struct pl_replica *replica)
{
    for (size_t i = 0; i < replica->overlay.slot_n; i++)
        if (!pl_id_none(replica->overlay.slots[i].id))
            replica_touched(replica, replica->overlay.slots[i].id);
}

enum pl_status overlay_rebuild(struct pl_replica *replica)
{
    const struct pl_observer observer = replica->observer;
    enum pl_status status = PL_OK;
    tell_all(replica);
    overlay_done(&replica->overlay);
    replica->missed = false;
    replica->observer = (struct pl_observer){0};
    for (size_t i = 0; i < replica->pending.n && status == PL_OK; i++)
        status = overlay_apply_batch(replica, i);
    replica->observer = observer;
    tell_all(replica);
    return status;
}
