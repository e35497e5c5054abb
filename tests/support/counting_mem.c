#include "tests/support/counting_mem.h"
#include <stdlib.h>

#define HEAD_BYTES 16u /* keeps what follows aligned */

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct counting_mem *counting = user;
    uint8_t *old = block_or_null == NULL ? NULL : (uint8_t *)block_or_null - HEAD_BYTES;
    const size_t old_bytes = old == NULL ? 0 : *(size_t *)(void *)old;
    if (bytes > 0 && counting->allocations++ >= counting->fails_from)
        return NULL;
    counting->bytes += bytes - old_bytes;
    counting->blocks += (size_t)(bytes > 0) - (size_t)(old != NULL);
    if (counting->bytes > counting->most)
        counting->most = counting->bytes;
    if (bytes == 0) {
        free(old);
        return NULL;
    }
    uint8_t *block = realloc(old, bytes + HEAD_BYTES);
    if (block == NULL)
        abort();
    *(size_t *)(void *)block = bytes;
    return block + HEAD_BYTES;
}

void counting_mem_init(struct counting_mem *counting)
{
    *counting = (struct counting_mem){.mem = {.resize = resize, .user = counting}, .fails_from = SIZE_MAX};
}
