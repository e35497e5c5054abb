/* The default allocator, slices, and the one hash of the library. */
#include "proto/mem.h"
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *user, void *block_or_null, size_t bytes)
{
    (void)user;
    if (bytes == 0) {
        free(block_or_null);
        return NULL;
    }
    return realloc(block_or_null, bytes);
}

const struct pl_mem *pl_mem_libc(void)
{
    static const struct pl_mem mem = {.resize = libc_resize, .user = NULL};
    return &mem;
}

bool pl_slice_equal(struct pl_slice a, struct pl_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

uint64_t pl_hash(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void pl_u64_to_bytes(uint64_t value, uint8_t ret_bytes[8])
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        ret_bytes[i] = (uint8_t)(value & 0xff);
}

uint64_t pl_u64_from_bytes(const uint8_t bytes[8])
{
    return (uint64_t)bytes[0] << 56 | (uint64_t)bytes[1] << 48 | (uint64_t)bytes[2] << 40 | (uint64_t)bytes[3] << 32 |
           (uint64_t)bytes[4] << 24 | (uint64_t)bytes[5] << 16 | (uint64_t)bytes[6] << 8 | (uint64_t)bytes[7];
}
