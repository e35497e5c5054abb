/* What text.c and text_read.c share: the layout of a text. Private to those two. */
#ifndef PL_TEXT_SPANS_H
#define PL_TEXT_SPANS_H
#include "proto/text.h"

/* A run of scalars (see text.c). Visible ones have `bytes` of UTF-8 in the text's buffer, deleted ones none. */
struct span {
    struct pl_id id;
    uint64_t n;
    struct pl_id left;  /* of the first scalar */
    struct pl_id right; /* of all */
    uint64_t depth;     /* of the first scalar: how many left origins are above it; each next one is one deeper */
    size_t bytes;
    size_t utf16; /* code units, visible */
    bool deleted;
};

struct pl_text {
    const struct pl_mem *mem;
    struct span *spans;
    size_t span_n;
    size_t span_cap;
    struct pl_buf utf8; /* the visible text */
    uint64_t ids;       /* scalars in all spans */
    size_t scalars;     /* visible ones */
    size_t utf16;
};

bool pl_text_reserve(struct pl_text *text, size_t more);
bool pl_text_find(const struct pl_text *text, struct pl_id id, size_t *ret_span, uint64_t *ret_index);
size_t pl_text_byte_offset(const struct pl_text *text, size_t span);
/* Whether `b`, standing right of `a`, goes on with its run. */
bool pl_span_joins(const struct span *a, const struct span *b);

/* How many ids of the range are in the span, and the span's scalar the first of them is. */
static inline uint64_t pl_span_overlap(const struct span *span, struct pl_id_range range,
                                       uint64_t *ret_from_or_null)
{
    if (span->id.replica != range.id.replica)
        return 0;
    const uint64_t low = span->id.ctr > range.id.ctr ? span->id.ctr : range.id.ctr;
    const uint64_t span_end = span->id.ctr + span->n, range_end = range.id.ctr + range.n;
    const uint64_t high = span_end < range_end ? span_end : range_end;
    if (high <= low)
        return 0;
    if (ret_from_or_null != NULL)
        *ret_from_or_null = low - span->id.ctr;
    return high - low;
}

/* Bytes of the scalar that starts with `lead`, in valid UTF-8. */
static inline size_t pl_utf8_wide(uint8_t lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

#endif
