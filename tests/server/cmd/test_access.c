/* Links, the audit record and the signing key as an operator meets them: commands on the folder of a real server, and
 * requests over real sockets. */
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include "tests/support/live_peer.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct live_server server;
    struct live_board board;
    char data[128];
    char text[65536];
};

static int run(struct fixture *fixture, const char *const *arguments)
{
    return live_run(arguments, fixture->text, sizeof fixture->text);
}
#define RUN(fixture, ...) run(fixture, (const char *const[]){__VA_ARGS__, NULL})

static void says(const struct fixture *fixture, const char *what)
{
    if (strstr(fixture->text, what) == NULL)
        fail_msg("'%s' is not in: %.2000s", what, fixture->text);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    live_server_start(&fixture.server);
    live_board_make(&fixture.server, &fixture.board);
    snprintf(fixture.data, sizeof fixture.data, "%s/data", fixture.server.dir);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    assert_true(live_server_end(&fixture->server));
    return 0;
}

/* The token of the editors' link as the command prints it. */
static void printed_token(struct fixture *fixture, char ret_token[128])
{
    assert_int_equal(RUN(fixture, "links", fixture->board.id, "--data", fixture->data, "--url",
                         "https://x.example"),
                     0);
    const char *line = strstr(fixture->text, "editor ");
    assert_non_null(line);
    const char *token = strstr(line, "#k=");
    assert_non_null(token);
    snprintf(ret_token, 128, "%.83s", token + 3);
    says(fixture, "https://x.example/b/");
}

/* Another key, while no server is at work; `keep` NULL: without grace. */
static void rotate(struct fixture *fixture, const char *keep)
{
    assert_true(live_server_stop(&fixture->server, SIGTERM));
    if (keep == NULL)
        assert_int_equal(RUN(fixture, "rotate-keys", "--data", fixture->data), 0);
    else
        assert_int_equal(RUN(fixture, "rotate-keys", "--data", fixture->data, "--keep", keep), 0);
    live_server_again(&fixture->server, &(struct live_how){0});
}

static unsigned opens(struct fixture *fixture, const char *token)
{
    char ticket[64];
    return live_ticket(&fixture->server, &fixture->board, token, ticket);
}

static void links_are_printed_as_they_open_the_board(void **state)
{
    struct fixture *fixture = *state;
    char token[128];
    printed_token(fixture, token);
    assert_string_equal(token, fixture->board.editor);
    assert_int_equal(RUN(fixture, "links", "AAAAAAAAAAE", "--data", fixture->data), 1);
    says(fixture, "there is no board");
    assert_int_equal(RUN(fixture, "links", "x", "--data", fixture->data), 2);
}

static void a_rotated_key_leaves_what_was_handed_out_its_grace(void **state)
{
    struct fixture *fixture = *state;
    char token[128];
    rotate(fixture, "2");
    says(fixture, "2 days more");
    assert_int_equal(opens(fixture, fixture->board.editor), 200);
    printed_token(fixture, token);
    assert_string_not_equal(token, fixture->board.editor);
    assert_int_equal(opens(fixture, token), 200);
    rotate(fixture, "1");
    assert_int_equal(opens(fixture, fixture->board.editor), 200); /* two keys ago */
    assert_int_equal(opens(fixture, token), 200);
}

static void after_a_leak_nothing_handed_out_before_opens_anything(void **state)
{
    struct fixture *fixture = *state;
    char token[128];
    rotate(fixture, "30");
    rotate(fixture, NULL);
    assert_int_equal(opens(fixture, fixture->board.editor), 401);
    assert_int_equal(opens(fixture, fixture->board.owner), 401);
    printed_token(fixture, token);
    assert_int_equal(opens(fixture, token), 200);
    assert_int_equal(RUN(fixture, "audit", "server", "--data", fixture->data), 0);
    says(fixture, " key_rotated outcome=ok\n");
}

static void a_served_folder_keeps_its_key(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(RUN(fixture, "rotate-keys", "--data", fixture->data), 1);
    says(fixture, "a server is at work");
    assert_int_equal(RUN(fixture, "rotate-keys", "--data", fixture->data, "--keep", "x"), 2);
    assert_int_equal(RUN(fixture, "rotate-keys", "--data", "/nonexistent"), 1);
    says(fixture, "is no data folder");
    assert_int_equal(opens(fixture, fixture->board.editor), 200);
}

/* The editors' link's id, by what the owner is told. */
static void link_id(struct fixture *fixture, char ret_id[16])
{
    struct raw_client client;
    char request[512];
    snprintf(request, sizeof request,
             "GET /api/boards/%s/links HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
             "%s\r\nConnection: close\r\n\r\n",
             fixture->board.id, fixture->board.owner);
    raw_open(&client, fixture->server.port);
    assert_true(raw_send_text(&client, request));
    (void)raw_read_all(&client, fixture->text, sizeof fixture->text);
    raw_close(&client);
    assert_memory_equal(fixture->text, "HTTP/1.1 200", 12);
    const char *role = strstr(fixture->text, "\"role\":\"editor\"");
    assert_non_null(role);
    while (strncmp(role, "\"link\":\"", 8) != 0)
        role--;
    snprintf(ret_id, 16, "%.11s", role + 8);
}

static void a_link_withdrawn_over_http_ends_its_sessions(void **state)
{
    struct fixture *fixture = *state;
    struct live_peer editor, viewer;
    struct raw_client client;
    char request[512], id[16];
    uint64_t code = 0;
    live_peer_join(&editor, &fixture->server, &fixture->board, fixture->board.editor);
    live_peer_join(&viewer, &fixture->server, &fixture->board, fixture->board.viewer);
    link_id(fixture, id);
    snprintf(request, sizeof request,
             "DELETE /api/boards/%s/links/%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
             "Connection: close\r\n\r\n",
             fixture->board.id, id, fixture->board.owner);
    raw_open(&client, fixture->server.port);
    assert_true(raw_send_text(&client, request));
    (void)raw_read_all(&client, fixture->text, sizeof fixture->text);
    raw_close(&client);
    assert_memory_equal(fixture->text, "HTTP/1.1 200", 12);
    assert_int_equal(raw_close_status(&editor.client, &code), 1008);
    assert_int_equal(code, PL_REVOKED);
    assert_true(live_peer_answers(&viewer));
    assert_int_equal(opens(fixture, fixture->board.editor), 403);
    live_peer_leave(&viewer);
    raw_close(&editor.client);

    assert_int_equal(RUN(fixture, "audit", fixture->board.id, "--data", fixture->data), 0);
    says(fixture, " board_made outcome=ok");
    says(fixture, " joined outcome=ok user=");
    says(fixture, " link_revoked outcome=ok role=editor link=");
    says(fixture, id);
    assert_null(strstr(fixture->text, fixture->board.owner));
    assert_null(strstr(fixture->text, fixture->board.editor));
    assert_int_equal(RUN(fixture, "links", fixture->board.id, "--data", fixture->data), 0);
    assert_null(strstr(fixture->text, "editor "));
}

static void restoring_and_importing_are_on_record(void **state)
{
    struct fixture *fixture = *state;
    char dir[64], backup[128], restored[128], json[128], board[16];
    core_dir_make(dir);
    snprintf(backup, sizeof backup, "%s/backup", dir);
    snprintf(restored, sizeof restored, "%s/restored", dir);
    snprintf(json, sizeof json, "%s/board.json", dir);
    assert_int_equal(RUN(fixture, "backup", backup, "--data", fixture->data), 0);
    assert_int_equal(RUN(fixture, "restore", backup, "--data", restored), 0);
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--data", restored, "--out", json),
                     0);
    assert_int_equal(RUN(fixture, "import", json, "--data", restored), 0);
    assert_memory_equal(fixture->text, "board ", 6);
    snprintf(board, sizeof board, "%.11s", fixture->text + 6);
    assert_int_equal(RUN(fixture, "audit", "server", "--data", restored), 0);
    says(fixture, " folder_restored outcome=ok\n");
    assert_int_equal(RUN(fixture, "audit", board, "--data", restored), 0);
    says(fixture, " board_imported outcome=ok\n");
    core_dir_remove(dir);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(links_are_printed_as_they_open_the_board),
        TEST(a_rotated_key_leaves_what_was_handed_out_its_grace),
        TEST(after_a_leak_nothing_handed_out_before_opens_anything),
        TEST(a_served_folder_keeps_its_key),
        TEST(a_link_withdrawn_over_http_ends_its_sessions),
        TEST(restoring_and_importing_are_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
