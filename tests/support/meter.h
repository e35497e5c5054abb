/* An allocator for tests: libc's, counted, and failing when it is told to. */
#ifndef SUPPORT_METER_H
#define SUPPORT_METER_H
#include "proto/mem.h"

struct meter {
    struct pl_mem mem;  /* give this away */
    size_t bytes;       /* handed out now */
    size_t peak;        /* the most there ever was */
    size_t calls;       /* allocations asked for */
    size_t fail_at;     /* that allocation, counted from 1, and all after it fail; 0: none does */
};

void meter_init(struct meter *meter, size_t fail_at);

#endif
