/* A hash map from u64 to a pointer: open addressing, linear probing, no tombstones. Values are
 * borrowed and not NULL. Not thread-safe. */
#ifndef BASE_MAP_H
#define BASE_MAP_H
#include "proto/mem.h"
#include "proto/status.h"

struct map_slot; /* private */
struct map {     /* zero-cost when empty; fields private to map.c */
    const struct pl_mem *mem;
    struct map_slot *slots;
    size_t cap; /* 0 or a power of two */
    size_t len;
};

void map_init(struct map *map, const struct pl_mem *mem);
void map_done(struct map *map); /* values are the caller's */
size_t map_len(const struct map *map);
void *map_get(const struct map *map, uint64_t key); /* NULL when absent */
/* Puts or replaces. PL_NO_MEMORY. */
PL_CHECKED enum pl_status map_put(struct map *map, uint64_t key, void *value);
void *map_remove(struct map *map, uint64_t key); /* what it was, or NULL */
/* The first value at or after slot *cursor (start with 0), NULL at the end. Removing or putting
 * meanwhile may skip or repeat entries. */
void *map_next(const struct map *map, size_t *cursor);

#endif
