/* The order of concurrent text as a tree, as "The Art of the Fugue" (arXiv 2305.00583) defines FugueMax: one node per
 * scalar, children to its left and to its right, read in order. Nothing of proto/text.c is in it: no runs, no depths,
 * no scanning. It says where scalars stand, not whether they are deleted: a tombstone is a node like any other. */
#ifndef SUPPORT_NAIVE_TREE_H
#define SUPPORT_NAIVE_TREE_H
#include "proto/id.h"
#include <stddef.h>

struct naive_tree;

struct naive_tree *naive_tree_new(void);
void naive_tree_free(struct naive_tree *tree_or_null);
/* Origins are in the tree or no id, and stood side by side, but for marked scalars, where the insert
 * was made. False for an unknown one. */
bool naive_tree_insert(struct naive_tree *tree, struct pl_id id, struct pl_id left, struct pl_id right);
/* The ids in order; valid until the next insert. */
const struct pl_id *naive_tree_order(struct naive_tree *tree, size_t *ret_n);

#endif
