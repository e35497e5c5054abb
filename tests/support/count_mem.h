/* An allocator that counts: what is out now, the most that ever was, and how often it was asked. It can refuse from a
 * given request on, or that one alone, so that every failed allocation is walked. */
#ifndef SUPPORT_COUNT_MEM_H
#define SUPPORT_COUNT_MEM_H
#include "proto/mem.h"
#include <stdbool.h>

struct count_mem {
    struct pl_mem mem; /* what a structure is given; its user is this, which must stay where it is */
    size_t live;       /* bytes handed out */
    size_t blocks;     /* that they are in */
    size_t peak;       /* the most of them since it was last set; the caller sets it to live */
    uint64_t asked;    /* requests for bytes */
    uint64_t fail_at;  /* the number of the first request that is refused, and all after it; 0: none */
    bool fails_once;   /* that one alone */
};

void count_mem_init(struct count_mem *count);

#endif
