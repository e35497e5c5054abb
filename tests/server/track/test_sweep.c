/* What goes in its time, whatever people do: files that were replaced, tracks that were thrown away, and all of it also
 * where somebody records without a pause. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/held_writer.h"
#include "track/op.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LOOK_MS 60000u

struct fixture {
    struct api_world *world;
    struct api_board board;
    struct api_guest author;
    struct track_asker asker; /* the same, below the routes */
    char track[16];           /* of theirs, begun */
    uint64_t track_id;
    unsigned answered;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    char number[512];
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture = (struct fixture){.world = api_world_new(NULL, 0, NULL)};
    api_board_make(fixture.world, &fixture.board);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.author);
    api_track_begin(fixture.world, &fixture.author, "audio/webm", fixture.track);
    CORE_CHECK(ident_read(api_text(fixture.track), &fixture.track_id));
    api_world_cut(fixture.world, "\"author\":", ",", number);
    fixture.asker = (struct track_asker){
        .board = fixture.board.board, .user = strtoull(number, NULL, 10), .role = PL_ROLE_OWNER};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static bool is_over(void *user)
{
    return !((const struct fixture *)user)->world->tracks->sweeping;
}

static void minutes_pass(struct fixture *fixture, unsigned n)
{
    for (; n > 0; n--) {
        core_loop_advance(fixture->world->core->loop, LOOK_MS);
        CORE_CHECK(core_loop_until(fixture->world->core->loop, is_over, fixture));
    }
}

static uint64_t room(struct fixture *fixture)
{
    uint64_t bytes;
    CORE_CHECK(tracks_room(fixture->world->tracks, fixture->board.board, &bytes) == PL_OK);
    return bytes;
}

static unsigned files_n(const struct fixture *fixture)
{
    char path[256];
    unsigned n = 0;
    snprintf(path, sizeof path, "%s/media", fixture->world->core->dir);
    DIR *dir = opendir(path);
    CORE_CHECK(dir != NULL);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n;
}

/* Covers of a MiB, each another. */
static void cover_put(struct fixture *fixture, uint8_t which)
{
    static uint8_t bytes[PL_TRACK_COVER_BYTES_MAX];
    char below[64];
    memset(bytes, which, sizeof bytes);
    memcpy(bytes, api_cover.data, api_cover.len);
    snprintf(below, sizeof below, "/%s/cover", fixture->track);
    assert_int_equal(
        api_track_ask(fixture->world, &fixture->author, API_PUT, below, (struct pl_slice){bytes, sizeof bytes}), 200);
}

/* Otherwise whoever replaces a cover again and again has the whole disk for an hour. */
static void what_was_replaced_takes_room_until_it_is_swept(void **state)
{
    struct fixture *fixture = *state;
    minutes_pass(fixture, 1);
    const uint64_t before = room(fixture);
    for (uint8_t i = 0; i < 3; i++)
        cover_put(fixture, i);
    assert_int_equal(before - room(fixture), 3 * PL_TRACK_COVER_BYTES_MAX);
    cover_put(fixture, 2); /* the same once more takes nothing */
    assert_int_equal(before - room(fixture), 3 * PL_TRACK_COVER_BYTES_MAX);
    minutes_pass(fixture, 60);
    assert_int_equal(before - room(fixture), PL_TRACK_COVER_BYTES_MAX);
    assert_int_equal(files_n(fixture), 1);
    for (uint8_t i = 3; i < 67; i++)
        cover_put(fixture, i);
    minutes_pass(fixture, 1); /* so much does not wait for the hour */
    assert_int_equal(files_n(fixture), 1);
    assert_int_equal(before - room(fixture), PL_TRACK_COVER_BYTES_MAX);
}

static void many_that_were_thrown_away_do_not_pile_up(void **state)
{
    struct fixture *fixture = *state;
    char made[16], below[64];
    minutes_pass(fixture, 1);
    for (unsigned i = 0; i < 150; i++) {
        api_track_begin(fixture->world, &fixture->author, "audio/webm", made);
        snprintf(below, sizeof below, "/%s", made);
        assert_int_equal(api_track_json(fixture->world, &fixture->author, API_DELETE, below, ""), 200);
    }
    minutes_pass(fixture, 63); /* one sweep an hour, and two more as soon as may be */
    uint64_t bytes;
    uint32_t n;
    assert_int_equal(ledger_room(fixture->world->tracks->ledger, fixture->board.board, &bytes, &n), PL_OK);
    assert_int_equal(n, 1);
}

static void days_pass(struct fixture *fixture, uint64_t days)
{
    struct core_loop *loop = fixture->world->core->loop;
    core_loop_wall_set(loop, loop_wall_ms(core_loop_port(loop)) + days * 24 * 3600 * 1000);
    minutes_pass(fixture, 61);
}

static unsigned ask(struct fixture *fixture, enum api_method method, const char *track, const char *body)
{
    char below[64];
    snprintf(below, sizeof below, "/%s", track);
    return api_track_json(fixture->world, &fixture->author, method, below, body);
}

static void ends_in_days(struct fixture *fixture, uint64_t days)
{
    char text[512];
    api_world_cut(fixture->world, "\"ends_ms\":", ",", text);
    const uint64_t ends_ms = strtoull(text, NULL, 10), day_ms = 24 * 3600 * 1000;
    const uint64_t now_ms = loop_wall_ms(core_loop_port(fixture->world->core->loop));
    assert_in_range(ends_ms, now_ms + days * day_ms - day_ms / 2, now_ms + days * day_ms + day_ms / 2);
}

/* Its author may have lost the cookie, and nobody else hears of it: it would take room for ever. SPEC K10. */
static void an_unfinished_track_goes_when_nothing_came_for_a_month(void **state)
{
    struct fixture *fixture = *state;
    char finished[16];
    api_track_whole(fixture->world, &fixture->author, finished);
    const uint64_t before = room(fixture);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 0, "media", 0, api_webm), 200);
    assert_int_equal(ask(fixture, API_GET, fixture->track, ""), 200);
    ends_in_days(fixture, 30);
    days_pass(fixture, 29);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 0, "media", 1, api_text("more")), 200);
    days_pass(fixture, 29);
    assert_int_equal(ask(fixture, API_PUT, fixture->track, "{\"title\":\"Not forgotten\"}"), 200);
    days_pass(fixture, 29);
    assert_int_equal(ask(fixture, API_GET, fixture->track, ""), 200);
    ends_in_days(fixture, 1);
    assert_true(room(fixture) < before);
    days_pass(fixture, 1);
    assert_int_equal(ask(fixture, API_GET, fixture->track, ""), 404);
    assert_int_equal(room(fixture), before);
    assert_int_equal(ask(fixture, API_GET, finished, ""), 200); /* what was finished stays */
    assert_null(strstr(fixture->world->body, "ends_ms"));
    assert_int_equal(files_n(fixture), 4);
}

static void written(void *user, enum pl_status status)
{
    CORE_CHECK(status == PL_OK);
    ((struct fixture *)user)->answered++;
}

static bool is_written(void *user)
{
    return ((const struct fixture *)user)->answered == 1;
}

/* Its rows are of before it was noted when something came. */
static void a_track_of_which_nobody_knows_how_old_it_is_stays(void **state)
{
    struct fixture *fixture = *state;
    struct core_world *core = fixture->world->core;
    struct track *track;
    CORE_CHECK(store_track(core->store, fixture->board.board, fixture->track_id, &track) == PL_OK);
    track->touched_ms = 0;
    store_track_put(core->store, &(struct track_change){.track = track, .about = true}, written, fixture);
    CORE_CHECK(core_loop_until(core->loop, is_written, fixture));
    track_free(track);
    days_pass(fixture, 100);
    assert_int_equal(ask(fixture, API_GET, fixture->track, ""), 200);
    assert_null(strstr(fixture->world->body, "ends_ms"));
}

static void answered(void *user, const struct tracks_answer *answer)
{
    struct fixture *fixture = user;
    CORE_CHECK(answer->status == PL_OK);
    fixture->answered++;
}

static bool all_is_still(void *user)
{
    return ((const struct fixture *)user)->world->tracks->op_n == 0;
}

/* A chunk is under way at each moment that is looked at: the disk does not take it before. */
static void a_sweep_comes_also_where_somebody_always_records(void **state)
{
    struct fixture *fixture = *state;
    struct core_loop *loop = fixture->world->core->loop;
    char made[16], below[64];
    minutes_pass(fixture, 1);
    api_track_begin(fixture->world, &fixture->author, "audio/webm", made);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, made, 0, "media", 0, api_webm), 200);
    snprintf(below, sizeof below, "/%s", made);
    assert_int_equal(api_track_json(fixture->world, &fixture->author, API_DELETE, below, ""), 200);
    for (uint32_t i = 0; i < 122; i++) {
        struct track_upload upload = {.track = fixture->track_id, .chunk = i, .bytes = api_webm};
        struct held_writer *held = writer_hold(fixture->world->core);
        CORE_CHECK(digest_of(&digest_sha256, api_webm.data, api_webm.len, upload.hash));
        assert_int_equal(tracks_chunk(fixture->world->tracks, &fixture->asker, &upload, answered, fixture), PL_OK);
        core_loop_advance(loop, LOOK_MS);
        writer_let_go(held);
        CORE_CHECK(core_loop_until(loop, all_is_still, fixture));
    }
    CORE_CHECK(core_loop_until(loop, is_over, fixture));
    assert_int_equal(fixture->answered, 122);
    assert_int_equal(files_n(fixture), 1); /* of what was thrown away nothing is left */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_replaced_takes_room_until_it_is_swept),
        TEST(many_that_were_thrown_away_do_not_pile_up),
        TEST(a_sweep_comes_also_where_somebody_always_records),
        TEST(an_unfinished_track_goes_when_nothing_came_for_a_month),
        TEST(a_track_of_which_nobody_knows_how_old_it_is_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
