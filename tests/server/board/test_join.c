/* Joining, resuming and being brought up to date: S3, S5, S6, S8, and nothing visible before it
 * is durable. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD  0x1234567890abcdefULL
#define STICKY "[[1, 3, {1: [10, 20], 2: [100, 100], 4: 1}]]"

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_VIEWER);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

/* Ann writes more than a joiner would be sent as a tail. */
static void write_much(struct core_company *fixture)
{
    static char edit[8192];
    snprintf(edit, sizeof edit, "[[1, 3, {}], [4, 0, 5, 0, 0, '%0*d']]", 8000, 0);
    for (int i = 0; i < 40; i++) {
        core_peer_edit(fixture->ann, edit);
        core_company_settle(fixture);
        core_loop_advance(fixture->world->loop, 40);
    }
    core_company_settle(fixture);
}

/* Ann makes more stickies than are packed on the spot. */
static void fill(struct core_company *fixture)
{
    static char edit[8192];
    strcpy(edit, "[");
    for (int i = 0; i < 100; i++)
        strcat(edit, "[1, 3, {1: [10, 20]}], ");
    strcat(edit, "]");
    for (int i = 0; i < 12; i++) {
        core_peer_edit(fixture->ann, edit);
        core_company_settle(fixture);
        core_loop_advance(fixture->world->loop, 40);
    }
    core_company_settle(fixture);
    assert_true(pl_doc_object_n(pl_replica_doc(fixture->ann->replica)) > 1000);
}

/* Until the snapshot that somebody joined by is no longer kept. */
static void rest(struct core_company *fixture)
{
    for (int i = 0; i < 35; i++) {
        core_loop_advance(fixture->world->loop, 1000);
        core_company_settle(fixture);
    }
}

static void everyone_ends_with_the_same_state(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    assert_int_equal(ann->snapshots, 1);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    core_peer_connect(bo, BOARD);
    core_peer_edit(bo, STICKY);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(bo->replica), 0);
    assert_true(core_peer_hash(ann) == core_peer_hash(bo));
    assert_int_not_equal(ann->id, bo->id);
    /* the board, two persons, three stickies */
    assert_int_equal(pl_doc_object_n(pl_replica_doc(ann->replica)), 6);
}

static void batches_of_one_turn_are_one_append_and_one_frame(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_company_settle(fixture);
    uint32_t appends = fixture->world->fault.append_n, frames = ann->ops_frames, ops = ann->ops;
    for (int i = 0; i < 10; i++) {
        core_peer_edit(ann, STICKY);
        core_peer_edit(bo, STICKY);
    }
    core_company_settle(fixture);
    assert_int_equal(fixture->world->fault.append_n - appends, 1);
    assert_int_equal(ann->ops_frames - frames, 1);
    assert_int_equal(ann->ops - ops, 20);
}

static void who_comes_back_gets_only_what_it_missed_and_its_replica(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    uint32_t replica = ann->id, ops = ann->ops;
    core_peer_drop(ann);
    core_peer_edit_quietly(ann, STICKY); /* offline */
    for (int i = 0; i < 5; i++)
        core_peer_edit(bo, STICKY);
    core_company_settle(fixture);
    core_peer_connect(ann, BOARD);
    core_company_settle(fixture);
    assert_int_equal(ann->snapshots, 1); /* the first one */
    assert_int_equal(ann->ops - ops, 6); /* five missed, and its own */
    assert_int_equal(ann->id, replica);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_true(core_peer_hash(ann) == core_peer_hash(bo));
}

static void a_cached_snapshot_is_completed_by_its_tail(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo, *cy = fixture->cy;
    core_peer_connect(ann, BOARD);
    for (int i = 0; i < 20; i++) {
        core_peer_edit(ann, STICKY);
        core_company_settle(fixture);
    }
    core_peer_connect(bo, BOARD);
    uint64_t made = metrics_get(fixture->world->metrics, METRIC_SNAPSHOTS_SENT);
    for (int i = 0; i < 20; i++) {
        core_peer_edit(bo, STICKY);
        core_company_settle(fixture);
    }
    uint32_t ops = cy->ops;
    core_peer_connect(cy, BOARD);
    core_company_settle(fixture);
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_SNAPSHOTS_SENT) - made, 1);
    assert_true(cy->ops - ops >= 20); /* an older snapshot, and what came after it */
    assert_true(core_peer_hash(cy) == core_peer_hash(ann));
    assert_true(core_peer_hash(cy) == core_peer_hash(bo));
}

/* More than a tail is worth, so a snapshot must be made: for all who come in that moment, not only for the first. */
static void a_burst_shares_the_snapshot_that_the_first_of_them_needs(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *late[3];
    core_peer_connect(ann, BOARD);
    write_much(fixture);
    for (uint64_t i = 0; i < 3; i++) {
        late[i] = core_peer_new(fixture->world, 50 + i, "Late", PL_ROLE_VIEWER);
        core_peer_hello(late[i], BOARD);
    }
    for (int i = 0; i < 3; i++) { /* the people that came are told to all */
        core_peers_settle(fixture->world, late, 3);
        core_company_settle(fixture);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(late[i]->snapshots, 1);
        assert_in_range(late[i]->ops, 0, 5); /* the people that came */
        assert_true(core_peer_hash(late[i]) == core_peer_hash(ann));
        core_peer_free(late[i]);
    }
}

static void while_people_come_a_fresh_snapshot_is_kept_for_the_next(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    write_much(fixture);
    for (int i = 0; i < 7; i++) {
        core_loop_advance(fixture->world->loop, 1000);
        core_company_settle(fixture);
    }
    fixture->world->fault.hold = true; /* no snapshot could be made now */
    core_peer_edit(ann, STICKY);
    core_peer_hello(bo, BOARD);
    core_company_settle(fixture);
    assert_true(bo->welcomed);
    assert_in_range(bo->ops, 0, 5);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_true(core_peer_hash(bo) == core_peer_hash(ann));
}

static void nothing_is_shown_before_it_is_durable(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo, *cy = fixture->cy;
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_loop_advance(fixture->world->loop, 35000); /* the snapshot they shared is no longer kept */
    core_company_settle(fixture);
    uint32_t frames = bo->frames, snapshots = cy->snapshots;
    fixture->world->fault.hold = true;
    core_peer_edit(ann, STICKY);
    core_peer_hello(cy, BOARD); /* its snapshot would hold the edit */
    core_company_settle(fixture);
    assert_int_equal(bo->frames, frames);
    assert_int_equal(pl_replica_pending_n(ann->replica), 1);
    assert_int_equal(cy->snapshots, snapshots);
    assert_false(cy->welcomed);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_true(cy->identified);
    assert_true(core_peer_hash(cy) == core_peer_hash(bo));
    assert_true(core_peer_hash(cy) == core_peer_hash(ann));
}

/* A snapshot of a large board is made of what is on the disk, so that nobody waits for more. */
static void a_large_board_is_joined_while_the_disk_is_slow(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    fill(fixture);
    rest(fixture);
    const uint64_t hash = core_peer_hash(ann);
    fixture->world->fault.hold = true;
    core_peer_edit(ann, STICKY);
    core_peer_hello(bo, BOARD);
    core_company_settle(fixture);
    core_loop_turn(fixture->world->loop); /* what a worker was asked for */
    core_company_settle(fixture);
    assert_int_equal(bo->snapshots, 1);
    assert_true(core_peer_hash(bo) == hash);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_true(core_peer_hash(bo) == core_peer_hash(ann));
}

static void the_snapshot_on_the_disk_serves_those_who_join_a_loaded_board(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    fill(fixture);
    core_peer_drop(ann);
    for (int i = 0; i < 12000 && metrics_get(fixture->world->metrics, METRIC_BOARDS) > 0; i++) {
        core_loop_advance(fixture->world->loop, 1000); /* stored and unloaded */
        usleep(5000);                                  /* the writer's thread and its disk are real */
    }
    assert_int_equal(metrics_get(fixture->world->metrics, METRIC_BOARDS), 0);
    core_peer_connect(ann, BOARD);
    for (int i = 0; i < 10; i++) {
        core_peer_edit(ann, STICKY);
        core_company_settle(fixture);
    }
    core_peer_connect(bo, BOARD);
    core_company_settle(fixture);
    assert_int_equal(bo->snapshots, 1);
    assert_in_range(bo->ops, 10, 12); /* what came after it, and Bo's person */
    assert_true(core_peer_hash(bo) == core_peer_hash(ann));
}

static void what_the_journal_cannot_tell_is_packed_from_memory(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    fill(fixture);
    rest(fixture);
    fixture->world->fault.past_status = PL_IO;
    core_peer_connect(bo, BOARD);
    core_company_settle(fixture);
    assert_int_equal(bo->snapshots, 1);
    assert_in_range(bo->ops, 0, 2);
    assert_true(core_peer_hash(bo) == core_peer_hash(ann));
}

static void edits_during_a_join_follow_without_a_gap(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    core_company_settle(fixture);
    for (int round = 0; round < 20; round++) {
        core_peer_drop(bo);
        bo->lineage = 0; /* as a new tab */
        core_peer_edit(ann, STICKY);
        core_peer_hello(bo, BOARD);
        core_peer_edit(ann, STICKY);
        core_loop_turn(fixture->world->loop);
        core_peer_edit(ann, STICKY);
        core_peer_pump(bo); /* take_ops checks every seq */
        core_peer_edit(ann, STICKY);
        core_company_settle(fixture);
        assert_true(bo->identified);
        assert_true(core_peer_hash(ann) == core_peer_hash(bo));
    }
}

static void a_replica_belongs_to_one_user_and_one_socket(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    struct core_peer *clone = core_peer_new(fixture->world, 7, "Ann", PL_ROLE_EDITOR);
    core_peer_connect(ann, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    clone->lineage = bo->lineage = ann->lineage;
    clone->id = bo->id = ann->id;
    core_peer_connect(clone, BOARD); /* the same user, but the tab is there */
    assert_int_not_equal(clone->id, ann->id);
    uint32_t replica = ann->id;
    core_peer_drop(ann);
    core_peer_connect(bo, BOARD); /* free, but another's */
    assert_int_not_equal(bo->id, replica);
    core_peer_connect(ann, BOARD);
    assert_int_equal(ann->id, replica);
    core_peer_free(clone);
}

/* A tab whose socket hangs comes back by another and gives what it had pending new ids (R3): the
 * old socket, or what it left on its way to the disk, must not come after that. */
static void who_comes_back_is_not_overtaken_by_its_old_socket(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *again = core_peer_new(fixture->world, 7, "Ann", PL_ROLE_EDITOR);
    core_peer_connect(ann, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    again->lineage = ann->lineage;
    again->id = ann->id;
    fixture->world->fault.hold = true;
    core_peer_edit(ann, STICKY);
    core_loop_turn(fixture->world->loop);
    core_peer_hello(again, BOARD);
    core_company_settle(fixture);
    core_peer_pump(again);
    assert_false(again->welcomed);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    core_peer_pump(again);
    assert_true(again->welcomed);
    assert_int_not_equal(again->id, ann->id);
    assert_int_equal(again->head_seq, 4); /* the board, Ann, both stickies */
    assert_true(ann->closed);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    core_peer_pump(again);
    assert_int_equal(again->last_seq, 4);
    core_peer_free(again);
}

static void a_replica_is_welcomed_only_when_all_it_sent_is_durable(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann;
    core_peer_connect(ann, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    uint32_t replica = ann->id;
    size_t objects = pl_doc_object_n(pl_replica_doc(ann->replica));
    fixture->world->fault.hold = true;
    core_peer_edit(ann, STICKY);
    core_loop_turn(fixture->world->loop);
    core_peer_hello(ann, BOARD); /* a new socket; the old one's edit is on its way to the disk */
    core_company_settle(fixture);
    assert_false(ann->welcomed);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_true(ann->identified);
    assert_int_equal(ann->id, replica);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(ann->replica)), objects + 1); /* once */
}

static void another_lineage_or_a_seq_from_the_future_gets_a_snapshot(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann;
    core_peer_connect(ann, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    core_peer_drop(ann);
    ann->lineage ^= 1;
    core_peer_connect(ann, BOARD);
    assert_int_equal(ann->snapshots, 2);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(ann->replica)), 3);
}

static void a_restart_is_a_resume(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *ann = fixture->ann, *bo = fixture->bo;
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_peer_edit(ann, STICKY);
    core_company_settle(fixture);
    core_peer_drop(ann);
    core_peer_drop(bo);
    uint32_t replica = ann->id;
    core_world_restart(fixture->world);
    core_peer_edit_quietly(ann, STICKY);
    core_peer_connect(ann, BOARD);
    core_peer_connect(bo, BOARD);
    core_company_settle(fixture);
    assert_int_equal(ann->snapshots, 1);
    assert_int_equal(ann->id, replica);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    assert_true(core_peer_hash(ann) == core_peer_hash(bo));
}

static void a_person_is_written_once_and_renamed_when_renamed(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *cy = fixture->cy;
    core_peer_connect(cy, BOARD);
    core_company_settle(fixture);
    uint64_t head = pl_doc_head(pl_replica_doc(cy->replica));
    assert_int_equal(head, 2); /* the board, Cy */
    core_peer_connect(cy, BOARD);
    core_company_settle(fixture);
    assert_int_equal(pl_doc_head(pl_replica_doc(cy->replica)), head);
    cy->name[0] = 'D';
    core_peer_connect(cy, BOARD);
    core_company_settle(fixture);
    assert_int_equal(pl_doc_head(pl_replica_doc(cy->replica)), head + 1);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(cy->replica)), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everyone_ends_with_the_same_state),
        TEST(batches_of_one_turn_are_one_append_and_one_frame),
        TEST(who_comes_back_gets_only_what_it_missed_and_its_replica),
        TEST(a_cached_snapshot_is_completed_by_its_tail),
        TEST(a_burst_shares_the_snapshot_that_the_first_of_them_needs),
        TEST(while_people_come_a_fresh_snapshot_is_kept_for_the_next),
        TEST(nothing_is_shown_before_it_is_durable),
        TEST(a_large_board_is_joined_while_the_disk_is_slow),
        TEST(the_snapshot_on_the_disk_serves_those_who_join_a_loaded_board),
        TEST(what_the_journal_cannot_tell_is_packed_from_memory),
        TEST(edits_during_a_join_follow_without_a_gap),
        TEST(a_replica_belongs_to_one_user_and_one_socket),
        TEST(who_comes_back_is_not_overtaken_by_its_old_socket),
        TEST(a_replica_is_welcomed_only_when_all_it_sent_is_durable),
        TEST(another_lineage_or_a_seq_from_the_future_gets_a_snapshot),
        TEST(a_restart_is_a_resume),
        TEST(a_person_is_written_once_and_renamed_when_renamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
