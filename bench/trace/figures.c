#include "bench/trace/figures.h"
#include "bench/trace/plan.h"
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEGABYTE 1e6

void figures_fail(struct figures *figures, const char *format, ...)
{
    va_list arguments;
    if (!figures->matches)
        return;
    figures->matches = false;
    va_start(arguments, format);
    vsnprintf(figures->reason.text, sizeof figures->reason.text, format, arguments);
    va_end(arguments);
}

static int compare_ms(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static struct timings sorted(const struct timings *timings)
{
    struct timings copy = *timings;
    qsort(copy.ms, copy.n, sizeof *copy.ms, compare_ms);
    return copy;
}

double timings_least(const struct timings *timings)
{
    return timings->n == 0 ? 0 : sorted(timings).ms[0];
}

double timings_median(const struct timings *timings)
{
    return timings->n == 0 ? 0 : sorted(timings).ms[timings->n / 2];
}

static void print_times(const char *what, const struct timings *timings)
{
    printf("  %-8s %.2f ms", what, timings_least(timings));
    if (timings->n > 1)
        printf(" (best of %u, median %.2f)", timings->n, timings_median(timings));
}

static void print_text(const struct figures *figures, const char *name, const struct history *history,
                       const struct plan *plan)
{
    const size_t edit_n = history->patch_n - history->start_patch_n;
    printf("%s%s: %s%s%s\n", name, figures->wasm ? " (WebAssembly)" : "", figures->matches ? "match" : "MISMATCH",
           figures->matches ? "" : ": ", figures->reason.text);
    if (figures->replay.n == 0)
        return;
    print_times("replay", &figures->replay);
    printf(": %zu edits by %u %s, %.0f ns each\n", edit_n, plan->peer_n, plan->peer_n == 1 ? "replica" : "replicas",
           edit_n == 0 ? 0 : timings_least(&figures->replay) * 1e6 / (double)edit_n);
    printf("  %-8s %.2f MB %s", "memory", (double)figures->live_bytes / MEGABYTE,
           figures->wasm ? "linear" : plan->peer_n == 1 ? "live" : "live in the largest replica");
    if (figures->loaded_bytes > 0)
        printf(", %.2f MB when loaded", (double)figures->loaded_bytes / MEGABYTE);
    printf("; RSS %+.2f MB\n", figures->rss_bytes / MEGABYTE);
    printf("  %-8s %zu bytes\n", "encoded", figures->encoded_bytes);
    print_times("load", &figures->load);
    printf("\n");
    print_times("merge", &figures->merge);
    printf(": %zu batches, %zu bytes\n", figures->batch_n, figures->journal_bytes);
}

static json_t *json_times(const struct timings *timings)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < timings->n; i++)
        json_array_append_new(list, json_real(timings->ms[i]));
    return list;
}

static void print_json(const struct figures *figures, const char *name, const struct history *history,
                       const struct plan *plan)
{
    json_t *line = json_pack(
        "{s:s, s:s, s:b, s:s, s:b, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:f, s:I, s:I, s:I}", "file", name,
        "engine", figures->wasm ? "wasm" : "native", "match", figures->matches, "reason", figures->reason.text,
        "concurrent", history->concurrent, "txns", (json_int_t)history->txn_n, "edits",
        (json_int_t)(history->patch_n - history->start_patch_n), "replicas", (json_int_t)plan->peer_n, "replay_ms",
        json_times(&figures->replay), "load_ms", json_times(&figures->load), "merge_ms",
        json_times(&figures->merge), "live_bytes", (json_int_t)figures->live_bytes, "loaded_bytes",
        (json_int_t)figures->loaded_bytes, "rss_bytes", figures->rss_bytes, "encoded_bytes",
        (json_int_t)figures->encoded_bytes, "batches", (json_int_t)figures->batch_n, "journal_bytes",
        (json_int_t)figures->journal_bytes);
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(8));
    puts(text == NULL ? "{}" : text);
    free(text);
    json_decref(line);
}

void figures_print(const struct figures *figures, const char *name, const struct history *history,
                   const struct plan *plan, bool json)
{
    (json ? print_json : print_text)(figures, name, history, plan);
    fflush(stdout);
}
