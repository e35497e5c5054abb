/* Who comes after whom: walks over the parents of a concurrent history.
 *
 * A version is a set of transactions closed under "parents", named by any transactions whose ancestors, themselves
 * included, make it up. Transactions stand after their parents, so a walk from the newest back never has to return. */
#ifndef TRACE_DAG_H
#define TRACE_DAG_H
#include "bench/trace/history.h"

struct dag;

struct version {
    const uint32_t *txns; /* borrowed */
    size_t n;             /* 0: before the first */
};

struct dag *dag_new(const struct history *history); /* NULL when out of memory; borrows the history */
void dag_free(struct dag *dag_or_null);

static inline struct version dag_parents(const struct history *history, uint32_t txn)
{
    const struct txn *it = &history->txns[txn];
    return (struct version){.txns = history->parents + it->parent0, .n = it->parent_n};
}
/* The transactions that nobody's parents name: together they are the whole history. */
struct version dag_heads(const struct dag *dag);
/* What `want` has and `have` lacks, oldest first. Valid until the next call of this function. */
struct version dag_missing(struct dag *dag, struct version have, struct version want);
/* The newest transaction of `version` that the caller accepts, not older than `oldest`; false when there is none. */
bool dag_newest(struct dag *dag, struct version version, uint32_t oldest,
                bool (*accept)(void *user, uint32_t txn), void *user, uint32_t *ret_txn);

#endif
