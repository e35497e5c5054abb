/* A timeline's chunks are checked before they are stored (SPEC K4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/limits.h"
#include "proto/writer.h"
#include "track/timeline.h"
#include <string.h>

#define ANCHORS 3u

static void chunk_init(struct pl_buf *chunk)
{
    pl_buf_init(chunk, pl_mem_libc());
}

/* An event's head: `members` behind time and type. */
static struct pl_buf *event(struct pl_buf *chunk, double ms, uint64_t type, size_t members)
{
    pl_write_array(chunk, 2 + members);
    pl_write_number(chunk, ms);
    pl_write_uint(chunk, type);
    return chunk;
}

static void write_numbers(struct pl_buf *buf, const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        pl_write_number(buf, numbers[i]);
}

static void add_view(struct pl_buf *chunk, double ms, const double rect[4], size_t anchors)
{
    struct pl_buf *buf = event(chunk, ms, 0, 2);
    pl_write_array(buf, 4);
    write_numbers(buf, rect, 4);
    pl_write_array(buf, anchors);
    for (size_t i = 0; i < anchors; i++) {
        pl_write_array(buf, 5);
        pl_write_id(buf, (struct pl_id){.replica = 3, .ctr = i + 1});
        write_numbers(buf, rect, 4);
    }
}

static void add_point(struct pl_buf *chunk, double ms, uint64_t type, double x, double y)
{
    const double point[] = {x, y};
    write_numbers(event(chunk, ms, type, 2), point, 2);
}

static void add_entry(struct pl_buf *chunk, double ms, uint64_t seq, size_t hash_bytes)
{
    static const uint8_t hash[16] = {1, 2, 3};
    struct pl_buf *buf = event(chunk, ms, 6, 2);
    pl_write_uint(buf, seq);
    if (hash_bytes == 0)
        pl_write_nil(buf);
    else
        pl_write_bin(buf, (struct pl_slice){hash, hash_bytes});
}

static void add_caption(struct pl_buf *chunk, double ms, size_t bytes)
{
    char text[PL_TITLE_BYTES_MAX + 2];
    memset(text, 'a', sizeof text);
    pl_write_str(event(chunk, ms, 7, 1), (struct pl_slice){(const uint8_t *)text, bytes});
}

static const double screen[] = {-10.5, 20, 800, 600};

/* One event of each type, a second apart. */
static void add_all(struct pl_buf *chunk)
{
    const struct pl_id id = {.replica = 7, .ctr = 9};
    add_view(chunk, 0, screen, ANCHORS);
    add_entry(chunk, 0, 41, 8);
    add_point(chunk, 1000, 1, 3.5, -4);
    event(chunk, 2000, 1, 0);
    add_point(chunk, 3000, 2, 1e9, -1e9);
    event(chunk, 4000, 2, 0);
    add_point(chunk, 5000, 3, 0, 0);
    pl_write_array(event(chunk, 6000, 4, 1), 2);
    pl_write_id(chunk, id);
    pl_write_id(chunk, id);
    pl_write_id(event(chunk, 7000, 5, 1), id);
    pl_write_nil(event(chunk, 8000, 5, 1));
    add_entry(chunk, 8500, 45, 0);
    add_entry(chunk, 9000, 44, 0);
    add_caption(chunk, 10000, PL_TITLE_BYTES_MAX);
    add_caption(chunk, 11000, 0);
    pl_write_text(event(chunk, 12000, 99, 2), "of a newer version");
    pl_write_array(chunk, 0);
}

/* What a chunk is answered, which is done with then. */
static enum pl_status answer(struct pl_buf *chunk)
{
    struct timeline_facts facts;
    const enum pl_status status = timeline_check(pl_buf_slice(chunk), 0, &facts);
    pl_buf_done(chunk);
    return status;
}

static void test_events_of_every_type_pass_and_are_summed_up(void **state)
{
    (void)state;
    struct pl_buf chunk;
    struct timeline_facts facts;
    chunk_init(&chunk);
    add_all(&chunk);
    assert_int_equal(timeline_check(pl_buf_slice(&chunk), 0, &facts), PL_OK);
    assert_int_equal(facts.events, 15);
    assert_true(facts.first_ms == 0 && facts.last_ms == 12000);
    assert_int_equal(facts.seq, 45);
    pl_buf_done(&chunk);
}

/* As a segment's first chunk has to begin; done with the chunk. */
static bool begins(struct pl_buf *chunk)
{
    struct timeline_facts facts;
    assert_int_equal(timeline_check(pl_buf_slice(chunk), 0, &facts), PL_OK);
    pl_buf_done(chunk);
    return facts.begins;
}

static void test_a_beginning_tells_what_was_seen_and_where_the_board_stood(void **state)
{
    (void)state;
    struct pl_buf chunk;
    struct timeline_facts facts;
    chunk_init(&chunk);
    add_view(&chunk, 0, screen, 0);
    add_caption(&chunk, 0, 1);
    add_entry(&chunk, 0, 41, 0);
    add_entry(&chunk, 700, 43, 0);
    assert_int_equal(timeline_check(pl_buf_slice(&chunk), 0, &facts), PL_OK);
    assert_int_equal(facts.stood_at, 41);
    assert_true(begins(&chunk));
    chunk_init(&chunk);
    add_view(&chunk, 0, screen, 0); /* entries may be named by the next chunk */
    add_point(&chunk, 900, 1, 0, 0);
    assert_true(begins(&chunk));
    chunk_init(&chunk);
    add_view(&chunk, 0, screen, 0);
    add_entry(&chunk, 1, 41, 0);
    assert_false(begins(&chunk));
    chunk_init(&chunk);
    add_view(&chunk, 1, screen, 0);
    assert_false(begins(&chunk));
    chunk_init(&chunk);
    add_entry(&chunk, 0, 41, 0);
    add_view(&chunk, 0, screen, 0);
    assert_false(begins(&chunk));
}

static void test_times_do_not_fall_from_chunk_to_chunk_either(void **state)
{
    (void)state;
    struct pl_buf chunk;
    struct timeline_facts facts = {.events = 77};
    chunk_init(&chunk);
    add_point(&chunk, 500, 1, 0, 0);
    add_point(&chunk, 500, 1, 1, 0);
    assert_int_equal(timeline_check(pl_buf_slice(&chunk), 500, &facts), PL_OK);
    assert_int_equal(facts.seq, 0);
    assert_true(facts.first_ms == 500);
    facts.events = 77;
    assert_int_equal(timeline_check(pl_buf_slice(&chunk), 500.5, &facts), PL_INVALID);
    assert_int_equal(facts.events, 77);
    add_point(&chunk, 499, 1, 0, 0);
    assert_int_equal(answer(&chunk), PL_INVALID);
    chunk_init(&chunk);
    add_point(&chunk, -1, 1, 0, 0);
    assert_int_equal(answer(&chunk), PL_INVALID);
    chunk_init(&chunk);
    add_point(&chunk, PL_TRACK_MS_MAX, 1, 0, 0);
    assert_int_equal(answer(&chunk), PL_OK);
    chunk_init(&chunk);
    add_point(&chunk, PL_TRACK_MS_MAX + 1.0, 1, 0, 0);
    assert_int_equal(answer(&chunk), PL_TOO_BIG);
}

static void test_a_chunk_is_whole_events_and_has_some(void **state)
{
    (void)state;
    struct pl_buf chunk;
    struct timeline_facts facts;
    chunk_init(&chunk);
    assert_int_equal(answer(&chunk), PL_MALFORMED);
    chunk_init(&chunk);
    add_all(&chunk);
    for (size_t bytes = 1; bytes < chunk.len; bytes++) {
        uint8_t *copy = pl_mem_get(pl_mem_libc(), bytes);
        memcpy(copy, chunk.data, bytes);
        const enum pl_status status = timeline_check((struct pl_slice){copy, bytes}, 0, &facts);
        pl_mem_put(pl_mem_libc(), copy);
        assert_true(status == PL_MALFORMED || status == PL_OK);
        if (status == PL_OK) /* it ends where an event does: the rest is a chunk too */
            assert_int_equal(timeline_check((struct pl_slice){chunk.data + bytes, chunk.len - bytes},
                                            facts.last_ms, &facts), PL_OK);
    }
    pl_buf_append(&chunk, "\xc1", 1);
    assert_int_equal(answer(&chunk), PL_MALFORMED);
}

static void test_coordinates_are_on_the_board(void **state)
{
    (void)state;
    static const double far[][4] = {
        {1.1e9, 0, 1, 1}, {0, -1.1e9, 1, 1}, {0, 0, 1.1e9, 1}, {0, 0, 1, 1.1e9}, {0, 0, -1, 1}, {0, 0, 1, -0.5}};
    struct pl_buf chunk;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        for (size_t anchors = 0; anchors < 2; anchors++) {
            chunk_init(&chunk);
            add_view(&chunk, 0, far[i], anchors);
            assert_int_equal(answer(&chunk), PL_INVALID);
        }
    }
    for (uint64_t type = 1; type <= 3; type++) {
        chunk_init(&chunk);
        add_point(&chunk, 0, type, 1.1e9, 0);
        assert_int_equal(answer(&chunk), PL_INVALID);
        chunk_init(&chunk);
        event(&chunk, 0, type, 2);
        pl_buf_append(&chunk, "\xcb\x7f\xf8\0\0\0\0\0\0\0", 10); /* not a number, and 0 */
        assert_int_equal(answer(&chunk), PL_MALFORMED);
    }
}

static void test_lists_and_captions_are_bounded(void **state)
{
    (void)state;
    struct pl_buf chunk;
    chunk_init(&chunk);
    add_view(&chunk, 0, screen, PL_TRACK_ANCHORS_MAX);
    assert_int_equal(answer(&chunk), PL_OK);
    chunk_init(&chunk);
    add_view(&chunk, 0, screen, PL_TRACK_ANCHORS_MAX + 1);
    assert_int_equal(answer(&chunk), PL_TOO_BIG);
    chunk_init(&chunk);
    add_caption(&chunk, 0, PL_TITLE_BYTES_MAX + 1);
    assert_int_equal(answer(&chunk), PL_TOO_BIG);
}

static void test_events_have_the_members_of_their_type(void **state)
{
    (void)state;
    struct pl_buf chunk;
    for (uint64_t type = 0; type <= 7; type++) {
        for (size_t members = 0; members <= 4; members++) {
            const bool left = members == 0 && (type == 1 || type == 2); /* the pointer, or the laser's light */
            chunk_init(&chunk);
            event(&chunk, 0, type, members);
            for (size_t i = 0; i < members; i++)
                pl_write_bool(&chunk, true);
            assert_int_equal(answer(&chunk), left ? PL_OK : PL_INVALID);
        }
    }
    chunk_init(&chunk);
    add_entry(&chunk, 0, 1, 7);
    assert_int_equal(answer(&chunk), PL_INVALID);
    chunk_init(&chunk);
    pl_write_array(&chunk, 1);
    pl_write_uint(&chunk, 0);
    assert_int_equal(answer(&chunk), PL_INVALID);
    chunk_init(&chunk);
    pl_write_text(&chunk, "no event");
    assert_int_equal(answer(&chunk), PL_INVALID);
    chunk_init(&chunk);
    pl_write_id(event(&chunk, 0, 5, 1), (struct pl_id){.replica = 1, .ctr = 0});
    assert_int_equal(answer(&chunk), PL_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_of_every_type_pass_and_are_summed_up),
        cmocka_unit_test(test_a_beginning_tells_what_was_seen_and_where_the_board_stood),
        cmocka_unit_test(test_times_do_not_fall_from_chunk_to_chunk_either),
        cmocka_unit_test(test_a_chunk_is_whole_events_and_has_some),
        cmocka_unit_test(test_coordinates_are_on_the_board),
        cmocka_unit_test(test_lists_and_captions_are_bounded),
        cmocka_unit_test(test_events_have_the_members_of_their_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
