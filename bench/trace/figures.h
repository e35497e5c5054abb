/* What a history came to, natively or as WebAssembly, and how it is told. */
#ifndef TRACE_FIGURES_H
#define TRACE_FIGURES_H
#include "bench/trace/history.h"

#define REPEAT_MAX 99u

/* One piece of work done several times. */
struct timings {
    double ms[REPEAT_MAX];
    uint32_t n;
};

struct figures {
    bool matches;             /* every text and every state was what it must be */
    struct complaint reason;  /* why not */
    bool wasm;
    struct timings replay;    /* the whole history, all peers, from a made text to their agreement */
    struct timings load;      /* an empty replica from the encoded state */
    struct timings merge;     /* an empty replica from the journal, in one go */
    size_t live_bytes;        /* natively: of the largest replica in the end; WebAssembly: of linear memory */
    size_t loaded_bytes;      /* natively: of a replica just loaded */
    double rss_bytes;         /* how much this process grew by the replay, the journal it kept aside */
    size_t encoded_bytes;     /* the canonical snapshot, not compressed */
    size_t batch_n;           /* in the journal */
    size_t journal_bytes;
};

/* Marks the history as failed, unless it was already: the first reason is the one told. */
__attribute__((format(printf, 2, 3))) void figures_fail(struct figures *figures, const char *format, ...);
double timings_least(const struct timings *timings);
double timings_median(const struct timings *timings);

struct plan;
/* Prints to stdout: a few lines of text, or one line of JSON. */
void figures_print(const struct figures *figures, const char *name, const struct history *history,
                   const struct plan *plan, bool json);

#endif
