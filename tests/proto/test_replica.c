/* A client's replica: pending, echo, refusal, re-keying, undo, parents. Rules R1 to R5, S9, S10, V2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/object.h"
#include "proto/replica.h"
#include "tests/support/literal.h"
#include <stdio.h>
#include <string.h>

#define ME 5u
#define USER 77u

static enum pl_status edit_as(struct pl_replica *replica, uint64_t gesture, const char *edits)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, edits);
    const enum pl_status status = pl_replica_edit(replica, gesture, pl_buf_slice(&buf), NULL, NULL);
    pl_buf_done(&buf);
    return status;
}

static void edit(struct pl_replica *replica, const char *edits)
{
    assert_int_equal(edit_as(replica, 0, edits), PL_OK);
}

/* Commits a body as the server would. */
static enum pl_status commit(struct pl_replica *replica, uint64_t user, struct pl_slice body)
{
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(pl_replica_doc(replica)) + 1, .user = user, .srv_ms = 1, .body = body};
    return pl_replica_apply(replica, &envelope);
}

static void colleague(struct pl_replica *replica, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    assert_int_equal(commit(replica, USER + 1, pl_buf_slice(&buf)), PL_OK);
    pl_buf_done(&buf);
}

/* The oldest pending batch comes back. */
static void echo(struct pl_replica *replica)
{
    struct pl_pending pending;
    uint8_t body[4096];
    assert_true(pl_replica_pending_at(replica, 0, &pending));
    memcpy(body, pending.body.data, pending.body.len);
    assert_int_equal(commit(replica, USER, (struct pl_slice){body, pending.body.len}), PL_OK);
}

static void text_is(struct pl_replica *replica, struct pl_id id, const char *want)
{
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    const struct pl_slice got = text == NULL ? (struct pl_slice){0} : pl_text_utf8(text);
    assert_int_equal(got.len, strlen(want));
    if (got.len > 0)
        assert_memory_equal(got.data, want, got.len);
}

static uint64_t color(struct pl_replica *replica, struct pl_id id)
{
    uint64_t value = UINT64_MAX;
    (void)pl_object_uint(pl_replica_object(replica, id), PL_FIELD_COLOR, &value);
    return value;
}

static bool alive(struct pl_replica *replica, struct pl_id id)
{
    const struct pl_object *object = pl_replica_object(replica, id);
    return object != NULL && pl_object_alive(object);
}

static const struct pl_id sticky = {ME, 1};

static int with_sticky(void **state)
{
    struct pl_replica *replica = pl_replica_new(pl_mem_libc());
    assert_int_equal(pl_replica_identify(replica, ME, 0, USER), PL_OK);
    edit(replica, "[[1, 3, {1: [0, 0], 2: [100, 100], 4: 0, 3: [nil, 'V']}]]");
    *state = replica;
    return 0;
}

static int free_replica(void **state)
{
    const char *reason = "";
    const bool sound = pl_replica_check(*state, &reason);
    if (!sound)
        print_error("%s\n", reason);
    pl_replica_free(*state);
    return sound ? 0 : -1;
}

static void an_edit_is_pending_until_its_echo(void **state)
{
    assert_true(alive(*state, sticky) && pl_replica_object_pending(*state, sticky));
    assert_int_equal(pl_doc_object_n(pl_replica_doc(*state)), 0);
    echo(*state);
    assert_true(alive(*state, sticky) && !pl_replica_object_pending(*state, sticky));
    assert_int_equal(pl_replica_pending_n(*state), 0);
}

static void a_foreign_echo_under_ones_own_name_is_told(void **state)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, "[5, 1, 1, [[0, 6, {}]]]");
    assert_int_equal(commit(*state, USER, pl_buf_slice(&buf)), PL_DIVERGED);
    assert_int_equal(pl_doc_head(pl_replica_doc(*state)), 0);
    pl_buf_done(&buf);
}

static void a_colleagues_edit_merges_below_what_is_pending(void **state)
{
    echo(*state);
    edit(*state, "[[2, '5.1', 4, 3], [4, '5.1', 5, 0, 0, 'mine']]");
    colleague(*state, "[9, 1, 2, [[1, [5, 1], 4, 7], [2, [5, 1], 5, nil, nil, 'theirs']]]");
    assert_int_equal(color(*state, sticky), 7); /* equal lam: the higher replica wins, pending or not */
    text_is(*state, sticky, "minetheirs");
    echo(*state);
    assert_int_equal(color(*state, sticky), 7);
    text_is(*state, sticky, "minetheirs");
}

static void a_void_takes_the_batch_out_and_keeps_the_rest(void **state)
{
    struct pl_buf buf;
    echo(*state);
    edit(*state, "[[2, '5.1', 4, 3]]");
    edit(*state, "[[4, '5.1', 5, 0, 0, 'kept']]");
    pl_buf_init(&buf, pl_mem_libc());
    pl_void_write(&buf, &(struct pl_batch){.replica = ME, .ctr0 = 2, .ctr_n = 1}, PL_QUOTA);
    assert_int_equal(commit(*state, USER, pl_buf_slice(&buf)), PL_OK);
    assert_int_equal(color(*state, sticky), 0);
    text_is(*state, sticky, "kept");
    assert_int_equal(pl_replica_pending_n(*state), 1);
    pl_buf_done(&buf);
}

static void a_refusal_without_a_seq_gives_the_counters_back(void **state)
{
    struct pl_pending pending;
    echo(*state);
    edit(*state, "[[2, '5.1', 4, 3]]");
    edit(*state, "[[4, '5.1', 5, 0, 0, 'kept']]");
    edit(*state, "[[4, '5.1', 5, 4, 0, '!']]");
    assert_int_equal(pl_replica_refuse(*state, 2), PL_OK);
    assert_true(pl_replica_pending_at(*state, 0, &pending) && pending.ctr0 == 2);
    text_is(*state, sticky, "kept!");
    echo(*state);
    echo(*state);
    text_is(*state, sticky, "kept!");
    assert_int_equal(pl_replica_refuse(*state, 99), PL_NOT_FOUND);
}

static void another_replica_rekeys_what_is_pending(void **state)
{
    edit(*state, "[[4, '5.1', 5, 0, 0, 'abc'], [1, 6, {1: [-10, -10], 2: [500, 500]}], [2, '5.1', 3, [1, 'k']]]");
    edit(*state, "[[4, '5.1', 5, 1, 1, 'B']]");
    assert_int_equal(pl_replica_identify(*state, 8, 0, USER), PL_OK);
    const struct pl_id moved = {8, 1}, frame = {8, 5};
    assert_null(pl_replica_object(*state, sticky));
    text_is(*state, moved, "aBc");
    assert_true(pl_id_equal(pl_replica_parent(*state, moved), frame));
    assert_int_equal(pl_replica_undo(*state), PL_OK); /* undo goes on under the new names */
    text_is(*state, moved, "abc");
    while (pl_replica_pending_n(*state) > 0)
        echo(*state);
    text_is(*state, moved, "abc");
}

static void what_the_server_has_is_not_sent_again(void **state)
{
    struct pl_pending pending;
    uint8_t first[4096], second[4096];
    edit(*state, "[[2, '5.1', 4, 3]]");
    assert_true(pl_replica_pending_at(*state, 0, &pending));
    memcpy(first, pending.body.data, pending.body.len);
    const struct pl_slice create = {first, pending.body.len};
    assert_true(pl_replica_pending_at(*state, 1, &pending));
    memcpy(second, pending.body.data, pending.body.len);
    const struct pl_slice set = {second, pending.body.len};
    /* A later tab takes both from the outbox; the board has the first already. */
    struct pl_replica *tab = pl_replica_new(pl_mem_libc());
    assert_int_equal(commit(tab, USER, create), PL_OK);
    assert_int_equal(pl_replica_restore(tab, create), PL_DUPLICATE);
    assert_int_equal(pl_replica_restore(tab, set), PL_OK);
    assert_int_equal(pl_replica_identify(tab, 9, 0, USER), PL_OK);
    assert_int_equal(pl_replica_pending_n(tab), 1);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(tab)), 1);
    assert_int_equal(color(tab, sticky), 3);
    pl_replica_free(tab);
}

static void a_failed_call_changes_nothing(void **state)
{
    const uint64_t view = pl_replica_view_hash(*state);
    assert_int_equal(edit_as(*state, 0, "[[1, 3, {1: [5, 5]}], [2, 0, 4, 1], [2, '9.9', 4, 1]]"), PL_ORPHAN);
    assert_int_equal(edit_as(*state, 0, "[[2, '5.1', 4, 1], [2, '5.1', 1, [1]]]"), PL_INVALID);
    assert_int_equal(edit_as(*state, 0, "[[2, '5.1', 4, 1], [2, 7, 4, 1]]"), PL_INVALID);
    assert_int_equal(edit_as(*state, 0, "[[9]]"), PL_INVALID);
    assert_int_equal(edit_as(*state, 0, "7"), PL_MALFORMED);
    assert_true(view == pl_replica_view_hash(*state));
    assert_int_equal(pl_replica_pending_n(*state), 1);
    assert_int_equal(pl_replica_undo_n(*state), 1);
}

static void a_texts_limit_is_the_callers(void **state)
{
    struct pl_replica *replica = *state;
    pl_replica_set_text_max(replica, 3);
    assert_int_equal(edit_as(replica, 0, "[[4, '5.1', 5, 0, 0, 'abcd']]"), PL_TOO_BIG);
    edit(replica, "[[4, '5.1', 5, 0, 0, 'abc']]");
    assert_int_equal(edit_as(replica, 0, "[[4, '5.1', 5, 1, 0, 'x']]"), PL_TOO_BIG);
    edit(replica, "[[4, '5.1', 5, 1, 1, 'x']]");
    text_is(replica, sticky, "axc");
    pl_replica_set_text_max(replica, 4);
    edit(replica, "[[4, '5.1', 5, 0, 0, 'd']]");
    text_is(replica, sticky, "daxc");
}

/* Typed backwards every letter is a run of its own, and an op may name only so many. */
static void any_number_of_runs_is_deleted_at_once(void **state)
{
    for (int i = 0; i < 5000; i++)
        assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 0, 0, 'x']]"), PL_OK);
    edit(*state, "[[4, '5.1', 5, 1, 4999, 'y']]");
    text_is(*state, sticky, "xy");
}

static void three_gestures_on_one_register_undo_in_three_steps(void **state)
{
    edit(*state, "[[2, '5.1', 4, 1]]");
    edit(*state, "[[2, '5.1', 4, 2]]");
    edit(*state, "[[2, '5.1', 4, 3]]");
    for (uint64_t want = 3; want-- > 0;) {
        assert_int_equal(pl_replica_undo(*state), PL_OK);
        assert_int_equal(color(*state, sticky), want);
    }
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_false(alive(*state, sticky));
    assert_int_equal(pl_replica_undo(*state), PL_NOT_FOUND);
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    assert_true(alive(*state, sticky));
    for (uint64_t want = 1; want <= 3; want++) {
        assert_int_equal(pl_replica_redo(*state), PL_OK);
        assert_int_equal(color(*state, sticky), want);
    }
    assert_int_equal(pl_replica_redo(*state), PL_NOT_FOUND);
}

static void undo_never_takes_back_a_colleagues_edit(void **state)
{
    echo(*state);
    edit(*state, "[[2, '5.1', 4, 3]]");
    echo(*state);
    colleague(*state, "[9, 1, 50, [[1, [5, 1], 4, 7]]]");
    assert_int_equal(pl_replica_undo(*state), PL_OK); /* the step without effect is skipped: the create is next */
    assert_false(alive(*state, sticky));
    assert_int_equal(color(*state, sticky), 7);
}

static void one_gesture_is_one_step(void **state)
{
    assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 0, 0, 'he']]"), PL_OK);
    assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 2, 0, 'llo']]"), PL_OK);
    assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 0, 1, 'J']]"), PL_OK);
    text_is(*state, sticky, "Jello");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    text_is(*state, sticky, "");
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    text_is(*state, sticky, "Jello");
}

static void unsent_batches_of_one_gesture_become_one(void **state)
{
    assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 0, 0, 'he']]"), PL_OK);
    assert_int_equal(edit_as(*state, 42, "[[4, '5.1', 5, 2, 0, 'llo']]"), PL_OK);
    assert_true(pl_replica_coalesce(*state));
    assert_false(pl_replica_coalesce(*state)); /* the create is another gesture */
    assert_int_equal(pl_replica_pending_n(*state), 2);
    echo(*state);
    echo(*state);
    text_is(*state, sticky, "hello");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    text_is(*state, sticky, "");
}

static void undone_text_returns_to_its_place_among_others(void **state)
{
    edit(*state, "[[4, '5.1', 5, 0, 0, 'one three']]");
    echo(*state);
    echo(*state);
    edit(*state, "[[4, '5.1', 5, 0, 4, '']]");
    echo(*state);
    text_is(*state, sticky, "three");
    colleague(*state, "[9, 1, 50, [[2, [5, 1], 5, [5, 10], nil, '!']]]");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    text_is(*state, sticky, "one three!");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    text_is(*state, sticky, "!"); /* only one's own goes */
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    text_is(*state, sticky, "one three!");
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    text_is(*state, sticky, "three!");
}

static void a_big_gesture_becomes_several_batches_and_one_undo(void **state)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_write_array(&buf, 5000);
    for (int i = 0; i < 5000; i++)
        literal_write(&buf, "[1, 3, {1: [1, 1], 4: 2}]");
    assert_int_equal(pl_replica_edit(*state, 0, pl_buf_slice(&buf), NULL, NULL), PL_OK);
    assert_int_equal(pl_replica_pending_n(*state), 3);
    assert_int_equal(pl_replica_undo_n(*state), 2);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_false(alive(*state, (struct pl_id){ME, 2}));
    assert_false(alive(*state, (struct pl_id){ME, 5001}));
    assert_true(alive(*state, sticky));
    pl_buf_done(&buf);
}

static void only_a_living_frame_one_touches_is_a_parent(void **state)
{
    const struct pl_id frame = {ME, 2};
    edit(*state, "[[1, 6, {1: [50, 50], 2: [300, 300]}], [2, '5.1', 3, [0, 'V']]]");
    assert_true(pl_id_equal(pl_replica_parent(*state, sticky), frame));
    edit(*state, "[[2, '5.1', 1, [900, 900]]]");
    assert_true(pl_id_none(pl_replica_parent(*state, sticky)));
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    edit(*state, "[[3, '5.2']]");
    assert_true(pl_id_none(pl_replica_parent(*state, sticky)));
}

static void on_a_cycle_only_the_newest_edge_is_ignored(void **state)
{
    const struct pl_id a = {ME, 2}, b = {ME, 3}, c = {ME, 4};
    edit(*state, "[[1, 6, {1: [0, 0], 2: [9, 9]}], [1, 6, {1: [0, 0], 2: [9, 9]}], [1, 6, {1: [0, 0], 2: [9, 9]}]]");
    edit(*state, "[[2, '5.2', 3, ['5.3', 'V']], [2, '5.4', 3, ['5.2', 'V']], [2, '5.3', 3, ['5.4', 'V']]]");
    assert_true(pl_id_equal(pl_replica_parent(*state, a), b));
    assert_true(pl_id_equal(pl_replica_parent(*state, c), a));
    assert_true(pl_id_none(pl_replica_parent(*state, b)));
}

#define WITH_STICKY(test) cmocka_unit_test_setup_teardown(test, with_sticky, free_replica)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STICKY(an_edit_is_pending_until_its_echo),
        WITH_STICKY(a_foreign_echo_under_ones_own_name_is_told),
        WITH_STICKY(a_colleagues_edit_merges_below_what_is_pending),
        WITH_STICKY(a_void_takes_the_batch_out_and_keeps_the_rest),
        WITH_STICKY(a_refusal_without_a_seq_gives_the_counters_back),
        WITH_STICKY(another_replica_rekeys_what_is_pending),
        WITH_STICKY(what_the_server_has_is_not_sent_again),
        WITH_STICKY(a_failed_call_changes_nothing),
        WITH_STICKY(a_texts_limit_is_the_callers),
        WITH_STICKY(any_number_of_runs_is_deleted_at_once),
        WITH_STICKY(three_gestures_on_one_register_undo_in_three_steps),
        WITH_STICKY(undo_never_takes_back_a_colleagues_edit),
        WITH_STICKY(one_gesture_is_one_step),
        WITH_STICKY(unsent_batches_of_one_gesture_become_one),
        WITH_STICKY(undone_text_returns_to_its_place_among_others),
        WITH_STICKY(a_big_gesture_becomes_several_batches_and_one_undo),
        WITH_STICKY(only_a_living_frame_one_touches_is_a_parent),
        WITH_STICKY(on_a_cycle_only_the_newest_edge_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
