/* See scarce_mem.h. */
#include "tests/support/scarce_mem.h"
#include <stdlib.h>

static bool refuses(struct scarce_mem *scarce)
{
    if (!scarce->armed)
        return false;
    const uint64_t at = ++scarce->n;
    return at >= scarce->fail_at && at < scarce->fail_at + scarce->fail_n;
}

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct scarce_mem *scarce = user;
    void *block = NULL;
    pthread_mutex_lock(&scarce->mutex);
    if (bytes == 0) {
        scarce->live -= block_or_null != NULL;
        free(block_or_null);
    } else if (!refuses(scarce)) {
        block = realloc(block_or_null, bytes);
        scarce->live += block_or_null == NULL && block != NULL;
    }
    pthread_mutex_unlock(&scarce->mutex);
    return block;
}

void scarce_mem_init(struct scarce_mem *scarce, uint64_t fail_at, uint64_t fail_n)
{
    *scarce = (struct scarce_mem){.mem = {.resize = resize, .user = scarce},
                                  .mutex = PTHREAD_MUTEX_INITIALIZER,
                                  .fail_at = fail_at,
                                  .fail_n = fail_n};
}

void scarce_mem_arm(struct scarce_mem *scarce, bool armed)
{
    pthread_mutex_lock(&scarce->mutex);
    scarce->armed = armed;
    pthread_mutex_unlock(&scarce->mutex);
}
