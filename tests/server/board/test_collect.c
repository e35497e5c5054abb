/* Tombstones go when they outweigh the living, and not before every tab has settled what it made. Rules G1, G3. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD   0x0c011ec70c011ec7ULL
#define MINUTES 60000ULL

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_NONE);
    core_company_connect(&fixture, BOARD);
    core_company_settle(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

static const struct pl_doc *board_of(const struct core_peer *peer)
{
    return pl_replica_doc(peer->replica);
}

/* Makes and deletes stickies in as many batches: some 300 KB of dead. */
static void churn(struct core_company *fixture)
{
    char *edits = malloc(1u << 20);
    for (int round = 0; round < 300; round++) {
        char *at = edits + sprintf(edits, "[");
        for (int i = 0; i < 4; i++)
            at += sprintf(at, "%s[1, 3, {}], [3, %d]", i == 0 ? "" : ", ", i * 2);
        strcpy(at, "]");
        core_peer_edit(fixture->ann, edits);
        if (round % 20 == 0)
            core_company_settle(fixture);
    }
    free(edits);
    core_company_settle(fixture);
}

static void settle_all(struct core_company *fixture)
{
    for (size_t i = 0; i < 2; i++) {
        char ping[64];
        snprintf(ping, sizeof ping, "[13, 1, %llu]",
                 (unsigned long long)pl_doc_head(board_of(fixture->all[i])));
        core_peer_send(fixture->all[i], ping);
    }
}

static void later(struct core_company *fixture, uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += 20000) { /* heartbeats go on meanwhile, and tell nothing */
        for (size_t i = 0; i < 2; i++)
            core_peer_send(fixture->all[i], "[13, 1, 0]");
        core_loop_advance(fixture->world->loop, 20000);
        core_company_settle(fixture);
    }
}

static void the_dead_go_when_they_outweigh_the_living(void **state)
{
    struct core_company *fixture = *state;
    churn(fixture);
    assert_true(pl_doc_object_n(board_of(fixture->bo)) > 1200);
    later(fixture, 11 * MINUTES);
    const uint64_t marked = pl_doc_collect_seq(board_of(fixture->bo));
    assert_true(marked > 0);
    assert_true(pl_doc_object_n(board_of(fixture->bo)) > 1200); /* found dead once */
    later(fixture, 11 * MINUTES);
    assert_true(pl_doc_collect_seq(board_of(fixture->bo)) == marked); /* nobody said they saw it */
    settle_all(fixture);
    later(fixture, 1 * MINUTES);
    assert_true(pl_doc_collect_seq(board_of(fixture->bo)) > marked);
    settle_all(fixture);
    later(fixture, 11 * MINUTES);
    assert_true(pl_doc_object_n(board_of(fixture->bo)) < 10);
    assert_true(core_peer_hash(fixture->ann) == core_peer_hash(fixture->bo));
    /* And nothing more happens while there is nothing to do. */
    const uint64_t head = pl_doc_head(board_of(fixture->bo));
    settle_all(fixture);
    later(fixture, 30 * MINUTES);
    assert_true(pl_doc_head(board_of(fixture->bo)) == head);
}

static void a_board_of_the_living_is_left_alone(void **state)
{
    struct core_company *fixture = *state;
    for (int i = 0; i < 300; i++)
        core_peer_edit(fixture->ann, "[[1, 3, {}]]");
    core_company_settle(fixture);
    settle_all(fixture);
    later(fixture, 30 * MINUTES);
    assert_true(pl_doc_collect_seq(board_of(fixture->bo)) == 0);
}

static void collected_boards_come_back_the_same(void **state)
{
    struct core_company *fixture = *state;
    churn(fixture);
    later(fixture, 11 * MINUTES);
    settle_all(fixture);
    later(fixture, 11 * MINUTES);
    const uint64_t hash = core_peer_hash(fixture->ann);
    for (size_t i = 0; i < 2; i++)
        core_peer_drop(fixture->all[i]);
    core_world_restart(fixture->world);
    core_peer_connect(fixture->ann, BOARD);
    struct core_peer *fresh = core_peer_new(fixture->world, 9, "Cy", PL_ROLE_EDITOR);
    core_peer_connect(fresh, BOARD);
    struct core_peer *both[] = {fixture->ann, fresh};
    core_peers_settle(fixture->world, both, 2);
    assert_true(core_peer_hash(fresh) == core_peer_hash(fixture->ann));
    assert_true(pl_doc_collect_seq(board_of(fresh)) == pl_doc_collect_seq(board_of(fixture->ann)));
    assert_int_not_equal(hash, 0);
    core_peer_free(fresh);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_dead_go_when_they_outweigh_the_living),
        T(a_board_of_the_living_is_left_alone),
        T(collected_boards_come_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
