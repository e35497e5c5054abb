/* A talk-track's rows: their layout, pinned byte for byte; what a spoiled one is; pins and purging. */
#include "store/tracks.h"
#include "base/log.h"
#include "store/thinning.h"
#include "store/track_read.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BOARD 7u
#define TRACK 1000u

static struct track *sample(void)
{
    struct track *track = track_new(pl_mem_libc(), BOARD, TRACK);
    CORE_CHECK(track != NULL);
    track->author = 42;
    track->made_ms = 1700000000000;
    track->touched_ms = 6;
    track->state = TRACK_FINISHED;
    strcpy(track->title, "Tour");
    track->watch_role = PL_ROLE_NONE;
    track->links[track->link_n++] = UINT64_MAX;
    track->cuts[track->cut_n++] = (struct track_cut){100, 2000};
    track->chapters[track->chapter_n++] = (struct track_chapter){.at_ms = 5, .text_len = 3};
    pl_buf_append(&track->texts, "Top", 3);
    track->cover = (struct track_file){.bytes = 9, .hash = {1, 2, 3}, .type = "image/png"};
    struct track_segment *segment = &track->segments[track->segment_n++];
    strcpy(segment->type, "audio/webm");
    segment->done = true;
    segment->length_ms = 3000;
    segment->said_ms = 1.5;
    segment->first_seq = 4;
    segment->last_seq = 9;
    segment->flows[TRACK_MEDIA] = (struct track_flow){.chunk_n = 2, .bytes = 300};
    segment->touched_ms = 7;
    return track;
}

static void hex_is(const struct pl_buf *buf, const char *wanted)
{
    char text[1024] = "";
    CORE_CHECK(buf->len < sizeof text / 2);
    for (size_t i = 0; i < buf->len; i++)
        snprintf(text + 2 * i, 3, "%02x", buf->data[i]);
    assert_string_equal(text, wanted);
}

#define ABOUT                                                                                           \
    "012acf0000018bcfe568000001a4546f75720091c408ffffffffffffffff919264cd07d0919205a3546f70c093c420" \
    "010203000000000000000000000000000000000000000000000000000000000009a9696d6167652f706e67"
#define SEGMENT "01aa617564696f2f7765626dc300cd0bb8cb3ff800000000000004099302cd012cc0930000c0"

static void rows_and_keys_are_laid_out_as_they_ever_were(void **state)
{
    struct track *track = sample();
    struct pl_buf buf;
    (void)state;
    pl_buf_init(&buf, pl_mem_libc());
    track_about_write(track, &buf);
    hex_is(&buf, "9d" ABOUT "06");
    pl_buf_clear(&buf);
    track_segment_write(&track->segments[0], &buf);
    hex_is(&buf, "9b" SEGMENT "07");
    pl_buf_clear(&buf);
    const struct track_chunk chunk = {.at = 0x102030405u, .bytes = 0x11121314u, .hash = {0xaa}};
    uint8_t row[ROW_CHUNK_BYTES];
    track_chunk_write(&chunk, row);
    pl_buf_append(&buf, row, sizeof row);
    hex_is(&buf, "000000010203040511121314aa00000000000000000000000000000000000000000000000000000000000000");
    const struct key keys[] = {key_track(1, 2, KEY_TRACK_ABOUT), key_track_segment(1, 2, 3),
                               key_track_chunk(1, 2, 3, 1, 4), key_track_view(1, 2, 5)};
    static const char *const wanted[] = {"0000000000000001000000000000000200", "000000000000000100000000000000020100000003",
                                         "00000000000000010000000000000002020000000301" "00000004",
                                         "0000000000000001000000000000000203" "0000000000000005"};
    for (size_t i = 0; i < 4; i++) {
        pl_buf_clear(&buf);
        pl_buf_append(&buf, keys[i].bytes, keys[i].len);
        hex_is(&buf, wanted[i]);
    }
    pl_buf_done(&buf);
    track_free(track);
}

static size_t bytes_of(const char *hex, uint8_t *ret_bytes)
{
    unsigned byte;
    size_t n = 0;
    for (; sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
        ret_bytes[n] = (uint8_t)byte;
    return n;
}

/* Without the moment when something last came. */
static void rows_of_before_that_was_noted_are_read(void **state)
{
    struct track *track = sample(), *read = track_new(pl_mem_libc(), BOARD, TRACK);
    uint8_t bytes[512];
    (void)state;
    CORE_CHECK(read != NULL);
    read->touched_ms = 5;
    track_renew(read, BOARD, TRACK);
    assert_int_equal(track_about_read((struct pl_slice){bytes, bytes_of("9c" ABOUT, bytes)}, read), PL_OK);
    assert_string_equal(read->title, track->title);
    assert_int_equal(read->cover.bytes, 9);
    assert_int_equal(read->touched_ms, 0);
    assert_int_equal(track_segment_read((struct pl_slice){bytes, bytes_of("9a" SEGMENT, bytes)}, &read->segments[0]), PL_OK);
    assert_int_equal(read->segments[0].last_seq, 9);
    assert_int_equal(read->segments[0].touched_ms, 0);
    track_free(read);
    track_free(track);
}

/* Whatever a disk makes of a row, it is read as one or refused. */
static void a_spoiled_row_is_told_or_is_a_row(void **state)
{
    struct track *track = sample();
    struct pl_buf buf;
    (void)state;
    pl_buf_init(&buf, pl_mem_libc());
    track_about_write(track, &buf);
    for (size_t at = 0; at < buf.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct track *read = track_new(pl_mem_libc(), BOARD, TRACK);
            CORE_CHECK(read != NULL);
            buf.data[at] ^= (uint8_t)(1u << bit);
            enum pl_status status = track_about_read(pl_buf_slice(&buf), read);
            assert_true(status == PL_OK || status == PL_CORRUPT || status == PL_VERSION);
            buf.data[at] ^= (uint8_t)(1u << bit);
            track_free(read);
        }
        struct track *read = track_new(pl_mem_libc(), BOARD, TRACK);
        CORE_CHECK(read != NULL);
        assert_int_equal(track_about_read((struct pl_slice){buf.data, at}, read), PL_CORRUPT);
        track_free(read);
    }
    pl_buf_done(&buf);
    track_free(track);
}

static bool told;
static enum pl_status told_status;

static void tell(void *user, enum pl_status status)
{
    (void)user;
    told = true;
    told_status = status;
}

static bool was_told(void *user)
{
    (void)user;
    return told;
}

static void await(struct core_world *world)
{
    CORE_CHECK(core_loop_until(world->loop, was_told, NULL));
    told = false;
    assert_int_equal(told_status, PL_OK);
}

/* Whether a row of the track's pins spans this state. */
static bool pinned(struct core_world *world, uint64_t seq)
{
    struct env env;
    bool holds = false;
    CORE_CHECK(env_open_view(&env, pl_mem_libc(), world->dir) == PL_OK);
    MDB_txn *txn = env_read(&env);
    CORE_CHECK(txn != NULL);
    for (uint32_t i = 0; i < PL_TRACK_SEGMENTS_MAX; i++) {
        const struct key key = key_pin(BOARD, 0, track_pin(TRACK, i));
        MDB_val name = env_key(&key), value;
        if (mdb_get(txn, env.meta, &name, &value) == 0)
            holds = holds || (pl_u64_from_bytes(value.mv_data) <= seq &&
                              seq <= pl_u64_from_bytes((const uint8_t *)value.mv_data + 8));
    }
    env_read_end(txn);
    env_close(&env);
    return holds;
}

static void add_one(void *user, const struct track *track)
{
    *(uint64_t *)user += track->track;
}

static void is_blank(void *user, const struct track *track)
{
    if (track->track != TRACK + 100)
        return;
    ++*(unsigned *)user;
    assert_true(track->author == 0 && track->made_ms == 0 && track->title[0] == '\0' && track->state == TRACK_RECORDING);
    assert_true(track->link_n + track->cut_n + track->chapter_n + track->segment_n == 0 && track->texts.len == 0);
    assert_true(track->cover.bytes == 0 && track->watch_role == PL_ROLE_VIEWER);
}

static void a_track_read_after_another_has_nothing_of_it(void **state)
{
    struct core_world *world = core_world_new();
    struct track *track = sample(), *blank = track_new(pl_mem_libc(), BOARD, TRACK + 100);
    unsigned n = 0;
    (void)state;
    store_track_put(world->store, &(struct track_change){.track = track, .about = true, .segment_n = 1}, tell, NULL);
    await(world);
    store_track_put(world->store, &(struct track_change){.track = blank, .about = true}, tell, NULL);
    await(world);
    assert_int_equal(store_tracks_each(world->store, 0, is_blank, &n), PL_OK);
    assert_int_equal(n, 1);
    track_free(track);
    track_free(blank);
    core_world_free(world);
}

static void what_is_put_is_found_pinned_and_gone_when_purged(void **state)
{
    struct core_world *world = core_world_new();
    struct track *track = sample(), *read;
    const struct track_chunk chunk = {.at = 0, .bytes = 300};
    struct track_chunk found;
    struct track_viewers viewers;
    uint64_t sum = 0;
    (void)state;
    core_world_board(world, BOARD, "Plans");
    store_track_put(world->store,
                    &(struct track_change){.track = track, .about = true, .segment_n = 1, .chunk_or_null = &chunk},
                    tell, NULL);
    await(world);
    assert_int_equal(store_track(world->store, BOARD, TRACK, &read), PL_OK);
    assert_string_equal(read->title, "Tour");
    assert_int_equal(read->segment_n, 1);
    assert_string_equal(read->segments[0].type, "audio/webm");
    assert_int_equal(store_track_chunk(world->store, read, 0, TRACK_MEDIA, 0, &found), PL_OK);
    assert_int_equal(store_track_chunk(world->store, read, 0, TRACK_MEDIA, 1, &found), PL_NOT_FOUND);
    assert_int_equal(store_track_chunk(world->store, read, 0, TRACK_TIMELINE, 0, &found), PL_NOT_FOUND);
    assert_true(pinned(world, 4) && pinned(world, 9) && !pinned(world, 3) && !pinned(world, 10));
    store_track_watched(world->store, BOARD, TRACK, 5, 500, tell, NULL);
    await(world);
    assert_int_equal(store_track_viewers(world->store, read, 1000, &viewers), PL_OK);
    assert_true(viewers.n == 1 && viewers.reach[5] == 1 && viewers.reach[6] == 0);
    track_free(read);

    track->track = TRACK + 100; /* a neighbour */
    store_track_put(world->store, &(struct track_change){.track = track, .about = true}, tell, NULL);
    await(world);
    assert_int_equal(store_tracks_each(world->store, BOARD, add_one, &sum), PL_OK);
    assert_int_equal(sum, 2 * TRACK + 100);
    store_track_purge(world->store, BOARD, TRACK, tell, NULL);
    await(world);
    assert_int_equal(store_track(world->store, BOARD, TRACK, &read), PL_NOT_FOUND);
    assert_false(pinned(world, 4));
    sum = 0;
    assert_int_equal(store_tracks_each(world->store, 0, add_one, &sum), PL_OK);
    assert_int_equal(sum, TRACK + 100);
    assert_int_equal(store_tracks_each(world->store, BOARD + 1, add_one, &sum), PL_OK);
    assert_int_equal(sum, TRACK + 100);
    track_free(track);
    core_world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_keys_are_laid_out_as_they_ever_were),
        cmocka_unit_test(rows_of_before_that_was_noted_are_read),
        cmocka_unit_test(a_spoiled_row_is_told_or_is_a_row),
        cmocka_unit_test(a_track_read_after_another_has_nothing_of_it),
        cmocka_unit_test(what_is_put_is_found_pinned_and_gone_when_purged),
    };
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
