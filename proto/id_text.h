/* Ids as text, "replica.ctr" in decimal: how they cross into TypeScript. */
#ifndef PL_ID_TEXT_H
#define PL_ID_TEXT_H
#include "proto/id.h"
#include "proto/mem.h"
#include "proto/writer.h"

#define PL_ID_TEXT_MAX 32u

/* Writes the text without a NUL and returns its length. */
size_t pl_id_format(struct pl_id id, char ret_text[PL_ID_TEXT_MAX]);
/* False unless the text is exactly one id. */
bool pl_id_parse(struct pl_slice text, struct pl_id *ret_id);
void pl_write_id_text(struct pl_buf *buf, struct pl_id id); /* nil for no id */

#endif
