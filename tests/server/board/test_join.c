/* Joining, resuming and being brought up to date: S3, S5, S8, and "durable before visible". */
#include "tests/support/core_peer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define BOARD 0x1234567890abcdefULL
#define STICKY "[[1, 3, {1: [10, 20], 2: [100, 100], 4: 1}]]"

static void everyone_ends_with_the_same_state(void **state)
{
    struct core_world *world = core_world_new();
    struct core_peer *ann = core_peer_new(world, 7, "Ann", PL_ROLE_EDITOR);
    struct core_peer *bo = core_peer_new(world, 8, "Bo", PL_ROLE_EDITOR);
    struct core_peer *both[] = {ann, bo};
    (void)state;
    core_world_board(world, BOARD, "Plans");
    core_peer_connect(ann, BOARD);
    assert_true(ann->identified);
    assert_int_equal(ann->snapshots, 1);
    core_peer_edit(ann, STICKY);
    core_peers_settle(world, both, 2);
    assert_int_equal(pl_replica_pending_n(ann->replica), 0);
    core_peer_connect(bo, BOARD);
    core_peer_edit(bo, STICKY);
    core_peer_edit(ann, STICKY);
    core_peers_settle(world, both, 2);
    assert_int_equal(pl_replica_pending_n(bo->replica), 0);
    assert_int_equal(core_peer_hash(ann), core_peer_hash(bo));
    assert_int_not_equal(ann->id, bo->id);
    /* the board, two persons, three stickies */
    assert_int_equal(pl_doc_object_n(pl_replica_doc(ann->replica)), 6);
    core_peer_free(ann);
    core_peer_free(bo);
    core_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_ends_with_the_same_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
