/* A real server whose sockets fail: each send, receive and accept once, in every way that the kernel knows. A connection
 * that is gone is closed; everybody else is served, in order and without a gap; what was acknowledged stays. A call that
 * only did less than was asked, or is to be tried again, costs nobody anything. */
#include "proto/doc.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "tests/support/core_check.h"
#include "tests/support/live_peer.h"
#include "tests/support/long_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BUFFER_BYTES (PL_FRAME_BYTES_MAX + 4096)
#define TRIES_MAX    20 /* of a join, or of rounds until the call came */

struct person {
    struct live_peer peer;
    bool there;
    uint64_t seq; /* the last that came; 0: none yet */
};

struct fixture {
    struct live_server server;
    struct live_board board;
    struct person editor, viewer;
    char fault[80];
    uint8_t *buffer;
    uint64_t ctr;          /* the editor's next */
    uint64_t acknowledged; /* the last of the editor's seqs */
    unsigned ended_n;
};

static void fault_set(const struct fixture *fixture, const char *text)
{
    FILE *file = fopen(fixture->fault, "w");
    CORE_CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* The call that was to fail has come. */
static bool fault_came(const struct fixture *fixture)
{
    FILE *file = fopen(fixture->fault, "r");
    CORE_CHECK(file != NULL);
    const bool empty = fgetc(file) == EOF;
    fclose(file);
    return empty;
}

static bool person_join(struct fixture *fixture, struct person *person, const char *token)
{
    if (person->there)
        return true;
    person->there = live_peer_try(&person->peer, &fixture->server, &fixture->board, token);
    person->seq = 0;
    return person->there;
}

static void person_end(struct fixture *fixture, struct person *person)
{
    if (person->there)
        live_peer_leave(&person->peer);
    person->there = false;
    fixture->ended_n++;
}

static void everybody_joins(struct fixture *fixture)
{
    for (unsigned i = 0;; i++) {
        CORE_CHECK(i < TRIES_MAX); /* nobody gets in any more */
        const bool editor_was = fixture->editor.there;
        if (person_join(fixture, &fixture->editor, fixture->board.editor) && !editor_was)
            fixture->ctr = 1; /* a fresh replica */
        if (person_join(fixture, &fixture->viewer, fixture->board.viewer) && fixture->editor.there)
            return;
        fixture->ended_n++;
    }
}

/* Follows OPS, whose seqs leave nothing out. Whether they hold the batch with the editor's counter. */
static bool ops_follow(struct fixture *fixture, struct person *person, const struct pl_msg_ops *ops,
                       uint64_t ctr)
{
    struct pl_reader reader = pl_reader_of(ops->envelopes);
    uint32_t n;
    bool found = false;
    CORE_CHECK(pl_read_array(&reader, &n));
    for (; n > 0; n--) {
        struct pl_envelope envelope;
        struct pl_batch batch;
        CORE_CHECK(pl_envelope_read(&reader, &envelope));
        CORE_CHECK(person->seq == 0 || envelope.seq == person->seq + 1);
        person->seq = envelope.seq;
        CORE_CHECK(pl_batch_read(envelope.body, true, &batch) == PL_OK);
        found = found || (batch.replica == fixture->editor.peer.replica && batch.ctr0 == ctr);
    }
    return found;
}

/* Reads on until the editor's batch comes; false when the socket ends before. */
static bool person_hears(struct fixture *fixture, struct person *person, uint64_t ctr)
{
    struct pl_message message;
    size_t len;
    for (;;) {
        if (raw_next(&person->peer.client, fixture->buffer, BUFFER_BYTES, &len) != RAW_BINARY)
            return false;
        CORE_CHECK(pl_message_read((struct pl_slice){fixture->buffer, len}, &message) == PL_OK);
        CORE_CHECK(message.type != PL_MESSAGE_REJECT && message.type != PL_MESSAGE_ERROR);
        if (message.type == PL_MESSAGE_OPS &&
            ops_follow(fixture, person, &message.as.ops, ctr))
            return true;
    }
}

/* A PING: whoever only reads for a minute is taken for gone. */
static void person_lives(struct person *person)
{
    const uint8_t ping[] = {0x93, PL_MESSAGE_PING, 1, 0};
    (void)raw_frame(&person->peer.client, 0x80u | RAW_BINARY, ping, sizeof ping); /* a dead socket is seen by reading */
}

/* One edit, told to both; whoever's socket ends comes back at the end. */
static void round_of_work(struct fixture *fixture)
{
    everybody_joins(fixture);
    person_lives(&fixture->viewer);
    const uint64_t ctr = fixture->ctr++;
    const bool sent = live_peer_try_write(&fixture->editor.peer, ctr, 3000);
    if (!sent || !person_hears(fixture, &fixture->editor, ctr)) {
        person_end(fixture, &fixture->editor);
        person_end(fixture, &fixture->viewer); /* who may wait for it in vain: one of them ended, not two */
        fixture->ended_n--;
        everybody_joins(fixture);
        return;
    }
    fixture->acknowledged = fixture->editor.seq;
    if (!person_hears(fixture, &fixture->viewer, ctr))
        person_end(fixture, &fixture->viewer);
    everybody_joins(fixture);
}

/* A third person comes and goes, by HTTP and by WebSocket. */
static void visit(struct fixture *fixture)
{
    struct person guest = {0};
    if (person_join(fixture, &guest, fixture->board.viewer))
        live_peer_leave(&guest.peer);
    else
        fixture->ended_n++;
}

static int start(void **state, bool secure)
{
    static struct fixture fixture;
    fixture = (struct fixture){.ctr = 1, .buffer = malloc(BUFFER_BYTES)};
    CORE_CHECK(fixture.buffer != NULL);
    snprintf(fixture.fault, sizeof fixture.fault, "/tmp/plenum-sockets.%d", (int)getpid());
    fault_set(&fixture, "");
    live_server_start_so(&fixture.server, &(struct live_how){.preload = PLENUM_FAULT_LIB,
                                                             .fault = fixture.fault,
                                                             .secure = secure,
                                                             .options = {"--rate-factor", "100"}});
    live_board_make(&fixture.server, &fixture.board);
    everybody_joins(&fixture);
    *state = &fixture;
    return 0;
}

static int start_in_the_clear(void **state)
{
    return start(state, false);
}

static int start_over_tls(void **state)
{
    return start(state, true);
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    live_peer_leave(&fixture->editor.peer);
    live_peer_leave(&fixture->viewer.peer);
    const bool ended = live_server_end(&fixture->server);
    unlink(fixture->fault);
    free(fixture->buffer);
    return ended ? 0 : -1;
}

/* Each of the first `n` calls fails once; how many connections that ended. */
static unsigned each_fails_once(struct fixture *fixture, const char *what, unsigned n)
{
    char text[32];
    fixture->ended_n = 0;
    for (unsigned k = 1; k <= n; k++) {
        snprintf(text, sizeof text, "%s %u", what, k);
        fault_set(fixture, text);
        unsigned tries = 0;
        do {
            CORE_CHECK(++tries < TRIES_MAX);
            visit(fixture);
            round_of_work(fixture);
        } while (!fault_came(fixture));
        visit(fixture);
    }
    return fixture->ended_n;
}

#define CALLS (long_run() ? 60u : 10u)

static void a_connection_that_is_reset_ends_alone(void **state)
{
    static const char *const whats[] = {"ECONNRESET send", "EPIPE send", "ECONNRESET recv"};
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
        assert_in_range(each_fails_once(*state, whats[i], CALLS), 1, CALLS);
}

static void a_call_to_be_tried_again_costs_nobody_anything(void **state)
{
    static const char *const whats[] = {"EAGAIN send", "EAGAIN recv", "EINTR send"};
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
        assert_int_equal(each_fails_once(*state, whats[i], CALLS), 0);
}

static void half_of_a_send_or_a_receive_costs_nobody_anything(void **state)
{
    assert_int_equal(each_fails_once(*state, "HALF send", CALLS), 0);
    assert_int_equal(each_fails_once(*state, "HALF recv", CALLS), 0);
}

static void an_accept_that_fails_delays_one_arrival(void **state)
{
    assert_int_equal(each_fails_once(*state, "EMFILE accept", 3), 0);
    assert_int_equal(each_fails_once(*state, "ECONNABORTED accept", 3), 0);
}

static void resets_end_one_connection_over_tls_too(void **state)
{
    assert_in_range(each_fails_once(*state, "ECONNRESET send", CALLS), 1, CALLS);
    assert_in_range(each_fails_once(*state, "ECONNRESET recv", CALLS), 1, CALLS);
}

static void what_can_be_tried_again_costs_nobody_anything_over_tls_too(void **state)
{
    assert_int_equal(each_fails_once(*state, "EAGAIN send", CALLS), 0);
    assert_int_equal(each_fails_once(*state, "HALF send", CALLS), 0);
    assert_int_equal(each_fails_once(*state, "HALF recv", CALLS), 0);
}

/* Last: of all that went before. */
static void what_was_acknowledged_outlives_a_kill(void **state)
{
    struct fixture *fixture = *state;
    char text[4096], data[128];
    live_peer_leave(&fixture->editor.peer);
    live_peer_leave(&fixture->viewer.peer);
    fixture->editor.there = fixture->viewer.there = false;
    live_server_again(&fixture->server, &(struct live_how){0});
    everybody_joins(fixture);
    assert_true(fixture->acknowledged > 0);
    assert_true(fixture->editor.peer.head_seq >= fixture->acknowledged);
    snprintf(data, sizeof data, "%s/data", fixture->server.dir);
    assert_int_equal(
        live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
}

int main(void)
{
    const struct CMUnitTest in_the_clear[] = {
        cmocka_unit_test(a_connection_that_is_reset_ends_alone),
        cmocka_unit_test(a_call_to_be_tried_again_costs_nobody_anything),
        cmocka_unit_test(half_of_a_send_or_a_receive_costs_nobody_anything),
        cmocka_unit_test(an_accept_that_fails_delays_one_arrival),
        cmocka_unit_test(what_was_acknowledged_outlives_a_kill),
    };
    const struct CMUnitTest over_tls[] = {
        cmocka_unit_test(resets_end_one_connection_over_tls_too),
        cmocka_unit_test(what_can_be_tried_again_costs_nobody_anything_over_tls_too),
        cmocka_unit_test(what_was_acknowledged_outlives_a_kill),
    };
    const int failed = cmocka_run_group_tests(in_the_clear, start_in_the_clear, end);
    return failed + cmocka_run_group_tests(over_tls, start_over_tls, end);
}
