/* Who is here and what they do: S11, S12. One frame per tick for all; nothing ticks when nobody
 * moves. */
#include "tests/support/core_company.h"
#include "tests/support/literal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define BOARD 0x0f0f0f0f0f0f0f0fULL

static void pass(struct core_company *fixture, uint64_t ms)
{
    core_loop_advance(fixture->world->loop, ms);
    core_company_settle(fixture);
}

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_VIEWER);
    core_peer_connect(fixture.ann, BOARD);
    core_peer_connect(fixture.bo, BOARD);
    pass(&fixture, 1000);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

/* The state the peer last heard of a session, as a literal; NULL stands for none in that frame. */
static void expect_state(struct core_peer *peer, uint64_t session, const char *literal_or_null)
{
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&peer->presence));
    struct pl_slice value = {0};
    uint32_t n;
    bool found = false;
    assert_true(pl_read_array(&reader, &n));
    for (; n > 0; n--) {
        uint64_t who = 0;
        struct pl_slice of_who;
        assert_true(pl_read_array_of(&reader, 2) && pl_read_u53(&reader, &who) &&
                    pl_read_raw(&reader, &of_who));
        if (who == session) {
            assert_false(found);
            found = true;
            value = of_who;
        }
    }
    assert_int_equal(found, literal_or_null != NULL);
    if (literal_or_null == NULL)
        return;
    struct pl_buf wanted;
    pl_buf_init(&wanted, pl_mem_libc());
    literal_write(&wanted, literal_or_null);
    assert_true(pl_slice_equal(pl_buf_slice(&wanted), value));
    pl_buf_done(&wanted);
}

static void moves_within_a_tick_become_one_frame_with_the_latest(void **state)
{
    struct core_company *fixture = *state;
    uint32_t before = fixture->bo->presence_frames;
    char text[64];
    for (int i = 1; i <= 9; i++) {
        snprintf(text, sizeof text, "[12, {'c': [%d, 0]}]", i);
        core_peer_send(fixture->ann, text);
        core_peer_send(fixture->bo, "[12, {'c': [5, 5]}]");
    }
    pass(fixture, 100);
    assert_int_equal(fixture->bo->presence_frames - before, 1);
    expect_state(fixture->bo, fixture->ann->session_number, "{'c': [9, 0]}");
    expect_state(fixture->bo, fixture->bo->session_number,
                 "{'c': [5, 5]}"); /* shared: one passes over one's own */
    pass(fixture, 5000);
    assert_int_equal(fixture->bo->presence_frames - before, 1); /* nobody moved */
}

static void movement_is_told_at_most_twenty_times_a_second(void **state)
{
    struct core_company *fixture = *state;
    uint32_t before = fixture->bo->presence_frames;
    for (int i = 0; i < 100; i++) {
        core_peer_send(fixture->ann, i % 2 == 0 ? "[12, {'c': [1, 0]}]" : "[12, {'c': [2, 0]}]");
        pass(fixture, 10);
    }
    assert_in_range(fixture->bo->presence_frames - before, 15, 21);
}

static void above_the_rate_the_latest_are_dropped_and_nothing_else_happens(void **state)
{
    struct core_company *fixture = *state;
    for (unsigned i = 0; i < PL_PRESENCE_PER_S + 20; i++)
        core_peer_send(fixture->ann, "[12, {'c': [1, 0]}]");
    pass(fixture, 100);
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_PRESENCE_DROPPED), 20);
    assert_false(fixture->ann->closed);
    pass(fixture, 1000);
    uint32_t before = fixture->bo->presence_frames;
    core_peer_send(fixture->ann, "[12, {'c': [7, 0]}]");
    pass(fixture, 100);
    assert_int_equal(fixture->bo->presence_frames - before, 1);
}

static void a_cleared_state_is_told_and_forgotten(void **state)
{
    struct core_company *fixture = *state;
    core_peer_send(fixture->ann, "[12, {'c': [1, 0]}]");
    pass(fixture, 100);
    core_peer_send(fixture->ann, "[12, nil]");
    pass(fixture, 100);
    expect_state(fixture->bo, fixture->ann->session_number, "nil");
    core_peer_connect(fixture->cy, BOARD);
    pass(fixture, 100);
    expect_state(fixture->cy, fixture->ann->session_number, NULL);
}

static void a_newcomer_is_told_of_everyone_and_everyone_of_the_newcomer(void **state)
{
    struct core_company *fixture = *state;
    core_peer_send(fixture->ann, "[12, {'c': [1, 0]}]");
    pass(fixture, 100);
    uint32_t people = fixture->ann->people_frames;
    core_peer_hello(fixture->cy, BOARD);
    core_loop_turn(fixture->world->loop);
    pass(fixture, 1);
    core_company_settle(fixture);
    pass(fixture, 100);
    assert_true(fixture->cy->welcomed);
    assert_true(fixture->cy->people_frames >= 1);
    expect_state(fixture->cy, fixture->ann->session_number, "{'c': [1, 0]}");
    assert_int_equal(fixture->ann->people_frames - people, 1);
    assert_int_equal(fixture->ann->joined, 1);
    people = fixture->ann->people_frames;
    core_peer_drop(fixture->cy);
    pass(fixture, 100);
    assert_int_equal(fixture->ann->people_frames - people, 1);
    assert_int_equal(fixture->ann->left, 1);
    assert_int_equal(fixture->ann->joined, 0);
}

static void who_comes_and_goes_within_a_tick_was_never_here(void **state)
{
    struct core_company *fixture = *state;
    core_peer_send(fixture->ann, "[12, {'c': [1, 0]}]");
    pass(fixture, 60); /* a tick just was: the next is 50 ms away */
    core_peer_connect(fixture->cy, BOARD);
    uint32_t people = fixture->ann->people_frames;
    core_peer_drop(fixture->cy);
    pass(fixture, 200);
    assert_int_equal(fixture->ann->people_frames, people);
}

/* Forty large states are 160 KB: three frames, so that nobody's line is taken by one tick. */
static void large_states_take_turns_too(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *crowd[40];
    static char message[4096];
    uint32_t n;
    snprintf(message, sizeof message, "[12, {'c': '%0*d'}]", 4000, 0);
    for (size_t i = 0; i < 40; i++) {
        crowd[i] = core_peer_new(fixture->world, 100 + i, "One", PL_ROLE_VIEWER);
        core_peer_connect(crowd[i], BOARD);
        crowd[i]->stalled = true;
    }
    pass(fixture, 1000);
    for (size_t i = 0; i < 40; i++)
        core_peer_send(crowd[i], message);
    pass(fixture, 50);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&fixture->ann->presence));
    assert_true(pl_read_array(&reader, &n));
    assert_in_range(n, 16, 17);
    uint32_t before = fixture->ann->presence_frames;
    pass(fixture, 200);
    assert_int_equal(fixture->ann->presence_frames - before, 2);
    for (size_t i = 0; i < 40; i++)
        core_peer_free(crowd[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(moves_within_a_tick_become_one_frame_with_the_latest),
        TEST(movement_is_told_at_most_twenty_times_a_second),
        TEST(above_the_rate_the_latest_are_dropped_and_nothing_else_happens),
        TEST(a_cleared_state_is_told_and_forgotten),
        TEST(a_newcomer_is_told_of_everyone_and_everyone_of_the_newcomer),
        TEST(who_comes_and_goes_within_a_tick_was_never_here),
        TEST(large_states_take_turns_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
