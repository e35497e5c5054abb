/* See scarce_mem.h. */
#include "tests/support/scarce_mem.h"
#include "tests/support/core_check.h"
#include "tests/support/long_run.h"
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

static void arm(struct scarce_mem *scarce, bool armed)
{
    pthread_mutex_lock(&scarce->mutex);
    scarce->armed = armed;
    pthread_mutex_unlock(&scarce->mutex);
}

void scarce_mem_arm(void *user)
{
    arm(user, true);
}

void scarce_mem_disarm(void *user)
{
    arm(user, false);
}

/* How many allocations it took. */
static unsigned tell(scarce_story *story, unsigned fail_at, unsigned fail_n)
{
    struct scarce_mem scarce;
    scarce_mem_init(&scarce, fail_at, fail_n);
    story(&scarce, fail_at);
    CORE_CHECK(scarce.live == 0);
    return (unsigned)scarce.n;
}

void scarce_mem_walk(scarce_story *story, unsigned fail_n, unsigned most)
{
    const unsigned n = tell(story, 0, 0), step = long_run_step(n, most);
    CORE_CHECK(n > most);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(story, at, fail_n);
}
