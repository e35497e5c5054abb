/* Slices, and the allocator every structure of the library is given, so that a test can own it. */
#ifndef PL_MEM_H
#define PL_MEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes: never freed through the slice, valid as long as their owner says. */
struct pl_slice {
    const uint8_t *data;
    size_t len;
};

/* realloc-like: `bytes` 0 frees and returns NULL; NULL for `bytes` > 0 means no memory. */
struct pl_mem {
    void *(*resize)(void *user, void *block_or_null, size_t bytes);
    void *user;
};

/* libc's allocator. Static. */
const struct pl_mem *pl_mem_libc(void);

static inline void *pl_mem_get(const struct pl_mem *mem, size_t bytes)
{
    return mem->resize(mem->user, NULL, bytes);
}
static inline void *pl_mem_resize(const struct pl_mem *mem, void *block_or_null, size_t bytes)
{
    return mem->resize(mem->user, block_or_null, bytes);
}
static inline void pl_mem_put(const struct pl_mem *mem, void *block_or_null)
{
    if (block_or_null != NULL)
        mem->resize(mem->user, block_or_null, 0);
}

bool pl_slice_equal(struct pl_slice a, struct pl_slice b);
/* FNV-1a, 64 bits, continued from `hash` (start with PL_HASH_START). */
#define PL_HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t pl_hash(uint64_t hash, const void *data, size_t len);
/* The 8 bytes, big-endian, in which a hash or a lineage travels. */
void pl_u64_to_bytes(uint64_t value, uint8_t ret_bytes[8]);
uint64_t pl_u64_from_bytes(const uint8_t bytes[8]);
/* The same, the least byte first. Spelled out, for that is one instruction. */
static inline uint64_t pl_u64_from_least(const uint8_t bytes[8])
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
           (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 | (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

#endif
