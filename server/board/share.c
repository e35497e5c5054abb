/* See share.h. */
#include "board/share.h"
#include "base/deflate.h"
#include "proto/limits.h"
#include "proto/message.h"
#include <string.h>

struct share {
    const struct pl_mem *mem;
    const struct loop *loop;
    void (*done)(void *user, struct share *share_or_null);
    void *user;
    struct pl_buf snapshot; /* the worker's */
    struct pl_buf deflated;
    uint64_t as_of;
    uint64_t bytes; /* inflated */
    uint64_t hash;
    uint32_t doc;
    enum pl_status status;
    size_t frame_n;
    struct frame **frames;
};

void share_free(struct share *share_or_null)
{
    struct share *share = share_or_null;
    if (share == NULL)
        return;
    for (size_t i = 0; i < share->frame_n; i++)
        frame_unref(share->frames[i]);
    pl_mem_put(share->mem, share->frames);
    pl_buf_done(&share->snapshot);
    pl_buf_done(&share->deflated);
    pl_mem_put(share->mem, share);
}

static void work(void *user)
{
    struct share *share = user;
    struct pl_slice bytes = pl_buf_slice(&share->snapshot);
    share->bytes = bytes.len;
    share->hash = pl_hash(PL_HASH_START, bytes.data, bytes.len);
    share->status = deflate_raw(bytes, &share->deflated);
}

static bool frame_add(struct share *share, struct pl_buf *message)
{
    struct frame *frame = message->failed ? NULL : frame_new(share->mem, pl_buf_slice(message));
    pl_buf_clear(message);
    if (frame == NULL)
        return false;
    share->frames[share->frame_n++] = frame;
    return true;
}

static enum pl_status frames_make(struct share *share, struct pl_slice all)
{
    size_t chunk_n = (all.len + PL_SNAPSHOT_CHUNK_BYTES - 1) / PL_SNAPSHOT_CHUNK_BYTES;
    uint8_t hash[8];
    pl_u64_to_bytes(share->hash, hash);
    share->frames = pl_mem_get(share->mem, (chunk_n + 2) * sizeof *share->frames);
    if (share->frames == NULL)
        return PL_NO_MEMORY;

    struct pl_buf message;
    pl_buf_init(&message, share->mem);
    struct pl_msg_snapshot_begin begin = {.doc = share->doc,
                                          .as_of = share->as_of,
                                          .bytes = share->bytes,
                                          .chunks = chunk_n,
                                          .hash = {hash, sizeof hash}};
    pl_msg_snapshot_begin_write(&message, &begin);
    bool good = frame_add(share, &message);
    for (size_t i = 0; good && i < chunk_n; i++) {
        size_t at = i * PL_SNAPSHOT_CHUNK_BYTES, left = all.len - at;
        struct pl_msg_snapshot_chunk chunk = {
            .doc = share->doc,
            .index = i,
            .data = {all.data + at,
                     left < PL_SNAPSHOT_CHUNK_BYTES ? left : PL_SNAPSHOT_CHUNK_BYTES}};
        pl_msg_snapshot_chunk_write(&message, &chunk);
        good = frame_add(share, &message);
    }
    struct pl_msg_snapshot_end end = {.doc = share->doc};
    pl_msg_snapshot_end_write(&message, &end);
    good = good && frame_add(share, &message);
    pl_buf_done(&message);
    return good ? PL_OK : PL_NO_MEMORY;
}

static void worked(void *user)
{
    struct share *share = user;
    if (share->status == PL_OK)
        share->status = frames_make(share, pl_buf_slice(&share->deflated));
    pl_buf_done(&share->snapshot);
    pl_buf_done(&share->deflated);
    if (share->status == PL_OK) {
        share->done(share->user, share);
        return;
    }
    void (*done)(void *, struct share *) = share->done;
    void *done_user = share->user;
    share_free(share);
    done(done_user, NULL);
}

enum pl_status share_start(const struct pl_mem *mem, const struct loop *loop, uint32_t doc,
                           uint64_t as_of, struct pl_buf *snapshot,
                           void (*done)(void *user, struct share *share_or_null), void *user)
{
    struct share *share = snapshot->failed ? NULL : pl_mem_get(mem, sizeof *share);
    if (share == NULL)
        return PL_NO_MEMORY;
    *share = (struct share){.mem = mem,
                            .loop = loop,
                            .done = done,
                            .user = user,
                            .snapshot = *snapshot,
                            .as_of = as_of,
                            .doc = doc};
    pl_buf_init(snapshot, snapshot->mem);
    pl_buf_init(&share->deflated, mem);
    loop_work(loop, work, worked, share);
    return PL_OK;
}

enum pl_status share_of_stored(const struct pl_mem *mem, uint32_t doc, const struct journal_past *told,
                               struct share **ret_share)
{
    struct share *share = pl_mem_get(mem, sizeof *share);
    if (share == NULL)
        return PL_NO_MEMORY;
    *share = (struct share){.mem = mem,
                            .as_of = told->as_of,
                            .bytes = told->snapshot_bytes,
                            .hash = told->snapshot_hash,
                            .doc = doc};
    pl_buf_init(&share->snapshot, mem);
    pl_buf_init(&share->deflated, mem);
    enum pl_status status = frames_make(share, told->snapshot);
    if (status == PL_OK)
        *ret_share = share;
    else
        share_free(share);
    return status;
}

uint64_t share_as_of(const struct share *share)
{
    return share->as_of;
}

size_t share_frame_n(const struct share *share)
{
    return share->frame_n;
}

struct frame *share_frame(const struct share *share, size_t index)
{
    return share->frames[index];
}
