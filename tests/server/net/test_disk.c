/* A real server on a disk that refuses: full, failing, or a map that is used up. Nothing
 * acknowledged is lost, everyone is told, probes are told, and writing resumes by itself. */
#include "board/member.h"
#include "proto/doc.h"
#include "proto/limits.h"
#include "proto/op.h"
#include "proto/reader.h"
#include "tests/support/core_check.h"
#include "tests/support/live_peer.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct live_server server;
    struct live_board board;
    struct live_peer editor, viewer;
    char fault[80];
    uint64_t ctr; /* the editor's next */
    uint8_t *buffer;
    struct live_how how;
};

static void fault_set(const struct fixture *fixture, const char *text)
{
    FILE *file = fopen(fixture->fault, "w");
    CORE_CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void fixture_start(struct fixture *fixture, const struct live_how *how)
{
    *fixture = (struct fixture){.ctr = 1, .how = *how};
    snprintf(fixture->fault, sizeof fixture->fault, "/tmp/plenum-fault.%d", (int)getpid());
    fault_set(fixture, "");
    fixture->how.fault = fixture->fault;
    fixture->buffer = malloc(PL_FRAME_BYTES_MAX + 4096);
    CORE_CHECK(fixture->buffer != NULL);
    live_server_start_so(&fixture->server, &fixture->how);
    live_board_make(&fixture->server, &fixture->board);
    live_peer_join(&fixture->editor, &fixture->server, &fixture->board, fixture->board.editor);
    live_peer_join(&fixture->viewer, &fixture->server, &fixture->board, fixture->board.viewer);
}

static void fixture_end(struct fixture *fixture)
{
    live_peer_leave(&fixture->editor);
    live_peer_leave(&fixture->viewer);
    assert_true(live_server_end(&fixture->server));
    unlink(fixture->fault);
    free(fixture->buffer);
}

/* Whether the OPS hold the editor's batch that begins with this counter; its seq then. */
static bool ops_hold(const struct fixture *fixture, const struct pl_msg_ops *ops, uint64_t ctr,
                     uint64_t *ret_seq)
{
    struct pl_reader reader = pl_reader_of(ops->envelopes);
    uint32_t n;
    CORE_CHECK(pl_read_array(&reader, &n));
    for (uint32_t i = 0; i < n; i++) {
        struct pl_envelope envelope;
        struct pl_batch batch;
        CORE_CHECK(pl_envelope_read(&reader, &envelope));
        CORE_CHECK(pl_batch_read(envelope.body, true, &batch) == PL_OK);
        if (batch.replica == fixture->editor.replica && batch.ctr0 == ctr) {
            *ret_seq = envelope.seq;
            return true;
        }
    }
    return false;
}

/* Reads on until the editor's batch comes: its seq. */
static uint64_t seq_of(struct fixture *fixture, struct live_peer *peer, uint64_t ctr)
{
    for (;;) {
        uint64_t seq;
        struct pl_message message =
            live_peer_until(peer, PL_MESSAGE_OPS, fixture->buffer, PL_FRAME_BYTES_MAX + 4096);
        if (ops_hold(fixture, &message.as.ops, ctr, &seq))
            return seq;
    }
}

static unsigned get(struct fixture *fixture, const char *path, char text[4096])
{
    return live_server_get(&fixture->server, path, text, 4096);
}

static bool ready_again(struct fixture *fixture)
{
    char text[4096];
    for (unsigned i = 0; i < 1200; i++) {
        if (get(fixture, "/readyz", text) == 200)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

/* What a disk's trouble must look like from outside, from the first refused edit to the first kept
 * one. */
static void trouble_passes(struct fixture *fixture, const char *fault)
{
    char text[4096];
    live_peer_write(&fixture->editor, fixture->ctr, 100);
    uint64_t kept = seq_of(fixture, &fixture->viewer, fixture->ctr++);
    fault_set(fixture, fault);
    live_peer_write(&fixture->editor, fixture->ctr, 100);
    live_peer_await_state(&fixture->editor, BOARD_READ_ONLY);
    live_peer_await_state(&fixture->viewer, BOARD_READ_ONLY);
    assert_true(live_server_metric_is(&fixture->server, "plenum_journal_refused", 1));
    assert_int_equal(live_server_metric(&fixture->server, "plenum_boards_read_only"), 1);
    assert_int_equal(get(fixture, "/readyz", text), 503);
    assert_non_null(strstr(text, "\"read_only\""));
    assert_int_equal(get(fixture, "/healthz", text), 200);
    assert_true(live_peer_answers(&fixture->viewer)); /* reading goes on */

    fault_set(fixture, "");
    live_peer_await_state(&fixture->editor, BOARD_READY);
    live_peer_await_state(&fixture->viewer, BOARD_READY);
    struct pl_message gap =
        live_peer_until(&fixture->editor, PL_MESSAGE_REJECT, fixture->buffer, PL_FRAME_BYTES_MAX);
    assert_int_equal(gap.as.reject.code, PL_GAP);
    if (gap.as.reject.ctr0 ==
        fixture->ctr) { /* otherwise the failed commit was kept after all, which is allowed */
        live_peer_write(&fixture->editor, fixture->ctr, 100);
        assert_true(seq_of(fixture, &fixture->viewer, fixture->ctr) == kept + 1);
    }
    fixture->ctr++;
    assert_true(ready_again(fixture));
    assert_int_equal(live_server_metric(&fixture->server, "plenum_journal_refused"), 0);
    assert_int_equal(live_server_metric(&fixture->server, "plenum_boards_read_only"), 0);
}

/* After a kill, everything acknowledged is there, and the server writes on. */
static void nothing_is_lost(struct fixture *fixture, uint64_t seq)
{
    live_peer_leave(&fixture->editor);
    live_peer_leave(&fixture->viewer);
    live_server_again(&fixture->server, &fixture->how);
    live_peer_join(&fixture->editor, &fixture->server, &fixture->board, fixture->board.editor);
    live_peer_join(&fixture->viewer, &fixture->server, &fixture->board, fixture->board.viewer);
    assert_true(fixture->editor.head_seq >= seq);
    live_peer_write(&fixture->editor, 1, 100); /* a fresh replica's first */
    assert_true(seq_of(fixture, &fixture->viewer, 1) > seq);
}

static void trouble_of(const char *fault)
{
    struct fixture fixture;
    fixture_start(&fixture, &(struct live_how){.preload = PLENUM_FAULT_LIB});
    trouble_passes(&fixture, fault);
    trouble_passes(&fixture, fault);
    live_peer_write(&fixture.editor, fixture.ctr, 100);
    nothing_is_lost(&fixture, seq_of(&fixture, &fixture.editor, fixture.ctr));
    fixture_end(&fixture);
}

static void a_full_disk_makes_boards_read_only_until_there_is_room(void **state)
{
    (void)state;
    trouble_of("ENOSPC write");
}

static void a_disk_that_cannot_write_makes_boards_read_only_until_it_can(void **state)
{
    (void)state;
    trouble_of("EIO write");
}

static void a_disk_that_cannot_sync_makes_boards_read_only_until_it_can(void **state)
{
    (void)state;
    trouble_of("EIO sync");
}

/* LMDB then refuses everything until its files are opened anew. */
static void a_commit_whose_last_page_fails_is_survived(void **state)
{
    (void)state;
    trouble_of("EIO meta");
}

/* Whether the batch came back; false when the board became read-only instead. */
static bool batch_is_kept(struct fixture *fixture, uint64_t *ret_seq)
{
    for (;;) {
        struct pl_message message;
        size_t len;
        CORE_CHECK(raw_next(&fixture->editor.client, fixture->buffer, PL_FRAME_BYTES_MAX, &len) ==
                   RAW_BINARY);
        CORE_CHECK(pl_message_read((struct pl_slice){fixture->buffer, len}, &message) == PL_OK);
        if (message.type == PL_MESSAGE_STATE) {
            fixture->editor.board_state = message.as.state.board_state;
            return false;
        }
        if (message.type == PL_MESSAGE_OPS &&
            ops_hold(fixture, &message.as.ops, fixture->ctr, ret_seq))
            return true;
    }
}

/* The first call fails, the second, and so on: data, sync, the last page, and those of the probe
 * that follows. */
static void each_single_failure_is_survived(void **state)
{
    struct fixture fixture;
    uint64_t seq = 0, kept = 0, failed = 0;
    char text[4096], data[128];
    (void)state;
    fixture_start(&fixture, &(struct live_how){.preload = PLENUM_FAULT_LIB});
    for (unsigned k = 1; k <= 16; k++) {
        live_peer_write(&fixture.editor, fixture.ctr, 100); /* settled: what comes next is the fault's */
        CORE_CHECK(batch_is_kept(&fixture, &seq));
        fixture.ctr++;
        snprintf(text, sizeof text, "%s any %u", k % 2 == 0 ? "EIO" : "ENOSPC", k);
        fault_set(&fixture, text);
        unsigned tries = 0;
        do {
            CORE_CHECK(++tries < 20);
            live_peer_write(&fixture.editor, fixture.ctr, 5000);
        } while (batch_is_kept(&fixture, &seq) && fixture.ctr++ > 0);
        failed++;
        live_peer_await_state(&fixture.editor, BOARD_READY);
        struct pl_message gap =
            live_peer_until(&fixture.editor, PL_MESSAGE_REJECT, fixture.buffer, PL_FRAME_BYTES_MAX);
        assert_true(gap.as.reject.code == PL_GAP && gap.as.reject.ctr0 >= fixture.ctr);
        fixture.ctr = gap.as.reject.ctr0; /* one further when the failed one was kept after all */
        fault_set(&fixture, "");
    }
    assert_int_equal(failed, 16);
    kept = seq;
    nothing_is_lost(&fixture, kept);
    snprintf(data, sizeof data, "%s/data", fixture.server.dir);
    assert_int_equal(
        live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
    fixture_end(&fixture);
}

static void a_used_up_map_loses_nothing_and_more_room_lets_writing_resume(void **state)
{
    struct fixture fixture;
    uint64_t seq = 0;
    (void)state;
    fixture_start(&fixture,
                  &(struct live_how){.options = {"--map-mib", "4", "--rate-factor", "100"}});
    for (fixture.ctr = 1; fixture.editor.board_state == BOARD_READY; fixture.ctr++) {
        CORE_CHECK(fixture.ctr < 200);
        live_peer_write(&fixture.editor, fixture.ctr, 100000);
        struct pl_message message;
        do { /* the echo, or STATE */
            size_t len;
            CORE_CHECK(raw_next(&fixture.editor.client, fixture.buffer, PL_FRAME_BYTES_MAX, &len) ==
                       RAW_BINARY);
            CORE_CHECK(pl_message_read((struct pl_slice){fixture.buffer, len}, &message) == PL_OK);
            if (message.type == PL_MESSAGE_STATE)
                fixture.editor.board_state = message.as.state.board_state;
        } while (message.type != PL_MESSAGE_STATE &&
                 (message.type != PL_MESSAGE_OPS || message.as.ops.envelopes.len < 100000));
        seq += message.type == PL_MESSAGE_OPS;
    }
    assert_in_range(seq, 5, 40);
    live_peer_await_state(&fixture.viewer, BOARD_READ_ONLY);
    assert_true(live_server_metric_is(&fixture.server, "plenum_journal_refused", 1));
    fixture.how = (struct live_how){.options = {"--map-mib", "64"}};
    nothing_is_lost(&fixture, seq + 1); /* and the board's own first entry */
    fixture_end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_makes_boards_read_only_until_there_is_room),
        cmocka_unit_test(a_disk_that_cannot_write_makes_boards_read_only_until_it_can),
        cmocka_unit_test(a_disk_that_cannot_sync_makes_boards_read_only_until_it_can),
        cmocka_unit_test(a_commit_whose_last_page_fails_is_survived),
        cmocka_unit_test(each_single_failure_is_survived),
        cmocka_unit_test(a_used_up_map_loses_nothing_and_more_room_lets_writing_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
