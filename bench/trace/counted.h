/* An allocator that knows how much it has given out, and what the kernel says of this process. */
#ifndef TRACE_COUNTED_H
#define TRACE_COUNTED_H
#include "proto/mem.h"

/* Blocks are malloc's own and counted with the few bytes it rounds them up by. Must not move while in use. */
struct counted {
    struct pl_mem mem;
    size_t live_bytes;
    size_t peak_bytes;
};

void counted_init(struct counted *counted);
/* Resident bytes of this process, after malloc gave back what it could. */
size_t rss_bytes(void);

#endif
