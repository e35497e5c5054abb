/* What is durable and what is never touched: marks come with their entries, a board that could not
 * be loaded is neither served nor saved, a checkpoint that failed is made up for. */
#include "tests/support/committed.h"
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD  0x9999000099990000ULL
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

static uint64_t count(const struct core_company *fixture, enum metric metric)
{
    return metrics_get(fixture->world->metrics, metric);
}

/* What the disk holds: the replica's mark, and the last seq. */
static void durable(const struct core_company *fixture, uint32_t replica, uint64_t *ret_hwm,
                    uint64_t *ret_seq)
{
    struct store_view view;
    struct journal_mark mark = {0};
    uint64_t first;
    committed_open(fixture->world->store, &view);
    *ret_hwm =
        store_view_mark(&view, BOARD, replica, &mark) && mark.replica == replica ? mark.hwm : 0;
    for (*ret_seq = 0; store_view_record(&view, BOARD, 0, *ret_seq + 1, &first, ret_seq) == PL_OK;) {
    }
    committed_close(&view);
}

static void a_mark_is_durable_with_its_entries_and_not_without(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann;
    uint64_t hwm, seq;
    core_peer_connect(ann, BOARD);
    core_company_settle(fixture);
    for (uint64_t i = 1; i <= 5; i++) {
        core_peer_edit(ann, STICKY);
        core_company_settle(fixture);
        durable(fixture, ann->id, &hwm, &seq);
        assert_int_equal(hwm, i); /* her counter, with the entry that she was shown */
        assert_int_equal(seq, ann->last_seq);
    }
    const uint64_t last = ann->last_seq;
    fixture->world->fault.fail_writes = true;
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    durable(fixture, ann->id, &hwm, &seq);
    assert_true(hwm == 5 && seq == last);
    fixture->world->fault.fail_writes = false;
}

static void nobody_is_shown_what_the_disk_does_not_hold(void **state)
{
    struct core_company *fixture = *state;
    uint64_t hwm, seq;
    core_peer_connect(fixture->ann, BOARD);
    core_peer_connect(fixture->bo, BOARD);
    core_company_settle(fixture);
    fixture->world->fault.hold = true; /* written, and the answer is not there yet */
    core_peer_edit(fixture->ann, STICKY);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 1);
    durable(fixture, fixture->ann->id, &hwm, &seq);
    assert_true(fixture->bo->last_seq < seq || seq == fixture->ann->last_seq);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 0);
    durable(fixture, fixture->ann->id, &hwm, &seq);
    assert_true(fixture->bo->last_seq == seq && hwm == 1);
}

static void a_board_that_cannot_be_loaded_is_neither_served_nor_saved(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann;
    fixture->world->fault.load_status = PL_CORRUPT;
    core_peer_hello(ann, BOARD);
    core_company_settle(fixture);
    assert_true(ann->closed && !ann->welcomed);
    assert_int_equal(ann->error, PL_CORRUPT);
    assert_int_equal(count(fixture, METRIC_BOARDS_FAILED), 1);
    core_peer_drop(ann);
    core_loop_advance(fixture->world->loop, 200000);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 0);
    assert_int_equal(count(fixture, METRIC_JOURNAL_APPENDS), 0);
    fixture->world->fault.load_status = PL_OK; /* somebody brought the bytes back */
    core_peer_connect(ann, BOARD);
    core_company_settle(fixture);
    assert_int_equal(ann->board_state, BOARD_READY);
}

static void a_board_that_cannot_be_loaded_again_sends_everyone_away_and_keeps_what_was_acknowledged(
    void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    const uint64_t head = pl_doc_head(pl_replica_doc(ann->replica));
    fixture->world->fault.fail_n = 1;
    fixture->world->fault.load_status = PL_IO;
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    assert_true(ann->closed && bo->closed);
    assert_true(ann->goaways == 1 && bo->goaways == 1);
    assert_int_equal(ann->ws_status, 1011);
    core_peer_drop(ann);
    core_peer_drop(bo);
    core_loop_advance(fixture->world->loop, 200000);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 0);
    fixture->world->fault.load_status = PL_OK;
    core_peer_connect(ann, BOARD);
    core_company_settle(fixture);
    assert_true(pl_doc_head(pl_replica_doc(ann->replica)) > head);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0); /* what was refused came again */
    assert_int_equal(ann->diverged, 0);
}

static bool is_unloaded(struct core_company *fixture)
{
    for (unsigned i = 0; i < 12000 && count(fixture, METRIC_BOARDS) > 0; i++) {
        core_loop_advance(fixture->world->loop, 1000);
        usleep(5000); /* the writer's thread and its disk are real */
    }
    return count(fixture, METRIC_BOARDS) == 0;
}

/* Ann writes and leaves; the board goes while so many snapshots fail. What it was, as a hash. */
static uint64_t write_and_unload(struct core_company *fixture, uint32_t fail_snapshots)
{
    core_peer_connect(fixture->ann, BOARD);
    core_peer_edit(fixture->ann, STICKY);
    core_company_settle(fixture);
    const uint64_t hash = core_peer_hash(fixture->ann);
    core_peer_drop(fixture->ann);
    fixture->world->fault.fail_snapshots = fail_snapshots;
    core_loop_advance(fixture->world->loop, 60000);
    assert_true(is_unloaded(fixture));
    return hash;
}

static void a_checkpoint_that_failed_is_made_up_for(void **state)
{
    struct core_company *fixture = *state;
    const uint64_t hash = write_and_unload(fixture, 2);
    assert_int_equal(fixture->world->fault.fail_snapshots, 0);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 1);
    core_peer_connect(fixture->ann, BOARD);
    assert_true(core_peer_hash(fixture->ann) == hash);
}

static void a_board_is_unloaded_without_a_checkpoint_when_none_can_be_stored(void **state)
{
    struct core_company *fixture = *state;
    const uint64_t hash = write_and_unload(fixture, 1000);
    assert_int_equal(count(fixture, METRIC_CHECKPOINTS), 0);
    core_peer_connect(fixture->ann, BOARD); /* the journal has it all */
    assert_true(core_peer_hash(fixture->ann) == hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mark_is_durable_with_its_entries_and_not_without),
        TEST(nobody_is_shown_what_the_disk_does_not_hold),
        TEST(a_board_that_cannot_be_loaded_is_neither_served_nor_saved),
        TEST(
            a_board_that_cannot_be_loaded_again_sends_everyone_away_and_keeps_what_was_acknowledged),
        TEST(a_checkpoint_that_failed_is_made_up_for),
        TEST(a_board_is_unloaded_without_a_checkpoint_when_none_can_be_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
