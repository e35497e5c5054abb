/* A document at any seq of its journal (see history.h). Entries lie one behind the other in one buffer; checkpoints are
 * in order of their seqs, the first is what the history was opened on. */
#include "proto/history.h"
#include <string.h>

#define GROW_MIN 16u

struct kept_entry {
    uint64_t user;
    uint64_t srv_ms;
    size_t end; /* of its body, in `bodies` */
};

struct checkpoint {
    uint64_t seq;
    uint8_t *snapshot; /* owned */
    size_t len;
};

struct pl_history {
    const struct pl_mem *mem;
    struct pl_history_limits limits;
    struct pl_doc *doc;
    uint64_t first;
    uint64_t first_ms;
    struct kept_entry *entries; /* of first + 1 and so on */
    size_t entry_n, entry_cap;
    struct pl_buf bodies;
    struct checkpoint *checkpoints;
    size_t checkpoint_n, checkpoint_cap;
    size_t checkpoint_bytes; /* of all */
};

/* Bytes of all entries up to a seq. */
static size_t bytes_until(const struct pl_history *history, uint64_t seq)
{
    return seq == history->first ? 0 : history->entries[seq - history->first - 1].end;
}

/* Grows an array of `size` by doubling, when all `cap` are taken; false when out of memory. */
static bool reserve_one(const struct pl_mem *mem, void **array, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return true;
    const size_t more = *cap == 0 ? GROW_MIN : *cap * 2;
    void *grown = pl_mem_resize(mem, *array, more * size);
    if (grown == NULL)
        return false;
    *array = grown;
    *cap = more;
    return true;
}

/* Every second checkpoint goes, the first and the last aside, and from now on they stand further apart. */
static void thin(struct pl_history *history)
{
    size_t kept = 1;
    for (size_t i = 1; i < history->checkpoint_n; i++) {
        if (i % 2 == 0 || i + 1 == history->checkpoint_n) {
            history->checkpoints[kept++] = history->checkpoints[i];
            continue;
        }
        history->checkpoint_bytes -= history->checkpoints[i].len;
        pl_mem_put(history->mem, history->checkpoints[i].snapshot);
    }
    history->checkpoint_n = kept;
    history->limits.apart_bytes *= 2;
}

/* Takes a checkpoint of the document as it is, behind the newest one. */
static enum pl_status add_checkpoint(struct pl_history *history)
{
    struct pl_buf snapshot;
    void *checkpoints = history->checkpoints;
    if (!reserve_one(history->mem, &checkpoints, &history->checkpoint_cap, history->checkpoint_n,
                     sizeof(struct checkpoint)))
        return PL_NO_MEMORY;
    history->checkpoints = checkpoints;
    pl_buf_init(&snapshot, history->mem);
    pl_doc_snapshot(history->doc, &snapshot);
    uint8_t *exact = snapshot.failed ? NULL : pl_mem_get(history->mem, snapshot.len);
    if (exact != NULL) {
        memcpy(exact, snapshot.data, snapshot.len);
        history->checkpoints[history->checkpoint_n++] =
            (struct checkpoint){.seq = pl_doc_head(history->doc), .snapshot = exact, .len = snapshot.len};
        history->checkpoint_bytes += snapshot.len;
    }
    pl_buf_done(&snapshot);
    while (history->checkpoint_n > 2 && history->checkpoint_bytes > history->limits.bytes_max)
        thin(history);
    return exact == NULL ? PL_NO_MEMORY : PL_OK;
}

enum pl_status pl_history_open(const struct pl_mem *mem, struct pl_slice snapshot, struct pl_history_limits limits,
                               struct pl_history **ret_history)
{
    struct pl_history *history = pl_mem_get(mem, sizeof *history);
    if (history == NULL)
        return PL_NO_MEMORY;
    *history = (struct pl_history){.mem = mem, .limits = limits};
    pl_buf_init(&history->bodies, mem);
    enum pl_status status = PL_OK;
    if (snapshot.len > 0)
        status = pl_doc_load(mem, snapshot, &history->doc);
    else
        history->doc = pl_doc_new(mem);
    if (status == PL_OK)
        status = history->doc == NULL ? PL_NO_MEMORY : add_checkpoint(history);
    if (status != PL_OK) {
        pl_history_free(history);
        return status;
    }
    history->first = pl_doc_head(history->doc);
    history->first_ms = pl_doc_srv_ms(history->doc);
    *ret_history = history;
    return PL_OK;
}

void pl_history_free(struct pl_history *history_or_null)
{
    struct pl_history *history = history_or_null;
    if (history == NULL)
        return;
    for (size_t i = 0; i < history->checkpoint_n; i++)
        pl_mem_put(history->mem, history->checkpoints[i].snapshot);
    pl_mem_put(history->mem, history->checkpoints);
    pl_mem_put(history->mem, history->entries);
    pl_buf_done(&history->bodies);
    pl_doc_free(history->doc);
    pl_mem_put(history->mem, history);
}

enum pl_status pl_history_append(struct pl_history *history, const struct pl_envelope *envelope)
{
    void *entries = history->entries;
    if (envelope->seq <= pl_history_last(history))
        return PL_DUPLICATE;
    if (envelope->seq != pl_history_last(history) + 1)
        return PL_GAP;
    if (!reserve_one(history->mem, &entries, &history->entry_cap, history->entry_n, sizeof(struct kept_entry)))
        return PL_NO_MEMORY;
    history->entries = entries;
    pl_buf_append(&history->bodies, envelope->body.data, envelope->body.len);
    if (history->bodies.failed)
        return PL_NO_MEMORY;
    history->entries[history->entry_n++] = (struct kept_entry){
        .user = envelope->user, .srv_ms = envelope->srv_ms, .end = history->bodies.len};
    return PL_OK;
}

uint64_t pl_history_first(const struct pl_history *history)
{
    return history->first;
}

uint64_t pl_history_last(const struct pl_history *history)
{
    return history->first + history->entry_n;
}

uint64_t pl_history_srv_ms(const struct pl_history *history, uint64_t seq)
{
    if (seq <= history->first || history->entry_n == 0)
        return history->first_ms;
    const uint64_t behind = seq - history->first;
    return history->entries[behind < history->entry_n ? behind - 1 : history->entry_n - 1].srv_ms;
}

/* Time never goes back in a journal. */
uint64_t pl_history_seq(const struct pl_history *history, uint64_t srv_ms)
{
    size_t low = 0, high = history->entry_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (history->entries[middle].srv_ms <= srv_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return history->first + low;
}

/* The newest checkpoint at or before a seq: the first one always is. */
static const struct checkpoint *nearest(const struct pl_history *history, uint64_t seq)
{
    size_t low = 1, high = history->checkpoint_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (history->checkpoints[middle].seq <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return &history->checkpoints[low - 1];
}

/* Whether to begin from the checkpoint: to go back, or where folding all up to it would take longer than reading it. */
static bool worth_loading(const struct pl_history *history, const struct checkpoint *checkpoint, uint64_t seq)
{
    const uint64_t at = pl_doc_head(history->doc);
    return seq < at || (checkpoint->seq > at &&
                        bytes_until(history, checkpoint->seq) - bytes_until(history, at) > checkpoint->len);
}

static enum pl_status read_checkpoint(struct pl_history *history, const struct checkpoint *checkpoint)
{
    struct pl_doc *doc;
    const struct pl_slice snapshot = {.data = checkpoint->snapshot, .len = checkpoint->len};
    const enum pl_status status = pl_doc_load(history->mem, snapshot, &doc);
    if (status != PL_OK)
        return status;
    pl_doc_free(history->doc);
    history->doc = doc;
    return PL_OK;
}

/* Folds the next entry, and takes a checkpoint where one is due. */
static enum pl_status fold_next(struct pl_history *history, const struct pl_observer *observer_or_null)
{
    const uint64_t at = pl_doc_head(history->doc);
    const struct kept_entry *entry = &history->entries[at - history->first];
    const size_t start = bytes_until(history, at);
    const struct pl_envelope envelope = {
        .seq = at + 1,
        .user = entry->user,
        .srv_ms = entry->srv_ms,
        .body = {.data = history->bodies.data + start, .len = entry->end - start},
    };
    const enum pl_status status = pl_doc_apply(history->doc, &envelope, observer_or_null);
    if (status != PL_OK)
        return status == PL_NO_MEMORY ? PL_NO_MEMORY : PL_CORRUPT;
    const struct checkpoint *newest = &history->checkpoints[history->checkpoint_n - 1];
    if (at + 1 <= newest->seq)
        return PL_OK;
    const size_t since = entry->end - bytes_until(history, newest->seq);
    return since >= history->limits.apart_bytes && since >= newest->len ? add_checkpoint(history) : PL_OK;
}

enum pl_status pl_history_move(struct pl_history *history, uint64_t seq, const struct pl_observer *observer_or_null,
                               bool *ret_anew_or_null)
{
    if (seq < history->first || seq > pl_history_last(history))
        return PL_NOT_FOUND;
    const struct checkpoint *checkpoint = nearest(history, seq);
    const bool anew = worth_loading(history, checkpoint, seq);
    enum pl_status status = anew ? read_checkpoint(history, checkpoint) : PL_OK;
    while (status == PL_OK && pl_doc_head(history->doc) < seq)
        status = fold_next(history, anew ? NULL : observer_or_null);
    if (status == PL_OK && ret_anew_or_null != NULL)
        *ret_anew_or_null = anew;
    return status;
}

struct pl_doc *pl_history_doc(const struct pl_history *history)
{
    return history->doc;
}
