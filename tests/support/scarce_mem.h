/* An allocator for whole servers, from several threads: once armed, it refuses the request numbered `fail_at`, and those
 * after it up to fail_n. */
#ifndef SUPPORT_SCARCE_MEM_H
#define SUPPORT_SCARCE_MEM_H
#include "proto/mem.h"
#include <pthread.h>

struct scarce_mem {
    struct pl_mem mem; /* to hand out; the struct must stay where it is */
    pthread_mutex_t mutex;
    uint64_t n, fail_at, fail_n; /* n: since it was armed; fail_at 0: none */
    bool armed;
    long live; /* blocks that are out */
};

void scarce_mem_init(struct scarce_mem *scarce, uint64_t fail_at, uint64_t fail_n);
/* For stories that say themselves when memory is scarce; `user` is the scarce_mem. */
void scarce_mem_arm(void *user);
void scarce_mem_disarm(void *user);

/* What is told with this memory: `fail_at` is a number for each telling. */
typedef void scarce_story(struct scarce_mem *scarce, unsigned fail_at);
/* Tells it again and again, each time with `fail_n` allocations refused from another one on: all of them under --long,
 * about `most` otherwise. Nothing may be left of any. */
void scarce_mem_walk(scarce_story *story, unsigned fail_n, unsigned most);

#endif
