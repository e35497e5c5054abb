/* Each block has its size in front, so that what comes back can be counted. */
#include "tests/support/meter.h"
#include <stdlib.h>

#define HEAD 16u

static void *meter_resize(void *user, void *block_or_null, size_t bytes)
{
    struct meter *meter = user;
    uint8_t *block = block_or_null == NULL ? NULL : (uint8_t *)block_or_null - HEAD;
    const size_t before = block == NULL ? 0 : *(size_t *)(void *)block;
    if (bytes == 0) {
        meter->bytes -= before;
        free(block);
        return NULL;
    }
    if (++meter->calls >= meter->fail_at && meter->fail_at != 0)
        return NULL;
    block = realloc(block, bytes + HEAD);
    if (block == NULL)
        return NULL;
    *(size_t *)(void *)block = bytes;
    meter->bytes += bytes - before;
    if (meter->bytes > meter->peak)
        meter->peak = meter->bytes;
    return block + HEAD;
}

void meter_init(struct meter *meter, size_t fail_at)
{
    *meter = (struct meter){.mem = {.resize = meter_resize, .user = meter}, .fail_at = fail_at};
}
