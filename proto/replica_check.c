/* The invariants of a client's replica: for tests, the simulation and the fuzzers. */
#include "proto/replica_private.h"

/* Whether two tables hold the same objects, to the byte. */
static bool same_objects(const struct pl_mem *mem, struct pl_table *a, struct pl_table *b)
{
    struct pl_buf left, right;
    bool same = a->object_n == b->object_n;
    pl_buf_init(&left, mem);
    pl_buf_init(&right, mem);
    for (size_t i = 0; same && i < a->object_n; i++) {
        pl_buf_clear(&left);
        pl_buf_clear(&right);
        pl_object_encode(pl_table_at(a, i), &left);
        pl_object_encode(pl_table_at(b, i), &right);
        same = pl_slice_equal(pl_buf_slice(&left), pl_buf_slice(&right));
    }
    pl_buf_done(&left);
    pl_buf_done(&right);
    return same;
}

static bool overlay_sound(struct pl_replica *replica, const char **ret_reason)
{
    struct pl_table grown = replica->overlay;
    const struct pl_observer observer = replica->observer;
    replica->observer = (struct pl_observer){0};
    pl_table_init(&replica->overlay, replica->mem);
    bool sound = overlay_rebuild(replica) == PL_OK;
    struct pl_table rebuilt = replica->overlay;
    replica->overlay = grown;
    replica->observer = observer;
    sound = sound && same_objects(replica->mem, &replica->overlay, &rebuilt);
    pl_table_done(&rebuilt);
    if (!sound)
        *ret_reason = "pending and committed batches do not commute";
    return sound;
}

bool pl_replica_check(struct pl_replica *replica, const char **ret_reason)
{
    uint64_t next = 0;
    for (size_t i = 0; i < replica->pending_n; i++) {
        const struct pending *pending = &replica->pending[i];
        if (replica->id == pending->replica && next != 0 && pending->ctr0 != next) {
            *ret_reason = "the pending counters are not contiguous";
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
