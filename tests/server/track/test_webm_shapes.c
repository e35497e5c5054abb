/* What single elements of a WebM mean to the indexer: files put together by hand, an element at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/film.h"
#include "track/ebml.h"
#include "track/webm_walk.h"
#include <string.h>

enum {
    TRACK = 1,
    VIDEO = 1,
    AUDIO = 2,
    INFO_SCALE = 0x2ad7b1,
    INFO_DURATION = 0x4489,
    FRAME_NS = 0x23e383,
};

#define MS UINT64_C(1000000) /* in ns */

struct parts {
    struct pl_buf file;
    size_t cluster_at;
    struct webm_facts facts;
    struct pl_buf written;
};

/* Header, an open Segment, and Info of these children. */
static void begin(struct parts *parts, const struct pl_buf *info_or_null)
{
    static const uint8_t segment[] = {0x18, 0x53, 0x80, 0x67, 0xff};
    struct pl_buf *buf = &parts->file;
    *parts = (struct parts){0};
    pl_buf_init(buf, pl_mem_libc());
    pl_buf_init(&parts->written, pl_mem_libc());
    ebml_write_short_head(buf, EBML_HEADER, 7);
    ebml_write_text(buf, EBML_DOCTYPE, "webm");
    pl_buf_append(buf, segment, sizeof segment);
    if (info_or_null != NULL) {
        ebml_write_long_head(buf, WEBM_INFO, info_or_null->len);
        pl_buf_append(buf, info_or_null->data, info_or_null->len);
    }
}

static void add_track(struct parts *parts, uint64_t type, uint64_t frame_ns)
{
    struct pl_buf *buf = &parts->file;
    const uint8_t len = frame_ns > 0 ? 3 + 3 + 4 + 4 : 3 + 3;
    ebml_write_short_head(buf, WEBM_TRACKS, (uint8_t)(2 + len));
    ebml_write_short_head(buf, 0xae, len);
    ebml_write_uint(buf, 0xd7, TRACK, 1);
    ebml_write_uint(buf, 0x83, type, 1);
    if (frame_ns > 0)
        ebml_write_uint(buf, FRAME_NS, frame_ns, 4);
}

/* Its size is known once close_cluster was called. */
static void open_cluster(struct parts *parts, uint64_t time)
{
    static const uint8_t head[] = {0x1f, 0x43, 0xb6, 0x75, 1, 255, 255, 255, 255, 255, 255, 255};
    parts->cluster_at = parts->file.len;
    pl_buf_append(&parts->file, head, sizeof head);
    ebml_write_uint(&parts->file, WEBM_TIMESTAMP, time, 8);
}

static void close_cluster(struct parts *parts, size_t missing)
{
    const uint64_t bytes = parts->file.len - parts->cluster_at - EBML_LONG_HEAD_BYTES;
    pl_u64_to_bytes(UINT64_C(1) << 56 | (bytes + missing), parts->file.data + parts->cluster_at + 4);
}

/* Up to the first block: one track of this type, and a Cluster. */
static void begin_film(struct parts *parts, const struct pl_buf *info_or_null, uint64_t type, uint64_t time)
{
    begin(parts, info_or_null);
    add_track(parts, type, 0);
    open_cluster(parts, time);
}

/* A block of `frames` laced ones, or a plain one. */
static void add_block(struct parts *parts, uint16_t time, uint8_t frames)
{
    const uint8_t flags = frames > 1 ? 0x84 : 0x80;
    const uint8_t bytes[] = {0x80 | TRACK, (uint8_t)(time >> 8), (uint8_t)time, flags, (uint8_t)(frames - 1), 'x'};
    ebml_write_short_head(&parts->file, WEBM_SIMPLE_BLOCK, sizeof bytes);
    pl_buf_append(&parts->file, bytes, sizeof bytes);
}

static enum pl_status indexed(struct parts *parts)
{
    return film_index(pl_buf_slice(&parts->file), &parts->facts, &parts->written);
}

static uint64_t length_of(struct parts *parts)
{
    assert_int_equal(indexed(parts), PL_OK);
    return parts->facts.length_ms;
}

static bool is_written(const struct parts *parts, const char *bytes, size_t len)
{
    return memmem(parts->written.data, parts->written.len, bytes, len) != NULL;
}

static void done(struct parts *parts)
{
    pl_buf_done(&parts->file);
    pl_buf_done(&parts->written);
}

static void test_a_track_may_say_how_long_a_frame_lasts(void **state)
{
    (void)state;
    struct parts parts;
    begin(&parts, NULL);
    add_track(&parts, AUDIO, 20 * MS);
    open_cluster(&parts, 0);
    add_block(&parts, 0, 1);
    add_block(&parts, 100, 3);
    assert_int_equal(length_of(&parts), 160);
    done(&parts);
}

static void test_frames_may_stand_in_another_order_than_they_are_shown(void **state)
{
    (void)state;
    struct parts parts;
    begin_film(&parts, NULL, VIDEO, 1000);
    add_block(&parts, 0, 1);
    add_block(&parts, 160, 1);
    add_block(&parts, 200, 1);
    add_block(&parts, 80, 1);
    assert_int_equal(length_of(&parts), 1240);
    assert_int_equal(parts.facts.cues, 3); /* an index does not go back */
    done(&parts);
}

static void test_a_pause_before_the_last_frame_does_not_make_it_long(void **state)
{
    (void)state;
    struct parts parts;
    begin_film(&parts, NULL, VIDEO, 0);
    add_block(&parts, 0, 1);
    add_block(&parts, 9000, 1);
    assert_int_equal(length_of(&parts), 9250);
    done(&parts);
}

static void test_a_time_beyond_all_counting_is_none(void **state)
{
    (void)state;
    struct parts parts;
    begin_film(&parts, NULL, VIDEO, UINT64_C(1) << 60);
    add_block(&parts, 0, 1);
    add_block(&parts, 40, 1);
    assert_int_equal(length_of(&parts), 80);
    done(&parts);
}

static void test_a_sized_cluster_that_misses_its_end_is_cut_though_its_last_block_is_whole(void **state)
{
    (void)state;
    for (size_t missing = 0; missing < 2; missing++) {
        struct parts parts;
        begin_film(&parts, NULL, VIDEO, 0);
        add_block(&parts, 0, 1);
        close_cluster(&parts, missing);
        assert_int_equal(indexed(&parts), PL_OK);
        assert_int_equal(parts.facts.cut, missing > 0);
        done(&parts);
    }
}

static void test_what_follows_a_block_longer_than_its_cluster_is_left_out(void **state)
{
    (void)state;
    struct parts parts;
    begin_film(&parts, NULL, VIDEO, 0);
    add_block(&parts, 0, 1);
    add_block(&parts, 40, 1);
    close_cluster(&parts, (size_t)-1);
    open_cluster(&parts, 1000);
    add_block(&parts, 0, 1);
    assert_int_equal(indexed(&parts), PL_OK);
    assert_true(parts.facts.cut);
    assert_int_equal(parts.facts.length_ms, 1); /* nobody knows how long the one frame lasts */
    done(&parts);
}

static void test_it_is_left_as_it_is_with_both_duration_and_cues(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 4; has++) {
        struct parts parts;
        struct pl_buf info;
        pl_buf_init(&info, pl_mem_libc());
        if (has & 1)
            ebml_write_float(&info, INFO_DURATION, 40);
        else
            ebml_write_float(&info, INFO_DURATION, 0);
        begin(&parts, &info);
        add_track(&parts, VIDEO, 0);
        if (has & 2) {
            ebml_write_short_head(&parts.file, WEBM_CUES, 2);
            ebml_write_short_head(&parts.file, EBML_VOID, 0);
        }
        open_cluster(&parts, 0);
        add_block(&parts, 0, 1);
        assert_int_equal(indexed(&parts), PL_OK);
        assert_int_equal(parts.facts.seekable, has == 3);
        pl_buf_done(&info);
        done(&parts);
    }
}

static void test_what_described_the_old_file_is_not_written(void **state)
{
    (void)state;
    struct parts parts;
    struct pl_buf info;
    pl_buf_init(&info, pl_mem_libc());
    ebml_write_uint(&info, EBML_CRC32, 0xc0ffee11, 4);
    ebml_write_text(&info, 0x4d80, "Muxer");
    begin_film(&parts, &info, VIDEO, 0);
    ebml_write_uint(&parts.file, EBML_CRC32, 0xc0ffee22, 4);
    ebml_write_uint(&parts.file, WEBM_POSITION, 0xc0ffee33, 4);
    add_block(&parts, 0, 1);
    ebml_write_uint(&parts.file, WEBM_PREV_SIZE, 0xc0ffee44, 4);
    add_block(&parts, 40, 1);
    ebml_write_short_head(&parts.file, WEBM_TAGS, 8);
    ebml_write_text(&parts.file, 0x45a3, "notes");
    open_cluster(&parts, 80);
    add_block(&parts, 0, 1);
    assert_int_equal(length_of(&parts), 120);
    assert_true(is_written(&parts, "Muxer", 5));
    assert_false(is_written(&parts, "\xc0\xff\xee", 3));
    assert_false(is_written(&parts, "\x12\x54\xc3\x67", 4));
    assert_false(is_written(&parts, "notes", 5));
    pl_buf_done(&info);
    done(&parts);
}

static void test_ticks_are_as_long_as_the_info_says(void **state)
{
    (void)state;
    static const uint64_t scales[] = {0, 1, 100000, 1000000000, 1000000001};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const bool sane = scales[i] > 0 && scales[i] <= 1000000000;
        struct parts parts;
        struct pl_buf info;
        pl_buf_init(&info, pl_mem_libc());
        ebml_write_uint(&info, INFO_SCALE, scales[i], 4);
        begin_film(&parts, &info, AUDIO, 90000);
        add_block(&parts, 0, 1);
        assert_int_equal(indexed(&parts), sane ? PL_OK : PL_INVALID);
        if (sane)
            assert_int_equal(parts.facts.length_ms, (90000 * scales[i] + MS / 2) / MS);
        pl_buf_done(&info);
        done(&parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_track_may_say_how_long_a_frame_lasts),
        cmocka_unit_test(test_frames_may_stand_in_another_order_than_they_are_shown),
        cmocka_unit_test(test_a_pause_before_the_last_frame_does_not_make_it_long),
        cmocka_unit_test(test_a_time_beyond_all_counting_is_none),
        cmocka_unit_test(test_a_sized_cluster_that_misses_its_end_is_cut_though_its_last_block_is_whole),
        cmocka_unit_test(test_what_follows_a_block_longer_than_its_cluster_is_left_out),
        cmocka_unit_test(test_it_is_left_as_it_is_with_both_duration_and_cues),
        cmocka_unit_test(test_what_described_the_old_file_is_not_written),
        cmocka_unit_test(test_ticks_are_as_long_as_the_info_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
