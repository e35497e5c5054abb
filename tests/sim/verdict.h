/* What a run came to: the first oracle that did not hold, and the help that all files of the simulation share. */
#ifndef SIM_VERDICT_H
#define SIM_VERDICT_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What a run met: a world where something never happens proves nothing about it. */
#define SIM_EVENTS(X)                                                                                        \
    X(RESUMED, "resumed")                                                                                    \
    X(SNAPSHOT, "snapshots")                                                                                 \
    X(MIDWAY, "snapshots midway")                                                                            \
    X(VOID, "voids for the author")                                                                          \
    X(REFUSED, "refusals without a seq")                                                                     \
    X(RESENT, "asked again")                                                                                 \
    X(CLONED, "clones")                                                                                      \
    X(DOUBTED, "counters doubted")                                                                           \
    X(REKEYED, "handed batches re-keyed")                                                                    \
    X(STALE, "frames of old sockets")                                                                        \
    X(TIMED_OUT, "sessions the server gave up")                                                              \
    X(HOSTILE, "hostile sessions ended")                                                                     \
    X(DISK_FAILED, "writes refused")                                                                         \
    X(CRASHED, "crashes")                                                                                    \
    X(LOST_WRITES, "crashes that lost writes")                                                               \
    X(DRAINED, "drains")                                                                                     \
    X(RESTORED, "restores")                                                                                  \
    X(UNLOADED, "boards unloaded")                                                                           \
    X(WENT_AWAY, "clients that went away")                                                                   \
    X(COLLECTED, "collections")                                                                              \
    X(REVEALED, "reveals")                                                                                   \
    X(RELOADED, "pages loaded anew")                                                                         \
    X(UNDONE, "undos and redos")                                                                             \
    X(OVERTAKEN, "entries another order put first")                                                          \
    X(COMPARED, "naive comparisons")

#define SIM_CRASH_REASON "it crashed or hung"

enum sim_event {
#define X(name, text) SIM_##name,
    SIM_EVENTS(X)
#undef X
        SIM_EVENT_N
};

struct verdict {
    const char *reason; /* static; NULL: all held so far */
    uint32_t met[SIM_EVENT_N];
};

static inline void verdict_met(struct verdict *verdict, enum sim_event event)
{
    verdict->met[event]++;
}

/* Keeps the first reason; always false. */
static inline bool verdict_fail(struct verdict *verdict, const char *reason)
{
    if (verdict->reason == NULL)
        verdict->reason = reason;
    return false;
}

/* For the simulation's own bugs. */
static inline void sim_must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "simulation: %s\n", what);
        abort();
    }
}

static inline void *sim_get(size_t bytes)
{
    void *block = calloc(1, bytes);
    sim_must(block != NULL, "no memory");
    return block;
}

#endif
