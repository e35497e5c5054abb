/* The slow-reader ladder: presence is dropped, then a fresh snapshot replaces the tail, then
 * GOAWAY. Nobody else notices, and the server keeps little for whoever does not read. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD 0x0123012301230123ULL

struct fixture {
    struct core_company people;
    char *edit; /* a sticky with a long text */
};

static int set_up(void **state)
{
    static struct fixture fixture;
    core_company_begin(&fixture.people, BOARD, PL_ROLE_VIEWER);
    core_company_connect(&fixture.people, BOARD);
    core_company_settle(&fixture.people);
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
    core_company_end(&fixture->people);
    free(fixture->edit);
    return 0;
}

/* Over a megabyte of edits, each its own append. */
static void flood(struct fixture *fixture)
{
    for (int i = 0; i < 40; i++) {
        core_peer_edit(fixture->people.ann, fixture->edit);
        core_company_settle(&fixture->people);
    }
}

static void a_stalled_reader_gets_a_snapshot_when_it_reads_again(void **state)
{
    struct fixture *fixture = *state;
    uint32_t ops = fixture->people.bo->ops, all = fixture->people.cy->ops;
    fixture->people.bo->stalled = true;
    flood(fixture);
    assert_int_equal(fixture->people.cy->ops - all, 40); /* nobody else waits */
    fixture->people.bo->stalled = false;
    core_company_settle(&fixture->people);
    assert_int_equal(fixture->people.bo->snapshots, 2);
    assert_true(fixture->people.bo->ops - ops < 40);
    assert_true(core_peer_hash(fixture->people.bo) == core_peer_hash(fixture->people.ann));
    assert_false(fixture->people.bo->closed);
    core_peer_edit(fixture->people.ann, "[[1, 3, {}]]"); /* and it is back on the ring */
    core_peer_edit(fixture->people.bo, "[[1, 3, {}]]");
    core_company_settle(&fixture->people);
    assert_true(core_peer_hash(fixture->people.bo) == core_peer_hash(fixture->people.ann));
    assert_int_equal(pl_replica_pending_n(fixture->people.bo->replica), 0);
}

static void one_that_falls_behind_again_at_once_is_sent_away(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 2; round++) {
        fixture->people.bo->stalled = true;
        flood(fixture);
        fixture->people.bo->stalled = false;
        core_company_settle(&fixture->people);
    }
    core_loop_advance(fixture->people.world->loop, 1500);
    core_company_settle(&fixture->people);
    assert_true(fixture->people.bo->closed);
    assert_int_equal(fixture->people.bo->goaways, 1);
    assert_int_equal(fixture->people.bo->error, PL_SLOW);
    assert_int_equal(metrics_get(fixture->people.world->metrics, METRIC_SESSIONS_SLOW), 1);
    assert_true(metrics_get(fixture->people.world->metrics, METRIC_DROPPED_TAIL_SLOW) > 0);
    assert_false(fixture->people.cy->closed);
    core_peer_connect(fixture->people.bo, BOARD); /* it may come back */
    core_company_settle(&fixture->people);
    assert_true(core_peer_hash(fixture->people.bo) == core_peer_hash(fixture->people.ann));
}

static void one_that_never_reads_again_is_let_go(void **state)
{
    struct fixture *fixture = *state;
    fixture->people.bo->stalled = true;
    flood(fixture);
    core_loop_advance(fixture->people.world->loop, 20000);
    core_company_settle(&fixture->people);
    assert_true(fixture->people.bo->closed);
}

static void a_lagging_reader_skips_presence_and_then_gets_all_of_it(void **state)
{
    struct fixture *fixture = *state;
    char text[64];
    core_loop_advance(fixture->people.world->loop, 1000);
    core_company_settle(&fixture->people);
    uint32_t before = fixture->people.bo->presence_frames, all = fixture->people.cy->presence_frames;
    fixture->people.bo->stalled = true;
    core_peer_send(fixture->people.cy, "[12, {'c': [1, 1]}]"); /* moves once, early */
    for (int i = 0; i < 10; i++) {
        snprintf(text, sizeof text, "[12, {'c': [%d, 0]}]", i);
        core_peer_send(fixture->people.ann, text);
        core_loop_advance(fixture->people.world->loop, 60);
        core_company_settle(&fixture->people);
    }
    assert_int_equal(fixture->people.cy->presence_frames - all, 10);
    fixture->people.bo->stalled = false;
    core_company_settle(&fixture->people);
    assert_in_range(fixture->people.bo->presence_frames - before, 1, 4);
    core_loop_advance(fixture->people.world->loop, 100);
    core_company_settle(&fixture->people);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&fixture->people.bo->presence));
    uint32_t n;
    assert_true(pl_read_array(&reader, &n));
    assert_int_equal(n, 3); /* Ann, Cy whose move it had skipped, and who does nothing: Bo */
}

static void a_flood_of_pings_without_reading_ends_the_session(void **state)
{
    struct fixture *fixture = *state;
    fixture->people.bo->stalled = true;
    for (int i = 0; i < 100000; i++)
        core_peer_send(fixture->people.bo, "[13, 9007199254740991, 0]");
    core_loop_advance(fixture->people.world->loop, 1500);
    assert_true(fixture->people.bo->closed);
    assert_false(fixture->people.ann->closed);
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
