/* Reading a text: positions, visible runs, the canonical encoding and back, invariants. Rule N3. */
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/text_spans.h"
#include <stdlib.h>
#include <string.h>

/* A place in the visible text: the span, the scalar within it, and the byte within the text's buffer. */
struct place {
    size_t span;
    uint64_t scalar;
    size_t byte;
};

/* Walks `units` UTF-16 units on from the start of a span; stops before a scalar that would go beyond. */
static uint64_t scalars_in(const uint8_t *utf8, uint64_t n, size_t *units, size_t *ret_bytes)
{
    uint64_t scalar = 0;
    size_t bytes = 0;
    while (scalar < n) {
        const size_t wide = pl_utf8_wide(utf8[bytes]);
        const size_t cost = wide == 4 ? 2 : 1;
        if (cost > *units) {
            *units = 0;
            break;
        }
        *units -= cost;
        bytes += wide;
        scalar++;
    }
    *ret_bytes = bytes;
    return scalar;
}

/* The scalar before UTF-16 position `utf16` (clamped): false at the very start. */
static bool scalar_before(const struct pl_text *text, size_t utf16, struct place *ret_place)
{
    struct place found = {0};
    bool any = false;
    size_t byte = 0;
    for (size_t i = 0; i < text->span_n && utf16 > 0; i++) {
        const struct span *span = &text->spans[i];
        if (span->deleted)
            continue;
        size_t bytes = span->bytes;
        uint64_t scalars = span->n;
        if (span->utf16 <= utf16)
            utf16 -= span->utf16;
        else
            scalars = scalars_in(text->utf8.data + byte, span->n, &utf16, &bytes);
        if (scalars > 0) {
            any = true;
            found = (struct place){.span = i, .scalar = scalars - 1, .byte = byte};
        }
        if (scalars < span->n)
            break;
        byte += bytes;
    }
    if (any)
        *ret_place = found;
    return any;
}

static struct pl_id id_at(const struct span *span, uint64_t scalar)
{
    return (struct pl_id){.replica = span->id.replica, .ctr = span->id.ctr + scalar};
}

/* The id that stands right of scalar `scalar` of span `i`, deleted or not; no id at the end. */
static struct pl_id id_after(const struct pl_text *text, size_t i, uint64_t scalar)
{
    if (scalar + 1 < text->spans[i].n)
        return id_at(&text->spans[i], scalar + 1);
    return i + 1 < text->span_n ? text->spans[i + 1].id : (struct pl_id){0};
}

void pl_text_origins(const struct pl_text *text, size_t utf16, struct pl_id *ret_left,
                     struct pl_id *ret_right)
{
    struct place place;
    if (!scalar_before(text, utf16, &place)) {
        *ret_left = (struct pl_id){0};
        *ret_right = text->span_n > 0 ? text->spans[0].id : (struct pl_id){0};
        return;
    }
    *ret_left = id_at(&text->spans[place.span], place.scalar);
    *ret_right = id_after(text, place.span, place.scalar);
}

bool pl_text_after(const struct pl_text *text, struct pl_id id, struct pl_id *ret_right)
{
    size_t span;
    uint64_t index;
    if (!pl_text_find(text, id, &span, &index))
        return false;
    *ret_right = id_after(text, span, id.ctr - text->spans[span].id.ctr);
    return true;
}

struct pl_id pl_text_first(const struct pl_text *text)
{
    return text->span_n > 0 ? text->spans[0].id : (struct pl_id){0};
}

void pl_text_visible(const struct pl_text *text, size_t utf16, size_t utf16_n, pl_text_visit *visit,
                     void *user)
{
    size_t byte = 0, skip = utf16, left = utf16_n;
    for (size_t i = 0; i < text->span_n && left > 0; i++) {
        const struct span *span = &text->spans[i];
        if (span->deleted)
            continue;
        if (span->utf16 <= skip) {
            skip -= span->utf16;
            byte += span->bytes;
            continue;
        }
        const uint8_t *utf8 = text->utf8.data + byte;
        size_t head_bytes, run_bytes;
        const uint64_t head = scalars_in(utf8, span->n, &skip, &head_bytes);
        const uint64_t run = scalars_in(utf8 + head_bytes, span->n - head, &left, &run_bytes);
        skip = 0;
        byte += span->bytes;
        if (run == 0)
            continue;
        const struct pl_id_range range = {.id = id_at(span, head), .n = run};
        if (!visit(user, range, (struct pl_slice){.data = utf8 + head_bytes, .len = run_bytes}))
            return;
    }
}

void pl_text_range(const struct pl_text *text, struct pl_id_range range, pl_text_visit *visit, void *user)
{
    size_t byte = 0;
    for (size_t i = 0; i < text->span_n; i++) {
        const struct span *span = &text->spans[i];
        uint64_t from;
        const uint64_t n = pl_span_overlap(span, range, &from);
        if (n > 0 && !span->deleted) {
            const uint8_t *utf8 = text->utf8.data + byte;
            size_t start = 0, end;
            for (uint64_t k = 0; k < from; k++)
                start += pl_utf8_wide(utf8[start]);
            end = start;
            for (uint64_t k = 0; k < n; k++)
                end += pl_utf8_wide(utf8[end]);
            const struct pl_id_range run = {.id = id_at(span, from), .n = n};
            if (!visit(user, run, (struct pl_slice){.data = utf8 + start, .len = end - start}))
                return;
        }
        byte += span->bytes;
    }
}

size_t pl_text_utf16(const struct pl_text *text)
{
    return text->utf16;
}

size_t pl_text_scalars(const struct pl_text *text)
{
    return text->scalars;
}

size_t pl_text_spans(const struct pl_text *text)
{
    return text->span_n;
}

uint64_t pl_text_ids(const struct pl_text *text)
{
    return text->ids;
}

struct pl_slice pl_text_utf8(const struct pl_text *text)
{
    return pl_buf_slice(&text->utf8);
}

/* Runs of spans that join count as one: equal texts encode to equal bytes however they came to be. */
void pl_text_encode(const struct pl_text *text, struct pl_buf *buf)
{
    size_t runs = text->span_n;
    for (size_t i = 0; i + 1 < text->span_n; i++)
        runs -= pl_span_joins(&text->spans[i], &text->spans[i + 1]);
    pl_write_array(buf, runs);
    const uint8_t *utf8 = text->utf8.data;
    for (size_t i = 0; i < text->span_n;) {
        const struct span *head = &text->spans[i];
        uint64_t n = 0;
        size_t bytes = 0;
        do {
            n += text->spans[i].n;
            bytes += text->spans[i].bytes;
            i++;
        } while (i < text->span_n && pl_span_joins(&text->spans[i - 1], &text->spans[i]));
        pl_write_array(buf, 6);
        pl_write_uint(buf, head->id.replica);
        pl_write_uint(buf, head->id.ctr);
        pl_write_uint(buf, n);
        pl_write_id_or_nil(buf, head->left);
        pl_write_id_or_nil(buf, head->right);
        if (head->deleted) {
            pl_write_nil(buf);
            continue;
        }
        pl_write_str(buf, (struct pl_slice){.data = utf8, .len = bytes});
        utf8 += bytes;
    }
}

static bool decode_span(struct pl_reader *reader, struct span *span, struct pl_slice *ret_utf8)
{
    *ret_utf8 = (struct pl_slice){0};
    if (!pl_read_array_of(reader, 6) || !pl_read_u32(reader, &span->id.replica) ||
        !pl_read_u53(reader, &span->id.ctr) || !pl_read_u53(reader, &span->n) ||
        !pl_read_id_or_nil(reader, &span->left) || !pl_read_id_or_nil(reader, &span->right))
        return false;
    if (span->id.ctr == 0 || span->n == 0 || span->n > PL_U53_MAX - span->id.ctr)
        return false;
    span->deleted = pl_peek(reader) == PL_TYPE_NIL;
    if (span->deleted)
        return pl_read_nil(reader);
    return pl_read_str(reader, ret_utf8) && pl_utf8_scalars(*ret_utf8) == span->n;
}

static size_t utf16_of(struct pl_slice utf8)
{
    size_t units = 0;
    for (size_t i = 0; i < utf8.len; i++)
        units += (size_t)((utf8.data[i] & 0xc0) != 0x80) + (size_t)(utf8.data[i] >= 0xf0);
    return units;
}

static enum pl_status decode_spans(struct pl_text *text, struct pl_reader *reader)
{
    uint32_t runs;
    if (!pl_read_array(reader, &runs))
        return PL_MALFORMED;
    for (uint32_t i = 0; i < runs; i++) {
        struct span span = {0};
        struct pl_slice utf8;
        if (!decode_span(reader, &span, &utf8) || text->ids > PL_U53_MAX - span.n)
            return PL_MALFORMED;
        span.bytes = utf8.len;
        span.utf16 = utf16_of(utf8);
        pl_buf_append(&text->utf8, utf8.data, utf8.len);
        if (text->utf8.failed || !pl_text_reserve(text, 1))
            return PL_NO_MEMORY;
        text->spans[text->span_n++] = span;
        text->ids += span.n;
        text->scalars += span.deleted ? 0 : span.n;
        text->utf16 += span.utf16;
    }
    return pl_reader_done(reader) ? PL_OK : PL_MALFORMED;
}

/* The spans of a text by id, to look many up. */
struct by_id {
    const struct span **spans;
    size_t n;
};

static int compare_ids(const void *a, const void *b)
{
    const struct span *const *left = a, *const *right = b;
    return pl_id_compare((*left)->id, (*right)->id);
}

static const struct span *holder(const struct by_id *index, struct pl_id id)
{
    size_t low = 0, high = index->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pl_id_compare(index->spans[middle]->id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct span *span = low == 0 ? NULL : index->spans[low - 1];
    return span != NULL && span->id.replica == id.replica && id.ctr - span->id.ctr < span->n ? span : NULL;
}

/* How deep a span hangs below its left origin; false when that does not stand further left. */
static bool depth_of(const struct by_id *index, const struct span *span, uint64_t *ret_depth)
{
    *ret_depth = 0;
    if (pl_id_none(span->left))
        return true;
    const struct span *left = holder(index, span->left);
    if (left == NULL || left >= span)
        return false;
    *ret_depth = left->depth + (span->left.ctr - left->id.ctr) + 1;
    return true;
}

static bool origins_sound(const struct pl_text *text, const struct by_id *index, const char **ret_reason)
{
    for (size_t i = 0; i < text->span_n; i++) {
        const struct span *span = &text->spans[i];
        uint64_t depth;
        if (i + 1 < index->n && pl_span_overlap(index->spans[i],
                                                (struct pl_id_range){.id = index->spans[i + 1]->id, .n = 1},
                                                NULL) > 0) {
            *ret_reason = "a text holds an id twice";
            return false;
        }
        if (!depth_of(index, span, &depth) || (!pl_id_none(span->right) && holder(index, span->right) == NULL)) {
            *ret_reason = "a text origin is missing";
            return false;
        }
        if (depth != span->depth) {
            *ret_reason = "a text span has another depth";
            return false;
        }
        if (i > 0 && pl_span_joins(span - 1, span)) {
            *ret_reason = "a text has a run in two spans";
            return false;
        }
    }
    return true;
}

/* The index of a text's spans; false when out of memory. Free with index_done. */
static bool index_make(const struct pl_text *text, struct by_id *ret_index)
{
    struct by_id index = {.n = text->span_n};
    index.spans = pl_mem_get(text->mem, (index.n + 1) * sizeof *index.spans);
    if (index.spans == NULL)
        return false;
    for (size_t i = 0; i < index.n; i++)
        index.spans[i] = &text->spans[i];
    qsort(index.spans, index.n, sizeof *index.spans, compare_ids);
    *ret_index = index;
    return true;
}

static void index_done(const struct pl_text *text, struct by_id *index)
{
    pl_mem_put(text->mem, (void *)index->spans);
}

/* What a snapshot does not tell is counted again, then all is checked. */
static enum pl_status settle(struct pl_text *text)
{
    struct by_id index;
    const char *reason;
    bool sound = true;
    if (!index_make(text, &index))
        return PL_NO_MEMORY;
    for (size_t i = 0; sound && i < text->span_n; i++) {
        struct span *span = &text->spans[i];
        sound = depth_of(&index, span, &span->depth);
    }
    sound = sound && origins_sound(text, &index, &reason);
    index_done(text, &index);
    return sound ? PL_OK : PL_MALFORMED;
}

enum pl_status pl_text_decode(const struct pl_mem *mem, struct pl_slice value, struct pl_text **ret_text)
{
    struct pl_reader reader = pl_reader_of(value);
    struct pl_text *text = pl_text_new(mem);
    if (text == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = decode_spans(text, &reader);
    if (status == PL_OK)
        status = settle(text);
    if (status != PL_OK) {
        pl_text_free(text);
        return status;
    }
    *ret_text = text;
    return PL_OK;
}

bool pl_text_check(const struct pl_text *text, const char **ret_reason)
{
    uint64_t ids = 0;
    size_t scalars = 0, utf16 = 0, bytes = 0;
    for (size_t i = 0; i < text->span_n; i++) {
        const struct span *span = &text->spans[i];
        ids += span->n;
        bytes += span->bytes;
        utf16 += span->utf16;
        scalars += span->deleted ? 0 : span->n;
        if (span->n == 0 || (span->deleted && (span->bytes | span->utf16) != 0)) {
            *ret_reason = "a text span is empty or keeps deleted payload";
            return false;
        }
    }
    if (ids != text->ids || bytes != text->utf8.len || utf16 != text->utf16 ||
        scalars != text->scalars || pl_utf8_scalars(pl_text_utf8(text)) != scalars) {
        *ret_reason = "a text's totals do not add up";
        return false;
    }
    struct by_id index;
    if (!index_make(text, &index)) {
        *ret_reason = "no memory to check a text";
        return false;
    }
    const bool sound = origins_sound(text, &index, ret_reason);
    index_done(text, &index);
    return sound;
}
