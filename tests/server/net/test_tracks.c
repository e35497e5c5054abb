/* Talk-tracks on a real server: large bodies from those who may send them alone, answers of any length to readers of any
 * speed, a disk that is full, and SIGKILL between chunks. */
#include "proto/limits.h"
#include "store/media.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/live_track.h"
#include "tests/support/long_run.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LARGE PL_TRACK_CHUNK_BYTES_MAX

/* A chunk like no other, that begins as a recording does. */
static uint8_t *chunk_make(unsigned number)
{
    uint8_t *bytes = malloc(LARGE);
    uint32_t state = number * 2654435761u + 1;
    CORE_CHECK(bytes != NULL);
    for (size_t i = 0; i < LARGE; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
    if (number == 0)
        memcpy(bytes, api_webm.data, api_webm.len - 3);
    return bytes;
}

static unsigned send_chunk(const struct live_author *author, const char *track, unsigned number, size_t len)
{
    uint8_t *bytes = chunk_make(number);
    const unsigned status = live_author_chunk(author, track, number, (struct pl_slice){bytes, len}, NULL);
    free(bytes);
    return status;
}

static void large_bodies_are_read_of_who_may_send_them_alone(void **state)
{
    struct live_server server;
    struct live_author author, stranger;
    char track[16], below[64];
    struct pl_buf body;
    (void)state;
    live_server_start(&server);
    live_author_come(&author, &server);
    live_author_begin(&author, track);
    assert_int_equal(send_chunk(&author, track, 0, LARGE), 200);
    pl_buf_init(&body, pl_mem_libc());
    uint8_t *bytes = chunk_make(1);
    const struct pl_slice large = {bytes, LARGE};
    stranger = author;
    strcpy(stranger.token, "nobody");
    assert_int_equal(live_author_chunk(&stranger, track, 1, large, &body), 401); /* told, though it is dropped unread */
    strcpy(stranger.token, author.board.viewer);
    assert_int_not_equal(live_author_chunk(&stranger, track, 1, large, NULL), 200);
    snprintf(below, sizeof below, "/%s", track);
    const unsigned status = live_author_ask(&author, "PUT", below, "", large, NULL);
    assert_true(status == 413 || status == 0); /* 0: hung up on before it could look */
    assert_int_equal(live_author_chunks(&author, track), 1);
    assert_int_equal(live_author_chunk(&author, track, 1, large, NULL), 200);
    free(bytes);
    pl_buf_done(&body);
    assert_true(live_server_end(&server));
}

/* A track of so many large chunks, whole. */
static void record(const struct live_author *author, unsigned chunks, char ret_track[16])
{
    live_author_begin(author, ret_track);
    for (unsigned i = 0; i < chunks; i++)
        CORE_CHECK(send_chunk(author, ret_track, i, LARGE) == 200);
    CORE_CHECK(live_author_finish(author, ret_track) == 200);
}

static void media_are_the_same_bytes_to_a_fast_and_a_slow_reader_and_in_parts(void **state)
{
    struct live_server server;
    struct live_author author;
    struct raw_client fast, slow;
    char track[16], below[64], head[4096];
    (void)state;
    live_server_start(&server);
    live_author_come(&author, &server);
    record(&author, 4, track);
    snprintf(below, sizeof below, "/%s/segments/0/media", track);
    raw_open(&slow, server.port);
    live_author_get(&author, &slow, below, "");
    raw_open(&fast, server.port);
    for (unsigned round = 0; round < 2; round++) { /* on one connection */
        live_author_get(&author, &fast, below, round == 0 ? "" : "Range: bytes=1048570-3145800\r\n");
        CORE_CHECK(raw_read_head(&fast, head, sizeof head));
        assert_memory_equal(head, round == 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content", 12);
        uint8_t *chunk = NULL, byte;
        for (uint64_t at = round == 0 ? 0 : 1048570; at < (round == 0 ? 4u * LARGE : 3145801u); at++) {
            if (chunk == NULL || at % LARGE == 0) {
                free(chunk);
                chunk = chunk_make((unsigned)(at / LARGE));
            }
            CORE_CHECK(raw_next_byte(&fast, &byte) == 1);
            CORE_CHECK(byte == chunk[at % LARGE]);
        }
        free(chunk);
    }
    CORE_CHECK(raw_read_head(&slow, head, sizeof head)); /* which waited all the while */
    uint8_t *first = chunk_make(0), byte;
    for (size_t i = 0; i < LARGE; i++)
        CORE_CHECK(raw_next_byte(&slow, &byte) == 1 && byte == first[i]);
    free(first);
    raw_close(&slow); /* in the middle */
    snprintf(below, sizeof below, "/%s/segments/0/media", track);
    live_author_get(&author, &fast, below, "Range: bytes=-1\r\n");
    CORE_CHECK(raw_read_head(&fast, head, sizeof head));
    assert_non_null(strstr(head, "Content-Range: bytes 4194303-4194303/4194304\r\n"));
    raw_close(&fast);
    assert_true(live_server_end(&server));
}

static void fault_set(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CORE_CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* A server whose disk fails when the file says so, and somebody who records there. */
static void faulty_start(struct live_server *server, struct live_author *author, char ret_fault[80])
{
    snprintf(ret_fault, 80, "/tmp/plenum-fault.%d", (int)getpid());
    fault_set(ret_fault, "");
    live_server_start_so(server, &(struct live_how){.preload = PLENUM_FAULT_LIB, .fault = ret_fault});
    live_author_come(author, server);
}

static void a_full_disk_keeps_what_was_recorded_and_says_so(void **state)
{
    static const char *const faults[] = {"ENOSPC mwrite", "ENOSPC msync"};
    struct live_server server;
    struct live_author author;
    char track[16], fault[80], data[128], text[4096];
    (void)state;
    faulty_start(&server, &author, fault);
    live_author_begin(&author, track);
    unsigned n = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(send_chunk(&author, track, n++, 50000), 200);
        fault_set(fault, faults[i]);
        assert_int_equal(send_chunk(&author, track, n, 50000), 507);
        assert_int_equal(live_author_chunks(&author, track), n);
        fault_set(fault, "");
        assert_int_equal(send_chunk(&author, track, n++, 50000), 200);
        fault_set(fault, "EIO mwrite");
        assert_int_equal(send_chunk(&author, track, n, 50000), 500);
        assert_int_equal(live_author_finish(&author, track), 500);
        fault_set(fault, "ENOSPC any"); /* the rows cannot be written */
        assert_int_equal(send_chunk(&author, track, n, 50000), 503);
        fault_set(fault, "");
        assert_true(live_server_metric_is(&server, "plenum_journal_refused", 0));
    }
    assert_int_equal(live_author_chunks(&author, track), n);
    snprintf(data, sizeof data, "%s/data", server.dir);
    assert_int_equal(live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
    assert_int_equal(live_author_finish(&author, track), 200);
    assert_int_equal(live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
    assert_non_null(strstr(text, "1 talk-tracks, 1 media files"));
    assert_true(live_server_end(&server));
    unlink(fault);
}

/* A file system of so many MiB in the place of the data folder, or another size of it; false: that takes root. */
static bool disk_make(const struct live_server *server, unsigned mib, unsigned long flags)
{
    char data[80], how[32];
    snprintf(data, sizeof data, "%s/data", server->dir);
    snprintf(how, sizeof how, "size=%um,mode=0700", mib);
    return mount("plenum-test", data, "tmpfs", flags, how) == 0;
}

static void data_check(const struct live_server *server)
{
    char data[80], text[4096];
    snprintf(data, sizeof data, "%s/data", server->dir);
    assert_int_equal(live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
}

static void quota_is_told(const struct live_author *author, const char *track, unsigned chunk)
{
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    uint8_t *bytes = chunk_make(chunk);
    assert_int_equal(live_author_chunk(author, track, chunk, (struct pl_slice){bytes, LARGE}, &body), 507);
    pl_buf_append(&body, "", 1);
    assert_non_null(strstr((const char *)body.data, "\"code\":\"quota\""));
    pl_buf_done(&body);
    free(bytes);
}

/* What is left is for boards: recording stops while they still write, and goes on when there is room. */
static void the_last_of_a_disk_is_kept_for_boards(void **state)
{
    struct live_server server;
    struct live_author author;
    struct live_peer editor;
    char track[16];
    unsigned n = 0;
    (void)state;
    live_server_start(&server);
    assert_true(live_server_stop(&server, SIGTERM));
    const unsigned reserve_mib = (unsigned)(MEDIA_RESERVE_BYTES >> 20);
    const bool root = disk_make(&server, reserve_mib + 12, 0);
    live_server_again(&server, &(struct live_how){0});
    if (root) {
        char data[80];
        live_author_come(&author, &server);
        live_author_begin(&author, track);
        while (n < 20 && send_chunk(&author, track, n, LARGE) == 200)
            n++;
        assert_in_range(n, 1, 12);
        quota_is_told(&author, track, n);
        assert_int_equal(live_author_chunks(&author, track), n);
        assert_int_equal(live_author_finish(&author, track), 507); /* for a while it is there twice */
        live_peer_join(&editor, &server, &author.board, author.board.editor);
        live_peer_write(&editor, 1, 100);
        assert_true(live_peer_answers(&editor));
        assert_true(live_server_metric_is(&server, "plenum_journal_refused", 0));
        live_peer_leave(&editor);
        data_check(&server);
        assert_true(disk_make(&server, reserve_mib + 60, MS_REMOUNT));
        assert_int_equal(send_chunk(&author, track, n, LARGE), 200);
        assert_int_equal(live_author_chunks(&author, track), n + 1);
        assert_int_equal(live_author_finish(&author, track), 200);
        data_check(&server);
        assert_true(live_server_stop(&server, SIGTERM));
        snprintf(data, sizeof data, "%s/data", server.dir);
        assert_int_equal(umount2(data, MNT_DETACH), 0);
        live_server_again(&server, &(struct live_how){0});
    }
    assert_true(live_server_end(&server));
    if (!root)
        skip();
}

static unsigned send_timeline(const struct live_author *author, const char *track, unsigned number)
{
    char below[96], digest[80], header[128];
    static const uint8_t more[] = {0x92, 1, 1};
    const struct pl_slice bytes = number == 0 ? api_timeline : (struct pl_slice){more, sizeof more};
    api_digest_write(bytes, digest);
    snprintf(below, sizeof below, "/%s/segments/0/timeline/%u", track, number);
    snprintf(header, sizeof header, "Content-Digest: %s\r\n", digest);
    return live_author_ask(author, "PUT", below, header, bytes, NULL);
}

/* Each write and each sync in turn is the one that finds the disk full: nothing half is ever taken for whole. */
static void a_disk_that_fills_in_the_midst_leaves_nothing_half(void **state)
{
    static const char *const kinds[] = {"mwrite", "msync"};
    struct live_server server;
    struct live_author author;
    char track[16], fault[80], text[32];
    (void)state;
    faulty_start(&server, &author, fault);
    for (size_t i = 0; i < 2; i++) {
        live_author_begin(&author, track);
        for (unsigned n = 0; n < 2; n++) {
            snprintf(text, sizeof text, "ENOSPC %s", kinds[i]);
            fault_set(fault, text);
            assert_int_equal(send_timeline(&author, track, n), 507);
            assert_int_equal(send_chunk(&author, track, n, 300000), 507);
            fault_set(fault, "");
            assert_int_equal(send_timeline(&author, track, n), 200);
            assert_int_equal(send_chunk(&author, track, n, 300000), 200);
        }
        unsigned failed = 0, status = 0;
        for (unsigned k = 1; k < 30 && status != 200; k++) {
            snprintf(text, sizeof text, "ENOSPC media %u", k);
            fault_set(fault, text);
            status = live_author_finish(&author, track);
            assert_true(status == 200 || status == 507);
            failed += status == 507;
            data_check(&server);
        }
        fault_set(fault, "");
        assert_int_equal(status, 200);
        assert_in_range(failed, 3, 28); /* of media and timeline: writes, syncs, the folder's syncs */
    }
    assert_true(live_server_end(&server));
    unlink(fault);
}

/* Others may take it meanwhile: two that are finished at once find it free for each of them. */
static void room_for_boards_is_looked_after_while_a_recording_is_finished(void **state)
{
    struct live_server server;
    struct live_author author;
    char track[16], fault[80];
    (void)state;
    faulty_start(&server, &author, fault);
    live_author_begin(&author, track);
    for (unsigned n = 0; n < 3; n++)
        CORE_CHECK(send_chunk(&author, track, n, LARGE) == 200);
    fault_set(fault, "ENOSPC room 2"); /* at the first look there is enough */
    assert_int_equal(live_author_finish(&author, track), 507);
    fault_set(fault, "");
    data_check(&server);
    assert_int_equal(live_author_finish(&author, track), 200);
    assert_true(live_server_end(&server));
    unlink(fault);
}

struct killer {
    struct live_server *server;
    unsigned after_ms;
};

static void *kill_run(void *user)
{
    const struct killer *killer = user;
    nanosleep(&(struct timespec){.tv_nsec = (long)killer->after_ms * 1000000L}, NULL);
    (void)live_server_stop(killer->server, 9);
    return NULL;
}

static void nothing_that_was_answered_is_lost_to_sigkill(void **state)
{
    struct live_server server;
    struct live_author author;
    char track[16], data[128], text[4096];
    unsigned answered = 0;
    (void)state;
    live_server_start(&server);
    live_author_come(&author, &server);
    live_author_begin(&author, track);
    for (unsigned round = 0; round < 6 || (answered == 0 && round < 100); round++) { /* a busy machine answers late */
        struct killer killer = {&server, 5 + 23 * round};
        pthread_t thread;
        CORE_CHECK(pthread_create(&thread, NULL, kill_run, &killer) == 0);
        while (send_chunk(&author, track, answered, 300000) == 200)
            answered++;
        pthread_join(thread, NULL);
        live_server_again(&server, &(struct live_how){0});
        const unsigned kept = live_author_chunks(&author, track);
        assert_in_range(kept, answered, answered + 1); /* one may be there whose answer was lost */
        if (kept > answered)
            assert_int_equal(send_chunk(&author, track, answered++, 300000), 200);
        snprintf(data, sizeof data, "%s/data", server.dir);
        assert_int_equal(live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
    }
    assert_true(answered > 0);
    assert_int_equal(live_author_finish(&author, track), 200);
    assert_int_equal(live_run((const char *const[]){"check", "--data", data, NULL}, text, sizeof text), 0);
    assert_true(live_server_end(&server));
}

/* What was answered of a track's life. */
struct told {
    bool made, opened, media, timeline, finished, published, captions, deleted;
};

static unsigned post(const struct live_author *author, const char *method, const char *track, const char *rest,
                     const char *body)
{
    char below[64];
    snprintf(below, sizeof below, "/%s%s", track, rest);
    return live_author_ask(author, method, below, "", api_text(body), NULL);
}

/* A whole life, until somebody pulls the plug. */
static void live_through(const struct live_author *author, char track[16], struct told *ret_told)
{
    struct pl_buf body;
    *ret_told = (struct told){0};
    pl_buf_init(&body, pl_mem_libc());
    if (live_author_ask(author, "POST", "", "", api_text("{}"), &body) == 201) {
        pl_buf_append(&body, "", 1);
        const char *at = strstr((const char *)body.data, "\"track\":\"");
        CORE_CHECK(at != NULL);
        snprintf(track, 16, "%.11s", at + 9);
        ret_told->made = true;
    }
    pl_buf_done(&body);
    ret_told->opened = ret_told->made && post(author, "POST", track, "/segments", "{\"type\":\"video/webm\"}") == 201;
    ret_told->media = ret_told->opened && send_chunk(author, track, 0, 300000) == 200;
    ret_told->timeline = ret_told->media && send_timeline(author, track, 0) == 200;
    ret_told->finished = ret_told->timeline && live_author_finish(author, track) == 200;
    ret_told->published = ret_told->finished && post(author, "PUT", track, "", "{\"state\":\"finished\"}") == 200;
    ret_told->captions = ret_told->published && post(author, "PUT", track, "/captions", "WEBVTT\n") == 200;
    ret_told->deleted = ret_told->captions && post(author, "DELETE", track, "", "") == 200;
}

static void is_there(const struct live_author *author, const char *track, const struct told *told)
{
    struct pl_buf body;
    char below[64];
    if (!told->made)
        return;
    pl_buf_init(&body, pl_mem_libc());
    snprintf(below, sizeof below, "/%s", track);
    assert_int_equal(live_author_ask(author, "GET", below, "", (struct pl_slice){0}, &body), 200);
    pl_buf_append(&body, "", 1);
    const char *json = (const char *)body.data;
    if (told->opened)
        assert_non_null(strstr(json, "\"segment\":0,"));
    if (told->media)
        assert_non_null(strstr(json, "\"chunks\":{\"media\":1,"));
    if (told->timeline)
        assert_non_null(strstr(json, "\"timeline\":1}"));
    if (told->finished)
        assert_non_null(strstr(json, "\"state\":\"done\""));
    if (told->published && !told->deleted)
        assert_true(strstr(json, "\"state\":\"finished\"") != NULL || strstr(json, "\"state\":\"deleted\"") != NULL);
    if (told->captions)
        assert_non_null(strstr(json, "\"captions\":true"));
    if (told->deleted)
        assert_non_null(strstr(json, "\"state\":\"deleted\""));
    pl_buf_done(&body);
}

static void a_life_cut_short_by_sigkill_is_whole_up_to_there(void **state)
{
    struct live_server server;
    struct live_author author;
    struct told told;
    char track[16];
    (void)state;
    live_server_start(&server);
    live_author_come(&author, &server);
    for (unsigned round = 0; round < (long_run() ? 200 : 14); round++) {
        struct killer killer = {&server, 2 + round * 7 % 140};
        pthread_t thread;
        CORE_CHECK(pthread_create(&thread, NULL, kill_run, &killer) == 0);
        do
            live_through(&author, track, &told);
        while (told.deleted);
        pthread_join(thread, NULL);
        live_server_again(&server, &(struct live_how){0});
        is_there(&author, track, &told);
        data_check(&server);
        if (told.media && !told.deleted) { /* and it goes on from there */
            (void)live_author_finish(&author, track);
            assert_int_equal(post(&author, "PUT", track, "", "{\"state\":\"finished\"}"), 200);
        }
        if (round % 10 == 9) /* deleted ones count for days: a board would be full */
            live_author_come(&author, &server);
    }
    data_check(&server);
    assert_true(live_server_end(&server));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_bodies_are_read_of_who_may_send_them_alone),
        cmocka_unit_test(media_are_the_same_bytes_to_a_fast_and_a_slow_reader_and_in_parts),
        cmocka_unit_test(a_full_disk_keeps_what_was_recorded_and_says_so),
        cmocka_unit_test(the_last_of_a_disk_is_kept_for_boards),
        cmocka_unit_test(room_for_boards_is_looked_after_while_a_recording_is_finished),
        cmocka_unit_test(a_disk_that_fills_in_the_midst_leaves_nothing_half),
        cmocka_unit_test(nothing_that_was_answered_is_lost_to_sigkill),
        cmocka_unit_test(a_life_cut_short_by_sigkill_is_whole_up_to_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
