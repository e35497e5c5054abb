/* One who watches together with others: a socket on a board, a clock of its own that runs wrong, and what it knows of
 * the server's time and of the PLAYBACK (SPEC K3, O9). Between it and the server lies a made-up line: everything takes
 * some milliseconds each way, never quite the same. It finds the server's time as the browser client does
 * (web/src/sync/clock.ts): of the last few PONGs the quickest is believed. */
#ifndef WATCH_VIEWER_H
#define WATCH_VIEWER_H
#include "bench/load/target.h"
#include "proto/mem.h"
#include "proto/status.h"

struct viewer;

struct viewer_line {
    double up_ms, down_ms; /* at least */
    double jitter_ms;      /* more, on average, each time anew */
    double skew_ms;        /* its clock is ahead by so much */
    double ppm;            /* and gains so many millionths */
};

/* A PLAYBACK's clock as a viewer has it. */
struct viewer_clock {
    bool runs;
    double ms, rate;
    uint64_t srv_ms; /* of the entry that set it; 0: none came yet */
};

/* Starts to connect. Everything but the line is borrowed; the ticket for the call. NULL: no memory, or no socket. */
struct viewer *viewer_new(const struct pl_mem *mem, const struct target *target, uint64_t *random,
                          const struct viewer_line *line, const char *ticket);
void viewer_free(struct viewer *viewer_or_null);
int viewer_fd(const struct viewer *viewer);
/* On epoll's word. */
void viewer_pump(struct viewer *viewer, uint8_t *scratch, size_t scratch_bytes);
/* Takes what has come over its line by now, and sends the PINGs that are due. */
void viewer_turn(struct viewer *viewer, uint64_t now_ns);
bool viewer_live(const struct viewer *viewer);  /* WELCOMEd, and knows the server's time */
bool viewer_closed(const struct viewer *viewer);
const char *viewer_close_reason(const struct viewer *viewer);
struct viewer_clock viewer_clock(const struct viewer *viewer);
/* Where it plays at that moment, in ms of played time; meaningless without a clock. */
double viewer_position(const struct viewer *viewer, uint64_t now_ns);

/* As the one who leads: makes the PLAYBACK the first time, then sets its CLOCK. PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status viewer_lead(struct viewer *viewer, bool runs, uint64_t ms, double rate);

#endif
