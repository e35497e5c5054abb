/* Recording talk-tracks through the routes: what goes up, in pieces, whatever becomes of them on the way. */
#include "base/log.h"
#include "store/media.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct api_world *world;
    struct api_board board;
    struct api_guest author;
    char track[16];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct api_link editor;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    api_board_link(fixture.world, &fixture.board, "editor", 0, &editor);
    api_guest_come(fixture.world, &fixture.board, editor.token, &fixture.author);
    api_track_begin(fixture.world, &fixture.author, "video/webm;codecs=vp8,opus", fixture.track);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static unsigned chunk(struct fixture *fixture, const char *stream, unsigned n, struct pl_slice bytes)
{
    return api_track_chunk(fixture->world, &fixture->author, fixture->track, 0, stream, n, bytes);
}

static unsigned ask(struct fixture *fixture, enum api_method method, const char *below, const char *body)
{
    char path[96];
    snprintf(path, sizeof path, "/%s%s", fixture->track, below);
    return api_track_json(fixture->world, &fixture->author, method, path, body);
}

static void says(const struct fixture *fixture, const char *what)
{
    if (strstr(fixture->world->body, what) == NULL)
        fail_msg("'%s' is not in %s", what, fixture->world->body);
}

static struct pl_slice recording(const char *name, struct pl_buf *buf)
{
    char path[512];
    static uint8_t bytes[1u << 20];
    snprintf(path, sizeof path, "%s/fixtures/media/%s", PLENUM_TESTS_DIR, name);
    FILE *file = fopen(path, "rb");
    CORE_CHECK(file != NULL);
    const size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    pl_buf_init(buf, pl_mem_libc());
    pl_buf_append(buf, bytes, n);
    CORE_CHECK(n > 0 && !buf->failed);
    return pl_buf_slice(buf);
}

static void part_path(const struct fixture *fixture, const char *name, char ret_path[256])
{
    snprintf(ret_path, 256, "%s/media/%s.%s.%s", fixture->world->core->dir, fixture->board.id, fixture->track,
             name);
}

static void a_recording_goes_up_in_pieces_and_is_whole_then(void **state)
{
    struct fixture *fixture = *state;
    struct pl_buf buf;
    const struct pl_slice film = recording("vp8-opus.webm", &buf);
    unsigned n = 0;
    char text[1024];
    for (size_t at = 0; at < film.len; at += 10000, n++) {
        const size_t len = film.len - at < 10000 ? film.len - at : 10000;
        assert_int_equal(chunk(fixture, "media", n, (struct pl_slice){film.data + at, len}), 200);
        snprintf(text, sizeof text, "{\"next\":%u}", n + 1);
        says(fixture, text);
    }
    assert_int_equal(chunk(fixture, "timeline", 0, api_timeline), 200);
    snprintf(text, sizeof text, "{\"length_ms\":99,\"chunks\":{\"media\":%u,\"timeline\":1}}", n);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", text), 200);
    says(fixture, "\"state\":\"done\"");
    api_world_cut(fixture->world, "\"length_ms\":", ",", text);
    assert_true(strtoul(text, NULL, 10) > 500); /* its own clock, not what was said */
    snprintf(text, sizeof text, "/%s/segments/0/media", fixture->track);
    assert_int_equal(api_track_watch(fixture->world, &fixture->author, text, NULL), 200);
    assert_memory_equal(fixture->world->body, film.data, 4); /* the same, but with an index */
    assert_true(fixture->world->body_len > film.len / 2);
    assert_true(api_world_header(fixture->world, "Content-Type", text));
    assert_string_equal(text, "video/webm; codecs=\"vp8,opus\"");
    snprintf(text, sizeof text, "/%s/segments/0/timeline", fixture->track);
    assert_int_equal(api_track_watch(fixture->world, &fixture->author, text, NULL), 200);
    assert_int_equal(fixture->world->body_len, api_timeline.len);
    assert_memory_equal(fixture->world->body, api_timeline.data, api_timeline.len);
    pl_buf_done(&buf);
}

static void what_comes_again_is_answered_again_and_nothing_else_is_taken_for_it(void **state)
{
    struct fixture *fixture = *state;
    const struct pl_slice other = {(const uint8_t *)"another", 7};
    assert_int_equal(chunk(fixture, "media", 1, other), 409);
    says(fixture, "\"code\":\"gap\"");
    says(fixture, "\"next\":0,\"stream\":\"media\"");
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    says(fixture, "{\"next\":1}");
    assert_int_equal(chunk(fixture, "media", 0, other), 409);
    assert_true(api_code_is(fixture->world, "diverged"));
    assert_int_equal(chunk(fixture, "media", 1, other), 200);
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200); /* late */
    assert_int_equal(chunk(fixture, "media", 3, other), 409);
    says(fixture, "\"next\":2");
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":9}"), 200);
    says(fixture, "\"bytes\":26");
    assert_int_equal(chunk(fixture, "media", 1, other), 200); /* when all is over, too */
    assert_int_equal(chunk(fixture, "media", 2, other), 400);
    assert_true(api_code_is(fixture->world, "state"));
}

static unsigned with_digest(struct fixture *fixture, const char *digest_or_null)
{
    char path[160], header[160];
    snprintf(path, sizeof path, "/api/boards/%s/tracks/%s/segments/0/media/0", fixture->board.id, fixture->track);
    snprintf(header, sizeof header, "Bearer %s", fixture->author.token);
    struct api_request request = api_world_request(API_PUT, path);
    request.authorization = api_text(header);
    request.cookie = api_text(fixture->author.cookie);
    request.body = api_webm;
    if (digest_or_null != NULL)
        request.content_digest = api_text(digest_or_null);
    return api_world_ask(fixture->world, &request);
}

static void bytes_that_are_not_what_their_digest_says_are_not_kept(void **state)
{
    struct fixture *fixture = *state;
    char right[80], text[256];
    static const char *const wrong[] = {"", "sha-256", "sha-256=:AAAA:", "sha-256=:=:",
                                        "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
                                        "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                                        "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:",
                                        "sha-512=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"};
    assert_int_equal(with_digest(fixture, NULL), 422);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(with_digest(fixture, wrong[i]), 422);
        assert_true(api_code_is(fixture->world, "digest"));
    }
    api_digest_write(api_webm, right);
    snprintf(text, sizeof text, "x%s", right);
    assert_int_equal(with_digest(fixture, text), 422);
    assert_int_equal(ask(fixture, API_GET, "", ""), 200);
    says(fixture, "\"chunks\":{\"media\":0,");
    snprintf(text, sizeof text, "sha-512=:AAAA:, %s", right);
    assert_int_equal(with_digest(fixture, text), 200);
}

static void what_is_no_recording_is_refused(void **state)
{
    static const char *const files[] = {"hello", "<html><script>", "%PDF-1.7", "\x89PNG\r\n\x1a\n", "WEBVTT\n"};
    struct fixture *fixture = *state;
    static uint8_t large[PL_TRACK_CHUNK_BYTES_MAX + 1];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(chunk(fixture, "media", 0, api_text(files[i])), 415);
        assert_true(api_code_is(fixture->world, "type"));
    }
    assert_int_equal(chunk(fixture, "media", 0, api_text("")), 400);
    assert_int_equal(chunk(fixture, "media", 0, (struct pl_slice){large, sizeof large}), 413);
    assert_int_equal(chunk(fixture, "sound", 0, api_webm), 405); /* no such route */
    assert_int_equal(chunk(fixture, "media", 4294967295u, api_webm), 404);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "media", 0, api_webm), 404);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, "AAAAAAAAAAE", 0, "media", 0, api_webm), 404);
    /* a walkthrough without sound takes none */
    assert_int_equal(ask(fixture, API_POST, "/segments", "{}"), 201);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "media", 0, api_webm), 415);
    assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":\"video/webm\\n\"}"), 400);
    assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":7}"), 400);
}

static void a_timeline_is_whole_events_in_order_across_its_chunks(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t no_view[] = {0x94, 0, 1, 5, 6}, entry_late[] = {0x94, 0, 0, 0x94, 0, 0, 9, 9, 0x90, 0x94, 1, 6, 1, 0xc0};
    static const uint8_t late[] = {0x94, 0xcd, 0x10, 0, 1, 5, 6}, early[] = {0x94, 0xcd, 0x0f, 0xff, 1, 5, 6};
    assert_int_equal(chunk(fixture, "timeline", 0, api_text("\x94")), 400);
    assert_true(api_code_is(fixture->world, "malformed"));
    assert_int_equal(chunk(fixture, "timeline", 0, (struct pl_slice){api_timeline.data, 5}), 400);
    assert_int_equal(chunk(fixture, "timeline", 0, (struct pl_slice){no_view, sizeof no_view}), 400);
    assert_true(api_code_is(fixture->world, "invalid"));
    says(fixture, "a segment's timeline begins with a viewport at 0");
    assert_int_equal(chunk(fixture, "timeline", 0, (struct pl_slice){entry_late, sizeof entry_late}), 400);
    says(fixture, "a segment's timeline begins with a viewport at 0");
    assert_int_equal(chunk(fixture, "timeline", 0, api_timeline), 200);
    assert_int_equal(chunk(fixture, "timeline", 1, (struct pl_slice){late, sizeof late}), 200);
    assert_int_equal(chunk(fixture, "timeline", 2, (struct pl_slice){early, sizeof early}), 400);
    assert_true(api_code_is(fixture->world, "invalid"));
    assert_int_equal(ask(fixture, API_GET, "", ""), 200);
    says(fixture, "\"length_ms\":4096");
    says(fixture, "\"chunks\":{\"media\":0,\"timeline\":2}");
}

static void finishing_names_what_is_missing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const nonsense[] = {"", "{", "{}", "{\"length_ms\":-1}", "{\"length_ms\":3600001}",
                                           "{\"length_ms\":1,\"chunks\":5}", "{\"length_ms\":1,\"chunks\":{\"media\":1}}",
                                           "{\"length_ms\":1,\"chunks\":{\"media\":\"1\",\"timeline\":0}}"};
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", nonsense[i]), 400);
    assert_int_equal(
        ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":1,\"chunks\":{\"media\":1,\"timeline\":2}}"), 409);
    says(fixture, "\"code\":\"gap\"");
    says(fixture, "\"next\":0,\"stream\":\"timeline\"");
    assert_int_equal(
        ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":1,\"chunks\":{\"media\":0,\"timeline\":0}}"), 409);
    assert_true(api_code_is(fixture->world, "diverged"));
    assert_int_equal(ask(fixture, API_POST, "/segments/1/finish", "{\"length_ms\":1}"), 404);
    assert_int_equal(ask(fixture, API_POST, "/segments/x/finish", "{\"length_ms\":1}"), 404);
    assert_int_equal(
        ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":7,\"chunks\":{\"media\":1,\"timeline\":0}}"), 200);
    assert_int_equal(
        ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":9,\"chunks\":{\"media\":1,\"timeline\":0}}"), 200);
    says(fixture, "\"length_ms\":7"); /* the first counts */
}

static void a_segment_begins_where_the_one_before_ends(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t a_second[] = {0x94, 0, 0, 0x94, 0, 0, 9, 9, 0x90, 0x92, 0xcd, 0x03, 0xe8, 1};
    assert_int_equal(ask(fixture, API_PUT, "", "{\"state\":\"finished\"}"), 400); /* nothing is done */
    assert_true(api_code_is(fixture->world, "state"));
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":2500}"), 200);
    assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":\"audio/webm\"}"), 201);
    says(fixture, "\"state\":\"open\",\"from_ms\":2500");
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "timeline", 0,
                                     (struct pl_slice){a_second, sizeof a_second}),
                     200);
    assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":\"audio/webm\"}"), 201); /* the open one ends */
    says(fixture, "\"segment\":1,\"type\":\"audio/webm\",\"state\":\"done\",\"from_ms\":2500,\"length_ms\":1000");
    says(fixture, "\"segment\":2,\"type\":\"audio/webm\",\"state\":\"open\",\"from_ms\":3500");
    assert_int_equal(ask(fixture, API_POST, "/segments/2/finish", "{\"length_ms\":3596501}"), 507); /* above an hour */
    assert_int_equal(ask(fixture, API_PUT, "", "{\"state\":\"finished\"}"), 200);
    says(fixture, "\"cuts\":[[0,3500]],\"played_ms\":3500");
}

static void an_hour_that_is_full_is_finished_when_another_segment_is_asked_for(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t bytes[] = {0x94, 0, 0, 0x94, 0, 0, 1, 1, 0x90, 0x92, 0xce, 0, 0x36, 0xee, 0x80, 0x01};
    char before[256];
    assert_int_equal(chunk(fixture, "timeline", 0, (struct pl_slice){bytes, sizeof bytes}), 200);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":\"audio/webm\"}"), 507);
        assert_int_equal(ask(fixture, API_GET, "", ""), 200);
        says(fixture, "\"segment\":0,");
        says(fixture, "\"state\":\"done\",\"from_ms\":0,\"length_ms\":3600000");
        assert_null(strstr(fixture->world->body, "\"segment\":1,"));
    }
    part_path(fixture, "0.timeline", before);
    assert_int_equal(access(before, F_OK), -1);
    assert_int_equal(ask(fixture, API_PUT, "", "{\"state\":\"finished\"}"), 200);
}

static void what_a_segment_spans_grows_with_its_timeline(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t at_2[] = {0x94, 0, 0, 0x94, 0, 0, 9, 9, 0x90, 0x94, 0, 6, 2, 0xc0},
                         later[] = {0x94, 1, 6, 1, 0xc0, 0x94, 2, 6, 3, 0xc0},
                         too_late[] = {0x94, 3, 6, 0x7f, 0xc0};
    struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, fixture->author.token);
    for (unsigned i = 0; i < 2; i++) {
        core_peer_edit(peer, "[[1, 3, {1: [5, 6]}]]");
        core_peers_settle(fixture->world->core, &peer, 1);
    }
    assert_int_equal(ask(fixture, API_POST, "/segments", "{}"), 201);
    char text[512];
    const char *at = strstr(fixture->world->body, "\"segment\":1,");
    assert_non_null(at);
    const unsigned long head = strtoul(strstr(at, "\"first_seq\":") + 12, NULL, 10);
    assert_true(head > 3); /* the board's first entry, who came, two edits */
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "timeline", 0,
                                     (struct pl_slice){at_2, sizeof at_2}),
                     200); /* it was behind when it began */
    assert_int_equal(ask(fixture, API_GET, "", ""), 200);
    says(fixture, "\"first_seq\":2,\"last_seq\":2,"); /* what happened before it was sent is none of it */
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "timeline", 1,
                                     (struct pl_slice){later, sizeof later}),
                     200); /* what it says afterwards does not reach back */
    assert_int_equal(ask(fixture, API_GET, "", ""), 200);
    says(fixture, "\"first_seq\":2,\"last_seq\":3,");
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "timeline", 2,
                                     (struct pl_slice){too_late, sizeof too_late}),
                     200);
    assert_int_equal(ask(fixture, API_GET, "", ""), 200);
    snprintf(text, sizeof text, "\"first_seq\":2,\"last_seq\":%lu,", head); /* the journal goes no further */
    says(fixture, text);
    core_peer_free(peer);
}

static uint64_t edit(struct fixture *fixture)
{
    uint64_t seq;
    struct core_peer *peer = api_board_visit(fixture->world, &fixture->board, fixture->author.token);
    core_peer_edit(peer, "[[1, 3, {1: [5, 6]}]]");
    core_peers_settle(fixture->world->core, &peer, 1);
    core_peer_free(peer);
    CORE_CHECK(store_head(fixture->world->core->store, fixture->board.board, &seq) == PL_OK);
    return seq;
}

static void hours_pass(struct fixture *fixture, unsigned hours)
{
    core_loop_advance(fixture->world->core->loop, hours * 3600u * 1000u);
}

/* What it spans is kept as long as the track is: one old entry that it names must not keep all that came since. */
static void a_segment_spans_its_own_time_and_a_day_of_pauses(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seqs[4];
    char text[96];
    for (size_t i = 0; i < 4; i++) {
        static const unsigned hours[] = {0, 30, 20, 5};
        hours_pass(fixture, hours[i]);
        seqs[i] = edit(fixture);
        assert_in_range(seqs[i], 1, 0x7f);
    }
    hours_pass(fixture, 200); /* and only now somebody finds a network */
    assert_int_equal(ask(fixture, API_POST, "/segments", "{}"), 201);
    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t view[] = {0x94, 0, 0, 0x94, 0, 0, 9, 9, 0x90, 0x94, 0, 6, (uint8_t)seqs[0], 0xc0},
                      entry[] = {0x94, i, 6, (uint8_t)seqs[i], 0xc0};
        const struct pl_slice bytes = {i == 0 ? view : entry, i == 0 ? sizeof view : sizeof entry};
        assert_int_equal(
            api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "timeline", i, bytes), 200);
        assert_int_equal(ask(fixture, API_GET, "", ""), 200);
        snprintf(text, sizeof text, "\"first_seq\":%u,\"last_seq\":%u,", (unsigned)seqs[0],
                 (unsigned)seqs[i < 3 ? i : 2]);
        says(fixture, text);
    }
}

static void only_the_author_adds_to_a_track(void **state)
{
    struct fixture *fixture = *state;
    struct api_guest owner;
    char below[64];
    api_guest_come(fixture->world, &fixture->board, fixture->board.owner.token, &owner);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    assert_int_equal(ask(fixture, API_PUT, "", "{\"state\":\"finished\"}"), 200);
    snprintf(below, sizeof below, "/%s/segments", fixture->track);
    assert_int_equal(api_track_json(fixture->world, &owner, API_POST, below, "{}"), 403);
    strcpy(owner.cookie, "");
    assert_int_equal(api_track_json(fixture->world, &owner, API_POST, "", "{}"), 401); /* whose would it be? */
    assert_true(api_code_is(fixture->world, "ticket"));
}

/* A crash between the file and the row leaves bytes that no row knows. */
static void what_a_crash_left_behind_the_rows_is_written_over(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    part_path(fixture, "0.media", path);
    for (unsigned round = 0; round < 2; round++) {
        FILE *file = fopen(path, "ab");
        CORE_CHECK(file != NULL && fputs("left behind by a crash", file) >= 0 && fclose(file) == 0);
        api_world_restart(fixture->world);
        if (round == 0)
            assert_int_equal(chunk(fixture, "media", 1, api_text("more")), 200);
    }
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    snprintf(path, sizeof path, "/%s/segments/0/media", fixture->track);
    assert_int_equal(api_track_watch(fixture->world, &fixture->author, path, NULL), 200);
    assert_int_equal(fixture->world->body_len, api_webm.len + 4);
    assert_memory_equal(fixture->world->body + api_webm.len, "more", 4);
}

/* A folder that was put together by hand, or a disk that lied. */
static void what_a_file_lost_is_asked_for_again(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    assert_int_equal(chunk(fixture, "media", 1, api_text("more")), 200);
    assert_int_equal(chunk(fixture, "media", 2, api_text("and more")), 200);
    part_path(fixture, "0.media", path);
    assert_int_equal(truncate(path, (off_t)api_webm.len + 6), 0);
    assert_int_equal(chunk(fixture, "media", 3, api_text("last")), 409);
    says(fixture, "\"code\":\"gap\"");
    says(fixture, "\"next\":2,\"stream\":\"media\"");
    assert_int_equal(chunk(fixture, "media", 2, api_text("and more")), 200);
    assert_int_equal(chunk(fixture, "media", 3, api_text("last")), 200);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 409);
    says(fixture, "\"next\":0,\"stream\":\"media\"");
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
}

struct awaited {
    bool told;
    enum pl_status status;
};

static void await_told(void *user, enum pl_status status)
{
    *(struct awaited *)user = (struct awaited){true, status};
}

static bool await_is_told(void *user)
{
    return ((const struct awaited *)user)->told;
}

/* What the rows say counts, so rows are enough to fill a board. */
static void fill(struct fixture *fixture, uint64_t track, uint64_t bytes)
{
    struct track *filled = track_new(pl_mem_libc(), fixture->board.board, track);
    CORE_CHECK(filled != NULL);
    filled->segment_n = 1;
    filled->segments[0] = (struct track_segment){.type = "audio/webm", .first_seq = 1, .last_seq = 1};
    filled->segments[0].flows[TRACK_MEDIA] = (struct track_flow){.chunk_n = 1, .bytes = bytes};
    struct awaited awaited = {0};
    store_track_put(fixture->world->core->store,
                    &(struct track_change){.track = filled, .about = true, .segment_n = 1}, await_told, &awaited);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, await_is_told, &awaited) && awaited.status == PL_OK);
    track_free(filled);
}

/* The author's own track, as if so much had come. */
static void grow(struct fixture *fixture, uint64_t id, uint64_t bytes)
{
    struct track *track;
    struct awaited awaited = {0};
    CORE_CHECK(store_track(fixture->world->core->store, fixture->board.board, id, &track) == PL_OK);
    track->segments[0].flows[TRACK_MEDIA].bytes = bytes;
    store_track_put(fixture->world->core->store, &(struct track_change){.track = track, .segment_n = 1}, await_told,
                    &awaited);
    CORE_CHECK(core_loop_until(fixture->world->core->loop, await_is_told, &awaited) && awaited.status == PL_OK);
    track_free(track);
}

static void a_full_track_or_board_takes_no_more_and_keeps_what_it_has(void **state)
{
    struct fixture *fixture = *state;
    uint64_t track;
    char text[512];
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    for (uint64_t i = 1; i <= 4; i++)
        fill(fixture, i, PL_BOARD_MEDIA_BYTES_MAX / 4 - (i == 4 ? api_webm.len + 4 : 0));
    api_world_restart(fixture->world); /* rows are read once */
    assert_int_equal(api_track_json(fixture->world, &fixture->author, API_GET, "", ""), 200);
    api_world_cut(fixture->world, "\"free_bytes\":", "}", text);
    assert_string_equal(text, "4");
    assert_int_equal(chunk(fixture, "media", 1, api_text("12345")), 507);
    assert_true(api_code_is(fixture->world, "quota"));
    assert_int_equal(ask(fixture, API_PUT, "/captions", "WEBVTT\n"), 507);
    assert_int_equal(chunk(fixture, "media", 1, api_text("1234")), 200);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    fill(fixture, 4, 0); /* room again, and one that has none for itself */
    api_world_restart(fixture->world);
    api_track_begin(fixture->world, &fixture->author, "audio/webm", fixture->track);
    assert_true(ident_read(api_text(fixture->track), &track));
    grow(fixture, track, PL_TRACK_BYTES_MAX - 3);
    assert_int_equal(chunk(fixture, "timeline", 0, api_timeline), 507);
}

static bool is_there(const struct fixture *fixture, const char *name)
{
    char path[256];
    part_path(fixture, name, path);
    return access(path, F_OK) == 0;
}

static bool is_swept(void *user)
{
    return !is_there(user, "0.media");
}

/* As a backup does that copies rows first and then the files they name. */
static void while_the_folder_is_held_nothing_goes_away_from_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(chunk(fixture, "media", 0, api_webm), 200);
    const int one = media_hold(fixture->world->core->dir), other = media_hold(fixture->world->core->dir);
    assert_true(one >= 0 && other >= 0);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    assert_true(is_there(fixture, "0.media"));
    close(one);
    core_loop_advance(fixture->world->core->loop, 3600001);
    assert_true(is_there(fixture, "0.media"));
    close(other);
    core_loop_advance(fixture->world->core->loop, 3600001);
    assert_true(core_loop_until(fixture->world->core->loop, is_swept, fixture));
    assert_int_equal(ask(fixture, API_POST, "/segments", "{\"type\":\"audio/webm\"}"), 201);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 1, "media", 0, api_webm), 200);
    assert_int_equal(ask(fixture, API_POST, "/segments/1/finish", "{\"length_ms\":5}"), 200);
    assert_false(is_there(fixture, "1.media"));
}

/* Clusters so small that our heads of them would take more than they do. */
static void what_would_grow_when_indexed_is_kept_as_it_came(void **state)
{
    static const uint8_t head[] = {0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84, 'w', 'e', 'b', 'm',
                                   0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0x16, 0x54, 0xae, 0x6b, 0x88, 0xae, 0x86, 0xd7, 0x81, 1, 0x83, 0x81, 2};
    static const uint8_t cluster[] = {0x1f, 0x43, 0xb6, 0x75, 0x86, 0xa3, 0x84, 0x81, 0, 0, 0x80};
    struct fixture *fixture = *state;
    struct pl_buf film;
    char text[512], said[64];
    pl_buf_init(&film, pl_mem_libc());
    pl_buf_append(&film, head, sizeof head);
    while (film.len + sizeof cluster <= PL_TRACK_CHUNK_BYTES_MAX)
        pl_buf_append(&film, cluster, sizeof cluster);
    CORE_CHECK(!film.failed);
    assert_int_equal(chunk(fixture, "media", 0, pl_buf_slice(&film)), 200);
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    snprintf(said, sizeof said, "\"bytes\":%zu,", film.len);
    says(fixture, said);
    snprintf(text, sizeof text, "/%s/segments/0/media", fixture->track);
    assert_int_equal(api_track_watch(fixture->world, &fixture->author, text, NULL), 200);
    assert_int_equal(fixture->world->body_len, film.len);
    assert_memory_equal(fixture->world->body, film.data, sizeof fixture->world->body - 1);
    pl_buf_done(&film);
}

static void what_was_done_is_on_record(void **state)
{
    struct fixture *fixture = *state;
    char record[4096];
    assert_int_equal(ask(fixture, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    assert_int_equal(ask(fixture, API_PUT, "", "{\"state\":\"finished\"}"), 200);
    assert_int_equal(ask(fixture, API_PUT, "", "{\"title\":\"A tour\"}"), 200);
    assert_int_equal(ask(fixture, API_DELETE, "", ""), 200);
    api_board_record(fixture->world, fixture->board.board, true, record, sizeof record);
    assert_non_null(strstr(record, "track_made editor ok 1\ntrack_finished editor ok 1\ntrack_changed editor ok "
                                   "1\ntrack_deleted editor ok 1\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_recording_goes_up_in_pieces_and_is_whole_then),
        TEST(what_comes_again_is_answered_again_and_nothing_else_is_taken_for_it),
        TEST(bytes_that_are_not_what_their_digest_says_are_not_kept),
        TEST(what_is_no_recording_is_refused),
        TEST(a_timeline_is_whole_events_in_order_across_its_chunks),
        TEST(finishing_names_what_is_missing),
        TEST(a_segment_begins_where_the_one_before_ends),
        TEST(an_hour_that_is_full_is_finished_when_another_segment_is_asked_for),
        TEST(only_the_author_adds_to_a_track),
        TEST(what_a_crash_left_behind_the_rows_is_written_over),
        TEST(what_a_file_lost_is_asked_for_again),
        TEST(a_full_track_or_board_takes_no_more_and_keeps_what_it_has),
        TEST(what_a_segment_spans_grows_with_its_timeline),
        TEST(a_segment_spans_its_own_time_and_a_day_of_pauses),
        TEST(while_the_folder_is_held_nothing_goes_away_from_it),
        TEST(what_would_grow_when_indexed_is_kept_as_it_came),
        TEST(what_was_done_is_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
