/* Both walks take transactions from a heap, newest first. A transaction's marks are final when it leaves the heap,
 * because everything that could reach it is newer and has left before. */
#include "bench/trace/dag.h"
#include <stdlib.h>

enum mark { HAVE = 1, WANT = 2 };

struct dag {
    const struct history *history;
    uint32_t *heads;
    size_t head_n;
    uint8_t *marks;    /* of the walk under way, by transaction */
    uint32_t *touched; /* those that have any */
    size_t touched_n;
    uint32_t *heap;
    size_t heap_n;
    size_t open_n;     /* in the heap, wanted and not had: while there is one, more may be missing */
    uint32_t *missing;
};

static void find_heads(struct dag *dag)
{
    const struct history *history = dag->history;
    for (size_t i = 0; i < history->parent_n; i++)
        dag->marks[history->parents[i]] = HAVE;
    for (uint32_t i = 0; i < history->txn_n; i++) {
        if (dag->marks[i] == 0)
            dag->heads[dag->head_n++] = i;
        dag->marks[i] = 0;
    }
}

struct dag *dag_new(const struct history *history)
{
    const size_t n = (size_t)history->txn_n + 1;
    struct dag *dag = calloc(1, sizeof *dag);
    if (dag == NULL)
        return NULL;
    *dag = (struct dag){
        .history = history,
        .heads = calloc(n, sizeof *dag->heads),
        .marks = calloc(n, 1),
        .touched = calloc(n, sizeof *dag->touched),
        .heap = calloc(n, sizeof *dag->heap),
        .missing = calloc(n, sizeof *dag->missing),
    };
    if (dag->heads == NULL || dag->marks == NULL || dag->touched == NULL || dag->heap == NULL ||
        dag->missing == NULL) {
        dag_free(dag);
        return NULL;
    }
    find_heads(dag);
    return dag;
}

void dag_free(struct dag *dag_or_null)
{
    if (dag_or_null == NULL)
        return;
    free(dag_or_null->heads);
    free(dag_or_null->marks);
    free(dag_or_null->touched);
    free(dag_or_null->heap);
    free(dag_or_null->missing);
    free(dag_or_null);
}

struct version dag_heads(const struct dag *dag)
{
    return (struct version){.txns = dag->heads, .n = dag->head_n};
}

static void heap_push(struct dag *dag, uint32_t txn)
{
    size_t i = dag->heap_n++;
    for (; i > 0 && dag->heap[(i - 1) / 2] < txn; i = (i - 1) / 2)
        dag->heap[i] = dag->heap[(i - 1) / 2];
    dag->heap[i] = txn;
}

static uint32_t heap_pop(struct dag *dag)
{
    const uint32_t top = dag->heap[0], last = dag->heap[--dag->heap_n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < dag->heap_n && dag->heap[child + 1] > dag->heap[child])
            child++;
        if (child >= dag->heap_n || dag->heap[child] <= last)
            break;
        dag->heap[i] = dag->heap[child];
        i = child;
    }
    dag->heap[i] = last;
    return top;
}

/* Every transaction is in the heap at most once in a walk: when its first mark comes. */
static void reach(struct dag *dag, struct version version, uint8_t marks)
{
    for (size_t i = 0; i < version.n; i++) {
        const uint32_t txn = version.txns[i];
        const uint8_t before = dag->marks[txn];
        dag->marks[txn] |= marks;
        if (before == 0) {
            dag->touched[dag->touched_n++] = txn;
            heap_push(dag, txn);
        }
        if (before == WANT && dag->marks[txn] != WANT)
            dag->open_n--;
        if (before != WANT && dag->marks[txn] == WANT)
            dag->open_n++;
    }
}

static void forget(struct dag *dag)
{
    while (dag->touched_n > 0)
        dag->marks[dag->touched[--dag->touched_n]] = 0;
    dag->heap_n = 0;
    dag->open_n = 0;
}

struct version dag_missing(struct dag *dag, struct version have, struct version want)
{
    size_t n = 0;
    reach(dag, have, HAVE);
    reach(dag, want, WANT);
    while (dag->open_n > 0) {
        const uint32_t txn = heap_pop(dag);
        const uint8_t marks = dag->marks[txn];
        if (marks == WANT) {
            dag->missing[n++] = txn;
            dag->open_n--;
        }
        reach(dag, dag_parents(dag->history, txn), marks);
    }
    forget(dag);
    for (size_t i = 0; i < n / 2; i++) {
        const uint32_t swapped = dag->missing[i];
        dag->missing[i] = dag->missing[n - 1 - i];
        dag->missing[n - 1 - i] = swapped;
    }
    return (struct version){.txns = dag->missing, .n = n};
}

bool dag_newest(struct dag *dag, struct version version, uint32_t oldest,
                bool (*accept)(void *user, uint32_t txn), void *user, uint32_t *ret_txn)
{
    bool found = false;
    reach(dag, version, WANT);
    while (!found && dag->heap_n > 0) {
        const uint32_t txn = heap_pop(dag);
        if (txn < oldest)
            break;
        found = accept(user, txn);
        if (found)
            *ret_txn = txn;
        else
            reach(dag, dag_parents(dag->history, txn), WANT);
    }
    forget(dag);
    return found;
}
