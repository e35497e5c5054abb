/* A text as MessagePack, and back (N3): its runs, joined as far as they go. */
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/text_index.h"

/* A run as long as it goes, wherever spans begin: its spans lie from `first` to before `end` in document order. */
struct stretch {
    struct spot first, end;
    uint64_t n;
    size_t bytes;
};

static struct spot span_behind(struct spot spot)
{
    struct leaf *next = ++spot.i < spot.leaf->node.n ? NULL : pl_leaf_beside(spot.leaf, +1);
    return next == NULL ? spot : (struct spot){.leaf = next};
}

/* The run that begins at a span; false at the end of the text. */
static bool stretch_at(struct spot spot, struct stretch *ret_whole)
{
    struct stretch whole = {.first = spot, .end = spot};
    const struct span *last = NULL;
    while (whole.end.i < whole.end.leaf->node.n) {
        const struct span *span = spot_span(&whole.end);
        if (last != NULL && !pl_span_joins(last, span))
            break;
        whole.n += span->n;
        whole.bytes += span->bytes;
        whole.end = span_behind(whole.end);
        last = span;
    }
    *ret_whole = whole;
    return last != NULL;
}

static void write_bytes(const struct stretch *whole, struct pl_buf *buf)
{
    pl_write_str_head(buf, whole->bytes);
    for (struct spot at = whole->first; at.leaf != whole->end.leaf || at.i != whole->end.i; at = span_behind(at))
        pl_buf_append(buf, leaf_utf8(at.leaf) + pl_leaf_offset(at.leaf, at.i), spot_span(&at)->bytes);
}

void pl_text_encode(const struct pl_text *text, struct pl_buf *buf)
{
    const struct spot start = {.leaf = pl_text_first_leaf(text)};
    struct stretch whole = {.end = start};
    size_t runs = 0;
    while (stretch_at(whole.end, &whole))
        runs++;
    pl_write_array(buf, runs);
    whole.end = start;
    while (stretch_at(whole.end, &whole)) {
        const struct span *span = spot_span(&whole.first);
        pl_write_array(buf, 6);
        pl_write_uint(buf, span->replica);
        pl_write_uint(buf, span->ctr);
        pl_write_uint(buf, whole.n);
        pl_write_id_or_nil(buf, span_left(span));
        pl_write_id_or_nil(buf, span_right(span));
        if (span->state != SPAN_VISIBLE)
            pl_write_nil(buf);
        else
            write_bytes(&whole, buf);
    }
}

static bool decode_run(struct pl_reader *reader, struct run *run)
{
    uint64_t n;
    run->utf8 = (struct pl_slice){0};
    if (!pl_read_array_of(reader, 6) || !pl_read_u32(reader, &run->id.replica) || !pl_read_u53(reader, &run->id.ctr) ||
        !pl_read_u53(reader, &n) || !pl_read_id_or_nil(reader, &run->left) || !pl_read_id_or_nil(reader, &run->right))
        return false;
    if (run->id.ctr == 0 || n == 0 || n > PL_U53_MAX - run->id.ctr || n > UINT32_MAX)
        return false;
    run->n = (uint32_t)n;
    run->state = pl_peek(reader) == PL_TYPE_NIL ? SPAN_DELETED : SPAN_VISIBLE;
    if (run->state == SPAN_DELETED)
        return pl_read_nil(reader);
    return pl_read_str(reader, &run->utf8) && pl_utf8_scalars(run->utf8) == n;
}

static enum pl_status append_run(struct pl_text *text, struct run *run)
{
    struct spot left;
    run->depth = 0;
    if (!pl_text_lacks(text, (struct pl_id_range){.id = run->id, .n = run->n}) || run->n > UINT32_MAX - text->ids)
        return PL_MALFORMED;
    if (!pl_id_none(run->left)) {
        if (!pl_text_find(text, run->left, &left))
            return PL_MALFORMED;
        run->depth = spot_span(&left)->depth + left.at + 1;
    }
    struct leaf *last = pl_text_last_leaf(text);
    return pl_text_put(text, (struct spot){.leaf = last, .i = last->node.n}, run) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status decode_runs(struct pl_text *text, struct pl_reader *reader)
{
    uint32_t runs;
    if (!pl_read_array(reader, &runs))
        return PL_MALFORMED;
    for (uint32_t i = 0; i < runs; i++) {
        struct run run;
        if (!decode_run(reader, &run))
            return PL_MALFORMED;
        const enum pl_status status = append_run(text, &run);
        if (status != PL_OK)
            return status;
    }
    return pl_reader_done(reader) && text->sum.spans >= runs ? PL_OK : PL_MALFORMED;
}

enum pl_status pl_text_decode(const struct pl_mem *mem, struct pl_slice value, struct pl_text **ret_text)
{
    struct pl_reader reader = pl_reader_of(value);
    struct pl_text *text = pl_text_new(mem);
    if (text == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = decode_runs(text, &reader);
    for (struct leaf *leaf = &text->first; status == PL_OK && leaf != NULL; leaf = pl_leaf_beside(leaf, +1))
        for (unsigned i = 0; i < leaf->node.n; i++)
            if (!pl_id_none(span_right(&leaf->spans[i])) && !pl_text_has(text, span_right(&leaf->spans[i])))
                status = PL_MALFORMED;
    if (status != PL_OK) {
        pl_text_free(text);
        return status;
    }
    *ret_text = text;
    return PL_OK;
}
