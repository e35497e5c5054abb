/* Ops on talk-tracks that come at once: those of one track one after another in their order, those of several side by
 * side, none while a sweep is at work, and all answered before the server ends. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/held_writer.h"
#include "track/op.h"
#include "track/reading.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OPS    4u
#define TRACKS (BOARD_OPS_MAX / LANE_MAX + 1)

struct fixture {
    struct api_world *world;
    struct api_board board;
    struct api_guest author;
    struct track_asker asker; /* the same, below the routes */
    uint64_t tracks[TRACKS];  /* two of them begun */
    unsigned answered, wanted;
    enum pl_status statuses[64];
    uint32_t nexts[64];
};

static void answered(void *user, const struct tracks_answer *answer)
{
    struct fixture *fixture = user;
    fixture->statuses[fixture->answered] = answer->status;
    fixture->nexts[fixture->answered++] = answer->next;
}

static void track_begin(struct fixture *fixture, size_t i)
{
    char track[16];
    api_track_begin(fixture->world, &fixture->author, "audio/webm", track);
    CORE_CHECK(ident_read(api_text(track), &fixture->tracks[i]));
}

static int set_up(void **state)
{
    static struct fixture fixture;
    char number[512];
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture = (struct fixture){.world = api_world_new(NULL, 0, NULL)};
    api_board_make(fixture.world, &fixture.board);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.author);
    track_begin(&fixture, 0);
    track_begin(&fixture, 1);
    api_world_cut(fixture.world, "\"author\":", ",", number);
    fixture.asker = (struct track_asker){
        .board = fixture.board.board, .user = strtoull(number, NULL, 10), .role = PL_ROLE_EDITOR};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static enum pl_status put(struct fixture *fixture, size_t track, uint32_t chunk, struct pl_slice bytes)
{
    struct track_upload upload = {
        .track = fixture->tracks[track], .chunk = chunk, .stream = TRACK_MEDIA, .bytes = bytes};
    CORE_CHECK(digest_of(&digest_sha256, bytes.data, bytes.len, upload.hash));
    return tracks_chunk(fixture->world->tracks, &fixture->asker, &upload, answered, fixture);
}

static bool all_are_answered(void *user)
{
    return ((const struct fixture *)user)->answered >= OPS;
}

static bool one_is_answered(void *user)
{
    return ((const struct fixture *)user)->answered > 0;
}

static void chunks_of_one_track_are_taken_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK); /* again, before the first was answered */
    assert_int_equal(put(fixture, 0, 1, api_text("more")), PL_OK);
    assert_int_equal(put(fixture, 0, 3, api_text("a hole")), PL_OK);
    assert_int_equal(put(fixture, 0, 2, api_text("too much at once")), PL_LIMIT);
    assert_int_equal(fixture->answered, 0); /* never before the call returns */
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_are_answered, fixture));
    static const enum pl_status statuses[OPS] = {PL_OK, PL_OK, PL_OK, PL_GAP};
    static const uint32_t nexts[OPS] = {1, 1, 2, 2};
    for (size_t i = 0; i < OPS; i++) {
        assert_int_equal(fixture->statuses[i], statuses[i]);
        assert_int_equal(fixture->nexts[i], nexts[i]);
    }
}

static void a_busy_track_keeps_no_other_waiting(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < OPS; i++)
        assert_int_equal(put(fixture, 0, i, i == 0 ? api_webm : api_text("more")), PL_OK);
    assert_int_equal(put(fixture, 1, 0, api_webm), PL_OK);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_are_answered, fixture));
    for (unsigned i = 0; i < fixture->answered; i++)
        assert_int_equal(fixture->statuses[i], PL_OK);
    assert_int_equal(fixture->nexts[OPS - 1], 3); /* the other came between */
}

/* Whoever has any link of the board could keep its author from recording otherwise. */
static void those_who_may_not_take_no_turn_of_a_track(void **state)
{
    struct fixture *fixture = *state;
    struct tracks *tracks = fixture->world->tracks;
    const uint64_t track = fixture->tracks[0];
    const struct track_asker stranger = {.board = fixture->board.board, .user = 7, .role = PL_ROLE_EDITOR};
    struct track_asker author_below = fixture->asker;
    author_below.role = PL_ROLE_VIEWER;
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    for (unsigned i = 0; i < OPS; i++) {
        assert_int_equal(tracks_delete(tracks, &stranger, track, answered, fixture), PL_NOT_FOUND);
        assert_int_equal(tracks_segment_finish(tracks, &author_below, track, 0, 0, NULL, answered, fixture), PL_PERM);
    }
    for (uint32_t i = 1; i < OPS; i++)
        assert_int_equal(put(fixture, 0, i, api_text("more")), PL_OK);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_are_answered, fixture));
    for (unsigned i = 0; i < fixture->answered; i++)
        assert_int_equal(fixture->statuses[i], PL_OK);
}

static bool so_many_are_answered(void *user)
{
    const struct fixture *fixture = user;
    return fixture->answered >= fixture->wanted;
}

static void one_boards_people_leave_turns_for_others(void **state)
{
    struct fixture *fixture = *state;
    struct api_board other;
    api_board_make(fixture->world, &other);
    const struct track_asker elsewhere = {.board = other.board, .user = 7, .role = PL_ROLE_EDITOR};
    for (size_t i = 2; i < TRACKS; i++)
        track_begin(fixture, i);
    for (uint32_t i = 0; i < BOARD_OPS_MAX; i++)
        assert_int_equal(
            put(fixture, i / LANE_MAX, i % LANE_MAX, i % LANE_MAX == 0 ? api_webm : api_text("more")), PL_OK);
    assert_int_equal(put(fixture, TRACKS - 1, 0, api_webm), PL_LIMIT);
    assert_int_equal(tracks_make(fixture->world->tracks, &elsewhere, api_text("Tour"), answered, fixture), PL_OK);
    fixture->wanted = BOARD_OPS_MAX + 1;
    CORE_CHECK(core_loop_until(fixture->world->core->loop, so_many_are_answered, fixture));
    for (unsigned i = 0; i < fixture->answered; i++)
        assert_int_equal(fixture->statuses[i], PL_OK);
    assert_int_equal(put(fixture, TRACKS - 1, 0, api_webm), PL_OK);
}

static void what_comes_during_a_sweep_waits_for_its_end(void **state)
{
    struct fixture *fixture = *state;
    struct core_loop *loop = fixture->world->core->loop;
    core_loop_advance(loop, 0); /* the first sweep; then one each hour */
    assert_int_equal(tracks_delete(fixture->world->tracks, &fixture->asker, fixture->tracks[1], answered, fixture), PL_OK);
    CORE_CHECK(core_loop_until(loop, one_is_answered, fixture));
    fixture->answered = 0;
    struct held_writer *held = writer_hold(fixture->world->core);
    core_loop_advance(loop, 3600u * 1000u); /* one begins, and waits for the disk: what was never finished goes at once */
    assert_true(fixture->world->tracks->sweeping);
    for (uint32_t i = 0; i < OPS; i++)
        assert_int_equal(put(fixture, 0, i, i == 0 ? api_webm : api_text("more")), PL_OK);
    core_loop_turn(loop);
    assert_int_equal(fixture->world->tracks->at_work_n, 0);
    writer_let_go(held);
    CORE_CHECK(core_loop_until(loop, all_are_answered, fixture));
    for (unsigned i = 0; i < OPS; i++)
        assert_int_equal(fixture->statuses[i], PL_OK);
    assert_false(fixture->world->tracks->sweeping);
}

struct told {
    bool told;
    enum pl_status status;
};

static void told_so(void *user, enum pl_status status)
{
    *(struct told *)user = (struct told){true, status};
}

static bool is_told(void *user)
{
    return ((const struct told *)user)->told;
}

/* A track by its row alone, of so many bytes. */
static void fill(struct fixture *fixture, uint64_t bytes)
{
    struct core_world *core = fixture->world->core;
    struct track *track = track_new(pl_mem_libc(), fixture->board.board, 99);
    struct told told = {0};
    CORE_CHECK(track != NULL);
    track->segment_n = 1;
    track->segments[0] = (struct track_segment){.type = "audio/webm", .first_seq = 1, .last_seq = 1};
    track->segments[0].flows[TRACK_MEDIA] = (struct track_flow){.chunk_n = 1, .bytes = bytes};
    store_track_put(core->store, &(struct track_change){.track = track, .about = true, .segment_n = 1}, told_so, &told);
    CORE_CHECK(core_loop_until(core->loop, is_told, &told) && told.status == PL_OK);
    track_free(track);
}

static bool two_are_answered(void *user)
{
    return ((const struct fixture *)user)->answered >= 2;
}

/* As after an import beside the board that was exported: cards name tracks, so a track keeps its id. */
static void two_boards_may_have_a_track_of_the_same_id(void **state)
{
    struct fixture *fixture = *state;
    struct core_world *core = fixture->world->core;
    struct api_board other;
    struct track *track;
    struct told told = {0};
    uint8_t hash[DIGEST_BYTES];
    api_board_make(fixture->world, &other);
    CORE_CHECK(store_track(core->store, fixture->board.board, fixture->tracks[0], &track) == PL_OK);
    track->board = other.board;
    store_track_put(core->store, &(struct track_change){.track = track, .about = true, .segment_n = 1}, told_so, &told);
    CORE_CHECK(core_loop_until(core->loop, is_told, &told) && told.status == PL_OK);
    track_free(track);
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    fixture->asker.board = other.board;
    assert_int_equal(put(fixture, 0, 0, (struct pl_slice){api_webm.data, api_webm.len - 1}), PL_OK);
    CORE_CHECK(core_loop_until(core->loop, two_are_answered, fixture));
    fixture->asker.board = fixture->board.board;
    fixture->answered = 0;
    assert_int_equal(
        tracks_segment_finish(fixture->world->tracks, &fixture->asker, fixture->tracks[0], 0, 5, NULL, answered, fixture),
        PL_OK);
    CORE_CHECK(core_loop_until(core->loop, one_is_answered, fixture) && fixture->statuses[0] == PL_OK);
    fixture->answered = 0;
    fixture->asker.board = other.board;
    assert_int_equal(put(fixture, 0, 1, api_text("more")), PL_OK); /* its own is there all the same */
    CORE_CHECK(core_loop_until(core->loop, one_is_answered, fixture));
    assert_int_equal(fixture->statuses[0], PL_OK);
    CORE_CHECK(store_track(core->store, fixture->board.board, fixture->tracks[0], &track) == PL_OK);
    CORE_CHECK(digest_of(&digest_sha256, api_webm.data, api_webm.len, hash));
    assert_memory_equal(track->segments[0].flows[TRACK_MEDIA].file.hash, hash, DIGEST_BYTES);
    track_free(track);
}

/* Rows cost room that nobody counts: bytes sent one at a time would fill a disk with them. */
static void a_track_has_so_many_chunks_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct core_world *core = fixture->world->core;
    struct track *track;
    struct told told = {0};
    CORE_CHECK(store_track(core->store, fixture->board.board, fixture->tracks[0], &track) == PL_OK);
    track->segments[0].flows[TRACK_TIMELINE].chunk_n = PL_TRACK_CHUNKS_MAX - 1;
    store_track_put(core->store, &(struct track_change){.track = track, .segment_n = 1}, told_so, &told);
    CORE_CHECK(core_loop_until(core->loop, is_told, &told) && told.status == PL_OK);
    track_free(track);
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    assert_int_equal(put(fixture, 0, 1, api_text("more")), PL_OK);
    CORE_CHECK(core_loop_until(core->loop, two_are_answered, fixture));
    assert_int_equal(fixture->statuses[0], PL_OK);
    assert_int_equal(fixture->statuses[1], PL_QUOTA);
}

/* Each fits, both do not; what failed gives its room back. */
static void two_uploads_at_once_never_fill_a_board_beyond_its_room(void **state)
{
    struct fixture *fixture = *state;
    uint64_t room;
    fill(fixture, PL_BOARD_MEDIA_BYTES_MAX - 2 * api_webm.len + 1);
    api_world_restart(fixture->world); /* rows are read once */
    struct core_loop *loop = fixture->world->core->loop;
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    assert_int_equal(put(fixture, 1, 0, api_webm), PL_OK);
    CORE_CHECK(core_loop_until(loop, two_are_answered, fixture));
    assert_true((fixture->statuses[0] == PL_OK && fixture->statuses[1] == PL_QUOTA) ||
                (fixture->statuses[0] == PL_QUOTA && fixture->statuses[1] == PL_OK));
    assert_int_equal(tracks_room(fixture->world->tracks, fixture->asker.board, &room), PL_OK);
    assert_int_equal(room, api_webm.len - 1);
    struct track_upload wrong = {
        .track = fixture->tracks[0], .chunk = 1, .stream = TRACK_MEDIA, .bytes = api_text("wrong digest")};
    struct track *track;
    CORE_CHECK(store_track(fixture->world->core->store, fixture->board.board, fixture->tracks[0], &track) == PL_OK);
    if (track->segments[0].flows[TRACK_MEDIA].chunk_n == 0) /* a sweep may have changed their turns */
        wrong.track = fixture->tracks[1];
    track_free(track);
    fixture->answered = 0;
    assert_int_equal(tracks_chunk(fixture->world->tracks, &fixture->asker, &wrong, answered, fixture), PL_OK);
    CORE_CHECK(core_loop_until(loop, one_is_answered, fixture));
    assert_int_equal(fixture->statuses[0], PL_DIGEST);
    assert_int_equal(tracks_room(fixture->world->tracks, fixture->asker.board, &room), PL_OK);
    assert_int_equal(room, api_webm.len - 1);
}

static void no_such_file(void *user, enum pl_status status, struct track_reading *reading_or_null)
{
    CORE_CHECK(status == PL_CORRUPT && reading_or_null == NULL);
    ++*(unsigned *)user;
}

static bool all_readers_know(void *user)
{
    return *(const unsigned *)user == READINGS_MAX;
}

/* Each holds a descriptor, and sockets need some, too. */
static void so_many_read_at_once_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct tracks *tracks = fixture->world->tracks;
    const struct track_file file = {.bytes = 1};
    unsigned n = 0;
    for (unsigned i = 0; i < READINGS_MAX; i++)
        assert_int_equal(track_reading_open(tracks, &file, 0, 1, no_such_file, &n), PL_OK);
    assert_int_equal(track_reading_open(tracks, &file, 0, 1, no_such_file, &n), PL_LIMIT);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_readers_know, &n));
    assert_int_equal(track_reading_open(tracks, &file, 0, 1, no_such_file, &n), PL_OK);
    core_loop_turn(fixture->world->core->loop);
}

static void drained(void *user)
{
    struct fixture *fixture = user;
    fixture->statuses[63] = fixture->answered == 2 ? PL_OK : PL_STATE;
    fixture->answered = OPS;
}

static void draining_waits_for_what_was_begun_and_begins_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(put(fixture, 0, 0, api_webm), PL_OK);
    assert_int_equal(put(fixture, 0, 1, api_text("more")), PL_OK);
    tracks_drain(fixture->world->tracks, drained, fixture);
    assert_int_equal(put(fixture, 0, 2, api_text("more")), PL_DRAINING);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, all_are_answered, fixture));
    assert_int_equal(fixture->statuses[63], PL_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chunks_of_one_track_are_taken_in_their_order),
        TEST(a_busy_track_keeps_no_other_waiting),
        TEST(those_who_may_not_take_no_turn_of_a_track),
        TEST(one_boards_people_leave_turns_for_others),
        TEST(what_comes_during_a_sweep_waits_for_its_end),
        TEST(two_uploads_at_once_never_fill_a_board_beyond_its_room),
        TEST(two_boards_may_have_a_track_of_the_same_id),
        TEST(a_track_has_so_many_chunks_and_no_more),
        TEST(so_many_read_at_once_and_no_more),
        TEST(draining_waits_for_what_was_begun_and_begins_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
