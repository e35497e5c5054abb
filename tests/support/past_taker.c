/* See past_taker.h. */
#include "tests/support/past_taker.h"
#include "base/deflate.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "tests/support/core_check.h"

static void snapshot_use(struct past_taker *taker)
{
    struct pl_buf bytes;
    if (taker->head.as_of == 0) {
        CORE_CHECK(taker->head.chunks == 0);
        taker->coming = pl_doc_new(pl_mem_libc());
        return;
    }
    pl_buf_init(&bytes, pl_mem_libc());
    CORE_CHECK(inflate_raw(pl_buf_slice(&taker->deflated), taker->head.bytes, &bytes) == PL_OK);
    CORE_CHECK(bytes.len == taker->head.bytes &&
               pl_hash(PL_HASH_START, bytes.data, bytes.len) == taker->hash);
    CORE_CHECK(pl_doc_load(pl_mem_libc(), pl_buf_slice(&bytes), &taker->coming) == PL_OK);
    CORE_CHECK(pl_doc_head(taker->coming) == taker->head.as_of);
    pl_buf_done(&bytes);
    pl_buf_done(&taker->deflated);
}

static void begin(struct past_taker *taker, const struct pl_msg_past *past)
{
    CORE_CHECK(taker->coming == NULL && taker->chunk_n == taker->head.chunks);
    taker->code = (enum pl_status)past->code;
    taker->head = *past;
    taker->chunk_n = 0;
    if (past->code != PL_OK) {
        taker->refused_n++;
        CORE_CHECK(past->chunks == 0 && past->as_of == 0);
        return;
    }
    taker->hash = pl_u64_from_bytes(past->hash.data);
    pl_buf_init(&taker->deflated, pl_mem_libc());
    if (past->chunks == 0)
        snapshot_use(taker);
}

static void chunk_take(struct past_taker *taker, const struct pl_msg_past_chunk *chunk)
{
    CORE_CHECK(taker->coming == NULL && chunk->index == taker->chunk_n &&
               chunk->data.len <= PL_SNAPSHOT_CHUNK_BYTES);
    pl_buf_append(&taker->deflated, chunk->data.data, chunk->data.len);
    taker->chunk_sum++;
    if (++taker->chunk_n == taker->head.chunks)
        snapshot_use(taker);
}

static void ops_take(struct past_taker *taker, struct pl_slice envelopes)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    uint32_t n;
    CORE_CHECK(taker->coming != NULL && pl_read_array(&reader, &n));
    taker->ops_frame_n++;
    for (; n > 0; n--)
        CORE_CHECK(pl_envelope_read(&reader, &envelope) &&
                   pl_doc_apply(taker->coming, &envelope, NULL) == PL_OK);
    CORE_CHECK(pl_reader_done(&reader));
}

void past_taker_take(struct past_taker *taker, const struct pl_message *message)
{
    if (message->type == PL_MESSAGE_PAST) {
        begin(taker, &message->as.past);
    } else if (message->type == PL_MESSAGE_PAST_CHUNK) {
        chunk_take(taker, &message->as.past_chunk);
    } else if (message->type == PL_MESSAGE_PAST_OPS) {
        ops_take(taker, message->as.past_ops.envelopes);
    } else {
        CORE_CHECK(taker->coming != NULL && message->as.past_end.seq == taker->head.seq &&
                   pl_doc_head(taker->coming) == taker->head.seq);
        pl_doc_free(taker->doc);
        taker->doc = taker->coming;
        taker->coming = NULL;
        taker->told_n++;
    }
}

void past_taker_abandon(struct past_taker *taker)
{
    pl_doc_free(taker->coming);
    taker->coming = NULL;
    taker->head = (struct pl_msg_past){0};
    taker->chunk_n = 0;
    if (taker->deflated.mem != NULL)
        pl_buf_done(&taker->deflated);
}

void past_taker_done(struct past_taker *taker)
{
    past_taker_abandon(taker);
    pl_doc_free(taker->doc);
    *taker = (struct past_taker){0};
}
