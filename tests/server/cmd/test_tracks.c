/* What the commands do about talk-tracks: check reads every file and chunk, a backup holds them, the audit record names
 * them. Beside a server that is at work on the folder. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/held_writer.h"
#include "tests/support/live_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct api_world *world;
    struct api_board board;
    struct api_guest author;
    char whole[16], open[16];
    char media[80]; /* the name of the whole one's media file */
    char text[8192];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    char below[64], etag[1024];
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture.world = api_world_new(NULL, 0, NULL);
    api_board_make(fixture.world, &fixture.board);
    api_guest_come(fixture.world, &fixture.board, fixture.board.owner.token, &fixture.author);
    api_track_whole(fixture.world, &fixture.author, fixture.whole);
    snprintf(below, sizeof below, "/%s/segments/0/media", fixture.whole);
    CORE_CHECK(api_track_watch(fixture.world, &fixture.author, below, NULL) == 200);
    CORE_CHECK(api_world_header(fixture.world, "ETag", etag));
    snprintf(fixture.media, sizeof fixture.media, "%.64s", etag + 1);
    api_track_begin(fixture.world, &fixture.author, "audio/webm", fixture.open);
    CORE_CHECK(api_track_chunk(fixture.world, &fixture.author, fixture.open, 0, "media", 0, api_webm) == 200);
    CORE_CHECK(api_track_chunk(fixture.world, &fixture.author, fixture.open, 0, "media", 1, api_text("more")) == 200);
    CORE_CHECK(api_track_chunk(fixture.world, &fixture.author, fixture.open, 0, "timeline", 0, api_timeline) == 200);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    api_world_free(((struct fixture *)*state)->world);
    return 0;
}

static void check_says(struct fixture *fixture, const char *dir, int status, const char *what)
{
    assert_int_equal(live_run((const char *const[]){"check", "--data", dir, NULL}, fixture->text, sizeof fixture->text),
                     status);
    if (strstr(fixture->text, what) == NULL)
        fail_msg("'%s' is not in: %s", what, fixture->text);
}

/* Turns a bit of a file in the media folder, as often as it is called. */
static void spoil(const struct fixture *fixture, const char *name, long at)
{
    char path[256];
    snprintf(path, sizeof path, "%s/media/%s", fixture->world->core->dir, name);
    FILE *file = fopen(path, "r+b");
    CORE_CHECK(file != NULL && fseek(file, at, SEEK_SET) == 0);
    const int byte = fgetc(file);
    CORE_CHECK(byte != EOF && fseek(file, at, SEEK_SET) == 0 && fputc(byte ^ 1, file) != EOF && fclose(file) == 0);
}

static void check_reads_every_file_and_every_chunk(void **state)
{
    struct fixture *fixture = *state;
    const char *dir = fixture->world->core->dir;
    char part[64], path[256], aside[300];
    check_says(fixture, dir, 0, "2 talk-tracks, 4 media files: all is well");
    spoil(fixture, fixture->media, 7);
    check_says(fixture, dir, 1, "the file of its media is not what it was");
    spoil(fixture, fixture->media, 7);
    snprintf(path, sizeof path, "%s/media/%s", dir, fixture->media);
    snprintf(aside, sizeof aside, "%s.aside", path);
    CORE_CHECK(rename(path, aside) == 0);
    check_says(fixture, dir, 1, "the file of its media is missing");
    CORE_CHECK(rename(aside, path) == 0);
    snprintf(part, sizeof part, "%s.%s.0.media", fixture->board.id, fixture->open);
    spoil(fixture, part, (long)api_webm.len);
    check_says(fixture, dir, 1, "chunk 1 of its media is not what came");
    spoil(fixture, part, (long)api_webm.len);
    check_says(fixture, dir, 0, "all is well");
    snprintf(path, sizeof path, "%s/media/%s", dir, part);
    CORE_CHECK(truncate(path, 5) == 0);
    check_says(fixture, dir, 1, "of its media, 23 bytes are not all there");
}

static void a_backup_holds_what_was_recorded_and_what_is_being_recorded(void **state)
{
    struct fixture *fixture = *state;
    char backup[80], restored[80];
    snprintf(backup, sizeof backup, "%s-backup", fixture->world->core->dir);
    snprintf(restored, sizeof restored, "%s-restored", fixture->world->core->dir);
    assert_int_equal(live_run((const char *const[]){"backup", backup, "--data", fixture->world->core->dir, NULL},
                              fixture->text, sizeof fixture->text),
                     0);
    assert_non_null(strstr(fixture->text, "4 media files"));
    check_says(fixture, backup, 0, "2 talk-tracks, 4 media files: all is well");
    assert_int_equal(live_run((const char *const[]){"restore", backup, "--data", restored, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    check_says(fixture, restored, 0, "2 talk-tracks, 4 media files: all is well");
    core_dir_remove(backup);
    core_dir_remove(restored);
}

static void the_audit_record_names_tracks(void **state)
{
    struct fixture *fixture = *state;
    char wanted[64];
    assert_int_equal(live_run((const char *const[]){"audit", fixture->board.id, "--data", fixture->world->core->dir, NULL},
                              fixture->text, sizeof fixture->text),
                     0);
    snprintf(wanted, sizeof wanted, " role=owner track=%s by=", fixture->whole);
    assert_non_null(strstr(fixture->text, wanted));
    assert_non_null(strstr(fixture->text, "track_finished outcome=ok"));
}

static void an_export_tells_tracks_with_their_timelines_and_names_their_files(void **state)
{
    struct fixture *fixture = *state;
    char wanted[256];
    assert_int_equal(live_run((const char *const[]){"export", fixture->board.id, "--data", fixture->world->core->dir, NULL},
                              fixture->text, sizeof fixture->text),
                     0);
    snprintf(wanted, sizeof wanted, "{\"track\":\"%s\",\"title\":\"Tour\",", fixture->whole);
    assert_non_null(strstr(fixture->text, wanted));
    snprintf(wanted, sizeof wanted,
             "\"media\":{\"file\":\"media/%s\",\"bytes\":19,\"type\":\"video/webm\"},\"timeline\":[[0,0,[0,0,100,100],[]]"
             ",[0,6,1,null]]}]",
             fixture->media);
    assert_non_null(strstr(fixture->text, wanted));
    assert_non_null(strstr(fixture->text, "\"state\":\"recording\""));
}

/* Neither of this board nor of the one that lies behind it. */
static void a_spoiled_track_costs_an_export_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct api_board other;
    struct api_guest guest;
    char track[16];
    uint64_t id;
    api_board_make(fixture->world, &other);
    api_guest_come(fixture->world, &other, other.owner.token, &guest);
    api_track_begin(fixture->world, &guest, "audio/webm", track);
    const struct api_board *front = other.board < fixture->board.board ? &other : &fixture->board;
    const bool ours_in_front = front == &fixture->board;
    CORE_CHECK(ident_read(api_text(ours_in_front ? track : fixture->open), &id));
    writer_spoil_track(fixture->world->core, ours_in_front ? other.board : fixture->board.board, id);
    const char *ids[] = {other.id, fixture->board.id};
    for (size_t i = 0; i < 2; i++) {
        const bool spoiled = i == (ours_in_front ? 0 : 1);
        assert_int_equal(live_run((const char *const[]){"export", ids[i], "--data", fixture->world->core->dir, NULL},
                                  fixture->text, sizeof fixture->text),
                         0);
        assert_true((strstr(fixture->text, "cannot be read: it is left out") != NULL) == spoiled);
        assert_true((strstr(fixture->text, fixture->whole) != NULL) == (i == 1));
    }
}

/* To another folder, where its media were copied. */
static void an_import_brings_tracks_back_whose_files_are_there(void **state)
{
    struct fixture *fixture = *state;
    const char *dir = fixture->world->core->dir;
    char json[96], data[80], backup[80], first[8192], again[8192], below[64];
    snprintf(json, sizeof json, "%s-board.json", dir);
    snprintf(data, sizeof data, "%s-imported", dir);
    snprintf(backup, sizeof backup, "%s-backup", dir);
    snprintf(below, sizeof below, "/%s", fixture->whole);
    CORE_CHECK(api_track_json(fixture->world, &fixture->author, API_PUT, below, "{\"watch\":{\"links\":[\"AAAAAAAAAAE\"]}}") == 200);
    assert_int_equal(live_run((const char *const[]){"export", fixture->board.id, "--data", dir, NULL}, first, sizeof first),
                     0);
    assert_int_equal(live_run((const char *const[]){"export", fixture->board.id, "--data", dir, "--out", json, NULL},
                              fixture->text, sizeof fixture->text),
                     0);
    assert_int_equal(live_run((const char *const[]){"import", json, "--data", data, NULL}, fixture->text,
                              sizeof fixture->text),
                     0); /* nothing of it is there */
    assert_non_null(strstr(fixture->text, "talk-track 'Tour': the file of its media is not in the folder media"));
    check_says(fixture, data, 0, "1 talk-tracks, 0 media files: all is well"); /* the one without anything done */
    core_dir_remove(data);
    assert_int_equal(live_run((const char *const[]){"backup", backup, "--data", dir, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    assert_int_equal(live_run((const char *const[]){"restore", backup, "--data", data, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    assert_int_equal(live_run((const char *const[]){"import", json, "--data", data, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    assert_null(strstr(fixture->text, "talk-track"));
    char board[16] = "";
    CORE_CHECK(sscanf(fixture->text, "board %11s", board) == 1);
    check_says(fixture, data, 0, "4 talk-tracks, 8 media files: all is well");
    assert_int_equal(live_run((const char *const[]){"export", board, "--data", data, NULL}, again, sizeof again), 0);
    assert_non_null(strstr(again, fixture->whole));
    assert_non_null(strstr(again, fixture->media));
    assert_non_null(strstr(again, "\"timeline\":[[0,0,[0,0,100,100],[]],[0,6,"));
    assert_non_null(strstr(again, "\"watch\":\"facilitator\"")); /* the link is of no meaning here */
    /* files are named by what they hold: the same names, and check found them whole */
    const char *was = strstr(first, "\"captions\":{\"file\""), *is = strstr(again, "\"captions\":{\"file\"");
    assert_true(was != NULL && is != NULL);
    const size_t len = (size_t)(strstr(was, "}}") - was);
    assert_memory_equal(was, is, len);
    assert_non_null(strstr(was, "\"cover\""));
    core_dir_remove(data);
    core_dir_remove(backup);
    unlink(json);
}

/* The rows of two under one id would be those of neither. */
static void of_two_tracks_under_one_id_an_import_brings_one(void **state)
{
    struct fixture *fixture = *state;
    static const char track[] = "{\"track\":\"AAAAAAAAAAE\",\"title\":\"%s\",\"author\":7,\"made_ms\":9,"
                                "\"state\":\"finished\",\"watch\":\"editor\",\"segments\":[%s]}";
    char json[96], data[80], board[16];
    snprintf(json, sizeof json, "%s-twice.json", fixture->world->core->dir);
    snprintf(data, sizeof data, "%s-twice", fixture->world->core->dir);
    FILE *file = fopen(json, "w");
    CORE_CHECK(file != NULL);
    fprintf(file, "{\"format\":\"plenum-board\",\"version\":1,\"makers\":[0],\"objects\":["
                  "{\"id\":\"0.1\",\"kind\":\"board\",\"fields\":{\"title\":\"Plans\"}}],\"tracks\":[");
    fprintf(file, track, "first", "{\"type\":\"\",\"state\":\"done\",\"from_ms\":0,\"length_ms\":5}");
    fprintf(file, ",");
    fprintf(file, track, "second", "");
    fprintf(file, "]}");
    CORE_CHECK(fclose(file) == 0);
    assert_int_equal(live_run((const char *const[]){"import", json, "--data", data, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    assert_non_null(strstr(fixture->text, "talk-track 'second': there is one of its id already: left out"));
    CORE_CHECK(sscanf(strstr(fixture->text, "board "), "board %11s", board) == 1);
    assert_int_equal(live_run((const char *const[]){"export", board, "--data", data, NULL}, fixture->text,
                              sizeof fixture->text),
                     0);
    assert_non_null(strstr(fixture->text, "\"title\":\"first\""));
    core_dir_remove(data);
    unlink(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(check_reads_every_file_and_every_chunk),
        TEST(a_backup_holds_what_was_recorded_and_what_is_being_recorded),
        TEST(the_audit_record_names_tracks),
        TEST(an_import_brings_tracks_back_whose_files_are_there),
        TEST(of_two_tracks_under_one_id_an_import_brings_one),
        TEST(an_export_tells_tracks_with_their_timelines_and_names_their_files),
        TEST(a_spoiled_track_costs_an_export_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
