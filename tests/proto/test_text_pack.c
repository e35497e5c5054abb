/* A text in a snapshot's two columns, and back. What is read must be the only way to say it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/slab.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/reads.h"
#include "tests/support/text_trio.h"
#include <string.h>

static const struct pl_id none, home = {1, 1};

struct columns {
    struct pl_buf spans, utf8;
};

static void columns_of(struct columns *columns, const struct pl_text *text)
{
    pl_buf_init(&columns->spans, pl_mem_libc());
    pl_buf_init(&columns->utf8, pl_mem_libc());
    pl_text_pack(text, home, &columns->spans, &columns->utf8);
    assert_false(columns->spans.failed || columns->utf8.failed);
}

static void columns_done(struct columns *columns)
{
    pl_buf_done(&columns->spans);
    pl_buf_done(&columns->utf8);
}

static bool same_columns(const struct columns *a, const struct columns *b)
{
    return pl_slice_equal(pl_buf_slice(&a->spans), pl_buf_slice(&b->spans)) &&
           pl_slice_equal(pl_buf_slice(&a->utf8), pl_buf_slice(&b->utf8));
}

/* Reads columns as a snapshot's reader would: all of them must be used up. */
static enum pl_status unpack(const struct pl_mem *mem, struct pl_slice spans, struct pl_slice utf8,
                             struct pl_text **ret_text)
{
    struct pl_packed span_column = pl_packed_of(spans), utf8_column = pl_packed_of(utf8);
    struct pl_slabs slabs = pl_slabs_of(mem);
    struct pl_text *text;
    const enum pl_status status = pl_text_unpack(&slabs, home, &span_column, &utf8_column, &text);
    pl_slabs_done(&slabs);
    if (status != PL_OK)
        return status;
    if (!pl_packed_done(&span_column) || !pl_packed_done(&utf8_column)) {
        pl_text_free(text);
        return PL_MALFORMED;
    }
    *ret_text = text;
    return PL_OK;
}

/* The text as a snapshot gives it back. */
static struct pl_text *stored(const struct pl_text *text)
{
    struct columns columns, again;
    struct pl_text *back = NULL;
    const char *reason = "";
    columns_of(&columns, text);
    assert_int_equal(unpack(pl_mem_libc(), pl_buf_slice(&columns.spans), pl_buf_slice(&columns.utf8), &back), PL_OK);
    assert_true(pl_text_check(back, &reason));
    columns_of(&again, back);
    assert_true(same_columns(&columns, &again));
    columns_done(&columns);
    columns_done(&again);
    return back;
}

static struct pl_id any_id(struct rng *rng, const struct text_trio *trio)
{
    const uint32_t replica = 1 + rng_below(rng, 4);
    if (trio->next[replica] == 1 || rng_chance(rng, 15))
        return none;
    return (struct pl_id){replica, 1 + rng_below(rng, (uint32_t)trio->next[replica] - 1)};
}

/* Somebody honest, or not, does something. */
static void act(struct rng *rng, struct text_trio *trio, bool hostile)
{
    uint8_t bytes[4 * 8];
    const struct pl_slice words = trio_words(bytes, 1 + rng_below(rng, 8), rng_next(rng));
    const uint32_t by = 1 + rng_below(rng, 4), at = rng_below(rng, (uint32_t)pl_text_utf16(trio->text) + 1);
    if (rng_chance(rng, 20))
        trio->next[by] += rng_below(rng, 3); /* it did something elsewhere */
    if (rng_chance(rng, 25))
        trio_erase(trio, at, 1 + rng_below(rng, 6));
    else if (!hostile)
        trio_type(trio, by, at, words);
    else {
        const struct pl_id left = any_id(rng, trio), right = any_id(rng, trio);
        if ((pl_id_none(left) || pl_text_has(trio->text, left)) &&
            (pl_id_none(right) || pl_text_has(trio->text, right)))
            trio_insert(trio, by, left, right, words);
    }
}

static void what_is_stored_comes_back_and_takes_the_same_turns(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        trio_init(&trio, true);
        trio_hostile(&trio);
        for (int i = 0; i < 80; i++) {
            act(&rng, &trio, seed % 2 == 0);
            if (rng_chance(&rng, 3))
                trio_collect(&trio);
            if (!rng_chance(&rng, 15))
                continue;
            struct pl_text *back = stored(trio.text);
            pl_text_free(trio.text);
            trio.text = back;
        }
        const char *reason = "";
        assert_true(trio_agrees(&trio, &reason));
        trio_done(&trio);
    }
}

static void equal_texts_are_stored_equally_however_they_came_to_be(void **state)
{
    (void)state;
    struct text_trio whole, pieces;
    struct columns a, b;
    uint8_t bytes[3000];
    const struct pl_slice words = trio_words(bytes, 3000, 0);
    trio_init(&whole, false);
    trio_init(&pieces, false);
    trio_type(&whole, 1, 0, words);
    for (size_t i = 0; i < 3000; i++)
        trio_type(&pieces, 1, i, (struct pl_slice){words.data + i, 1});
    trio_erase(&whole, 500, 2000);
    for (size_t i = 0; i < 2000; i++)
        trio_erase(&pieces, 500 + (i * 7) % (2000 - i), 1);
    columns_of(&a, whole.text);
    columns_of(&b, pieces.text);
    assert_true(same_columns(&a, &b));
    assert_in_range(a.spans.len, 3, 16);
    columns_done(&a);
    columns_done(&b);
    trio_done(&whole);
    trio_done(&pieces);
}

static void a_sticky_takes_three_bytes_and_its_words(void **state)
{
    (void)state;
    struct text_trio trio;
    struct columns columns;
    trio_init(&trio, false);
    trio.next[1] = home.ctr + 4; /* it was moved before it was written on */
    trio_type(&trio, 1, 0, (struct pl_slice){(const uint8_t *)"a retro is a gift", 17});
    columns_of(&columns, trio.text);
    assert_in_range(columns.spans.len, 2, 3);
    assert_int_equal(columns.utf8.len, 17);
    pl_text_free(stored(trio.text));
    columns_done(&columns);
    trio_done(&trio);
}

static void small_texts_cost_little_memory(void **state)
{
    (void)state;
    enum { TEXTS = 1000 };
    struct count_mem count;
    struct pl_text *texts[TEXTS];
    count_mem_init(&count);
    struct pl_slabs slabs = pl_slabs_of(&count.mem);
    struct text_trio trio;
    struct columns columns;
    trio_init(&trio, false);
    trio_type(&trio, 1, 0, (struct pl_slice){(const uint8_t *)"later", 5});
    columns_of(&columns, trio.text);
    for (size_t i = 0; i < TEXTS; i++) {
        struct pl_packed spans = pl_packed_of(pl_buf_slice(&columns.spans));
        struct pl_packed utf8 = pl_packed_of(pl_buf_slice(&columns.utf8));
        assert_int_equal(pl_text_unpack(&slabs, home, &spans, &utf8, &texts[i]), PL_OK);
    }
    pl_slabs_done(&slabs);
    assert_in_range(count.live, 1, TEXTS * 200 + 65536);
    assert_in_range(count.blocks, 1, 20);
    for (size_t i = 0; i < TEXTS; i++)
        pl_text_free(texts[i]);
    assert_int_equal(count.live, 0);
    columns_done(&columns);
    trio_done(&trio);
}

static void every_shortened_or_changed_form_is_refused_or_sound(void **state)
{
    (void)state;
    struct rng rng = {.state = 5};
    struct text_trio trio;
    struct columns columns;
    trio_init(&trio, false);
    for (int i = 0; i < 60; i++)
        act(&rng, &trio, i % 3 == 0);
    trio_collect(&trio);
    for (int i = 0; i < 20; i++)
        act(&rng, &trio, false);
    columns_of(&columns, trio.text);
    struct pl_text *text;
    const struct pl_slice utf8 = pl_buf_slice(&columns.utf8);
    for (size_t len = 0; len < columns.spans.len; len++)
        assert_int_equal(unpack(pl_mem_libc(), (struct pl_slice){columns.spans.data, len}, utf8, &text), PL_MALFORMED);
    for (size_t len = 0; len < utf8.len; len++)
        if ((utf8.data[len] & 0xc0) != 0x80) /* the next scalar begins there */
            assert_int_equal(unpack(pl_mem_libc(), pl_buf_slice(&columns.spans), (struct pl_slice){utf8.data, len}, &text),
                         PL_MALFORMED);
    size_t refused = 0, changed = 0;
    for (size_t i = 0; i < columns.spans.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++, changed++) {
            columns.spans.data[i] ^= (uint8_t)(1u << bit);
            if (unpack(pl_mem_libc(), pl_buf_slice(&columns.spans), utf8, &text) == PL_OK) {
                pl_text_free(stored(text));
                pl_text_free(text);
            } else {
                refused++;
            }
            columns.spans.data[i] ^= (uint8_t)(1u << bit);
        }
    }
    assert_true(refused > changed / 2);
    columns_done(&columns);
    trio_done(&trio);
}

static enum pl_status unpack_bytes(const uint8_t *spans, size_t len, const char *utf8)
{
    struct pl_text *text;
    const enum pl_status status = unpack(pl_mem_libc(), (struct pl_slice){spans, len},
                                         (struct pl_slice){(const uint8_t *)utf8, strlen(utf8)}, &text);
    if (status == PL_OK)
        pl_text_free(text);
    return status;
}

/* Each says "abcd" of the home's replica, or would like to. */
static void only_one_form_is_accepted(void **state)
{
    (void)state;
    static const struct {
        uint8_t spans[16];
        size_t len;
        const char *utf8;
        enum pl_status status;
    } forms[] = {
        {{4 << 1 | 1}, 1, "abcd", PL_OK},
        {{4 << 1 | 1}, 1, "abc", PL_MALFORMED},             /* too few */
        {{4 << 1 | 1}, 1, "abcde", PL_MALFORMED},           /* too many */
        {{4 << 2 | 2, 6}, 2, "abcd", PL_OK},                   /* typed later */
        {{4 << 2 | 2, 0}, 2, "abcd", PL_MALFORMED},            /* at once, said at length */
        {{4 << 2 | 2, 3}, 2, "abcd", PL_MALFORMED},            /* ids below 1 */
        {{0 << 1 | 1}, 1, "", PL_MALFORMED},                   /* nothing, as one run */
        {{0 << 2 | 2, 6}, 2, "", PL_MALFORMED},
        {{0}, 1, "", PL_OK},
        {{1 << 2, 0x00, 0, 0}, 4, "abcd", PL_MALFORMED},       /* the long form of a short text */
        {{1 << 2, 0x20, 1, 0, 0}, 5, "abcd", PL_MALFORMED},    /* a replica named that is current */
        {{1 << 2, 0x20, 0, 7, 4, 0}, 6, "abcd", PL_OK},        /* by replica 7 */
        {{1 << 2, 0x20, 0, 1, 4, 0}, 6, "abcd", PL_MALFORMED}, /* in full, though known */
        {{1 << 2, 0x07, 0x0a, 0, 0}, 5, "abcd", PL_MALFORMED}, /* no origins, said at length */
        {{1 << 2, 0x20, 0, 7, 0, 0}, 6, "abcd", PL_MALFORMED}, /* ctr 0 */
        {{2 << 2, 0x80, 0, 0x81}, 4, "abcd", PL_MALFORMED},    /* goes on and might have been one */
        {{2 << 2, 0x80, 0, 0x89}, 4, "ab", PL_OK},             /* goes on, deleted */
        {{2 << 2, 0x80, 0, 0x99}, 4, "ab", PL_MALFORMED},      /* a state nobody knows */
        {{2 << 2, 0x80, 0, 0xa9}, 4, "ab", PL_MALFORMED},      /* goes on, but names a replica */
        {{2 << 2, 0x80, 0, 0x80, 3}, 5, "abcd", PL_MALFORMED}, /* the same ids again */
        {{2 << 2, 0x81, 0x80, 0}, 4, "abcd", PL_MALFORMED},    /* the first goes on */
        {{2 << 2, 0x82, 0, 0x80, 0}, 5, "abcd", PL_MALFORMED},
        {{2 << 2, 0x83, 0, 0, 0x80, 0}, 6, "abcd", PL_MALFORMED}, /* ahead of all */
        {{5 << 2, 0x80, 0}, 3, "ab", PL_MALFORMED},            /* more runs than bytes */
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const enum pl_status status = unpack_bytes(forms[i].spans, forms[i].len, forms[i].utf8);
        if (status != forms[i].status)
            print_error("form %zu\n", i);
        assert_int_equal(status, forms[i].status);
    }
}

static void what_a_number_claims_takes_no_memory(void **state)
{
    (void)state;
    static const uint8_t huge[] = {1 << 2, 0x08, 0, 0xfb, 0xff, 0xff, 0xff, 0x0f}; /* 2^32 - 1 deleted scalars */
    static const uint8_t more[] = {2 << 2, 0x08, 0, 0xfb, 0xff, 0xff, 0xff, 0x0f, 0x48, 0};
    struct count_mem count;
    struct pl_text *text;
    const char *reason = "";
    count_mem_init(&count);
    assert_int_equal(unpack(&count.mem, (struct pl_slice){huge, sizeof huge}, (struct pl_slice){0}, &text), PL_OK);
    assert_true(pl_text_check(text, &reason));
    assert_int_equal(pl_text_ids(text), UINT32_MAX);
    assert_in_range(count.peak, 1, 1000);
    assert_int_equal(pl_text_insert(text, (struct pl_id){2, 1}, none, none, (struct pl_slice){(const uint8_t *)"x", 1},
                                    NULL), PL_TOO_BIG);
    pl_text_free(text);
    assert_int_equal(unpack_bytes(more, sizeof more, ""), PL_MALFORMED);
}

/* The least a run can take is a byte: some dozens are made of it. */
static void the_smallest_runs_grow_by_a_bounded_factor(void **state)
{
    (void)state;
    enum { RUNS = 4000 };
    uint8_t spans[4 + RUNS - 1] = {0x80 | (RUNS << 2 & 0x7f), RUNS << 2 >> 7, 0x40, 0}, utf8[RUNS];
    struct count_mem count;
    struct pl_text *text;
    count_mem_init(&count);
    for (size_t i = 0; i < RUNS - 1; i++)
        spans[4 + i] = i % 2 == 0 ? 0x49 : 0x41; /* goes on by a scalar, every other deleted */
    memset(utf8, 'x', sizeof utf8);
    assert_int_equal(unpack(&count.mem, (struct pl_slice){spans, sizeof spans}, (struct pl_slice){utf8, RUNS / 2},
                            &text), PL_OK);
    assert_int_equal(pl_text_spans(text), RUNS);
    pl_text_free(text);
    assert_int_equal(count.live, 0);
    assert_in_range(count.peak, 1, 250 * sizeof spans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_comes_back_and_takes_the_same_turns),
        cmocka_unit_test(equal_texts_are_stored_equally_however_they_came_to_be),
        cmocka_unit_test(a_sticky_takes_three_bytes_and_its_words),
        cmocka_unit_test(small_texts_cost_little_memory),
        cmocka_unit_test(every_shortened_or_changed_form_is_refused_or_sound),
        cmocka_unit_test(only_one_form_is_accepted),
        cmocka_unit_test(what_a_number_claims_takes_no_memory),
        cmocka_unit_test(the_smallest_runs_grow_by_a_bounded_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
