/* A real server among the rude: each rudeness is answered by a named error or refused by name,
 * counted, and never felt by the honest session beside it. All of it in the clear and over TLS, to
 * one server each. Those who are slow begin before everything else, for they take as long as a server waits for them. */
#include "proto/limits.h"
#include "proto/object.h"
#include "proto/status.h"
#include "tests/support/core_check.h"
#include "tests/support/live_peer.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SUBPROTOCOL "Sec-WebSocket-Protocol: plenum.1\r\n"
#define FIN         0x80u

struct world {
    struct live_server server;
    struct live_board board;
    struct live_peer honest;
    struct raw_client slow_head, silent, no_hello, slow_body;
    pthread_t trickling; /* the slow body, a byte now and then */
    bool trickles;
};

static void upgraded(struct world *world, struct raw_client *ret_client)
{
    live_open(ret_client, &world->server);
    CORE_CHECK(raw_upgrade(ret_client, SUBPROTOCOL) == 101);
}

static void *trickle(void *user)
{
    struct world *world = user;
    for (unsigned i = 0; i < 6; i++) {
        raw_send_text(&world->slow_body, " ");
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    }
    return NULL;
}

static void slowness_begins(struct world *world)
{
    live_open(&world->slow_head, &world->server);
    raw_send_text(&world->slow_head, "GET / HTTP/1.1\r\nHost: x\r\nX-");
    live_open(&world->silent, &world->server);
    upgraded(world, &world->no_hello);
    live_open(&world->slow_body, &world->server);
    raw_send_text(&world->slow_body, "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
    CORE_CHECK(pthread_create(&world->trickling, NULL, trickle, world) == 0);
    world->trickles = true;
}

static void trickling_ends(struct world *world)
{
    if (world->trickles)
        pthread_join(world->trickling, NULL);
    world->trickles = false;
}

static void world_start(struct world *ret_world, bool secure)
{
    live_server_start_so(&ret_world->server, &(struct live_how){.secure = secure});
    live_board_make(&ret_world->server, &ret_world->board);
    live_peer_join(&ret_world->honest, &ret_world->server, &ret_world->board, ret_world->board.editor);
    slowness_begins(ret_world);
}

static bool world_end(struct world *world)
{
    trickling_ends(world);
    raw_close(&world->slow_head);
    raw_close(&world->silent);
    raw_close(&world->no_hello);
    raw_close(&world->slow_body);
    live_peer_leave(&world->honest);
    return live_server_end(&world->server);
}

/* Sends raw bytes and reads to the end: the HTTP status, with the whole answer. */
static unsigned ask(struct world *world, const char *bytes, char ret_answer[4096])
{
    struct raw_client client;
    live_open(&client, &world->server);
    raw_send_text(&client, bytes);
    raw_read_all(&client, ret_answer, 4096);
    raw_close(&client);
    return strncmp(ret_answer, "HTTP/1.", 7) == 0 ? (unsigned)strtoul(ret_answer + 9, NULL, 10) : 0;
}

/* The socket ends with this close status and this ERROR, and the counter rose by one. */
static void assert_ended(struct world *world, struct raw_client *client, unsigned close_status,
                         enum pl_status code, const char *counter, uint64_t before)
{
    uint64_t error;
    assert_int_equal(raw_close_status(client, &error), close_status);
    assert_int_equal(error, code);
    raw_close(client);
    assert_int_equal(live_server_metric(&world->server, counter), before + 1);
    assert_true(live_peer_answers(&world->honest));
}

static void assert_upgrade_refused(struct world *world, const char *request, unsigned status,
                                   const char *code, const char *counter)
{
    char answer[4096];
    uint64_t before = live_server_metric(&world->server, counter);
    assert_int_equal(ask(world, request, answer), status);
    assert_non_null(strstr(answer, code));
    assert_int_equal(live_server_metric(&world->server, counter), before + 1);
    assert_true(live_peer_answers(&world->honest));
}

#define SOCKET "/ws/8ArjesVCasQ"
#define UPGRADE(path, upgrade, extra)                                   \
    "GET " path " HTTP/1.1\r\nHost: board.example\r\nUpgrade: " upgrade \
    "\r\nConnection: Upgrade\r\n"                                       \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" extra "\r\n"

static void a_foreign_page_cannot_open_a_socket(void **state)
{
    static const char *const origins[] = {"http://evil.example", "null",
                                          "http://board.example.evil", "file://"};
    char request[1024];
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        snprintf(request, sizeof request, UPGRADE(SOCKET, "websocket", SUBPROTOCOL "Origin: %s\r\n"),
                 origins[i]);
        assert_upgrade_refused(*state, request, 403, "\"code\":\"origin\"",
                               "plenum_refused_origin_total");
    }
}

static void own_and_named_pages_can(void **state)
{
    struct world *world = *state;
    const char *const headers[] = {world->server.secure
                                       ? SUBPROTOCOL "Origin: https://127.0.0.1\r\n"
                                       : SUBPROTOCOL "Origin: http://127.0.0.1\r\n",
                                   SUBPROTOCOL "Origin: http://welcome.example\r\n", SUBPROTOCOL};
    for (size_t i = 0; i < 3; i++) {
        struct raw_client client;
        live_open(&client, &world->server);
        assert_int_equal(raw_upgrade(&client, headers[i]), 101);
        raw_close(&client);
    }
}

static void another_subprotocol_or_path_or_version_is_refused(void **state)
{
    static const char *const requests[] = {
        UPGRADE(SOCKET, "websocket", "Sec-WebSocket-Protocol: plenum.2\r\n"),
        UPGRADE(SOCKET, "websocket", "Sec-WebSocket-Protocol: http\r\n"),
        UPGRADE(SOCKET, "websocket", "Sec-WebSocket-Protocol: xplenum.1, plenum.11\r\n"),
        UPGRADE(SOCKET, "websocket", ""),
        UPGRADE("/other", "websocket", SUBPROTOCOL),
        UPGRADE("/ws", "websocket", SUBPROTOCOL),
        UPGRADE("/ws/", "websocket", SUBPROTOCOL),
        UPGRADE("/ws/8ArjesVCasQ/", "websocket", SUBPROTOCOL),
        UPGRADE("/ws/not-an-id", "websocket", SUBPROTOCOL),
        UPGRADE("/", "websocket", SUBPROTOCOL),
        "GET " SOCKET " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" SUBPROTOCOL
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n",
        "GET " SOCKET " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" SUBPROTOCOL
        "Sec-WebSocket-Version: 13\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        assert_upgrade_refused(*state, requests[i], 400, "\"code\":\"version\"",
                               "plenum_refused_upgrade_total");
}

static void http2_is_refused(void **state)
{
    struct world *world = *state;
    char answer[4096];
    assert_upgrade_refused(
        world,
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
        400, "\"code\":\"version\"", "plenum_refused_upgrade_total");
    ask(world, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", answer);
    assert_null(strstr(answer, "101"));
    assert_true(live_peer_answers(&world->honest));
}

/* CVE-2025-11677: libwebsockets goes on with headers it has already dropped. */
static void an_unknown_upgrade_on_a_kept_connection_is_harmless(void **state)
{
    struct world *world = *state;
    for (unsigned round = 0; round < 20; round++) {
        struct raw_client client;
        char answer[4096];
        live_open(&client, &world->server);
        raw_send_text(&client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_true(raw_read_head(&client, answer, sizeof answer));
        raw_send_text(
            &client,
            "GET " SOCKET " HTTP/1.1\r\nHost: x\r\nUpgrade: foo\r\nConnection: keep-alive, Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        raw_read_all(&client, answer, sizeof answer);
        assert_non_null(strstr(answer, " 403 "));
        raw_close(&client);
    }
    assert_true(live_peer_answers(&world->honest));
}

/* libwebsockets would make it a raw socket without any timeout. */
static void a_tunnel_is_refused(void **state)
{
    struct world *world = *state;
    char answer[4096];
    uint64_t before = live_server_metric(&world->server, "plenum_refused_upgrade_total");
    ask(world, "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", answer);
    assert_string_equal(answer, "");
    assert_int_equal(live_server_metric(&world->server, "plenum_refused_upgrade_total"),
                     before + 1);
}

static void a_message_over_the_limit_ends_its_session(void **state)
{
    struct world *world = *state;
    static uint8_t bytes[PL_FRAME_BYTES_MAX + 1];
    struct raw_client client;
    uint64_t before = live_server_metric(&world->server, "plenum_refused_too_big_total");
    upgraded(world, &client);
    raw_frame(&client, FIN | RAW_BINARY, bytes, sizeof bytes);
    assert_ended(world, &client, 1009, PL_TOO_BIG, "plenum_refused_too_big_total", before);

    upgraded(world, &client); /* announced alone is enough: nobody waits for the gigabyte */
    raw_frame_header(&client, FIN | RAW_BINARY, UINT64_C(1) << 30);
    raw_send(&client, bytes, 100);
    assert_ended(world, &client, 1009, PL_TOO_BIG, "plenum_refused_too_big_total", before + 1);

    upgraded(world, &client); /* in fragments it is no smaller */
    raw_frame(&client, RAW_BINARY, bytes, 200000);
    raw_frame(&client, FIN | RAW_CONTINUE, bytes, 100000);
    assert_ended(world, &client, 1009, PL_TOO_BIG, "plenum_refused_too_big_total", before + 2);
}

static void a_flood_of_fragments_ends_its_session(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    uint64_t before = live_server_metric(&world->server, "plenum_refused_fragments_total");
    for (unsigned len = 0; len < 2; len++) {
        upgraded(world, &client);
        raw_frame(&client, RAW_BINARY, "x", len);
        for (unsigned i = 0; i < PL_FRAGMENTS_MAX; i++)
            raw_frame(&client, RAW_CONTINUE, "x", len);
        assert_ended(world, &client, 1009, PL_TOO_BIG, "plenum_refused_fragments_total",
                     before + len);
    }
}

static void a_message_in_fragments_is_one_message(void **state)
{
    struct world *world = *state;
    static const uint8_t ping[] = {0x93, 0x0d, 0x2a, 0x00}; /* [13, 42, 0] */
    uint8_t payload[4096];
    size_t len;
    char ticket[64];
    struct raw_client client;
    assert_int_equal(live_ticket(&world->server, &world->board, world->board.viewer, ticket), 200);
    upgraded(world, &client);
    assert_true(live_hello(&client, ticket, PL_SCHEMA_VERSION));
    raw_frame(&client, RAW_BINARY, ping, 1);
    raw_frame(&client, FIN | RAW_PING, "hey", 3); /* control frames may stand between */
    raw_frame(&client, RAW_CONTINUE, ping + 1, 1);
    raw_frame(&client, RAW_CONTINUE, "", 0);
    raw_frame(&client, FIN | RAW_CONTINUE, ping + 2, 2);
    bool ponged = false;
    bool answered = false;
    while (!ponged ||
           !answered) { /* [14, 42, srv_ms] comes somewhere among what a joiner is told */
        enum raw_op op = raw_next(&client, payload, sizeof payload, &len);
        assert_int_not_equal(op, RAW_END);
        assert_int_not_equal(op, RAW_CLOSE);
        ponged = ponged || (op == RAW_PONG && len == 3 && memcmp(payload, "hey", 3) == 0);
        answered =
            answered || (op == RAW_BINARY && len > 3 && memcmp(payload, "\x93\x0e\x2a", 3) == 0);
    }
    raw_close(&client);
}

static void a_text_frame_ends_its_session(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    uint64_t before = live_server_metric(&world->server, "plenum_refused_text_total");
    upgraded(world, &client);
    raw_frame(&client, FIN | RAW_TEXT, "hello", 5);
    assert_ended(world, &client, 1002, PL_MALFORMED, "plenum_refused_text_total", before);
}

static void bytes_that_are_no_message_end_their_session(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {{"", 0},
                 {"\xc1", 1},
                 {"\x91\x63", 2},                          /* message 99 */
                 {"\x92\x01\x01", 3},                      /* HELLO without its fields */
                 {"\xdd\xff\xff\xff\xff", 5},              /* four billion elements */
                 {"\x92\x0d\xcb\x7f\xf8\0\0\0\0\0\0", 11}, /* NaN */
                 {"GET / HTTP/1.1\r\n\r\n", 18}};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct raw_client client;
        uint64_t before = live_server_metric(&world->server, "plenum_refused_malformed_total");
        upgraded(world, &client);
        raw_frame(&client, FIN | RAW_BINARY, cases[i].bytes, cases[i].len);
        assert_ended(world, &client, 1002, PL_MALFORMED, "plenum_refused_malformed_total", before);
    }
}

static void a_session_that_does_not_begin_with_hello_ends(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    uint64_t before = live_server_metric(&world->server, "plenum_refused_state_total");
    upgraded(world, &client);
    raw_frame(&client, FIN | RAW_BINARY, "\x92\x0c\xc0", 3); /* PRESENCE */
    assert_ended(world, &client, 1002, PL_STATE, "plenum_refused_state_total", before);
}

static void wrong_versions_and_tickets_are_refused_by_name(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    char ticket[64];
    uint64_t versions = live_server_metric(&world->server, "plenum_refused_version_total");
    uint64_t tickets = live_server_metric(&world->server, "plenum_refused_ticket_total");
    assert_int_equal(live_ticket(&world->server, &world->board, world->board.viewer, ticket), 200);
    upgraded(world, &client);
    live_hello(&client, ticket, PL_SCHEMA_VERSION + 1);
    assert_ended(world, &client, 1008, PL_VERSION, "plenum_refused_version_total", versions);

    upgraded(world, &client);
    live_hello(&client, "9PV6Cb4R1pNlzQavcrgMCmQyFKUVg2TyKj4JmseXZ58", PL_SCHEMA_VERSION);
    assert_ended(world, &client, 1008, PL_TICKET, "plenum_refused_ticket_total", tickets);

    struct raw_client first; /* a ticket is used once */
    uint8_t welcome[1024];
    size_t len;
    assert_int_equal(live_ticket(&world->server, &world->board, world->board.viewer, ticket), 200);
    upgraded(world, &first);
    live_hello(&first, ticket, PL_SCHEMA_VERSION);
    assert_int_equal(raw_next(&first, welcome, sizeof welcome, &len), RAW_BINARY);
    upgraded(world, &client);
    live_hello(&client, ticket, PL_SCHEMA_VERSION);
    assert_ended(world, &client, 1008, PL_TICKET, "plenum_refused_ticket_total", tickets + 1);
    raw_close(&first);
}

static void forged_tokens_get_no_ticket(void **state)
{
    struct world *world = *state;
    char ticket[64];
    char forged[128];
    uint64_t before = live_server_metric(&world->server, "plenum_refused_token_total");
    strcpy(forged, world->board.viewer);
    forged[40] = forged[40] == 'A' ? 'B' : 'A';
    assert_int_equal(live_ticket(&world->server, &world->board, forged, ticket), 401);
    assert_int_equal(live_server_metric(&world->server, "plenum_refused_token_total"), before + 1);
}

static void websocket_garbage_only_ends_its_own_socket(void **state)
{
    static const char *const bytes[] = {
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", /* reserved bits and opcode */
        "\x82\x05hello",                                    /* not masked */
        "\x89\xfe\x01\x01\x01\x01\x01\x01",                 /* a ping too long for one */
        "\x80\x81\x01\x01\x01\x01\x01",                     /* a continuation of nothing */
        "\x88\x81\x01\x01\x01\x01\x01",                     /* a close with half a status */
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct raw_client client;
        uint64_t error;
        upgraded(world, &client);
        raw_send_text(&client, bytes[i]);
        raw_frame(&client, FIN | RAW_TEXT, "then text",
                  9); /* whatever it took the bytes for, this ends it */
        raw_close_status(&client, &error);
        raw_close(&client);
        assert_true(live_peer_answers(&world->honest));
    }
}

static void slow_headers_and_silent_sockets_are_hung_up_on(void **state)
{
    struct world *world = *state;
    char answer[4096];
    uint64_t error;
    raw_read_all(&world->slow_head, answer, sizeof answer);
    if (!world->server.secure)
        assert_non_null(strstr(answer, "\"code\":\"timeout\""));
    raw_read_all(&world->silent, answer, sizeof answer);
    assert_int_equal(raw_close_status(&world->no_hello, &error), 1008);
    assert_int_equal(error, PL_TIMEOUT);
    assert_int_equal(live_server_metric(&world->server, "plenum_sessions_timeout_total"), 1);
    assert_true(live_peer_answers(&world->honest));
}

/* A byte now and then does not keep it waiting. */
static void slow_bodies_are_refused(void **state)
{
    struct world *world = *state;
    char answer[4096];
    trickling_ends(world);
    raw_read_all(&world->slow_body, answer, sizeof answer);
    assert_memory_equal(answer, "HTTP/1.1 408 ", 13);
    assert_non_null(strstr(answer, "\"code\":\"timeout\""));
    assert_int_equal(live_server_metric(&world->server, "plenum_refused_slow_total"), 3); /* and what had slow headers */
    assert_true(live_peer_answers(&world->honest));
}

static void http_garbage_and_unbounded_requests_are_refused(void **state)
{
    struct world *world = *state;
    char answer[4096];
    char *request = malloc(80000);
    assert_non_null(request);
    assert_int_equal(
        ask(world,
            "POST /api/boards HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            answer),
        411);
    assert_int_equal(
        ask(world, "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", answer),
        413);
    assert_int_equal(
        ask(world,
            "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999\r\n\r\n",
            answer),
        413);
    assert_int_equal(
        ask(world, "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", answer),
        400);
    assert_int_equal(ask(world,
                         "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\n{}",
                         answer),
                     400);
    assert_int_equal(
        ask(world, "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", answer), 400);
    ask(world, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting\r\n\r\n", answer);
    assert_null(strstr(answer, "200 OK"));
    strcpy(request, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ");
    size_t at = strlen(request);
    memset(request + at, 'a', 70000);
    strcpy(request + at + 70000, "\r\nConnection: close\r\n\r\n");
    ask(world, request,
        answer); /* dropped or refused: the next line tells that nobody else noticed */
    assert_true(live_peer_answers(&world->honest));
    free(request);
}

static void paths_do_not_leave_the_web_root(void **state)
{
    static const char *const paths[] = {"/../data/data.mdb",   "/%2e%2e/data/data.mdb",
                                        "/..%2fdata/data.mdb", "/b/../../data/data.mdb",
                                        "//etc/passwd",        "/index.html%00.js"};
    struct world *world = *state;
    char request[256];
    char answer[4096];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                 paths[i]);
        assert_int_not_equal(ask(world, request, answer), 200);
    }
}

static void a_reader_that_never_reads_is_dropped_alone(void **state)
{
    struct world *world = *state;
    struct raw_client client;
    live_open(&client, &world->server);
    raw_send_text(&client,
                  "GET /big.js HTTP/1.1\r\nHost: x\r\n\r\nGET /big.js HTTP/1.1\r\nHost: x\r\n\r\n");
    for (unsigned i = 0; i < 20; i++)
        assert_true(live_peer_answers(&world->honest));
    raw_close(&client);
}

#define TEST(name) {#name, name}

/* The slow ones last: they have waited meanwhile. */
static const struct {
    const char *name;
    CMUnitTestFunction test;
} rudenesses[] = {
    TEST(a_foreign_page_cannot_open_a_socket),
    TEST(own_and_named_pages_can),
    TEST(another_subprotocol_or_path_or_version_is_refused),
    TEST(http2_is_refused),
    TEST(an_unknown_upgrade_on_a_kept_connection_is_harmless),
    TEST(a_tunnel_is_refused),
    TEST(a_message_over_the_limit_ends_its_session),
    TEST(a_flood_of_fragments_ends_its_session),
    TEST(a_message_in_fragments_is_one_message),
    TEST(a_text_frame_ends_its_session),
    TEST(bytes_that_are_no_message_end_their_session),
    TEST(a_session_that_does_not_begin_with_hello_ends),
    TEST(wrong_versions_and_tickets_are_refused_by_name),
    TEST(forged_tokens_get_no_ticket),
    TEST(websocket_garbage_only_ends_its_own_socket),
    TEST(http_garbage_and_unbounded_requests_are_refused),
    TEST(paths_do_not_leave_the_web_root),
    TEST(a_reader_that_never_reads_is_dropped_alone),
    TEST(slow_headers_and_silent_sockets_are_hung_up_on),
    TEST(slow_bodies_are_refused),
};
#define RUDE_N (sizeof rudenesses / sizeof *rudenesses)

int main(void)
{
    static struct world clear, secure;
    static char names[RUDE_N][80];
    struct CMUnitTest tests[2 * RUDE_N];
    world_start(&clear, false);
    world_start(&secure, true);
    for (size_t i = 0; i < RUDE_N; i++) { /* in turn, so that neither honest session is silent for long */
        snprintf(names[i], sizeof names[i], "%s, over TLS", rudenesses[i].name);
        tests[2 * i] = (struct CMUnitTest){
            .name = rudenesses[i].name, .test_func = rudenesses[i].test, .initial_state = &clear};
        tests[2 * i + 1] =
            (struct CMUnitTest){.name = names[i], .test_func = rudenesses[i].test, .initial_state = &secure};
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += !world_end(&clear);
    failed += !world_end(&secure);
    return failed;
}
