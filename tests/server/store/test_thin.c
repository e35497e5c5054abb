/* What is kept of a past: by age, by bytes, and what pins hold. The plan alone; that the store
 * follows it is test_history's. */
#include "store/thin.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HOUR UINT64_C(3600000)
#define DAY  (24 * HOUR)
#define NOW  (1000 * DAY)
#define BIG  UINT64_C(1000000)

static const struct thin_limits limits = {
    .whole_ms = 30 * DAY, .hourly_ms = 90 * DAY, .bytes_max = 100 * BIG, .fold_bytes = 60000};

/* n bases, `apart` ms apart, the last at NOW; each snapshot is small beside its journal. */
static void bases_make(struct thin_base *bases, size_t n, uint64_t apart)
{
    memset(bases, 0, n * sizeof *bases);
    for (size_t i = 0; i < n; i++)
        bases[i] = (struct thin_base){.seq = i * 100,
                                      .srv_ms = NOW - (n - 1 - i) * apart,
                                      .bytes = i == 0 ? 0 : 100,
                                      .stored_bytes = i == 0 ? 0 : 50,
                                      .journal_bytes = i + 1 < n ? 70000 : 0};
}

/* Whether the state at seq can be told by what is kept. */
static bool tells(const struct thin_base *bases, size_t n, uint64_t seq)
{
    size_t at = 0, i;
    while (at + 1 < n && bases[at + 1].seq <= seq)
        at++;
    for (i = at; i > 0 && !bases[i].keep_snapshot; i--) {
        if (!bases[i - 1].keep_journal)
            return false;
    }
    if (!bases[i].keep_snapshot && bases[i].seq != 0)
        return false;
    return seq == bases[at].seq || bases[at].keep_journal;
}

static void the_young_are_kept_whole(void **state)
{
    struct thin_base bases[20];
    (void)state;
    bases_make(bases, 20, DAY);
    thin_plan(bases, 20, NULL, 0, NOW, &limits);
    for (uint64_t seq = 0; seq < 2000; seq += 50)
        assert_true(tells(bases, 20, seq));
}

static void the_old_are_thinned_to_hours_and_then_days(void **state)
{
    static struct thin_base bases[24 * 200 * 2 + 1]; /* one each half hour for 200 days */
    const size_t n = sizeof bases / sizeof *bases;
    size_t hourly = 0, daily = 0;
    (void)state;
    bases_make(bases, n, HOUR / 2);
    thin_plan(bases, n, NULL, 0, NOW, &(struct thin_limits){30 * DAY, 90 * DAY, UINT64_MAX, 60000});
    for (size_t i = 1; i < n; i++) {
        uint64_t age = NOW - bases[i].srv_ms;
        assert_int_equal(bases[i].keep_journal,
                         i + 2 >= n || NOW - bases[i + 1].srv_ms <= 30 * DAY);
        hourly += age > 30 * DAY && age <= 90 * DAY && bases[i].keep_snapshot;
        daily += age > 90 * DAY && bases[i].keep_snapshot;
    }
    assert_in_range(hourly, 60 * 24 - 1, 60 * 24 + 1);
    assert_in_range(daily, 110 - 1, 110 + 1);
}

static void too_many_bytes_cost_the_oldest_first(void **state)
{
    struct thin_base bases[20];
    uint64_t sum = 0;
    (void)state;
    bases_make(bases, 20, HOUR);
    thin_plan(bases, 20, NULL, 0, NOW, &(struct thin_limits){30 * DAY, 90 * DAY, 500000, 60000});
    for (size_t i = 0; i < 20; i++) {
        sum += (bases[i].keep_snapshot ? bases[i].stored_bytes : 0) +
               (bases[i].keep_journal ? bases[i].journal_bytes : 0);
        assert_true(i == 0 || !bases[i - 1].keep_journal ||
                    bases[i].keep_journal); /* none younger went first */
    }
    assert_in_range(sum, 400000, 500000);
    assert_true(tells(bases, 20, 1950) && !tells(bases, 20, 10));
}

static void the_newest_two_stay_whatever_they_weigh_and_however_old(void **state)
{
    struct thin_base bases[5];
    (void)state;
    bases_make(bases, 5, 300 * DAY);
    thin_plan(bases, 5, NULL, 0, NOW + 900 * DAY,
              &(struct thin_limits){30 * DAY, 90 * DAY, 1, 60000});
    assert_true(tells(bases, 5, 350) && tells(bases, 5, 450));
    assert_false(tells(bases, 5, 250));
}

static void pins_hold_what_age_and_bytes_would_take(void **state)
{
    const struct thin_pin pins[] = {{150, 320}, {555, 555}};
    (void)state;
    for (unsigned tight = 0; tight < 2; tight++) {
        struct thin_base bases[20];
        bases_make(bases, 20, 10 * DAY);
        thin_plan(bases, 20, pins, 2, NOW,
                  &(struct thin_limits){30 * DAY, 90 * DAY, tight ? 1 : UINT64_MAX, 60000});
        for (uint64_t seq = 150; seq <= 320; seq++)
            assert_true(tells(bases, 20, seq));
        assert_true(tells(bases, 20, 555));
        assert_false(tells(bases, 20, 50));
        assert_false(tells(bases, 20, 750));
    }
}

static void snapshots_that_spare_no_folding_go_and_every_state_stays(void **state)
{
    struct thin_base bases[200];
    size_t kept = 0;
    (void)state;
    bases_make(bases, 200, HOUR);
    for (size_t i = 1; i < 200; i++) {
        bases[i].bytes = BIG;
        bases[i].journal_bytes = 1000; /* somebody came by, changed a word, and left */
    }
    thin_plan(bases, 200, NULL, 0, NOW, &limits);
    for (size_t i = 1; i < 200; i++)
        kept += bases[i].keep_snapshot;
    assert_in_range(kept, 2, 4);
    for (uint64_t seq = 0; seq < 20000; seq += 50)
        assert_true(tells(bases, 200, seq));
}

/* A stretch of journal that is kept begins at a snapshot and ends at one: never in a hole. */
static void no_stretch_ends_in_a_hole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 400; seed++) {
        struct thin_base bases[40];
        const struct thin_pin pin = {seed * 7 % 3900, seed * 7 % 3900 + seed % 500};
        bases_make(bases, 40, (1 + seed % 80) * HOUR * 12);
        for (size_t i = 1; i < 40; i++)
            bases[i].bytes = (seed * i * 7919) % 200000;
        thin_plan(bases, 40, &pin, seed % 3 == 1, NOW,
                  &(struct thin_limits){30 * DAY, 90 * DAY, seed * 20000, 60000});
        for (size_t i = 0; i + 1 < 40; i++) {
            if (bases[i].keep_journal && !bases[i + 1].keep_journal)
                assert_true(bases[i + 1].keep_snapshot || i + 2 == 40);
            if (bases[i].keep_journal)
                assert_true(tells(bases, 40, bases[i].seq));
        }
        for (uint64_t seq = pin.from; seed % 3 == 1 && seq <= pin.to && seq < 3900; seq++)
            assert_true(tells(bases, 40, seq));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_young_are_kept_whole),
        cmocka_unit_test(the_old_are_thinned_to_hours_and_then_days),
        cmocka_unit_test(too_many_bytes_cost_the_oldest_first),
        cmocka_unit_test(the_newest_two_stay_whatever_they_weigh_and_however_old),
        cmocka_unit_test(pins_hold_what_age_and_bytes_would_take),
        cmocka_unit_test(snapshots_that_spare_no_folding_go_and_every_state_stays),
        cmocka_unit_test(no_stretch_ends_in_a_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
