/* A board that is offered batches of whatever kind, and what must hold whatever comes: a refusal changes nothing, what
 * is admitted can be applied and leaves a sound document, nothing costs more memory than its size allows, and the
 * journal, its replay, its snapshot and the naive engine agree. Whatever does not hold ends the process. */
#ifndef FUZZ_BOARD_H
#define FUZZ_BOARD_H
#include "proto/doc.h"
#include "tests/support/count_mem.h"
#include "tests/support/naive_doc.h"

#define BOARD_ENTRIES_MAX 128u

struct board_entry {
    uint64_t user;
    struct pl_buf body;
};

struct board { /* read by all */
    struct count_mem count;
    struct pl_doc *doc;
    struct naive_doc *naive; /* NULL after an ADOPT: a snapshot is not the naive engine's to read */
    struct board_entry entries[BOARD_ENTRIES_MAX];
    uint32_t n;
};

void board_init(struct board *board);
void board_done(struct board *board);
/* Decides, and journals the batch or its void. What pl_doc_decide said. Nothing happens when the journal is full. */
enum pl_status board_offer(struct board *board, struct pl_slice body, uint64_t user, enum pl_role role);
/* Everything that is dear, once at the end; `fail_at` is the allocation that a replay shall not get, 0 for none. */
void board_check(struct board *board, uint64_t fail_at);

/* What one call may have at most: a small multiple of the input, and what growing arrays of the state take. */
void memory_check(const struct count_mem *count, size_t live_before, size_t input_bytes);

#endif
