/* Batches that are well-formed more often than not, and name what is there more often than not, made of a fuzzer's
 * bytes: what random bytes hardly ever come to. */
#ifndef FUZZ_HOSTILE_OPS_H
#define FUZZ_HOSTILE_OPS_H
#include "draw.h"
#include "proto/doc.h"

/* Appends a body as `replica` may write it after what `doc` has: its counters and clock fit mostly. Kinds, fields, ids
 * and values are anybody's, the server's ops among them when `server`. */
void hostile_body(struct draw *draw, const struct pl_doc *doc, uint32_t replica, bool server,
                  struct pl_buf *ret_body);

#endif
