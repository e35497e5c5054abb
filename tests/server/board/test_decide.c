/* What becomes of a batch: S7, S9, B4, B5, O3. Bodies are written by hand; Bo watches what
 * everyone sees. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD 0x1111222233334444ULL

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_NONE);
    fixture.ann->raw = true;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

static void connect(struct core_company *fixture)
{
    core_peer_connect(fixture->ann, BOARD);
    core_peer_connect(fixture->bo, BOARD);
    core_company_settle(fixture);
}

/* BATCH from Ann: her replica, the counter, lam and ops as a literal. */
static void send(struct core_company *fixture, uint64_t ctr, uint64_t lam, const char *ops)
{
    char *text = malloc(strlen(ops) + 200);
    sprintf(text, "[6, 0, [%u, %llu, %llu, %s]]", fixture->ann->id, (unsigned long long)ctr,
            (unsigned long long)lam, ops);
    core_peer_send(fixture->ann, text);
    free(text);
    core_company_settle(fixture);
}

#define STICKY "[[0, 3, {1: [1, 2], 4: 1}]]"

static void the_next_counter_is_accepted(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    uint32_t ops = fixture->bo->ops;
    send(fixture, 1, 10, STICKY);
    assert_int_equal(fixture->bo->ops - ops, 1);
    assert_int_equal(fixture->ann->rejects + fixture->ann->gaps + fixture->ann->acks, 0);
}

static void a_repeated_counter_is_acknowledged_and_takes_no_seq(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    send(fixture, 1, 10, STICKY);
    uint64_t head = fixture->bo->last_seq;
    send(fixture, 1, 10, STICKY);
    assert_int_equal(fixture->ann->acks, 1);
    assert_int_equal(fixture->ann->ack_hwm, 1);
    assert_int_equal(fixture->bo->last_seq, head);
}

static void a_repeat_is_not_acknowledged_before_the_first_is_durable(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    fixture->world->fault.hold = true;
    send(fixture, 1, 10, STICKY);
    send(fixture, 1, 10, STICKY);
    assert_int_equal(fixture->ann->acks, 0);
    core_fault_release(fixture->world);
    core_company_settle(fixture);
    assert_int_equal(fixture->ann->acks, 1);
}

static void a_gap_asks_for_what_is_missing(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    uint32_t ops = fixture->bo->ops;
    send(fixture, 5, 10, STICKY);
    assert_int_equal(fixture->ann->gaps, 1);
    assert_int_equal(fixture->ann->reject_ctr0, 1);
    assert_int_equal(fixture->bo->ops, ops);
    send(fixture, 6, 10, STICKY); /* behind the same hole: asked once is enough */
    assert_int_equal(fixture->ann->gaps, 1);
    send(fixture, 1, 10, STICKY);
    assert_int_equal(fixture->bo->ops, ops + 1);
    send(fixture, 5, 10, STICKY); /* another hole */
    assert_int_equal(fixture->ann->gaps, 2);
    assert_int_equal(fixture->ann->reject_ctr0, 2);
}

static void expect_void(struct core_company *fixture, enum pl_status code, const char *ops, uint64_t lam)
{
    uint32_t before = fixture->bo->ops;
    send(fixture, 1, lam, ops);
    assert_int_equal(fixture->ann->rejects, 1);
    assert_int_equal(fixture->ann->reject_code, code);
    assert_int_equal(fixture->ann->reject_ctr0, 1);
    assert_int_equal(fixture->bo->ops - before, 1); /* the void, for everyone */
    assert_true(core_peer_hash(fixture->ann) == core_peer_hash(fixture->bo));
    struct pl_replica_row row;
    assert_true(pl_doc_replica(pl_replica_doc(fixture->bo->replica), fixture->ann->id, &row));
    assert_true(row.hwm ==
                fixture->ann->reject_n); /* its counters are spent: the next batch fits */
    uint32_t after = fixture->bo->ops;
    send(fixture, row.hwm + 1, 20, STICKY);
    assert_int_equal(fixture->bo->ops - after, 1);
    assert_int_equal(fixture->ann->rejects, 1);
}

static void an_orphan_becomes_a_void(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    expect_void(fixture, PL_ORPHAN, "[[1, [99, 1], 4, 2]]", 10);
}

static void a_clock_too_far_ahead_becomes_a_void(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    expect_void(fixture, PL_CLOCK, STICKY, 3000000);
}

static void what_the_schema_forbids_becomes_a_void(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    expect_void(fixture, PL_INVALID, "[[0, 3, {1: 'here'}]]", 10);
}

static void what_the_server_alone_writes_becomes_a_void(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    expect_void(fixture, PL_PERM, "[[0, 2, {8: 7, 9: 'Eve'}]]", 10);
}

static void too_much_text_becomes_a_void(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    size_t n = PL_TEXT_SCALARS_MAX + 1;
    char *ops = malloc(n + 100);
    int at = sprintf(ops, "[[0, 3, {}], [2, [%u, 1], 5, nil, nil, '", fixture->ann->id);
    memset(ops + at, 'x', n);
    strcpy(ops + (size_t)at + n, "']]");
    expect_void(fixture, PL_TOO_BIG, ops, 10);
    free(ops);
}

static void who_may_not_write_is_refused_without_a_seq(void **state)
{
    struct core_company *fixture = *state;
    fixture->ann->role = PL_ROLE_VIEWER;
    connect(fixture);
    uint32_t ops = fixture->bo->ops;
    send(fixture, 1, 10, STICKY);
    assert_int_equal(fixture->ann->reject_code, PL_PERM);
    assert_int_equal(fixture->bo->ops, ops);
    assert_false(fixture->ann->closed);
}

static void anothers_replica_is_refused_without_a_seq(void **state)
{
    struct core_company *fixture = *state;
    char text[200];
    connect(fixture);
    uint32_t ops = fixture->bo->ops;
    for (uint32_t replica = 0; replica <= fixture->bo->id + 5; replica++) {
        if (replica == fixture->ann->id)
            continue;
        snprintf(text, sizeof text, "[6, 0, [%u, 1, 10, %s]]", replica, STICKY);
        core_peer_send(fixture->ann, text);
    }
    core_company_settle(fixture);
    assert_true(fixture->ann->rejects >= 3);
    assert_int_equal(fixture->ann->reject_code, PL_PERM);
    assert_int_equal(fixture->bo->ops, ops);
    core_peer_edit(fixture->bo, "[[1, 3, {}]]"); /* Bo's counters are untouched */
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->bo->replica), 0);
    assert_int_equal(fixture->bo->gaps + fixture->bo->rejects, 0);
}

static void a_malformed_body_ends_that_session_alone(void **state)
{
    struct core_company *fixture = *state;
    const char *bodies[] = {"[6, 0, [1, 1]]", "[6, 0, 'x']", "[6, 0, [1, 1, 1, [[9]]]]",
                            "[6, 1, nil]"};
    connect(fixture);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        core_peer_connect(fixture->ann, BOARD);
        core_peer_send(fixture->ann, bodies[i]);
        core_company_settle(fixture);
        assert_true(fixture->ann->closed);
        assert_int_equal(fixture->ann->error, PL_MALFORMED);
        assert_int_equal(fixture->ann->ws_status, 1002);
    }
    core_peer_edit(fixture->bo, "[[1, 3, {}]]");
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->bo->replica), 0);
    assert_false(fixture->bo->closed);
}

static void the_servers_time_never_goes_back(void **state)
{
    struct core_company *fixture = *state;
    connect(fixture);
    send(fixture, 1, 10, STICKY);
    uint64_t before = pl_doc_srv_ms(pl_replica_doc(fixture->bo->replica));
    core_loop_wall_set(fixture->world->loop, before - 100000);
    send(fixture, 2, 11, STICKY);
    assert_true(pl_doc_srv_ms(pl_replica_doc(fixture->bo->replica)) == before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_next_counter_is_accepted),
        TEST(a_repeated_counter_is_acknowledged_and_takes_no_seq),
        TEST(a_repeat_is_not_acknowledged_before_the_first_is_durable),
        TEST(a_gap_asks_for_what_is_missing),
        TEST(an_orphan_becomes_a_void),
        TEST(a_clock_too_far_ahead_becomes_a_void),
        TEST(what_the_schema_forbids_becomes_a_void),
        TEST(what_the_server_alone_writes_becomes_a_void),
        TEST(too_much_text_becomes_a_void),
        TEST(who_may_not_write_is_refused_without_a_seq),
        TEST(anothers_replica_is_refused_without_a_seq),
        TEST(a_malformed_body_ends_that_session_alone),
        TEST(the_servers_time_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
