/* What is looked at: a tab's replica with what is pending on it, or a document alone, as a history has it. Whoever tells
 * how objects look and who wrote them asks a sight, and needs to know no more. */
#ifndef PL_SIGHT_H
#define PL_SIGHT_H
#include "proto/object.h"
#include "proto/replica.h"

struct pl_sight {
    struct pl_replica *replica_or_null;
    struct pl_doc *doc; /* without a replica */
};
struct pl_tree;

/* NULL when there never was one. */
const struct pl_object *pl_sight_object(const struct pl_sight *sight, struct pl_id id);
/* Every object, living and dead. */
void pl_sight_each(const struct pl_sight *sight, void (*visit)(void *user, const struct pl_object *object), void *user);
/* The guest to whose replica the id belongs; 0 when unknown. */
uint64_t pl_sight_author(const struct pl_sight *sight, struct pl_id id);
/* Whether an edit that is not durable yet touches the object. */
bool pl_sight_pending(const struct pl_sight *sight, struct pl_id id);
/* For as long as nothing changes; the caller frees it. NULL when out of memory. */
struct pl_tree *pl_sight_tree(const struct pl_sight *sight, const struct pl_mem *mem);
/* The sequence number it stands at. */
uint64_t pl_sight_head(const struct pl_sight *sight);

#endif
