/* The invariants of a client's replica: for tests, the simulation and the fuzzers. */
#include "proto/replica_private.h"

/* Whether what grew is what the committed objects with the pending batches applied after them are. */
static bool same_overlay(const struct pl_replica *replica, const struct overlay *grown, const struct overlay *rebuilt)
{
    size_t warm_n = 0;
    for (size_t i = 0; i < grown->slot_n; i++) {
        const struct overlay_slot *slot = &grown->slots[i], *again = NULL;
        if (pl_id_none(slot->id))
            continue;
        again = overlay_find(rebuilt, slot->id);
        warm_n += slot->pending_n == 0;
        const struct pl_object *want = again != NULL ? again->object : pl_doc_object(replica->doc, slot->id);
        if (want == NULL || !pl_object_equal(slot->object, want) ||
            (again == NULL ? 0 : again->pending_n) != slot->pending_n)
            return false;
    }
    return grown->n == rebuilt->n + warm_n;
}

static bool overlay_sound(struct pl_replica *replica, const char **ret_reason)
{
    const struct overlay grown = replica->overlay;
    const struct pl_observer observer = replica->observer;
    const bool missed = replica->missed;
    replica->observer = (struct pl_observer){0};
    overlay_init(&replica->overlay, replica->mem);
    bool sound = overlay_rebuild(replica) == PL_OK;
    struct overlay rebuilt = replica->overlay;
    replica->overlay = grown;
    replica->observer = observer;
    sound = sound && (missed || same_overlay(replica, &grown, &rebuilt));
    replica->missed = missed;
    overlay_done(&rebuilt);
    if (!sound)
        *ret_reason = "pending and committed batches do not commute";
    return sound;
}

bool pl_replica_check(struct pl_replica *replica, const char **ret_reason)
{
    uint64_t next = 0;
    for (size_t i = 0; i < replica->pending.n; i++) {
        const struct pending *pending = pending_get(&replica->pending, i);
        struct pl_batch batch;
        if (replica->id == pending->replica && next != 0 && pending->ctr0 != next) {
            *ret_reason = "the pending counters are not contiguous";
            return false;
        }
        if (pl_batch_read(pending_body(&replica->pending, i), false, &batch) != PL_OK ||
            batch.op_n != pending->op_n || batch.ctr_n != pending->ctr_n || batch.lam0 != pending->lam0) {
            *ret_reason = "a pending batch is not what its bytes say";
            return false;
        }
        next = replica->id == pending->replica ? pending->ctr0 + pending->ctr_n : 0;
    }
    if (next != 0 && next != replica->ctr_next) {
        *ret_reason = "the next counter does not follow the pending ones";
        return false;
    }
    return overlay_sound(replica, ret_reason) && pl_doc_check(replica->doc, ret_reason);
}
