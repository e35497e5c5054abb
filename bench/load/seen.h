/* The OPS messages of late, as read once: the same bytes reach hundreds of clients, and a load that
 * reads them hundreds of times measures itself. A client without a replica compares instead. */
#ifndef LOAD_SEEN_H
#define LOAD_SEEN_H
#include "proto/mem.h"
#include <stddef.h>
#include <stdint.h>

struct seen;

/* What one message held; borrowed until the next seen_keep. */
struct seen_frame {
    uint64_t first_seq, last_seq;
    const uint64_t *sent_ns; /* of those batches that this process sent */
    size_t sent_n;
};

struct seen *seen_new(const struct pl_mem *mem); /* NULL when out of memory */
void seen_free(struct seen *seen_or_null);
/* NULL when these bytes were not kept, or are no longer. */
const struct seen_frame *seen_find(const struct seen *seen, struct pl_slice message);
/* Copies both; in the place of another message. Without memory it keeps nothing. */
void seen_keep(struct seen *seen, struct pl_slice message, const struct seen_frame *frame);

#endif
