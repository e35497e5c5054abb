/* Reading a text: positions, anchors, runs, and what somebody hears who watches it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/sim/rng.h"
#include "tests/support/reads.h"
#include "tests/support/text_trio.h"
#include <string.h>

static const struct pl_id none;

static struct pl_slice utf8(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

/* A text of some hundred spans, and of all widths of scalars. */
static void grow(struct rng *rng, struct text_trio *trio, int edits)
{
    uint8_t bytes[4 * 9];
    for (int i = 0; i < edits; i++) {
        const uint32_t at = rng_below(rng, (uint32_t)pl_text_utf16(trio->text) + 1);
        if (rng_chance(rng, 25))
            trio_erase(trio, at, 1 + rng_below(rng, 5));
        else
            trio_type(trio, 1 + rng_below(rng, 3), at, trio_words(bytes, 1 + rng_below(rng, 9), rng_next(rng)));
    }
}

struct spelled {
    struct pl_buf utf8;
    uint64_t scalars;
    struct pl_id first;
};

static bool spell(void *user, struct pl_id_range range, struct pl_slice bytes)
{
    struct spelled *spelled = user;
    if (spelled->scalars == 0)
        spelled->first = range.id;
    spelled->scalars += range.n;
    pl_buf_append(&spelled->utf8, bytes.data, bytes.len);
    return true;
}

static size_t units_of(struct pl_slice bytes, size_t scalars)
{
    size_t units = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        if ((bytes.data[i] & 0xc0) != 0x80 && scalars-- == 0)
            break;
        units += (size_t)((bytes.data[i] & 0xc0) != 0x80) + (size_t)(bytes.data[i] >= 0xf0);
    }
    return units;
}

static void scalars_have_their_place_in_code_units(void **state)
{
    (void)state;
    struct rng rng = {.state = 4};
    struct text_trio trio;
    struct pl_buf buf;
    trio_init(&trio, false);
    grow(&rng, &trio, 300);
    pl_buf_init(&buf, pl_mem_libc());
    pl_text_write(trio.text, &buf);
    for (size_t scalar = 0; scalar <= pl_text_scalars(trio.text) + 1; scalar++)
        assert_int_equal(pl_text_utf16_at(trio.text, scalar), units_of(pl_buf_slice(&buf), scalar));
    pl_buf_done(&buf);
    trio_done(&trio);
}

/* A window of the visible text is the same by units as cut out of the whole. */
static void a_window_shows_what_lies_in_it(void **state)
{
    (void)state;
    struct rng rng = {.state = 6};
    struct text_trio trio;
    trio_init(&trio, false);
    grow(&rng, &trio, 200);
    struct spelled whole = {0};
    pl_buf_init(&whole.utf8, pl_mem_libc());
    pl_text_visible(trio.text, 0, SIZE_MAX, spell, &whole);
    assert_int_equal(whole.scalars, pl_text_scalars(trio.text));
    for (int i = 0; i < 300; i++) {
        /* between two borders */
        const size_t from = rng_below(&rng, (uint32_t)whole.scalars), n = rng_below(&rng, 30);
        const size_t at = pl_text_utf16_at(trio.text, from), end = pl_text_utf16_at(trio.text, from + n);
        struct spelled part = {0};
        pl_buf_init(&part.utf8, pl_mem_libc());
        pl_text_visible(trio.text, at, end - at, spell, &part);
        assert_int_equal(units_of(pl_buf_slice(&part.utf8), SIZE_MAX), end - at);
        size_t offset = 0;
        for (size_t k = 0; k < from; k++) {
            do
                offset++;
            while ((whole.utf8.data[offset] & 0xc0) == 0x80);
        }
        if (part.utf8.len > 0)
            assert_memory_equal(whole.utf8.data + offset, part.utf8.data, part.utf8.len);
        pl_buf_done(&part.utf8);
    }
    pl_buf_done(&whole.utf8);
    trio_done(&trio);
}

static void a_window_within_a_pair_begins_before_it_and_ends_before_the_next(void **state)
{
    (void)state;
    struct text_trio trio;
    struct spelled part = {0};
    trio_init(&trio, true);
    trio_type(&trio, 1, 0, utf8("a\xf0\x9f\x99\x82\xf0\x9f\x98\x80z"));
    pl_buf_init(&part.utf8, pl_mem_libc());
    pl_text_visible(trio.text, 2, 3, spell, &part);
    assert_int_equal(part.scalars, 1);
    assert_int_equal(part.first.ctr, 2);
    assert_memory_equal(part.utf8.data, "\xf0\x9f\x99\x82", 4);
    struct spelled nothing = {.utf8 = part.utf8};
    pl_text_visible(trio.text, 2, 1, spell, &nothing);
    pl_text_visible(trio.text, 6, 9, spell, &nothing);
    assert_int_equal(nothing.scalars, 0);
    pl_buf_done(&part.utf8);
    trio_done(&trio);
}

static void a_range_of_ids_shows_what_is_left_of_it(void **state)
{
    (void)state;
    struct text_trio trio;
    struct spelled part = {0};
    trio_init(&trio, true);
    trio_type(&trio, 1, 0, utf8("abcdef"));
    trio_type(&trio, 1, 3, utf8("XYZ")); /* ids 7 to 9, in the midst */
    trio_erase(&trio, 1, 3);             /* b, c, X */
    pl_buf_init(&part.utf8, pl_mem_libc());
    pl_text_range(trio.text, (struct pl_id_range){{1, 2}, 7}, spell, &part);
    assert_int_equal(part.utf8.len, 4);
    assert_memory_equal(part.utf8.data, "defY", 4);
    part.utf8.len = 0;
    pl_text_range(trio.text, (struct pl_id_range){{2, 1}, 100}, spell, &part);
    pl_text_range(trio.text, (struct pl_id_range){{1, 10}, 100}, spell, &part);
    assert_int_equal(part.utf8.len, 0);
    pl_buf_done(&part.utf8);
    trio_done(&trio);
}

/* An anchor, and where it must be. */
struct held {
    struct pl_anchor anchor;
    size_t at;
};

static bool deleted(const struct pl_text *text, struct pl_id id)
{
    struct spelled spelled = {0};
    pl_buf_init(&spelled.utf8, pl_mem_libc());
    pl_text_range(text, (struct pl_id_range){id, 1}, spell, &spelled);
    pl_buf_done(&spelled.utf8);
    return spelled.scalars == 0 && !pl_id_none(id);
}

/* From `at` to `end` went away and `came` came. */
static void move(struct held *held, const struct pl_text *text, size_t at, size_t end, size_t came)
{
    const size_t now = pl_text_position(text, held->anchor);
    if (held->at == at && end == at && deleted(text, held->anchor.id)) {
        assert_true(now == at || now == at + came); /* on either side of where the scalar was */
        held->at = now;
        return;
    }
    if (held->at > at || (end == at && held->at == at && !held->anchor.after))
        held->at = held->at >= end ? held->at + came - (end - at) : at;
    assert_int_equal(now, held->at);
}

static void anchors_stay_where_they_were_put(void **state)
{
    (void)state;
    struct text_trio trio;
    trio_init(&trio, true);
    trio_type(&trio, 1, 0, utf8("hello world"));
    const struct pl_anchor left = pl_text_anchor(trio.text, 5, true), right = pl_text_anchor(trio.text, 5, false);
    const struct pl_anchor start = pl_text_anchor(trio.text, 0, true), end = pl_text_anchor(trio.text, 99, false);
    trio_type(&trio, 2, 5, utf8(", big"));
    assert_int_equal(pl_text_position(trio.text, left), 5);   /* between o and the comma */
    assert_int_equal(pl_text_position(trio.text, right), 10); /* before the space */
    trio_type(&trio, 2, 0, utf8(">> "));
    trio_type(&trio, 2, 99, utf8("!"));
    assert_int_equal(pl_text_position(trio.text, left), 8);
    assert_int_equal(pl_text_position(trio.text, start), 0);
    assert_int_equal(pl_text_position(trio.text, end), pl_text_utf16(trio.text));
    trio_erase(&trio, 4, 8); /* "ello, bi": both scalars are gone, their places are not */
    assert_true(text_reads(trio.text, ">> hg world!"));
    assert_int_equal(pl_text_position(trio.text, left), 4);
    assert_int_equal(pl_text_position(trio.text, right), 5);
    trio_collect(&trio);
    trio_collect(&trio);
    assert_int_equal(pl_text_position(trio.text, left), 0); /* nobody knows any more */
    assert_int_equal(pl_text_position(trio.text, right), 5);
    trio_done(&trio);
}

/* Edits before an anchor move it by what they add and take; edits behind it do not. */
static void anchors_move_with_random_edits(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        struct held held[20];
        trio_init(&trio, false);
        grow(&rng, &trio, 60);
        for (size_t i = 0; i < 20; i++) {
            const size_t scalar = rng_below(&rng, (uint32_t)pl_text_scalars(trio.text) + 1);
            held[i].at = pl_text_utf16_at(trio.text, scalar);
            held[i].anchor = pl_text_anchor(trio.text, held[i].at, i % 2 == 0);
            assert_int_equal(pl_text_position(trio.text, held[i].anchor), held[i].at);
        }
        for (int edit = 0; edit < 60; edit++) {
            uint8_t bytes[4 * 5];
            const size_t scalar = rng_below(&rng, (uint32_t)pl_text_scalars(trio.text) + 1);
            const size_t at = pl_text_utf16_at(trio.text, scalar);
            const size_t before = pl_text_utf16(trio.text);
            size_t end = at;
            if (rng_chance(&rng, 40)) {
                end = pl_text_utf16_at(trio.text, scalar + 1 + rng_below(&rng, 6));
                trio_erase(&trio, at, end - at);
            } else {
                trio_type(&trio, 4, at, trio_words(bytes, 1 + rng_below(&rng, 5), rng_next(&rng)));
            }
            for (size_t i = 0; i < 20; i++)
                move(&held[i], trio.text, at, end, pl_text_utf16(trio.text) + (end - at) - before);
        }
        trio_done(&trio);
    }
}

static void count_splice(void *user, size_t utf16, size_t removed, struct pl_slice inserted)
{
    (void)utf16;
    size_t *count = user;
    *count += 1 + 1000 * removed + 100000 * inserted.len;
}

static void one_change_is_told_once_and_nothing_is_told_of_nothing(void **state)
{
    (void)state;
    size_t told = 0;
    const struct pl_text_watch watch = {.spliced = count_splice, .user = &told};
    struct pl_text *text = pl_text_new(pl_mem_libc());
    uint8_t bytes[4 * 3000];
    const struct pl_slice words = trio_words(bytes, 3000, 0);
    assert_int_equal(pl_text_insert(text, (struct pl_id){1, 1}, none, none, words, &watch), PL_OK);
    assert_int_equal(told, 1 + 100000 * (size_t)3000);
    told = 0;
    assert_int_equal(pl_text_delete(text, (struct pl_id_range){{1, 10}, 2900}, &watch), PL_OK);
    assert_int_equal(told, 1 + 1000 * (size_t)2900);
    told = 0;
    assert_int_equal(pl_text_delete(text, (struct pl_id_range){{1, 10}, 2900}, &watch), PL_OK);
    assert_int_equal(pl_text_delete(text, (struct pl_id_range){{2, 1}, 5}, &watch), PL_OK);
    assert_int_equal(pl_text_insert(text, (struct pl_id){3, 1}, none, (struct pl_id){9, 9}, words, &watch), PL_ORPHAN);
    assert_int_equal(pl_text_insert(text, (struct pl_id){1, 3000}, none, none, words, &watch), PL_DUPLICATE);
    assert_int_equal(told, 0);
    pl_text_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_have_their_place_in_code_units),
        cmocka_unit_test(a_window_shows_what_lies_in_it),
        cmocka_unit_test(a_window_within_a_pair_begins_before_it_and_ends_before_the_next),
        cmocka_unit_test(a_range_of_ids_shows_what_is_left_of_it),
        cmocka_unit_test(anchors_stay_where_they_were_put),
        cmocka_unit_test(anchors_move_with_random_edits),
        cmocka_unit_test(one_change_is_told_once_and_nothing_is_told_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
