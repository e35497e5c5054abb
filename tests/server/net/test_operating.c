/* What an operator sees of a running server: its log, its addresses, what it tells a service manager, and how it ends. */
#include "proto/message.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include "tests/support/exposition.h"
#include "tests/support/live_peer.h"
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define CROWD_N   40u

/* The members of the first line of this event, or NULL. */
static json_t *event_find(const char *path, const char *event, const char *secret, unsigned *ret_line_n)
{
    char line[4096];
    json_t *found = NULL;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    *ret_line_n = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *members = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        if (members == NULL)
            fail_msg("no JSON: %s", line);
        if (strstr(line, secret) != NULL)
            fail_msg("a secret is in the log: %s", line);
        assert_true(json_is_string(json_object_get(members, "ts")));
        assert_true(json_is_string(json_object_get(members, "level")));
        ++*ret_line_n;
        if (found == NULL && strcmp(json_string_value(json_object_get(members, "event")), event) == 0)
            found = json_incref(members);
        json_decref(members);
    }
    fclose(file);
    return found;
}

static void the_log_is_json_with_ids_and_without_tokens(void **state)
{
    static char errors[] = "/tmp/plenum-log-XXXXXX";
    struct live_how how = {.options = {"--log", "debug", "--log-format", "json"}, .errors = errors};
    struct live_server server;
    struct live_board board;
    struct live_peer ana;
    unsigned line_n;
    (void)state;
    close(mkstemp(errors));
    live_server_start_so(&server, &how);
    live_board_make(&server, &board);
    live_peer_join(&ana, &server, &board, board.editor);
    assert_true(live_peer_answers(&ana));
    live_peer_leave(&ana);
    assert_true(live_server_end(&server));

    json_t *connected = event_find(errors, "connected", board.editor, &line_n);
    json_t *opened = event_find(errors, "session_open", board.editor, &line_n);
    assert_true(line_n > 4);
    assert_string_equal(json_string_value(json_object_get(connected, "from")), "127.0.0.1");
    assert_true(json_is_integer(json_object_get(connected, "conn")));
    assert_true(json_equal(json_object_get(connected, "conn"), json_object_get(opened, "conn")));
    assert_int_equal(json_string_length(json_object_get(opened, "board")), 16);
    assert_string_equal(json_string_value(json_object_get(opened, "role")), "editor");
    json_decref(connected);
    json_decref(opened);
    unlink(errors);
}

/* A board's owner link, made by a tool through "a proxy". */
static void link_made(const struct live_server *server, char *ret_answer, size_t cap)
{
    struct raw_client client;
    raw_open(&client, server->port);
    raw_send_text(&client, "POST /api/boards HTTP/1.1\r\nHost: board.example\r\nX-Forwarded-Proto: https\r\n"
                           "X-Forwarded-For: 203.0.113.7\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
    raw_read_all(&client, ret_answer, cap);
    raw_close(&client);
}

static void a_proxy_is_believed_only_when_it_is_trusted(void **state)
{
    struct live_how trusting = {.options = {"--trusted-proxy", "127.0.0.0/8"}};
    struct live_server server;
    char answer[4096];
    (void)state;
    live_server_start(&server);
    link_made(&server, answer, sizeof answer);
    assert_non_null(strstr(answer, "\"http://board.example/b/"));
    live_server_again(&server, &trusting);
    link_made(&server, answer, sizeof answer);
    assert_non_null(strstr(answer, "\"https://board.example/b/"));
    assert_true(live_server_end(&server));
}

static void the_operators_address_has_metrics_and_no_boards(void **state)
{
    struct live_server server;
    struct raw_client client;
    char answer[65536];
    (void)state;
    live_server_start(&server);
    assert_int_equal(live_server_get_operator(&server, "/metrics", answer, sizeof answer), 200);
    assert_int_equal(live_server_get_operator(&server, "/readyz", answer, sizeof answer), 200);
    assert_int_equal(live_server_get_operator(&server, "/", answer, sizeof answer), 404);
    assert_int_equal(live_server_get(&server, "/metrics", answer, sizeof answer), 404);
    assert_int_equal(live_server_get(&server, "/readyz", answer, sizeof answer), 200);
    raw_open(&client, server.metrics_port);
    assert_int_equal(raw_upgrade(&client, "Sec-WebSocket-Protocol: plenum.1\r\n"), 400);
    raw_close(&client);
    assert_true(live_server_end(&server));
}

static void metrics_can_be_scraped_and_tell_of_disk_and_people(void **state)
{
    struct live_server server;
    struct live_board board;
    struct live_peer ana;
    static char answer[65536];
    (void)state;
    live_server_start(&server);
    live_board_make(&server, &board);
    live_peer_join(&ana, &server, &board, board.editor);
    assert_true(live_peer_answers(&ana));
    assert_int_equal(live_server_get_operator(&server, "/metrics", answer, sizeof answer), 200);
    assert_non_null(strstr(answer, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    const char *page = strstr(answer, "\r\n\r\n") + 4;
    exposition_check(page);
    assert_true(exposition_value(page, "plenum_sessions") == 1);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_count") > 1);
    assert_true(exposition_value(page, "plenum_journal_commit_seconds_sum") > 0);
    assert_true(exposition_value(page, "plenum_fanout_seconds_count") > 0);
    assert_true(exposition_value(page, "plenum_store_map_bytes") == 65536.0 * 1048576);
    assert_true(exposition_value(page, "plenum_store_file_bytes") > 0);
    assert_true(exposition_value(page, "plenum_store_readers") == 0);
    live_peer_leave(&ana);
    assert_true(live_server_end(&server));
}

/* A service manager's socket. */
static int manager_open(char path[64])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(path, 64, "/tmp/plenum-notify-%d", (int)getpid());
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_sec = 60}, sizeof(struct timeval));
    return fd;
}

static bool manager_hears(int fd, const char *wanted)
{
    char text[256];
    for (ssize_t n; (n = recv(fd, text, sizeof text - 1, 0)) > 0;) {
        text[n] = '\0';
        if (strstr(text, wanted) != NULL)
            return true;
    }
    return false;
}

static void a_service_manager_hears_ready_alive_and_stopping(void **state)
{
    struct live_server server;
    char path[64];
    (void)state;
    int fd = manager_open(path);
    live_server_start_so(&server, &(struct live_how){.notify = path});
    assert_true(manager_hears(fd, "READY=1"));
    assert_true(manager_hears(fd, "WATCHDOG=1"));
    assert_true(manager_hears(fd, "WATCHDOG=1"));
    assert_true(live_server_end(&server));
    assert_true(manager_hears(fd, "STOPPING=1"));
    close(fd);
    unlink(path);
}

static void ending_tells_a_crowd_to_come_back_and_waits_for_nobody_who_sleeps(void **state)
{
    static struct live_peer crowd[CROWD_N];
    struct live_server server;
    struct live_board board;
    struct live_peer asleep; /* reads nothing any more, and answers no close */
    uint8_t buffer[65536];
    uint64_t error;
    (void)state;
    live_server_start(&server);
    live_board_make(&server, &board);
    live_peer_join(&asleep, &server, &board, board.editor);
    for (unsigned i = 0; i < CROWD_N; i++)
        live_peer_join(&crowd[i], &server, &board, i % 2 == 0 ? board.editor : board.viewer);
    assert_true(live_server_end(&server)); /* by itself: one that waits for long ends with 1 */
    for (unsigned i = 0; i < CROWD_N; i++) {
        struct pl_message goaway = live_peer_until(&crowd[i], PL_MESSAGE_GOAWAY, buffer, sizeof buffer);
        assert_true(goaway.as.goaway.retry_after_ms > 0);
        assert_int_equal(raw_close_status(&crowd[i].client, &error), 1012);
        assert_int_equal(error, PL_DRAINING);
        live_peer_leave(&crowd[i]);
    }
    live_peer_leave(&asleep);
}

static void a_server_that_is_asked_twice_ends_at_once(void **state)
{
    struct live_server server;
    struct live_board board;
    struct live_peer asleep;
    (void)state;
    live_server_start(&server);
    live_board_make(&server, &board);
    live_peer_join(&asleep, &server, &board, board.editor);
    kill(server.pid, SIGTERM);
    /* It is heard to drain before the second signal, or both would be one. */
    uint8_t buffer[65536];
    (void)live_peer_until(&asleep, PL_MESSAGE_GOAWAY, buffer, sizeof buffer);
    (void)live_server_stop(&server, SIGTERM); /* its status is 1, or 0 when it was through already */
    live_peer_leave(&asleep);
    live_server_again(&server, &(struct live_how){0});
    live_peer_join(&asleep, &server, &board, board.editor);
    assert_true(live_peer_answers(&asleep));
    live_peer_leave(&asleep);
    assert_true(live_server_end(&server));
}

static void options_are_checked_without_serving(void **state)
{
    char text[8192];
    (void)state;
    const char *fine[] = {"serve", "--check-config", "--listen", "127.0.0.1:1", "--data", "/does/not/exist", NULL};
    assert_int_equal(live_run(fine, text, sizeof text), 0);
    assert_non_null(strstr(text, "# --listen\nlisten = 127.0.0.1:1\n"));
    setenv("PLENUM_LISEN", "127.0.0.1:1", 1);
    assert_int_equal(live_run(fine, text, sizeof text), 0);
    assert_non_null(strstr(text, " is no option's variable\n"));
    unsetenv("PLENUM_LISEN");
    const char *wrong[] = {"serve", "--check-config", "--map-mib", "all", NULL};
    assert_int_equal(live_run(wrong, text, sizeof text), 2);
    assert_non_null(strstr(text, "--map-mib wants a whole number"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_is_json_with_ids_and_without_tokens),
        cmocka_unit_test(a_proxy_is_believed_only_when_it_is_trusted),
        cmocka_unit_test(the_operators_address_has_metrics_and_no_boards),
        cmocka_unit_test(metrics_can_be_scraped_and_tell_of_disk_and_people),
        cmocka_unit_test(a_service_manager_hears_ready_alive_and_stopping),
        cmocka_unit_test(ending_tells_a_crowd_to_come_back_and_waits_for_nobody_who_sleeps),
        cmocka_unit_test(a_server_that_is_asked_twice_ends_at_once),
        cmocka_unit_test(options_are_checked_without_serving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
