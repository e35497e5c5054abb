/* When presence is eased: while the loop is busy, and some time after. */
#include "board/pace.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND_US UINT64_C(1000000)

struct clocks {
    struct pace pace;
    uint64_t now_us, idle_us;
};

static bool eased_after(struct clocks *clocks, uint64_t ms, unsigned busy_percent)
{
    for (uint64_t at_ms = 0; at_ms < ms; at_ms += 50) {
        clocks->now_us += 50000;
        clocks->idle_us += 500u * (100 - busy_percent);
        pace_look(&clocks->pace, clocks->now_us, clocks->idle_us);
    }
    return clocks->pace.eased;
}

static struct clocks begun(void)
{
    struct clocks clocks = {.now_us = 5 * SECOND_US, .idle_us = SECOND_US};
    pace_look(&clocks.pace, clocks.now_us, clocks.idle_us);
    return clocks;
}

static void nothing_is_eased_before_anything_was_measured(void **state)
{
    (void)state;
    struct clocks clocks = begun();
    assert_false(clocks.pace.eased);
    assert_false(eased_after(&clocks, 900, 100));
}

static void a_busy_second_eases_and_a_free_one_ends_it(void **state)
{
    (void)state;
    struct clocks clocks = begun();
    assert_true(eased_after(&clocks, 1000, 90));
    assert_true(eased_after(&clocks, 900, 0));
    assert_false(eased_after(&clocks, 100, 0));
}

static void between_busy_and_free_it_stays_as_it_is(void **state)
{
    (void)state;
    struct clocks clocks = begun();
    assert_false(eased_after(&clocks, 5000, 50));
    assert_true(eased_after(&clocks, 1000, 80));
    assert_true(eased_after(&clocks, 5000, 50));
}

static void a_pause_in_which_nobody_looked_counts_as_one(void **state)
{
    (void)state;
    struct clocks clocks = begun();
    clocks.now_us += 3600 * SECOND_US;
    clocks.idle_us += 3599 * SECOND_US;
    pace_look(&clocks.pace, clocks.now_us, clocks.idle_us);
    assert_false(clocks.pace.eased);
    assert_true(eased_after(&clocks, 1000, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_eased_before_anything_was_measured),
        cmocka_unit_test(a_busy_second_eases_and_a_free_one_ends_it),
        cmocka_unit_test(between_busy_and_free_it_stays_as_it_is),
        cmocka_unit_test(a_pause_in_which_nobody_looked_counts_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
