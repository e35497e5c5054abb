/* Random edits of every kind, as a person's client would make them. */
#ifndef SIM_EDITS_H
#define SIM_EDITS_H
#include "proto/replica.h"
#include "rng.h"

#define EDITS_FIELD_MARK 9998u /* a field no schema knows, with a number that tells one create from all others */

/* Appends a MessagePack array of edits that are valid against the replica's view. With `mark_or_null` every create
 * bears the number there, which is then counted up. */
void edits_random(struct rng *rng, struct pl_replica *replica, uint64_t *mark_or_null, struct pl_buf *ret_edits);

#endif
