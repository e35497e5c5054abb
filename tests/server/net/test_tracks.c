/* Talk-tracks on a real server: large bodies from those who may send them alone, answers of any length to readers of any
 * speed, a disk that is full, and SIGKILL between chunks. */
#include "proto/limits.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/live_track.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void a_full_disk_keeps_what_was_recorded_and_says_so(void **state)
{
    static const char *const faults[] = {"ENOSPC mwrite", "ENOSPC msync"};
    struct live_server server;
    struct live_author author;
    char track[16], fault[80], data[128], text[4096];
    (void)state;
    snprintf(fault, sizeof fault, "/tmp/plenum-fault.%d", (int)getpid());
    fault_set(fault, "");
    live_server_start_so(&server, &(struct live_how){.preload = PLENUM_FAULT_LIB, .fault = fault});
    live_author_come(&author, &server);
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
    for (unsigned round = 0; round < 6; round++) {
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_bodies_are_read_of_who_may_send_them_alone),
        cmocka_unit_test(media_are_the_same_bytes_to_a_fast_and_a_slow_reader_and_in_parts),
        cmocka_unit_test(a_full_disk_keeps_what_was_recorded_and_says_so),
        cmocka_unit_test(nothing_that_was_answered_is_lost_to_sigkill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
