/* A text as plainly as rules B6 and B7 say it: a flat list with one record per scalar, every look a walk over all of
 * them. Beside it stands the same text as a tree (naive_tree.h) until a collection drops something: what is left then
 * stands where it stood, which no tree of what is left needs to say. */
#ifndef SUPPORT_NAIVE_TEXT_H
#define SUPPORT_NAIVE_TEXT_H
#include "proto/op.h"
#include "proto/text.h"

struct naive_text;

/* `honest`: every insert names what stood beside it somewhere, as an engine's own do. Otherwise there is no tree: what
 * names any two ids has a place in the list, by the rule, but none that the paper speaks of. */
struct naive_text *naive_text_new(bool honest);
void naive_text_free(struct naive_text *text_or_null);
/* False when an origin is not there. */
bool naive_text_insert(struct naive_text *text, struct pl_id id, struct pl_id left, struct pl_id right,
                       struct pl_slice utf8);
void naive_text_delete(struct naive_text *text, struct pl_id_range range);
/* False when an anchor is not there. */
bool naive_text_mark(struct naive_text *text, const struct pl_op *op);
void naive_text_turn(struct naive_text *text, const struct pl_op *op);
/* G1, G2: what was deleted at the collection before goes; what is deleted now is marked. */
void naive_text_collect(struct naive_text *text);
struct naive_text *naive_text_clone(const struct naive_text *text);
/* Whether the engine's text has the same scalars, ids, order, deletions and marks, and the tree the same order; else
 * why. */
bool naive_text_agrees(struct naive_text *text, const struct pl_text *engine, const char **ret_reason);

#endif
