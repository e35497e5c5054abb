/* A client's replica: edits, pending, echo, refusal, re-keying, parents. Rules R1 to R4, R6, S9, S10, V2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/limits.h"
#include "tests/support/desk.h"
#include "tests/support/literal.h"
#include <stdio.h>
#include <stdlib.h>
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

/* A cloned tab, or a lying server: what this one makes next would have ids that are taken. */
static void an_echo_of_what_was_never_made_is_told(void **state)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    desk_echo_all(*state);
    literal_write(&buf, "[5, 2, 9, [[0, 6, {}]]]");
    const uint64_t head = pl_doc_head(pl_replica_doc(*state));
    assert_int_equal(desk_commit(*state, DESK_USER, pl_buf_slice(&buf)), PL_DIVERGED);
    assert_int_equal(pl_doc_head(pl_replica_doc(*state)), head);
    desk_edit(*state, "[[1, 3, {}]]");
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

/* The ops of the newest pending batch. */
static uint32_t ops_in_newest(struct pl_replica *replica)
{
    struct pl_pending pending;
    struct pl_batch batch;
    assert_true(pl_replica_pending_at(replica, pl_replica_pending_n(replica) - 1, &pending));
    assert_int_equal(pl_batch_read(pending.body, false, &batch), PL_OK);
    return batch.op_n;
}

static void unsent_edits_share_a_batch_when_they_may(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'he']]");
    assert_int_equal(pl_replica_pending_n(*state), 2);
    desk_join(*state, 0, "[[2, '5.1', 4, 7]]");
    desk_join(*state, 0, "[[1, 3, {}]]");
    assert_int_equal(pl_replica_pending_n(*state), 2);
    assert_int_equal(ops_in_newest(*state), 3);
    desk_edit(*state, "[[2, '5.1', 4, 8]]");
    assert_int_equal(pl_replica_pending_n(*state), 3);
    desk_echo_all(*state);
    desk_text_is(*state, desk_sticky, "he");
    assert_int_equal(desk_color(*state, desk_sticky), 8);
}

static void typing_on_and_deleting_on_are_one_op_each(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'typos']]");
    desk_join(*state, 0, "[[4, '5.1', 5, 5, 0, ' ar']]");
    desk_join(*state, 0, "[[4, '5.1', 5, 8, 0, 'e fun']]");
    assert_int_equal(ops_in_newest(*state), 1);
    desk_join(*state, 0, "[[4, '5.1', 5, 12, 1, '']]"); /* backwards */
    desk_join(*state, 0, "[[4, '5.1', 5, 11, 1, '']]");
    desk_join(*state, 0, "[[4, '5.1', 5, 0, 1, '']]"); /* elsewhere, forwards */
    desk_join(*state, 0, "[[4, '5.1', 5, 0, 1, '']]");
    assert_int_equal(ops_in_newest(*state), 2);
    desk_text_is(*state, desk_sticky, "pos are f");
    desk_join(*state, 0, "[[4, '5.1', 5, 9, 0, 'ine']]");
    assert_int_equal(ops_in_newest(*state), 3);
    desk_echo_all(*state);
    desk_text_is(*state, desk_sticky, "pos are fine");
}

static void a_register_set_again_in_one_gesture_is_one_op(void **state)
{
    assert_int_equal(desk_try(*state, 42, "[[2, '5.1', 4, 1]]"), PL_OK);
    desk_join(*state, 42, "[[2, '5.1', 4, 2]]");
    desk_join(*state, 42, "[[2, '5.1', 4, 3]]");
    assert_int_equal(ops_in_newest(*state), 1);
    assert_int_equal(desk_color(*state, desk_sticky), 3);
    desk_join(*state, 43, "[[2, '5.1', 4, 4]]"); /* a gesture of its own is a step of its own */
    assert_int_equal(ops_in_newest(*state), 2);
    desk_echo_all(*state);
    assert_int_equal(desk_color(*state, desk_sticky), 4);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_int_equal(desk_color(*state, desk_sticky), 3);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_int_equal(desk_color(*state, desk_sticky), 0);
}

/* A stamp must be above every one its author had seen (O3), so what somebody wrote since is not written over by an op
 * that was numbered before. */
static void nothing_joins_a_batch_from_before_others_wrote(void **state)
{
    desk_echo_all(*state);
    assert_int_equal(desk_try(*state, 42, "[[2, '5.1', 4, 1]]"), PL_OK);
    desk_colleague(*state, "[9, 1, 50, [[1, [5, 1], 4, 7]]]");
    desk_join(*state, 42, "[[2, '5.1', 4, 2]]");
    assert_int_equal(pl_replica_pending_n(*state), 2);
    assert_int_equal(desk_color(*state, desk_sticky), 2);
}

/* What a failed edit had added to a batch is taken out again, whatever it was. */
static void a_failed_edit_leaves_the_open_batch_alone(void **state)
{
    static const char *const broken[] = {
        "[[4, '5.1', 5, 3, 0, 'd'], [2, '9.9', 4, 1]]",
        "[[4, '5.1', 5, 0, 1, ''], [4, '5.1', 5, 0, 1, ''], [2, '9.9', 4, 1]]",
        "[[2, '5.1', 4, 8], [2, '5.1', 4, 9], [1, 3, {}], [2, '9.9', 4, 1]]",
    };
    static const char *const before[] = {"[[4, '5.1', 5, 0, 0, 'abc']]", "[[4, '5.1', 5, 2, 1, '']]", "[[2, '5.1', 4, 7]]"};
    for (size_t i = 0; i < 3; i++) {
        struct pl_pending pending;
        struct pl_buf body;
        desk_join(*state, 42, before[i]);
        pl_buf_init(&body, pl_mem_libc());
        assert_true(pl_replica_pending_at(*state, 0, &pending));
        pl_buf_append(&body, pending.body.data, pending.body.len);
        const uint64_t view = pl_replica_view_hash(*state);
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(desk_try_join(*state, 42, broken[k]), PL_ORPHAN);
        assert_true(view == pl_replica_view_hash(*state));
        assert_true(pl_replica_pending_at(*state, 0, &pending));
        assert_true(pl_slice_equal(pending.body, pl_buf_slice(&body)));
        pl_buf_done(&body);
    }
    assert_int_equal(pl_replica_pending_n(*state), 1);
    desk_join(*state, 42, "[[2, '5.1', 4, 5]]"); /* and it still grows */
    assert_int_equal(ops_in_newest(*state), 4);
}

static void a_paste_longer_than_an_op_may_be_is_cut(void **state)
{
    enum { N = 2 * PL_TEXT_SCALARS_MAX };
    struct pl_buf edits;
    char *text = malloc(3 * N + 1);
    for (size_t i = 0; i < N; i++)
        memcpy(text + 3 * i, i % 2 == 0 ? "更" : "好", 4);
    pl_replica_set_text_max(*state, N);
    pl_buf_init(&edits, pl_mem_libc());
    literal_write(&edits, "[[4, '5.1', 5, 0, 0]]");
    edits.data[1]++; /* and a sixth part: */
    pl_write_text(&edits, text);
    assert_int_equal(pl_replica_edit(*state, 0, false, pl_buf_slice(&edits), NULL, NULL), PL_OK);
    pl_buf_done(&edits);
    desk_echo_all(*state);
    desk_text_is(*state, desk_sticky, text);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    desk_text_is(*state, desk_sticky, "");
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    desk_text_is(*state, desk_sticky, text);
    free(text);
}

static void a_clock_has_its_time_though_more_is_pending(void **state)
{
    const struct pl_id timer = {DESK_ME, 2};
    desk_edit(*state, "[[1, 16, {37: [1, 60000, 1]}]]");
    desk_edit(*state, "[[2, '5.2', 38, 60000]]");
    desk_echo(*state);
    desk_echo(*state);
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[1, 60000, 1, 1]");
    assert_true(pl_replica_object_pending(*state, timer));
}

/* A clone with a long text outlives what was pending on it: not so one that does not know a clock's time. */
static void a_clock_has_its_time_though_its_text_is_long(void **state)
{
    const struct pl_id timer = {DESK_ME, 2};
    desk_edit(*state, "[[1, 16, {37: [1, 60000, 1]}]]");
    for (int i = 0; i < 80; i++)
        desk_edit(*state, "[[4, '5.2', 5, 0, 0, 'x']]");
    desk_echo_all(*state);
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[1, 60000, 1, 1]");
    desk_edit(*state, "[[2, '5.2', 37, [0, 50000, 1]]]");
    desk_echo_all(*state);
    desk_value_is(*state, timer, PL_FIELD_CLOCK, "[0, 50000, 1, 1]");
}

static uint32_t dice(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

/* Types or deletes somewhere in the sticky's text, as one op or as two far apart. */
static void scribble(struct pl_replica *replica, uint32_t *seed)
{
    char edit[96];
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, desk_sticky), PL_FIELD_TEXT);
    const unsigned at = dice(seed, (uint32_t)pl_text_utf16(text) + 1);
    snprintf(edit, sizeof edit, "[[4, '5.1', 5, %u, %u, '%s'], [4, '5.1', 5, 7, 1, 'z']]", at, dice(seed, 3),
             dice(seed, 2) ? "ab" : "");
    assert_int_equal(desk_try_join(replica, dice(seed, 3), edit), PL_OK);
}

/* Clones of long texts outlive what was pending on them, or take the committed text's place: whichever it is, two tabs
 * that get the same entries in the same order have the same bytes, and what each sees is what it should be. */
static void long_texts_stay_in_step_however_echoes_come(void **state)
{
    const char *reason = "";
    uint32_t seed = 7;
    struct pl_replica *tabs[2] = {*state, pl_replica_new(pl_mem_libc())};
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'begin']]");
    assert_int_equal(pl_replica_identify(tabs[1], 8, 0, DESK_USER + 1), PL_OK);
    for (int round = 0; round < 600; round++) {
        struct pl_replica *from = round < 2 ? tabs[0] : tabs[dice(&seed, 2)];
        struct pl_pending pending;
        struct pl_buf body;
        while (round > 2 && dice(&seed, 3) > 0)
            scribble(tabs[dice(&seed, 2)], &seed);
        if (!pl_replica_pending_at(from, 0, &pending))
            continue;
        pl_buf_init(&body, pl_mem_libc());
        pl_buf_append(&body, pending.body.data, pending.body.len);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(desk_commit(tabs[i], DESK_USER + (from == tabs[1]), pl_buf_slice(&body)), PL_OK);
        pl_buf_done(&body);
        assert_true(pl_replica_check(tabs[round % 2], &reason));
    }
    assert_true(pl_text_spans(pl_object_text(pl_replica_object(*state, desk_sticky), PL_FIELD_TEXT)) > 200);
    assert_true(pl_doc_state_hash(pl_replica_doc(tabs[0])) == pl_doc_state_hash(pl_replica_doc(tabs[1])));
    pl_replica_free(tabs[1]);
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
        ON_DESK(an_echo_of_what_was_never_made_is_told),
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
        ON_DESK(unsent_edits_share_a_batch_when_they_may),
        ON_DESK(typing_on_and_deleting_on_are_one_op_each),
        ON_DESK(a_register_set_again_in_one_gesture_is_one_op),
        ON_DESK(nothing_joins_a_batch_from_before_others_wrote),
        ON_DESK(a_failed_edit_leaves_the_open_batch_alone),
        ON_DESK(a_paste_longer_than_an_op_may_be_is_cut),
        ON_DESK(a_clock_has_its_time_though_more_is_pending),
        ON_DESK(a_clock_has_its_time_though_its_text_is_long),
        ON_DESK(long_texts_stay_in_step_however_echoes_come),
        ON_DESK(only_a_living_frame_one_touches_is_a_parent),
        ON_DESK(on_a_cycle_only_the_newest_edge_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
