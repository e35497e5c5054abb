/* Session messages: whatever is accepted is written back to bytes that are read as the same
 * message, and those bytes are a fixed point. */
#include "proto/message.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_message(struct pl_buf *buf, const struct pl_message *message)
{
    switch (message->type) {
#define M(name, NAME, number)                          \
    case PL_MESSAGE_##NAME:                            \
        pl_msg_##name##_write(buf, &message->as.name); \
        break;
        PL_MESSAGES(M)
#undef M
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_message message, again;
    struct pl_buf first, second;
    if (pl_message_read((struct pl_slice){data, size}, &message) != PL_OK)
        return 0;
    pl_buf_init(&first, pl_mem_libc());
    pl_buf_init(&second, pl_mem_libc());
    write_message(&first, &message);
    if (pl_message_read(pl_buf_slice(&first), &again) != PL_OK || again.type != message.type)
        abort();
    write_message(&second, &again);
    if (!pl_slice_equal(pl_buf_slice(&first), pl_buf_slice(&second)))
        abort();
    pl_buf_done(&first);
    pl_buf_done(&second);
    return 0;
}
