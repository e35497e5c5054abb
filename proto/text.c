/* A text's life and its edits (B6, B7): each finds its place (text_order.h, text_index.h), changes the tree
 * (text_tree.h), and tells whoever watches. */
#include "proto/marks.h"
#include "proto/text.h"
#include "proto/reader.h"
#include "proto/text_index.h"
#include "proto/text_order.h"

struct pl_text *pl_text_new(const struct pl_mem *mem)
{
    struct pl_text *text = pl_mem_get(mem, sizeof *text);
    if (text == NULL)
        return NULL;
    *text = (struct pl_text){.mem = mem, .sum.depth = UINT32_MAX};
    text->root = &text->first.node;
    return text;
}

struct pl_text *pl_text_make(struct pl_slabs *slabs, uint32_t spans, size_t bytes)
{
    const uint32_t cap = spans < LEAF_SPANS_MAX ? spans : LEAF_SPANS_MAX;
    struct pl_slab *slab;
    struct pl_text *text = pl_slabs_take(slabs, sizeof *text + cap * sizeof(struct span) + bytes, &slab);
    if (text == NULL)
        return NULL;
    *text = (struct pl_text){.mem = slabs->mem, .slab_or_null = slab, .sum.depth = UINT32_MAX};
    text->root = &text->first.node;
    if (cap > 0) {
        text->first.spans = (struct span *)(text + 1);
        text->first.byte_cap = (uint32_t)bytes;
        text->first.node.cap = (uint8_t)cap;
        text->first.node.inside = true;
    }
    return text;
}

void pl_text_free(struct pl_text *text_or_null)
{
    if (text_or_null == NULL)
        return;
    pl_marks_free(text_or_null->marks);
    pl_text_clear(text_or_null);
    pl_slab_put(text_or_null->mem, text_or_null->slab_or_null, text_or_null);
}

struct pl_text *pl_text_clone(const struct pl_text *text)
{
    struct pl_text *clone = pl_text_new(text->mem);
    if (clone == NULL)
        return NULL;
    if (text->marks != NULL)
        clone->marks = pl_marks_clone(text->marks);
    if ((text->marks == NULL || clone->marks != NULL) && pl_text_copy(clone, text))
        return clone;
    pl_text_free(clone);
    return NULL;
}

const struct pl_marks *pl_text_marks(const struct pl_text *text)
{
    return text->marks;
}

struct pl_marks *pl_text_marks_make(struct pl_text *text)
{
    if (text->marks == NULL)
        text->marks = pl_marks_new(text->mem);
    return text->marks;
}

enum pl_status pl_text_unpack_marks(struct pl_text *text, struct pl_packed *packed)
{
    return pl_marks_unpack(text->mem, packed, text, &text->marks);
}

bool pl_text_has(const struct pl_text *text, struct pl_id id)
{
    struct spot spot;
    return pl_text_find(text, id, &spot);
}

/* Puts a run where its first scalar belongs. Something may have taken the place of that one's right origin; the others
 * have the one that was named, as they would if they had come each on its own. */
static bool put_typed(struct pl_text *text, struct spot at, struct run run, struct pl_id right)
{
    if (run.n == 1 || pl_id_equal(run.right, right))
        return pl_text_put(text, at, &run);
    struct run rest = run;
    run.n = 1;
    run.utf8.len = utf8_wide(run.utf8.data[0]);
    rest.id.ctr++;
    rest.left = run.id;
    rest.right = right;
    rest.n--;
    rest.depth++;
    rest.utf8.data += run.utf8.len;
    rest.utf8.len -= run.utf8.len;
    return pl_text_put(text, at, &run) && pl_text_find(text, run.id, &at) &&
           pl_text_put(text, pl_spot_after(at), &rest);
}

enum pl_status pl_text_insert(struct pl_text *text, struct pl_id id, struct pl_id left, struct pl_id right,
                              struct pl_slice utf8, const struct pl_text_watch *watch_or_null)
{
    struct run run = {.id = id, .left = left, .right = right, .utf8 = utf8};
    struct spot at;
    const size_t n = pl_utf8_scalars(utf8);
    /* A scalar has up to two code units, and those are counted in 32 bits too. */
    if (n > UINT32_MAX - text->ids || utf8.len > UINT32_MAX - text->sum.utf16)
        return PL_TOO_BIG;
    if (!pl_text_lacks(text, (struct pl_id_range){.id = id, .n = n}))
        return PL_DUPLICATE;
    run.n = (uint32_t)n;
    const enum pl_status status = pl_text_place(text, &run, &at);
    if (status != PL_OK || n == 0)
        return status;
    const size_t utf16 = watch_or_null == NULL ? 0 : pl_spot_utf16(&at);
    if (!put_typed(text, at, run, right))
        return PL_NO_MEMORY;
    if (watch_or_null != NULL)
        watch_or_null->spliced(watch_or_null->user, utf16, 0, utf8);
    return PL_OK;
}

/* Removals that are told as one: each begins where the one before it began. */
struct removal {
    const struct pl_text_watch *watch_or_null;
    size_t utf16, n;
};

static void removal_tell(struct removal *removal)
{
    const struct pl_text_watch *watch = removal->watch_or_null;
    if (removal->n > 0)
        watch->spliced(watch->user, removal->utf16, removal->n, (struct pl_slice){0});
    removal->n = 0;
}

static void removal_add(struct removal *removal, size_t utf16, size_t n)
{
    if (removal->n > 0 && removal->utf16 != utf16)
        removal_tell(removal);
    removal->utf16 = utf16;
    removal->n += n;
}

enum pl_status pl_text_delete(struct pl_text *text, struct pl_id_range range,
                              const struct pl_text_watch *watch_or_null)
{
    struct removal removal = {.watch_or_null = watch_or_null};
    struct spot spot;
    while (pl_text_find_first(text, &range, &spot)) {
        const struct span *span = spot_span(&spot);
        const uint32_t rest = span->n - spot.at, n = range.n < rest ? (uint32_t)range.n : rest;
        if (span->state == SPAN_VISIBLE) {
            const size_t utf16 = watch_or_null == NULL ? 0 : pl_spot_utf16(&spot), before = text->sum.utf16;
            if (!pl_text_hide(text, spot, n))
                return PL_NO_MEMORY;
            if (watch_or_null != NULL)
                removal_add(&removal, utf16, before - text->sum.utf16);
        }
        range.id.ctr += n;
        range.n -= n;
    }
    removal_tell(&removal);
    return PL_OK;
}

size_t pl_text_utf16(const struct pl_text *text)
{
    return text->sum.utf16;
}

size_t pl_text_scalars(const struct pl_text *text)
{
    return text->sum.scalars;
}

size_t pl_text_spans(const struct pl_text *text)
{
    return text->sum.spans;
}

uint64_t pl_text_ids(const struct pl_text *text)
{
    return text->ids;
}
