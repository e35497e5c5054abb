/* When each batch was handed to its socket, by replica and counter: what latencies are measured
 * from. */
#ifndef LOAD_SENT_H
#define LOAD_SENT_H
#include "proto/mem.h"
#include "proto/status.h"

struct sent;

struct sent *sent_new(const struct pl_mem *mem); /* NULL when out of memory */
void sent_free(struct sent *sent_or_null);
/* PL_NO_MEMORY. */
PL_CHECKED enum pl_status sent_note(struct sent *sent, uint32_t replica, uint64_t ctr0,
                                    uint64_t at_ns);
/* false for a batch of another process, and for one long ago. */
bool sent_find(const struct sent *sent, uint32_t replica, uint64_t ctr0, uint64_t *ret_at_ns);

#endif
