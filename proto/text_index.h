/* From an id to where its scalar stands. The index of a text with more than one leaf is a map of id ranges to leaves,
 * in sorted chunks below one sorted array; it has exactly the text's ids. A flat text has none: its leaf is walked.
 * Private to the text_*.c files. */
#ifndef PL_TEXT_INDEX_H
#define PL_TEXT_INDEX_H
#include "proto/text_tree.h"

/* False when the text does not have the id. */
bool pl_text_find(const struct pl_text *text, struct pl_id id, struct spot *ret_spot);
/* The first id of the range that the text has: moves the range's start up to it. False when there is none. */
bool pl_text_find_first(const struct pl_text *text, struct pl_id_range *range, struct spot *ret_spot);

/* The last id of the range that the text has; false when there is none. */
bool pl_text_find_last(const struct pl_text *text, struct pl_id_range range, struct pl_id *ret_id);
/* Whether the text has none of the ids; remembers where they would go. */
bool pl_text_lacks(struct pl_text *text, struct pl_id_range range);

/* Makes the index of a text that has none. False when out of memory: then there is none, or only a part of it. */
PL_CHECKED bool pl_index_make(struct pl_text *text);
PL_CHECKED bool pl_index_copy(struct pl_text *text, const struct pl_text *from);
void pl_index_free(struct pl_text *text);
/* Says that n new ids from `id` on stand in the leaf. False when out of memory: the index is gone. */
PL_CHECKED bool pl_index_add(struct pl_text *text, struct pl_id id, uint32_t n, struct leaf *leaf);
/* The same of ids that stood elsewhere. */
PL_CHECKED bool pl_index_reassign(struct pl_text *text, struct pl_id id, uint32_t n, struct leaf *leaf);
/* Whatever stood in `from` now stands in `to`: `id` is one of it, and this is called for each of its spans. */
void pl_index_move(struct pl_text *text, struct pl_id id, const struct leaf *from, struct leaf *to);
bool pl_index_check(const struct pl_text *text, const char **ret_reason);

#endif
