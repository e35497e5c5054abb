/* The tree a text is kept in, and the index of it: whatever splits, merges, is cut or joined below, a text reads as the
 * naive one and as who only heard of its splices. Built a second time with small nodes (PL_TEXT_SMALL). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/sim/rng.h"
#include "tests/support/reads.h"
#include "tests/support/text_trio.h"
#include <stdlib.h>
#include <string.h>

static const struct pl_id none;

static void agrees(const struct text_trio *trio)
{
    const char *reason = "";
    const bool same = trio_agrees(trio, &reason);
    if (!same)
        print_error("%s\n", reason);
    assert_true(same);
}

/* Typing and erasing by position. */
static void edit(struct rng *rng, struct text_trio *trio, uint32_t delete_percent, uint32_t most)
{
    uint8_t bytes[4 * 64];
    const uint32_t length = (uint32_t)pl_text_utf16(trio->text), at = rng_below(rng, length + 1);
    if (rng_chance(rng, delete_percent))
        trio_erase(trio, at, 1 + rng_below(rng, most));
    else
        trio_type(trio, 1 + rng_below(rng, 3), at, trio_words(bytes, 1 + rng_below(rng, most), rng_next(rng)));
}

static void random_edits_keep_it_whole(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        trio_init(&trio, true);
        const uint32_t delete_percent = rng_below(&rng, 70), most = 1 + rng_below(&rng, 20);
        for (int i = 0; i < 150; i++) {
            edit(&rng, &trio, delete_percent, most);
            if (i % 10 == 0)
                agrees(&trio);
        }
        agrees(&trio);
        trio_done(&trio);
    }
}

/* Too long for the naive one: who heard the splices has the text, and the invariants say the rest. */
static void a_text_of_thousands_of_spans_grows_and_shrinks(void **state)
{
    (void)state;
    struct rng rng = {.state = 7};
    struct text_trio trio;
    trio_init(&trio, false);
    for (int i = 0; i < 12000; i++) {
        edit(&rng, &trio, 20, 4);
        if (i % 1000 == 0)
            agrees(&trio);
    }
    assert_true(pl_text_spans(trio.text) > 6000);
    agrees(&trio);
    while (pl_text_utf16(trio.text) > 0) {
        const uint32_t length = (uint32_t)pl_text_utf16(trio.text);
        trio_erase(&trio, rng_below(&rng, length), 1 + rng_below(&rng, 200));
        if (rng_chance(&rng, 5))
            agrees(&trio);
    }
    agrees(&trio);
    trio_type(&trio, 1, 0, (struct pl_slice){(const uint8_t *)"again", 5});
    assert_true(text_reads(trio.text, "again"));
    trio_done(&trio);
}

static void a_huge_paste_is_found_and_cut_anywhere(void **state)
{
    (void)state;
    const size_t n = 20000;
    uint8_t *bytes = malloc(4 * n);
    struct rng rng = {.state = 3};
    for (uint64_t wide = 0; wide < 2; wide++) {
        struct text_trio trio;
        trio_init(&trio, false);
        trio_type(&trio, 1, 0, trio_words(bytes, n, wide));
        trio_type(&trio, 2, pl_text_utf16(trio.text) / 2, trio_words(bytes, n, wide));
        assert_int_equal(pl_text_scalars(trio.text), 2 * n);
        agrees(&trio);
        for (int i = 0; i < 300; i++)
            edit(&rng, &trio, 50, 60);
        agrees(&trio);
        trio_erase(&trio, 10, pl_text_utf16(trio.text) - 20);
        assert_in_range(pl_text_utf16(trio.text), 20, 22); /* a pair at either end may have stayed whole */
        agrees(&trio);
        trio_done(&trio);
    }
    free(bytes);
}

static void typing_at_either_end_stays_cheap_in_spans(void **state)
{
    (void)state;
    uint8_t bytes[8];
    struct text_trio trio;
    trio_init(&trio, false);
    for (uint64_t i = 0; i < 3000; i++)
        trio_type(&trio, 1, SIZE_MAX, trio_words(bytes, 1, i));
    assert_true(pl_text_spans(trio.text) <= 3000 / 4);
    for (uint64_t i = 0; i < 3000; i++)
        trio_type(&trio, 2, 0, trio_words(bytes, 1, i));
    agrees(&trio);
    for (int i = 0; i < 2990; i++)
        trio_erase(&trio, 0, 2);
    agrees(&trio);
    trio_done(&trio);
}

/* Origins nobody honest names, in a tall tree. */
static void hostile_origins_agree_with_the_naive_text(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        trio_init(&trio, true);
        trio_hostile(&trio);
        for (int i = 0; i < 120; i++) {
            uint8_t bytes[4 * 8];
            struct pl_id ends[2] = {none, none};
            for (int k = 0; k < 2; k++) {
                const uint32_t replica = 1 + rng_below(&rng, 4);
                if (trio.next[replica] > 1 && rng_chance(&rng, 80))
                    ends[k] = (struct pl_id){replica, 1 + rng_below(&rng, (uint32_t)trio.next[replica] - 1)};
            }
            if (rng_chance(&rng, 20))
                trio_delete(&trio, (struct pl_id_range){ends[0], 1 + rng_below(&rng, 9)});
            else
                trio_insert(&trio, 1 + rng_below(&rng, 4), ends[0], ends[1],
                            trio_words(bytes, 1 + rng_below(&rng, 8), rng_next(&rng)));
        }
        agrees(&trio);
        trio_done(&trio);
    }
}

/* What a hostile crowd hangs on one scalar stands as the naive text has it, and its cost is told. */
static void thousands_of_siblings_are_placed_and_charged(void **state)
{
    (void)state;
    const struct pl_slice x = {(const uint8_t *)"x", 1};
    struct text_trio trio;
    trio_init(&trio, true);
    trio_hostile(&trio);
    trio_insert(&trio, 1, none, none, (struct pl_slice){(const uint8_t *)"[]", 2});
    const struct pl_id open = {1, 1}, shut = {1, 2};
    for (int i = 0; i < 250; i++) {
        trio_insert(&trio, 2, open, shut, x);
        trio_insert(&trio, 3, open, i % 3 == 0 ? none : shut, x);
        trio_insert(&trio, 4, open, i == 0 ? shut : (struct pl_id){4, trio.next[4] / 2}, x);
    }
    agrees(&trio);
    const struct pl_id late = {9, 1};
    const size_t cost = pl_text_insert_cost(trio.text, late, open, shut, SIZE_MAX);
    assert_in_range(cost, 2000, 3000);
    assert_int_equal(pl_text_insert_cost(trio.text, late, open, shut, 50), 50);
    assert_in_range(pl_text_insert_cost(trio.text, late, shut, open, SIZE_MAX), 0, 1); /* nothing hangs there */
    assert_int_equal(pl_text_insert_cost(trio.text, late, late, none, SIZE_MAX), 0);   /* not there */
    assert_in_range(pl_text_insert_cost(trio.text, late, open, late, SIZE_MAX), 2000, 8000);
    trio_done(&trio);
}

/* What hangs deep below the left origin is not looked at run by run. */
static void a_deep_thread_costs_an_insert_nothing(void **state)
{
    (void)state;
    const struct pl_slice x = {(const uint8_t *)"x", 1};
    struct text_trio trio;
    trio_init(&trio, false);
    trio_insert(&trio, 1, none, none, x);
    for (uint32_t i = 0; i < 4000; i++) { /* two people in turn, each behind the other */
        const uint32_t by = 2 + i % 2, other = 3 - i % 2;
        trio_insert(&trio, by, i == 0 ? (struct pl_id){1, 1} : (struct pl_id){other, trio.next[other] - 1}, none, x);
    }
    assert_true(pl_text_spans(trio.text) > 4000);
    const size_t cost = pl_text_insert_cost(trio.text, (struct pl_id){5, 1}, (struct pl_id){1, 1}, none, SIZE_MAX);
    assert_in_range(cost, 1, 2);
    trio_insert(&trio, 5, (struct pl_id){1, 1}, none, (struct pl_slice){(const uint8_t *)"y", 1});
    agrees(&trio);
    trio_done(&trio);
}

static void a_clone_goes_its_own_way(void **state)
{
    (void)state;
    for (uint32_t edits = 0; edits <= 2000; edits = edits * 3 + 1) {
        struct rng rng = {.state = edits};
        struct text_trio trio;
        trio_init(&trio, false);
        for (uint32_t i = 0; i < edits; i++)
            edit(&rng, &trio, 30, 5);
        const char *reason;
        struct pl_text *clone = pl_text_clone(trio.text);
        assert_non_null(clone);
        assert_true(pl_text_check(clone, &reason));
        assert_true(texts_read_the_same(clone, trio.text));
        assert_int_equal(pl_text_spans(clone), pl_text_spans(trio.text));
        struct pl_text *original = trio.text;
        trio.text = clone;
        struct pl_text *untouched = pl_text_clone(original);
        for (int i = 0; i < 200; i++)
            edit(&rng, &trio, 30, 5);
        agrees(&trio);
        assert_true(pl_text_check(original, &reason));
        assert_true(texts_read_the_same(original, untouched));
        pl_text_free(original);
        pl_text_free(untouched);
        trio_done(&trio);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_edits_keep_it_whole),
        cmocka_unit_test(a_text_of_thousands_of_spans_grows_and_shrinks),
        cmocka_unit_test(a_huge_paste_is_found_and_cut_anywhere),
        cmocka_unit_test(typing_at_either_end_stays_cheap_in_spans),
        cmocka_unit_test(hostile_origins_agree_with_the_naive_text),
        cmocka_unit_test(thousands_of_siblings_are_placed_and_charged),
        cmocka_unit_test(a_deep_thread_costs_an_insert_nothing),
        cmocka_unit_test(a_clone_goes_its_own_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
