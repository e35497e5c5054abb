/* A client's replica: edits, pending, echo, refusal, re-keying, parents. Rules R1 to R4, R6, S9, S10, V2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/desk.h"
#include "tests/support/literal.h"
#include <string.h>

static void an_edit_is_pending_until_its_echo(void **state)
{
    assert_true(desk_alive(*state, desk_sticky) && pl_replica_object_pending(*state, desk_sticky));
    assert_int_equal(pl_doc_object_n(pl_replica_doc(*state)), 0);
    desk_echo(*state);
    assert_true(desk_alive(*state, desk_sticky) && !pl_replica_object_pending(*state, desk_sticky));
    assert_int_equal(pl_replica_pending_n(*state), 0);
}

static void a_foreign_echo_under_ones_own_name_is_told(void **state)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, "[5, 1, 1, [[0, 6, {}]]]");
    assert_int_equal(desk_commit(*state, DESK_USER, pl_buf_slice(&buf)), PL_DIVERGED);
    assert_int_equal(pl_doc_head(pl_replica_doc(*state)), 0);
    pl_buf_done(&buf);
}

static void a_colleagues_edit_merges_below_what_is_pending(void **state)
{
    desk_echo(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3], [4, '5.1', 5, 0, 0, 'mine']]");
    desk_colleague(*state, "[9, 1, 2, [[1, [5, 1], 4, 7], [2, [5, 1], 5, nil, nil, 'theirs']]]");
    assert_int_equal(desk_color(*state, desk_sticky), 7); /* equal lam: the higher replica wins, pending or not */
    desk_text_is(*state, desk_sticky, "minetheirs");
    desk_echo(*state);
    assert_int_equal(desk_color(*state, desk_sticky), 7);
    desk_text_is(*state, desk_sticky, "minetheirs");
}

static void a_void_takes_the_batch_out_and_keeps_the_rest(void **state)
{
    struct pl_buf buf;
    desk_echo(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'kept']]");
    pl_buf_init(&buf, pl_mem_libc());
    pl_void_write(&buf, &(struct pl_batch){.replica = DESK_ME, .ctr0 = 2, .ctr_n = 1}, PL_QUOTA);
    assert_int_equal(desk_commit(*state, DESK_USER, pl_buf_slice(&buf)), PL_OK);
    assert_int_equal(desk_color(*state, desk_sticky), 0);
    desk_text_is(*state, desk_sticky, "kept");
    assert_int_equal(pl_replica_pending_n(*state), 1);
    pl_buf_done(&buf);
}

static void a_refusal_without_a_seq_gives_the_counters_back(void **state)
{
    struct pl_pending pending;
    desk_echo(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'kept']]");
    desk_edit(*state, "[[4, '5.1', 5, 4, 0, '!']]");
    assert_int_equal(pl_replica_refuse(*state, 2), PL_OK);
    assert_true(pl_replica_pending_at(*state, 0, &pending) && pending.ctr0 == 2);
    desk_text_is(*state, desk_sticky, "kept!");
    desk_echo(*state);
    desk_echo(*state);
    desk_text_is(*state, desk_sticky, "kept!");
    assert_int_equal(pl_replica_refuse(*state, 99), PL_NOT_FOUND);
}

static void another_replica_rekeys_what_is_pending(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'abc'], [1, 6, {1: [-10, -10], 2: [500, 500]}],"
                      " [2, '5.1', 3, [1, 'k']]]");
    desk_edit(*state, "[[4, '5.1', 5, 1, 1, 'B']]");
    assert_int_equal(pl_replica_identify(*state, 8, 0, DESK_USER), PL_OK);
    const struct pl_id moved = {8, 1}, frame = {8, 5};
    assert_null(pl_replica_object(*state, desk_sticky));
    desk_text_is(*state, moved, "aBc");
    assert_true(pl_id_equal(pl_replica_parent(*state, moved), frame));
    assert_int_equal(pl_replica_undo(*state), PL_OK); /* undo goes on under the new names */
    desk_text_is(*state, moved, "abc");
    while (pl_replica_pending_n(*state) > 0)
        desk_echo(*state);
    desk_text_is(*state, moved, "abc");
}

static void rekeying_moves_the_ids_inside_values(void **state)
{
    const struct pl_id connector = {8, 3}, sticky = {8, 1};
    desk_edit(*state, "[[1, 7, {}], [1, 9, {18: ['5.1', 2, 0, 0], 19: ['77.9', 0, 7, 8], 14: 0}]]");
    desk_edit(*state, "[[2, '5.1', 14, '5.2']]");
    desk_edit(*state, "[[2, '5.1', 14, nil]]");
    assert_int_equal(pl_replica_identify(*state, 8, 0, DESK_USER), PL_OK);
    desk_value_is(*state, connector, PL_FIELD_FROM, "[[8, 1], 2, 0, 0]");
    desk_value_is(*state, connector, PL_FIELD_TO, "[[77, 9], 0, 7, 8]");
    desk_value_is(*state, connector, PL_FIELD_GROUP, "[8, 2]");
    assert_int_equal(pl_replica_undo(*state), PL_OK); /* what undo keeps moves too */
    desk_value_is(*state, sticky, PL_FIELD_GROUP, "[8, 2]");
}

static void what_the_server_has_is_not_sent_again(void **state)
{
    struct pl_pending pending;
    uint8_t first[4096], second[4096];
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    assert_true(pl_replica_pending_at(*state, 0, &pending));
    memcpy(first, pending.body.data, pending.body.len);
    const struct pl_slice create = {first, pending.body.len};
    assert_true(pl_replica_pending_at(*state, 1, &pending));
    memcpy(second, pending.body.data, pending.body.len);
    const struct pl_slice set = {second, pending.body.len};
    /* A later tab takes both from the outbox; the board has the first already. */
    struct pl_replica *tab = pl_replica_new(pl_mem_libc());
    assert_int_equal(desk_commit(tab, DESK_USER, create), PL_OK);
    assert_int_equal(pl_replica_restore(tab, create), PL_DUPLICATE);
    assert_int_equal(pl_replica_restore(tab, set), PL_OK);
    assert_int_equal(pl_replica_identify(tab, 9, 0, DESK_USER), PL_OK);
    assert_int_equal(pl_replica_pending_n(tab), 1);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(tab)), 1);
    assert_int_equal(desk_color(tab, desk_sticky), 3);
    pl_replica_free(tab);
}

static void a_failed_call_changes_nothing(void **state)
{
    const uint64_t view = pl_replica_view_hash(*state);
    assert_int_equal(desk_try(*state, 0, "[[1, 3, {1: [5, 5]}], [2, 0, 4, 1], [2, '9.9', 4, 1]]"), PL_ORPHAN);
    assert_int_equal(desk_try(*state, 0, "[[2, '5.1', 4, 1], [2, '5.1', 1, [1]]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[2, '5.1', 4, 1], [2, 7, 4, 1]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[9]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "7"), PL_MALFORMED);
    assert_true(view == pl_replica_view_hash(*state));
    assert_int_equal(pl_replica_pending_n(*state), 1);
    assert_int_equal(pl_replica_undo_n(*state), 1);
}

static void values_name_objects_by_text_or_edit_number(void **state)
{
    const struct pl_id connector = {DESK_ME, 3}, vote = {DESK_ME, 4};
    desk_edit(*state, "[[1, 7, {}], [1, 9, {18: ['5.1', 2, 0, 0.5], 19: [nil, 0, 7, 8], 14: 0}],"
                      " [1, 14, {32: ['5.1', 1], 34: [[1, 3], ['5.1', 0]]}], [2, '5.1', 29, [2, 1500]]]");
    desk_value_is(*state, connector, PL_FIELD_FROM, "[[5, 1], 2, 0, 0.5]");
    desk_value_is(*state, connector, PL_FIELD_TO, "[nil, 0, 7, 8]");
    desk_value_is(*state, connector, PL_FIELD_GROUP, "[5, 2]");
    desk_value_is(*state, vote, PL_FIELD_CHOICES, "[[5, 1], [5, 3]]");
    desk_value_is(*state, vote, PL_FIELD_RESULTS, "[[[5, 3], 3], [[5, 1], 0]]");
    desk_value_is(*state, desk_sticky, PL_FIELD_MOMENT, "[[5, 4], 1500]");
    assert_int_equal(desk_try(*state, 0, "[[2, '5.1', 14, [5, 1]]]"), PL_INVALID); /* as on the wire */
    assert_int_equal(desk_try(*state, 0, "[[2, '5.1', 14, 0]]"), PL_INVALID);      /* made nothing, yet */
}

static void a_create_may_bring_several_texts(void **state)
{
    const struct pl_id frame = {DESK_ME, 2};
    desk_edit(*state, "[[1, 6, {5: 'a title', 1: [0, 0], 2: [9, 9]}]]");
    desk_text_is(*state, frame, "a title");
    assert_int_equal(desk_try(*state, 0, "[[1, 6, {5: 7}]]"), PL_INVALID);
}

static void a_tally_is_a_register_of_each_person(void **state)
{
    struct pl_tally tally;
    const struct pl_object *sticky;
    desk_edit(*state, "[[5, '5.1', 30, 2, 1]]");
    desk_echo_all(*state);
    desk_colleague(*state, "[9, 1, 50, [[4, [5, 1], 30, 2, 7]]]");
    sticky = pl_replica_object(*state, desk_sticky);
    assert_true(pl_object_tally(sticky, PL_FIELD_REACTION, DESK_USER, 2, &tally) && tally.value == 1);
    assert_true(pl_object_tally(sticky, PL_FIELD_REACTION, DESK_USER + 1, 2, &tally) && tally.value == 7);
    assert_int_equal(desk_try(*state, 0, "[[5, '5.1', 4, 0, 1]]"), PL_INVALID); /* no tally */
}

static void a_texts_limit_is_the_callers(void **state)
{
    struct pl_replica *replica = *state;
    pl_replica_set_text_max(replica, 3);
    assert_int_equal(desk_try(replica, 0, "[[4, '5.1', 5, 0, 0, 'abcd']]"), PL_TOO_BIG);
    desk_edit(replica, "[[4, '5.1', 5, 0, 0, 'abc']]");
    assert_int_equal(desk_try(replica, 0, "[[4, '5.1', 5, 1, 0, 'x']]"), PL_TOO_BIG);
    desk_edit(replica, "[[4, '5.1', 5, 1, 1, 'x']]");
    desk_text_is(replica, desk_sticky, "axc");
    pl_replica_set_text_max(replica, 4);
    desk_edit(replica, "[[4, '5.1', 5, 0, 0, 'd']]");
    desk_text_is(replica, desk_sticky, "daxc");
}

/* Typed backwards every letter is a run of its own, and an op may name only so many. */
static void any_number_of_runs_is_deleted_at_once(void **state)
{
    for (int i = 0; i < 5000; i++)
        assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 0, 0, 'x']]"), PL_OK);
    desk_edit(*state, "[[4, '5.1', 5, 1, 4999, 'y']]");
    desk_text_is(*state, desk_sticky, "xy");
}

static void unsent_batches_of_one_gesture_become_one(void **state)
{
    assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 0, 0, 'he']]"), PL_OK);
    assert_int_equal(desk_try(*state, 42, "[[4, '5.1', 5, 2, 0, 'llo']]"), PL_OK);
    assert_true(pl_replica_coalesce(*state));
    assert_false(pl_replica_coalesce(*state)); /* the create is another gesture */
    assert_int_equal(pl_replica_pending_n(*state), 2);
    desk_echo(*state);
    desk_echo(*state);
    desk_text_is(*state, desk_sticky, "hello");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    desk_text_is(*state, desk_sticky, "");
}

static void only_a_living_frame_one_touches_is_a_parent(void **state)
{
    const struct pl_id frame = {DESK_ME, 2};
    desk_edit(*state, "[[1, 6, {1: [50, 50], 2: [300, 300]}], [2, '5.1', 3, [0, 'V']]]");
    assert_true(pl_id_equal(pl_replica_parent(*state, desk_sticky), frame));
    desk_edit(*state, "[[2, '5.1', 1, [900, 900]]]");
    assert_true(pl_id_none(pl_replica_parent(*state, desk_sticky)));
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    desk_edit(*state, "[[3, '5.2']]");
    assert_true(pl_id_none(pl_replica_parent(*state, desk_sticky)));
}

static void on_a_cycle_only_the_newest_edge_is_ignored(void **state)
{
    const struct pl_id a = {DESK_ME, 2}, b = {DESK_ME, 3}, c = {DESK_ME, 4};
    desk_edit(*state, "[[1, 6, {1: [0, 0], 2: [9, 9]}], [1, 6, {1: [0, 0], 2: [9, 9]}],"
                      " [1, 6, {1: [0, 0], 2: [9, 9]}]]");
    desk_edit(*state, "[[2, '5.2', 3, ['5.3', 'V']], [2, '5.4', 3, ['5.2', 'V']], [2, '5.3', 3, ['5.4', 'V']]]");
    assert_true(pl_id_equal(pl_replica_parent(*state, a), b));
    assert_true(pl_id_equal(pl_replica_parent(*state, c), a));
    assert_true(pl_id_none(pl_replica_parent(*state, b)));
}

#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, desk_new, desk_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DESK(an_edit_is_pending_until_its_echo),
        ON_DESK(a_foreign_echo_under_ones_own_name_is_told),
        ON_DESK(a_colleagues_edit_merges_below_what_is_pending),
        ON_DESK(a_void_takes_the_batch_out_and_keeps_the_rest),
        ON_DESK(a_refusal_without_a_seq_gives_the_counters_back),
        ON_DESK(another_replica_rekeys_what_is_pending),
        ON_DESK(rekeying_moves_the_ids_inside_values),
        ON_DESK(what_the_server_has_is_not_sent_again),
        ON_DESK(a_failed_call_changes_nothing),
        ON_DESK(values_name_objects_by_text_or_edit_number),
        ON_DESK(a_create_may_bring_several_texts),
        ON_DESK(a_tally_is_a_register_of_each_person),
        ON_DESK(a_texts_limit_is_the_callers),
        ON_DESK(any_number_of_runs_is_deleted_at_once),
        ON_DESK(unsent_batches_of_one_gesture_become_one),
        ON_DESK(only_a_living_frame_one_touches_is_a_parent),
        ON_DESK(on_a_cycle_only_the_newest_edge_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
