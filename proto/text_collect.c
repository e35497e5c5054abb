/* Forgetting what was deleted (G1, G2): the text is built anew without the marked scalars. Whoever named one of them as
 * its origin names the nearest on that side that stays. The order stays a walk down the tree of left origins: what hung
 * below a dropped scalar now hangs below the one in front of it, in the same order. */
#include "proto/marks.h"
#include "proto/text_index.h"
#include "proto/text_order.h"

static const struct wanted staying = {.depth = UINT32_MAX, .kept = true};

/* The origin, or the nearest scalar on its side (-1 left, +1 right) that stays; no id beyond an end. */
static struct pl_id mended(const struct pl_text *text, struct pl_id origin, int side)
{
    struct spot spot;
    if (pl_id_none(origin) || !pl_text_find(text, origin, &spot) || spot_span(&spot)->state != SPAN_MARKED)
        return origin;
    if (!pl_text_step(&spot, side, staying))
        return (struct pl_id){0};
    return span_id(spot_span(&spot), side < 0 ? spot_span(&spot)->n - 1u : 0);
}

/* Appends what stays of the text to the fresh one, deleted scalars marked. False when out of memory. */
static bool build(struct pl_text *fresh, const struct pl_text *text)
{
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1)) {
        const uint8_t *utf8 = leaf_utf8(leaf);
        for (unsigned i = 0; i < leaf->node.n; utf8 += leaf->spans[i].bytes, i++) {
            const struct span *span = &leaf->spans[i];
            if (span->state == SPAN_MARKED)
                continue;
            struct spot left;
            struct run run = {.id = span_id(span, 0),
                              .n = span->n,
                              .left = mended(text, span_left(span), -1),
                              .right = mended(text, span_right(span), +1),
                              .state = span->state == SPAN_VISIBLE ? SPAN_VISIBLE : SPAN_MARKED,
                              .utf8 = {.data = utf8, .len = span->bytes}};
            if (!pl_id_none(run.left) && pl_text_find(fresh, run.left, &left))
                run.depth = spot_span(&left)->depth + left.at + 1;
            struct leaf *last = pl_text_last_leaf(fresh);
            if (!pl_text_put(fresh, (struct spot){.leaf = last, .i = last->node.n}, &run))
                return false;
        }
    }
    return true;
}

enum pl_status pl_text_collect(struct pl_text *text)
{
    if (text->marks != NULL && pl_marks_collect(text->marks, text) != PL_OK)
        return PL_NO_MEMORY;
    if (text->sum.scalars == text->ids)
        return PL_OK;
    struct pl_text *fresh = pl_text_new(text->mem);
    if (fresh == NULL)
        return PL_NO_MEMORY;
    const bool built = build(fresh, text);
    if (built)
        pl_text_take(text, fresh);
    pl_text_free(fresh);
    return built ? PL_OK : PL_NO_MEMORY;
}
