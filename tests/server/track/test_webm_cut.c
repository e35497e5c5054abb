/* WebM that is not whole: cut at every byte, with lengths that lie, over storage and memory that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/film.h"
#include "track/webm_walk.h"
#include <string.h>

#define CUT_SEEDS 20u
#define DAMAGED_SEEDS 1500u

/* Written and indexed again it is the same: nothing in it was guessed. */
static void check_settled(const struct pl_buf *written, const struct webm_facts *facts)
{
    struct webm_facts again;
    struct pl_buf twice;
    pl_buf_init(&twice, pl_mem_libc());
    assert_int_equal(written->len, facts->bytes);
    assert_int_equal(film_index(pl_buf_slice(written), &again, &twice), PL_OK);
    assert_int_equal(again.length_ms, facts->length_ms);
    assert_int_equal(again.seekable, facts->cues > 0);
    assert_false(again.cut || again.another_run);
    assert_true(pl_slice_equal(pl_buf_slice(written), pl_buf_slice(&twice)));
    pl_buf_done(&twice);
}

static void check_cut(const struct film *film, size_t bytes, struct pl_buf *written)
{
    struct webm_facts facts;
    /* a copy of its own size, so that what is read beyond it is found */
    uint8_t *copy = pl_mem_get(pl_mem_libc(), bytes);
    memcpy(copy, film->bytes.data, bytes);
    const enum pl_status status = film_index((struct pl_slice){copy, bytes}, &facts, written);
    pl_mem_put(pl_mem_libc(), copy);
    const size_t n = film_blocks(film, bytes);
    assert_int_equal(status, n == 0 ? PL_INVALID : PL_OK);
    if (n == 0)
        return;
    const uint64_t length_ms = film_length_ms(film, bytes);
    assert_int_equal(facts.length_ms, length_ms > 0 ? length_ms : 1);
    if (film->tells_end && bytes < film->bytes.len)
        assert_true(facts.cut);
    const uint8_t *at = written->data;
    for (size_t i = 0; i < n; i++) {
        const size_t len = film->block[i].end - film->block[i].at;
        at = memmem(at, (size_t)(written->data + written->len - at), film->bytes.data + film->block[i].at, len);
        assert_non_null(at);
        at += len;
    }
    check_settled(written, &facts);
}

static void test_a_recording_cut_anywhere_is_good_up_to_its_last_whole_block(void **state)
{
    (void)state;
    struct pl_buf written;
    pl_buf_init(&written, pl_mem_libc());
    for (uint64_t seed = 1; seed <= CUT_SEEDS; seed++) {
        struct film film;
        film_make(&film, seed);
        for (size_t bytes = 1; bytes <= film.bytes.len; bytes++)
            check_cut(&film, bytes, &written);
        film_done(&film);
    }
    pl_buf_done(&written);
}

static void test_zeros_behind_a_cut_are_left_out(void **state)
{
    (void)state;
    struct film film;
    struct webm_facts facts;
    struct pl_buf written;
    static const uint8_t zeros[512];
    film_make(&film, 1);
    pl_buf_init(&written, pl_mem_libc());
    const size_t half = film.block[film.block_n / 2].end;
    film.bytes.len = half;
    pl_buf_append(&film.bytes, zeros, sizeof zeros);
    assert_int_equal(film_index(pl_buf_slice(&film.bytes), &facts, &written), PL_OK);
    assert_true(facts.cut);
    assert_int_equal(facts.length_ms, film_length_ms(&film, half));
    check_settled(&written, &facts);
    pl_buf_done(&written);
    film_done(&film);
}

/* Whatever the bytes say, what is written holds together. */
static void test_damage_anywhere_leaves_a_file_that_holds_together(void **state)
{
    (void)state;
    struct pl_buf written;
    size_t indexed = 0;
    pl_buf_init(&written, pl_mem_libc());
    for (uint64_t seed = 1; seed <= DAMAGED_SEEDS; seed++) {
        struct rng rng = rng_of(seed, 1);
        struct film film;
        struct webm_facts facts;
        film_make(&film, seed % 64);
        for (uint32_t left = 1 + rng_below(&rng, 4); left > 0; left--) {
            uint8_t *byte = &film.bytes.data[rng_below(&rng, (uint32_t)film.bytes.len)];
            const uint64_t flips = rng_chance(&rng, 50) ? rng_next(&rng) : UINT64_C(1) << rng_below(&rng, 8);
            *byte = (uint8_t)(*byte ^ flips);
        }
        const enum pl_status status = film_index(pl_buf_slice(&film.bytes), &facts, &written);
        assert_true(status == PL_OK || status == PL_INVALID);
        if (status == PL_OK) {
            check_settled(&written, &facts);
            indexed++;
        }
        film_done(&film);
    }
    assert_true(indexed > DAMAGED_SEEDS / 2);
    pl_buf_done(&written);
}

static enum pl_status index_with(const struct pl_mem *mem, struct memory_file *file)
{
    struct webm *webm = NULL;
    const struct webm_source source = memory_source(file);
    const struct webm_sink sink = memory_sink(file);
    enum pl_status status = webm_scan(mem, &source, &webm);
    if (status == PL_OK)
        status = webm_write(webm, &source, &sink);
    else
        assert_null(webm);
    webm_free(webm);
    return status;
}

static void test_memory_that_runs_out_is_told_and_nothing_is_lost(void **state)
{
    (void)state;
    struct film film;
    enum pl_status status = PL_NO_MEMORY;
    size_t refused = 0;
    film_make(&film, 2);
    for (size_t nth = 0; status != PL_OK; nth++) {
        struct count_mem count;
        struct memory_file file;
        count_mem_init(&count);
        count.fail_at = nth + 1;
        memory_file_init(&file, pl_buf_slice(&film.bytes));
        status = index_with(&count.mem, &file);
        assert_true(status == PL_OK || status == PL_NO_MEMORY);
        assert_int_equal(count.blocks, 0);
        refused += status == PL_NO_MEMORY;
        memory_file_done(&file);
    }
    assert_true(refused >= 6);
    film_done(&film);
}

static void test_storage_that_fails_is_told(void **state)
{
    (void)state;
    struct film film;
    enum pl_status status = PL_IO;
    uint64_t calls = 0;
    film_make(&film, 5);
    for (uint64_t nth = 1; status != PL_OK; nth++) {
        struct count_mem count;
        struct memory_file file;
        count_mem_init(&count);
        memory_file_init(&file, pl_buf_slice(&film.bytes));
        file.fails_at = nth;
        status = index_with(&count.mem, &file);
        assert_true(status == PL_OK || status == PL_IO);
        assert_int_equal(count.blocks, 0);
        calls = file.calls;
        if (status == PL_IO)
            assert_int_equal(calls, nth); /* it is not asked again */
        memory_file_done(&file);
    }
    assert_true(calls > 4);
    film_done(&film);
}

static void test_another_file_than_the_one_scanned_is_not_written(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct film film, other;
        struct memory_file file, wrong;
        struct webm *webm = NULL;
        film_make(&film, seed);
        film_make(&other, seed + 500);
        memory_file_init(&file, pl_buf_slice(&film.bytes));
        memory_file_init(&wrong, pl_buf_slice(&other.bytes));
        const struct webm_source source = memory_source(&file), swapped = memory_source(&wrong);
        const struct webm_sink sink = memory_sink(&wrong);
        assert_int_equal(webm_scan(pl_mem_libc(), &source, &webm), PL_OK);
        assert_int_equal(webm_write(webm, &swapped, &sink), PL_IO);
        assert_true(wrong.written.len <= webm_facts(webm).bytes);
        webm_free(webm);
        memory_file_done(&file);
        memory_file_done(&wrong);
        film_done(&film);
        film_done(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_recording_cut_anywhere_is_good_up_to_its_last_whole_block),
        cmocka_unit_test(test_zeros_behind_a_cut_are_left_out),
        cmocka_unit_test(test_damage_anywhere_leaves_a_file_that_holds_together),
        cmocka_unit_test(test_memory_that_runs_out_is_told_and_nothing_is_lost),
        cmocka_unit_test(test_storage_that_fails_is_told),
        cmocka_unit_test(test_another_file_than_the_one_scanned_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
