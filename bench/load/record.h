/* The record that acks.h describes, read back. */
#ifndef LOAD_RECORD_H
#define LOAD_RECORD_H
#include "proto/mem.h"
#include "proto/status.h"

struct record_batch {
    uint32_t replica;
    uint64_t ctr0;
    uint64_t n;
    uint64_t seq;       /* acknowledged at; 0: never acknowledged */
    uint32_t journal_n; /* how often the journal was seen to hold it */
    bool lost;          /* found missing already: it counts once */
    struct pl_slice body;
};

struct record;

/* PL_IO, PL_NO_MEMORY, PL_CORRUPT for a line no run writes (said on stderr; a last line cut short
 * is passed over). */
PL_CHECKED enum pl_status record_read(const char *path, struct record **ret_record);
void record_free(struct record *record_or_null);
/* The board's link; NULL when nothing was ever acknowledged. */
const char *record_link(const struct record *record);
size_t record_n(const struct record *record);
struct record_batch *record_at(struct record *record, size_t index);
/* NULL when the record has no such batch. */
struct record_batch *record_find(struct record *record, uint32_t replica, uint64_t ctr0);

#endif
