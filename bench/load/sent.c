/* One direct-mapped ring per replica: a batch stays findable until its author has taken SENT_SLOTS
 * counters more, which is minutes of anybody's gestures. */
#include "bench/load/sent.h"
#include "base/map.h"

#define SENT_SLOTS 4096u

struct sent_ring {
    struct {
        uint64_t ctr0;
        uint64_t at_ns;
    } slots[SENT_SLOTS];
};

struct sent {
    const struct pl_mem *mem;
    struct map rings;
};

struct sent *sent_new(const struct pl_mem *mem)
{
    struct sent *sent = pl_mem_get(mem, sizeof *sent);
    if (sent == NULL)
        return NULL;
    sent->mem = mem;
    map_init(&sent->rings, mem);
    return sent;
}

void sent_free(struct sent *sent_or_null)
{
    if (sent_or_null == NULL)
        return;
    size_t cursor = 0;
    struct sent_ring *ring;
    while ((ring = map_next(&sent_or_null->rings, &cursor)) != NULL)
        pl_mem_put(sent_or_null->mem, ring);
    map_done(&sent_or_null->rings);
    pl_mem_put(sent_or_null->mem, sent_or_null);
}

enum pl_status sent_note(struct sent *sent, uint32_t replica, uint64_t ctr0, uint64_t at_ns)
{
    struct sent_ring *ring = map_get(&sent->rings, replica);
    if (ring == NULL) {
        ring = pl_mem_get(sent->mem, sizeof *ring);
        if (ring == NULL)
            return PL_NO_MEMORY;
        *ring = (struct sent_ring){0};
        enum pl_status status = map_put(&sent->rings, replica, ring);
        if (status != PL_OK) {
            pl_mem_put(sent->mem, ring);
            return status;
        }
    }
    ring->slots[ctr0 % SENT_SLOTS].ctr0 = ctr0;
    ring->slots[ctr0 % SENT_SLOTS].at_ns = at_ns;
    return PL_OK;
}

bool sent_find(const struct sent *sent, uint32_t replica, uint64_t ctr0, uint64_t *ret_at_ns)
{
    const struct sent_ring *ring = map_get(&sent->rings, replica);
    if (ring == NULL || ring->slots[ctr0 % SENT_SLOTS].ctr0 != ctr0)
        return false;
    *ret_at_ns = ring->slots[ctr0 % SENT_SLOTS].at_ns;
    return true;
}
