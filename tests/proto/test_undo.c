/* Undo and redo of a tab's own gestures: for every kind of edit, among colleagues. Rule R5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/desk.h"
#include "tests/support/literal.h"
#include <stdio.h>

static void undo(struct pl_replica *replica)
{
    assert_int_equal(pl_replica_undo(replica), PL_OK);
}

static void redo(struct pl_replica *replica)
{
    assert_int_equal(pl_replica_redo(replica), PL_OK);
}

static void three_gestures_on_one_register_undo_in_three_steps(void **state)
{
    desk_edit(*state, "[[2, '5.1', 4, 1]]");
    desk_edit(*state, "[[2, '5.1', 4, 2]]");
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    for (uint64_t want = 3; want-- > 0;) {
        undo(*state);
        assert_int_equal(desk_color(*state, desk_sticky), want);
    }
    undo(*state);
    assert_false(desk_alive(*state, desk_sticky));
    assert_int_equal(pl_replica_undo(*state), PL_NOT_FOUND);
    redo(*state);
    assert_true(desk_alive(*state, desk_sticky));
    for (uint64_t want = 1; want <= 3; want++) {
        redo(*state);
        assert_int_equal(desk_color(*state, desk_sticky), want);
    }
    assert_int_equal(pl_replica_redo(*state), PL_NOT_FOUND);
}

static void undo_never_takes_back_a_colleagues_edit(void **state)
{
    desk_echo(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    desk_echo(*state);
    desk_colleague(*state, "[9, 1, 50, [[1, [5, 1], 4, 7]]]");
    undo(*state); /* the step without effect is skipped: the create is next */
    assert_false(desk_alive(*state, desk_sticky));
    assert_int_equal(desk_color(*state, desk_sticky), 7);
}

static void one_gesture_is_one_step(void **state)
{
    assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 0, 0, 'he']]"), PL_OK);
    assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 2, 0, 'llo']]"), PL_OK);
    assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 0, 1, 'J']]"), PL_OK);
    desk_text_is(*state, desk_sticky, "Jello");
    undo(*state);
    desk_text_is(*state, desk_sticky, "");
    redo(*state);
    desk_text_is(*state, desk_sticky, "Jello");
}

static void undone_text_returns_to_its_place_among_others(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'one three']]");
    desk_echo(*state);
    desk_echo(*state);
    desk_edit(*state, "[[4, '5.1', 5, 0, 4, '']]");
    desk_echo(*state);
    desk_text_is(*state, desk_sticky, "three");
    desk_colleague(*state, "[9, 1, 50, [[2, [5, 1], 5, [5, 10], nil, '!']]]");
    undo(*state);
    desk_text_is(*state, desk_sticky, "one three!");
    undo(*state);
    desk_text_is(*state, desk_sticky, "!"); /* only one's own goes */
    redo(*state);
    desk_text_is(*state, desk_sticky, "one three!");
    redo(*state);
    desk_text_is(*state, desk_sticky, "three!");
}

static void a_big_gesture_becomes_several_batches_and_one_undo(void **state)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_write_array(&buf, 5000);
    for (int i = 0; i < 5000; i++)
        literal_write(&buf, "[1, 3, {1: [1, 1], 4: 2}]");
    assert_int_equal(pl_replica_edit(*state, 0, false, pl_buf_slice(&buf), NULL, NULL), PL_OK);
    assert_int_equal(pl_replica_pending_n(*state), 3);
    assert_int_equal(pl_replica_undo_n(*state), 2);
    undo(*state);
    assert_false(desk_alive(*state, (struct pl_id){DESK_ME, 2}));
    assert_false(desk_alive(*state, (struct pl_id){DESK_ME, 5001}));
    assert_true(desk_alive(*state, desk_sticky));
    pl_buf_done(&buf);
}

#define MANY 1000u

static void many(struct pl_replica *replica, const char *edit)
{
    struct pl_buf buf;
    char literal[128];
    pl_buf_init(&buf, pl_mem_libc());
    pl_write_array(&buf, MANY);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(literal, sizeof literal, edit, i + 2);
        literal_write(&buf, literal);
    }
    assert_int_equal(pl_replica_edit(replica, 0, false, pl_buf_slice(&buf), NULL, NULL), PL_OK);
    pl_buf_done(&buf);
}

/* Making, moving, grouping and deleting a thousand objects are one gesture each, while a colleague writes elsewhere. */
static void gestures_of_a_thousand_objects_undo_in_one_step_each(void **state)
{
    const char *const gestures[] = {"[1, 3, {1: [%u, 1], 4: 2}]", "[2, '5.%u', 1, [7, 7]]",
                                    "[2, '5.%u', 14, '5.1']", "[3, '5.%u']"};
    enum { N = sizeof gestures / sizeof *gestures };
    uint64_t views[N + 1];
    for (size_t i = 0; i < N; i++) {
        views[i] = pl_replica_view_hash(*state);
        many(*state, gestures[i]);
    }
    views[N] = pl_replica_view_hash(*state);
    assert_int_equal(pl_replica_undo_n(*state), N + 1);
    for (size_t i = N; i-- > 1;) { /* all but the making: what is made and undone is still there, dead */
        undo(*state);
        if (i == 3)
            assert_true(pl_replica_view_hash(*state) == views[i]);
        desk_echo_all(*state);
    }
    desk_value_is(*state, (struct pl_id){DESK_ME, 2}, PL_FIELD_POS, "[2, 1]");
    desk_value_is(*state, (struct pl_id){DESK_ME, 2}, PL_FIELD_GROUP, "nil");
    undo(*state);
    assert_true(pl_replica_view_hash(*state) == views[0]);
    for (size_t i = 0; i < N; i++)
        redo(*state);
    assert_true(pl_replica_view_hash(*state) == views[N]);
}

static void a_reaction_is_taken_back_and_given_again(void **state)
{
    struct pl_tally tally;
    desk_edit(*state, "[[5, '5.1', 30, 2, 1]]");
    desk_edit(*state, "[[5, '5.1', 30, 2, 5]]");
    for (uint32_t i = 0; i < 4; i++) {
        static const uint32_t want[] = {1, 0, 1, 5};
        assert_int_equal(i < 2 ? pl_replica_undo(*state) : pl_replica_redo(*state), PL_OK);
        assert_true(pl_object_tally(pl_replica_object(*state, desk_sticky), PL_FIELD_REACTION, DESK_USER, 2,
                                    &tally));
        assert_int_equal(tally.value, want[i]);
        desk_echo_all(*state);
    }
    /* Another tab of the same person wrote it since: theirs stays, and the step before it is undone. */
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, "[9, 1, 50, [[4, [5, 1], 30, 2, 9]]]");
    assert_int_equal(desk_commit(*state, DESK_USER, pl_buf_slice(&buf)), PL_OK);
    pl_buf_done(&buf);
    undo(*state);
    assert_false(desk_alive(*state, desk_sticky));
}

static void a_clock_goes_back_to_what_it_showed(void **state)
{
    const struct pl_id timer = {DESK_ME, 2};
    desk_edit(*state, "[[1, 16, {37: [1, 60000, 1]}]]");
    desk_echo_all(*state);
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[1, 60000, 1, 1]"); /* kept with the entry's time */
    desk_edit(*state, "[[2, '5.2', 37, [0, 41000, 1]]]");
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[0, 41000, 1, 0]"); /* which is not known yet */
    desk_echo_all(*state);
    undo(*state);
    desk_echo_all(*state);
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[1, 60000, 1, 1]");
}

static void what_was_never_set_goes_back_to_nothing(void **state)
{
    desk_edit(*state, "[[2, '5.1', 14, '5.1']]");
    undo(*state);
    desk_value_is(*state, desk_sticky, PL_FIELD_GROUP, "nil");
    redo(*state);
    desk_value_is(*state, desk_sticky, PL_FIELD_GROUP, "[5, 1]");
}

#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, desk_new, desk_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DESK(three_gestures_on_one_register_undo_in_three_steps),
        ON_DESK(undo_never_takes_back_a_colleagues_edit),
        ON_DESK(one_gesture_is_one_step),
        ON_DESK(undone_text_returns_to_its_place_among_others),
        ON_DESK(a_big_gesture_becomes_several_batches_and_one_undo),
        ON_DESK(gestures_of_a_thousand_objects_undo_in_one_step_each),
        ON_DESK(a_reaction_is_taken_back_and_given_again),
        ON_DESK(a_clock_goes_back_to_what_it_showed),
        ON_DESK(what_was_never_set_goes_back_to_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
