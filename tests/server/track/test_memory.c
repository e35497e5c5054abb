/* Running out of memory, one allocation at a time, while a talk-track is recorded, changed, watched and deleted: every
 * request is answered or hung up on, nothing crashes, nothing leaks, nothing that was answered is lost, and with memory
 * back everything works. */
#include "base/log.h"
#include "tests/support/long_run.h"
#include "tests/support/scarce_mem.h"
#include "tests/support/track_story.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

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
    track_story_tell(
        &(struct track_story){.mem = &scarce.mem, .arm = arm, .disarm = disarm, .user = &scarce});
    assert_int_equal(scarce.live, 0);
    return (unsigned)scarce.n;
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 60);
    assert_true(n > 50);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 1);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 20);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_allocation_may_fail),
        cmocka_unit_test(a_spell_without_memory_is_survived),
    };
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
