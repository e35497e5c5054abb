/* When memory runs out, at each allocation in turn: nothing leaks, nothing crashes, and what only reads goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/slab.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/text_trio.h"

static bool look(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    *(uint64_t *)user += range.n + utf8.len;
    return true;
}

/* Everything that reads, on a text that may lack what it had. */
static void read_all(const struct pl_text *text)
{
    uint64_t seen = 0;
    struct pl_id left, right;
    pl_text_visible(text, 0, SIZE_MAX, look, &seen);
    pl_text_all(text, look, &seen);
    pl_text_range(text, (struct pl_id_range){{1, 1}, 1000}, look, &seen);
    for (size_t at = 0; at <= pl_text_utf16(text); at += 7) {
        pl_text_origins(text, at, &left, &right);
        (void)pl_text_after(text, left, &left, &right);
        (void)pl_text_insert_cost(text, right, left, right, 100);
        (void)pl_text_position(text, pl_text_anchor(text, at, true));
        (void)pl_text_utf16_at(text, at);
    }
}

/* The same edits every time, until one fails. */
static enum pl_status live(struct pl_text *text)
{
    struct rng rng = {.state = 9};
    uint64_t next[4] = {1, 1, 1, 1};
    enum pl_status status = PL_OK;
    for (int i = 0; i < 160 && status == PL_OK; i++) {
        uint8_t bytes[4 * 6];
        struct pl_id left, right;
        const uint32_t replica = rng_below(&rng, 3), n = 1 + rng_below(&rng, 6);
        pl_text_origins(text, rng_below(&rng, (uint32_t)pl_text_utf16(text) + 1), &left, &right);
        if (i % 4 == 3 && !pl_id_none(left))
            status = pl_text_delete(text, (struct pl_id_range){left, n}, NULL);
        else
            status = pl_text_insert(text, (struct pl_id){replica + 1, next[replica]}, left, right,
                                    trio_words(bytes, n, (uint64_t)i), NULL);
        next[replica] += n;
        if (i % 60 == 59 && status == PL_OK)
            status = pl_text_collect(text);
    }
    return status;
}

static void edits_fail_cleanly(void **state)
{
    (void)state;
    struct count_mem count;
    enum pl_status status = PL_NO_MEMORY;
    for (size_t fails = 0; status == PL_NO_MEMORY; fails++) {
        count_mem_init(&count);
        count.fail_at = fails + 1;
        struct pl_text *text = pl_text_new(&count.mem);
        if (text == NULL)
            continue;
        status = live(text);
        read_all(text);
        (void)live(text); /* pointless, but it must not crash, with memory or without */
        count.fail_at = 0;
        (void)live(text);
        for (uint32_t replica = 1; replica <= 3; replica++)
            assert_int_equal(pl_text_delete(text, (struct pl_id_range){{replica, 1}, 2000}, NULL), PL_OK);
        assert_int_equal(pl_text_collect(text), PL_OK);
        read_all(text);
        pl_text_free(text);
        assert_int_equal(count.live, 0);
    }
    assert_int_equal(status, PL_OK);
}

static void a_clone_fails_cleanly(void **state)
{
    (void)state;
    struct count_mem count;
    count_mem_init(&count);
    struct pl_text *text = pl_text_new(&count.mem), *clone = NULL;
    assert_int_equal(live(text), PL_OK);
    const size_t bytes = count.live;
    for (size_t more = 0; clone == NULL; more++) {
        count.fail_at = count.asked + 1 + more;
        clone = pl_text_clone(text);
        assert_true(clone != NULL || count.live == bytes);
    }
    pl_text_free(clone);
    pl_text_free(text);
    assert_int_equal(count.live, 0);
}

static void reading_a_snapshot_fails_cleanly(void **state)
{
    (void)state;
    struct count_mem count;
    struct pl_buf spans, utf8;
    struct pl_text *text = pl_text_new(pl_mem_libc());
    enum pl_status status = PL_NO_MEMORY;
    assert_int_equal(live(text), PL_OK);
    pl_buf_init(&spans, pl_mem_libc());
    pl_buf_init(&utf8, pl_mem_libc());
    pl_text_pack(text, (struct pl_id){1, 1}, &spans, &utf8);
    pl_text_free(text);
    for (size_t fails = 0; status == PL_NO_MEMORY; fails++) {
        struct pl_packed span_column = pl_packed_of(pl_buf_slice(&spans));
        struct pl_packed utf8_column = pl_packed_of(pl_buf_slice(&utf8));
        count_mem_init(&count);
        count.fail_at = fails + 1;
        struct pl_slabs slabs = pl_slabs_of(&count.mem);
        status = pl_text_unpack(&slabs, (struct pl_id){1, 1}, &span_column, &utf8_column, &text);
        pl_slabs_done(&slabs);
        if (status == PL_OK)
            pl_text_free(text);
        assert_int_equal(count.live, 0);
    }
    assert_int_equal(status, PL_OK);
    pl_buf_done(&spans);
    pl_buf_done(&utf8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_fail_cleanly),
        cmocka_unit_test(a_clone_fails_cleanly),
        cmocka_unit_test(reading_a_snapshot_fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
