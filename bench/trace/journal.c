#include "bench/trace/journal.h"
#include <stdlib.h>

void journal_init(struct journal *journal)
{
    *journal = (struct journal){0};
    pl_buf_init(&journal->bytes, pl_mem_libc());
}

void journal_done(struct journal *journal)
{
    pl_buf_done(&journal->bytes);
    free(journal->entries);
    free(journal->chapters);
}

enum pl_status journal_chapter(struct journal *journal)
{
    if (journal->chapter_n == journal->chapter_cap) {
        const size_t cap = journal->chapter_cap == 0 ? 256 : journal->chapter_cap * 2;
        size_t *chapters = realloc(journal->chapters, cap * sizeof *chapters);
        if (chapters == NULL)
            return PL_NO_MEMORY;
        journal->chapters = chapters;
        journal->chapter_cap = cap;
    }
    journal->chapters[journal->chapter_n++] = journal->entry_n;
    return PL_OK;
}

enum pl_status journal_add(struct journal *journal, uint32_t user, struct pl_slice body)
{
    if (journal->entry_n == journal->entry_cap) {
        const size_t cap = journal->entry_cap == 0 ? 256 : journal->entry_cap * 2;
        struct journal_entry *entries = realloc(journal->entries, cap * sizeof *entries);
        if (entries == NULL)
            return PL_NO_MEMORY;
        journal->entries = entries;
        journal->entry_cap = cap;
    }
    journal->entries[journal->entry_n++] =
        (struct journal_entry){.at = journal->bytes.len, .len = (uint32_t)body.len, .user = user};
    pl_buf_append(&journal->bytes, body.data, body.len);
    return journal->bytes.failed ? PL_NO_MEMORY : PL_OK;
}

struct pl_envelope journal_envelope(const struct journal *journal, size_t entry, uint64_t seq)
{
    const struct journal_entry *it = &journal->entries[entry];
    return (struct pl_envelope){
        .seq = seq,
        .user = it->user,
        .srv_ms = 1, /* the same for all, so that states can be compared to the byte */
        .body = {.data = journal->bytes.data + it->at, .len = it->len},
    };
}

size_t journal_chapter_end(const struct journal *journal, size_t chapter)
{
    return chapter + 1 < journal->chapter_n ? journal->chapters[chapter + 1] : journal->entry_n;
}

size_t journal_footprint(const struct journal *journal)
{
    return journal->bytes.len + journal->entry_n * sizeof *journal->entries +
           journal->chapter_n * sizeof *journal->chapters;
}
