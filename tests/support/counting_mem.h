/* Memory that is counted, and that runs out when a test wants it to. */
#ifndef SUPPORT_COUNTING_MEM_H
#define SUPPORT_COUNTING_MEM_H
#include "proto/mem.h"

struct counting_mem {
    struct pl_mem mem; /* to hand out; the struct must stay where it is */
    size_t bytes, blocks; /* now */
    size_t most;          /* bytes there ever were */
    size_t allocations;   /* and growths, so far */
    size_t fails_from;    /* the number of the first that fails, and so do all after it; SIZE_MAX at first: none */
};

void counting_mem_init(struct counting_mem *counting);

#endif
