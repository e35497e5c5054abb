/* The sequence CRDT. Rules B6, B7, N3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/slab.h"
#include "proto/text.h"
#include "tests/support/reads.h"
#include <string.h>

static struct pl_slice utf8(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

static struct pl_id id(uint32_t replica, uint64_t ctr)
{
    return (struct pl_id){.replica = replica, .ctr = ctr};
}

static const struct pl_id none;

static void put(struct pl_text *text, struct pl_id at, struct pl_id left, struct pl_id right, const char *words)
{
    assert_int_equal(pl_text_insert(text, at, left, right, utf8(words), NULL), PL_OK);
}

static void reads(const struct pl_text *text, const char *want)
{
    const char *reason = NULL;
    assert_true(pl_text_check(text, &reason));
    assert_true(text_reads(text, want));
}

static void two_people_at_one_place_both_get_their_words_whole(void **state)
{
    (void)state;
    struct pl_text *a = pl_text_new(pl_mem_libc()), *b = pl_text_new(pl_mem_libc());
    put(a, id(1, 1), none, none, "[]");
    put(b, id(1, 1), none, none, "[]");
    /* Each types letter by letter between the brackets, then receives the other's letters. */
    put(a, id(2, 1), id(1, 1), id(1, 2), "c");
    put(a, id(2, 2), id(2, 1), id(1, 2), "a");
    put(a, id(2, 3), id(2, 2), id(1, 2), "t");
    put(b, id(3, 1), id(1, 1), id(1, 2), "d");
    put(b, id(3, 2), id(3, 1), id(1, 2), "o");
    put(b, id(3, 3), id(3, 2), id(1, 2), "g");
    put(a, id(3, 1), id(1, 1), id(1, 2), "d");
    put(a, id(3, 2), id(3, 1), id(1, 2), "o");
    put(a, id(3, 3), id(3, 2), id(1, 2), "g");
    put(b, id(2, 1), id(1, 1), id(1, 2), "cat");
    reads(a, "[catdog]");
    reads(b, "[catdog]");
    pl_text_free(a);
    pl_text_free(b);
}

static void typing_backwards_does_not_interleave_either(void **state)
{
    (void)state;
    struct pl_text *a = pl_text_new(pl_mem_libc()), *b = pl_text_new(pl_mem_libc());
    put(a, id(2, 1), none, none, "t");
    put(a, id(2, 2), none, id(2, 1), "a");
    put(a, id(2, 3), none, id(2, 2), "c");
    put(b, id(3, 1), none, none, "g");
    put(b, id(3, 2), none, id(3, 1), "o");
    put(b, id(3, 3), none, id(3, 2), "d");
    put(a, id(3, 1), none, none, "g");
    put(a, id(3, 2), none, id(3, 1), "o");
    put(a, id(3, 3), none, id(3, 2), "d");
    put(b, id(2, 1), none, none, "t");
    put(b, id(2, 2), none, id(2, 1), "a");
    put(b, id(2, 3), none, id(2, 2), "c");
    reads(a, "catdog");
    reads(b, "catdog");
    pl_text_free(a);
    pl_text_free(b);
}

static void deleting_twice_is_deleting_once_and_places_stay(void **state)
{
    (void)state;
    struct pl_text *text = pl_text_new(pl_mem_libc());
    put(text, id(1, 1), none, none, "hello");
    assert_int_equal(pl_text_delete(text, (struct pl_id_range){id(1, 2), 3}, NULL), PL_OK);
    assert_int_equal(pl_text_delete(text, (struct pl_id_range){id(1, 3), 3}, NULL), PL_OK);
    reads(text, "h");
    put(text, id(2, 1), id(1, 3), id(1, 4), "X"); /* between two deleted scalars */
    reads(text, "hX");
    put(text, id(2, 2), id(1, 2), id(1, 3), "W");
    reads(text, "hWX");
    pl_text_free(text);
}

static void positions_are_utf16_and_never_split_a_scalar(void **state)
{
    (void)state;
    struct pl_text *text = pl_text_new(pl_mem_libc());
    struct pl_id left, right;
    put(text, id(1, 1), none, none, "a\xf0\x9f\x99\x82" "b");
    assert_int_equal(pl_text_utf16(text), 4);
    pl_text_origins(text, 2, &left, &right); /* in the middle of the pair: before it */
    assert_true(pl_id_equal(left, id(1, 1)));
    assert_true(pl_id_equal(right, id(1, 2)));
    pl_text_origins(text, 3, &left, &right);
    assert_true(pl_id_equal(left, id(1, 2)));
    pl_text_origins(text, 99, &left, &right);
    assert_true(pl_id_equal(left, id(1, 3)));
    assert_true(pl_id_none(right));
    pl_text_free(text);
}

static void an_origin_nobody_made_is_an_orphan(void **state)
{
    (void)state;
    struct pl_text *text = pl_text_new(pl_mem_libc());
    assert_int_equal(pl_text_insert(text, id(1, 1), id(9, 9), none, utf8("x"), NULL), PL_ORPHAN);
    assert_int_equal(pl_text_insert(text, id(1, 1), none, id(9, 9), utf8("x"), NULL), PL_ORPHAN);
    reads(text, "");
    pl_text_free(text);
}

static void equal_texts_encode_equally_however_they_came_to_be(void **state)
{
    (void)state;
    struct pl_text *whole = pl_text_new(pl_mem_libc()), *pieces = pl_text_new(pl_mem_libc());
    struct pl_buf a, b, utf8;
    pl_buf_init(&a, pl_mem_libc());
    pl_buf_init(&b, pl_mem_libc());
    pl_buf_init(&utf8, pl_mem_libc());
    put(whole, id(1, 1), none, none, "abcdef");
    put(pieces, id(1, 1), none, none, "abc");
    put(pieces, id(1, 4), id(1, 3), none, "def");
    assert_int_equal(pl_text_delete(whole, (struct pl_id_range){id(1, 2), 2}, NULL), PL_OK);
    assert_int_equal(pl_text_delete(pieces, (struct pl_id_range){id(1, 3), 1}, NULL), PL_OK);
    assert_int_equal(pl_text_delete(pieces, (struct pl_id_range){id(1, 2), 1}, NULL), PL_OK);
    pl_text_pack(whole, id(1, 0), &a, &utf8);
    pl_text_pack(pieces, id(1, 0), &b, &utf8);
    assert_true(pl_slice_equal(pl_buf_slice(&a), pl_buf_slice(&b)));
    pl_text_free(whole);
    pl_text_free(pieces);
    pl_buf_done(&a);
    pl_buf_done(&b);
    pl_buf_done(&utf8);
}

/* The same text, read from what it is stored as. */
static struct pl_text *stored(const struct pl_text *text)
{
    struct pl_buf spans, utf8;
    struct pl_text *back;
    pl_buf_init(&spans, pl_mem_libc());
    pl_buf_init(&utf8, pl_mem_libc());
    pl_text_pack(text, id(1, 1), &spans, &utf8);
    struct pl_packed span_part = pl_packed_of(pl_buf_slice(&spans)), utf8_part = pl_packed_of(pl_buf_slice(&utf8));
    struct pl_slabs slabs = pl_slabs_of(pl_mem_libc());
    assert_int_equal(pl_text_unpack(&slabs, id(1, 1), &span_part, &utf8_part, &back), PL_OK);
    pl_slabs_done(&slabs);
    assert_true(pl_packed_done(&span_part) && pl_packed_done(&utf8_part));
    pl_buf_done(&spans);
    pl_buf_done(&utf8);
    return back;
}

static void a_text_read_from_a_snapshot_takes_the_same_turns(void **state)
{
    (void)state;
    struct pl_text *old = pl_text_new(pl_mem_libc());
    put(old, id(1, 1), none, none, "abcdef");
    put(old, id(2, 1), id(1, 3), none, "x"); /* cuts the run, and comes to stand behind it */
    reads(old, "abcdefx");
    struct pl_text *fresh = stored(old);
    put(old, id(3, 1), none, id(1, 4), "Y"); /* a right origin within a run, which hangs on its start */
    put(fresh, id(3, 1), none, id(1, 4), "Y");
    reads(old, "Yabcdefx");
    reads(fresh, "Yabcdefx");
    pl_text_free(old);
    pl_text_free(fresh);
}

static uint64_t rolled(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

static struct pl_id any_id(uint64_t *seed, const uint64_t next[4])
{
    const uint32_t replica = (uint32_t)rolled(seed, 4);
    return next[replica] == 1 || rolled(seed, 8) == 0 ? none : id(replica + 1, 1 + rolled(seed, next[replica] - 1));
}

/* Origins nobody honest would name: crossed, within runs, deleted. */
static void hostile_origins_leave_equal_texts_equal(void **state)
{
    (void)state;
    for (uint64_t round = 1; round <= 100; round++) {
        uint64_t seed = round, next[4] = {1, 1, 1, 1};
        struct pl_text *old = pl_text_new(pl_mem_libc());
        struct pl_text *fresh = stored(old);
        for (int step = 0; step < 60; step++) {
            const uint32_t by = (uint32_t)rolled(&seed, 4);
            const struct pl_id left = any_id(&seed, next), right = any_id(&seed, next);
            if (rolled(&seed, 4) == 0 && next[by] > 1) {
                const struct pl_id_range gone = {.id = id(by + 1, 1 + rolled(&seed, next[by] - 1)), .n = 3};
                assert_int_equal(pl_text_delete(old, gone, NULL), PL_OK);
                assert_int_equal(pl_text_delete(fresh, gone, NULL), PL_OK);
            } else {
                const uint64_t n = 1 + rolled(&seed, 5);
                put(old, id(by + 1, next[by]), left, right, &"vwxyz"[5 - n]);
                put(fresh, id(by + 1, next[by]), left, right, &"vwxyz"[5 - n]);
                next[by] += n;
            }
            struct pl_text *again = stored(fresh);
            pl_text_free(fresh);
            fresh = again;
        }
        const char *reason;
        assert_true(pl_text_check(old, &reason));
        assert_true(texts_read_the_same(old, fresh));
        pl_text_free(old);
        pl_text_free(fresh);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_people_at_one_place_both_get_their_words_whole),
        cmocka_unit_test(typing_backwards_does_not_interleave_either),
        cmocka_unit_test(deleting_twice_is_deleting_once_and_places_stay),
        cmocka_unit_test(positions_are_utf16_and_never_split_a_scalar),
        cmocka_unit_test(an_origin_nobody_made_is_an_orphan),
        cmocka_unit_test(equal_texts_encode_equally_however_they_came_to_be),
        cmocka_unit_test(a_text_read_from_a_snapshot_takes_the_same_turns),
        cmocka_unit_test(hostile_origins_leave_equal_texts_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
