/* See gather.h. */
#include "board/gather.h"
#include "base/envelope.h"
#include "proto/message.h"

#define OPS_BYTES_SOFT (128u * 1024u) /* a frame is cut at the first envelope that passes this */
#define KEPT_BYTES     (64u * 1024u)  /* larger buffers are given back when emptied */

void gather_init(struct gather *gather, const struct pl_mem *mem)
{
    *gather = (struct gather){0};
    pl_buf_init(&gather->envelopes, mem);
    pl_buf_init(&gather->marks, mem);
    pl_buf_init(&gather->cuts, mem);
}

void gather_done(struct gather *gather)
{
    pl_buf_done(&gather->envelopes);
    pl_buf_done(&gather->marks);
    pl_buf_done(&gather->cuts);
}

static void empty(struct pl_buf *buf)
{
    if (buf->cap > KEPT_BYTES)
        pl_buf_done(buf);
    else
        pl_buf_clear(buf);
}

void gather_clear(struct gather *gather)
{
    empty(&gather->envelopes);
    empty(&gather->marks);
    empty(&gather->cuts);
    gather->first_seq = 0;
    gather->entry_n = 0;
}

/* The last frame's cut, a new one when it is full. */
static void cut_note(struct gather *gather, size_t start, size_t end)
{
    struct gather_cut *cut = NULL;
    if (gather->cuts.len > 0)
        cut = (struct gather_cut *)(gather->cuts.data + gather->cuts.len) - 1;
    size_t frame_start = gather->cuts.len > sizeof *cut ? cut[-1].end : 0;
    if (cut == NULL || start - frame_start >= OPS_BYTES_SOFT) {
        struct gather_cut next = {.end = end, .entry_n = 1};
        pl_buf_append(&gather->cuts, &next, sizeof next);
    } else {
        cut->end = end;
        cut->entry_n++;
    }
}

void gather_add(struct gather *gather, const struct pl_envelope *envelope,
                const struct pl_batch *batch)
{
    size_t start = gather->envelopes.len;
    struct journal_mark mark = {
        .replica = batch->replica, .user = envelope->user, .hwm = batch->ctr0 + batch->ctr_n - 1};
    pl_envelope_write(&gather->envelopes, envelope);
    pl_buf_append(&gather->marks, &mark, sizeof mark);
    cut_note(gather, start, gather->envelopes.len);
    if (gather->entry_n++ == 0)
        gather->first_seq = envelope->seq;
}

bool gather_failed(const struct gather *gather)
{
    return gather->envelopes.failed || gather->marks.failed || gather->cuts.failed;
}

uint64_t gather_last_seq(const struct gather *gather)
{
    return gather->first_seq + gather->entry_n - 1;
}

const struct journal_mark *gather_marks(const struct gather *gather, uint32_t *ret_n)
{
    *ret_n = (uint32_t)(gather->marks.len / sizeof(struct journal_mark));
    return (const struct journal_mark *)gather->marks.data;
}

bool gather_moves(const struct gather *gather, uint32_t replica)
{
    uint32_t n;
    const struct journal_mark *marks = gather_marks(gather, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (marks[i].replica == replica)
            return true;
    }
    return false;
}

struct frame *entries_frame(const struct pl_mem *mem, enum pl_message_type type, uint32_t doc,
                            struct pl_slice envelopes, uint32_t n)
{
    struct pl_buf message;
    pl_buf_init(&message, mem);
    pl_buf_reserve(&message, envelopes.len + 32);
    pl_write_array(&message, 3); /* as pl_msg_ops_write, without a copy of the array first */
    pl_write_uint(&message, (uint64_t)type);
    pl_write_uint(&message, doc);
    pl_write_array(&message, n);
    pl_write_raw(&message, envelopes);
    struct frame *frame = message.failed ? NULL : frame_new(mem, pl_buf_slice(&message));
    pl_buf_done(&message);
    return frame;
}

struct frame *ops_frame(const struct pl_mem *mem, uint32_t doc, struct pl_slice envelopes,
                        uint32_t n)
{
    return entries_frame(mem, PL_MESSAGE_OPS, doc, envelopes, n);
}

void gather_frames(const struct gather *gather, uint32_t doc,
                   void (*emit)(void *user, struct frame *frame_or_null), void *user)
{
    const struct gather_cut *cuts = (const struct gather_cut *)gather->cuts.data;
    size_t n = gather->cuts.len / sizeof *cuts;
    for (size_t i = 0, start = 0; i < n; start = cuts[i++].end) {
        struct pl_slice part = {gather->envelopes.data + start, cuts[i].end - start};
        struct frame *frame = ops_frame(gather->envelopes.mem, doc, part, cuts[i].entry_n);
        emit(user, frame);
        if (frame == NULL)
            return;
    }
}
