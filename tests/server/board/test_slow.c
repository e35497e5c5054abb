/* The slow-reader ladder: presence is dropped, then a fresh snapshot replaces the tail, then
 * GOAWAY. Nobody else notices, and the server keeps little for whoever does not read. */
#include "base/log.h"
#include "tests/support/core_peer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD 0x0123012301230123ULL

struct fixture {
    struct core_world *world;
    struct core_peer *ann, *bo, *cy;
    struct core_peer *all[3];
    char *edit; /* a sticky with a long text */
};

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = core_world_new();
    fixture.all[0] = fixture.ann = core_peer_new(fixture.world, 7, "Ann", PL_ROLE_EDITOR);
    fixture.all[1] = fixture.bo = core_peer_new(fixture.world, 8, "Bo", PL_ROLE_EDITOR);
    fixture.all[2] = fixture.cy = core_peer_new(fixture.world, 9, "Cy", PL_ROLE_VIEWER);
    core_world_board(fixture.world, BOARD, "Plans");
    for (size_t i = 0; i < 3; i++)
        core_peer_connect(fixture.all[i], BOARD);
    core_peers_settle(fixture.world, fixture.all, 3);
    fixture.edit = malloc(31000);
    int at = sprintf(fixture.edit, "[[1, 3, {}], [4, 0, 5, 0, 0, '");
    memset(fixture.edit + at, 'x', 30000);
    strcpy(fixture.edit + at + 30000, "']]");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 3; i++)
        core_peer_free(fixture->all[i]);
    core_world_free(fixture->world);
    free(fixture->edit);
    return 0;
}

/* Over a megabyte of edits, each its own append. */
static void flood(struct fixture *fixture)
{
    for (int i = 0; i < 40; i++) {
        core_peer_edit(fixture->ann, fixture->edit);
        core_peers_settle(fixture->world, fixture->all, 3);
    }
}

static void a_stalled_reader_gets_a_snapshot_when_it_reads_again(void **state)
{
    struct fixture *fixture = *state;
    uint32_t ops = fixture->bo->ops, all = fixture->cy->ops;
    fixture->bo->stalled = true;
    flood(fixture);
    assert_int_equal(fixture->cy->ops - all, 40); /* nobody else waits */
    fixture->bo->stalled = false;
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_int_equal(fixture->bo->snapshots, 2);
    assert_true(fixture->bo->ops - ops < 40);
    assert_true(core_peer_hash(fixture->bo) == core_peer_hash(fixture->ann));
    assert_false(fixture->bo->closed);
    core_peer_edit(fixture->ann, "[[1, 3, {}]]"); /* and it is back on the ring */
    core_peer_edit(fixture->bo, "[[1, 3, {}]]");
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_true(core_peer_hash(fixture->bo) == core_peer_hash(fixture->ann));
    assert_int_equal(pl_replica_pending_n(fixture->bo->replica), 0);
}

static void one_that_falls_behind_again_at_once_is_sent_away(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 2; round++) {
        fixture->bo->stalled = true;
        flood(fixture);
        fixture->bo->stalled = false;
        core_peers_settle(fixture->world, fixture->all, 3);
    }
    core_loop_advance(fixture->world->loop, 1500);
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_true(fixture->bo->closed);
    assert_int_equal(fixture->bo->goaways, 1);
    assert_int_equal(fixture->bo->error, PL_SLOW);
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_SESSIONS_SLOW), 1);
    assert_false(fixture->cy->closed);
    core_peer_connect(fixture->bo, BOARD); /* it may come back */
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_true(core_peer_hash(fixture->bo) == core_peer_hash(fixture->ann));
}

static void one_that_never_reads_again_is_let_go(void **state)
{
    struct fixture *fixture = *state;
    fixture->bo->stalled = true;
    flood(fixture);
    core_loop_advance(fixture->world->loop, 20000);
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_true(fixture->bo->closed);
}

static void a_lagging_reader_skips_presence_and_then_gets_all_of_it(void **state)
{
    struct fixture *fixture = *state;
    char text[64];
    core_loop_advance(fixture->world->loop, 1000);
    core_peers_settle(fixture->world, fixture->all, 3);
    uint32_t before = fixture->bo->presence_frames, all = fixture->cy->presence_frames;
    fixture->bo->stalled = true;
    core_peer_send(fixture->cy, "[12, {'c': [1, 1]}]"); /* moves once, early */
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof text, "[12, {'c': [%d, 0]}]", i);
        core_peer_send(fixture->ann, text);
        core_loop_advance(fixture->world->loop, 60);
        core_peers_settle(fixture->world, fixture->all, 3);
    }
    assert_int_equal(fixture->cy->presence_frames - all, 10);
    fixture->bo->stalled = false;
    core_peers_settle(fixture->world, fixture->all, 3);
    assert_in_range(fixture->bo->presence_frames - before, 1, 4);
    core_loop_advance(fixture->world->loop, 100);
    core_peers_settle(fixture->world, fixture->all, 3);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&fixture->bo->presence));
    uint32_t n;
    assert_true(pl_read_array(&reader, &n));
    assert_int_equal(n, 3); /* Ann, Cy whose move it had skipped, and who does nothing: Bo */
}

static void a_flood_of_pings_without_reading_ends_the_session(void **state)
{
    struct fixture *fixture = *state;
    fixture->bo->stalled = true;
    for (int i = 0; i < 100000; i++)
        core_peer_send(fixture->bo, "[13, 9007199254740991, 0]");
    core_loop_advance(fixture->world->loop, 1500);
    assert_true(fixture->bo->closed);
    assert_false(fixture->ann->closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stalled_reader_gets_a_snapshot_when_it_reads_again),
        TEST(one_that_falls_behind_again_at_once_is_sent_away),
        TEST(one_that_never_reads_again_is_let_go),
        TEST(a_lagging_reader_skips_presence_and_then_gets_all_of_it),
        TEST(a_flood_of_pings_without_reading_ends_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
