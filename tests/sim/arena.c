/* See arena.h. Each block is one of malloc's own, so that the sanitizers watch its borders. */
#include "arena.h"
#include "verdict.h"
#include <stdalign.h>
#include <stddef.h>

struct block {
    alignas(max_align_t) struct block *prev;
    struct block *next;
    size_t bytes;
};

struct arena {
    struct pl_mem mem;
    struct block *blocks;
    size_t bytes;
};

static void block_link(struct arena *arena, struct block *block, size_t bytes)
{
    block->bytes = bytes;
    block->prev = NULL;
    block->next = arena->blocks;
    if (arena->blocks != NULL)
        arena->blocks->prev = block;
    arena->blocks = block;
    arena->bytes += bytes;
}

static void block_unlink(struct arena *arena, struct block *block)
{
    if (block->prev != NULL)
        block->prev->next = block->next;
    else
        arena->blocks = block->next;
    if (block->next != NULL)
        block->next->prev = block->prev;
    arena->bytes -= block->bytes;
}

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct arena *arena = user;
    struct block *block = block_or_null == NULL ? NULL : (struct block *)block_or_null - 1;
    if (block != NULL)
        block_unlink(arena, block);
    if (bytes == 0) {
        free(block);
        return NULL;
    }
    block = realloc(block, sizeof *block + bytes);
    sim_must(block != NULL, "no memory");
    block_link(arena, block, bytes);
    return block + 1;
}

struct arena *arena_new(void)
{
    struct arena *arena = sim_get(sizeof *arena);
    arena->mem = (struct pl_mem){.resize = resize, .user = arena};
    return arena;
}

void arena_free(struct arena *arena)
{
    for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

const struct pl_mem *arena_mem(struct arena *arena)
{
    return &arena->mem;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}
