/* A board as JSON, in two grades: what somebody sees, and all that merging on would need. Both as small as JSON gets
 * without inventing a format: no spaces, short keys, numbers as short as they can be told. */
#ifndef BOARD_BOARD_JSON_H
#define BOARD_BOARD_JSON_H
#include "bench/trace/journal.h"

/* Appends [{"id", "kind", "pos", "size", "color", "order", "text"}, ...]. */
void board_json_seen(struct pl_doc *doc, struct pl_buf *buf);
/* Appends {"replicas": [[id, user, last counter], ...], "objects": [...]}: each register with its stamp, each text as
 * the inserts that made it with ids and origins, deleted letters as counts. The journal tells the origins. */
void board_json_whole(struct pl_doc *doc, const struct journal *journal, struct pl_buf *buf);

#endif
