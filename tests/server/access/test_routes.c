/* Every route by everybody, against the table in expected.def, and what else a request must not get by: another method,
 * another door, a foreign page, a server that goes down. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WHO_N 7u /* nobody, by a withdrawn link, viewer to owner */

enum door { PEOPLE = 1, OPERATOR = 2, BOTH = 3 };

static const struct {
    const char *name, *pattern;
    enum door door;
    enum api_method method;
    bool from_page;
} routes[] = {
#define ROUTE(name, door, method, pattern, handler, from_page) \
    {#name, pattern, door, API_##method, from_page},
#include "api/routes.def"
#undef ROUTE
};
#define ROUTE_N (sizeof routes / sizeof *routes)

static const struct {
    const char *name;
    unsigned status[WHO_N];
} expected[] = {
#define ROUTE(name, ...) {#name, {__VA_ARGS__}},
#include "expected.def"
#undef ROUTE
};
_Static_assert(ROUTE_N == sizeof expected / sizeof *expected, "a route is missing in expected.def");

struct fixture {
    struct api_world *world;
    struct api_board board;
    const char *tokens[WHO_N];
    struct api_link links[WHO_N];
    struct api_guest author, other; /* of talk-tracks; somebody else, who asks */
    char track[16];
};

static int set_up(void **state)
{
    static const char *const roles[] = {"viewer", "commenter", "editor", "facilitator", "owner"};
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    fixture.tokens[0] = "";
    for (size_t who = 1; who < WHO_N; who++) {
        api_board_link(fixture.world, &fixture.board, who == 1 ? "owner" : roles[who - 2], 0,
                       &fixture.links[who]);
        fixture.tokens[who] = fixture.links[who].token;
    }
    assert_int_equal(api_board_ask(fixture.world, API_DELETE, &fixture.board, fixture.links[1].id,
                                   fixture.board.owner.token, ""),
                     200);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.author);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.other);
    api_track_whole(fixture.world, &fixture.author, fixture.track);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static size_t expected_at(const char *name)
{
    size_t i = 0;
    while (i < ROUTE_N && strcmp(expected[i].name, name) != 0)
        i++;
    assert_true(i < ROUTE_N);
    return i;
}

/* What a pattern's names stand for. */
struct named {
    const char *board, *link, *track;
};

static void path_of(const char *pattern, const struct named *named, char ret_path[128])
{
    const struct {
        const char *name, *value;
    } names[] = {{":board", named->board},
                 {":link", named->link},
                 {":track", named->track},
                 {":segment", "0"},
                 {":chunk", "0"}};
    size_t len = 0;
    while (*pattern != '\0') {
        size_t i = 0;
        while (i < 5 && strncmp(pattern, names[i].name, strlen(names[i].name)) != 0)
            i++;
        if (i < 5) {
            len += (size_t)snprintf(ret_path + len, 128 - len, "%s", names[i].value);
            pattern += strlen(names[i].name);
        } else {
            ret_path[len++] = *pattern++;
        }
    }
    ret_path[len] = '\0';
}

/* A body that the route would take from who may; "" for those that take none, or nothing in particular. */
static struct pl_slice body_of(const char *name, const char *token, char ret_text[320])
{
    static const struct {
        const char *name, *body;
    } bodies[] = {{"TICKET", "{\"token\":\"%s\",\"name\":\"Ana\"}"},
                  {"TRACK_CHANGE", "{\"title\":\"Tour\"}"},
                  {"SEGMENT_FINISH", "{\"length_ms\":1}"},
                  {"PROGRESS", "{\"played_ms\":1}"}};
    if (strcmp(name, "CAPTIONS_PUT") == 0 || strcmp(name, "COVER_PUT") == 0)
        return name[1] == 'A' ? api_captions : api_cover;
    size_t i = 0;
    while (i < 4 && strcmp(bodies[i].name, name) != 0)
        i++;
    snprintf(ret_text, 320, i < 4 ? bodies[i].body : "{\"role\":\"viewer\"}", token);
    return api_text(ret_text);
}

/* Route i asked as the table's person, about this board; what else is asked is in `request`. */
static unsigned ask(struct fixture *fixture, size_t i, const char *board, const char *token,
                    struct api_request request)
{
    struct api_link fresh = {0}; /* for PUT and DELETE to be about */
    char track[16], path[128], header[160], body[320], digest[80];
    strcpy(track, fixture->track);
    if (strstr(routes[i].pattern, ":link") != NULL)
        api_board_link(fixture->world, &fixture->board, "viewer", 0, &fresh);
    if (strcmp(routes[i].name, "TRACK_DELETE") == 0)
        api_track_whole(fixture->world, &fixture->author, track);
    const struct named named = {board, fresh.id, track};
    path_of(routes[i].pattern, &named, path);
    snprintf(header, sizeof header, "Bearer %s", token);
    request.path = api_text(path);
    request.authorization = token[0] == '\0' ? (struct pl_slice){0} : api_text(header);
    request.cookie = api_text(fixture->other.cookie);
    request.body = body_of(routes[i].name, token, body);
    api_digest_write(request.body, digest);
    request.content_digest = api_text(digest);
    return api_world_ask(fixture->world, &request);
}

static struct api_request request_of(size_t i)
{
    struct api_request request = api_world_request(routes[i].method, "");
    request.operated = routes[i].door == OPERATOR;
    return request;
}

static void every_route_answers_everybody_as_the_table_says(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ROUTE_N; i++) {
        const unsigned *wanted = expected[expected_at(routes[i].name)].status;
        for (size_t who = 0; who < WHO_N; who++) {
            unsigned got = ask(fixture, i, fixture->board.id, fixture->tokens[who], request_of(i));
            if (got != wanted[who])
                fail_msg("%s, person %zu: %u, not %u", routes[i].name, who, got, wanted[who]);
        }
    }
}

static void no_token_of_one_board_opens_another(void **state)
{
    struct fixture *fixture = *state;
    struct api_board other;
    char absent[sizeof fixture->world->body];
    api_board_make(fixture->world, &other);
    for (size_t i = 0; i < ROUTE_N; i++) {
        if (expected[expected_at(routes[i].name)].status[0] != 401)
            continue; /* asks for no token */
        for (size_t who = 0; who < WHO_N; who++) {
            assert_int_equal(ask(fixture, i, "AAAAAAAAAAE", fixture->tokens[who], request_of(i)),
                             401);
            strcpy(absent, fixture->world->body);
            assert_int_equal(ask(fixture, i, other.id, fixture->tokens[who], request_of(i)), 401);
            assert_string_equal(fixture->world->body, absent);
        }
    }
}

static void a_foreign_page_gets_nowhere_with_an_owners_token(void **state)
{
    static const char *const origins[] = {"http://evil.example", "null", "",
                                          "http://board.example:8080.evil"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ROUTE_N; i++) {
        for (size_t k = 0; routes[i].from_page && k < 4; k++) {
            struct api_request request = request_of(i);
            request.origin = api_text(origins[k]);
            assert_int_equal(
                ask(fixture, i, fixture->board.id, fixture->tokens[WHO_N - 1], request), 403);
            assert_non_null(strstr(fixture->world->body, "\"code\":\"origin\""));
        }
    }
}

static void another_method_and_another_door_are_refused(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ROUTE_N; i++) {
        for (enum api_method method = API_GET; method <= API_OTHER; method++) {
            struct api_request request = request_of(i);
            bool named = false;
            request.method = method;
            for (size_t k = 0; k < ROUTE_N; k++)
                named = named || (strcmp(routes[k].pattern, routes[i].pattern) == 0 &&
                                  routes[k].method == method);
            if (!named)
                assert_int_equal(
                    ask(fixture, i, fixture->board.id, fixture->tokens[WHO_N - 1], request), 405);
        }
        if (routes[i].door != BOTH) {
            struct api_request request = request_of(i);
            request.operated = !request.operated;
            unsigned status =
                ask(fixture, i, fixture->board.id, fixture->tokens[WHO_N - 1], request);
            assert_int_equal(status, routes[i].method == API_GET ? 404 : 405);
        }
    }
}

static void a_server_that_goes_down_hands_out_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct api_link link = fixture->links[WHO_N - 1];
    for (size_t i = 0; i < ROUTE_N; i++) {
        char path[128], header[160];
        struct api_request request = request_of(i);
        const struct named named = {fixture->board.id, link.id, "AAAAAAAAAAE"};
        path_of(routes[i].pattern, &named, path);
        snprintf(header, sizeof header, "Bearer %s", link.token);
        request.path = api_text(path);
        request.authorization = api_text(header);
        fixture->world->health.state = HEALTH_DRAINING;
        if (routes[i].from_page)
            assert_int_equal(api_world_ask(fixture->world, &request), 503);
        fixture->world->health.state = HEALTH_READY;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_route_answers_everybody_as_the_table_says),
        TEST(no_token_of_one_board_opens_another),
        TEST(a_foreign_page_gets_nowhere_with_an_owners_token),
        TEST(another_method_and_another_door_are_refused),
        TEST(a_server_that_goes_down_hands_out_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
