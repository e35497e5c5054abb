/* Blocks that many things lie in: a loaded board is objects and texts by the ten thousand, made one after another. Each
 * goes when it goes; a block is freed when the last of its things has left, so a slab never holds more than what was
 * loaded into it. Things made later have blocks of their own. Private to the library. */
#ifndef PL_SLAB_H
#define PL_SLAB_H
#include "proto/mem.h"

struct pl_slab; /* one such block */

/* Makes things, one after another. */
struct pl_slabs {
    const struct pl_mem *mem;
    struct pl_slab *slab_or_null; /* that is being filled */
    size_t at, left;              /* bytes of it */
};

static inline struct pl_slabs pl_slabs_of(const struct pl_mem *mem)
{
    return (struct pl_slabs){.mem = mem};
}
/* No more things come: the ones that are there stay. */
void pl_slabs_done(struct pl_slabs *slabs);
/* Room for a thing, aligned for pointers and numbers; NULL when out of memory. ret_slab is what it lies in, NULL for a
 * block of its own, which is freed as any other. */
void *pl_slabs_take(struct pl_slabs *slabs, size_t bytes, struct pl_slab **ret_slab);
/* Gives up a thing that pl_slabs_take made. */
void pl_slab_put(const struct pl_mem *mem, struct pl_slab *slab_or_null, void *thing);

#endif
