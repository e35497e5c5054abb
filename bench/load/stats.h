/* What is counted and measured: latencies as a histogram, deliveries, and what the kernel says of a
 * process. */
#ifndef LOAD_STATS_H
#define LOAD_STATS_H
#include <stdbool.h>
#include <stdint.h>

#define STATS_EXPONENTS 40u /* nanoseconds up to 2^40, 18 minutes */
#define STATS_STEPS     32u /* per doubling: 3 % wide */

/* A log-linear histogram of nanoseconds. Zeroed is empty. */
struct histogram {
    uint64_t counts[STATS_EXPONENTS * STATS_STEPS];
    uint64_t n;
    uint64_t max_ns;
};

void histogram_add(struct histogram *histogram, uint64_t ns);
void histogram_add_n(struct histogram *histogram, uint64_t ns, uint64_t n); /* the same n times; n > 0 */
/* The upper border of the bucket that holds the quantile `q` (0 to 1), at most the maximum; 0 when
 * empty. */
uint64_t histogram_quantile(const struct histogram *histogram, double q);

/* Zeroed is empty. */
struct stats {
    struct histogram latency; /* from send to each delivery */
    struct histogram joins;   /* from connecting to having the board, of those who come in a burst */
    uint64_t closes, returns; /* connections lost and made again, by those who come back */
    uint64_t storm_ns;        /* from the first of these losses until nobody was away */
    uint64_t sent;            /* batches handed to sockets */
    uint64_t acknowledged;    /* of them, echoed to their author */
    uint64_t acknowledged_ops;
    uint64_t refused;         /* voids and rejects of own batches */
    uint64_t deliveries;      /* envelopes of this run received, by all clients */
    uint64_t delivery_frames; /* the OPS messages that held them */
    uint64_t presence_sent;
    uint64_t presence_received; /* merged frames */
    bool pointing;              /* while they point: what they leave behind comes late, and is not counted */
    uint64_t cursors;           /* states in them */
    struct histogram cursor_latency; /* from send to each of these */
    /* The same without the wait for the server's tick: from when the youngest state of the frame it came in was sent,
     * for the tick cannot have been before that. */
    struct histogram cursor_beyond;
    uint64_t errors; /* sequence gaps, undecodable messages, ERROR messages, diverged replicas */
    char first_error[160];
};

/* Counts an error and keeps the first one's text. */
void stats_error(struct stats *stats, const char *what, const char *detail);

struct process_sample {
    double cpu_s; /* user and system time of all its threads */
    uint64_t rss_kb;
};

/* false when there is no such process. */
bool process_sample(int pid, struct process_sample *ret_sample);

#endif
