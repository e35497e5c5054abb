/* One connection from HELLO to close: S2, S11, S13 to S15, and the rates that pause but never
 * refuse. */
#include "tests/support/core_company.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD 0x00ff00ff00ff00ffULL

static int set_up(void **state)
{
    static struct core_company fixture;
    core_company_begin(&fixture, BOARD, PL_ROLE_NONE);
    core_peer_connect(fixture.bo, BOARD);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    core_company_end(*state);
    return 0;
}

static void pass(struct core_company *fixture, uint64_t ms)
{
    core_loop_advance(fixture->world->loop, ms);
    core_company_settle(fixture);
}

static uint64_t count(struct core_company *fixture, enum metric metric)
{
    return metrics_get(fixture->world->metrics, metric);
}

/* Ann's session ended with this; Bo noticed nothing and still works. */
static void expect_end(struct core_company *fixture, enum pl_status code, uint16_t ws_status)
{
    core_company_settle(fixture);
    assert_true(fixture->ann->closed);
    assert_int_equal(fixture->ann->error, code);
    assert_int_equal(fixture->ann->ws_status, ws_status);
    assert_false(fixture->bo->closed);
    core_peer_edit(fixture->bo, "[[1, 3, {}]]");
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->bo->replica), 0);
}

static void a_silent_socket_is_closed_after_five_seconds(void **state)
{
    struct core_company *fixture = *state;
    core_peer_socket(fixture->ann);
    pass(fixture, PL_HELLO_MS_MAX - 500);
    assert_false(fixture->ann->closed);
    pass(fixture, 1600);
    expect_end(fixture, PL_TIMEOUT, 1008);
    assert_int_equal(count(fixture, METRIC_SESSIONS_TIMEOUT), 1);
}

static void another_schema_is_refused_by_name(void **state)
{
    struct core_company *fixture = *state;
    core_peer_socket(fixture->ann);
    core_peer_send(fixture->ann, "[1, 2, 'x', nil, nil, nil]");
    expect_end(fixture, PL_VERSION, 1008);
    assert_int_equal(count(fixture, METRIC_REFUSED_VERSION), 1);
}

static void an_unknown_ticket_is_refused(void **state)
{
    struct core_company *fixture = *state;
    core_peer_socket(fixture->ann);
    core_peer_send(fixture->ann,
                   "[1, 1, 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', nil, nil, nil]");
    expect_end(fixture, PL_TICKET, 1008);
    assert_int_equal(count(fixture, METRIC_REFUSED_TICKET), 1);
}

static void a_ticket_serves_once(void **state)
{
    struct core_company *fixture = *state;
    struct grant grant = {.board = BOARD, .user = 7, .role = PL_ROLE_EDITOR, .name = "Ann"};
    char ticket[TICKET_TEXT_BYTES], text[100];
    assert_int_equal(
        tickets_issue(fixture->world->tickets, &grant, loop_now_ms(fixture->world->port), ticket),
        PL_OK);
    snprintf(text, sizeof text, "[1, 1, '%s', nil, nil, nil]", ticket);
    core_peer_socket(fixture->ann);
    core_peer_send(fixture->ann, text);
    core_company_settle(fixture);
    assert_true(fixture->ann->welcomed);
    core_peer_socket(fixture->ann);
    core_peer_send(fixture->ann, text);
    expect_end(fixture, PL_TICKET, 1008);
}

static void what_does_not_come_then_ends_the_session(void **state)
{
    struct core_company *fixture = *state;
    const char *early[] = {"[13, 1, 0]", "[6, 0, nil]", "[12, nil]", "[14, 1, 1]"};
    const char *late[] = {"[1, 1, 'x', nil, nil, nil]", "[14, 1, 1]", "[7, 0, []]", "[8, 0, 1]"};
    for (size_t i = 0; i < 4; i++) {
        core_peer_socket(fixture->ann);
        core_peer_send(fixture->ann, early[i]);
        expect_end(fixture, PL_STATE, 1002);
        core_peer_connect(fixture->ann, BOARD);
        core_peer_send(fixture->ann, late[i]);
        expect_end(fixture, PL_STATE, 1002);
    }
    assert_int_equal(count(fixture, METRIC_REFUSED_STATE), 8);
}

static void a_malformed_message_ends_that_session_alone(void **state)
{
    struct core_company *fixture = *state;
    const struct pl_slice messages[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\xc1", 1},
        {(const uint8_t *)"\x91\x7f", 2},             /* no such number */
        {(const uint8_t *)"\x92\x0d", 2},             /* cut short */
        {(const uint8_t *)"\x92\x0d\x01\x00", 4},     /* bytes left over */
        {(const uint8_t *)"\xdd\xff\xff\xff\xff", 5}, /* a count nobody can keep */
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        core_peer_connect(fixture->ann, BOARD);
        core_peer_send_bytes(fixture->ann, messages[i]);
        expect_end(fixture, PL_MALFORMED, 1002);
        core_peer_send(fixture->ann, "[13, 1, 0]"); /* nothing more is listened to */
        core_company_settle(fixture);
        assert_int_equal(fixture->ann->pongs, 0);
    }
    assert_int_equal(count(fixture, METRIC_REFUSED_MALFORMED), 6);
}

static void random_bytes_never_hurt_anybody_else(void **state)
{
    struct core_company *fixture = *state;
    unsigned random = 12345;
    for (int round = 0; round < 300; round++) {
        uint8_t bytes[64];
        core_peer_connect(fixture->ann, BOARD);
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * 1103515245u + 12345u;
            bytes[i] = (uint8_t)(random >> 16);
        }
        bytes[0] = 0x90 | (bytes[0] & 15);
        bytes[1] = (uint8_t)(bytes[1] % 18);
        core_peer_send_bytes(fixture->ann, (struct pl_slice){bytes, 2 + random % 60});
        core_company_settle(fixture);
    }
    assert_false(fixture->bo->closed);
    core_peer_edit(fixture->bo, "[[1, 3, {}]]");
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->bo->replica), 0);
}

static void too_large_a_message_or_presence_is_named(void **state)
{
    struct core_company *fixture = *state;
    size_t len = PL_FRAME_BYTES_MAX + 1;
    char *text = malloc(len + 100);
    core_peer_connect(fixture->ann, BOARD);
    memset(text, 0xc0, len);
    core_peer_send_bytes(fixture->ann, (struct pl_slice){(const uint8_t *)text, len});
    expect_end(fixture, PL_TOO_BIG, 1009);
    core_peer_connect(fixture->ann, BOARD);
    int at = sprintf(text, "[12, '");
    memset(text + at, 'x', PL_PRESENCE_BYTES_MAX);
    strcpy(text + at + PL_PRESENCE_BYTES_MAX, "']");
    core_peer_send(fixture->ann, text);
    expect_end(fixture, PL_TOO_BIG, 1009);
    core_peer_connect(fixture->ann, BOARD);
    session_violation(fixture->ann->session,
                      PL_TOO_BIG); /* as net tells of a text frame or too many pieces */
    expect_end(fixture, PL_TOO_BIG, 1009);
    free(text);
}

static void a_ping_is_answered_and_counts_as_life(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (int i = 0; i < 4; i++) {
        pass(fixture, 40000);
        core_peer_send(fixture->ann, "[13, 5, 0]");
        core_peer_send(fixture->bo, "[13, 5, 0]");
        core_company_settle(fixture);
    }
    assert_int_equal(fixture->ann->pongs, 4);
    assert_false(fixture->ann->closed);
    pass(fixture, 40000);
    core_peer_send(fixture->bo, "[13, 5, 0]");
    pass(fixture, 22000);
    expect_end(fixture, PL_TIMEOUT, 1008);
}

static void a_link_that_ends_ends_the_session(void **state)
{
    struct core_company *fixture = *state;
    struct grant grant = {.board = BOARD, .user = 7, .role = PL_ROLE_EDITOR, .name = "Ann"};
    char ticket[TICKET_TEXT_BYTES], text[100];
    grant.expires_ms = loop_wall_ms(fixture->world->port) + 10000;
    assert_int_equal(
        tickets_issue(fixture->world->tickets, &grant, loop_now_ms(fixture->world->port), ticket),
        PL_OK);
    snprintf(text, sizeof text, "[1, 1, '%s', nil, nil, nil]", ticket);
    core_peer_socket(fixture->ann);
    core_peer_send(fixture->ann, text);
    pass(fixture, 9000);
    assert_false(fixture->ann->closed);
    pass(fixture, 2500);
    expect_end(fixture, PL_EXPIRED, 1008);
}

static void too_many_batches_pause_the_socket_and_lose_nothing(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (unsigned i = 0; i < PL_BATCHES_BURST; i++) {
        if (i % 10 == 0) /* not all in one turn */
            core_loop_advance(fixture->world->loop, 1);
        core_peer_edit(fixture->ann, "[[1, 3, {}]]");
    }
    assert_false(fixture->ann->paused);
    for (unsigned i = 0; i < 30; i++) /* what was on its way already */
        core_peer_edit(fixture->ann, "[[1, 3, {}]]");
    assert_true(fixture->ann->paused);
    core_company_settle(fixture);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 0);
    assert_int_equal(fixture->ann->rejects, 0);
    pass(fixture, 900);
    assert_true(fixture->ann->paused);
    pass(fixture, 200); /* 30 a second */
    assert_false(fixture->ann->paused);
}

static void many_batches_in_one_turn_pause_the_socket_for_a_moment(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (unsigned i = 0; i < 17; i++)
        core_peer_edit(fixture->ann, "[[1, 3, {}]]");
    assert_true(fixture->ann->paused);
    pass(fixture, 20);
    assert_false(fixture->ann->paused);
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 0);
}

static unsigned paused_n(struct core_peer *const *peers, size_t n)
{
    unsigned paused = 0;
    for (size_t i = 0; i < n; i++)
        paused += peers[i]->paused;
    return paused;
}

static void those_who_were_paused_go_on_a_few_at_a_time_the_first_first(void **state)
{
    struct core_company *fixture = *state;
    struct core_peer *peers[20];
    for (size_t i = 0; i < 20; i++) {
        peers[i] = core_peer_new(fixture->world, 100 + i, "One", PL_ROLE_EDITOR);
        core_peer_connect(peers[i], BOARD);
    }
    for (size_t i = 0; i < 20; i++) {
        for (unsigned k = 0; k < 17; k++)
            core_peer_edit(peers[i], "[[1, 3, {}]]");
    }
    assert_int_equal(paused_n(peers, 20), 20);
    pass(fixture, 20);
    assert_int_equal(paused_n(peers, 8), 0);
    assert_int_equal(paused_n(peers, 20), 12);
    for (unsigned k = 0; k < 17; k++)
        core_peer_edit(peers[0], "[[1, 3, {}]]"); /* who comes again comes behind the others */
    pass(fixture, 20);
    assert_int_equal(paused_n(peers, 20), 5);
    assert_true(peers[0]->paused);
    pass(fixture, 20);
    assert_int_equal(paused_n(peers, 20), 0);
    for (size_t i = 0; i < 20; i++)
        core_peer_free(peers[i]);
}

static void too_many_bytes_pause_the_socket(void **state)
{
    struct core_company *fixture = *state;
    core_peer_connect(fixture->ann, BOARD);
    for (unsigned i = 0; i < PL_BYTES_BURST / 64 + 10; i++) /* small messages count 64 */
        core_peer_send(fixture->ann, "[13, 5, 0]");
    assert_true(fixture->ann->paused);
    pass(fixture, 1000);
    assert_false(fixture->ann->paused);
    assert_false(fixture->ann->closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_silent_socket_is_closed_after_five_seconds),
        TEST(another_schema_is_refused_by_name),
        TEST(an_unknown_ticket_is_refused),
        TEST(a_ticket_serves_once),
        TEST(what_does_not_come_then_ends_the_session),
        TEST(a_malformed_message_ends_that_session_alone),
        TEST(random_bytes_never_hurt_anybody_else),
        TEST(too_large_a_message_or_presence_is_named),
        TEST(a_ping_is_answered_and_counts_as_life),
        TEST(a_link_that_ends_ends_the_session),
        TEST(too_many_batches_pause_the_socket_and_lose_nothing),
        TEST(many_batches_in_one_turn_pause_the_socket_for_a_moment),
        TEST(those_who_were_paused_go_on_a_few_at_a_time_the_first_first),
        TEST(too_many_bytes_pause_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
