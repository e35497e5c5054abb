/* A direct-mapped table, by what a message begins with: its first seq is among that. */
#include "bench/load/seen.h"
#include "proto/writer.h"
#include <string.h>

#define SLOTS      256u /* messages under way to the slowest of the clients */
#define HEAD_BYTES 24u  /* of a message: type, doc, count, first seq */

struct slot {
    struct pl_buf message;
    struct pl_buf sent; /* u64 */
    struct seen_frame frame;
};

struct seen {
    const struct pl_mem *mem;
    struct slot slots[SLOTS];
};

struct seen *seen_new(const struct pl_mem *mem)
{
    struct seen *seen = pl_mem_get(mem, sizeof *seen);
    if (seen == NULL)
        return NULL;
    *seen = (struct seen){.mem = mem};
    for (size_t i = 0; i < SLOTS; i++) {
        pl_buf_init(&seen->slots[i].message, mem);
        pl_buf_init(&seen->slots[i].sent, mem);
    }
    return seen;
}

void seen_free(struct seen *seen_or_null)
{
    if (seen_or_null == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        pl_buf_done(&seen_or_null->slots[i].message);
        pl_buf_done(&seen_or_null->slots[i].sent);
    }
    pl_mem_put(seen_or_null->mem, seen_or_null);
}

static size_t slot_of(struct pl_slice message)
{
    size_t head = message.len < HEAD_BYTES ? message.len : HEAD_BYTES;
    return pl_hash(PL_HASH_START, message.data, head) % SLOTS;
}

const struct seen_frame *seen_find(const struct seen *seen, struct pl_slice message)
{
    const struct slot *slot = &seen->slots[slot_of(message)];
    return pl_slice_equal(message, pl_buf_slice(&slot->message)) && message.len > 0 ? &slot->frame
                                                                                   : NULL;
}

void seen_keep(struct seen *seen, struct pl_slice message, const struct seen_frame *frame)
{
    struct slot *slot = &seen->slots[slot_of(message)];
    pl_buf_clear(&slot->message);
    pl_buf_clear(&slot->sent);
    pl_buf_append(&slot->message, message.data, message.len);
    pl_buf_append(&slot->sent, frame->sent_ns, frame->sent_n * sizeof *frame->sent_ns);
    slot->frame = *frame;
    slot->frame.sent_ns = (const uint64_t *)slot->sent.data;
    if (slot->message.failed || slot->sent.failed) {
        pl_buf_done(&slot->message);
        pl_buf_done(&slot->sent);
        pl_buf_init(&slot->message, seen->mem);
        pl_buf_init(&slot->sent, seen->mem);
    }
}
