/* Running out of memory, one allocation at a time, while a talk-track is recorded, changed, watched and deleted: every
 * request is answered or hung up on, nothing crashes, nothing leaks, nothing that was answered is lost, and with memory
 * back everything works. */
#include "base/log.h"
#include "tests/support/scarce_mem.h"
#include "tests/support/track_story.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void story(struct scarce_mem *scarce, unsigned fail_at)
{
    (void)fail_at;
    track_story_tell(&(struct track_story){.mem = &scarce->mem,
                                          .arm = scarce_mem_arm,
                                          .disarm = scarce_mem_disarm,
                                          .user = scarce});
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    scarce_mem_walk(story, 1, 60);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    scarce_mem_walk(story, 20, 20);
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
