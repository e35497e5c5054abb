/* A person who edits: makes stickies at first, then moves them, types into them, recolours,
 * reorders, deletes some. Deterministic for a seed and an order of calls. */
#ifndef LOAD_WRITER_H
#define LOAD_WRITER_H
#include "bench/load/client.h"

/* A field no schema has, kept and passed on by every server (SPEC O6). Each created object carries
 * a number of its own there, so that one made twice is found whatever its id. */
#define WRITER_MARK_FIELD 60001u

struct writer;

/* The client is borrowed and has a replica. NULL when out of memory. */
struct writer *writer_new(const struct pl_mem *mem, struct client *client, uint64_t seed);
void writer_free(struct writer *writer_or_null);
/* One batch that makes so many stickies, with some words each. They are not this writer's to edit. */
PL_CHECKED enum pl_status writer_fill(struct writer *writer, uint32_t sticky_n);
/* One gesture, one batch. */
PL_CHECKED enum pl_status writer_gesture(struct writer *writer);

#endif
