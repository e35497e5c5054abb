/* Counters, gauges and histograms of one server, printed in Prometheus' text format. Everything counted stands
 * in metrics.def, everything measured in histograms.def. Thread-safe: each value is a relaxed atomic, for the journal's
 * writer counts too. Labels are written out there and nothing is allocated after the start: a hostile peer can make no
 * new series. */
#ifndef OBS_METRICS_H
#define OBS_METRICS_H
#include "proto/mem.h"
#include "proto/status.h"
#include "proto/writer.h"
#include <stdint.h>

enum metric {
#define X(name, type, text, help) METRIC_##name,
#include "obs/metrics.def"
#undef X
    METRIC_COUNT
};

enum histogram {
#define X(name, unit, text, help) HISTOGRAM_##name,
#include "obs/histograms.def"
#undef X
    HISTOGRAM_COUNT
};

struct metrics;
struct metrics *metrics_new(const struct pl_mem *mem); /* NULL when out of memory */
void metrics_free(struct metrics *metrics_or_null);

/* All take NULL, so that a test or a tool can do without. */
void metrics_add(struct metrics *metrics_or_null, enum metric id, uint64_t n);
void metrics_sub(struct metrics *metrics_or_null, enum metric id, uint64_t n);     /* gauges */
void metrics_set(struct metrics *metrics_or_null, enum metric id, uint64_t value); /* gauges */
/* Microseconds or bytes, by the histogram's unit. */
void metrics_observe(struct metrics *metrics_or_null, enum histogram id, uint64_t value);
uint64_t metrics_get(const struct metrics *metrics_or_null, enum metric id);
/* The counter under which a refusal with this code is counted. */
enum metric metrics_refusal(enum pl_status code);
/* Appends the text exposition; check buf->failed. */
void metrics_write(const struct metrics *metrics_or_null, struct pl_buf *buf);

#endif
