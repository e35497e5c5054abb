#include "bench/trace/counted.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct counted *counted = user;
    const size_t before = malloc_usable_size(block_or_null);
    void *block = NULL;
    if (bytes == 0) {
        free(block_or_null);
    } else {
        block = realloc(block_or_null, bytes);
        if (block == NULL)
            return NULL;
    }
    counted->live_bytes += malloc_usable_size(block) - before;
    if (counted->live_bytes > counted->peak_bytes)
        counted->peak_bytes = counted->live_bytes;
    return block;
}

void counted_init(struct counted *counted)
{
    *counted = (struct counted){.mem = {.resize = resize, .user = counted}};
}

size_t rss_bytes(void)
{
    unsigned long pages = 0;
    malloc_trim(0);
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
