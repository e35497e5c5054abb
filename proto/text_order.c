/* FugueMax by looking at neighbours (B6): from its left origin an insert goes right over what hangs below that, up to
 * its right origin or to an equal of a higher replica; then back over those with the same left origin whose right
 * origin is before its own. Only spans with the same left origin are looked at: whole parts of the tree that hang lower
 * are stepped over by the depth that branches keep.
 * Nothing is changed here. Where spans happen to begin must not matter, since a text read from a snapshot has others:
 * the rest of a span behind the left origin is looked at as one of its own. */
#include "proto/text_order.h"
#include "proto/text_index.h"

#define LOOKUP_LOOKS 8u /* what going back over a run may cost more than going over it: its right origin is looked up */

static bool span_wanted(const struct span *span, struct wanted wanted)
{
    return span->depth <= wanted.depth && !(wanted.kept && span->state == SPAN_MARKED);
}

/* The first wanted span of a leaf from number `i` on, in either direction. */
static bool leaf_step(struct leaf *leaf, int i, int by, struct wanted wanted, struct spot *ret_spot)
{
    for (; i >= 0 && i < leaf->node.n; i += by) {
        if (span_wanted(&leaf->spans[i], wanted)) {
            *ret_spot = (struct spot){.leaf = leaf, .i = (uint32_t)i};
            return true;
        }
    }
    return false;
}

bool pl_text_step(struct spot *spot, int by, struct wanted wanted)
{
    if (leaf_step(spot->leaf, (int)spot->i + by, by, wanted, spot))
        return true;
    struct node *node = &spot->leaf->node;
    int slot = node->slot + by;
    struct branch *branch = node->parent;
    while (branch != NULL) {
        if (slot < 0 || slot >= branch->node.n) {
            slot = branch->node.slot + by;
            branch = branch->node.parent;
            continue;
        }
        const struct sum *sum = &branch->sums[slot];
        if (sum->depth > wanted.depth || (wanted.kept && sum->kept == 0)) {
            slot += by;
            continue;
        }
        node = branch->children[slot];
        slot = by > 0 ? 0 : node->n - 1;
        if (node->level == 0)
            return leaf_step(leaf_of(node), slot, by, wanted, spot);
        branch = branch_of(node);
    }
    return false;
}

int pl_spot_compare(const struct spot *a, const struct spot *b)
{
    if (a->leaf == b->leaf) {
        if (a->i != b->i)
            return a->i < b->i ? -1 : 1;
        return a->at < b->at ? -1 : a->at > b->at;
    }
    const struct node *left = &a->leaf->node, *right = &b->leaf->node;
    while (left->parent != right->parent) {
        left = &left->parent->node;
        right = &right->parent->node;
    }
    return left->slot < right->slot ? -1 : 1;
}

struct spot pl_spot_after(struct spot spot)
{
    if (++spot.at >= spot_span(&spot)->n)
        spot = (struct spot){.leaf = spot.leaf, .i = spot.i + 1};
    return spot;
}

/* An insert looking for its place. */
struct search {
    const struct pl_text *text;
    struct pl_id id, left, right;
    uint32_t depth;
    struct spot start;    /* the border behind the left origin */
    struct spot right_at; /* of the right origin, when there is one that the text has */
    bool right_known;
    size_t looks, looks_max;
};

/* What stands at a border, or begins there, seen as a span. */
struct sight {
    struct pl_id id, left, right;
    uint32_t depth;
};

static struct sight sight_at(const struct spot *spot)
{
    const struct span *span = spot_span(spot);
    return (struct sight){.id = span_id(span, spot->at),
                          .left = spot->at > 0 ? span_id(span, spot->at - 1u) : span_left(span),
                          .right = span_right(span),
                          .depth = span->depth + spot->at};
}

static bool at_end(const struct spot *spot)
{
    return spot->i >= spot->leaf->node.n;
}

/* A border behind the last span of a leaf is also the one in front of the next leaf. */
static struct spot border_settled(struct spot spot)
{
    struct leaf *next = at_end(&spot) ? pl_leaf_beside(spot.leaf, +1) : NULL;
    return next == NULL ? spot : (struct spot){.leaf = next};
}

/* Whether the right origin is what comes next: so it is for who types where nobody else does. */
static bool right_is_next(const struct search *search)
{
    const struct spot next = border_settled(search->start);
    if (at_end(&next))
        return pl_id_none(search->right);
    return pl_id_equal(span_id(spot_span(&next), next.at), search->right);
}

/* The border where going right ends; looks at no more than looks_max spans. */
static struct spot search_right(struct search *search)
{
    const struct wanted wanted = {.depth = search->depth};
    struct spot end = border_settled(search->start);
    const bool ahead = search->right_known && pl_spot_compare(&search->right_at, &end) >= 0;
    bool more = !at_end(&end);
    while (more && search->looks < search->looks_max && !(ahead && pl_spot_compare(&search->right_at, &end) <= 0)) {
        const struct sight other = sight_at(&end);
        const bool same_left = pl_id_equal(other.left, search->left);
        const bool same_right = pl_id_equal(other.right, search->right);
        search->looks += same_left && !same_right && !pl_id_none(other.right) ? 1 + LOOKUP_LOOKS : 1;
        if (other.depth < search->depth ||
            (same_left && same_right && pl_id_compare(search->id, other.id) < 0))
            return end;
        more = pl_text_step(&end, +1, wanted);
    }
    if (ahead)
        return search->right_at;
    if (!more) {
        struct leaf *last = pl_text_last_leaf(search->text);
        end = (struct spot){.leaf = last, .i = last->node.n};
    }
    return end;
}

/* Whether a right origin stands before the search's own; no id stands behind all. */
static bool right_before(const struct search *search, struct pl_id right)
{
    struct spot at;
    if (pl_id_none(right) || pl_id_equal(right, search->right) || !pl_text_find(search->text, right, &at))
        return false;
    return !search->right_known || pl_spot_compare(&at, &search->right_at) < 0;
}

/* From `end` back to in front of those whose right origin is before the insert's. */
static struct spot search_back(const struct search *search, struct spot end)
{
    const struct wanted wanted = {.depth = search->depth};
    struct spot at = {.leaf = end.leaf, .i = end.i}, dest = end;
    bool more = end.at > 0 || pl_text_step(&at, -1, wanted);
    while (more && pl_spot_compare(&at, &search->start) >= 0) {
        const struct sight other = sight_at(&at);
        if (pl_id_equal(other.left, search->left)) {
            if (!right_before(search, other.right))
                return dest;
            dest = at;
        }
        more = pl_text_step(&at, -1, wanted);
    }
    /* What the left origin's own span goes on with begins at `start`. */
    const bool rest = search->start.at > 0 && pl_spot_compare(&search->start, &end) < 0;
    if (rest && right_before(search, span_right(spot_span(&search->start))))
        dest = search->start;
    return dest;
}

/* Finds the left origin; false when the text lacks it. */
static bool search_begin(struct search *search)
{
    struct spot left;
    search->start = (struct spot){.leaf = pl_text_first_leaf(search->text)};
    if (!pl_id_none(search->left)) {
        if (!pl_text_find(search->text, search->left, &left))
            return false;
        search->depth = spot_span(&left)->depth + left.at + 1;
        search->start = pl_spot_after(left);
    }
    return true;
}

/* Finds the right origin. Who passed over marked scalars (G2) may have found one far below the left origin: what it hangs
 * on right below that takes its place. An insert in front of the far one would stand within what hangs elsewhere, and
 * where others then go would depend on who came first. */
static void search_find_right(struct search *search)
{
    struct spot at;
    search->right_known = pl_text_find(search->text, search->right, &search->right_at);
    if (!search->right_known)
        return;
    at = search->right_at;
    if (spot_span(&at)->depth + at.at <= search->depth)
        return;
    /* All that stands between a scalar and what hangs below it hangs lower. */
    if (spot_span(&at)->depth > search->depth && !pl_text_step(&at, -1, (struct wanted){.depth = search->depth}))
        return;
    at.at = search->depth - spot_span(&at)->depth;
    if (at.at < spot_span(&at)->n && pl_id_equal(sight_at(&at).left, search->left)) {
        search->right = sight_at(&at).id;
        search->right_at = at;
    }
}

enum pl_status pl_text_place(const struct pl_text *text, struct run *run, struct spot *ret_at)
{
    struct search search = {
        .text = text, .id = run->id, .left = run->left, .right = run->right, .looks_max = SIZE_MAX};
    if (!search_begin(&search))
        return PL_ORPHAN;
    struct spot dest = search.start;
    if (!right_is_next(&search)) {
        search_find_right(&search);
        if (!search.right_known && !pl_id_none(search.right))
            return PL_ORPHAN;
        const struct spot start = border_settled(search.start);
        dest = search_back(&search, search_right(&search));
        if (pl_spot_compare(&dest, &start) == 0)
            dest = search.start; /* beside the left origin, to be joined with it */
    }
    *ret_at = dest;
    run->right = search.right;
    run->depth = search.depth;
    return PL_OK;
}

size_t pl_text_insert_cost(const struct pl_text *text, struct pl_id id, struct pl_id left, struct pl_id right,
                           size_t most)
{
    struct search search = {.text = text, .id = id, .left = left, .right = right, .looks_max = most};
    if (!search_begin(&search) || right_is_next(&search))
        return 0;
    search_find_right(&search);
    search_right(&search);
    return search.looks < most ? search.looks : most;
}
