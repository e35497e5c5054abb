/* Counters and gauges of one server, printed in Prometheus' text format. Everything counted stands
 * in metrics.def. Thread-safe: each value is a relaxed atomic, for the journal's writer counts too.
 * No labels, no allocation after the start: a hostile peer can make no new series. */
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

struct metrics;
struct metrics *metrics_new(const struct pl_mem *mem); /* NULL when out of memory */
void metrics_free(struct metrics *metrics_or_null);

/* All take NULL, so that a test or a tool can do without. */
void metrics_add(struct metrics *metrics_or_null, enum metric id, uint64_t n);
void metrics_sub(struct metrics *metrics_or_null, enum metric id, uint64_t n);     /* gauges */
void metrics_set(struct metrics *metrics_or_null, enum metric id, uint64_t value); /* gauges */
uint64_t metrics_get(const struct metrics *metrics_or_null, enum metric id);
/* The counter under which a refusal with this code is counted. */
enum metric metrics_refusal(enum pl_status code);
/* Appends the text exposition; check buf->failed. */
void metrics_write(const struct metrics *metrics_or_null, struct pl_buf *buf);

#endif
