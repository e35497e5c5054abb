/* A board's server and its clients in one thread, the network between them at chance's mercy. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H
#include "proto/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct world_config {
    uint64_t seed;
    uint32_t clients;       /* 2 to 5 */
    uint32_t steps;
    uint32_t drop_percent;  /* of messages, either way */
    uint32_t twice_percent;
    uint32_t swap_percent;  /* delivered out of order */
    uint32_t refuse_percent;/* batches the server refuses by a void, for no fault of theirs */
};

struct world;

/* The configuration a seed stands for. */
struct world_config world_config_of(uint64_t seed);
struct world *world_new(const struct world_config *config); /* aborts when out of memory */
void world_free(struct world *world);
/* Runs the whole history and checks every oracle. False, and why (static), on the first that does not hold. */
bool world_run(struct world *world, const char **ret_reason);
/* After world_run: the journal as one OPS message, and the state hash it must lead to. Valid until free. */
struct pl_slice world_ops(struct world *world, uint64_t *ret_state_hash);

#endif
