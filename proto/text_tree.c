/* The tree a text is kept in: leaves that split and merge, sums, spans that are cut and joined (see text_tree.h).
 * Every step that may fail to allocate does so before it changes anything, so that a tree is whole at any time; only
 * the index may then lack something. What order spans belong in is not decided here. */
#include "proto/reader.h"
#include "proto/text_index.h"
#include <string.h>

#define LEAF_THIN (LEAF_SPANS_MAX / 4)     /* a node of so little looks for a neighbour to merge with, */
#define LEAF_MERGED (LEAF_SPANS_MAX * 3 / 4) /* if both together leave room to grow */
#define BRANCH_THIN (BRANCH_CHILDREN_MAX / 4)
#define BRANCH_MERGED (BRANCH_CHILDREN_MAX * 3 / 4)

bool pl_span_joins(const struct span *a, const struct span *b)
{
    const uint64_t next = a->ctr + a->n;
    return a->state == b->state && b->replica == a->replica && b->ctr == next && b->left_replica == a->replica &&
           b->left_ctr == next - 1 && pl_id_equal(span_right(a), span_right(b));
}

bool pl_span_fits(const struct span *a, const struct span *b)
{
    return (a->state != SPAN_VISIBLE || a->n + b->n <= SPAN_SCALARS_MAX) && pl_span_joins(a, b);
}

static size_t utf8_measure(const uint8_t *utf8, uint32_t n, size_t *ret_utf16)
{
    size_t bytes = 0, units = 0;
    for (uint32_t i = 0; i < n; i++) {
        const size_t wide = utf8_wide(utf8[bytes]);
        bytes += wide;
        units += wide == 4 ? 2 : 1;
    }
    *ret_utf16 = units;
    return bytes;
}

size_t pl_span_measure(const struct span *span, const uint8_t *utf8, uint32_t n, size_t *ret_utf16)
{
    if (n == 0 || span->state != SPAN_VISIBLE) {
        *ret_utf16 = 0;
        return 0;
    }
    if (span->bytes != span->n)
        return utf8_measure(utf8, n, ret_utf16);
    *ret_utf16 = n; /* ASCII */
    return n;
}

static struct sum span_sum(const struct span *span)
{
    return (struct sum){.utf16 = span->utf16,
                        .scalars = span->state == SPAN_VISIBLE ? span->n : 0,
                        .kept = span->state == SPAN_MARKED ? 0 : span->n,
                        .spans = 1,
                        .depth = span->depth};
}

static void sum_add(struct sum *sum, const struct sum *more)
{
    sum->utf16 += more->utf16;
    sum->scalars += more->scalars;
    sum->kept += more->kept;
    sum->spans += more->spans;
    if (more->depth < sum->depth)
        sum->depth = more->depth;
}

struct sum pl_leaf_sum(const struct leaf *leaf)
{
    struct sum sum = {.depth = UINT32_MAX};
    for (unsigned i = 0; i < leaf->node.n; i++) {
        const struct sum more = span_sum(&leaf->spans[i]);
        sum_add(&sum, &more);
    }
    return sum;
}

struct sum pl_branch_sum(const struct branch *branch)
{
    struct sum sum = {.depth = UINT32_MAX};
    for (unsigned i = 0; i < branch->node.n; i++)
        sum_add(&sum, &branch->sums[i]);
    return sum;
}

/* Tells all above the leaf that it changed by so much. */
static void leaf_changed(struct pl_text *text, const struct leaf *leaf, const struct sum *change)
{
    const struct node *node = &leaf->node;
    for (; node->parent != NULL; node = &node->parent->node)
        sum_add(&node->parent->sums[node->slot], change);
    sum_add(&text->sum, change);
}

size_t pl_leaf_offset(const struct leaf *leaf, uint32_t i)
{
    size_t bytes = 0;
    for (uint32_t k = 0; k < i; k++)
        bytes += leaf->spans[k].bytes;
    return bytes;
}

/* The first or the last leaf below a node. */
static struct leaf *edge_leaf(struct node *node, bool last)
{
    while (node->level > 0)
        node = branch_of(node)->children[last ? node->n - 1 : 0];
    return leaf_of(node);
}

struct leaf *pl_leaf_beside(const struct leaf *leaf, int by)
{
    const struct node *node = &leaf->node;
    for (; node->parent != NULL; node = &node->parent->node) {
        const int slot = node->slot + by;
        if (slot >= 0 && slot < node->parent->node.n)
            return edge_leaf(node->parent->children[slot], by < 0);
    }
    return NULL;
}

struct leaf *pl_text_first_leaf(const struct pl_text *text)
{
    return edge_leaf(text->root, false);
}

struct leaf *pl_text_last_leaf(const struct pl_text *text)
{
    return edge_leaf(text->root, true);
}

/* Room for so many more spans and bytes. A small text has little more than it needs: most texts are a few words. */
static bool leaf_reserve(const struct pl_mem *mem, struct leaf *leaf, size_t spans, size_t bytes)
{
    const size_t span_n = leaf->node.n + spans, byte_n = leaf->byte_n + bytes;
    size_t cap = leaf->node.cap, byte_cap = leaf->byte_cap;
    if (span_n <= cap && byte_n <= byte_cap)
        return true;
    while (cap < span_n)
        cap = cap == 0 ? 1 : cap * 2 < LEAF_SPANS_MAX ? cap * 2 : LEAF_SPANS_MAX;
    if (byte_cap < byte_n)
        byte_cap = (byte_n + (leaf->byte_n > 0 ? byte_n / 4 : 0) + 7) & ~(size_t)7;
    struct span *block = pl_mem_resize(mem, leaf->node.inside ? NULL : leaf->spans, cap * sizeof *block + byte_cap);
    if (block == NULL)
        return false;
    if (leaf->node.inside)
        memcpy(block, leaf->spans, leaf->node.cap * sizeof *block + leaf->byte_n);
    leaf->node.inside = false;
    if (cap > leaf->node.cap && leaf->byte_n > 0)
        memmove(block + cap, block + leaf->node.cap, leaf->byte_n);
    leaf->spans = block;
    leaf->node.cap = (uint8_t)cap;
    leaf->byte_cap = (uint32_t)byte_cap;
    return true;
}

static struct branch *branch_new(const struct pl_mem *mem, unsigned level)
{
    struct branch *branch = pl_mem_get(mem, sizeof *branch);
    if (branch != NULL)
        branch->node = (struct node){.level = (uint8_t)level};
    return branch;
}

/* Makes `child` the branch's number `slot`; there is room. */
static void child_add(struct branch *branch, unsigned slot, struct node *child, const struct sum *sum)
{
    for (unsigned i = branch->node.n++; i > slot; i--) {
        branch->sums[i] = branch->sums[i - 1];
        branch->children[i] = branch->children[i - 1];
        branch->children[i]->slot = (uint8_t)i;
    }
    branch->sums[slot] = *sum;
    branch->children[slot] = child;
    child->parent = branch;
    child->slot = (uint8_t)slot;
}

static void child_remove(struct branch *branch, unsigned slot)
{
    branch->node.n--;
    for (unsigned i = slot; i < branch->node.n; i++) {
        branch->sums[i] = branch->sums[i + 1];
        branch->children[i] = branch->children[i + 1];
        branch->children[i]->slot = (uint8_t)i;
    }
}

/* How many of a full node's stay left when something is to be put before number `at`: half, but a text that grows at
 * one place, as on loading, leaves full nodes behind. */
static unsigned split_point(unsigned at, unsigned n)
{
    return at >= n ? n - 1 : at == 0 ? 1 : n / 2;
}

/* Makes room for one more child beside `node`. */
static bool parent_room(struct pl_text *text, struct node *node)
{
    struct branch *branch = node->parent;
    if (branch != NULL && branch->node.n < BRANCH_CHILDREN_MAX)
        return true;
    if (branch != NULL && !parent_room(text, &branch->node))
        return false;
    struct branch *fresh = branch_new(text->mem, node->level + 1u);
    if (fresh == NULL)
        return false;
    if (branch == NULL) {
        child_add(fresh, 0, node, &text->sum);
        text->root = &fresh->node;
        return true;
    }
    const unsigned keep = split_point(node->slot + 1u, branch->node.n);
    for (unsigned i = keep; i < branch->node.n; i++)
        child_add(fresh, i - keep, branch->children[i], &branch->sums[i]);
    branch->node.n = (uint8_t)keep;
    struct branch *above = branch->node.parent;
    const struct sum moved = pl_branch_sum(fresh);
    above->sums[branch->node.slot] = pl_branch_sum(branch);
    child_add(above, branch->node.slot + 1u, &fresh->node, &moved);
    return true;
}

/* Moves the spans from number `keep` on into a new leaf right of this one. */
static struct leaf *leaf_split(struct pl_text *text, struct leaf *leaf, unsigned keep)
{
    const size_t offset = pl_leaf_offset(leaf, keep), bytes = leaf->byte_n - offset;
    if (!parent_room(text, &leaf->node))
        return NULL;
    struct leaf *right = pl_mem_get(text->mem, sizeof *right);
    if (right == NULL)
        return NULL;
    *right = (struct leaf){0};
    if (!leaf_reserve(text->mem, right, LEAF_SPANS_MAX, bytes)) {
        pl_mem_put(text->mem, right);
        return NULL;
    }
    const unsigned moved = leaf->node.n - keep;
    memcpy(right->spans, leaf->spans + keep, moved * sizeof *right->spans);
    memcpy(right->spans + right->node.cap, leaf_utf8(leaf) + offset, bytes);
    right->node.n = (uint8_t)moved;
    right->byte_n = (uint32_t)bytes;
    leaf->node.n = (uint8_t)keep;
    leaf->byte_n = (uint32_t)offset;
    const struct sum sum = pl_leaf_sum(right);
    leaf->node.parent->sums[leaf->node.slot] = pl_leaf_sum(leaf);
    child_add(leaf->node.parent, leaf->node.slot + 1u, &right->node, &sum);
    bool found = true;
    if (text->index == NULL)
        found = pl_index_make(text);
    else
        for (unsigned i = 0; found && i < moved; i++)
            found = pl_index_reassign(text, span_id(&right->spans[i], 0), right->spans[i].n, right);
    return found ? right : NULL;
}

/* Makes room in a spot's leaf for so many more spans and bytes; if it splits, the first `keep` spans stay. */
static bool leaf_room(struct pl_text *text, struct spot *at, unsigned spans, size_t bytes, unsigned keep)
{
    if (at->leaf->node.n + spans > LEAF_SPANS_MAX) {
        struct leaf *right = leaf_split(text, at->leaf, keep);
        if (right == NULL)
            return false;
        if (at->i >= keep) {
            at->leaf = right;
            at->i -= keep;
        }
    }
    return leaf_reserve(text->mem, at->leaf, spans, bytes);
}

/* Makes `n` unwritten spans before number `i`, or takes as many away when negative; there is room. */
static void spans_shift(struct leaf *leaf, uint32_t i, int n)
{
    const uint32_t from = n < 0 ? i - (uint32_t)n : i, to = n < 0 ? i : i + (uint32_t)n;
    memmove(leaf->spans + to, leaf->spans + from, (leaf->node.n - from) * sizeof *leaf->spans);
    leaf->node.n = (uint8_t)(leaf->node.n + n);
}

/* Cuts span `i` so that its first `n` scalars stand alone; there is room. */
static void span_cut(struct leaf *leaf, uint32_t i, uint32_t n)
{
    size_t units;
    spans_shift(leaf, i + 1, 1);
    struct span *head = &leaf->spans[i], *tail = head + 1;
    const size_t bytes = pl_span_measure(head, leaf_utf8(leaf) + pl_leaf_offset(leaf, i), n, &units);
    *tail = *head;
    tail->ctr += n;
    tail->left_replica = head->replica;
    tail->left_ctr = tail->ctr - 1;
    tail->depth += n;
    tail->n -= n;
    span_measured(tail, tail->bytes - bytes, tail->utf16 - units);
    head->n = n;
    span_measured(head, bytes, units);
}

/* Adds what follows a span in its run to it. */
static void span_extend(struct span *span, const struct span *more)
{
    span->n += more->n;
    span_measured(span, span->bytes + more->bytes, span->utf16 + more->utf16);
}

/* Joins those of spans `low` to `high` that go on with the one before them; how many that were. */
static unsigned spans_join(struct leaf *leaf, uint32_t low, uint32_t high)
{
    unsigned joined = 0;
    for (uint32_t i = high; i > 0 && i >= low; i--) {
        struct span *span = &leaf->spans[i - 1];
        if (i >= leaf->node.n || !pl_span_fits(span, span + 1))
            continue;
        span_extend(span, span + 1);
        spans_shift(leaf, i, -1);
        joined++;
    }
    return joined;
}

/* Puts one span at a border, which moves behind it. */
static bool span_put(struct pl_text *text, struct spot *at, const struct span *fresh, const uint8_t *utf8)
{
    struct sum change = span_sum(fresh);
    struct leaf *leaf = at->leaf;
    const bool extends = at->at == 0 && at->i > 0 && pl_span_fits(&leaf->spans[at->i - 1], fresh);
    const unsigned keep = split_point(at->i, leaf->node.n);
    if (!leaf_room(text, at, extends ? 0 : at->at > 0 ? 2 : 1, fresh->bytes, keep))
        return false;
    leaf = at->leaf;
    if (at->at > 0) {
        span_cut(leaf, at->i, at->at);
        change.spans++;
        at->i++;
        at->at = 0;
        change.spans -= spans_join(leaf, at->i + 1, at->i + 1); /* the halves may fit their neighbours now */
        const unsigned joined = spans_join(leaf, at->i - 1, at->i - 1);
        change.spans -= joined;
        at->i -= joined;
    }
    if (fresh->bytes > 0) {
        uint8_t *into = (uint8_t *)(leaf->spans + leaf->node.cap) + pl_leaf_offset(leaf, at->i);
        const uint8_t *end = leaf_utf8(leaf) + leaf->byte_n;
        memmove(into + fresh->bytes, into, (size_t)(end - into));
        memcpy(into, utf8, fresh->bytes);
        leaf->byte_n += fresh->bytes;
    }
    if (extends) {
        span_extend(&leaf->spans[at->i - 1], fresh);
        change.spans--;
    } else {
        spans_shift(leaf, at->i, 1);
        leaf->spans[at->i++] = *fresh;
    }
    leaf_changed(text, leaf, &change);
    text->ids += fresh->n;
    return text->index == NULL || pl_index_add(text, span_id(fresh, 0), fresh->n, leaf);
}

static struct span span_of(const struct run *run)
{
    return (struct span){.replica = run->id.replica,
                         .ctr = run->id.ctr,
                         .left_replica = run->left.replica,
                         .left_ctr = run->left.ctr,
                         .right_replica = run->right.replica,
                         .right_ctr = run->right.ctr,
                         .depth = run->depth,
                         .n = run->n,
                         .state = run->state & 0xfu};
}

bool pl_text_put(struct pl_text *text, struct spot at, const struct run *run)
{
    struct pl_slice utf8 = run->utf8;
    struct span span = span_of(run);
    for (uint32_t left = run->n; left > 0;) {
        const uint32_t n = run->state != SPAN_VISIBLE || left < SPAN_SCALARS_MAX ? left : SPAN_SCALARS_MAX;
        size_t scalars = run->state == SPAN_VISIBLE ? n : 0, units;
        const size_t bytes = pl_utf8_pass(utf8, &scalars, &units);
        span.n = n;
        span_measured(&span, bytes, units);
        if (!span_put(text, &at, &span, utf8.data))
            return false;
        if (bytes > 0)
            utf8 = (struct pl_slice){utf8.data + bytes, utf8.len - bytes};
        left -= n;
        span.ctr += n;
        span.left_replica = span.replica;
        span.left_ctr = span.ctr - 1;
        span.depth += n;
    }
    return true;
}

bool pl_text_append(struct pl_text *text, const struct run *run, uint32_t utf16)
{
    struct leaf *leaf = pl_text_last_leaf(text);
    if (leaf->node.n == leaf->node.cap || leaf->byte_cap - leaf->byte_n < run->utf8.len ||
        (run->state == SPAN_VISIBLE && run->n > SPAN_SCALARS_MAX))
        return pl_text_put(text, (struct spot){.leaf = leaf, .i = leaf->node.n}, run);
    struct span *span = &leaf->spans[leaf->node.n++];
    *span = span_of(run);
    span_measured(span, run->utf8.len, utf16);
    if (run->utf8.len > 0)
        memcpy((uint8_t *)(leaf->spans + leaf->node.cap) + leaf->byte_n, run->utf8.data, run->utf8.len);
    leaf->byte_n += (uint32_t)run->utf8.len;
    const struct sum change = span_sum(span);
    leaf_changed(text, leaf, &change);
    text->ids += run->n;
    return text->index == NULL || pl_index_add(text, run->id, run->n, leaf);
}

/* Moves all of a node into its left neighbour. False when out of memory: nothing happened. */
static bool node_merge(struct pl_text *text, struct node *left, struct node *right)
{
    struct branch *parent = left->parent;
    if (left->level > 0) {
        for (unsigned i = 0; i < right->n; i++)
            child_add(branch_of(left), left->n, branch_of(right)->children[i], &branch_of(right)->sums[i]);
        sum_add(&parent->sums[left->slot], &parent->sums[right->slot]);
        child_remove(parent, right->slot);
        pl_mem_put(text->mem, right);
        return true;
    }
    struct leaf *into = leaf_of(left), *from = leaf_of(right);
    const unsigned seam = left->n;
    if (!leaf_reserve(text->mem, into, right->n, from->byte_n))
        return false;
    memcpy(into->spans + seam, from->spans, right->n * sizeof *into->spans);
    if (from->byte_n > 0)
        memcpy((uint8_t *)(into->spans + left->cap) + into->byte_n, leaf_utf8(from), from->byte_n);
    for (unsigned i = 0; i < right->n; i++)
        pl_index_move(text, span_id(&from->spans[i], 0), from, into);
    left->n = (uint8_t)(left->n + right->n);
    into->byte_n += from->byte_n;
    sum_add(&parent->sums[left->slot], &parent->sums[right->slot]);
    child_remove(parent, right->slot);
    pl_mem_put(text->mem, from->spans);
    pl_mem_put(text->mem, from);
    const struct sum change = {.spans = 0u - spans_join(into, seam, seam), .depth = UINT32_MAX};
    leaf_changed(text, into, &change);
    return true;
}

/* Merges nodes that became thin, from a leaf up, and drops a root that no longer branches. */
static void node_slim(struct pl_text *text, struct node *node)
{
    while (node->parent != NULL) {
        struct branch *parent = node->parent;
        const unsigned slot = node->slot > 0 ? node->slot - 1u : 0;
        if (node->n > (node->level == 0 ? LEAF_THIN : BRANCH_THIN) || slot + 1u >= parent->node.n)
            break;
        struct node *left = parent->children[slot], *right = parent->children[slot + 1];
        const unsigned most = node->level == 0 ? LEAF_MERGED : BRANCH_MERGED;
        if (left->n + right->n > (int)most || !node_merge(text, left, right))
            break;
        node = &parent->node;
    }
    while (text->root->level > 0 && text->root->n == 1) {
        struct branch *root = branch_of(text->root);
        text->root = root->children[0];
        text->root->parent = NULL;
        text->root->slot = 0;
        pl_mem_put(text->mem, root);
    }
    if (text->root->level == 0)
        pl_index_free(text);
}

bool pl_text_hide(struct pl_text *text, struct spot spot, uint32_t n)
{
    size_t units;
    if (!leaf_room(text, &spot, 2, 0, spot.leaf->node.n / 2))
        return false;
    struct leaf *leaf = spot.leaf;
    struct span *span = spot_span(&spot);
    uint8_t *utf8 = (uint8_t *)(leaf->spans + leaf->node.cap) + pl_leaf_offset(leaf, spot.i);
    utf8 += pl_span_measure(span, utf8, spot.at, &units);
    const size_t bytes = pl_span_measure(span, utf8, n, &units);
    const unsigned before = leaf->node.n;
    if (spot.at + n < span->n)
        span_cut(leaf, spot.i, spot.at + n);
    if (spot.at > 0)
        span_cut(leaf, spot.i++, spot.at);
    memmove(utf8, utf8 + bytes, (size_t)(leaf_utf8(leaf) + leaf->byte_n - utf8) - bytes);
    leaf->byte_n -= (uint32_t)bytes;
    span = spot_span(&spot);
    span->state = SPAN_DELETED;
    span_measured(span, 0, 0);
    spans_join(leaf, spot.i > 1 ? spot.i - 1 : 1, spot.i + 2);
    const struct sum change = {.utf16 = 0u - (uint32_t)units,
                               .scalars = 0u - n,
                               .spans = leaf->node.n - before,
                               .depth = UINT32_MAX};
    leaf_changed(text, leaf, &change);
    if (leaf->node.n <= LEAF_THIN)
        node_slim(text, &leaf->node);
    return true;
}

static void node_free(struct pl_text *text, struct node *node)
{
    if (node->level == 0 && !node->inside)
        pl_mem_put(text->mem, leaf_of(node)->spans);
    for (unsigned i = 0; node->level > 0 && i < node->n; i++)
        node_free(text, branch_of(node)->children[i]);
    if (node != &text->first.node)
        pl_mem_put(text->mem, node);
}

void pl_text_clear(struct pl_text *text)
{
    pl_index_free(text);
    node_free(text, text->root);
    *text = (struct pl_text){
        .mem = text->mem, .marks = text->marks, .slab_or_null = text->slab_or_null, .sum.depth = UINT32_MAX};
    text->root = &text->first.node;
}

void pl_text_take(struct pl_text *text, struct pl_text *from)
{
    const struct pl_text kept = *text;
    pl_text_clear(text);
    *text = *from;
    text->marks = kept.marks;
    text->slab_or_null = kept.slab_or_null;
    if (from->root->level == 0) {
        text->root = &text->first.node;
    } else {
        text->first.node.parent->children[0] = &text->first.node;
        for (unsigned i = 0; i < text->first.node.n; i++)
            pl_index_move(text, span_id(&text->first.spans[i], 0), &from->first, &text->first);
    }
    from->index = NULL;
    from->first = (struct leaf){0};
    from->root = &from->first.node;
    pl_text_clear(from);
}

static bool copy_leaf(const struct pl_mem *mem, struct leaf *leaf, const struct leaf *from)
{
    const size_t used = from->node.cap * sizeof *from->spans + from->byte_n;
    if (from->spans == NULL)
        return true;
    leaf->spans = pl_mem_get(mem, used - from->byte_n + from->byte_cap);
    if (leaf->spans == NULL)
        return false;
    memcpy(leaf->spans, from->spans, used);
    leaf->node.n = from->node.n;
    leaf->node.cap = from->node.cap;
    leaf->byte_n = from->byte_n;
    leaf->byte_cap = from->byte_cap;
    return true;
}

/* A copy of the leaf, for a branch to adopt; the leftmost one is the text's own. */
static struct node *leaf_copy(struct pl_text *text, const struct leaf *from, bool leftmost)
{
    struct leaf *leaf = leftmost ? &text->first : pl_mem_get(text->mem, sizeof *leaf);
    if (leaf == NULL)
        return NULL;
    *leaf = (struct leaf){0};
    if (copy_leaf(text->mem, leaf, from))
        return &leaf->node;
    if (!leftmost)
        pl_mem_put(text->mem, leaf);
    return NULL;
}

static bool copy_children(struct pl_text *text, struct branch *branch, struct branch *from, bool leftmost)
{
    for (unsigned i = 0; i < from->node.n; i++) {
        struct node *child = from->children[i], *copy;
        struct branch *below = NULL;
        if (child->level == 0) {
            copy = leaf_copy(text, leaf_of(child), leftmost && i == 0);
        } else {
            below = branch_new(text->mem, child->level);
            copy = below == NULL ? NULL : &below->node;
        }
        if (copy == NULL)
            return false;
        child_add(branch, i, copy, &from->sums[i]);
        if (below != NULL && !copy_children(text, below, branch_of(child), leftmost && i == 0))
            return false;
    }
    return true;
}

bool pl_text_copy(struct pl_text *text, const struct pl_text *from)
{
    text->sum = from->sum;
    text->ids = from->ids;
    if (from->root->level == 0)
        return copy_leaf(text->mem, &text->first, &from->first);
    struct branch *root = branch_new(text->mem, from->root->level);
    if (root == NULL)
        return false;
    text->root = &root->node;
    return copy_children(text, root, branch_of(from->root), true) && (from->index == NULL || pl_index_copy(text, from));
}
