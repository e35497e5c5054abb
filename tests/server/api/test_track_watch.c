/* Watching talk-tracks through the routes: who may, by what, which part of a file; changing, deleting and taking back. */
#include "auth/pass.h"
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include <dirent.h>
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
    struct api_link editor, viewer_link;
    struct api_guest author, viewer, owner;
    char track[16];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    api_board_link(fixture.world, &fixture.board, "editor", 0, &fixture.editor);
    api_board_link(fixture.world, &fixture.board, "viewer", 0, &fixture.viewer_link);
    api_guest_come(fixture.world, &fixture.board, fixture.editor.token, &fixture.author);
    api_guest_come(fixture.world, &fixture.board, fixture.viewer_link.token, &fixture.viewer);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.owner);
    api_track_whole(fixture.world, &fixture.author, fixture.track);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static unsigned ask(struct fixture *fixture, const struct api_guest *guest, enum api_method method, const char *below,
                    const char *body)
{
    char path[96];
    snprintf(path, sizeof path, "/%s%s", fixture->track, below);
    return api_track_json(fixture->world, guest, method, path, body);
}

static unsigned watch(struct fixture *fixture, const struct api_guest *guest, const char *below, const char *range)
{
    char path[96];
    snprintf(path, sizeof path, "/%s%s", fixture->track, below);
    return api_track_watch(fixture->world, guest, path, range);
}

static void says(const struct fixture *fixture, const char *what)
{
    if (strstr(fixture->world->body, what) == NULL)
        fail_msg("'%s' is not in %s", what, fixture->world->body);
}

static void header_is(const struct fixture *fixture, const char *name, const char *wanted)
{
    char value[1024];
    assert_true(api_world_header(fixture->world, name, value));
    assert_string_equal(value, wanted);
}

#define MEDIA "/segments/0/media"

static void any_one_range_of_a_file_can_be_had(void **state)
{
    static const struct {
        const char *range;
        unsigned status, from, len; /* of 19 bytes */
    } cases[] = {
        {"bytes=0-", 206, 0, 19},      {"bytes=0-0", 206, 0, 1},   {"bytes=5-9", 206, 5, 5},
        {"bytes=18-", 206, 18, 1},     {"bytes=10-999", 206, 10, 9}, {"bytes=-4", 206, 15, 4},
        {"bytes=-99", 206, 0, 19},     {"bytes=19-", 416, 0, 0},   {"bytes=-0", 416, 0, 0},
        {"bytes=99-100", 416, 0, 0},   {"bytes=9-5", 200, 0, 19},  {"bytes=", 200, 0, 19},
        {"bytes=-", 200, 0, 19},       {"bytes=a-b", 200, 0, 19},  {"bytes=0-1,3-4", 200, 0, 19},
        {"lines=0-1", 200, 0, 19},     {"bytes=1-2x", 200, 0, 19}, {"", 200, 0, 19},
        {"bytes=99999999999999999999-", 416, 0, 0}, {"bytes=1-9223372036854775808", 206, 1, 18},
        {"bytes=2-99999999999999999999999999", 206, 2, 17}, {"bytes=-18446744073709551617", 206, 0, 19},
    };
    struct fixture *fixture = *state;
    assert_int_equal(api_webm.len, 19);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[64];
        assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, cases[i].range), cases[i].status);
        if (cases[i].status == 416) {
            header_is(fixture, "Content-Range", "bytes */19");
            continue;
        }
        assert_int_equal(fixture->world->body_len, cases[i].len);
        assert_memory_equal(fixture->world->body, api_webm.data + cases[i].from, cases[i].len);
        snprintf(said, sizeof said, "bytes %u-%u/19", cases[i].from, cases[i].from + cases[i].len - 1);
        if (cases[i].status == 206)
            header_is(fixture, "Content-Range", said);
        header_is(fixture, "Accept-Ranges", "bytes");
    }
}

static unsigned conditional(struct fixture *fixture, const char *if_range, const char *if_none_match)
{
    char path[160];
    snprintf(path, sizeof path, "/api/boards/%s/tracks/%s" MEDIA, fixture->board.id, fixture->track);
    struct api_request request = api_world_request(API_GET, path);
    request.cookie = api_text(fixture->viewer.pass);
    request.range = api_text("bytes=1-2");
    if (if_range != NULL)
        request.if_range = api_text(if_range);
    if (if_none_match != NULL)
        request.if_none_match = api_text(if_none_match);
    return api_world_ask(fixture->world, &request);
}

static void a_range_of_another_file_is_all_of_this_one(void **state)
{
    struct fixture *fixture = *state;
    char etag[1024];
    assert_int_equal(conditional(fixture, NULL, NULL), 206);
    assert_true(api_world_header(fixture->world, "ETag", etag));
    assert_int_equal(strlen(etag), 66);
    assert_int_equal(conditional(fixture, etag, NULL), 206);
    assert_int_equal(conditional(fixture, "\"other\"", NULL), 200);
    assert_int_equal(conditional(fixture, "Sun, 22 Nov 2026 12:00:00 GMT", NULL), 200);
    assert_int_equal(conditional(fixture, NULL, etag), 304);
    assert_int_equal(fixture->world->body_len, 0);
    assert_int_equal(conditional(fixture, NULL, "\"other\""), 206);
}

static void what_a_browser_shows_opens_its_own_board_for_twelve_hours(void **state)
{
    static const char *const parts[] = {MEDIA, "/segments/0/timeline", "/captions", "/cover"};
    static const char *const types[] = {"video/webm", "application/vnd.msgpack", "text/vtt; charset=utf-8", "image/png"};
    struct fixture *fixture = *state;
    struct api_guest forged = fixture->viewer, foreign;
    struct api_board other;
    char head[1024];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(watch(fixture, &fixture->viewer, parts[i], NULL), 200);
        header_is(fixture, "Content-Type", types[i]);
        header_is(fixture, "X-Content-Type-Options", "nosniff");
        header_is(fixture, "Content-Security-Policy", "sandbox; default-src 'none'");
        header_is(fixture, "Content-Disposition", "attachment");
    }
    assert_int_equal(watch(fixture, &fixture->viewer, "", NULL), 401); /* all else wants the token */
    forged.pass[strlen(forged.pass) - 1] ^= 1;
    assert_int_equal(watch(fixture, &forged, MEDIA, NULL), 401);
    api_board_make(fixture->world, &other);
    api_guest_come(fixture->world, &other, other.owner.token, &foreign);
    foreign.board = &fixture->board;
    assert_int_equal(watch(fixture, &foreign, MEDIA, NULL), 401);
    assert_int_equal(ask(fixture, &foreign, API_GET, MEDIA, ""), 401); /* its token is of another board, too */
    strcpy(forged.pass, fixture->viewer.cookie); /* who somebody is opens nothing */
    assert_int_equal(watch(fixture, &forged, MEDIA, NULL), 401);
    core_loop_advance(fixture->world->core->loop, PASS_MS_MAX - 60000);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 200);
    core_loop_advance(fixture->world->core->loop, 61000);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 401);
    assert_true(api_world_header(fixture->world, "Content-Type", head));
    assert_string_equal(head, "application/json");
}

static void a_withdrawn_link_opens_nothing_from_then_on(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(api_board_ask(fixture->world, API_DELETE, &fixture->board, fixture->viewer_link.id,
                                   fixture->board.owner.token, ""),
                     200);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 403);
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, MEDIA, ""), 403);
    assert_true(api_code_is(fixture->world, "revoked"));
    assert_int_equal(watch(fixture, &fixture->author, MEDIA, NULL), 200);
}

/* The store's links, until so many were looked at: then something happens. */
static struct {
    struct links inner;
    unsigned left;
    bool revokes;
    enum pl_role role; /* what they give then */
    void (*act_or_null)(struct fixture *fixture);
    struct fixture *fixture;
} meanwhile;

static enum pl_status find_meanwhile(void *self, uint64_t board, uint64_t link, struct link_row *ret_row)
{
    enum pl_status status = meanwhile.inner.find(self, board, link, ret_row);
    if (status == PL_OK && meanwhile.left == 0) {
        ret_row->revoked = meanwhile.revokes;
        if (meanwhile.role != PL_ROLE_NONE)
            ret_row->role = meanwhile.role;
        if (meanwhile.act_or_null != NULL)
            meanwhile.act_or_null(meanwhile.fixture);
        meanwhile.act_or_null = NULL;
    }
    meanwhile.left -= meanwhile.left > 0;
    return status;
}

static void meanwhile_told(void *user, enum pl_status status)
{
    *(bool *)user = status == PL_OK;
}

static bool is_true(void *user)
{
    return *(const bool *)user;
}

/* The row alone: what the routes would do to it. */
static void row_change(struct fixture *fixture, void (*change)(struct track *track))
{
    struct core_world *core = fixture->world->core;
    uint64_t id;
    struct track *track;
    bool told = false;
    CORE_CHECK(ident_read(api_text(fixture->track), &id));
    CORE_CHECK(store_track(core->store, fixture->board.board, id, &track) == PL_OK);
    change(track);
    store_track_put(core->store, &(struct track_change){.track = track, .about = true}, meanwhile_told, &told);
    CORE_CHECK(core_loop_until(core->loop, is_true, &told));
    track_free(track);
}

static void deleted(struct track *track)
{
    track->deleted_ms = 1;
}

static void for_editors(struct track *track)
{
    track->watch_role = PL_ROLE_EDITOR;
}

static void is_deleted(struct fixture *fixture)
{
    row_change(fixture, deleted);
}

static void is_for_editors(struct fixture *fixture)
{
    row_change(fixture, for_editors);
}

/* A track of one large file that everybody may watch. */
static void large_track_make(struct fixture *fixture)
{
    static uint8_t large[PL_TRACK_CHUNK_BYTES_MAX];
    memcpy(large, api_webm.data, api_webm.len);
    api_track_begin(fixture->world, &fixture->author, "video/webm", fixture->track);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 0, "media", 0,
                                     (struct pl_slice){large, sizeof large}),
                     200);
    assert_int_equal(ask(fixture, &fixture->author, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"state\":\"finished\"}"), 200);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 200);
    assert_int_equal(fixture->world->body_len, sizeof large);
    assert_false(fixture->world->broken);
}

static void an_answer_under_way_breaks_off_when_its_asker_may_no_longer(void **state)
{
    static const struct {
        bool revokes;
        void (*act)(struct fixture *fixture);
    } ways[] = {{.revokes = true}, {.act = is_for_editors}, {.act = is_deleted}};
    struct fixture *fixture = *state;
    large_track_make(fixture);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        meanwhile.inner = fixture->world->links;
        meanwhile.left = 4; /* the request's, and three pieces */
        meanwhile.revokes = ways[i].revokes;
        meanwhile.role = PL_ROLE_NONE;
        meanwhile.act_or_null = ways[i].act;
        meanwhile.fixture = fixture;
        fixture->world->links.find = find_meanwhile;
        assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 200);
        fixture->world->links = meanwhile.inner;
        assert_true(fixture->world->broken);
        assert_int_equal(fixture->world->body_len, 3u * 65536u);
        if (i == 1) /* and everybody may again */
            assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"watch\":{\"role\":\"viewer\"}}"), 200);
    }
}

/* Whom a link made an editor, and who are viewers now. */
static void an_answer_under_way_breaks_off_when_its_link_gives_less(void **state)
{
    struct fixture *fixture = *state;
    struct api_guest editor;
    api_guest_come(fixture->world, &fixture->board, fixture->editor.token, &editor);
    large_track_make(fixture);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"watch\":{\"role\":\"editor\"}}"), 200);
    meanwhile.inner = fixture->world->links;
    meanwhile.left = 4;
    meanwhile.revokes = false;
    meanwhile.role = PL_ROLE_VIEWER;
    meanwhile.act_or_null = NULL;
    fixture->world->links.find = find_meanwhile;
    assert_int_equal(watch(fixture, &editor, MEDIA, NULL), 200);
    fixture->world->links = meanwhile.inner;
    assert_true(fixture->world->broken);
    assert_int_equal(fixture->world->body_len, 3u * 65536u);
}

static void a_track_is_seen_by_whom_its_author_names(void **state)
{
    struct fixture *fixture = *state;
    struct api_link named;
    struct api_guest guest, editor;
    char body[128];
    api_board_link(fixture->world, &fixture->board, "viewer", 0, &named);
    api_guest_come(fixture->world, &fixture->board, named.token, &guest);
    api_guest_come(fixture->world, &fixture->board, fixture->editor.token, &editor);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"watch\":{\"role\":\"editor\"}}"), 200);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 404);
    assert_int_equal(ask(fixture, &fixture->viewer, API_POST, "/progress", "{\"played_ms\":5}"), 404);
    assert_int_equal(watch(fixture, &editor, MEDIA, NULL), 200);
    snprintf(body, sizeof body, "{\"watch\":{\"links\":[\"%s\"]}}", named.id);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", body), 200);
    says(fixture, "\"watch\":{\"links\":[");
    assert_int_equal(watch(fixture, &guest, MEDIA, NULL), 200);
    assert_int_equal(watch(fixture, &editor, MEDIA, NULL), 404);
    assert_int_equal(watch(fixture, &fixture->owner, MEDIA, NULL), 200);
    assert_int_equal(watch(fixture, &fixture->author, MEDIA, NULL), 200);
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 404);
    assert_int_equal(api_track_json(fixture->world, &fixture->viewer, API_GET, "", ""), 200);
    says(fixture, "\"tracks\":[]");
}

static void whoever_was_sent_a_link_reads_where_a_track_is_and_others_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 200);
    says(fixture, "\"author_name\":\"\",\"board_title\":\"Plans\""); /* the author has never been on the board itself */
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"watch\":{\"role\":\"editor\"}}"), 200);
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 404);
    assert_null(strstr(fixture->world->body, "Plans"));
}

static void an_unfinished_track_is_its_authors_alone(void **state)
{
    struct fixture *fixture = *state;
    char absent[sizeof fixture->world->body];
    api_track_begin(fixture->world, &fixture->author, "audio/webm", fixture->track);
    assert_int_equal(ask(fixture, &fixture->author, API_GET, "", ""), 200);
    assert_int_equal(watch(fixture, &fixture->author, MEDIA, NULL), 404); /* not done */
    const struct api_guest *others[] = {&fixture->owner, &fixture->viewer};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(api_track_json(fixture->world, others[i], API_GET, "/AAAAAAAAAAE", ""), 404);
        strcpy(absent, fixture->world->body);
        assert_int_equal(ask(fixture, others[i], API_GET, "", ""), 404);
        assert_string_equal(fixture->world->body, absent);
        assert_int_equal(ask(fixture, others[i], API_DELETE, "", ""), 404);
        assert_string_equal(fixture->world->body, absent);
        assert_int_equal(watch(fixture, others[i], MEDIA, NULL), 404);
        assert_string_equal(fixture->world->body, absent);
    }
}

static void changes_that_make_no_sense_change_nothing(void **state)
{
    static const char *const bodies[] = {
        "{", "[]", "{\"title\":7}", "{\"watch\":5}", "{\"watch\":{}}", "{\"watch\":{\"role\":\"king\"}}",
        "{\"watch\":{\"role\":\"viewer\",\"links\":[]}}", "{\"watch\":{\"links\":[5]}}",
        "{\"watch\":{\"links\":[\"short\"]}}", "{\"cuts\":5}", "{\"cuts\":[5]}", "{\"cuts\":[[1]]}",
        "{\"cuts\":[[5,5]]}", "{\"cuts\":[[-1,5]]}", "{\"cuts\":[[0,5001]]}", "{\"cuts\":[[0,1.5]]}",
        "{\"chapters\":[5]}", "{\"chapters\":[{\"title\":\"x\"}]}", "{\"chapters\":[{\"at_ms\":5001,\"title\":\"x\"}]}",
        "{\"chapters\":[{\"at_ms\":1,\"title\":7}]}", "{\"state\":\"deleted\"}", "{\"state\":7}"};
    struct fixture *fixture = *state;
    char before[8192];
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "",
                         "{\"title\":\"Änderung\",\"cuts\":[[3000,5000],[0,1000]],\"chapters\":[{\"at_ms\":0,\"title\":\"\"},"
                         "{\"at_ms\":5000,\"title\":\"End\"}]}"),
                     200);
    says(fixture, "\"played_ms\":3000");
    assert_int_equal(ask(fixture, &fixture->author, API_GET, "", ""), 200);
    strcpy(before, fixture->world->body);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (ask(fixture, &fixture->author, API_PUT, "", bodies[i]) != 400)
            fail_msg("%s: %u", bodies[i], fixture->world->status);
    assert_int_equal(ask(fixture, &fixture->author, API_GET, "", ""), 200);
    assert_string_equal(fixture->world->body, before);
    assert_int_equal(ask(fixture, &fixture->viewer, API_PUT, "", "{\"title\":\"mine\"}"), 403);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "/captions", "<html>"), 415);
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "/cover", "WEBVTT\n"), 415);
}

static void how_far_people_got_is_told_to_who_may_edit(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(ask(fixture, &fixture->viewer, API_POST, "/progress", "{\"played_ms\":2600}"), 200);
    assert_int_equal(ask(fixture, &fixture->viewer, API_POST, "/progress", "{\"played_ms\":100}"), 200);
    assert_int_equal(ask(fixture, &fixture->owner, API_POST, "/progress", "{\"played_ms\":5000}"), 200);
    assert_int_equal(ask(fixture, &fixture->viewer, API_POST, "/progress", "{}"), 400);
    assert_int_equal(ask(fixture, &fixture->author, API_GET, "", ""), 200);
    says(fixture, "\"views\":2,\"reach\":[2,2,2,2,2,2,1,1,1,1,1]");
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 200);
    says(fixture, "\"views\":2,\"reach\":null");
}

static size_t files_n(const struct fixture *fixture)
{
    char path[128];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/media", fixture->world->core->dir);
    DIR *listing = opendir(path);
    CORE_CHECK(listing != NULL);
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(listing);
    return n;
}

static bool is_swept(void *user)
{
    const struct fixture *fixture = user;
    return files_n(fixture) == 0;
}

static void a_deleted_track_can_be_taken_back_until_its_files_go(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(files_n(fixture), 4);
    assert_int_equal(ask(fixture, &fixture->author, API_DELETE, "", ""), 200);
    says(fixture, "\"state\":\"deleted\"");
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 404);
    assert_int_equal(watch(fixture, &fixture->viewer, MEDIA, NULL), 404);
    assert_int_equal(ask(fixture, &fixture->owner, API_GET, "", ""), 200);
    assert_int_equal(watch(fixture, &fixture->owner, MEDIA, NULL), 404);
    assert_int_equal(ask(fixture, &fixture->owner, API_PUT, "", "{\"title\":\"x\"}"), 400);
    core_loop_advance(fixture->world->core->loop, PL_TRACK_GRACE_MS - 7200000);
    assert_int_equal(ask(fixture, &fixture->owner, API_PUT, "", "{\"state\":\"finished\"}"), 200);
    assert_int_equal(ask(fixture, &fixture->viewer, API_GET, "", ""), 200);
    assert_int_equal(files_n(fixture), 4);
    assert_int_equal(ask(fixture, &fixture->owner, API_DELETE, "", ""), 200);
    core_loop_advance(fixture->world->core->loop, PL_TRACK_GRACE_MS + 1);
    core_loop_advance(fixture->world->core->loop, 7200000);
    assert_true(core_loop_until(fixture->world->core->loop, is_swept, fixture));
    assert_int_equal(ask(fixture, &fixture->author, API_GET, "", ""), 404);
    assert_int_equal(api_track_json(fixture->world, &fixture->owner, API_GET, "", ""), 200);
    says(fixture, "\"tracks\":[]");
}

static void the_sweep_takes_only_what_nobody_refers_to(void **state)
{
    struct fixture *fixture = *state;
    static const char *const strays[] = {"AAAAAAAAAAE.AAAAAAAAAAE.0.media", "AAAAAAAAAAE.AAAAAAAAAAE.0.media-whole",
                                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "by-hand"};
    char path[256];
    api_track_begin(fixture->world, &fixture->author, "video/webm", fixture->track); /* beside the whole one */
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, fixture->track, 0, "media", 0, api_webm), 200);
    assert_int_equal(files_n(fixture), 5);
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/media/%s", fixture->world->core->dir, strays[i]);
        FILE *file = fopen(path, "wb");
        CORE_CHECK(file != NULL && fclose(file) == 0);
    }
    api_world_restart(fixture->world);
    core_loop_advance(fixture->world->core->loop, 1);
    assert_int_equal(files_n(fixture), 6);
    assert_int_equal(access(path, F_OK), 0); /* what is none of ours stays */
    assert_int_equal(ask(fixture, &fixture->author, API_POST, "/segments/0/finish", "{\"length_ms\":5}"), 200);
}

static bool is_others_only(void *user)
{
    const struct fixture *fixture = user;
    return files_n(fixture) == 4;
}

/* Said once too often, and taken back before anybody heard it. */
static void what_was_thrown_away_unfinished_is_gone_for_everybody(void **state)
{
    struct fixture *fixture = *state;
    char made[16], below[64];
    api_track_begin(fixture->world, &fixture->author, "audio/webm", made);
    snprintf(below, sizeof below, "/%s", made);
    assert_int_equal(api_track_chunk(fixture->world, &fixture->author, made, 0, "timeline", 0, api_timeline), 200);
    assert_int_equal(api_track_json(fixture->world, &fixture->author, API_DELETE, below, ""), 200);
    assert_int_equal(api_track_json(fixture->world, &fixture->owner, API_GET, below, ""), 404);
    assert_int_equal(api_track_json(fixture->world, &fixture->owner, API_PUT, below, "{\"state\":\"finished\"}"), 404);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(
            api_track_json(fixture->world, i == 0 ? &fixture->owner : &fixture->author, API_GET, "", ""), 200);
        assert_null(strstr(fixture->world->body, made));
    }
    assert_int_equal(files_n(fixture), 5);
    core_loop_advance(fixture->world->core->loop, 7200000);
    assert_true(core_loop_until(fixture->world->core->loop, is_others_only, fixture));
    assert_int_equal(api_track_json(fixture->world, &fixture->author, API_GET, below, ""), 404);
}

static uint64_t seen_from(struct fixture *fixture, enum pl_role role, uint64_t seq)
{
    const struct past_right right = tracks_past_right(fixture->world->tracks);
    struct past_ask ask = {.asker = {.board = fixture->board.board, .role = role}, .seq = seq};
    right.answer(right.self, fixture->board.board, &ask);
    return ask.from;
}

/* SPEC T3. */
static void whoever_may_watch_sees_the_states_it_spans(void **state)
{
    struct fixture *fixture = *state;
    char first[512], last[512];
    assert_int_equal(ask(fixture, &fixture->author, API_PUT, "", "{\"watch\":{\"role\":\"commenter\"}}"), 200);
    api_world_cut(fixture->world, "\"first_seq\":", ",", first);
    api_world_cut(fixture->world, "\"last_seq\":", ",", last);
    const uint64_t from = strtoull(first, NULL, 10), to = strtoull(last, NULL, 10);
    assert_int_equal(seen_from(fixture, PL_ROLE_COMMENTER, from), from);
    assert_int_equal(seen_from(fixture, PL_ROLE_COMMENTER, to), from);
    assert_int_equal(seen_from(fixture, PL_ROLE_COMMENTER, to + 1), 0);
    assert_int_equal(seen_from(fixture, PL_ROLE_VIEWER, from), 0); /* who may not watch may not look back */
    assert_int_equal(ask(fixture, &fixture->author, API_DELETE, "", ""), 200);
    assert_int_equal(seen_from(fixture, PL_ROLE_COMMENTER, from), 0);
    char other[16];
    api_track_begin(fixture->world, &fixture->author, "", other); /* nobody's but the author's yet */
    assert_int_equal(seen_from(fixture, PL_ROLE_COMMENTER, from), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_one_range_of_a_file_can_be_had),
        TEST(a_range_of_another_file_is_all_of_this_one),
        TEST(what_a_browser_shows_opens_its_own_board_for_twelve_hours),
        TEST(a_withdrawn_link_opens_nothing_from_then_on),
        TEST(an_answer_under_way_breaks_off_when_its_asker_may_no_longer),
        TEST(an_answer_under_way_breaks_off_when_its_link_gives_less),
        TEST(a_track_is_seen_by_whom_its_author_names),
        TEST(whoever_was_sent_a_link_reads_where_a_track_is_and_others_nothing),
        TEST(an_unfinished_track_is_its_authors_alone),
        TEST(whoever_may_watch_sees_the_states_it_spans),
        TEST(changes_that_make_no_sense_change_nothing),
        TEST(how_far_people_got_is_told_to_who_may_edit),
        TEST(a_deleted_track_can_be_taken_back_until_its_files_go),
        TEST(what_was_thrown_away_unfinished_is_gone_for_everybody),
        TEST(the_sweep_takes_only_what_nobody_refers_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
