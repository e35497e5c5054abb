/* Running out of memory, one allocation at a time: sessions may end and a board may load again,
 * but nothing crashes, nothing leaks, nothing acknowledged is lost, and with memory back
 * everything works. */
#include "base/log.h"
#include "tests/support/core_peer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define BOARD 0x1111000011110000ULL

/* Fails the allocation numbered `fail_at`, and a few after it. */
struct scarce {
    uint64_t n, fail_at, fail_n;
    long live;
};

static void *resize(void *user, void *block_or_null, size_t bytes)
{
    struct scarce *scarce = user;
    if (bytes == 0) {
        scarce->live -= block_or_null != NULL;
        free(block_or_null);
        return NULL;
    }
    uint64_t at = scarce->n++;
    if (at >= scarce->fail_at && at < scarce->fail_at + scarce->fail_n)
        return NULL;
    void *block = realloc(block_or_null, bytes);
    scarce->live += block_or_null == NULL && block != NULL;
    return block;
}

/* Lets time pass for clocks and for the writer's thread. */
static bool poll(struct core_peer *const *peers, bool (*done)(struct core_peer *const *peers))
{
    for (int i = 0; i < 1000; i++) {
        core_loop_advance(peers[0]->world->loop, 100);
        core_peers_settle(peers[0]->world, peers, 2);
        if (done(peers))
            return true;
        usleep(200);
    }
    return false;
}

static bool answered(struct core_peer *const *peers)
{
    return (peers[0]->identified || peers[0]->closed) && (peers[1]->identified || peers[1]->closed);
}

static bool healthy(struct core_peer *const *peers)
{
    for (size_t i = 0; i < 2; i++) {
        if (peers[i]->closed)
            core_peer_hello(peers[i], BOARD);
        core_peer_send(peers[i], "[13, 1, 0]");
        if (!peers[i]->identified || peers[i]->board_state != BOARD_READY ||
            pl_replica_pending_n(peers[i]->replica) > 0)
            return false;
    }
    return core_peer_hash(peers[0]) == core_peer_hash(peers[1]);
}

/* Joins, edits, presence, a resume; how many allocations it took. */
static uint64_t story(uint64_t fail_at, uint64_t fail_n)
{
    struct scarce scarce = {.fail_at = UINT64_MAX};
    struct pl_mem mem = {.resize = resize, .user = &scarce};
    struct core_world *world = core_world_new_mem(&mem);
    struct core_peer *peers[2] = {core_peer_new(world, 7, "Ann", PL_ROLE_EDITOR),
                                  core_peer_new(world, 8, "Bo", PL_ROLE_EDITOR)};
    core_world_board(world, BOARD, "Plans");
    uint64_t start = scarce.n;
    scarce.fail_at = start + fail_at;
    scarce.fail_n = fail_n;
    for (size_t i = 0; i < 2; i++)
        core_peer_hello(peers[i], BOARD);
    if (!poll(peers, answered))
        fail_msg("never answered after allocation %llu failed", (unsigned long long)fail_at);
    size_t edits = 0;
    for (int round = 0; round < 4; round++) {
        core_peers_settle(world, peers, 2);
        for (size_t i = 0; i < 2; i++) {
            if (peers[i]->id == 0)
                continue; /* was never welcomed: it has no name for what it makes */
            core_peer_edit(peers[i], "[[1, 3, {1: [1, 1]}], [4, 0, 5, 0, 0, 'text']]");
            edits++;
        }
        core_peer_send(peers[0], "[12, {'c': [1, 2]}]");
        core_peer_send(peers[0], "[17, 0, 2]"); /* looks back */
        core_peers_settle(world, peers, 2);
        core_loop_advance(world->loop, 60);
    }
    core_peers_settle(world, peers, 2);
    uint64_t used = scarce.n - start;
    scarce.fail_at = UINT64_MAX;
    if (!poll(peers, healthy))
        fail_msg("not well after allocation %llu failed", (unsigned long long)fail_at);
    assert_int_equal(pl_doc_object_n(pl_replica_doc(peers[0]->replica)),
                     3 + edits); /* the board, two persons */
    core_peer_free(peers[0]);
    core_peer_free(peers[1]);
    core_world_free(world);
    assert_int_equal(scarce.live, 0);
    return used;
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    uint64_t n = story(UINT64_MAX / 2, 0);
    assert_true(n > 100);
    for (uint64_t at = 0; at < n; at += 1 + n / 400)
        story(at, 1);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    uint64_t n = story(UINT64_MAX / 2, 0);
    for (uint64_t at = 0; at < n; at += 1 + n / 100)
        story(at, 20);
}

int main(void)
{
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_allocation_may_fail),
        cmocka_unit_test(a_spell_without_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
