/* A strict reader of Prometheus' text exposition (version 0.0.4). Aborts the test with the line that breaks a rule:
 *   each family has HELP, then TYPE, once, before its samples, which stand together; names and labels are of the allowed
 *   letters; values are numbers; no sample comes twice; counters end in _total; a histogram's buckets ascend, end in
 *   +Inf, and its count is the last of them. */
#ifndef SUPPORT_EXPOSITION_H
#define SUPPORT_EXPOSITION_H
#include <stddef.h>

/* `text` is the body, NUL-terminated. How many samples it has. */
size_t exposition_check(const char *text);
/* The value of a sample, labels included in its name: "a_total{reason=\"b\"}". Aborts when there is none. */
double exposition_value(const char *text, const char *sample);

#endif
