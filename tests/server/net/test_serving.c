/* The whole program as an operator and an honest browser meet it: starting, serving, ending. */
#include "proto/status.h"
#include "tests/support/core_world.h"
#include "tests/support/live_peer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char *get(struct raw_client *client, const char *request, size_t *ret_len)
{
    char head[4096];
    raw_send_text(client, request);
    assert_true(raw_read_head(client, head, sizeof head));
    const char *at = strstr(head, "Content-Length: ");
    assert_non_null(at);
    *ret_len = strtoul(at + 16, NULL, 10);
    return strdup(head);
}

static void body_skip(struct raw_client *client, size_t len, uint32_t *ret_sum)
{
    uint8_t byte;
    *ret_sum = 0;
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(raw_next_byte(client, &byte), 1);
        *ret_sum = *ret_sum * 31 + byte;
    }
}

static void one_connection_serves_many_files_whole(void **state)
{
    struct live_server server;
    struct raw_client client;
    uint32_t expected = 0;
    (void)state;
    live_server_start(&server);
    for (uint32_t i = 0; i < LIVE_BIG_BYTES / 4; i++)
        for (unsigned k = 0; k < 4; k++)
            expected = expected * 31 + (uint8_t)(i >> (8 * k)); /* little-endian machines */
    raw_open(&client, server.port);
    for (unsigned round = 0; round < 3; round++) {
        size_t len;
        uint32_t sum;
        free(get(&client, "GET /big.js HTTP/1.1\r\nHost: x\r\n\r\n", &len));
        assert_int_equal(len, LIVE_BIG_BYTES);
        body_skip(&client, len, &sum);
        assert_int_equal(sum, expected);
        free(get(&client, "HEAD /big.js HTTP/1.1\r\nHost: x\r\n\r\n", &len));
        assert_int_equal(len, LIVE_BIG_BYTES); /* and no body: the next answer comes at once */
        char *head = get(&client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &len);
        assert_memory_equal(head, "HTTP/1.1 200 OK\r\n", 17);
        free(head);
        body_skip(&client, len, &sum);
    }
    raw_close(&client);
    assert_true(live_server_end(&server));
}

/* `curl -X POST` sends neither a length nor a body. */
static void a_board_is_made_with_or_without_a_body(void **state)
{
    static const char *const posts[] = {
        "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "POST /api/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "POST /api/boards HTTP/1.1\r\nHost: x\r\n\r\n"}; /* the last on its connection */
    struct live_server server;
    struct raw_client client;
    (void)state;
    live_server_start(&server);
    raw_open(&client, server.port);
    for (unsigned round = 0; round < 3; round++) {
        size_t len;
        uint32_t sum;
        char *head = get(&client, posts[round], &len);
        assert_memory_equal(head, "HTTP/1.1 201 Created\r\n", 22);
        free(head);
        body_skip(&client, len, &sum);
    }
    raw_close(&client);
    assert_true(live_server_end(&server));
}

static void people_meet_and_are_told_when_the_server_goes(void **state)
{
    struct live_server server;
    struct live_board board;
    struct live_peer ana;
    struct live_peer bo;
    uint64_t error;
    (void)state;
    live_server_start(&server);
    live_board_make(&server, &board);
    live_peer_join(&ana, &server, &board, board.owner);
    live_peer_join(&bo, &server, &board, board.viewer);
    assert_int_not_equal(ana.session, bo.session);
    assert_true(live_peer_answers(&ana));
    assert_true(live_peer_answers(&bo));
    assert_int_equal(live_server_metric(&server, "plenum_sessions"), 2);
    assert_int_equal(live_server_metric(&server, "plenum_sockets"), 2);
    live_peer_leave(&bo);
    assert_true(live_server_metric_is(&server, "plenum_sockets", 1));
    assert_true(live_server_end(&server));
    assert_int_equal(raw_close_status(&ana.client, &error), 1012);
    assert_int_equal(error, PL_DRAINING);
    live_peer_leave(&ana);
}

static void two_programs_do_not_share_a_port_or_a_folder(void **state)
{
    struct live_server server;
    char text[512];
    char where[64];
    char data[96];
    (void)state;
    live_server_start(&server);
    snprintf(where, sizeof where, "127.0.0.1:%u", server.port);
    snprintf(data, sizeof data, "%s/data", server.dir);
    const char *same_folder[] = {"--listen", "127.0.0.1:0", "--data", data,
                                 "--log",    "silent",      NULL};
    assert_int_equal(live_server_refusal(same_folder, text), 1);
    assert_non_null(strstr(text, "another process uses the data folder"));
    char other[64];
    core_dir_make(other);
    const char *same_port[] = {"--listen", where, "--data", other, "--log", "silent", NULL};
    assert_int_equal(live_server_refusal(same_port, text), 1);
    assert_non_null(strstr(text, "another process listens on"));
    core_dir_remove(other);
    assert_true(live_server_end(&server));
}

static void a_start_that_cannot_be_says_why(void **state)
{
    char text[512];
    char dir[64];
    char file[96];
    (void)state;
    core_dir_make(dir);
    snprintf(file, sizeof file, "%s/file", dir);
    FILE *made = fopen(file, "w");
    assert_non_null(made);
    fclose(made);
    const char *no_folder[] = {"--listen", "127.0.0.1:0", "--data", file, "--log", "silent", NULL};
    assert_int_equal(live_server_refusal(no_folder, text), 1);
    assert_non_null(strstr(text, "cannot use the data folder"));
    char data[96];
    snprintf(data, sizeof data, "%s/data", dir);
    const char *bad_address[] = {"--listen", "localhost:8080", "--data", data,
                                 "--log",    "silent",         NULL};
    assert_int_equal(live_server_refusal(bad_address, text), 2);
    assert_non_null(strstr(text, "numeric ADDR:PORT"));
    const char *unknown[] = {"--lisen", "x", NULL};
    assert_int_equal(live_server_refusal(unknown, text), 2);
    assert_non_null(strstr(text, "--lisen"));
    core_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_connection_serves_many_files_whole),
        cmocka_unit_test(a_board_is_made_with_or_without_a_body),
        cmocka_unit_test(people_meet_and_are_told_when_the_server_goes),
        cmocka_unit_test(two_programs_do_not_share_a_port_or_a_folder),
        cmocka_unit_test(a_start_that_cannot_be_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
