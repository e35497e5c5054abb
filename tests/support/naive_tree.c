/* See naive_tree.h. Definitions 3 and 5 of the paper, by their own words:
 * - a scalar inserted between left origin a and right origin b is a right child of a, or, when b hangs below a, a left
 *   child of b (a has children to its right already, and b is the first of all that hang there);
 * - left children of one node stand by id;
 * - right children of one node stand by their right origins, the rightmost first, and by id where they are equal.
 * In the paper a and b stand side by side where the insert was made. Here marked scalars may lie between them (G2), and b
 * may hang below a through those: then b is the one of them that has a as its left origin. */
#include "naive_tree.h"
#include "naive_list.h"

struct node {
    struct pl_id id;
    struct pl_id left_origin, right_origin;
    size_t *left, left_n; /* children, in order */
    size_t *right, right_n;
};

struct naive_tree {
    struct node *nodes; /* the root, which is no scalar, is 0 */
    size_t node_n;
    struct pl_id *order;
    size_t order_n;
};

static size_t node_add(struct naive_tree *tree, struct node node)
{
    NAIVE_INSERT(tree->nodes, tree->node_n, tree->node_n);
    tree->nodes[tree->node_n - 1] = node;
    return tree->node_n - 1;
}

struct naive_tree *naive_tree_new(void)
{
    struct naive_tree *tree = naive_grow(NULL, 0, sizeof *tree);
    *tree = (struct naive_tree){0};
    node_add(tree, (struct node){0});
    return tree;
}

void naive_tree_free(struct naive_tree *tree_or_null)
{
    if (tree_or_null == NULL)
        return;
    for (size_t i = 0; i < tree_or_null->node_n; i++) {
        free(tree_or_null->nodes[i].left);
        free(tree_or_null->nodes[i].right);
    }
    free(tree_or_null->nodes);
    free(tree_or_null->order);
    free(tree_or_null);
}

/* The node of an id; the root for none, and for one the tree does not have. */
static size_t node_of(const struct naive_tree *tree, struct pl_id id)
{
    size_t i = tree->node_n - 1;
    while (i > 0 && !pl_id_equal(tree->nodes[i].id, id))
        i--;
    return i;
}

/* The node on the way from `node` up that has this left origin; the root when there is none. */
static size_t right_below(const struct naive_tree *tree, size_t node, struct pl_id left)
{
    while (node != 0 && !pl_id_equal(tree->nodes[node].left_origin, left))
        node = node_of(tree, tree->nodes[node].left_origin);
    return node;
}

static void read_below(struct naive_tree *tree, size_t node)
{
    for (size_t i = 0; i < tree->nodes[node].left_n; i++)
        read_below(tree, tree->nodes[node].left[i]);
    if (node != 0) {
        NAIVE_INSERT(tree->order, tree->order_n, tree->order_n);
        tree->order[tree->order_n - 1] = tree->nodes[node].id;
    }
    for (size_t i = 0; i < tree->nodes[node].right_n; i++)
        read_below(tree, tree->nodes[node].right[i]);
}

const struct pl_id *naive_tree_order(struct naive_tree *tree, size_t *ret_n)
{
    free(tree->order);
    tree->order = NULL;
    tree->order_n = 0;
    read_below(tree, 0);
    *ret_n = tree->order_n;
    return tree->order;
}

/* How far right an origin stands; no id is the end. */
static size_t place_of(struct naive_tree *tree, struct pl_id id)
{
    size_t n, i = 0;
    const struct pl_id *order = naive_tree_order(tree, &n);
    while (i < n && !pl_id_equal(order[i], id))
        i++;
    return i;
}

/* Whether a right child with this id and right origin stands before the sibling `other`. */
static bool right_child_before(struct naive_tree *tree, struct pl_id id, struct pl_id right_origin, size_t other)
{
    const struct pl_id other_origin = tree->nodes[other].right_origin;
    if (pl_id_equal(right_origin, other_origin))
        return pl_id_compare(id, tree->nodes[other].id) < 0;
    return place_of(tree, right_origin) > place_of(tree, other_origin);
}

bool naive_tree_insert(struct naive_tree *tree, struct pl_id id, struct pl_id left, struct pl_id right)
{
    const size_t a = node_of(tree, left), b = node_of(tree, right);
    if ((a == 0 && !pl_id_none(left)) || (b == 0 && !pl_id_none(right)))
        return false;
    const size_t below = right_below(tree, b, left);
    const size_t fresh = node_add(tree, (struct node){.id = id, .left_origin = left, .right_origin = right});
    size_t at = 0;
    if (below != 0) {
        struct node *parent = &tree->nodes[below];
        while (at < parent->left_n && pl_id_compare(tree->nodes[parent->left[at]].id, id) < 0)
            at++;
        NAIVE_INSERT(parent->left, parent->left_n, at);
        parent->left[at] = fresh;
    } else {
        struct node *parent = &tree->nodes[a];
        while (at < parent->right_n && !right_child_before(tree, id, right, parent->right[at]))
            at++;
        NAIVE_INSERT(parent->right, parent->right_n, at);
        parent->right[at] = fresh;
    }
    return true;
}
