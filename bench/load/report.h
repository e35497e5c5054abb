/* What a run found, printed for people or as one JSON object. */
#ifndef LOAD_REPORT_H
#define LOAD_REPORT_H
#include "bench/load/crowd.h"
#include "bench/load/options.h"
#include "bench/load/stats.h"
#include <stdio.h>

struct report {
    const struct options *options;
    const struct stats *stats;
    const char *link; /* "" against plenum-raw */
    double seconds;   /* of the editing */
    uint64_t deliveries_while_editing;
    double load_cpu_s; /* this process' own, while editing */
    uint64_t bytes_in;
    uint32_t closed; /* clients the server closed */
    struct crowd_verdict verdict;
    bool server_known;                   /* the four samples below are there */
    struct process_sample server_before; /* before anybody joined */
    struct process_sample server_joined; /* everybody in, nobody edits yet */
    struct process_sample server_began;  /* as editing began */
    struct process_sample server_ended;  /* when all was delivered */
};

void report_print(const struct report *report, FILE *out);

#endif
