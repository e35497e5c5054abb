/* RFC 6455 framing of server messages: FIN, binary, unmasked. See frame.h. */
#include "base/frame.h"
#include <assert.h>
#include <string.h>

#define FIN_BINARY 0x82u

struct frame {
    const struct pl_mem *mem;
    size_t payload_len;
    uint32_t ref_n;
    uint8_t header_len;
    uint8_t bytes[]; /* header, then payload: one piece for the socket */
};

static uint8_t header_write(uint8_t *at, size_t len)
{
    at[0] = FIN_BINARY;
    if (len < 126) {
        at[1] = (uint8_t)len;
        return 2;
    }
    if (len <= UINT16_MAX) {
        at[1] = 126;
        at[2] = (uint8_t)(len >> 8);
        at[3] = (uint8_t)len;
        return 4;
    }
    at[1] = 127;
    pl_u64_to_bytes(len, at + 2);
    return 10;
}

struct frame *frame_new(const struct pl_mem *mem, struct pl_slice payload)
{
    uint8_t header[10];
    uint8_t header_len = header_write(header, payload.len);
    struct frame *frame = pl_mem_get(mem, sizeof *frame + header_len + payload.len);
    if (frame == NULL)
        return NULL;
    *frame = (struct frame){
        .mem = mem, .payload_len = payload.len, .ref_n = 1, .header_len = header_len};
    memcpy(frame->bytes, header, header_len);
    if (payload.len > 0)
        memcpy(frame->bytes + header_len, payload.data, payload.len);
    return frame;
}

struct frame *frame_ref(struct frame *frame)
{
    assert(frame->ref_n > 0 && frame->ref_n < UINT32_MAX);
    frame->ref_n++;
    return frame;
}

bool frame_only(const struct frame *frame)
{
    return frame->ref_n == 1;
}

void frame_unref(struct frame *frame_or_null)
{
    if (frame_or_null == NULL)
        return;
    assert(frame_or_null->ref_n > 0);
    if (--frame_or_null->ref_n == 0)
        pl_mem_put(frame_or_null->mem, frame_or_null);
}

struct pl_slice frame_wire(const struct frame *frame)
{
    return (struct pl_slice){frame->bytes, frame->header_len + frame->payload_len};
}

struct pl_slice frame_payload(const struct frame *frame)
{
    return (struct pl_slice){frame->bytes + frame->header_len, frame->payload_len};
}
