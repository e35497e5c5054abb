/* The batches peers settled, by chapter: what a server would have kept. An entry has no seq of its own, because every
 * peer that takes it numbers its own journal. */
#ifndef TRACE_JOURNAL_H
#define TRACE_JOURNAL_H
#include "proto/doc.h"

struct journal {
    struct pl_buf bytes;
    struct journal_entry {
        size_t at;
        uint32_t len;
        uint32_t user;
    } *entries;
    size_t entry_n, entry_cap;
    size_t *chapters; /* the first entry of each */
    size_t chapter_n, chapter_cap;
};

void journal_init(struct journal *journal);
void journal_done(struct journal *journal);
/* The next chapter begins, empty. PL_NO_MEMORY. */
PL_CHECKED enum pl_status journal_chapter(struct journal *journal);
/* Copies a body to the end of the last chapter. PL_NO_MEMORY. */
PL_CHECKED enum pl_status journal_add(struct journal *journal, uint32_t user, struct pl_slice body);
/* An entry as the one with that seq. Borrows until the next add. */
struct pl_envelope journal_envelope(const struct journal *journal, size_t entry, uint64_t seq);
/* The entry after the last of a chapter. */
size_t journal_chapter_end(const struct journal *journal, size_t chapter);
/* Bytes it occupies. */
size_t journal_footprint(const struct journal *journal);

#endif
