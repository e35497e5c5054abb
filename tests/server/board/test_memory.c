/* Running out of memory, one allocation at a time, in boards, sessions and the store: sessions may
 * end and a board may load again, but nothing crashes, nothing leaks, nothing acknowledged is lost,
 * and with memory back everything works. */
#include "base/log.h"
#include "tests/support/core_story.h"
#include "tests/support/long_run.h"
#include "tests/support/scarce_mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void arm(void *user)
{
    scarce_mem_arm(user, true);
}

static void disarm(void *user)
{
    scarce_mem_arm(user, false);
}

/* How many allocations it took. */
static unsigned tell(unsigned fail_at, unsigned fail_n)
{
    struct scarce_mem scarce;
    scarce_mem_init(&scarce, fail_at, fail_n);
    const struct core_story story = {
        .mem = &scarce.mem, .arm = arm, .disarm = disarm, .user = &scarce, .number = fail_at};
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
