/* What part of a file a request asks for (RFC 9110, 14.2): one range of bytes, or all of it. Pure. */
#ifndef API_RANGE_H
#define API_RANGE_H
#include "proto/mem.h"
#include "proto/status.h"

struct byte_range {
    uint64_t from, len;
    bool part; /* 206 */
};

/* `range` and `if_range` are headers, data NULL when absent; `etag` with its quotes. What is no range of bytes, more than
 * one of them, or one of another file, asks for the whole. PL_RANGE: nothing of it is in the file. */
PL_CHECKED enum pl_status byte_range_read(struct pl_slice range, struct pl_slice if_range, const char *etag,
                                          uint64_t bytes, struct byte_range *ret_range);

#endif
