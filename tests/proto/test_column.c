/* Columns of numbers: whatever is written is read back, in few bytes, and nothing else is. Rule N5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/column.h"
#include "tests/sim/rng.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define N_MAX 1000u

static void write_column(struct pl_buf *buf, const int64_t *values, size_t n)
{
    pl_buf_init(buf, pl_mem_libc());
    pl_column_write(buf, values, n);
    assert_false(buf->failed);
}

/* Writes, reads back, and says how many bytes it took. */
static size_t through(const int64_t *values, size_t n)
{
    struct pl_buf buf;
    int64_t again[N_MAX];
    write_column(&buf, values, n);
    struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
    assert_true(pl_column_read(&packed, INT64_MIN, INT64_MAX, again, n));
    assert_true(pl_packed_done(&packed));
    assert_int_equal(memcmp(values, again, n * sizeof *values), 0);
    const size_t len = buf.len;
    pl_buf_done(&buf);
    return len;
}

static void what_does_not_vary_takes_no_room(void **state)
{
    (void)state;
    int64_t values[N_MAX] = {0};
    assert_int_equal(through(values, 0), 0);
    assert_int_equal(through(values, 1), 2);
    assert_true(through(values, N_MAX) <= 4);
    for (size_t i = 0; i < N_MAX; i++)
        values[i] = 1700000000000 + (int64_t)i * 300; /* steps that do not vary */
    assert_true(through(values, N_MAX) <= 80);
}

static void few_exceptions_cost_little(void **state)
{
    (void)state;
    struct rng rng = {7};
    int64_t values[N_MAX];
    for (size_t i = 0; i < N_MAX; i++)
        values[i] = rng_chance(&rng, 5) ? 100 + rng_below(&rng, 400) : 200;
    assert_true(through(values, N_MAX) < N_MAX / 4);
    for (size_t i = 0; i < N_MAX; i++)
        values[i] = rng_chance(&rng, 2) ? (int64_t)(rng_next(&rng) >> 30) : rng_below(&rng, 8);
    assert_true(through(values, N_MAX) < N_MAX);
}

/* Numbers of every size, mixed as boards mix them and as nobody would. */
static void every_number_comes_back(void **state)
{
    (void)state;
    struct rng rng = {1};
    int64_t values[N_MAX];
    for (unsigned round = 0; round < 2000; round++) {
        const size_t n = rng_below(&rng, N_MAX);
        const unsigned width = rng_below(&rng, 65), other = rng_below(&rng, 65), often = rng_below(&rng, 101);
        const bool steps = rng_chance(&rng, 30);
        uint64_t last = rng_next(&rng);
        for (size_t i = 0; i < n; i++) {
            const unsigned bits = rng_chance(&rng, often) ? width : other;
            const uint64_t number = bits == 0 ? 0 : rng_next(&rng) >> (64 - bits);
            last = steps ? last + number : number;
            values[i] = (int64_t)last;
        }
        (void)through(values, n);
    }
}

static void the_ends_of_the_range_come_back(void **state)
{
    (void)state;
    const int64_t values[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN, 1, 1, 1, INT64_MIN};
    (void)through(values, sizeof values / sizeof values[0]);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    const int64_t values[] = {5, 9, 7};
    int64_t again[3];
    struct pl_buf buf;
    write_column(&buf, values, 3);
    struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
    assert_true(pl_column_read(&packed, 5, 9, again, 3));
    packed = pl_packed_of(pl_buf_slice(&buf));
    assert_false(pl_column_read(&packed, 6, 9, again, 3));
    packed = pl_packed_of(pl_buf_slice(&buf));
    assert_false(pl_column_read(&packed, 5, 8, again, 3));
    pl_buf_done(&buf);
}

/* Cut or changed bytes are refused or read as other numbers; never is a byte beyond the end touched. */
static void broken_bytes_do_no_harm(void **state)
{
    (void)state;
    struct rng rng = {3};
    int64_t values[300], again[300];
    for (unsigned round = 0; round < 500; round++) {
        struct pl_buf buf;
        for (size_t i = 0; i < 300; i++)
            values[i] = rng_below(&rng, round % 3 == 0 ? 4000 : 3);
        write_column(&buf, values, 300);
        const size_t cut = rng_below(&rng, (uint32_t)buf.len);
        uint8_t *exact = pl_mem_get(pl_mem_libc(), cut + 1); /* its end is the heap's, for the sanitizer */
        memcpy(exact, buf.data, cut);
        struct pl_packed packed = pl_packed_of((struct pl_slice){exact, cut});
        assert_false(pl_column_read(&packed, INT64_MIN, INT64_MAX, again, 300));
        buf.data[rng_below(&rng, (uint32_t)buf.len)] ^= (uint8_t)(1u << rng_below(&rng, 8));
        packed = pl_packed_of(pl_buf_slice(&buf));
        if (pl_column_read(&packed, 0, 4000, again, 300))
            for (size_t i = 0; i < 300; i++)
                assert_in_range(again[i], 0, 4000);
        pl_mem_put(pl_mem_libc(), exact);
        pl_buf_done(&buf);
    }
}

static size_t reals_through(const double *values, size_t n)
{
    struct pl_buf buf;
    double again[N_MAX];
    int64_t work[2 * N_MAX];
    pl_buf_init(&buf, pl_mem_libc());
    pl_reals_write(&buf, values, n, work);
    struct pl_packed packed = pl_packed_of(pl_buf_slice(&buf));
    assert_true(pl_reals_read(&packed, again, n, work));
    assert_true(pl_packed_done(&packed));
    for (size_t i = 0; i < n; i++)
        assert_true(values[i] == again[i]);
    const size_t len = buf.len;
    pl_buf_done(&buf);
    return len;
}

static void every_real_comes_back(void **state)
{
    (void)state;
    const double odd[] = {0.0,       0.1,     -1.0 / 1024, 1.0 / 2048,  1e9,     -1e9,    DBL_MAX, DBL_MIN,
                          DBL_TRUE_MIN, 4503599627370497.5, 9007199254740991.0, -9007199254740993.0, 200, 200.25};
    double values[N_MAX];
    struct rng rng = {5};
    (void)reals_through(odd, sizeof odd / sizeof odd[0]);
    for (size_t i = 0; i < N_MAX; i++)
        values[i] = rng_chance(&rng, 50) ? (double)rng_below(&rng, 100000) / 64 : (double)rng_next(&rng) / 3e15;
    (void)reals_through(values, N_MAX);
}

/* Positions on a grid are small numbers, however fine the grid. */
static void positions_on_a_grid_are_short(void **state)
{
    (void)state;
    double values[N_MAX];
    struct rng rng = {9};
    for (size_t i = 0; i < N_MAX; i++)
        values[i] = (double)((int64_t)rng_below(&rng, 65536) - 32768) / 4;
    assert_true(reals_through(values, N_MAX) < N_MAX * 2 + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_vary_takes_no_room),
        cmocka_unit_test(few_exceptions_cost_little),
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(the_ends_of_the_range_come_back),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(broken_bytes_do_no_harm),
        cmocka_unit_test(every_real_comes_back),
        cmocka_unit_test(positions_on_a_grid_are_short),
    };
    return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
