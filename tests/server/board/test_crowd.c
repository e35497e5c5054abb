/* What a board does differently when many are on it: batches wait for each other. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BOARD 0x0f0f0f0f0f0f0f0fULL
#define CROWD 120u

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
    core_peer_edit(company->ann, "[[1, 1, {1: [1, 2]}]]");
    core_company_settle(company);
    assert_int_equal(company->bo->ops - ops, 1);
}

static void edits_soon_after_a_fan_out_become_one_entry_of_the_journal_and_one_frame(void **state)
{
    struct fixture *fixture = *state;
    struct core_company *company = &fixture->company;
    core_peer_edit(company->ann, "[[1, 1, {1: [1, 2]}]]");
    core_company_settle(company);
    uint32_t appends = company->world->fault.append_n;
    uint32_t frames = company->bo->ops_frames, ops = company->bo->ops;
    for (int i = 0; i < 3; i++) {
        core_peer_edit(company->ann, "[[1, 1, {1: [1, 2]}]]");
        core_peer_edit(company->bo, "[[1, 1, {1: [1, 2]}]]");
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
    core_peer_edit(company->ann, "[[1, 1, {1: [1, 2]}]]");
    core_company_settle(company);
    uint32_t ops = company->bo->ops;
    core_peer_edit(company->ann, "[[1, 1, {1: [1, 2]}]]");
    core_world_drain(company->world);
    core_company_settle(company);
    assert_int_equal(company->bo->ops - ops, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_edit_after_a_pause_waits_for_nothing),
        TEST(edits_soon_after_a_fan_out_become_one_entry_of_the_journal_and_one_frame),
        TEST(what_waits_is_written_before_the_server_goes_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
