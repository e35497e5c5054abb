/* Linear probing at a load of at most three quarters; removal shifts back what probed past. See
 * map.h. */
#include "base/map.h"
#include <assert.h>
#include <string.h>

#define CAP_MIN 8u

struct map_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

void map_init(struct map *map, const struct pl_mem *mem)
{
    *map = (struct map){.mem = mem};
}

void map_done(struct map *map)
{
    pl_mem_put(map->mem, map->slots);
    *map = (struct map){.mem = map->mem};
}

size_t map_len(const struct map *map)
{
    return map->len;
}

/* splitmix64's finisher: ids may be counters or random. */
static size_t hash(uint64_t key)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(key ^ (key >> 31));
}

/* Where the key is, or the free slot where it would go. */
static size_t find(const struct map_slot *slots, size_t cap, uint64_t key)
{
    size_t at = hash(key) & (cap - 1);
    while (slots[at].value != NULL && slots[at].key != key)
        at = (at + 1) & (cap - 1);
    return at;
}

void *map_get(const struct map *map, uint64_t key)
{
    return map->cap == 0 ? NULL : map->slots[find(map->slots, map->cap, key)].value;
}

static enum pl_status grow(struct map *map)
{
    size_t cap = map->cap == 0 ? CAP_MIN : map->cap * 2;
    struct map_slot *slots = pl_mem_get(map->mem, cap * sizeof *slots);
    if (slots == NULL)
        return PL_NO_MEMORY;
    memset(slots, 0, cap * sizeof *slots);
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].value != NULL)
            slots[find(slots, cap, map->slots[i].key)] = map->slots[i];
    }
    pl_mem_put(map->mem, map->slots);
    map->slots = slots;
    map->cap = cap;
    return PL_OK;
}

enum pl_status map_put(struct map *map, uint64_t key, void *value)
{
    assert(value != NULL);
    if (map_get(map, key) == NULL && (map->len + 1) * 4 > map->cap * 3) {
        enum pl_status status = grow(map);
        if (status != PL_OK)
            return status;
    }
    struct map_slot *slot = &map->slots[find(map->slots, map->cap, key)];
    map->len += slot->value == NULL;
    *slot = (struct map_slot){.key = key, .value = value};
    return PL_OK;
}

void *map_remove(struct map *map, uint64_t key)
{
    if (map->cap == 0)
        return NULL;
    size_t mask = map->cap - 1;
    size_t hole = find(map->slots, map->cap, key);
    void *value = map->slots[hole].value;
    if (value == NULL)
        return NULL;
    for (size_t at = (hole + 1) & mask; map->slots[at].value != NULL; at = (at + 1) & mask) {
        size_t home = hash(map->slots[at].key) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) { /* its probe passes the hole */
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct map_slot){0};
    map->len--;
    return value;
}

void *map_next(const struct map *map, size_t *cursor)
{
    while (*cursor < map->cap) {
        void *value = map->slots[(*cursor)++].value;
        if (value != NULL)
            return value;
    }
    return NULL;
}
