/* The histogram, the error note, and /proc. */
#include "bench/load/stats.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t bucket_of(uint64_t ns)
{
    if (ns < STATS_STEPS)
        return (uint32_t)ns;
    uint32_t exponent = 63u - (uint32_t)__builtin_clzll(ns); /* at least 5 */
    uint32_t step = (uint32_t)(ns >> (exponent - 5)) & (STATS_STEPS - 1);
    uint32_t bucket = (exponent - 4) * STATS_STEPS + step;
    uint32_t last = STATS_EXPONENTS * STATS_STEPS - 1;
    return bucket < last ? bucket : last;
}

static uint64_t bucket_top(uint32_t bucket)
{
    if (bucket < STATS_STEPS)
        return bucket;
    uint32_t exponent = bucket / STATS_STEPS + 4;
    uint64_t step = bucket % STATS_STEPS;
    return ((STATS_STEPS + step + 1) << (exponent - 5)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram_add_n(histogram, ns, 1);
}

void histogram_add_n(struct histogram *histogram, uint64_t ns, uint64_t n)
{
    histogram->counts[bucket_of(ns)] += n;
    histogram->n += n;
    if (ns > histogram->max_ns)
        histogram->max_ns = ns;
}

uint64_t histogram_quantile(const struct histogram *histogram, double q)
{
    uint64_t wanted = (uint64_t)(q * (double)histogram->n);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < STATS_EXPONENTS * STATS_STEPS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted) {
            uint64_t top = bucket_top(i);
            return top < histogram->max_ns ? top : histogram->max_ns;
        }
    }
    return histogram->max_ns;
}

void stats_error(struct stats *stats, const char *what, const char *detail)
{
    if (stats->errors++ == 0)
        snprintf(stats->first_error, sizeof stats->first_error, "%s: %s", what, detail);
}

static bool read_file(const char *path, char *text, size_t text_bytes)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t len = fread(text, 1, text_bytes - 1, file);
    text[len] = '\0';
    fclose(file);
    return len > 0;
}

bool process_sample(int pid, struct process_sample *ret_sample)
{
    char path[64], text[4096];
    unsigned long user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_file(path, text, sizeof text))
        return false;
    const char *after_name = strrchr(text, ')'); /* the name may hold spaces */
    if (after_name == NULL ||
        sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        return false;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (!read_file(path, text, sizeof text))
        return false;
    const char *rss = strstr(text, "VmRSS:");
    ret_sample->cpu_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    ret_sample->rss_kb = rss == NULL ? 0 : strtoull(rss + 6, NULL, 10);
    return true;
}
