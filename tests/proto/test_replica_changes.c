/* What a replica tells its observer: what a person sees change, once, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/desk.h"
#include <stdio.h>
#include <string.h>

struct heard {
    char text[512]; /* "kind id field; ..." */
};

static void hear(void *user, const struct pl_change *change)
{
    static const char *const kinds[] = {
        [PL_CHANGE_MADE] = "made",   [PL_CHANGE_FIELD] = "field", [PL_CHANGE_TEXT] = "text",
        [PL_CHANGE_MARKS] = "marks", [PL_CHANGE_TALLY] = "tally", [PL_CHANGE_WHOLE] = "whole",
        [PL_CHANGE_PENDING] = "pending", [PL_CHANGE_DROPPED] = "dropped"};
    struct heard *heard = user;
    const size_t len = strlen(heard->text);
    const bool fielded = change->kind == PL_CHANGE_FIELD || change->kind == PL_CHANGE_TALLY;
    char field[64] = "";
    if (change->kind == PL_CHANGE_TEXT)
        snprintf(field, sizeof field, " %u %zu-%zu+'%.*s'", change->field, change->at, change->removed,
                 (int)change->inserted.len, (const char *)change->inserted.data);
    else if (fielded)
        snprintf(field, sizeof field, " %u", change->field);
    snprintf(heard->text + len, sizeof heard->text - len, "%s %u.%u%s; ", kinds[change->kind],
             change->object.replica, (unsigned)change->object.ctr, field);
}

static void begin(struct pl_replica *replica, struct heard *heard)
{
    const struct pl_observer observer = {.changed = hear, .user = heard};
    heard->text[0] = '\0';
    pl_replica_observe(replica, &observer);
}

static void an_own_edit_tells_what_it_wrote(void **state)
{
    struct heard heard;
    desk_echo_all(*state);
    begin(*state, &heard);
    desk_edit(*state, "[[2, '5.1', 4, 3], [5, '5.1', 30, 0, 1], [1, 7, {}]]");
    assert_string_equal(heard.text, "pending 5.1; field 5.1 4; tally 5.1 30; made 5.4; ");
}

static void an_own_echo_tells_only_that_it_is_no_longer_pending(void **state)
{
    struct heard heard;
    desk_edit(*state, "[[2, '5.1', 4, 3], [2, '5.1', 1, [3, 3]]]");
    begin(*state, &heard);
    desk_echo(*state);
    assert_string_equal(heard.text, ""); /* another batch on it is pending still */
    desk_echo(*state);
    assert_string_equal(heard.text, "pending 5.1; ");
}

static void others_tell_only_what_can_be_seen(void **state)
{
    struct heard heard;
    desk_echo_all(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    begin(*state, &heard);
    desk_colleague(*state, "[3, 1, 2, [[1, [5, 1], 4, 7], [1, [5, 1], 11, true]]]"); /* the colour is older than ours */
    assert_string_equal(heard.text, "field 5.1 11; ");
    begin(*state, &heard);
    desk_colleague(*state, "[9, 1, 2, [[0, 7, {}], [1, [5, 1], 4, 7]]]");
    assert_string_equal(heard.text, "made 9.1; field 5.1 4; ");
    desk_echo_all(*state);
    begin(*state, &heard);
    desk_colleague(*state, "[9, 3, 1, [[1, [5, 1], 4, 8]]]"); /* nothing pending, and it loses */
    assert_string_equal(heard.text, "");
}

static void a_text_tells_its_splices_as_a_person_sees_them(void **state)
{
    struct heard heard;
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'here']]");
    desk_echo_all(*state);
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'mine ']]"); /* pending, and seen only here */
    begin(*state, &heard);
    desk_colleague(*state, "[9, 1, 50, [[2, [5, 1], 5, [5, 5], nil, ' too'], [3, [5, 1], 5, [[5, 2, 1]]]]]");
    assert_string_equal(heard.text, "text 5.1 5 9-0+' too'; text 5.1 5 5-1+''; ");
    desk_text_is(*state, desk_sticky, "mine ere too");
    begin(*state, &heard);
    desk_colleague(*state, "[9, 6, 60, [[3, [5, 1], 5, [[5, 2, 1]]]]]"); /* deleted already */
    assert_string_equal(heard.text, "");
}

static void undo_tells_what_it_writes_back(void **state)
{
    struct heard heard;
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    begin(*state, &heard);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_string_equal(heard.text, "field 5.1 4; ");
}

static void a_void_may_change_anything_that_was_pending(void **state)
{
    struct heard heard;
    struct pl_buf buf;
    desk_echo_all(*state);
    desk_edit(*state, "[[2, '5.1', 4, 3]]");
    begin(*state, &heard);
    pl_buf_init(&buf, pl_mem_libc());
    pl_void_write(&buf, &(struct pl_batch){.replica = DESK_ME, .ctr0 = 2, .ctr_n = 1}, PL_QUOTA);
    assert_int_equal(desk_commit(*state, DESK_USER, pl_buf_slice(&buf)), PL_OK);
    pl_buf_done(&buf);
    assert_string_equal(heard.text, "whole 5.1; ");
}

static void a_clocks_time_is_told_when_it_is_known(void **state)
{
    struct heard heard;
    desk_echo_all(*state);
    desk_edit(*state, "[[1, 16, {37: [1, 60000, 1]}]]");
    begin(*state, &heard);
    desk_echo_all(*state);
    assert_string_equal(heard.text, "whole 5.2; ");
}

#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, desk_new, desk_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DESK(an_own_edit_tells_what_it_wrote),
        ON_DESK(an_own_echo_tells_only_that_it_is_no_longer_pending),
        ON_DESK(others_tell_only_what_can_be_seen),
        ON_DESK(a_text_tells_its_splices_as_a_person_sees_them),
        ON_DESK(undo_tells_what_it_writes_back),
        ON_DESK(a_void_may_change_anything_that_was_pending),
        ON_DESK(a_clocks_time_is_told_when_it_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
