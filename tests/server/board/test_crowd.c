/* What a board does differently when many are on it: batches wait for each other, and presence is
 * told by area (S11) while the loop has much to do. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define BOARD 0x0f0f0f0f0f0f0f0fULL
#define CROWD 160u
#define STICKY "[[1, 3, {1: [10, 20]}]]"

struct fixture {
    struct core_company company;
    struct core_peer *crowd[CROWD];
};

static void pass(struct fixture *fixture, uint64_t ms)
{
    core_loop_advance(fixture->company.world->loop, ms);
    core_company_settle(&fixture->company);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    core_company_begin(&fixture.company, BOARD, PL_ROLE_VIEWER);
    core_loop_busy_set(fixture.company.world->loop, true);
    core_company_connect(&fixture.company, BOARD);
    for (size_t i = 0; i < CROWD; i++) {
        fixture.crowd[i] = core_peer_new(fixture.company.world, 100 + i, "One", PL_ROLE_VIEWER);
        core_peer_connect(fixture.crowd[i], BOARD);
        pass(&fixture, 10);
    }
    pass(&fixture, 1000);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < CROWD; i++)
        core_peer_free(fixture->crowd[i]);
    core_company_end(&fixture->company);
    return 0;
}

static void an_edit_after_a_pause_waits_for_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    uint32_t ops = company->bo->ops;
    core_peer_edit(company->ann, STICKY);
    core_company_settle(company);
    assert_int_equal(company->bo->ops - ops, 1);
}

static void edits_soon_after_a_fan_out_become_one_entry_of_the_journal_and_one_frame(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    core_peer_edit(company->ann, STICKY);
    core_company_settle(company);
    uint32_t appends = company->world->fault.append_n;
    uint32_t frames = company->bo->ops_frames, ops = company->bo->ops;
    for (int i = 0; i < 3; i++) {
        core_peer_edit(company->ann, STICKY);
        core_peer_edit(company->bo, STICKY);
        core_company_settle(company);
    }
    assert_int_equal(company->world->fault.append_n, appends);
    assert_int_equal(company->bo->ops, ops);
    pass(fixture, 10);
    assert_int_equal(company->world->fault.append_n - appends, 1);
    assert_int_equal(company->bo->ops_frames - frames, 1);
    assert_int_equal(company->bo->ops - ops, 6);
}

static void what_waits_is_written_before_the_server_goes_down(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    core_peer_edit(company->ann, STICKY);
    core_company_settle(company);
    uint32_t ops = company->bo->ops;
    core_peer_edit(company->ann, STICKY);
    core_world_drain(company->world);
    core_company_settle(company);
    assert_int_equal(company->bo->ops - ops, 1);
}

/* ---- presence ---- */

/* A cursor at (x, 100), and a viewport around it that stays within one cell. */
static void stand(struct core_peer *peer, int x)
{
    char text[128];
    snprintf(text, sizeof text, "[12, {'c': [%d, 100], 'v': [%d, 50, 500, 500]}]", x, x - 50);
    core_peer_send(peer, text);
}

/* Ann at the origin, Bo far away, and all has been told that there was to tell. */
static void stand_apart(struct fixture *fixture)
{
    stand(fixture->company.ann, 100);
    stand(fixture->company.bo, 900000);
    pass(fixture, 3000);
    for (size_t i = 0; i < CROWD; i++)
        core_peer_pump(fixture->crowd[i]);
}

static void while_the_loop_has_time_all_are_told_of_all_twenty_times_a_second(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    core_loop_busy_set(company->world->loop, false);
    for (int i = 0; i < 20; i++) { /* the loop has time for a whole second */
        stand(company->bo, 900000 + i);
        pass(fixture, 100);
    }
    stand_apart(fixture);
    uint32_t frames = company->bo->presence_frames, states = company->bo->presence_states;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < CROWD; i++)
            stand(fixture->crowd[i], 200 + round);
        pass(fixture, 50);
    }
    assert_int_equal(company->bo->presence_frames - frames, 20);
    assert_int_equal(company->bo->presence_states - states, 20 * CROWD);
}

static void a_crowd_is_one_again_when_the_loop_has_no_time(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    core_loop_busy_set(company->world->loop, false);
    for (int i = 0; i < 20; i++) {
        stand(company->bo, 900000 + i);
        pass(fixture, 100);
    }
    core_loop_busy_set(company->world->loop, true);
    for (int i = 0; i < 20; i++) {
        stand(company->bo, 900000 + i);
        pass(fixture, 100);
    }
    stand_apart(fixture);
    uint32_t states = company->bo->presence_states;
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 100);
    assert_int_equal(company->bo->presence_states - states, 20);
}

static void more_than_can_be_told_of_each_other_are_a_crowd_however_idle_the_loop(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    struct core_peer *more[160];
    core_loop_busy_set(company->world->loop, false);
    for (size_t i = 0; i < 160; i++) {
        more[i] = core_peer_new(company->world, 1000 + i, "More", PL_ROLE_VIEWER);
        core_peer_connect(more[i], BOARD);
        pass(fixture, 10);
    }
    stand_apart(fixture);
    uint32_t states = company->bo->presence_states;
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 100);
    assert_int_equal(company->bo->presence_states - states, 20);
    for (size_t i = 0; i < 160; i++)
        core_peer_free(more[i]);
}

static void who_sees_a_place_is_told_at_once_and_the_others_bit_by_bit(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    stand_apart(fixture);
    uint32_t ann = company->ann->presence_states, bo = company->bo->presence_states;
    uint32_t cy = company->cy->presence_states;
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 100);
    assert_in_range(company->ann->presence_states - ann, 50, 70); /* the far round too */
    assert_int_equal(company->bo->presence_states - bo, 20);
    assert_int_equal(company->cy->presence_states - cy, 50); /* told no viewport: sees all */
    pass(fixture, 300);
    assert_int_equal(company->bo->presence_states - bo, 50);
    bo = company->bo->presence_states;
    pass(fixture, 5000);
    assert_int_equal(company->bo->presence_states, bo);
}

static void who_walks_out_of_view_is_seen_to_go(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    stand_apart(fixture);
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 3000);
    uint32_t ann = company->ann->presence_states;
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 500000);
    pass(fixture, 100);
    assert_in_range(company->ann->presence_states - ann, 50, 70);
    pass(fixture, 3000);
    ann = company->ann->presence_states;
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 500001);
    pass(fixture, 100);
    assert_int_equal(company->ann->presence_states - ann, 20);
}

static void what_comes_into_view_is_told_whole(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    stand_apart(fixture);
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 3000);
    uint32_t bo = company->bo->presence_states;
    stand(company->bo, 100);
    pass(fixture, 100);
    assert_in_range(company->bo->presence_states - bo, 52, 53); /* Ann, the fifty, Bo's own */
}

static void one_place_with_more_than_two_hundred_takes_turns(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    struct core_peer *more[60];
    for (size_t i = 0; i < 60; i++) {
        more[i] = core_peer_new(company->world, 1000 + i, "More", PL_ROLE_VIEWER);
        core_peer_connect(more[i], BOARD);
    }
    stand_apart(fixture);
    uint32_t frames = company->ann->presence_frames, ann = company->ann->presence_states;
    for (size_t i = 0; i < CROWD; i++)
        stand(fixture->crowd[i], 200);
    for (size_t i = 0; i < 60; i++)
        stand(more[i], 200);
    pass(fixture, 50);
    assert_int_equal(company->ann->presence_frames - frames, 2);
    assert_int_equal(company->ann->presence_states - ann, 200 + 20);
    pass(fixture, 100);
    assert_int_equal(company->ann->presence_states - ann, 220 + 20 + 20);
    for (size_t i = 0; i < 60; i++)
        core_peer_free(more[i]);
}

static void when_the_crowd_has_gone_all_are_told_of_all_again(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    stand_apart(fixture);
    for (size_t i = 0; i < 50; i++)
        stand(fixture->crowd[i], 200);
    pass(fixture, 100);
    uint32_t bo = company->bo->presence_states;
    for (size_t i = 50; i < CROWD; i++)
        core_peer_drop(fixture->crowd[i]);
    pass(fixture, 200);
    assert_in_range(company->bo->presence_states - bo, 30, 50); /* whom the far round still owed */
    bo = company->bo->presence_states;
    stand(fixture->crowd[0], 300);
    pass(fixture, 60);
    assert_int_equal(company->bo->presence_states - bo, 1);
}

static void a_state_of_any_shape_is_passed_on(void **state)
{
    static const char *const shapes[] = {
        "[12, {'c': [1.0e300, 1], 'v': [0, 0, 5, 5]}]", "[12, {'c': 'here', 'v': [1, 2]}]",
        "[12, [1, 2, 3]]", "[12, {1: 2, 'c': [1, 1]}]", "[12, {'v': [0, 0, -5, 5]}]",
        "[12, {'v': [-1.0e9, -1.0e9, 1.0e9, 1.0e9]}]", "[12, nil]"};
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    stand_apart(fixture);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        uint32_t cy = company->cy->presence_states;
        core_peer_send(company->bo, shapes[i]);
        pass(fixture, 200);
        assert_int_equal(company->cy->presence_states - cy, 1);
        assert_false(company->bo->closed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_edit_after_a_pause_waits_for_nothing),
        TEST(edits_soon_after_a_fan_out_become_one_entry_of_the_journal_and_one_frame),
        TEST(what_waits_is_written_before_the_server_goes_down),
        TEST(while_the_loop_has_time_all_are_told_of_all_twenty_times_a_second),
        TEST(a_crowd_is_one_again_when_the_loop_has_no_time),
        TEST(more_than_can_be_told_of_each_other_are_a_crowd_however_idle_the_loop),
        TEST(who_sees_a_place_is_told_at_once_and_the_others_bit_by_bit),
        TEST(who_walks_out_of_view_is_seen_to_go),
        TEST(what_comes_into_view_is_told_whole),
        TEST(one_place_with_more_than_two_hundred_takes_turns),
        TEST(when_the_crowd_has_gone_all_are_told_of_all_again),
        TEST(a_state_of_any_shape_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
