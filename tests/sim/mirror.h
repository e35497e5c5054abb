/* What a screen would show that redraws only what a replica tells it has changed: each object's values, tallies and
 * texts, the texts spliced as told. Whatever changed and was not told makes it differ from what is there. */
#ifndef SIM_MIRROR_H
#define SIM_MIRROR_H
#include "proto/replica.h"

struct mirror;

/* Reads all there is and begins to listen; the replica must live as long. */
struct mirror *mirror_new(struct pl_replica *replica);
void mirror_free(struct mirror *mirror_or_null);
/* Reads again what was told since, and nothing else. */
void mirror_refresh(struct mirror *mirror);
/* Refreshes, and compares everything; else why. */
bool mirror_agrees(struct mirror *mirror, const char **ret_reason);

#endif
