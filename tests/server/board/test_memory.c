/* Running out of memory, one allocation at a time, in boards, sessions and the store: sessions may
 * end and a board may load again, but nothing crashes, nothing leaks, nothing acknowledged is lost,
 * and with memory back everything works. */
#include "base/log.h"
#include "tests/support/core_story.h"
#include "tests/support/scarce_mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void story(struct scarce_mem *scarce, unsigned fail_at)
{
    core_story_tell(&(struct core_story){.mem = &scarce->mem,
                                         .arm = scarce_mem_arm,
                                         .disarm = scarce_mem_disarm,
                                         .user = scarce,
                                         .number = fail_at});
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    scarce_mem_walk(story, 1, 80);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    scarce_mem_walk(story, 20, 25);
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
