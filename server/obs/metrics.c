/* Owns the values behind metrics.h. Relaxed atomics: a reader may see two counters a moment apart,
 * never a torn one. */
#include "obs/metrics.h"
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

struct metrics {
    const struct pl_mem *mem;
    _Atomic uint64_t values[METRIC_COUNT];
};

#define COUNTER "counter"
#define GAUGE   "gauge"
static const struct {
    const char *name;
    const char *type;
    const char *help;
} table[METRIC_COUNT] = {
#define X(id, type, text, help) [METRIC_##id] = {"plenum_" text, type, help},
#include "obs/metrics.def"
#undef X
};

struct metrics *metrics_new(const struct pl_mem *mem)
{
    struct metrics *metrics = pl_mem_get(mem, sizeof *metrics);
    if (metrics == NULL)
        return NULL;
    metrics->mem = mem;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        atomic_init(&metrics->values[i], 0);
    return metrics;
}

void metrics_free(struct metrics *metrics_or_null)
{
    if (metrics_or_null != NULL)
        pl_mem_put(metrics_or_null->mem, metrics_or_null);
}

void metrics_add(struct metrics *metrics_or_null, enum metric id, uint64_t n)
{
    if (metrics_or_null != NULL)
        atomic_fetch_add_explicit(&metrics_or_null->values[id], n, memory_order_relaxed);
}

void metrics_sub(struct metrics *metrics_or_null, enum metric id, uint64_t n)
{
    if (metrics_or_null != NULL)
        atomic_fetch_sub_explicit(&metrics_or_null->values[id], n, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics_or_null, enum metric id, uint64_t value)
{
    if (metrics_or_null != NULL)
        atomic_store_explicit(&metrics_or_null->values[id], value, memory_order_relaxed);
}

uint64_t metrics_get(const struct metrics *metrics_or_null, enum metric id)
{
    if (metrics_or_null == NULL)
        return 0;
    return atomic_load_explicit(&metrics_or_null->values[id], memory_order_relaxed);
}

enum metric metrics_refusal(enum pl_status code)
{
    switch (code) {
    case PL_ORIGIN:
        return METRIC_REFUSED_ORIGIN;
    case PL_TOO_BIG:
        return METRIC_REFUSED_TOO_BIG;
    case PL_STATE:
        return METRIC_REFUSED_STATE;
    case PL_VERSION:
        return METRIC_REFUSED_VERSION;
    case PL_TICKET:
        return METRIC_REFUSED_TICKET;
    case PL_TOKEN:
    case PL_REVOKED:
    case PL_EXPIRED:
        return METRIC_REFUSED_TOKEN;
    case PL_NOT_FOUND:
        return METRIC_REFUSED_BOARD;
    case PL_SLOW:
        return METRIC_SESSIONS_SLOW;
    case PL_TIMEOUT:
        return METRIC_SESSIONS_TIMEOUT;
    default:
        return METRIC_REFUSED_MALFORMED;
    }
}

void metrics_write(const struct metrics *metrics_or_null, struct pl_buf *buf)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        char text[512];
        int len = snprintf(text, sizeof text, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n",
                           table[i].name, table[i].help, table[i].name, table[i].type,
                           table[i].name, metrics_get(metrics_or_null, (enum metric)i));
        if (len > 0)
            pl_buf_append(buf, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    }
}
