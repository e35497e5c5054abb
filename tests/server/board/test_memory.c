/* Running out of memory, one allocation at a time, in boards, sessions and the store: sessions may
 * end and a board may load again, but nothing crashes, nothing leaks, nothing acknowledged is lost,
 * and with memory back everything works. */
#include "base/log.h"
#include "tests/support/core_story.h"
#include "tests/support/long_run.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Once armed, fails the allocation numbered `fail_at`, and those after it up to fail_n. The writer's
 * thread allocates too. */
struct scarce {
    pthread_mutex_t mutex;
    uint64_t n, fail_at, fail_n; /* n: since it was armed */
    bool armed;
    long live;
};

static bool refuses(struct scarce *scarce)
{
    if (!scarce->armed)
        return false;
    const uint64_t at = ++scarce->n;
    return at >= scarce->fail_at && at < scarce->fail_at + scarce->fail_n;
}

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct scarce *scarce = user;
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

static void arm(void *user)
{
    ((struct scarce *)user)->armed = true;
}

static void disarm(void *user)
{
    ((struct scarce *)user)->armed = false;
}

/* How many allocations it took. */
static unsigned tell(unsigned fail_at, unsigned fail_n)
{
    struct scarce scarce = {
        .mutex = PTHREAD_MUTEX_INITIALIZER, .fail_at = fail_at, .fail_n = fail_n};
    const struct pl_mem mem = {.resize = resize, .user = &scarce};
    const struct core_story story = {
        .mem = &mem, .arm = arm, .disarm = disarm, .user = &scarce, .number = fail_at};
    core_story_tell(&story);
    assert_int_equal(scarce.live, 0);
    return (unsigned)scarce.n;
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 200);
    assert_true(n > 100);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 1);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 60);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 20);
}

int main(void)
{
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_allocation_may_fail),
        cmocka_unit_test(a_spell_without_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
