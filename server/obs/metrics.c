/* Owns the values behind metrics.h. Relaxed atomics: a reader may see two counters a moment apart,
 * never a torn one. */
#include "obs/metrics.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define BORDERS_MAX 16u

struct distribution {
    _Atomic uint64_t buckets[BORDERS_MAX + 1]; /* each its own, not yet added up; the last is above all borders */
    _Atomic uint64_t sum;
};

struct metrics {
    const struct pl_mem *mem;
    _Atomic uint64_t values[METRIC_COUNT];
    struct distribution distributions[HISTOGRAM_COUNT];
};

/* A histogram's borders, ascending and inclusive; what is observed is divided by `scale` when it is printed. */
struct unit {
    uint64_t scale;
    size_t border_n;
    uint64_t borders[BORDERS_MAX];
};

static const struct unit unit_seconds = {
    .scale = 1000000,
    .border_n = 16,
    .borders = {50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
                10000000},
};
static const struct unit unit_bytes = {
    .scale = 1,
    .border_n = 7,
    .borders = {0, 1024, 4096, 16384, 65536, 262144, 1048576},
};

#define SECONDS &unit_seconds
#define BYTES   &unit_bytes
static const struct {
    const char *name;
    const struct unit *unit;
    const char *help;
} histograms[HISTOGRAM_COUNT] = {
#define X(id, unit, text, help) [HISTOGRAM_##id] = {"plenum_" text, unit, help},
#include "obs/histograms.def"
#undef X
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
    for (size_t i = 0; i < HISTOGRAM_COUNT; i++) {
        atomic_init(&metrics->distributions[i].sum, 0);
        for (size_t k = 0; k <= BORDERS_MAX; k++)
            atomic_init(&metrics->distributions[i].buckets[k], 0);
    }
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

void metrics_observe(struct metrics *metrics_or_null, enum histogram id, uint64_t value)
{
    if (metrics_or_null == NULL)
        return;
    struct distribution *distribution = &metrics_or_null->distributions[id];
    const struct unit *unit = histograms[id].unit;
    size_t i = 0;
    while (i < unit->border_n && value > unit->borders[i])
        i++;
    atomic_fetch_add_explicit(&distribution->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&distribution->sum, value, memory_order_relaxed);
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

__attribute__((format(printf, 2, 3))) static void print(struct pl_buf *buf, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0)
        pl_buf_append(buf, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

/* HELP and TYPE, once for a family. */
static void family_write(struct pl_buf *buf, size_t i)
{
    int len = (int)strcspn(table[i].name, "{");
    if (i > 0 && strncmp(table[i - 1].name, table[i].name, (size_t)len) == 0 && table[i - 1].name[len] == '{')
        return;
    print(buf, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, table[i].name, table[i].help, len, table[i].name,
          table[i].type);
}

/* In the unit's own terms, to the last digit: seconds of microseconds. */
static void scaled_write(struct pl_buf *buf, const struct unit *unit, uint64_t value)
{
    if (unit->scale == 1)
        print(buf, "%" PRIu64, value);
    else
        print(buf, "%" PRIu64 ".%06" PRIu64, value / unit->scale, value % unit->scale);
}

static void histogram_write(const struct metrics *metrics, struct pl_buf *buf, enum histogram id)
{
    const struct unit *unit = histograms[id].unit;
    const char *name = histograms[id].name;
    const struct distribution *distribution = &metrics->distributions[id];
    uint64_t sum = atomic_load_explicit(&distribution->sum, memory_order_relaxed);
    uint64_t n = 0;
    print(buf, "# HELP %s %s\n# TYPE %s histogram\n", name, histograms[id].help, name);
    for (size_t i = 0; i <= unit->border_n; i++) {
        n += atomic_load_explicit(&distribution->buckets[i], memory_order_relaxed);
        print(buf, "%s_bucket{le=\"", name);
        if (i < unit->border_n)
            scaled_write(buf, unit, unit->borders[i]);
        else
            print(buf, "+Inf");
        print(buf, "\"} %" PRIu64 "\n", n);
    }
    print(buf, "%s_sum ", name);
    scaled_write(buf, unit, sum);
    print(buf, "\n%s_count %" PRIu64 "\n", name, n);
}

void metrics_write(const struct metrics *metrics_or_null, struct pl_buf *buf)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        family_write(buf, i);
        print(buf, "%s %" PRIu64 "\n", table[i].name, metrics_get(metrics_or_null, (enum metric)i));
    }
    for (size_t i = 0; metrics_or_null != NULL && i < HISTOGRAM_COUNT; i++)
        histogram_write(metrics_or_null, buf, (enum histogram)i);
}
