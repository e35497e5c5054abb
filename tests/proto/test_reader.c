/* The cursor over hostile bytes. Rules E1 to E4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/id_text.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/writer.h"
#include "tests/support/literal.h"
#include <math.h>
#include <string.h>

#define BYTES(...) ((struct pl_slice){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static bool raw_ok(struct pl_slice bytes)
{
    struct pl_reader reader = pl_reader_of(bytes);
    struct pl_slice value;
    return pl_read_raw(&reader, &value) && pl_reader_done(&reader);
}

static void a_count_is_not_believed_before_the_bytes_are_there(void **state)
{
    (void)state;
    uint32_t n = 7;
    struct pl_reader reader = pl_reader_of(BYTES(0xdd, 0xff, 0xff, 0xff, 0xff));
    assert_false(pl_read_array(&reader, &n));
    assert_int_equal(n, 7);
    assert_false(raw_ok(BYTES(0xdf, 0x7f, 0xff, 0xff, 0xff, 0x01)));
    assert_false(raw_ok(BYTES(0xdb, 0x00, 0x00, 0x00, 0x05, 'a')));
    assert_false(raw_ok(BYTES(0xc6, 0xff, 0xff, 0xff, 0xff)));
    assert_false(raw_ok(BYTES(0xc9, 0xff, 0xff, 0xff, 0xff, 0x01)));
}

static void a_failed_reader_stays_failed(void **state)
{
    (void)state;
    bool flag;
    struct pl_reader reader = pl_reader_of(BYTES(0xc0, 0xc3));
    assert_false(pl_read_bool(&reader, &flag));
    assert_false(pl_read_bool(&reader, &flag));
    assert_false(pl_reader_done(&reader));
    assert_int_equal(pl_peek(&reader), PL_TYPE_END);
}

static void depth_is_capped(void **state)
{
    (void)state;
    uint8_t nested[PL_DEPTH_MAX + 2];
    memset(nested, 0x91, sizeof nested);
    nested[PL_DEPTH_MAX] = 0xc0;
    assert_true(raw_ok((struct pl_slice){nested, PL_DEPTH_MAX + 1}));
    nested[PL_DEPTH_MAX] = 0x91;
    nested[PL_DEPTH_MAX + 1] = 0xc0;
    assert_false(raw_ok((struct pl_slice){nested, PL_DEPTH_MAX + 2}));
    static const uint8_t many[100000] = {0};
    uint8_t *deep = memset((uint8_t[5000]){0}, 0x91, 5000);
    assert_false(raw_ok((struct pl_slice){deep, 5000}));
    assert_false(raw_ok((struct pl_slice){many, sizeof many}));
}

static void numbers_are_finite_and_integers_fit_a_double(void **state)
{
    (void)state;
    double real;
    uint64_t whole;
    assert_false(raw_ok(BYTES(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0)));
    assert_false(raw_ok(BYTES(0xca, 0x7f, 0x80, 0, 0)));
    struct pl_reader reader = pl_reader_of(BYTES(0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0));
    assert_false(pl_read_u53(&reader, &whole));
    reader = pl_reader_of(BYTES(0xcf, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
    assert_true(pl_read_u53(&reader, &whole));
    assert_true(whole == PL_U53_MAX);
    reader = pl_reader_of(BYTES(0xff));
    assert_false(pl_read_u53(&reader, &whole));
    reader = pl_reader_of(BYTES(0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe));
    assert_true(pl_read_number(&reader, &real));
    assert_true(real == -2.0);
}

static void every_number_comes_back(void **state)
{
    (void)state;
    static const double numbers[] = {0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, -32768, -32769,
                                     4294967295.0, 4294967296.0, 9007199254740991.0, 0.5, -1e9, 1e-300};
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        pl_write_number(&buf, numbers[i]);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&buf));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double real;
        assert_true(pl_read_number(&reader, &real));
        assert_true(real == numbers[i]);
    }
    assert_true(pl_reader_done(&reader));
    pl_buf_done(&buf);
}

static void only_wellformed_utf8_is_text(void **state)
{
    (void)state;
    assert_true(raw_ok(BYTES(0xa4, 0xf0, 0x9f, 0x99, 0x82)));
    assert_true(raw_ok(BYTES(0xa4, 0xf4, 0x8f, 0xbf, 0xbf)));
    assert_false(raw_ok(BYTES(0xa2, 0xc0, 0x80)));             /* overlong */
    assert_false(raw_ok(BYTES(0xa3, 0xe0, 0x9f, 0xbf)));       /* overlong */
    assert_false(raw_ok(BYTES(0xa3, 0xed, 0xa0, 0x80)));       /* surrogate */
    assert_false(raw_ok(BYTES(0xa4, 0xf4, 0x90, 0x80, 0x80))); /* beyond Unicode */
    assert_false(raw_ok(BYTES(0xa1, 0x80)));                   /* a lone continuation */
    assert_false(raw_ok(BYTES(0xa2, 0xe4, 0xb8)));             /* cut short */
}

static void ids_cross_as_text_and_back(void **state)
{
    (void)state;
    char text[PL_ID_TEXT_MAX];
    struct pl_id id = {.replica = UINT32_MAX, .ctr = PL_U53_MAX}, back;
    const size_t len = pl_id_format(id, text);
    assert_true(pl_id_parse((struct pl_slice){(uint8_t *)text, len}, &back));
    assert_true(pl_id_equal(id, back));
    static const char *const wrong[] = {"", ".", "1", "1.", ".1", "1.0", "01.1", "1.01", "1.2.3", "4294967296.1",
                                        "1.9007199254740992", "-1.1", "1.1 ", "1.99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(pl_id_parse((struct pl_slice){(const uint8_t *)wrong[i], strlen(wrong[i])}, &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_count_is_not_believed_before_the_bytes_are_there),
        cmocka_unit_test(a_failed_reader_stays_failed),
        cmocka_unit_test(depth_is_capped),
        cmocka_unit_test(numbers_are_finite_and_integers_fit_a_double),
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(only_wellformed_utf8_is_text),
        cmocka_unit_test(ids_cross_as_text_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
