/* Renamed stamps, by register and old stamp: a gesture may have written thousands. */
#include "proto/rename.h"
#include <string.h>

#define RENAMES_MIN 16u

struct rename {
    struct pl_id object;
    uint32_t field, sub, kind;
    struct pl_stamp from; /* lam 0: the slot is free */
    struct pl_stamp to;
};

void renames_init(struct renames *renames, const struct pl_mem *mem)
{
    *renames = (struct renames){.mem = mem};
}

void renames_done(struct renames *renames)
{
    pl_mem_put(renames->mem, renames->slots);
    renames_init(renames, renames->mem);
}

static bool renames_same(const struct rename *a, const struct rename *b)
{
    return pl_stamp_compare(a->from, b->from) == 0 && pl_id_equal(a->object, b->object) && a->field == b->field &&
           a->sub == b->sub && a->kind == b->kind;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t renames_probe(const struct renames *renames, const struct rename *key)
{
    uint64_t mixed = key->from.lam ^ key->object.ctr * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)key->field << 48;
    mixed *= UINT64_C(0xff51afd7ed558ccd);
    size_t i = (size_t)(mixed >> 20) & (renames->slot_n - 1);
    while (renames->slots[i].from.lam != 0 && !renames_same(&renames->slots[i], key))
        i = (i + 1) & (renames->slot_n - 1);
    return i;
}

static bool renames_grow(struct renames *renames)
{
    if ((renames->n + 1) * 4 <= renames->slot_n * 3)
        return true;
    struct renames grown = {.mem = renames->mem, .n = renames->n};
    grown.slot_n = renames->slot_n == 0 ? RENAMES_MIN : renames->slot_n * 2;
    grown.slots = pl_mem_get(grown.mem, grown.slot_n * sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    memset(grown.slots, 0, grown.slot_n * sizeof *grown.slots);
    for (size_t i = 0; i < renames->slot_n; i++)
        if (renames->slots[i].from.lam != 0)
            grown.slots[renames_probe(&grown, &renames->slots[i])] = renames->slots[i];
    pl_mem_put(renames->mem, renames->slots);
    *renames = grown;
    return true;
}

bool renames_add(struct renames *renames, const struct undo_step *step, struct pl_stamp from, struct pl_stamp to)
{
    const struct rename added = {.object = step->object, .field = step->field, .sub = step->sub,
                                 .kind = step->kind, .from = from, .to = to};
    if (from.lam == 0)
        return true; /* a register nobody had set has no stamp to name */
    if (!renames_grow(renames))
        return false;
    struct rename *slot = &renames->slots[renames_probe(renames, &added)];
    renames->n += slot->from.lam == 0;
    *slot = added;
    return true;
}

static struct pl_stamp renamed(const struct renames *renames, const struct undo_step *step, struct pl_stamp stamp)
{
    struct rename key = {.object = step->object, .field = step->field, .sub = step->sub, .kind = step->kind};
    for (size_t i = 0; i < renames->n; i++) { /* a name may have changed more than once */
        key.from = stamp;
        const struct rename *slot = &renames->slots[renames_probe(renames, &key)];
        if (stamp.lam == 0 || slot->from.lam == 0)
            break;
        stamp = slot->to;
    }
    return stamp;
}

void renames_apply(const struct renames *renames, struct undo_step *step)
{
    if (renames->n == 0 || (step->kind != UNDO_REGISTER && step->kind != UNDO_TALLY))
        return;
    step->stamp = renamed(renames, step, step->stamp);
    step->before = renamed(renames, step, step->before);
}
