/* The overlay's slots, and which clones stay warm. Rule R1. */
#include "proto/overlay.h"
#include <string.h>

#define OVERLAY_SLOTS_MIN 16u
#define WARM_SPANS_MIN 64u            /* below, cloning costs less than keeping */
#define WARM_BYTES_MAX (512u * 1024u) /* of all warm clones: about eight texts as long as a board allows */
#define SPAN_BYTES 80u                /* what a run takes, text aside */

void overlay_init(struct overlay *overlay, const struct pl_mem *mem)
{
    *overlay = (struct overlay){.mem = mem};
}

void overlay_done(struct overlay *overlay)
{
    for (size_t i = 0; i < overlay->slot_n; i++)
        pl_object_free(overlay->slots[i].object); /* NULL in free ones */
    pl_mem_put(overlay->mem, overlay->slots);
    overlay_init(overlay, overlay->mem);
}

static size_t overlay_home(struct pl_id id, size_t slot_n)
{
    const uint64_t mixed = (id.ctr ^ (uint64_t)id.replica << 40) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 20) & (slot_n - 1);
}

/* The slot that holds the id, or the free one where it belongs. There is always a free slot. */
static size_t overlay_probe(const struct overlay *overlay, struct pl_id id)
{
    const struct overlay_slot *slots = overlay->slots;
    size_t i = overlay_home(id, overlay->slot_n);
    while (!pl_id_none(slots[i].id) && !pl_id_equal(slots[i].id, id))
        i = (i + 1) & (overlay->slot_n - 1);
    return i;
}

struct overlay_slot *overlay_find(const struct overlay *overlay, struct pl_id id)
{
    if (overlay->n == 0)
        return NULL;
    struct overlay_slot *slot = &overlay->slots[overlay_probe(overlay, id)];
    return pl_id_none(slot->id) ? NULL : slot;
}

static bool overlay_grow(struct overlay *overlay)
{
    if ((overlay->n + 1) * 4 <= overlay->slot_n * 3)
        return true;
    const struct overlay_slot *old = overlay->slots;
    const size_t old_n = overlay->slot_n, slot_n = old_n == 0 ? OVERLAY_SLOTS_MIN : old_n * 2;
    struct overlay_slot *slots = pl_mem_get(overlay->mem, slot_n * sizeof *slots);
    if (slots == NULL)
        return false;
    memset(slots, 0, slot_n * sizeof *slots);
    overlay->slots = slots;
    overlay->slot_n = slot_n;
    for (size_t i = 0; i < old_n; i++)
        if (!pl_id_none(old[i].id))
            slots[overlay_probe(overlay, old[i].id)] = old[i];
    pl_mem_put(overlay->mem, (void *)old);
    return true;
}

struct overlay_slot *overlay_add(struct overlay *overlay, struct pl_object *object)
{
    if (!overlay_grow(overlay))
        return NULL;
    const struct pl_id id = pl_object_id(object);
    struct overlay_slot *slot = &overlay->slots[overlay_probe(overlay, id)];
    *slot = (struct overlay_slot){.id = id, .object = object};
    overlay->n++;
    return slot;
}

/* Closes the gap in the probe runs that go through it, so that lookups need no tombstones. */
void overlay_drop(struct overlay *overlay, struct overlay_slot *slot)
{
    const size_t mask = overlay->slot_n - 1;
    struct overlay_slot *slots = overlay->slots;
    size_t gap = (size_t)(slot - slots);
    pl_object_free(slot->object);
    overlay->n--;
    for (size_t i = (gap + 1) & mask; !pl_id_none(slots[i].id); i = (i + 1) & mask) {
        const size_t home = overlay_home(slots[i].id, overlay->slot_n);
        if (((i - home) & mask) < ((i - gap) & mask))
            continue;
        slots[gap] = slots[i];
        gap = i;
    }
    slots[gap] = (struct overlay_slot){.object = NULL};
}

/* About the bytes its texts take; 0 when there is no big one. */
static size_t warm_bytes(const struct pl_object *object)
{
    const struct pl_text *text;
    uint32_t field;
    size_t bytes = 0;
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        if (pl_text_spans(text) >= WARM_SPANS_MIN)
            bytes += pl_text_spans(text) * SPAN_BYTES + pl_text_utf16(text);
    return bytes;
}

bool overlay_warmable(const struct pl_object *object)
{
    const size_t bytes = warm_bytes(object);
    return bytes > 0 && bytes <= WARM_BYTES_MAX;
}

static void warm_forget(struct overlay *overlay, size_t index)
{
    overlay->warm_n--;
    memmove(overlay->warm + index, overlay->warm + index + 1, (overlay->warm_n - index) * sizeof *overlay->warm);
}

static void warm_drop_oldest(struct overlay *overlay)
{
    struct overlay_slot *slot = overlay_find(overlay, overlay->warm[0]);
    if (slot != NULL && slot->pending_n == 0)
        overlay_drop(overlay, slot);
    warm_forget(overlay, 0);
}

void overlay_keep_warm(struct overlay *overlay, struct overlay_slot *slot)
{
    const struct pl_id id = slot->id;
    size_t bytes = warm_bytes(slot->object);
    for (size_t i = overlay->warm_n; i-- > 0;)
        if (pl_id_equal(overlay->warm[i], id))
            warm_forget(overlay, i);
    for (size_t i = 0; i < overlay->warm_n; i++) {
        const struct overlay_slot *other = overlay_find(overlay, overlay->warm[i]);
        bytes += other == NULL ? 0 : warm_bytes(other->object);
    }
    while (overlay->warm_n > 0 && (overlay->warm_n == OVERLAY_WARM_MAX || bytes > WARM_BYTES_MAX)) {
        const struct overlay_slot *oldest = overlay_find(overlay, overlay->warm[0]);
        bytes -= oldest == NULL ? 0 : warm_bytes(oldest->object);
        warm_drop_oldest(overlay);
    }
    overlay->warm[overlay->warm_n++] = id;
}
