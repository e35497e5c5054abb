/* The sequence CRDT: spans in document order in one array, visible text in one buffer. Rules B6, B7, N3.
 * Each span is a run of ids of one replica whose scalars follow one another: scalar k > 0 has its run neighbour as left
 * origin, and all share the right origin, so a run integrates as one. Lookups walk the array. Reading back, encoding
 * and the walks over what is visible are in text_read.c. */
#include "proto/text.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/text_spans.h"
#include <string.h>

struct pl_text *pl_text_new(const struct pl_mem *mem)
{
    struct pl_text *text = pl_mem_get(mem, sizeof *text);
    if (text == NULL)
        return NULL;
    *text = (struct pl_text){.mem = mem};
    pl_buf_init(&text->utf8, mem);
    return text;
}

void pl_text_free(struct pl_text *text_or_null)
{
    if (text_or_null == NULL)
        return;
    pl_mem_put(text_or_null->mem, text_or_null->spans);
    pl_buf_done(&text_or_null->utf8);
    pl_mem_put(text_or_null->mem, text_or_null);
}

struct pl_text *pl_text_clone(const struct pl_text *text)
{
    struct pl_text *clone = pl_text_new(text->mem);
    if (clone == NULL)
        return NULL;
    pl_buf_append(&clone->utf8, text->utf8.data, text->utf8.len);
    if (clone->utf8.failed || !pl_text_reserve(clone, text->span_n)) {
        pl_text_free(clone);
        return NULL;
    }
    if (text->span_n > 0)
        memcpy(clone->spans, text->spans, text->span_n * sizeof *text->spans);
    clone->span_n = text->span_n;
    clone->ids = text->ids;
    clone->scalars = text->scalars;
    clone->utf16 = text->utf16;
    return clone;
}

bool pl_text_reserve(struct pl_text *text, size_t more)
{
    if (text->span_cap - text->span_n >= more)
        return true;
    size_t cap = text->span_cap < 4 ? 4 : text->span_cap * 2;
    while (cap - text->span_n < more)
        cap *= 2;
    struct span *spans = pl_mem_resize(text->mem, text->spans, cap * sizeof *spans);
    if (spans == NULL)
        return false;
    text->spans = spans;
    text->span_cap = cap;
    return true;
}

static bool holds(const struct span *span, struct pl_id id)
{
    return span->id.replica == id.replica && id.ctr >= span->id.ctr && id.ctr - span->id.ctr < span->n;
}

/* Where an id stands: its span, and its index among all scalars. */
bool pl_text_find(const struct pl_text *text, struct pl_id id, size_t *ret_span, uint64_t *ret_index)
{
    uint64_t before = 0;
    for (size_t i = 0; i < text->span_n; i++) {
        if (holds(&text->spans[i], id)) {
            *ret_span = i;
            *ret_index = before + (id.ctr - text->spans[i].id.ctr);
            return true;
        }
        before += text->spans[i].n;
    }
    return false;
}

bool pl_text_has(const struct pl_text *text, struct pl_id id)
{
    size_t span;
    uint64_t index;
    return pl_text_find(text, id, &span, &index);
}

uint64_t pl_text_covered(const struct pl_text *text, struct pl_id_range range)
{
    uint64_t covered = 0;
    for (size_t i = 0; i < text->span_n; i++)
        covered += pl_span_overlap(&text->spans[i], range, NULL);
    return covered;
}

/* Bytes and UTF-16 units of the first `n` scalars at `utf8`. */
static void measure(const uint8_t *utf8, uint64_t n, size_t *ret_bytes, size_t *ret_utf16)
{
    size_t bytes = 0, units = 0;
    for (uint64_t i = 0; i < n; i++) {
        const size_t wide = pl_utf8_wide(utf8[bytes]);
        bytes += wide;
        units += wide == 4 ? 2 : 1;
    }
    *ret_bytes = bytes;
    *ret_utf16 = units;
}

size_t pl_text_byte_offset(const struct pl_text *text, size_t span)
{
    size_t bytes = 0;
    for (size_t i = 0; i < span; i++)
        bytes += text->spans[i].bytes;
    return bytes;
}

/* Cuts span `i` so that its first `n` scalars stand alone; room for one more span is there. */
static void split(struct pl_text *text, size_t i, uint64_t n)
{
    struct span *span = &text->spans[i];
    memmove(span + 2, span + 1, (text->span_n - i - 1) * sizeof *span);
    text->span_n++;
    struct span *tail = span + 1;
    *tail = *span;
    tail->id.ctr += n;
    tail->n -= n;
    tail->depth += n;
    tail->left = (struct pl_id){.replica = span->id.replica, .ctr = span->id.ctr + n - 1};
    span->n = n;
    if (!span->deleted) {
        size_t bytes, units;
        measure(text->utf8.data + pl_text_byte_offset(text, i), n, &bytes, &units);
        tail->bytes -= bytes;
        tail->utf16 -= units;
        span->bytes = bytes;
        span->utf16 = units;
    }
}

bool pl_span_joins(const struct span *a, const struct span *b)
{
    const struct pl_id last = {.replica = a->id.replica, .ctr = a->id.ctr + a->n - 1};
    return a->deleted == b->deleted && b->id.replica == last.replica && b->id.ctr == last.ctr + 1 &&
           pl_id_equal(b->left, last) && pl_id_equal(a->right, b->right);
}

/* Joins span `i` with its right neighbour where they are one run. */
static void join(struct pl_text *text, size_t i)
{
    if (i + 1 >= text->span_n || !pl_span_joins(&text->spans[i], &text->spans[i + 1]))
        return;
    struct span *span = &text->spans[i];
    span->n += span[1].n;
    span->bytes += span[1].bytes;
    span->utf16 += span[1].utf16;
    memmove(span + 1, span + 2, (text->span_n - i - 2) * sizeof *span);
    text->span_n--;
}

/* The end for no id: positions that can be compared. */
static uint64_t right_index(const struct pl_text *text, struct pl_id id)
{
    size_t span;
    uint64_t index = 0;
    if (pl_id_none(id) || !pl_text_find(text, id, &span, &index))
        return text->ids;
    return index;
}

/* Cuts so that the scalar `id` begins a span, if there is one; room for one more span is there. Whether it had to. */
static bool cut_before(struct pl_text *text, struct pl_id id)
{
    size_t span;
    uint64_t index;
    if (pl_id_none(id) || !pl_text_find(text, id, &span, &index) || id.ctr == text->spans[span].id.ctr)
        return false;
    split(text, span, id.ctr - text->spans[span].id.ctr);
    return true;
}

/* The span index before which a new run belongs (B6). `start` is the first span right of the left origin. Depth tells
 * what hangs below the left origin, so that a span costs one comparison; a look at a right origin costs a walk, so
 * they are taken from the end, where the first mostly decides, and not for ever. */
static size_t integrate(const struct pl_text *text, const struct span *fresh, size_t start)
{
    size_t end = start;
    for (; end < text->span_n; end++) {
        const struct span *other = &text->spans[end];
        if (other->depth < fresh->depth || pl_id_equal(other->id, fresh->right))
            break;
        if (pl_id_equal(other->left, fresh->left) && pl_id_equal(other->right, fresh->right) &&
            pl_id_compare(fresh->id, other->id) < 0)
            break;
    }
    const uint64_t right = right_index(text, fresh->right);
    size_t dest = end;
    unsigned looks = 0;
    for (size_t i = end; i > start && looks < PL_TEXT_LOOKS_MAX; i--) {
        const struct span *other = &text->spans[i - 1];
        if (!pl_id_equal(other->left, fresh->left))
            continue;
        looks++;
        if (pl_id_equal(other->right, fresh->right) || right_index(text, other->right) >= right)
            break;
        dest = i - 1;
    }
    return dest;
}

static void place(struct pl_text *text, const struct span *fresh, size_t at, struct pl_slice utf8)
{
    const size_t offset = pl_text_byte_offset(text, at);
    memmove(text->utf8.data + offset + utf8.len, text->utf8.data + offset, text->utf8.len - offset);
    memcpy(text->utf8.data + offset, utf8.data, utf8.len);
    text->utf8.len += utf8.len;
    memmove(text->spans + at + 1, text->spans + at, (text->span_n - at) * sizeof *text->spans);
    text->spans[at] = *fresh;
    text->span_n++;
    text->ids += fresh->n;
    text->scalars += fresh->n;
    text->utf16 += fresh->utf16;
}

/* Undoes a cut in front of the scalar `id` that nothing came to stand in. */
static void heal_before(struct pl_text *text, struct pl_id id)
{
    size_t span;
    uint64_t index;
    if (pl_text_find(text, id, &span, &index) && span > 0)
        join(text, span - 1);
}

enum pl_status pl_text_insert(struct pl_text *text, struct pl_id id, struct pl_id left,
                              struct pl_id right, struct pl_slice utf8)
{
    size_t at = 0;
    uint64_t index = 0;
    struct span fresh = {.id = id, .n = pl_utf8_scalars(utf8), .left = left, .right = right,
                         .bytes = utf8.len};
    size_t bytes;
    if (!pl_id_none(right) && !pl_text_has(text, right))
        return PL_ORPHAN;
    if (!pl_id_none(left) && !pl_text_has(text, left))
        return PL_ORPHAN;
    if (!pl_text_reserve(text, 3) || !pl_buf_reserve(&text->utf8, utf8.len))
        return PL_NO_MEMORY;
    /* Where spans happen to begin must not matter: a text read from a snapshot has fewer. */
    const bool right_cut = cut_before(text, right);
    bool left_cut = false;
    if (!pl_id_none(left) && pl_text_find(text, left, &at, &index)) {
        const uint64_t kept = left.ctr - text->spans[at].id.ctr + 1;
        fresh.depth = text->spans[at].depth + kept;
        left_cut = kept < text->spans[at].n;
        if (left_cut)
            split(text, at, kept);
        at++;
    }
    measure(utf8.data, fresh.n, &bytes, &fresh.utf16);
    at = integrate(text, &fresh, at);
    place(text, &fresh, at, utf8);
    join(text, at);
    if (at > 0)
        join(text, at - 1);
    if (left_cut)
        heal_before(text, (struct pl_id){.replica = left.replica, .ctr = left.ctr + 1});
    if (right_cut)
        heal_before(text, right);
    return PL_OK;
}

/* Deletes the `n` scalars of span `i` that start at its scalar `from`; room for two more spans is there. */
static size_t delete_in_span(struct pl_text *text, size_t i, uint64_t from, uint64_t n)
{
    if (from > 0) {
        split(text, i, from);
        i++;
    }
    if (n < text->spans[i].n)
        split(text, i, n);
    struct span *span = &text->spans[i];
    const size_t offset = pl_text_byte_offset(text, i);
    memmove(text->utf8.data + offset, text->utf8.data + offset + span->bytes,
            text->utf8.len - offset - span->bytes);
    text->utf8.len -= span->bytes;
    text->scalars -= span->n;
    text->utf16 -= span->utf16;
    span->deleted = true;
    span->bytes = 0;
    span->utf16 = 0;
    return i;
}

enum pl_status pl_text_delete(struct pl_text *text, struct pl_id_range range)
{
    for (size_t i = 0; i < text->span_n; i++) {
        uint64_t from;
        const uint64_t n = pl_span_overlap(&text->spans[i], range, &from);
        if (n == 0 || text->spans[i].deleted)
            continue;
        if (!pl_text_reserve(text, 2))
            return PL_NO_MEMORY;
        i = delete_in_span(text, i, from, n);
        join(text, i);
        if (i > 0) {
            const size_t before = text->span_n;
            join(text, i - 1);
            i -= before - text->span_n;
        }
    }
    return PL_OK;
}
