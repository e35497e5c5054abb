/* See replicas.h. Not here: reserving (join.c asks the journal). */
#include "board/replicas.h"

void replicas_init(struct replicas *replicas, const struct pl_mem *mem)
{
    *replicas = (struct replicas){.mem = mem};
    map_init(&replicas->live, mem);
}

void replicas_done(struct replicas *replicas)
{
    map_done(&replicas->live);
    pl_mem_put(replicas->mem, replicas->recent);
    replicas->recent = NULL;
}

void replicas_reserved(struct replicas *replicas, uint32_t first, uint32_t count)
{
    replicas->next = first;
    replicas->end = first + count;
}

void *replicas_holder(const struct replicas *replicas, uint64_t replica)
{
    return map_get(&replicas->live, replica);
}

bool replicas_claimable(const struct replicas *replicas, const struct pl_doc *doc, uint32_t replica,
                        uint64_t user)
{
    struct pl_replica_row row;
    if (replica == PL_REPLICA_SERVER || map_get(&replicas->live, replica) != NULL)
        return false;
    if (pl_doc_replica(doc, replica, &row))
        return row.user == user;
    uint32_t n = replicas->recent_n < REPLICA_RECENT ? replicas->recent_n : REPLICA_RECENT;
    for (uint32_t i = 0; i < n; i++) {
        if (replicas->recent[i].replica == replica)
            return replicas->recent[i].user == user;
    }
    return false;
}

uint32_t replicas_issue(struct replicas *replicas, uint64_t user)
{
    if (replicas->next == replicas->end)
        return 0;
    uint32_t replica = replicas->next++;
    if (replicas->recent == NULL)
        replicas->recent = pl_mem_get(replicas->mem, REPLICA_RECENT * sizeof *replicas->recent);
    if (replicas->recent != NULL) /* without: a claim costs a fresh id, nothing worse */
        replicas->recent[replicas->recent_n++ % REPLICA_RECENT] =
            (struct replica_recent){.user = user, .replica = replica};
    return replica;
}

enum pl_status replicas_hold(struct replicas *replicas, uint32_t replica, void *member)
{
    return map_put(&replicas->live, replica, member);
}

void replicas_release(struct replicas *replicas, uint32_t replica)
{
    map_remove(&replicas->live, replica);
}
