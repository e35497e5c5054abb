/* What lies in what, and which belong together, as a person sees it: pure rules over what is stored. Rules V2, V5.
 *
 * A tree answers for one state of a document: it remembers what it found out, so that asking for all objects takes time
 * in their number, however deep they lie. Make one, ask, free it before anything changes. */
#ifndef PL_TREE_H
#define PL_TREE_H
#include "proto/replica.h"

struct pl_tree;

/* Finds an object by its id; NULL when there is none. */
typedef const struct pl_object *pl_tree_find(const void *user, struct pl_id id);

/* NULL when out of memory. */
struct pl_tree *pl_tree_new(const struct pl_mem *mem, pl_tree_find *find, const void *user);
struct pl_tree *pl_tree_of_doc(const struct pl_mem *mem, const struct pl_doc *doc);
struct pl_tree *pl_tree_of_replica(const struct pl_mem *mem, const struct pl_replica *replica);
void pl_tree_free(struct pl_tree *tree_or_null);
/* The object it lies in; no id for the board, or when out of memory. */
struct pl_id pl_tree_parent(struct pl_tree *tree, struct pl_id id);
/* The outermost living group it belongs to; no id for none, or when out of memory. */
struct pl_id pl_tree_group(struct pl_tree *tree, struct pl_id id);

#endif
