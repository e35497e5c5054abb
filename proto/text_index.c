/* The index of a text (see text_index.h). Ranges next to each other in one leaf are one entry, so typing adds none.
 * When an entry cannot be made the whole index goes: an index that is wrong could lead into a leaf that is no more. */
#include "proto/text_index.h"
#include <string.h>

struct entry {
    uint64_t ctr;
    struct leaf *leaf;
    uint32_t replica;
    uint32_t n;
};

/* A chunk of entries, and its first id, so that looking for a chunk touches none. */
struct chunk {
    uint64_t ctr;
    uint32_t replica;
    uint32_t n; /* 1 at least */
    struct entry *entries; /* room for CHUNK_ENTRIES_MAX */
};

/* Where an entry is; entry -1 of chunk 0 is in front of all. */
struct cursor {
    size_t chunk;
    ptrdiff_t entry;
};

struct pl_text_index {
    struct chunk *chunks;
    size_t n, cap;
    struct cursor recent; /* where the last edit was, or anywhere: mostly the next one is there too */
};

/* Without a branch: what is looked for is as good as random. */
static bool starts_by(uint32_t replica, uint64_t ctr, struct pl_id id)
{
    return (bool)((replica < id.replica) | ((replica == id.replica) & (ctr <= id.ctr)));
}

/* The last entry that starts at or before the id. */
static struct cursor last_before(const struct pl_text_index *index, struct pl_id id)
{
    const struct chunk *chunk = index->chunks;
    for (size_t n = index->n, half = n / 2; n > 1; n -= half, half = n / 2)
        chunk += starts_by(chunk[half].replica, chunk[half].ctr, id) ? half : 0;
    if (index->n == 0 || !starts_by(chunk->replica, chunk->ctr, id))
        return (struct cursor){.entry = -1};
    const struct entry *entry = chunk->entries;
    for (size_t n = chunk->n, half = n / 2; n > 1; n -= half, half = n / 2)
        entry += starts_by(entry[half].replica, entry[half].ctr, id) ? half : 0;
    return (struct cursor){.chunk = (size_t)(chunk - index->chunks), .entry = entry - chunk->entries};
}

static struct entry *entry_at(const struct pl_text_index *index, struct cursor at)
{
    return at.entry < 0 ? NULL : &index->chunks[at.chunk].entries[at.entry];
}

/* Moves on to the next entry; NULL behind the last. */
static struct entry *entry_next(const struct pl_text_index *index, struct cursor *at)
{
    at->entry++;
    if (at->chunk < index->n && at->entry >= (ptrdiff_t)index->chunks[at->chunk].n)
        *at = (struct cursor){.chunk = at->chunk + 1};
    return at->chunk < index->n ? entry_at(index, *at) : NULL;
}

static bool entry_holds(const struct entry *entry, struct pl_id id)
{
    return entry->replica == id.replica && id.ctr - entry->ctr < entry->n;
}

/* The entry at the recent place; NULL when it is no more. */
static struct entry *entry_recent(const struct pl_text_index *index)
{
    const struct cursor at = index->recent;
    return at.chunk < index->n && at.entry < (ptrdiff_t)index->chunks[at.chunk].n ? entry_at(index, at) : NULL;
}

/* Makes the last entry that starts at or before the id the recent one. */
static void seek(struct pl_text_index *index, struct pl_id id)
{
    const struct entry *entry = entry_recent(index);
    struct cursor at = index->recent;
    if (entry != NULL && starts_by(entry->replica, entry->ctr, id)) {
        entry = entry_next(index, &at);
        if (entry == NULL || !starts_by(entry->replica, entry->ctr, id))
            return;
    }
    index->recent = last_before(index, id);
}

/* The leaf an id is in, or NULL. */
static struct leaf *leaf_holding(const struct pl_text_index *index, struct pl_id id)
{
    const struct entry *entry = entry_recent(index);
    if (entry != NULL && entry_holds(entry, id))
        return entry->leaf;
    entry = entry_at(index, last_before(index, id));
    return entry != NULL && entry_holds(entry, id) ? entry->leaf : NULL;
}

/* Keeps a chunk's first id what it is. */
static void chunk_named(struct chunk *chunk)
{
    chunk->replica = chunk->entries[0].replica;
    chunk->ctr = chunk->entries[0].ctr;
}

static void entry_remove(struct pl_text_index *index, const struct pl_mem *mem, struct cursor at)
{
    struct chunk *chunk = &index->chunks[at.chunk];
    struct entry *entry = entry_at(index, at);
    memmove(entry, entry + 1, (--chunk->n - (size_t)at.entry) * sizeof *entry);
    if (chunk->n > 0) {
        chunk_named(chunk);
        return;
    }
    pl_mem_put(mem, chunk->entries);
    memmove(chunk, chunk + 1, (--index->n - at.chunk) * sizeof *chunk);
}

static struct chunk *chunk_add(struct pl_text_index *index, const struct pl_mem *mem, size_t at)
{
    if (index->n == index->cap) {
        const size_t cap = index->cap == 0 ? 2 : index->cap * 2;
        struct chunk *chunks = pl_mem_resize(mem, index->chunks, cap * sizeof *chunks);
        if (chunks == NULL)
            return NULL;
        index->chunks = chunks;
        index->cap = cap;
    }
    struct entry *entries = pl_mem_get(mem, CHUNK_ENTRIES_MAX * sizeof *entries);
    if (entries == NULL)
        return NULL;
    memmove(index->chunks + at + 1, index->chunks + at, (index->n++ - at) * sizeof *index->chunks);
    index->chunks[at] = (struct chunk){.entries = entries};
    return &index->chunks[at];
}

/* Puts an entry behind the one at the cursor, which moves on to it. */
static bool entry_add(struct pl_text_index *index, const struct pl_mem *mem, struct cursor *at, struct entry entry)
{
    size_t to = (size_t)(at->entry + 1);
    if (index->n == 0 && chunk_add(index, mem, 0) == NULL)
        return false;
    if (index->chunks[at->chunk].n == CHUNK_ENTRIES_MAX) {
        struct chunk *fresh = chunk_add(index, mem, at->chunk + 1);
        if (fresh == NULL)
            return false;
        struct chunk *full = fresh - 1;
        const uint32_t keep = to == full->n ? full->n - 1 : full->n / 2; /* ids mostly grow */
        fresh->n = full->n - keep;
        memcpy(fresh->entries, full->entries + keep, fresh->n * sizeof *fresh->entries);
        full->n = keep;
        chunk_named(fresh);
        if (to > keep) {
            at->chunk++;
            to -= keep;
        }
    }
    struct chunk *chunk = &index->chunks[at->chunk];
    memmove(chunk->entries + to + 1, chunk->entries + to, (chunk->n++ - to) * sizeof entry);
    chunk->entries[to] = entry;
    chunk_named(chunk);
    at->entry = (ptrdiff_t)to;
    return true;
}

/* Joins the entry with the one behind it where they go on. */
static void entry_join(struct pl_text_index *index, const struct pl_mem *mem, struct cursor at)
{
    struct entry *entry = entry_at(index, at), *next = entry == NULL ? NULL : entry_next(index, &at);
    if (next == NULL || next->replica != entry->replica || next->leaf != entry->leaf ||
        next->ctr != entry->ctr + entry->n)
        return;
    entry->n += next->n;
    entry_remove(index, mem, at);
}

/* Takes the ids out of what they are in. */
static bool range_carve(struct pl_text_index *index, const struct pl_mem *mem, struct pl_id id, uint32_t n)
{
    const uint64_t end = id.ctr + n;
    for (;;) {
        struct cursor at = last_before(index, (struct pl_id){.replica = id.replica, .ctr = end - 1});
        struct entry *entry = entry_at(index, at);
        if (entry == NULL || entry->replica != id.replica || entry->ctr + entry->n <= id.ctr)
            return true;
        const uint64_t entry_end = entry->ctr + entry->n;
        if (entry->ctr < id.ctr) {
            entry->n = (uint32_t)(id.ctr - entry->ctr);
            const struct entry rest = {end, entry->leaf, id.replica, (uint32_t)(entry_end - end)};
            return entry_end <= end || entry_add(index, mem, &at, rest);
        }
        if (entry_end <= end) {
            entry_remove(index, mem, at);
            continue;
        }
        entry->ctr = end;
        entry->n = (uint32_t)(entry_end - end);
        chunk_named(&index->chunks[at.chunk]);
    }
}

static bool range_add(struct pl_text_index *index, const struct pl_mem *mem, struct pl_id id, uint32_t n,
                      struct leaf *leaf)
{
    seek(index, id);
    struct entry *entry = entry_at(index, index->recent);
    if (entry != NULL && entry->replica == id.replica && entry->leaf == leaf && entry->ctr + entry->n == id.ctr)
        entry->n += n;
    else if (!entry_add(index, mem, &index->recent, (struct entry){id.ctr, leaf, id.replica, n}))
        return false;
    entry_join(index, mem, index->recent);
    return true;
}

bool pl_index_add(struct pl_text *text, struct pl_id id, uint32_t n, struct leaf *leaf)
{
    if (range_add(text->index, text->mem, id, n, leaf))
        return true;
    pl_index_free(text);
    return false;
}

bool pl_index_reassign(struct pl_text *text, struct pl_id id, uint32_t n, struct leaf *leaf)
{
    if (range_carve(text->index, text->mem, id, n))
        return pl_index_add(text, id, n, leaf);
    pl_index_free(text);
    return false;
}

bool pl_index_make(struct pl_text *text)
{
    text->index = pl_mem_get(text->mem, sizeof *text->index);
    if (text->index == NULL)
        return false;
    *text->index = (struct pl_text_index){0};
    for (struct leaf *leaf = &text->first; leaf != NULL; leaf = pl_leaf_beside(leaf, +1))
        for (unsigned i = 0; i < leaf->node.n; i++)
            if (!pl_index_add(text, span_id(&leaf->spans[i], 0), leaf->spans[i].n, leaf))
                return false;
    return true;
}

void pl_index_free(struct pl_text *text)
{
    struct pl_text_index *index = text->index;
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->n; i++)
        pl_mem_put(text->mem, index->chunks[i].entries);
    pl_mem_put(text->mem, index->chunks);
    pl_mem_put(text->mem, index);
    text->index = NULL;
}

/* The node of a copy that stands where `node` stands in the original. */
static struct node *counterpart(const struct pl_text *copy, const struct node *node)
{
    if (node->parent == NULL)
        return copy->root;
    return branch_of(counterpart(copy, &node->parent->node))->children[node->slot];
}

bool pl_index_copy(struct pl_text *text, const struct pl_text *from)
{
    const struct pl_text_index *old = from->index;
    struct pl_text_index *index = pl_mem_get(text->mem, sizeof *index);
    text->index = index;
    if (index == NULL)
        return false;
    *index = (struct pl_text_index){.cap = old->n};
    index->chunks = pl_mem_get(text->mem, old->n * sizeof *index->chunks);
    if (index->chunks == NULL)
        return false;
    for (; index->n < old->n; index->n++) {
        struct chunk *chunk = &index->chunks[index->n];
        *chunk = old->chunks[index->n];
        chunk->entries = pl_mem_get(text->mem, CHUNK_ENTRIES_MAX * sizeof *chunk->entries);
        if (chunk->entries == NULL)
            return false;
        memcpy(chunk->entries, old->chunks[index->n].entries, chunk->n * sizeof *chunk->entries);
        for (uint32_t i = 0; i < chunk->n; i++)
            chunk->entries[i].leaf = leaf_of(counterpart(text, &chunk->entries[i].leaf->node));
    }
    return true;
}

void pl_index_move(struct pl_text *text, struct pl_id id, const struct leaf *from, struct leaf *to)
{
    if (text->index == NULL)
        return;
    struct cursor at = last_before(text->index, id);
    struct entry *entry = entry_at(text->index, at);
    if (entry == NULL || entry->leaf != from || !entry_holds(entry, id))
        return;
    entry->leaf = to;
    entry_join(text->index, text->mem, at);
    if (entry->ctr > 1)
        entry_join(text->index, text->mem, last_before(text->index, (struct pl_id){entry->replica, entry->ctr - 1}));
}

/* The place of an id within the leaf that has it. */
static bool find_in_leaf(struct leaf *leaf, struct pl_id id, struct spot *ret_spot)
{
    for (uint32_t i = 0; i < leaf->node.n; i++) {
        if (span_holds(&leaf->spans[i], id)) {
            *ret_spot = (struct spot){.leaf = leaf, .i = i, .at = (uint32_t)(id.ctr - leaf->spans[i].ctr)};
            return true;
        }
    }
    return false;
}

bool pl_text_find(const struct pl_text *text, struct pl_id id, struct spot *ret_spot)
{
    if (text->index == NULL)
        return text->root->level == 0 && find_in_leaf(leaf_of(text->root), id, ret_spot);
    struct leaf *leaf = leaf_holding(text->index, id);
    return leaf != NULL && find_in_leaf(leaf, id, ret_spot);
}

/* The first id from `id` on that a leaf has, as far as `end`; `end` when there is none. */
static uint64_t first_in_leaf(const struct leaf *leaf, struct pl_id id, uint64_t end)
{
    uint64_t first = end;
    for (uint32_t i = 0; i < leaf->node.n; i++) {
        const struct span *span = &leaf->spans[i];
        if (span->replica == id.replica && span->ctr < first && span->ctr + span->n > id.ctr)
            first = span->ctr > id.ctr ? span->ctr : id.ctr;
    }
    return first;
}

/* The same of the whole text, with an index. */
static uint64_t first_in_index(const struct pl_text_index *index, struct cursor at, struct pl_id id, uint64_t end)
{
    const struct entry *entry = entry_at(index, at);
    if (entry != NULL && entry_holds(entry, id))
        return id.ctr;
    entry = entry_next(index, &at);
    return entry != NULL && entry->replica == id.replica && entry->ctr < end ? entry->ctr : end;
}

bool pl_text_lacks(struct pl_text *text, struct pl_id_range range)
{
    const uint64_t end = range.id.ctr + range.n;
    if (text->index == NULL)
        return first_in_leaf(&text->first, range.id, end) == end;
    seek(text->index, range.id);
    return first_in_index(text->index, text->index->recent, range.id, end) == end;
}

bool pl_text_find_first(const struct pl_text *text, struct pl_id_range *range, struct spot *ret_spot)
{
    const uint64_t end = range->id.ctr + range->n;
    if (range->n == 0)
        return false;
    if (pl_text_find(text, range->id, ret_spot))
        return true;
    range->id.ctr = text->index == NULL
                        ? first_in_leaf(&text->first, range->id, end)
                        : first_in_index(text->index, last_before(text->index, range->id), range->id, end);
    range->n = end - range->id.ctr;
    return range->n > 0 && pl_text_find(text, range->id, ret_spot);
}

bool pl_text_find_last(const struct pl_text *text, struct pl_id_range range, struct pl_id *ret_id)
{
    const uint64_t last = range.id.ctr + range.n - 1;
    uint64_t found = 0;
    if (text->index != NULL) {
        const struct pl_id end = {.replica = range.id.replica, .ctr = last};
        const struct entry *entry = entry_at(text->index, last_before(text->index, end));
        if (entry != NULL && entry->replica == end.replica)
            found = entry_holds(entry, end) ? last : entry->ctr + entry->n - 1;
    } else {
        for (uint32_t i = 0; i < text->first.node.n; i++) {
            const struct span *span = &text->first.spans[i];
            const uint64_t span_last = span->ctr + span->n - 1, most = span_last < last ? span_last : last;
            if (span->replica == range.id.replica && span->ctr <= last && most > found)
                found = most;
        }
    }
    if (found < range.id.ctr)
        return false;
    *ret_id = (struct pl_id){.replica = range.id.replica, .ctr = found};
    return true;
}

bool pl_index_check(const struct pl_text *text, const char **ret_reason)
{
    const struct pl_text_index *index = text->index;
    const struct entry *last = NULL;
    uint64_t ids = 0;
    for (size_t i = 0; i < index->n; i++) {
        const struct chunk *chunk = &index->chunks[i];
        for (uint32_t k = 0; k < chunk->n; k++) {
            const struct entry *entry = &chunk->entries[k];
            const bool named = k > 0 || (chunk->ctr == entry->ctr && chunk->replica == entry->replica);
            const bool after = last == NULL || last->replica < entry->replica ||
                               (last->replica == entry->replica && last->ctr + last->n <= entry->ctr);
            const bool apart = last == NULL || last->replica != entry->replica || last->leaf != entry->leaf ||
                               last->ctr + last->n < entry->ctr;
            if (!named || !after || !apart || entry->n == 0) {
                *ret_reason = "a text's index is out of order";
                return false;
            }
            ids += entry->n;
            last = entry;
        }
    }
    if (ids != text->ids) {
        *ret_reason = "a text's index has other ids than the text";
        return false;
    }
    return true;
}
