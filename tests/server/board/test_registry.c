/* Boards come into memory when somebody joins, leave it when nobody stays, and go down in order. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD  0x7777000077770000ULL
#define STICKY "[[1, 3, {1: [10, 20], 4: 1}]]"

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_NONE);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

static uint64_t count(struct core_company *fixture, enum metric metric)
{
    return metrics_get(fixture->world->metrics, metric);
}

static bool stored(void *user)
{
    struct core_company *fixture = user;
    return count(fixture, METRIC_CHECKPOINTS) >= 1;
}

static void an_idle_board_is_stored_and_unloaded_and_comes_back_whole(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (int i = 0; i < 30; i++)
        core_peer_edit(fixture->ann, STICKY);
    core_company_settle(fixture);
    uint64_t hash = core_peer_hash(fixture->ann);
    core_peer_drop(fixture->ann);
    core_loop_advance(fixture->world->loop, 30000);
    assert_int_equal(count(fixture, METRIC_BOARDS), 1);
    core_loop_advance(fixture->world->loop, 32000);
    assert_true(core_loop_until(fixture->world->loop, stored, fixture));
    core_loop_advance(fixture->world->loop, 2000);
    assert_int_equal(count(fixture, METRIC_BOARDS), 0);
    core_peer_connect(fixture->ann, BOARD); /* loaded from the snapshot */
    core_company_settle(fixture);
    assert_int_equal(fixture->ann->snapshots, 1);
    assert_true(core_peer_hash(fixture->ann) == hash);
    core_peer_connect(fixture->bo, BOARD);
    core_company_settle(fixture);
    assert_true(core_peer_hash(fixture->bo) == core_peer_hash(fixture->ann));
    assert_int_equal(count(fixture, METRIC_BOARDS_LOADED), 2);
}

static void an_unchanged_board_is_unloaded_without_another_snapshot(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    core_peer_drop(fixture->ann);
    core_loop_advance(fixture->world->loop, 62000);
    assert_true(core_loop_until(fixture->world->loop, stored, fixture));
    core_loop_advance(fixture->world->loop, 2000);
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    core_peer_drop(fixture->ann);
    core_loop_advance(fixture->world->loop, 64000);
    assert_int_equal(count(fixture, METRIC_BOARDS), 0);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 1);
}

static bool all_stored(void *user)
{
    return count(user, METRIC_CHECKPOINTS) >= 9;
}

/* Storing takes the disk and the workers: those who are at work on other boards are to have them too. */
static void boards_that_fall_idle_together_are_stored_a_few_at_a_time(void **state)
{
    struct core_company *fixture = *state;
    for (uint64_t i = 0; i < 9; i++) {
        if (i > 0)
            core_world_board(fixture->world, BOARD + i, "More");
        core_peer_connect(fixture->ann, BOARD + i);
        core_company_settle(fixture);
        core_peer_drop(fixture->ann);
    }
    uint32_t before = 0;
    for (int sweep = 0; sweep < 65; sweep++) {
        core_loop_advance(fixture->world->loop, 1000);
        const uint32_t asked = fixture->world->fault.snapshot_n;
        assert_in_range(asked, before, before + 4);
        before = asked;
    }
    assert_true(core_loop_until(fixture->world->loop, all_stored, fixture));
    core_loop_advance(fixture->world->loop, 2000);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 9);
    assert_int_equal(count(fixture, METRIC_BOARDS), 0);
}

static void a_long_journal_is_checkpointed_while_people_work(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (int i = 0; i < 4200; i++) {
        core_peer_edit(fixture->ann, i == 0 ? STICKY : "[[1, 6, {1: [1, 1], 2: [3, 3], 4: 3}]]");
        if (i % 100 == 0)
            core_company_settle(fixture);
    }
    core_company_settle(fixture);
    assert_true(core_loop_until(fixture->world->loop, stored, fixture));
    uint64_t hash = core_peer_hash(fixture->ann);
    core_peer_drop(fixture->ann);
    core_world_restart(fixture->world);
    core_peer_connect(fixture->bo, BOARD);
    core_company_settle(fixture);
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    assert_true(hash != core_peer_hash(fixture->ann)); /* Bo's person came */
    assert_true(core_peer_hash(fixture->bo) == core_peer_hash(fixture->ann));
}

static void a_heavy_journal_is_checkpointed_long_before_it_is_long(void **state)
{
    struct core_company *fixture = *state;
    static char edit[60100];
    snprintf(edit, sizeof edit, "[[1, 3, {1000: '%0*d'}]]", 60000, 0);
    core_peer_connect(fixture->ann, BOARD);
    for (int i = 0; i < 150; i++) {
        core_peer_edit(fixture->ann, edit);
        core_company_settle(fixture);
    }
    assert_true(core_loop_until(fixture->world->loop, stored, fixture));
}

static bool named(struct core_company *fixture, uint64_t board, uint64_t user, const char *title, const char *name)
{
    struct pl_slice told_title = {0}, told_name = {0};
    const enum pl_status status = registry_names(fixture->world->registry, board, user, &told_title, &told_name);
    return status == PL_OK && pl_slice_equal(told_title, (struct pl_slice){(const uint8_t *)title, strlen(title)}) &&
           pl_slice_equal(told_name, (struct pl_slice){(const uint8_t *)name, strlen(name)});
}

static void what_a_board_and_its_guests_are_called_is_told_before_anybody_joins(void **state)
{
    struct core_company *fixture = *state;
    struct pl_slice title = {0}, name = {0};
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    core_peer_drop(fixture->ann);
    core_world_restart(fixture->world);
    assert_true(named(fixture, BOARD, fixture->ann->user, "Plans", "Ann"));
    assert_true(named(fixture, BOARD, fixture->bo->user, "Plans", "")); /* was never here */
    assert_true(named(fixture, BOARD, 0, "Plans", ""));
    assert_int_equal(registry_names(fixture->world->registry, BOARD + 1, 0, &title, &name), PL_NOT_FOUND);
    assert_int_equal(count(fixture, METRIC_BOARDS), 1);
    core_loop_advance(fixture->world->loop, 64000); /* nobody comes: nothing is there to be stored */
    assert_int_equal(count(fixture, METRIC_BOARDS), 0);
}

static void draining_keeps_what_came_before_and_takes_no_more(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    core_peer_edit(fixture->ann, STICKY);
    core_world_drain(fixture->world);
    core_peer_edit(fixture->ann, STICKY); /* too late */
    struct pl_slice title = {0}, name = {0};
    assert_int_equal(registry_names(fixture->world->registry, BOARD, 0, &title, &name), PL_DRAINING);
    for (int i = 0; i < 60000 && !fixture->world->drained; i++) {
        core_loop_advance(fixture->world->loop, 10);
        core_company_settle(fixture);
        usleep(1000); /* the writer's thread and its disk are real */
    }
    assert_true(fixture->world->drained);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica),
                     1); /* acknowledged one, kept one */
    assert_int_equal(fixture->ann->board_state, BOARD_DRAINING);
    assert_true(fixture->ann->goaways >= 1);
    assert_true(fixture->ann->closed);
    assert_int_equal(fixture->ann->ws_status, 1012);
    core_peer_connect(fixture->bo, BOARD);
    assert_true(fixture->bo->closed);
    assert_int_equal(fixture->bo->error, PL_DRAINING);
    core_peer_drop(fixture->ann);
    core_peer_drop(fixture->bo);
    core_world_restart(fixture->world);
    core_peer_connect(fixture->ann, BOARD);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 0);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(fixture->ann->replica)), 4);
}

static void there_is_no_board_that_was_not_made(void **state)
{
    struct core_company *fixture = *state;
    assert_int_equal(registry_find(fixture->world->registry, BOARD), PL_OK);
    assert_int_equal(registry_find(fixture->world->registry, BOARD + 1), PL_NOT_FOUND);
    core_peer_connect(fixture->ann, BOARD + 1);
    assert_int_equal(fixture->ann->error, PL_NOT_FOUND);
    assert_int_equal(fixture->ann->ws_status, 1008);
    assert_int_equal(count(fixture, METRIC_REFUSED_BOARD), 1);
    assert_int_equal(count(fixture, METRIC_BOARDS), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_idle_board_is_stored_and_unloaded_and_comes_back_whole),
        TEST(an_unchanged_board_is_unloaded_without_another_snapshot),
        TEST(boards_that_fall_idle_together_are_stored_a_few_at_a_time),
        TEST(a_long_journal_is_checkpointed_while_people_work),
        TEST(a_heavy_journal_is_checkpointed_long_before_it_is_long),
        TEST(what_a_board_and_its_guests_are_called_is_told_before_anybody_joins),
        TEST(draining_keeps_what_came_before_and_takes_no_more),
        TEST(there_is_no_board_that_was_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
