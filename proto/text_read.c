/* Reading a text: positions and back, anchors, visible runs. Nothing here changes anything. */
#include "proto/text_index.h"
#include "proto/text_order.h"

static const struct wanted kept = {.depth = UINT32_MAX, .kept = true};

/* How many whole scalars of a visible span, from its scalar `from` on, lie in the next `units` code units; `utf8`
 * begins with that scalar. Says how many bytes they take, and the units left over: 1 where a pair would go beyond. */
static uint32_t reach(const struct span *span, const uint8_t *utf8, uint32_t from, size_t units, size_t *ret_bytes,
                      size_t *ret_rest)
{
    const uint32_t most = span->n - from;
    uint32_t n = 0;
    size_t bytes = 0;
    if (span->bytes == span->n) { /* ASCII */
        n = units < most ? (uint32_t)units : most;
        bytes = n;
        units -= n;
    }
    while (n < most && units > 0) {
        const size_t wide = utf8_wide(utf8[bytes]), cost = wide == 4 ? 2 : 1;
        if (cost > units)
            break;
        units -= cost;
        bytes += wide;
        n++;
    }
    *ret_bytes = bytes;
    *ret_rest = units;
    return n;
}

/* The leaf with code unit number *utf16, which becomes its number within the leaf. The text has it. */
static struct leaf *leaf_at_utf16(const struct pl_text *text, size_t *utf16)
{
    struct node *node = text->root;
    while (node->level > 0) {
        const struct branch *branch = branch_of(node);
        unsigned slot = 0;
        for (; branch->sums[slot].utf16 <= *utf16; slot++)
            *utf16 -= branch->sums[slot].utf16;
        node = branch->children[slot];
    }
    return leaf_of(node);
}

/* The visible scalar that code unit number `utf16` is of, and whether it is its last unit; false behind the end. */
static bool scalar_at(const struct pl_text *text, size_t utf16, struct spot *ret_spot, bool *ret_last)
{
    if (utf16 >= text->sum.utf16)
        return false;
    struct leaf *leaf = leaf_at_utf16(text, &utf16);
    const struct span *span = leaf->spans;
    size_t offset = 0, bytes, rest;
    for (; span->utf16 <= utf16; span++) {
        utf16 -= span->utf16;
        offset += span->bytes;
    }
    const uint8_t *utf8 = leaf_utf8(leaf) + offset;
    const uint32_t at = reach(span, utf8, 0, utf16, &bytes, &rest);
    *ret_last = rest == 1 || utf8_wide(utf8[bytes]) < 4;
    *ret_spot = (struct spot){.leaf = leaf, .i = (uint32_t)(span - leaf->spans), .at = at};
    return true;
}

/* The visible scalar before a position, which is clamped and moved back to a border; false at the start. */
static bool scalar_before(const struct pl_text *text, size_t utf16, struct spot *ret_spot)
{
    bool last;
    if (utf16 > text->sum.utf16)
        utf16 = text->sum.utf16;
    if (utf16 == 0 || !scalar_at(text, utf16 - 1, ret_spot, &last))
        return false;
    return last || (utf16 > 1 && scalar_at(text, utf16 - 2, ret_spot, &last));
}

static struct pl_id spot_id(const struct spot *spot)
{
    return span_id(spot_span(spot), spot->at);
}

/* The next scalar behind one that is not marked; no id when there is none. */
static struct pl_id kept_behind(struct spot spot)
{
    const struct span *span = spot_span(&spot);
    if (span->state != SPAN_MARKED && spot.at + 1 < span->n)
        return span_id(span, spot.at + 1u);
    return pl_text_step(&spot, +1, kept) ? spot_id(&spot) : (struct pl_id){0};
}

/* The first scalar of all that is not marked. */
static struct pl_id kept_first(const struct pl_text *text)
{
    struct spot spot = {.leaf = pl_text_first_leaf(text)};
    if (text->sum.kept == 0)
        return (struct pl_id){0};
    if (spot_span(&spot)->state == SPAN_MARKED && !pl_text_step(&spot, +1, kept))
        return (struct pl_id){0};
    return spot_id(&spot);
}

void pl_text_origins(const struct pl_text *text, size_t utf16, struct pl_id *ret_left, struct pl_id *ret_right)
{
    struct spot spot;
    const bool found = scalar_before(text, utf16, &spot);
    *ret_left = found ? spot_id(&spot) : (struct pl_id){0};
    *ret_right = found ? kept_behind(spot) : kept_first(text);
}

bool pl_text_after(const struct pl_text *text, struct pl_id id, struct pl_id *ret_left, struct pl_id *ret_right)
{
    struct spot spot;
    if (!pl_text_find(text, id, &spot))
        return false;
    *ret_right = kept_behind(spot);
    *ret_left = id;
    if (spot_span(&spot)->state == SPAN_MARKED) {
        const bool found = pl_text_step(&spot, -1, kept);
        *ret_left = found ? span_id(spot_span(&spot), spot_span(&spot)->n - 1u) : (struct pl_id){0};
    }
    return true;
}

struct pl_id pl_text_survivor(const struct pl_text *old, struct pl_id id, const struct pl_text *fresh)
{
    static const struct wanted any = {.depth = UINT32_MAX};
    struct spot spot;
    struct pl_id found;
    bool more = pl_text_find(old, id, &spot);
    uint32_t n = more ? spot.at + 1 : 0;
    while (more) {
        const struct pl_id_range upto = {.id = span_id(spot_span(&spot), 0), .n = n};
        if (pl_text_find_last(fresh, upto, &found))
            return found;
        more = pl_text_step(&spot, -1, any);
        n = more ? spot_span(&spot)->n : 0;
    }
    return (struct pl_id){0};
}

size_t pl_spot_utf16(const struct spot *spot)
{
    const struct leaf *leaf = spot->leaf;
    size_t units = 0;
    if (spot->at > 0)
        pl_span_measure(spot_span(spot), leaf_utf8(leaf) + pl_leaf_offset(leaf, spot->i), spot->at, &units);
    for (uint32_t i = 0; i < spot->i; i++)
        units += leaf->spans[i].utf16;
    for (const struct node *node = &leaf->node; node->parent != NULL; node = &node->parent->node)
        for (unsigned slot = 0; slot < node->slot; slot++)
            units += node->parent->sums[slot].utf16;
    return units;
}

struct pl_anchor pl_text_anchor(const struct pl_text *text, size_t utf16, bool after)
{
    struct spot spot;
    bool last;
    const bool found = after ? scalar_before(text, utf16, &spot) : scalar_at(text, utf16, &spot, &last);
    return (struct pl_anchor){.id = found ? spot_id(&spot) : (struct pl_id){0}, .after = after};
}

size_t pl_text_position(const struct pl_text *text, struct pl_anchor anchor)
{
    struct spot spot;
    if (!pl_text_find(text, anchor.id, &spot))
        return anchor.after ? 0 : text->sum.utf16;
    if (anchor.after)
        spot = pl_spot_after(spot);
    return pl_spot_utf16(&spot);
}

size_t pl_text_utf16_at(const struct pl_text *text, size_t scalar)
{
    size_t units = 0, more;
    struct node *node = text->root;
    if (scalar >= text->sum.scalars)
        return text->sum.utf16;
    while (node->level > 0) {
        const struct branch *branch = branch_of(node);
        const struct sum *sum = branch->sums;
        for (; sum->scalars <= scalar; sum++) {
            scalar -= sum->scalars;
            units += sum->utf16;
        }
        node = branch->children[sum - branch->sums];
    }
    const struct leaf *leaf = leaf_of(node);
    const struct span *span = leaf->spans;
    const uint8_t *utf8 = leaf_utf8(leaf);
    for (; span->state != SPAN_VISIBLE || span->n <= scalar; span++) {
        scalar -= span->state == SPAN_VISIBLE ? span->n : 0;
        units += span->utf16;
        utf8 += span->bytes;
    }
    pl_span_measure(span, utf8, (uint32_t)scalar, &more);
    return units + more;
}

void pl_text_visible(const struct pl_text *text, size_t utf16, size_t utf16_n, pl_text_visit *visit, void *user)
{
    size_t skip = utf16, left = utf16_n;
    if (utf16 >= text->sum.utf16)
        return;
    struct leaf *leaf = leaf_at_utf16(text, &skip);
    for (; leaf != NULL && left > 0; leaf = pl_leaf_beside(leaf, +1)) {
        const uint8_t *utf8 = leaf_utf8(leaf);
        for (unsigned i = 0; i < leaf->node.n && left > 0; i++) {
            const struct span *span = &leaf->spans[i];
            const uint8_t *start = utf8;
            size_t bytes, rest;
            utf8 += span->bytes;
            if (span->utf16 <= skip) {
                skip -= span->utf16;
                continue;
            }
            const uint32_t head = reach(span, start, 0, skip, &bytes, &rest);
            start += bytes;
            const uint32_t n = reach(span, start, head, left, &bytes, &rest);
            skip = 0;
            left = head + n < span->n ? 0 : rest;
            const struct pl_id_range range = {.id = span_id(span, head), .n = n};
            if (n > 0 && !visit(user, range, (struct pl_slice){.data = start, .len = bytes}))
                return;
        }
    }
}

void pl_text_all(const struct pl_text *text, pl_text_visit *visit, void *user)
{
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1)) {
        const uint8_t *utf8 = leaf_utf8(leaf);
        for (unsigned i = 0; i < leaf->node.n; utf8 += leaf->spans[i].bytes, i++) {
            const struct span *span = &leaf->spans[i];
            const struct pl_id_range range = {.id = span_id(span, 0), .n = span->n};
            if (!visit(user, range, (struct pl_slice){.data = utf8, .len = span->bytes}))
                return;
        }
    }
}

bool pl_text_within(const struct pl_text *text, uint32_t replica, uint64_t ctr_max)
{
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1))
        for (unsigned i = 0; i < leaf->node.n; i++)
            if (leaf->spans[i].replica != replica || leaf->spans[i].ctr + leaf->spans[i].n - 1 > ctr_max)
                return false;
    return true;
}

void pl_text_range(const struct pl_text *text, struct pl_id_range range, pl_text_visit *visit, void *user)
{
    struct spot spot;
    while (pl_text_find_first(text, &range, &spot)) {
        const struct span *span = spot_span(&spot);
        const uint32_t rest = span->n - spot.at, n = range.n < rest ? (uint32_t)range.n : rest;
        if (span->state == SPAN_VISIBLE) {
            size_t units;
            const uint8_t *utf8 = leaf_utf8(spot.leaf) + pl_leaf_offset(spot.leaf, spot.i);
            utf8 += pl_span_measure(span, utf8, spot.at, &units);
            const size_t bytes = pl_span_measure(span, utf8, n, &units);
            const struct pl_id_range run = {.id = range.id, .n = n};
            if (!visit(user, run, (struct pl_slice){.data = utf8, .len = bytes}))
                return;
        }
        range.id.ctr += n;
        range.n -= n;
    }
}

void pl_text_write(const struct pl_text *text, struct pl_buf *buf)
{
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1))
        pl_buf_append(buf, leaf_utf8(leaf), leaf->byte_n);
}

size_t pl_text_bytes(const struct pl_text *text)
{
    size_t bytes = 0;
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1))
        bytes += leaf->byte_n;
    return bytes;
}
