/* The memory of one simulated server: counted, so that a leak shows, and dropped all at once when it crashes. */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H
#include "proto/mem.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* drops what is left */
const struct pl_mem *arena_mem(struct arena *arena);
size_t arena_bytes(const struct arena *arena); /* handed out now */

#endif
