/* Growing arrays for the naive reference: one line to declare, one to grow. Out of memory ends the test. */
#ifndef SUPPORT_NAIVE_LIST_H
#define SUPPORT_NAIVE_LIST_H
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *naive_grow(void *items, size_t n, size_t size)
{
    void *grown = realloc(items, (n + 1) * size * 2);
    if (grown == NULL) {
        fprintf(stderr, "naive: no memory\n");
        abort();
    }
    return grown;
}

/* Makes room in the array `items` of `n` elements so that items[at] can be written; n is counted up. */
#define NAIVE_INSERT(items, n, at)                                                           \
    do {                                                                                     \
        if (((n) & ((n) - 1)) == 0) /* a power of two, or none: the block is full */         \
            (items) = naive_grow((items), (n), sizeof *(items));                             \
        memmove((items) + (at) + 1, (items) + (at), ((n) - (size_t)(at)) * sizeof *(items)); \
        (n)++;                                                                               \
    } while (0)

#endif
