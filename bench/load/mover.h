/* Somebody who only moves one sticky, without an engine: real batches, each one SET of a position,
 * so cheap to make that the server is what saturates. */
#ifndef LOAD_MOVER_H
#define LOAD_MOVER_H
#include "bench/load/client.h"

struct mover;

/* The client is borrowed and has no replica. NULL when out of memory. */
struct mover *mover_new(const struct pl_mem *mem, struct client *client);
void mover_free(struct mover *mover_or_null);
/* The first time it makes its sticky; one batch each time. PL_NO_MEMORY, PL_IO. */
PL_CHECKED enum pl_status mover_move(struct mover *mover);

#endif
