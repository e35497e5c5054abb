/* Random edits of every kind, as a person's client would make them. */
#ifndef SIM_EDITS_H
#define SIM_EDITS_H
#include "proto/replica.h"
#include "rng.h"

/* Appends a MessagePack array of edits that are valid against the replica's view. */
void edits_random(struct rng *rng, struct pl_replica *replica, struct pl_buf *ret_edits);

#endif
