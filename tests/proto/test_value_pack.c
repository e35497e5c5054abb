/* Packed values: each comes back to the byte, whatever wrote it. Rules N5, O6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/value.h"
#include "proto/value_pack.h"
#include "proto/writer.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/literal.h"
#include <stdio.h>
#include <string.h>

#define N_MAX 2000u

/* Values one behind the other in a buffer. */
struct values {
    struct pl_buf bytes;
    size_t ends[N_MAX];
    size_t n;
};

static void values_init(struct values *values)
{
    values->n = 0;
    pl_buf_init(&values->bytes, pl_mem_libc());
}

static void add(struct values *values, const char *literal)
{
    literal_write(&values->bytes, literal);
    values->ends[values->n++] = values->bytes.len;
}

static void add_bytes(struct values *values, const char *bytes, size_t len)
{
    pl_buf_append(&values->bytes, bytes, len);
    values->ends[values->n++] = values->bytes.len;
}

static struct pl_slice at(const struct values *values, size_t i)
{
    const size_t start = i == 0 ? 0 : values->ends[i - 1];
    return (struct pl_slice){values->bytes.data + start, values->ends[i] - start};
}

static void pack(const struct values *values, struct pl_buf *buf)
{
    static struct pl_slice slices[N_MAX];
    for (size_t i = 0; i < values->n; i++)
        slices[i] = at(values, i);
    pl_values_pack(buf, slices, values->n);
}

/* Packs and unpacks; how many bytes it took. */
static size_t through(const struct values *values)
{
    struct pl_buf buf;
    struct pl_values *unpacked;
    pl_buf_init(&buf, pl_mem_libc());
    pack(values, &buf);
    assert_false(buf.failed);
    struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
    assert_int_equal(pl_values_open(pl_mem_libc(), &packed, values->n, &unpacked), PL_OK);
    assert_true(pl_packed_done(&packed));
    for (size_t i = 0; i < values->n; i++) {
        struct pl_slice value;
        assert_true(pl_values_next(unpacked, &value));
        assert_true(pl_slice_equal(value, at(values, i)));
    }
    pl_values_free(unpacked);
    const size_t len = buf.len;
    pl_buf_done(&buf);
    return len;
}

static void values_of_every_shape_come_back(void **state)
{
    (void)state;
    struct values values;
    values_init(&values);
    add(&values, "[12, -7.25]");
    add(&values, "[12.1, 3]");
    add(&values, "nil");
    add(&values, "true");
    add(&values, "false");
    add(&values, "[nil, 'a0V3kz']");
    add(&values, "[[3, 12], 'a0V4']");
    add(&values, "[[3, 12], '']");
    add(&values, "'a title, of several words'");
    add(&values, "{'a': 1, 'b': [true, nil, {}]}");
    add(&values, "9007199254740991");
    add(&values, "-9007199254740991");
    add(&values, "'zzzzzzzzzz'"); /* the greatest key */
    add(&values, "'0000000000'");
    add(&values, "'zzzzzzzzzzz'");
    add(&values, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");
    (void)through(&values);
    pl_buf_done(&values.bytes);
}

/* Bytes this library would not have written: a longer form of a shorter number, float32, an ext, a wide length. */
static void what_others_wrote_comes_back_as_they_wrote_it(void **state)
{
    (void)state;
    struct values values;
    values_init(&values);
    add_bytes(&values, "\xcc\x05", 2);
    add_bytes(&values, "\x92\xcd\x00\x05\x06", 5);
    add_bytes(&values, "\xca\x3f\x80\x00\x00", 5);
    add_bytes(&values, "\xcb\x40\x14\x00\x00\x00\x00\x00\x00", 9); /* 5.0 */
    add_bytes(&values, "\xcb\x80\x00\x00\x00\x00\x00\x00\x00", 9); /* -0.0 */
    add_bytes(&values, "\xd9\x01x", 3);
    add_bytes(&values, "\xdc\x00\x01\x07", 4);
    add_bytes(&values, "\xd4\x09\x01", 3);
    add_bytes(&values, "\xc4\x02\x01\x02", 4);
    add_bytes(&values, "\xc5\x00\x01\x01", 4);
    add_bytes(&values, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9);
    add_bytes(&values, "\x05", 1);
    (void)through(&values);
    pl_buf_done(&values.bytes);
}

static void more_shapes_than_it_knows_come_back(void **state)
{
    (void)state;
    struct values values;
    values_init(&values);
    for (unsigned i = 0; i < 120; i++) {
        char literal[128];
        snprintf(literal, sizeof literal, "[%s, %s, %s, %s, %s, %s, %u]", i & 1 ? "nil" : "1", i & 2 ? "nil" : "1",
                 i & 4 ? "'x'" : "1", i & 8 ? "true" : "1", i & 16 ? "[]" : "1", i & 32 ? "{}" : "1", i);
        add(&values, literal);
    }
    (void)through(&values);
    pl_buf_done(&values.bytes);
}

static void values_of_one_shape_are_short(void **state)
{
    (void)state;
    struct rng rng = {4};
    struct values values;
    values_init(&values);
    for (unsigned i = 0; i < N_MAX; i++) {
        char literal[64];
        snprintf(literal, sizeof literal, "[%u.25, %u]", rng_below(&rng, 16000), rng_below(&rng, 16000));
        add(&values, literal);
    }
    assert_true(through(&values) < N_MAX * 4 + 200);
    pl_buf_done(&values.bytes);
}

/* One value of a field's type, or nearly: what is wrong with it, if anything, is anywhere. */
static void add_some(struct values *values, struct rng *rng, uint32_t field)
{
    static const char *const numbers[] = {"0",      "1",           "2.5",          "-1",           "-0.25",
                                          "15",     "16",          "1000000000",   "1000000000.5", "1000000001",
                                          "-1e9",   "-1000000001", "4294967295",   "4294967296",   "9007199254740991",
                                          "1e300",  "-33",         "0.1"};
    static const char *const texts[] = {"'a0'", "'zzzzzzzzzz'", "'two words'", "''", "nil", "true"};
    char literal[160];
    const char *a = numbers[rng_below(rng, rng_chance(rng, 12) ? 18 : 3)];
    const char *b = numbers[rng_below(rng, rng_chance(rng, 12) ? 18 : 3)];
    const char *text = texts[rng_below(rng, rng_chance(rng, 12) ? 6 : 2)];
    switch (rng_chance(rng, 3) ? (enum pl_value_type)rng_below(rng, PL_VALUE_TEXT) : pl_field_type(field)) {
    case PL_VALUE_POINT:
    case PL_VALUE_SIZE:
        snprintf(literal, sizeof literal, "[%s, %s]", a, b);
        break;
    case PL_VALUE_RECT:
        snprintf(literal, sizeof literal, "[%s, %s, %s, %s]", a, b, b, a);
        break;
    case PL_VALUE_PLACE:
        if (rng_chance(rng, 50))
            snprintf(literal, sizeof literal, "[nil, %s]", text);
        else
            snprintf(literal, sizeof literal, "[[%s, %s], %s]", a, b, text);
        break;
    case PL_VALUE_REF:
        snprintf(literal, sizeof literal, "[%s, %s]", a, b);
        break;
    case PL_VALUE_END:
        snprintf(literal, sizeof literal, "[[1, %s], %s, %s, 0]", b, a, b);
        break;
    case PL_VALUE_IDS:
        snprintf(literal, sizeof literal, "[[1, %s], [%s, 5]]", b, a);
        break;
    case PL_VALUE_COUNTS:
        snprintf(literal, sizeof literal, "[[[1, %s], %s]]", b, a);
        break;
    case PL_VALUE_MOMENT:
        snprintf(literal, sizeof literal, "[nil, %s]", a);
        break;
    case PL_VALUE_CLOCK:
        snprintf(literal, sizeof literal, "[%s, 7, %s, 9]", a, b);
        break;
    case PL_VALUE_UINT:
    case PL_VALUE_NUMBER:
        snprintf(literal, sizeof literal, "%s", a);
        break;
    default:
        snprintf(literal, sizeof literal, "%s", text);
        break;
    }
    add(values, literal);
}

/* What is asked of all at once is what is asked of each. */
static void all_values_fit_when_each_does(void **state)
{
    (void)state;
    size_t fitting = 0, others = 0;
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct rng rng = {seed};
        struct values values;
        struct pl_buf buf;
        struct pl_values *unpacked;
        const uint32_t field = (uint32_t)(seed % 40), n = 1 + rng_below(&rng, 12);
        enum pl_status status = PL_OK;
        values_init(&values);
        for (uint32_t i = 0; i < n; i++)
            add_some(&values, &rng, field);
        for (uint32_t i = 0; i < n && status == PL_OK; i++)
            status = pl_value_check_kept(field, at(&values, i)) == PL_OK ? PL_OK : PL_MALFORMED;
        pl_buf_init(&buf, pl_mem_libc());
        pack(&values, &buf);
        struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
        assert_int_equal(pl_values_open(pl_mem_libc(), &packed, n, &unpacked), PL_OK);
        assert_int_equal(pl_values_fit(unpacked, field), status);
        *(status == PL_OK ? &fitting : &others) += 1;
        pl_values_free(unpacked);
        pl_buf_done(&buf);
        pl_buf_done(&values.bytes);
    }
    assert_true(fitting > 500 && others > 500);
}

/* What is not a value may come out of changed bytes, but no more of it than the bytes are worth. */
static void broken_bytes_do_no_harm(void **state)
{
    (void)state;
    struct rng rng = {8};
    struct values values;
    struct pl_buf buf;
    values_init(&values);
    pl_buf_init(&buf, pl_mem_libc());
    for (unsigned i = 0; i < 60; i++)
        add(&values, i % 3 == 0 ? "[1, 2.5]" : i % 3 == 1 ? "[[1, 5], 'key']" : "'two words'");
    pack(&values, &buf);
    for (unsigned round = 0; round < 3000; round++) {
        struct count_mem count;
        struct pl_values *unpacked;
        const size_t place = rng_below(&rng, (uint32_t)buf.len);
        const uint8_t was = buf.data[place];
        count_mem_init(&count);
        buf.data[place] = (uint8_t)rng_next(&rng);
        struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
        if (pl_values_open(&count.mem, &packed, values.n, &unpacked) == PL_OK) {
            struct pl_slice value;
            for (size_t i = 0; i < values.n; i++)
                assert_true(pl_values_next(unpacked, &value) && value.len <= 16 + buf.len);
            pl_values_free(unpacked);
        }
        assert_true(count.peak < 64 * 1024 && count.live == 0);
        buf.data[place] = was;
    }
    pl_buf_done(&buf);
    pl_buf_done(&values.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_shape_come_back),
        cmocka_unit_test(what_others_wrote_comes_back_as_they_wrote_it),
        cmocka_unit_test(more_shapes_than_it_knows_come_back),
        cmocka_unit_test(values_of_one_shape_are_short),
        cmocka_unit_test(all_values_fit_when_each_does),
        cmocka_unit_test(broken_bytes_do_no_harm),
    };
    return cmocka_run_group_tests_name("value_pack", tests, NULL, NULL);
}
