/* When the disk refuses: nothing is acknowledged or shown that is not kept, everyone is told,
 * and everything goes on by itself when it takes writes again. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define BOARD  0x5555aaaa5555aaaaULL
#define STICKY "[[1, 3, {1: [10, 20], 4: 1}]]"

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_EDITOR);
    core_peer_connect(fixture.ann, BOARD);
    core_peer_connect(fixture.bo, BOARD);
    core_company_settle(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

static bool ready(void *user)
{
    struct core_company *fixture = user;
    return fixture->ann->board_state == BOARD_READY || fixture->world->fault.fail_writes;
}

/* Time for a probe, and its answer from the writer's thread. */
static bool probed(void *user)
{
    struct core_company *fixture = user;
    core_company_settle(fixture);
    return ready(fixture);
}

static void pass(struct core_company *fixture, uint64_t ms)
{
    core_loop_advance(fixture->world->loop, ms);
    assert_true(core_loop_until(fixture->world->loop, probed, fixture));
    core_company_settle(fixture);
}

static void a_failed_append_is_sent_again_when_the_disk_is_back(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    uint32_t ops = bo->ops;
    fixture->world->fault.fail_n = 1;
    core_peer_edit(ann, STICKY);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    assert_int_equal(ann->board_state, BOARD_READ_ONLY);
    assert_int_equal(bo->board_state, BOARD_READ_ONLY);
    assert_int_equal(bo->ops, ops);
    assert_int_equal(pl_replica_pending_n(ann->replica), 2); /* kept by their author */
    core_peer_edit(bo, STICKY);                              /* typed meanwhile */
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(bo->replica), 1);
    pass(fixture, 1000);
    assert_int_equal(ann->board_state, BOARD_READY);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_int_equal(pl_replica_pending_n(bo->replica), 0);
    assert_int_equal(bo->ops - ops, 3); /* each once */
    assert_true(core_peer_hash(ann) == core_peer_hash(bo));
    assert_false(ann->closed || bo->closed);
}

static void read_only_lasts_as_long_as_the_trouble_and_readers_still_join(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *cy = fixture->cy;
    fixture->world->fault.fail_writes = true;
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    for (int i = 0; i < 5; i++) {
        pass(fixture, 3000);
        assert_int_equal(ann->board_state, BOARD_READ_ONLY);
    }
    core_peer_connect(cy, BOARD);
    assert_true(cy->welcomed);
    assert_int_equal(cy->board_state, BOARD_READ_ONLY);
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_BOARDS_READ_ONLY), 1);
    fixture->world->fault.fail_writes = false;
    pass(fixture, 17000);
    assert_int_equal(ann->board_state, BOARD_READY);
    assert_int_equal(cy->board_state, BOARD_READY);
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_BOARDS_READ_ONLY), 0);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    /* the board, three persons (Cy's was written late), one sticky */
    assert_int_equal(pl_doc_object_n(pl_replica_doc(cy->replica)), 5);
    assert_true(core_peer_hash(ann) == core_peer_hash(cy));
}

static void an_append_under_way_when_another_fails_is_still_released(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    fixture->world->fault.hold = true;
    core_peer_edit(ann, STICKY); /* durable, its answer is held */
    core_company_settle(fixture);
    core_peer_edit(bo, STICKY); /* gathers behind it, and will fail */
    core_company_settle(fixture);
    fixture->world->fault.fail_n = 1;
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_int_equal(pl_replica_pending_n(bo->replica), 1);
    pass(fixture, 1000);
    assert_int_equal(pl_replica_pending_n(bo->replica), 0);
    assert_true(core_peer_hash(ann) == core_peer_hash(bo));
}

static void a_void_that_was_not_kept_settles_nothing(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *raw = fixture->cy;
    raw->raw = true;
    core_peer_connect(raw, BOARD);
    core_company_settle(fixture);
    char text[100];
    fixture->world->fault.fail_n = 1;
    snprintf(text, sizeof text, "[6, 0, [%u, 1, 50, [[1, [99, 1], 4, 2]]]]", raw->id);
    core_peer_send(raw, text);
    core_company_settle(fixture);
    assert_int_equal(raw->rejects, 0); /* the refusal itself was lost */
    pass(fixture, 1000);
    assert_int_equal(raw->gaps, 1);
    assert_int_equal(raw->reject_ctr0, 1);
    core_peer_send(raw, text);
    core_company_settle(fixture);
    assert_int_equal(raw->rejects, 1);
    assert_int_equal(raw->reject_code, PL_ORPHAN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failed_append_is_sent_again_when_the_disk_is_back),
        TEST(read_only_lasts_as_long_as_the_trouble_and_readers_still_join),
        TEST(an_append_under_way_when_another_fails_is_still_released),
        TEST(a_void_that_was_not_kept_settles_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
