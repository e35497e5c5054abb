/* See count_mem.h. Each block is one of malloc's own, so that the sanitizers watch its borders. */
#include "count_mem.h"
#include <stdalign.h>
#include <stdlib.h>

struct block {
    alignas(max_align_t) size_t bytes;
};

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct count_mem *count = user;
    struct block *block = block_or_null == NULL ? NULL : (struct block *)block_or_null - 1;
    const size_t before = block == NULL ? 0 : block->bytes;
    if (bytes == 0) {
        count->live -= before;
        count->blocks -= block != NULL;
        free(block);
        return NULL;
    }
    if (++count->asked >= count->fail_at && count->fail_at != 0 &&
        (count->asked == count->fail_at || !count->fails_once))
        return NULL;
    block = realloc(block, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    count->blocks += block_or_null == NULL;
    block->bytes = bytes;
    /* A block that is moved is there twice while it is copied. */
    if (count->live + bytes > count->peak)
        count->peak = count->live + bytes;
    count->live += bytes - before;
    return block + 1;
}

void count_mem_init(struct count_mem *count)
{
    *count = (struct count_mem){0};
    count->mem = (struct pl_mem){.resize = resize, .user = count};
}
