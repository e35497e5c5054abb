/* Blocks that many things lie in (see slab.h). */
#include "proto/slab.h"

#define SLAB_BYTES_MAX 65536u /* each block is twice as large as the one before, up to this */
#define THING_BYTES_MAX (SLAB_BYTES_MAX / 8) /* larger ones would leave much of it unused */
#define ALIGNED 8u

struct pl_slab {
    const struct pl_mem *mem;
    size_t n; /* things in it, and one while it is being filled */
};

static void leave(struct pl_slab *slab)
{
    if (--slab->n == 0)
        pl_mem_put(slab->mem, slab);
}

void pl_slabs_done(struct pl_slabs *slabs)
{
    if (slabs->slab_or_null != NULL)
        leave(slabs->slab_or_null);
    *slabs = pl_slabs_of(slabs->mem);
}

/* Begins a block for a thing that takes `room`. */
static bool slab_begin(struct pl_slabs *slabs, size_t room)
{
    size_t bytes = (slabs->at + slabs->left) * 2;
    if (bytes < sizeof(struct pl_slab) + room * 2)
        bytes = sizeof(struct pl_slab) + room * 2;
    if (bytes > SLAB_BYTES_MAX)
        bytes = SLAB_BYTES_MAX;
    struct pl_slab *fresh = pl_mem_get(slabs->mem, bytes);
    if (fresh == NULL)
        return false;
    pl_slabs_done(slabs);
    *fresh = (struct pl_slab){.mem = slabs->mem, .n = 1};
    *slabs = (struct pl_slabs){
        .mem = slabs->mem, .slab_or_null = fresh, .at = sizeof *fresh, .left = bytes - sizeof *fresh};
    return true;
}

void *pl_slabs_take(struct pl_slabs *slabs, size_t bytes, struct pl_slab **ret_slab)
{
    const size_t room = (bytes + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
    if (room > slabs->left && room <= THING_BYTES_MAX && !slab_begin(slabs, room))
        return NULL;
    if (room > slabs->left) {
        *ret_slab = NULL;
        return pl_mem_get(slabs->mem, bytes);
    }
    uint8_t *thing = (uint8_t *)slabs->slab_or_null + slabs->at;
    slabs->at += room;
    slabs->left -= room;
    slabs->slab_or_null->n++;
    *ret_slab = slabs->slab_or_null;
    return thing;
}

void pl_slab_put(const struct pl_mem *mem, struct pl_slab *slab_or_null, void *thing)
{
    if (slab_or_null == NULL)
        pl_mem_put(mem, thing);
    else
        leave(slab_or_null);
}
