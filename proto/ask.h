/* What a client asks of a text or an object besides how it looks: places that stay put, and who wrote what. Requests and
 * replies are MessagePack, ids are texts. PL_MALFORMED, PL_NOT_FOUND. */
#ifndef PL_ASK_H
#define PL_ASK_H
#include "proto/sight.h"

/* [id, field, [[utf16, after], ...]] -> [[anchor id or nil, after], ...]: places in a text, tied to the scalar before
 * them (`after`) or behind them (pl_text_anchor). A text nobody wrote in yet is an empty one. */
PL_CHECKED enum pl_status pl_ask_anchors(struct pl_replica *replica, struct pl_slice request, struct pl_buf *buf);
/* [id, field, [[anchor id or nil, after], ...]] -> [utf16, ...]: where they are now. */
PL_CHECKED enum pl_status pl_ask_places(struct pl_replica *replica, struct pl_slice request, struct pl_buf *buf);
/* [id] -> [{field: user}, {field: [[units, user], ...]}]: who wrote each register, and each stretch of the texts; 0 for
 * somebody unknown. */
PL_CHECKED enum pl_status pl_ask_authors(const struct pl_sight *sight, struct pl_slice request, struct pl_buf *buf);

#endif
