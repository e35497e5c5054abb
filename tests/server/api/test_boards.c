/* From a click to a ticket: making a board, and entering it by one of its links. */
#include "auth/grant.h"
#include "tests/support/api_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static unsigned create(struct api_world *world, const char *body)
{
    struct api_request request = api_world_request(API_POST, "/api/boards");
    request.body = api_text(body);
    return api_world_ask(world, &request);
}

static unsigned enter(struct api_world *world, const char *board, const char *body,
                      const char *cookie_or_null)
{
    char path[600];
    snprintf(path, sizeof path, "/api/boards/%s/ticket", board);
    struct api_request request = api_world_request(API_POST, path);
    request.body = api_text(body);
    if (cookie_or_null != NULL)
        request.cookie = api_text(cookie_or_null);
    return api_world_ask(world, &request);
}

/* A board and the token of its link for `role`. */
static void board_with_token(struct api_world *world, const char *role, char ret_board[512],
                             char ret_token[512])
{
    char mark[64];
    char link[512];
    assert_int_equal(create(world, "{\"title\":\"Plans\"}"), 201);
    api_world_cut(world, "\"board\":\"", "\"", ret_board);
    snprintf(mark, sizeof mark, "\"%s\":\"", role);
    api_world_cut(world, mark, "\"", link);
    strcpy(ret_token, strstr(link, "#k=") + 3);
}

static void a_new_board_has_three_absolute_links(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char board[512];
    char start[600];
    char link[512];
    (void)state;
    assert_int_equal(create(world, "{\"title\":\"\xe8\xae\xa1\xe5\x88\x92\"}"), 201);
    api_world_cut(world, "\"board\":\"", "\"", board);
    assert_int_equal(strlen(board), IDENT_TEXT_LEN);
    snprintf(start, sizeof start, "http://board.example:8080/b/%s#k=", board);
    static const char *const marks[] = {"\"owner\":\"", "\"editor\":\"", "\"viewer\":\""};
    for (size_t i = 0; i < 3; i++) {
        api_world_cut(world, marks[i], "\"", link);
        assert_memory_equal(link, start, strlen(start));
    }
    assert_int_equal(metrics_get(world->core->metrics, METRIC_BOARDS_CREATED), 1);
    api_world_free(world);
}

static void links_begin_with_the_pages_own_origin(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    char link[512];
    (void)state;
    request.origin = api_text("https://board.example:8080"); /* a proxy ends TLS */
    assert_int_equal(api_world_ask(world, &request), 201);
    api_world_cut(world, "\"owner\":\"", "\"", link);
    assert_memory_equal(link, "https://board.example:8080/b/", 29);
    api_world_free(world);
}

static void a_tools_links_begin_with_the_scheme_it_came_by(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    char link[512];
    (void)state;
    assert_int_equal(api_world_ask(world, &request), 201);
    api_world_cut(world, "\"owner\":\"", "\"", link);
    assert_memory_equal(link, "http://board.example:8080/b/", 28);
    request.channel = API_SECURE;
    assert_int_equal(api_world_ask(world, &request), 201);
    api_world_cut(world, "\"owner\":\"", "\"", link);
    assert_memory_equal(link, "https://board.example:8080/b/", 29);
    api_world_free(world);
}

static void a_page_may_choose_the_boards_id_and_gets_it_once(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request request = api_world_request(API_PUT, "/api/boards/8ArjesVCasQ");
    char board[512];
    (void)state;
    request.body = api_text("{\"title\":\"Mine\"}");
    assert_int_equal(api_world_ask(world, &request), 201);
    api_world_cut(world, "\"board\":\"", "\"", board);
    assert_string_equal(board, "8ArjesVCasQ");
    assert_int_equal(api_world_ask(world, &request), 409);
    assert_null(strstr(world->body, "#k="));
    assert_int_equal(metrics_get(world->core->metrics, METRIC_BOARDS_CREATED), 1);
    api_world_free(world);
}

static void nonsense_makes_no_board(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
    } cases[] = {
        {"{", 400},
        {"[]", 400},
        {"\"x\"", 400},
        {"{\"title\":5}", 400},
        {"{\"title\":\"a\",\"title\":\"b\"}", 400},
        {"{\"title\":\"\xff\"}", 400},
        {"{\"title\":\"a\\u0000b\"}", 400},
        {"{\"title\":\"a\"} trailing", 400},
    };
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char body[1024];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(create(world, cases[i].body), cases[i].status);
    snprintf(body, sizeof body, "{\"title\":\"%0600d\"}", 1);
    assert_int_equal(create(world, body), 413);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    request.host = api_text("evil\"host");
    assert_int_equal(api_world_ask(world, &request), 400);
    request.host = (struct pl_slice){0};
    assert_int_equal(api_world_ask(world, &request), 400);
    assert_int_equal(metrics_get(world->core->metrics, METRIC_BOARDS_CREATED), 0);
    api_world_free(world);
}

static void a_deeply_nested_body_is_refused(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char body[32768];
    (void)state;
    memset(body, '[', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    assert_int_equal(create(world, body), 400);
    api_world_free(world);
}

static void a_foreign_page_makes_no_board_and_is_counted(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    (void)state;
    request.origin = api_text("http://evil.example");
    assert_int_equal(api_world_ask(world, &request), 403);
    assert_non_null(strstr(world->body, "\"code\":\"origin\""));
    request.origin = api_text("null");
    assert_int_equal(api_world_ask(world, &request), 403);
    assert_int_equal(metrics_get(world->core->metrics, METRIC_REFUSED_ORIGIN), 2);
    request.origin = api_text("https://office.example");
    assert_int_equal(api_world_ask(world, &request), 201);
    api_world_free(world);
}

static void a_link_and_a_name_give_a_ticket_in_the_links_role(void **state)
{
    static const char *const roles[] = {"owner", "editor", "viewer"};
    static const enum pl_role values[] = {PL_ROLE_OWNER, PL_ROLE_EDITOR, PL_ROLE_VIEWER};
    struct api_world *world = api_world_new(NULL, 0, NULL);
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char board[512];
        char token[512];
        char ticket[512];
        char body[768];
        uint64_t id;
        struct grant grant;
        board_with_token(world, roles[i], board, token);
        snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana \xe5\xa8\x9c\"}", token);
        assert_int_equal(enter(world, board, body, NULL), 200);
        api_world_cut(world, "\"ticket\":\"", "\"", ticket);
        assert_non_null(strstr(world->body, roles[i]));
        assert_int_equal(tickets_take(world->core->tickets, api_text(ticket),
                                      loop_now_ms(world->core->port), &grant),
                         PL_OK);
        assert_int_equal(grant.role, values[i]);
        assert_string_equal(grant.name, "Ana \xe5\xa8\x9c");
        assert_true(ident_read(api_text(board), &id));
        assert_int_equal(grant.board, id);
    }
    api_world_free(world);
}

static void one_browser_is_one_guest_on_every_board(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char board[512];
    char token[512];
    char first[512];
    char again[512];
    char cookie[1024];
    char body[768];
    (void)state;
    board_with_token(world, "editor", board, token);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", token);
    assert_int_equal(enter(world, board, body, NULL), 200);
    api_world_cut(world, "\"user\":", ",", first);
    assert_true(api_world_header(world, "Set-Cookie", cookie));
    assert_non_null(strstr(cookie, "HttpOnly"));
    cookie[strcspn(cookie, ";")] = '\0';
    board_with_token(world, "viewer", board, token);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", token);
    assert_int_equal(enter(world, board, body, cookie), 200);
    api_world_cut(world, "\"user\":", ",", again);
    assert_string_equal(first, again);
    assert_int_equal(enter(world, board, body, NULL), 200);
    api_world_cut(world, "\"user\":", ",", again);
    assert_string_not_equal(first, again);
    api_world_free(world);
}

static void bad_tokens_names_and_boards_are_refused_by_name(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char board[512];
    char other[512];
    char token[512];
    char foreign[512];
    char body[1024];
    (void)state;
    board_with_token(world, "editor", board, token);
    board_with_token(world, "editor", other, foreign);

    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", foreign);
    assert_int_equal(enter(world, board, body, NULL), 401);
    assert_non_null(strstr(world->body, "\"code\":\"token\""));
    assert_int_equal(enter(world, board, "{\"token\":\"forged\",\"name\":\"Ana\"}", NULL), 401);
    assert_int_equal(enter(world, board, "{\"name\":\"Ana\"}", NULL), 401);
    assert_int_equal(metrics_get(world->core->metrics, METRIC_REFUSED_TOKEN), 3);

    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", token);
    assert_int_equal(enter(world, "AAAAAAAAAAE", body, NULL), 401); /* as if there were such a board */
    assert_int_equal(enter(world, "not-an-id", body, NULL), 401);
    assert_int_equal(metrics_get(world->core->metrics, METRIC_REFUSED_TOKEN), 5);

    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"  \"}", token);
    assert_int_equal(enter(world, board, body, NULL), 400);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    assert_int_equal(enter(world, board, body, NULL), 400);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"a\\nb\"}", token);
    assert_int_equal(enter(world, board, body, NULL), 400);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"%0100d\"}", token, 1);
    assert_int_equal(enter(world, board, body, NULL), 413);
    snprintf(body, sizeof body, "{\"token\":\"%0300d\",\"name\":\"Ana\"}", 1);
    assert_int_equal(enter(world, board, body, NULL), 413);
    api_world_free(world);
}

static void links_survive_a_restart(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    char board[512];
    char token[512];
    struct secrets secrets;
    uint64_t id;
    struct grant grant;
    (void)state;
    board_with_token(world, "owner", board, token);
    assert_true(ident_read(api_text(board), &id));
    api_world_restart(world);
    struct links links = store_links(world->core->store);
    struct keys keys;
    assert_int_equal(store_secrets(world->core->store, &secrets), PL_OK);
    keys_load(&keys, &secrets);
    assert_int_equal(grant_check(&keys, &links, api_text(token), id, 1, &grant), PL_OK);
    assert_int_equal(grant.role, PL_ROLE_OWNER);
    api_world_free(world);
}

static void a_draining_server_makes_nothing_new(void **state)
{
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request ready = api_world_request(API_GET, "/readyz");
    (void)state;
    assert_int_equal(api_world_ask(world, &ready), 200);
    world->health.state = HEALTH_DRAINING;
    assert_int_equal(create(world, "{}"), 503);
    assert_non_null(strstr(world->body, "\"code\":\"draining\""));
    assert_non_null(strstr(world->head, "Retry-After"));
    assert_int_equal(api_world_ask(world, &ready), 503);
    api_world_free(world);
}

static void nobody_waits(void *user, struct api_response *response)
{
    (void)response;
    fail_msg("%s", (const char *)user);
}

static bool created(void *user)
{
    return metrics_get(((struct api_world *)user)->core->metrics, METRIC_BOARDS_CREATED) == 1;
}

static void a_cancelled_call_is_not_answered_and_the_board_is_made(void **state)
{
    static char said[] = "a cancelled call was answered";
    struct api_world *world = api_world_new(NULL, 0, NULL);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    (void)state;
    struct api_call *call = api_begin(world->api, &request, nobody_waits, said);
    assert_non_null(call);
    api_cancel(call);
    assert_true(core_loop_until(world->core->loop, created, world));
    api_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_board_has_three_absolute_links),
        cmocka_unit_test(links_begin_with_the_pages_own_origin),
        cmocka_unit_test(a_tools_links_begin_with_the_scheme_it_came_by),
        cmocka_unit_test(a_page_may_choose_the_boards_id_and_gets_it_once),
        cmocka_unit_test(nonsense_makes_no_board),
        cmocka_unit_test(a_deeply_nested_body_is_refused),
        cmocka_unit_test(a_foreign_page_makes_no_board_and_is_counted),
        cmocka_unit_test(a_link_and_a_name_give_a_ticket_in_the_links_role),
        cmocka_unit_test(one_browser_is_one_guest_on_every_board),
        cmocka_unit_test(bad_tokens_names_and_boards_are_refused_by_name),
        cmocka_unit_test(links_survive_a_restart),
        cmocka_unit_test(a_draining_server_makes_nothing_new),
        cmocka_unit_test(a_cancelled_call_is_not_answered_and_the_board_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
