/* An editing history as its file tells it: transactions of patches, and for concurrent ones who made each after which.
 * Positions and lengths count Unicode scalars ("code points"). The format is described in bench/traces/README.md. */
#ifndef TRACE_HISTORY_H
#define TRACE_HISTORY_H
#include "proto/mem.h"
#include "proto/status.h"

#define HISTORY_AGENTS_MAX (1u << 20)
#define HISTORY_BYTES_MAX  (1024u * 1024u * 1024u) /* of JSON */

/* At scalar `at` of the visible text, `removed` scalars go and `inserted` comes, one step for the engine: what a file
 * inserts at once is cut into as many as an op may carry. Past the end means at the end, as in Array.splice. */
struct patch {
    uint32_t at;
    uint32_t removed;
    size_t inserted_at; /* in the history's text */
    uint32_t inserted_bytes;
};

/* `patch_n` patches from `patch0` on; `parent_n` parents from `parent0` on. */
struct txn {
    size_t patch0;
    size_t parent0;
    uint32_t patch_n;
    uint32_t parent_n;
    uint32_t agent;
};

struct history {
    bool concurrent;
    bool astral; /* some scalar takes two UTF-16 units */
    struct patch *patches; /* those of the start content first */
    size_t patch_n;
    size_t start_patch_n;
    struct txn *txns;
    uint32_t txn_n;
    uint32_t agent_n; /* agents are below it */
    uint32_t *parents; /* indices of earlier transactions */
    size_t parent_n;
    uint8_t *text;
    size_t text_bytes;
    struct pl_slice end; /* what the text must be in the end */
};

/* What is wrong with a file, in words for whoever gave it. */
struct complaint {
    char text[200];
};

/* Reads JSON. PL_MALFORMED with the reason in ret_complaint, PL_NO_MEMORY. Keys it does not know are passed over. */
PL_CHECKED enum pl_status history_parse(const char *json, size_t len, struct history *ret_history,
                                        struct complaint *ret_complaint);
/* The same from a file, gzip'd or not. Also PL_IO and PL_TOO_BIG, both with a reason. */
PL_CHECKED enum pl_status history_read(const char *path, struct history *ret_history,
                                       struct complaint *ret_complaint);
void history_done(struct history *history); /* takes a zeroed one too */

static inline struct pl_slice history_inserted(const struct history *history, size_t patch)
{
    const struct patch *it = &history->patches[patch];
    return (struct pl_slice){.data = history->text + it->inserted_at, .len = it->inserted_bytes};
}

#endif
