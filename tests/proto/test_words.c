/* The words of all texts, packed: they come back, each stands once, and bytes that are no packed words are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/words.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include <stdio.h>
#include <string.h>

#define WORD_MOST 24u /* bytes in a word: what one that was packed may become */

static void add_text(struct pl_buf *texts, const char *text)
{
    pl_buf_append(texts, text, strlen(text));
    pl_pack_byte(texts, PL_WORDS_TEXT_END);
}

/* What texts are packed in; checks that they come back. */
static size_t packed_bytes(const struct pl_buf *texts)
{
    struct pl_buf buf;
    uint8_t *utf8 = NULL;
    size_t len = 0, at = 0;
    pl_buf_init(&buf, pl_mem_libc());
    pl_words_pack(&buf, pl_buf_slice(texts));
    assert_false(buf.failed);
    struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
    assert_int_equal(pl_words_unpack(pl_mem_libc(), &packed, &utf8, &len), PL_OK);
    assert_true(pl_packed_done(&packed));
    for (size_t i = 0; i < texts->len; i++) {
        if (texts->data[i] == PL_WORDS_TEXT_END)
            continue;
        assert_true(at < len);
        assert_int_equal(utf8[at++], texts->data[i]);
    }
    assert_int_equal(at, len);
    const size_t bytes = buf.len;
    pl_mem_put(pl_mem_libc(), utf8);
    pl_buf_done(&buf);
    return bytes;
}

static size_t packed_text(const char *text, unsigned times)
{
    struct pl_buf texts;
    pl_buf_init(&texts, pl_mem_libc());
    for (unsigned i = 0; i < times; i++)
        add_text(&texts, text);
    const size_t bytes = packed_bytes(&texts);
    pl_buf_done(&texts);
    return bytes;
}

static void no_text_is_a_byte(void **state)
{
    (void)state;
    assert_int_equal(packed_text("", 0), 1);
    assert_int_equal(packed_text("", 500), 1);
}

static void what_comes_once_costs_little_more_than_itself(void **state)
{
    (void)state;
    assert_in_range(packed_text("Why is the checkout slow?", 1), 25, 28);
    assert_in_range(packed_text("Почему", 1), 12, 17);
    assert_in_range(packed_text("為什麼", 1), 9, 14);
    assert_in_range(packed_text("one\ntwo\tthree\x01 \x7f", 1), 16, 19);
}

static void what_comes_often_costs_a_byte(void **state)
{
    (void)state;
    assert_in_range(packed_text("Überprüfung", 200), 200, 260);
    assert_in_range(packed_text("customers need pricing", 200), 600, 700);
    assert_in_range(packed_text("ответственный", 200), 200, 2 * 200 + 80); /* two words: 26 bytes */
}

/* Scripts without spaces come by the scalar, wherever their words begin. */
static void scripts_without_spaces_repeat_too(void **state)
{
    (void)state;
    static const char *const pieces[] = {"会議", "予算", "見直し", "は", "公開"};
    struct pl_buf texts;
    struct rng rng = {3};
    pl_buf_init(&texts, pl_mem_libc());
    for (unsigned i = 0; i < 2000; i++) {
        const char *piece = pieces[rng_below(&rng, 5)];
        pl_buf_append(&texts, piece, strlen(piece));
        if (i % 5 == 0)
            pl_pack_byte(&texts, PL_WORDS_TEXT_END);
    }
    pl_pack_byte(&texts, PL_WORDS_TEXT_END);
    assert_true(packed_bytes(&texts) < texts.len * 2 / 5);
    pl_buf_done(&texts);
}

/* Letters of each width, spaces and control characters, words far too long, and more different ones than there are codes. */
static void any_text_comes_back(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "b", "7", " ", " ", "\n", "\x01", "é", "я", "字", "👍", "\x7f"};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct pl_buf texts;
        struct rng rng = {seed};
        const uint32_t spread = 1 + rng_below(&rng, 12), n = rng_below(&rng, 6000);
        pl_buf_init(&texts, pl_mem_libc());
        for (uint32_t i = 0; i < n; i++) {
            const char *letter = letters[rng_below(&rng, spread)];
            pl_buf_append(&texts, letter, strlen(letter));
            if (rng_chance(&rng, 3))
                pl_pack_byte(&texts, PL_WORDS_TEXT_END);
        }
        pl_pack_byte(&texts, PL_WORDS_TEXT_END);
        (void)packed_bytes(&texts);
        pl_buf_done(&texts);
    }
}

static void more_words_than_a_dictionary_holds_come_back(void **state)
{
    (void)state;
    struct pl_buf texts;
    char word[16];
    pl_buf_init(&texts, pl_mem_libc());
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < 45000; i++) {
            snprintf(word, sizeof word, "nr%u-x ", i);
            pl_buf_append(&texts, word, strlen(word));
        }
    }
    pl_pack_byte(&texts, PL_WORDS_TEXT_END);
    assert_in_range(packed_bytes(&texts), texts.len / 2, texts.len - 8192 * 3 * 5);
    pl_buf_done(&texts);
}

static enum pl_status unpack(const struct pl_mem *mem, const uint8_t *bytes, size_t n, size_t *ret_len)
{
    struct pl_packed packed = pl_packed_of((struct pl_slice){bytes, n});
    uint8_t *utf8 = NULL;
    const enum pl_status status = pl_words_unpack(mem, &packed, &utf8, ret_len);
    pl_mem_put(mem, utf8);
    return status == PL_OK && !pl_packed_done(&packed) ? PL_MALFORMED : status;
}

static void what_lies_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[32];
        size_t n;
        enum pl_status status;
    } forms[] = {
        {{0}, 1, PL_OK},
        {{2, 0, 2, 'h', 'i'}, 5, PL_OK},
        {{3, 0, 2, 'h', 'i'}, 5, PL_MALFORMED},               /* too few */
        {{1, 0, 2, 'h', 'i'}, 5, PL_MALFORMED},               /* too many */
        {{2, 0, 3, 'h', 'i'}, 5, PL_MALFORMED},               /* cut short */
        {{2, 0, 4, 0x80, 2, 0xc3, 0xa9}, 7, PL_OK},           /* spelled */
        {{2, 0, 4, 0x80, 3, 0xc3, 0xa9}, 7, PL_MALFORMED},
        {{2, 0, 4, 0x80, 2, 0xc3, 'a'}, 7, PL_MALFORMED},     /* not UTF-8 */
        {{2, 0, 6, 0x80, 1, 0xc3, 0x80, 1, 0xa9}, 9, PL_MALFORMED}, /* a scalar in two */
        {{2, 1, 1, 0xc3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 1}, 23, PL_MALFORMED},
        {{2, 0, 1, 0x80}, 4, PL_MALFORMED},
        {{2, 0, 1, 0x81}, 4, PL_MALFORMED},                   /* a code there is no word for */
        {{5, 1, 2, 'o', 'n', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 3, 1, 1, 'n'}, 25, PL_OK},
        {{5, 1, 2, 'o', 'n', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 3, 1, 2, 'n'}, 25, PL_MALFORMED},
        {{2, 1, 0}, 3, PL_MALFORMED},                         /* a word of nothing */
        {{2, 2, 1, 'a'}, 4, PL_MALFORMED},                    /* fewer words than it says */
        {{2, 0x81, 0x40, 0, 0}, 5, PL_MALFORMED},             /* more than there may be */
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = 0;
        const enum pl_status status = unpack(pl_mem_libc(), forms[i].bytes, forms[i].n, &len);
        if (status != forms[i].status)
            fail_msg("form %zu", i);
    }
}

/* The longest word, over and over. */
static void a_byte_becomes_a_bounded_number_of_bytes(void **state)
{
    (void)state;
    struct pl_buf buf;
    struct count_mem count;
    size_t len = 0;
    const uint8_t letters[16] = {0};
    for (unsigned longer = 0; longer < 2; longer++) {
        pl_buf_init(&buf, pl_mem_libc());
        pl_pack_uint(&buf, 1000 * (WORD_MOST + longer));
        pl_pack_uint(&buf, 1);
        pl_pack_byte(&buf, (uint8_t)(WORD_MOST + longer));
        for (unsigned i = 0; i < WORD_MOST + longer; i++)
            pl_pack_byte(&buf, 'w');
        pl_buf_append(&buf, letters, sizeof letters);
        pl_pack_uint(&buf, 1000);
        for (unsigned i = 0; i < 1000; i++)
            pl_pack_byte(&buf, 1);
        count_mem_init(&count);
        assert_int_equal(unpack(&count.mem, buf.data, buf.len, &len), longer == 0 ? PL_OK : PL_MALFORMED);
        assert_in_range(count.peak, 1, (WORD_MOST + 8) * buf.len);
        assert_int_equal(count.live, 0);
        pl_buf_done(&buf);
    }
    assert_int_equal(len, 1000 * WORD_MOST);
}

static void a_huge_promise_takes_no_memory(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0x0f, 0, 3, 'a', 'b', 'c'};
    struct count_mem count;
    size_t len = 0;
    count_mem_init(&count);
    assert_int_equal(unpack(&count.mem, bytes, sizeof bytes, &len), PL_MALFORMED);
    assert_true(count.peak < 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_is_a_byte),
        cmocka_unit_test(what_comes_once_costs_little_more_than_itself),
        cmocka_unit_test(what_comes_often_costs_a_byte),
        cmocka_unit_test(scripts_without_spaces_repeat_too),
        cmocka_unit_test(any_text_comes_back),
        cmocka_unit_test(more_words_than_a_dictionary_holds_come_back),
        cmocka_unit_test(what_lies_is_refused),
        cmocka_unit_test(a_byte_becomes_a_bounded_number_of_bytes),
        cmocka_unit_test(a_huge_promise_takes_no_memory),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
