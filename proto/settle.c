/* Journal entries as they reach a tab: its own come back, others' are merged into what is pending. Rules R1, R2, S9.
 *
 * An own entry makes committed what the overlay has shown all along. Where a clone saw nothing but own ops since it was
 * made, and none of them is still pending, it has what folding the entry would give, to the byte, for it is the same
 * ops on the same state: it takes the committed object's place, and nothing is folded twice. */
#include "proto/doc_private.h"
#include "proto/replica_private.h"
#include "proto/value.h"

/* A clock is kept with its entry's time, which the clone does not know. */
static bool has_clock(const struct pl_object *object)
{
    struct pl_register reg;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        if (pl_field_type(reg.field) == PL_VALUE_CLOCK)
            return true;
    return false;
}

/* Counts the batch's ops out of their slots; those that nothing else is pending on may leave. `in_turn`: it was the
 * oldest of all. Whether all clones are still right: not those of clocks that stay. */
static bool count_out(struct pl_replica *replica, const struct pl_batch *batch, bool may_leave, bool in_turn)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    bool right = true;
    while (pl_op_next(&iter, &op)) {
        struct overlay_slot *slot = op.code == PL_OP_SKIP ? NULL : overlay_find(&replica->overlay, op.object);
        if (slot == NULL || slot->pending_n == 0)
            continue;
        slot->foreign = slot->foreign || !in_turn;
        const bool clock = has_clock(slot->object);
        if (--slot->pending_n > 0) {
            right = right && !clock;
            continue;
        }
        slot->leaving = may_leave && !slot->foreign && !overlay_warmable(slot->object) && !clock;
    }
    return right;
}

static bool is_leaving(void *user, struct pl_id object)
{
    struct pl_replica *replica = user;
    const struct overlay_slot *slot = overlay_find(&replica->overlay, object);
    return slot != NULL && slot->leaving;
}

/* The slots whose last pending op is committed now leave, stay warm, or go. */
static enum pl_status let_go(struct pl_replica *replica, const struct pl_batch *batch, bool same_user)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    enum pl_status status = PL_OK;
    while (status == PL_OK && pl_op_next(&iter, &op)) {
        struct overlay_slot *slot = op.code == PL_OP_SKIP ? NULL : overlay_find(&replica->overlay, op.object);
        if (slot == NULL || slot->pending_n > 0)
            continue;
        const bool clock = has_clock(slot->object);
        if (same_user && !clock)
            replica_told_pending(replica, op.object);
        else
            replica_touched(replica, op.object);
        if (slot->leaving) {
            status = pl_doc_put(replica->doc, slot->object);
            if (status == PL_OK)
                slot->object = NULL;
        } else if (overlay_warmable(slot->object) && !clock) {
            overlay_keep_warm(&replica->overlay, slot);
            continue;
        }
        overlay_drop(&replica->overlay, slot);
    }
    return status;
}

/* A pending batch is committed, its bytes as they were sent. */
static enum pl_status settle(struct pl_replica *replica, const struct pl_envelope *envelope, size_t index)
{
    const struct pl_batch batch = pending_batch(&replica->pending, index);
    const struct pl_doc_skip skip = {.skips = is_leaving, .user = replica};
    const bool same_user = envelope->user == replica->user;
    const bool sound = same_user && !replica->missed;
    const bool right = count_out(replica, &batch, sound, index == 0) && sound;
    enum pl_status status = pl_doc_fold(replica->doc, envelope, &batch, NULL, &skip);
    if (status == PL_OK)
        status = let_go(replica, &batch, same_user);
    pending_drop(&replica->pending, index);
    return status == PL_OK && !right ? overlay_rebuild(replica) : status;
}

/* What a person sees of an object with a clone is the clone: only its changes are told. */
static void pass_on(void *user, const struct pl_change *change)
{
    struct pl_replica *replica = user;
    if (change->kind == PL_CHANGE_DROPPED || overlay_find(&replica->overlay, change->object) == NULL)
        pl_observe(&replica->observer, change);
}

/* Merges a colleague's committed batch into the clones it concerns. */
static enum pl_status merge(struct pl_replica *replica, const struct pl_envelope *envelope,
                            const struct pl_batch *batch)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    iter.user = envelope->user;
    iter.srv_ms = envelope->srv_ms;
    while (pl_op_next(&iter, &op)) {
        struct overlay_slot *slot = overlay_find(&replica->overlay, op.object);
        if (slot == NULL || op.code == PL_OP_CREATE)
            continue;
        slot->foreign = true;
        const enum pl_status status = pl_object_apply(slot->object, &op, &replica->observer);
        if (status == PL_NO_MEMORY)
            return status;
        replica->missed = replica->missed || status != PL_OK;
    }
    return PL_OK;
}

/* Whether it changes objects it does not name. */
static bool sweeps(const struct pl_batch *batch)
{
    struct pl_op_iter iter = pl_batch_ops(batch);
    struct pl_op op;
    while (batch->needs == PL_ROLE_SERVER && pl_op_next(&iter, &op))
        if (op.code == PL_OP_COLLECT || op.code == PL_OP_ADOPT)
            return true;
    return false;
}

static enum pl_status fold_foreign(struct pl_replica *replica, const struct pl_envelope *envelope,
                                   const struct pl_batch *batch)
{
    const struct pl_observer observer = {.changed = pass_on, .user = replica};
    enum pl_status status = pl_doc_fold(replica->doc, envelope, batch, &observer, NULL);
    if (status != PL_OK || batch->refusal != PL_OK || replica->overlay.n == 0)
        return status;
    if (sweeps(batch)) {
        status = replica_mend(replica);
        return status == PL_OK ? overlay_rebuild(replica) : status;
    }
    status = merge(replica, envelope, batch);
    return status == PL_OK && replica->missed ? overlay_rebuild(replica) : status;
}

/* The oldest pending batch of a replica; false when it has none. Mostly all are of one. */
static bool oldest_of(const struct pl_replica *replica, uint32_t id, size_t *ret_index)
{
    const struct pending_queue *queue = &replica->pending;
    const bool mixed = queue->n > 0 && pending_get(queue, 0)->replica != pending_get(queue, queue->n - 1)->replica;
    const size_t n = mixed ? queue->n : queue->n > 0;
    for (size_t i = 0; i < n; i++) {
        if (pending_get(queue, i)->replica == id) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

enum pl_status pl_replica_apply(struct pl_replica *replica, const struct pl_envelope *envelope)
{
    struct pl_batch batch;
    size_t index = 0;
    if (envelope->seq <= pl_doc_head(replica->doc))
        return PL_DUPLICATE;
    if (envelope->seq != pl_doc_head(replica->doc) + 1)
        return PL_GAP;
    if (replica->pending.n > 0 && pl_slice_equal(envelope->body, pending_body(&replica->pending, 0)))
        return settle(replica, envelope, 0);
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK)
        return PL_CORRUPT;
    /* Own entries before the oldest pending batch are history: an old snapshot's tail brings them again. */
    const bool own = oldest_of(replica, batch.replica, &index) &&
                     batch.ctr0 + batch.ctr_n > pending_get(&replica->pending, index)->ctr0;
    if (own && batch.ctr0 != pending_get(&replica->pending, index)->ctr0)
        return PL_DIVERGED;
    if (own && batch.refusal == PL_OK) {
        if (!pl_slice_equal(envelope->body, pending_body(&replica->pending, index)))
            return PL_DIVERGED;
        return settle(replica, envelope, index);
    }
    /* What this tab has not made yet, somebody else wrote under its name: its next ids are taken. */
    if (!own && replica->id != PL_REPLICA_SERVER && batch.replica == replica->id &&
        batch.ctr0 + batch.ctr_n > replica->ctr_next)
        return PL_DIVERGED;
    enum pl_status status = fold_foreign(replica, envelope, &batch);
    if (pl_doc_lam(replica->doc) > replica->lam)
        replica->lam = pl_doc_lam(replica->doc);
    if (status == PL_OK && own) {
        pending_drop(&replica->pending, index);
        status = overlay_rebuild(replica);
    }
    return status;
}
