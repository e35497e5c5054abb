/* Raw deflate (RFC 1951), as browsers' DecompressionStream("deflate-raw") reads it. Pure
 * functions of their arguments: any thread, as far as the buffer's allocator allows. */
#ifndef BASE_DEFLATE_H
#define BASE_DEFLATE_H
#include "proto/mem.h"
#include "proto/status.h"
#include "proto/writer.h"

/* Appends the compressed bytes. PL_NO_MEMORY. */
PL_CHECKED enum pl_status deflate_raw(struct pl_slice bytes, struct pl_buf *buf);
/* Appends at most bytes_max inflated bytes: PL_CORRUPT for anything but one whole stream,
 * PL_TOO_BIG above the cap, PL_NO_MEMORY. On failure the buffer's content is undefined. */
PL_CHECKED enum pl_status inflate_raw(struct pl_slice bytes, size_t bytes_max, struct pl_buf *buf);

#endif
