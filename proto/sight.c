/* A replica or a document, whichever it is. */
#include "proto/sight.h"
#include "proto/tree.h"

const struct pl_object *pl_sight_object(const struct pl_sight *sight, struct pl_id id)
{
    return sight->replica_or_null != NULL ? pl_replica_object(sight->replica_or_null, id)
                                          : pl_doc_object(sight->doc, id);
}

void pl_sight_each(const struct pl_sight *sight, void (*visit)(void *user, const struct pl_object *object), void *user)
{
    const struct pl_object *object;
    if (sight->replica_or_null != NULL) {
        pl_replica_each(sight->replica_or_null, visit, user);
        return;
    }
    for (size_t i = 0; (object = pl_doc_object_at(sight->doc, i)) != NULL; i++)
        visit(user, object);
}

uint64_t pl_sight_author(const struct pl_sight *sight, struct pl_id id)
{
    struct pl_replica_row row;
    if (sight->replica_or_null != NULL)
        return pl_replica_author(sight->replica_or_null, id);
    return pl_doc_replica(sight->doc, id.replica, &row) ? row.user : 0;
}

bool pl_sight_pending(const struct pl_sight *sight, struct pl_id id)
{
    return sight->replica_or_null != NULL && pl_replica_object_pending(sight->replica_or_null, id);
}

struct pl_tree *pl_sight_tree(const struct pl_sight *sight, const struct pl_mem *mem)
{
    return sight->replica_or_null != NULL ? pl_tree_of_replica(mem, sight->replica_or_null)
                                          : pl_tree_of_doc(mem, sight->doc);
}

uint64_t pl_sight_head(const struct pl_sight *sight)
{
    return pl_doc_head(sight->replica_or_null != NULL ? pl_replica_doc(sight->replica_or_null) : sight->doc);
}
