/* Walks every invariant of a text: the tree's shape and sums, the spans and their UTF-8, the index, the origins. For
 * tests, the simulation and the fuzzers. */
#include "proto/reader.h"
#include "proto/text_index.h"
#include "proto/text_order.h"

static bool text_wrong(const char **ret_reason, const char *reason)
{
    *ret_reason = reason;
    return false;
}

static bool same_sum(const struct sum *a, const struct sum *b)
{
    return a->utf16 == b->utf16 && a->scalars == b->scalars && a->kept == b->kept && a->spans == b->spans &&
           a->depth == b->depth;
}

static size_t code_units(struct pl_slice utf8)
{
    size_t units = 0;
    for (size_t i = 0; i < utf8.len; i++)
        units += (size_t)((utf8.data[i] & 0xc0) != 0x80) + (size_t)(utf8.data[i] >= 0xf0);
    return units;
}

static bool leaf_sound(const struct leaf *leaf, const char **ret_reason)
{
    size_t offset = 0;
    for (unsigned i = 0; i < leaf->node.n; i++) {
        const struct span *span = &leaf->spans[i];
        const struct pl_slice utf8 = {.data = leaf_utf8(leaf) + offset, .len = span->bytes};
        offset += span->bytes;
        if (span->ctr == 0 || span->n == 0 || offset > leaf->byte_n)
            return text_wrong(ret_reason, "a text span is empty");
        if (span->state > SPAN_MARKED || (span->state != SPAN_VISIBLE && (span->bytes | span->utf16) != 0))
            return text_wrong(ret_reason, "a text span keeps deleted payload");
        if (span->state == SPAN_VISIBLE && (span->n > SPAN_SCALARS_MAX || !pl_utf8_valid(utf8) ||
                                            pl_utf8_scalars(utf8) != span->n || code_units(utf8) != span->utf16))
            return text_wrong(ret_reason, "a text span's payload is not what it says");
        if (i > 0 && pl_span_fits(span - 1, span))
            return text_wrong(ret_reason, "a text has a run in two spans");
    }
    if (offset != leaf->byte_n || leaf->byte_n > leaf->byte_cap || leaf->node.n > leaf->node.cap ||
        leaf->node.cap > LEAF_SPANS_MAX)
        return text_wrong(ret_reason, "a text's leaf has other bytes than its spans");
    return true;
}

static bool node_sound(struct node *node, const struct sum *sum, const char **ret_reason)
{
    const struct sum real = node->level == 0 ? pl_leaf_sum(leaf_of(node)) : pl_branch_sum(branch_of(node));
    if (!same_sum(&real, sum))
        return text_wrong(ret_reason, "a text's sums do not add up");
    if (node->level == 0)
        return leaf_sound(leaf_of(node), ret_reason);
    struct branch *branch = branch_of(node);
    if (node->n == 0 || node->n > BRANCH_CHILDREN_MAX || (node->parent == NULL && node->n == 1))
        return text_wrong(ret_reason, "a text's branch is empty, or too full");
    for (unsigned i = 0; i < node->n; i++) {
        struct node *child = branch->children[i];
        if (child->parent != branch || child->slot != i || child->level + 1 != node->level || child->n == 0)
            return text_wrong(ret_reason, "a text's tree is not linked up");
        if (!node_sound(child, &branch->sums[i], ret_reason))
            return false;
    }
    return true;
}

static bool id_stands(const struct pl_text *text, struct pl_id id, const struct spot *want)
{
    struct spot spot;
    return pl_text_find(text, id, &spot) && pl_spot_compare(&spot, want) == 0;
}

/* Each scalar is found where it stands; its left origin stands further left, and says how deep it hangs. */
static bool span_placed(const struct pl_text *text, const struct spot *at, const char **ret_reason)
{
    const struct span *span = spot_span(at);
    const struct spot last = {.leaf = at->leaf, .i = at->i, .at = span->n - 1u};
    struct spot left;
    uint32_t depth = 0;
    if (!id_stands(text, span_id(span, 0), at) || !id_stands(text, span_id(span, last.at), &last))
        return text_wrong(ret_reason, "a text's scalar is not found by its id");
    if (!pl_id_none(span_left(span))) {
        if (!pl_text_find(text, span_left(span), &left) || pl_spot_compare(&left, at) >= 0)
            return text_wrong(ret_reason, "a text's left origin is missing, or further right");
        depth = spot_span(&left)->depth + left.at + 1;
    }
    if (span->depth != depth)
        return text_wrong(ret_reason, "a text span has another depth");
    if (!pl_id_none(span_right(span)) && !pl_text_has(text, span_right(span)))
        return text_wrong(ret_reason, "a text's right origin is missing");
    return true;
}

bool pl_text_check(const struct pl_text *text, const char **ret_reason)
{
    uint64_t ids = 0;
    if (text->root->parent != NULL || pl_text_first_leaf(text) != &text->first ||
        (text->index == NULL) != (text->root->level == 0))
        return text_wrong(ret_reason, "a text's tree has no proper root");
    if (!node_sound(text->root, &text->sum, ret_reason))
        return false;
    for (struct leaf *leaf = pl_text_first_leaf(text); leaf != NULL; leaf = pl_leaf_beside(leaf, +1)) {
        for (uint32_t i = 0; i < leaf->node.n; i++) {
            const struct spot at = {.leaf = leaf, .i = i};
            ids += leaf->spans[i].n;
            if (!span_placed(text, &at, ret_reason))
                return false;
        }
    }
    if (ids != text->ids)
        return text_wrong(ret_reason, "a text counts other ids than it has");
    return text->index == NULL || pl_index_check(text, ret_reason);
}
