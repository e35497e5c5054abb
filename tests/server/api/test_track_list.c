/* The list of a board's talk-tracks, which may be long, and many at once. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define ASKED_N   300u
#define WAITING_N 64u

struct fixture {
    struct api_world *world;
    struct api_board board;
    struct api_link viewer_link;
    struct api_guest author, viewer;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    api_board_link(fixture.world, &fixture.board, "viewer", 0, &fixture.viewer_link);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.author);
    api_guest_come(fixture.world, &fixture.board, fixture.viewer_link.token, &fixture.viewer);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

/* Large enough to be sent in pieces. */
static void a_long_list_is_whole(void **state)
{
    struct fixture *fixture = *state;
    char body[24576], track[16], below[32], type[1024];
    size_t len = (size_t)snprintf(body, sizeof body, "{\"chapters\":[");
    for (unsigned i = 0; i < PL_TRACK_CHAPTERS_MAX; i++)
        len += (size_t)snprintf(body + len, sizeof body - len, "%s{\"at_ms\":%u,\"title\":\"%050u\"}", i == 0 ? "" : ",", i, i);
    snprintf(body + len, sizeof body - len, "]}");
    for (unsigned i = 0; i < 24; i++) {
        api_track_whole(fixture->world, &fixture->author, track);
        snprintf(below, sizeof below, "/%s", track);
        assert_int_equal(api_track_json(fixture->world, &fixture->author, API_PUT, below, body), 200);
    }
    assert_int_equal(api_track_json(fixture->world, &fixture->viewer, API_GET, "", ""), 200);
    assert_false(fixture->world->broken);
    assert_true(fixture->world->body_len > 24 * len);
    assert_memory_equal(fixture->world->body, "{\"tracks\":[{\"track\":\"", 21);
    assert_true(api_world_header(fixture->world, "Content-Type", type));
    assert_string_equal(type, "application/json");
}

struct answers {
    unsigned good, refused;
};

static void list_answered(void *user, struct api_response *response)
{
    struct answers *answers = user;
    answers->good += response->status == 200;
    answers->refused += response->status == 429;
    api_response_done(response);
}

static bool all_lists_came(void *user)
{
    const struct answers *answers = user;
    return answers->good + answers->refused == ASKED_N;
}

/* Lists of a full board are long: who asks for many, and may not even record, keeps nobody from it. */
static void whoever_asks_for_many_lists_keeps_others_from_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    char path[64], header[160], track[16];
    struct answers answers = {0};
    snprintf(path, sizeof path, "/api/boards/%s/tracks", fixture->board.id);
    snprintf(header, sizeof header, "Bearer %s", fixture->viewer.token);
    struct api_request request = api_world_request(API_GET, path);
    request.authorization = api_text(header);
    for (unsigned i = 0; i < ASKED_N; i++)
        (void)api_begin(fixture->world->api, &request, list_answered, &answers);
    assert_int_equal(answers.good, 0);
    assert_int_equal(answers.refused, ASKED_N - WAITING_N);
    api_track_begin(fixture->world, &fixture->author, "audio/webm", track);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_lists_came, &answers));
    assert_int_equal(answers.good, WAITING_N);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_long_list_is_whole),
        TEST(whoever_asks_for_many_lists_keeps_others_from_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
