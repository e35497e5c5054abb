/* The whole program over TLS, as people and their operator meet it: pages, sockets, edits, and a
 * certificate that is changed under them. */
#include "proto/doc.h"
#include "proto/limits.h"
#include "proto/op.h"
#include "tests/support/certificates.h"
#include "tests/support/live_peer.h"
#include <openssl/ssl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY_S 86400

struct world {
    struct live_server server;
    struct live_board board;
};

static int world_start(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL)
        return -1;
    live_server_start_so(&world->server, &(struct live_how){.secure = true});
    live_board_make(&world->server, &world->board);
    *state = world;
    return 0;
}

static int world_end(void **state)
{
    struct world *world = *state;
    bool ended = live_server_end(&world->server);
    free(world);
    return ended ? 0 : -1;
}

/* Sends this as it is, over TLS or in the clear, and reads what comes until the end. */
static void ask(const struct world *world, bool secure, const char *request, char ret_answer[4096])
{
    struct raw_client client;
    if (secure)
        live_open(&client, &world->server);
    else
        raw_open(&client, world->server.port);
    raw_send_text(&client, request);
    raw_read_all(&client, ret_answer, 4096);
    raw_close(&client);
}

static void pages_ask_to_be_asked_over_tls_from_then_on(void **state)
{
    char answer[4096];
    ask(*state, true, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer);
    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
    assert_non_null(strstr(answer, "\r\nStrict-Transport-Security: max-age="));
    assert_non_null(strstr(answer, "<!doctype html>page"));
}

static void a_guests_cookie_is_secure_and_links_say_https(void **state)
{
    struct world *world = *state;
    char request[1024];
    char body[512];
    char answer[4096];
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", world->board.editor);
    snprintf(request, sizeof request,
             "POST /api/boards/%s/ticket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             world->board.id, strlen(body), body);
    ask(world, true, request, answer);
    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
    assert_non_null(strstr(answer, "; Secure\r\n"));
    ask(world, true, "POST /api/boards HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n\r\n", answer);
    assert_non_null(strstr(answer, "\"https://x:1/b/"));
}

static void plain_requests_are_sent_to_https_or_refused(void **state)
{
    struct world *world = *state;
    char answer[4096];
    uint64_t before = live_server_metric(&world->server, "plenum_refused_clear_total");
    ask(world, false,
        "GET /b/a%20b%22c HTTP/1.1\r\nHost: board.example:99\r\nConnection: close\r\n\r\n", answer);
    assert_memory_equal(answer, "HTTP/1.1 307 ", 13);
    assert_non_null(strstr(answer, "\r\nLocation: https://board.example:99/b/a%20b%22c\r\n"));
    assert_null(strstr(answer, "Strict-Transport"));
    ask(world, false, "GET / HTTP/1.1\r\nHost: evil\"example\r\nConnection: close\r\n\r\n", answer);
    assert_memory_equal(answer, "HTTP/1.1 403 ", 13);
    ask(world, false,
        "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        answer);
    assert_memory_equal(answer, "HTTP/1.1 403 ", 13);
    assert_non_null(strstr(answer, "\"code\":\"clear\""));
    struct raw_client client;
    raw_open(&client, world->server.port);
    assert_int_equal(raw_upgrade(&client, "Sec-WebSocket-Protocol: plenum.1\r\n"), 403);
    raw_close(&client);
    assert_int_equal(live_server_metric(&world->server, "plenum_refused_clear_total"), before + 4);
}

static void a_page_that_came_in_the_clear_is_none_of_ours(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    live_open(&client, &world->server);
    assert_int_equal(raw_upgrade(&client, "Sec-WebSocket-Protocol: plenum.1\r\n"
                                          "Origin: http://127.0.0.1\r\n"),
                     403);
    raw_close(&client);
    live_open(&client, &world->server);
    assert_int_equal(raw_upgrade(&client, "Sec-WebSocket-Protocol: plenum.1\r\n"
                                          "Origin: https://127.0.0.1\r\n"),
                     101);
    raw_close(&client);
}

/* What a client that speaks only this is told. */
static const char *version_agreed(const struct world *world, int least, int most, const char *alpn,
                                  char ret_alpn[16])
{
    struct raw_client client;
    const char *agreed = "none";
    const unsigned char *chosen = NULL;
    unsigned chosen_len = 0;
    raw_open(&client, world->server.port);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    assert_non_null(ctx);
    assert_int_equal(SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0"), 1);
    SSL_CTX_set_min_proto_version(ctx, least);
    SSL_CTX_set_max_proto_version(ctx, most);
    SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, client.fd);
    if (SSL_connect(ssl) == 1)
        agreed = SSL_get_version(ssl);
    SSL_get0_alpn_selected(ssl, &chosen, &chosen_len);
    assert_true(chosen_len < 16);
    snprintf(ret_alpn, 16, "%.*s", (int)chosen_len, (const char *)chosen);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    raw_close(&client);
    return agreed;
}

static void old_versions_and_http2_are_not_spoken(void **state)
{
    char alpn[16];
    assert_string_equal(version_agreed(*state, 0, TLS1_1_VERSION, "\x08http/1.1", alpn), "none");
    assert_string_equal(version_agreed(*state, 0, TLS1_2_VERSION, "\x08http/1.1", alpn), "TLSv1.2");
    assert_string_equal(version_agreed(*state, 0, 0, "\x02h2\x08http/1.1", alpn), "TLSv1.3");
    assert_string_equal(alpn, "http/1.1");
    version_agreed(*state, 0, 0, "\x02h2", alpn);
    assert_string_equal(alpn, "");
}

/* Reads on until these batches of the author's came, whole and in order. */
static void assert_receives(struct live_peer *peer, const struct live_peer *author, uint64_t ctr,
                            uint64_t last, size_t bytes)
{
    static uint8_t buffer[8 * PL_FRAME_BYTES_MAX];
    while (ctr <= last) {
        struct pl_message message = live_peer_until(peer, PL_MESSAGE_OPS, buffer, sizeof buffer);
        struct pl_reader reader = pl_reader_of(message.as.ops.envelopes);
        struct pl_envelope envelope;
        uint32_t n;
        assert_true(pl_read_array(&reader, &n));
        while (n-- > 0) {
            struct pl_batch batch;
            assert_true(pl_envelope_read(&reader, &envelope));
            assert_int_equal(pl_batch_read(envelope.body, true, &batch), PL_OK);
            if (batch.replica != author->replica)
                continue;
            assert_int_equal(batch.refusal, PL_OK);
            assert_int_equal(batch.ctr0, ctr++);
            assert_true(envelope.body.len > bytes);
            const uint8_t *padding = envelope.body.data + envelope.body.len - bytes;
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(padding[i], (uint8_t)(i * 131 >> 4));
        }
    }
}

static void edits_of_many_records_come_whole(void **state)
{
    struct world *world = *state;
    struct live_peer ana;
    struct live_peer bo;
    live_peer_join(&ana, &world->server, &world->board, world->board.editor);
    live_peer_join(&bo, &world->server, &world->board, world->board.viewer);
    for (uint64_t ctr = 1; ctr <= 12; ctr++)
        live_peer_write(&ana, ctr, 100000);
    assert_receives(&ana, &ana, 1, 12, 100000);
    assert_receives(&bo, &ana, 1, 12, 100000);
    live_peer_leave(&ana);
    live_peer_leave(&bo);
}

/* Many small messages in each record: libwebsockets 4.1.6 turns for ever when reading is paused
 * while OpenSSL still holds some of one. */
static void a_flood_is_held_back_alone(void **state)
{
    struct world *world = *state;
    static const uint8_t presence[] = {0x82, 0x82, 0, 0, 0, 0, 0x92, 0x0c};
    uint8_t record[16000];
    struct live_peer ana;
    struct live_peer bo;
    uint64_t before = live_server_metric(&world->server, "plenum_sessions_paused_total");
    size_t len = 0;
    for (; len + sizeof presence + 1 <= sizeof record; len += sizeof presence + 1) {
        memcpy(record + len, presence, sizeof presence);
        record[len + 1] = 0x83;
        record[len + sizeof presence] = 0xc0;
    }
    live_peer_join(&ana, &world->server, &world->board, world->board.editor);
    live_peer_join(&bo, &world->server, &world->board, world->board.viewer);
    for (unsigned i = 0; i < 20; i++) /* each message counts 64 bytes */
        assert_true(raw_send(&ana.client, record, len));
    assert_true(live_peer_answers(&bo));
    assert_true(live_peer_answers(&ana)); /* when it is read again */
    assert_true(live_server_metric(&world->server, "plenum_sessions_paused_total") > before);
    live_peer_leave(&ana);
    live_peer_leave(&bo);
}

static void assert_shows(const struct world *world, const char *name)
{
    struct raw_client client;
    char shown[64];
    live_open(&client, &world->server);
    raw_certificate_name(&client, shown);
    assert_string_equal(shown, name);
    raw_close(&client);
}

static void a_new_certificate_is_shown_while_sockets_live_on(void **state)
{
    struct world *world = *state;
    struct live_peer ana;
    struct live_peer bo;
    char shown[64];
    live_peer_join(&ana, &world->server, &world->board, world->board.editor);
    assert_shows(world, "first");
    uint64_t first_ends = live_server_metric(&world->server, "plenum_certificate_ends_seconds");
    struct certificate_wish wish = {.name = "second", .from_s = -DAY_S, .until_s = 60 * DAY_S};
    certificate_make(&wish, world->server.chain, world->server.key);
    assert_shows(world, "first"); /* nobody said so yet */
    kill(world->server.pid, SIGHUP);
    assert_true(
        live_server_metric_is_above(&world->server, "plenum_certificate_ends_seconds", first_ends));
    assert_shows(world, "second");
    live_peer_write(&ana, 1, 10);
    assert_receives(&ana, &ana, 1, 1, 10);
    raw_certificate_name(&ana.client, shown);
    assert_string_equal(shown, "first");
    live_peer_join(&bo, &world->server, &world->board, world->board.viewer);
    raw_certificate_name(&bo.client, shown);
    assert_string_equal(shown, "second");
    live_peer_write(&ana, 2, 10);
    assert_receives(&bo, &ana, 1, 2, 10);
    live_peer_leave(&bo);
    live_peer_leave(&ana);
}

static void a_pair_that_does_not_pass_changes_nothing(void **state)
{
    struct world *world = *state;
    char other[96];
    struct live_peer ana;
    struct certificate_wish expired = {.name = "old", .from_s = -2 * DAY_S, .until_s = -DAY_S};
    uint64_t ends = live_server_metric(&world->server, "plenum_certificate_ends_seconds");
    uint64_t before = live_server_metric(&world->server, "plenum_certificates_refused_total");
    live_peer_join(&ana, &world->server, &world->board, world->board.editor);
    snprintf(other, sizeof other, "%s/other.pem", world->server.dir);
    certificate_make_good("another's key", world->server.chain, other);
    kill(world->server.pid, SIGHUP);
    assert_true(
        live_server_metric_is(&world->server, "plenum_certificates_refused_total", before + 1));
    assert_shows(world, "second");
    certificate_make(&expired, world->server.chain, world->server.key);
    kill(world->server.pid, SIGHUP);
    assert_true(
        live_server_metric_is(&world->server, "plenum_certificates_refused_total", before + 2));
    assert_shows(world, "second");
    assert_int_equal(live_server_metric(&world->server, "plenum_certificate_ends_seconds"), ends);
    assert_true(live_peer_answers(&ana));
    live_peer_leave(&ana);
}

static void a_start_with_a_pair_that_does_not_pass_says_why(void **state)
{
    struct world *world = *state; /* whose files are the expired ones */
    char text[512];
    char data[96];
    snprintf(data, sizeof data, "%s/data2", world->server.dir);
    const char *expired[] = {"--listen",  "127.0.0.1:0",     "--data",
                             data,        "--tls-cert",      world->server.chain,
                             "--tls-key", world->server.key, NULL};
    assert_int_equal(live_server_refusal(expired, text), 1);
    assert_non_null(strstr(text, "chain.pem has expired"));
    const char *alone[] = {"--data", data, "--tls-cert", world->server.chain, NULL};
    assert_int_equal(live_server_refusal(alone, text), 2);
    assert_non_null(strstr(text, "--tls-cert and --tls-key go together"));
}

/* The first byte tells TLS from the rest; a socket that never sends it, or stops within the
 * handshake, is hung up on (raw_read_all fails the test when that takes fifteen seconds). */
static void handshakes_that_do_not_go_on_are_hung_up_on(void **state)
{
    struct world *world = *state;
    struct raw_client silent;
    struct raw_client stuck;
    char answer[64];
    raw_open(&silent, world->server.port);
    raw_open(&stuck, world->server.port);
    raw_send(&stuck, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    raw_read_all(&silent, answer, sizeof answer);
    raw_read_all(&stuck, answer, sizeof answer);
    raw_close(&silent);
    raw_close(&stuck);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_ask_to_be_asked_over_tls_from_then_on),
        cmocka_unit_test(a_guests_cookie_is_secure_and_links_say_https),
        cmocka_unit_test(plain_requests_are_sent_to_https_or_refused),
        cmocka_unit_test(a_page_that_came_in_the_clear_is_none_of_ours),
        cmocka_unit_test(old_versions_and_http2_are_not_spoken),
        cmocka_unit_test(edits_of_many_records_come_whole),
        cmocka_unit_test(a_flood_is_held_back_alone),
        cmocka_unit_test(a_new_certificate_is_shown_while_sockets_live_on),
        cmocka_unit_test(a_pair_that_does_not_pass_changes_nothing),
        cmocka_unit_test(a_start_with_a_pair_that_does_not_pass_says_why),
        cmocka_unit_test(handshakes_that_do_not_go_on_are_hung_up_on),
    };
    return cmocka_run_group_tests(tests, world_start, world_end);
}
