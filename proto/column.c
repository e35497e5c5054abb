/* Columns of numbers (see column.h). Every block begins with a number: its form, whether it holds differences, and the
 * form's parameter. The fields outside the bits are LEB128 (packed.h); bits come least significant first:
 *   RUN     the value. Parameter: how many
 *   PACKED  the least value; the bits. Parameter: bits of each
 *   GOLOMB  the least value; the bits. Parameter: low bits of each that are kept as they are
 *   MOSTLY  the least value; what is common above it; the bits: 0, or 1 and the value. Parameter: bits of that */
#include "proto/column.h"
#include <math.h>
#include <string.h>

#define BLOCK 128u   /* values in one that is no run; fewer at the end */
#define RUN_MIN 32u  /* equal values that are worth a run */
#define DELTA 4u     /* beside the form */
#define PARAMETER 3u /* bits of form and DELTA, below it */
#define WIDTH_MAX 64u
#define LOW_MAX 32u
#define TAKE_MAX 32u /* bits handled at once */
#define REAL_SCALE 1024
#define REAL_SHIFT 10u /* REAL_SCALE is 2 to this */
#define REALS_RAW 16u  /* beside the shift: some are raw */

enum form {
    FORM_RUN = 0,
    FORM_PACKED = 1,
    FORM_GOLOMB = 2,
    FORM_MOSTLY = 3,
};

/* How a block's values are written. */
struct coding {
    enum form form;
    unsigned parameter;
    uint64_t common; /* MOSTLY */
    uint64_t cost;   /* bits; an estimate that depends on the values alone */
};

struct bit_writer {
    struct pl_buf *buf;
    uint64_t bits;
    unsigned held;
};

static void bits_put(struct bit_writer *writer, uint64_t value, unsigned n)
{
    for (unsigned done = 0; done < n;) {
        const unsigned part = n - done < TAKE_MAX ? n - done : TAKE_MAX;
        writer->bits |= (value >> done & ((UINT64_C(1) << part) - 1)) << writer->held;
        writer->held += part;
        done += part;
        for (; writer->held >= 8; writer->held -= 8, writer->bits >>= 8) {
            const uint8_t byte = (uint8_t)writer->bits;
            pl_buf_append(writer->buf, &byte, 1);
        }
    }
}

static void bits_end(struct bit_writer *writer)
{
    if (writer->held > 0)
        bits_put(writer, 0, 8 - writer->held);
}

/* Bits that are read but not taken lie lowest; above `held` there may be some that are read again. */
struct bit_reader {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t bits;
    unsigned held;
    bool failed;
};

/* Holds more than TAKE_MAX bits, as long as there are bytes. */
static inline void bits_fill(struct bit_reader *reader)
{
    if (reader->end - reader->at >= 8) {
        const unsigned more = (63 - reader->held) / 8;
        reader->bits |= pl_u64_from_least(reader->at) << reader->held;
        reader->at += more;
        reader->held += more * 8;
        return;
    }
    for (; reader->held < 56 && reader->at < reader->end; reader->held += 8)
        reader->bits |= (uint64_t)*reader->at++ << reader->held;
}

static uint64_t bits_mask(unsigned n)
{
    return (UINT64_C(1) << n) - 1;
}

/* n at most TAKE_MAX; 0 beyond the end, and failed. */
static inline uint64_t bits_take_few(struct bit_reader *reader, unsigned n)
{
    if (reader->held < n)
        bits_fill(reader);
    if (reader->held < n) {
        reader->failed = true;
        return 0;
    }
    const uint64_t value = reader->bits & bits_mask(n);
    reader->bits >>= n;
    reader->held -= n;
    return value;
}

/* n at most 64. */
static inline uint64_t bits_take(struct bit_reader *reader, unsigned n)
{
    if (n <= TAKE_MAX)
        return bits_take_few(reader, n);
    const uint64_t low = bits_take_few(reader, TAKE_MAX);
    return low | bits_take_few(reader, n - TAKE_MAX) << TAKE_MAX;
}

static unsigned bit_length(uint64_t value)
{
    unsigned n = 0;
    for (; value >= 256; value >>= 8)
        n += 8;
    for (; value > 0; value >>= 1)
        n++;
    return n;
}

static void golomb_put(struct bit_writer *writer, uint64_t value, unsigned low)
{
    const uint64_t high = (value >> low) + 1;
    const unsigned more = bit_length(high) - 1;
    bits_put(writer, UINT64_C(1) << more, more + 1);
    bits_put(writer, high, more); /* its highest bit is known to be there */
    bits_put(writer, value, low);
}

/* How many zeros come before the next one, which is passed too; above 63 when there is none. */
static inline unsigned zeros_take(struct bit_reader *reader)
{
    for (unsigned zeros = 0; zeros < 64;) {
        bits_fill(reader);
        const uint64_t held = reader->bits & bits_mask(reader->held);
        if (held != 0) {
            const unsigned more = (unsigned)__builtin_ctzll(held);
            reader->bits >>= more + 1;
            reader->held -= more + 1;
            return zeros + more;
        }
        if (reader->held == 0)
            break;
        zeros += reader->held;
        reader->bits = 0;
        reader->held = 0;
    }
    return 64;
}

static inline uint64_t golomb_take(struct bit_reader *reader, unsigned low)
{
    const unsigned more = zeros_take(reader);
    if (more >= 64) {
        reader->failed = true;
        return 0;
    }
    const uint64_t high = (UINT64_C(1) << more | bits_take(reader, more)) - 1;
    return high << low | bits_take_few(reader, low);
}

static void value_put(struct bit_writer *writer, const struct coding *coding, uint64_t value)
{
    switch (coding->form) {
    case FORM_GOLOMB:
        golomb_put(writer, value, coding->parameter);
        break;
    case FORM_MOSTLY:
        bits_put(writer, value != coding->common, 1);
        if (value != coding->common)
            bits_put(writer, value, coding->parameter);
        break;
    case FORM_RUN:
    case FORM_PACKED:
        bits_put(writer, value, coding->parameter);
        break;
    }
}

static void values_take(struct bit_reader *reader, const struct coding *coding, int64_t *ret_values, size_t n)
{
    const unsigned parameter = coding->parameter;
    switch (coding->form) {
    case FORM_GOLOMB:
        for (size_t i = 0; i < n; i++)
            ret_values[i] = (int64_t)golomb_take(reader, parameter);
        break;
    case FORM_MOSTLY:
        for (size_t i = 0; i < n; i++)
            ret_values[i] = (int64_t)(bits_take(reader, 1) == 0 ? coding->common : bits_take(reader, parameter));
        break;
    case FORM_RUN:
    case FORM_PACKED:
        for (size_t i = 0; i < n; i++)
            ret_values[i] = (int64_t)bits_take(reader, parameter);
        break;
    }
}

/* How many have the value that more than half have, if there is one (Boyer and Moore's vote). */
static size_t majority(const uint64_t *values, size_t n, uint64_t *ret_value)
{
    size_t votes = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (votes == 0)
            *ret_value = values[i];
        votes = values[i] == *ret_value ? votes + 1 : votes - 1;
    }
    for (size_t i = 0; i < n; i++)
        count += values[i] == *ret_value;
    return count;
}

/* The shortest coding of n values, the least of which is 0. */
static struct coding coding_of(const uint64_t *values, size_t n)
{
    size_t of_length[WIDTH_MAX + 1] = {0};
    unsigned width = 0;
    uint64_t common = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned length = bit_length(values[i]);
        of_length[length]++;
        width = length > width ? length : width;
    }
    struct coding best = {.form = FORM_PACKED, .parameter = width, .cost = (uint64_t)width * n};
    for (unsigned low = 0; low < width && low <= LOW_MAX; low++) {
        struct coding golomb = {.form = FORM_GOLOMB, .parameter = low};
        for (unsigned length = 0; length <= width; length++)
            golomb.cost += of_length[length] * (low + 1 + (length > low ? 2 * (uint64_t)(length - low) : 0));
        if (golomb.cost < best.cost)
            best = golomb;
    }
    struct coding mostly = {.form = FORM_MOSTLY, .parameter = width};
    mostly.cost = 8 + n + width * (n - majority(values, n, &common));
    mostly.common = common;
    return mostly.cost < best.cost ? mostly : best;
}

/* Turns values into what they are above the least of them, which it returns; or the same of their differences. */
static int64_t lower(const int64_t *values, size_t n, uint64_t from, uint64_t delta, uint64_t *ret_above)
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        ret_above[i] = (uint64_t)values[i] - from * delta;
        from = (uint64_t)values[i];
        least = (int64_t)ret_above[i] < least ? (int64_t)ret_above[i] : least;
    }
    for (size_t i = 0; i < n; i++)
        ret_above[i] -= (uint64_t)least;
    return least;
}

static void block_write(struct pl_buf *buf, const int64_t *values, size_t n, int64_t from)
{
    uint64_t plain[BLOCK], steps[BLOCK];
    int64_t least = lower(values, n, (uint64_t)from, 0, plain);
    const int64_t least_step = lower(values, n, (uint64_t)from, 1, steps);
    struct coding coding = coding_of(plain, n);
    const struct coding stepped = coding_of(steps, n);
    struct bit_writer writer = {.buf = buf};
    const bool delta = stepped.cost < coding.cost;
    if (delta) {
        coding = stepped;
        least = least_step;
    }
    pl_pack_uint(buf, (uint64_t)coding.parameter << PARAMETER | (delta ? DELTA : 0) | (unsigned)coding.form);
    pl_pack_int(buf, least);
    if (coding.form == FORM_MOSTLY)
        pl_pack_uint(buf, coding.common);
    for (size_t i = 0; i < n; i++)
        value_put(&writer, &coding, delta ? steps[i] : plain[i]);
    bits_end(&writer);
}

static size_t run_length(const int64_t *values, size_t n)
{
    size_t length = 1;
    while (length < n && values[length] == values[0])
        length++;
    return length;
}

void pl_column_write(struct pl_buf *buf, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n;) {
        const size_t left = n - i, run = run_length(values + i, left);
        if (run == left || run >= RUN_MIN) {
            pl_pack_uint(buf, (uint64_t)run << PARAMETER | FORM_RUN);
            pl_pack_int(buf, values[i]);
            i += run;
            continue;
        }
        const size_t here = left < BLOCK ? left : BLOCK;
        block_write(buf, values + i, here, i > 0 ? values[i - 1] : 0);
        i += here;
    }
}

/* What values of a column may be. */
struct bounds {
    int64_t low;
    uint64_t most; /* above it */
};

static inline bool value_within(const struct bounds *bounds, uint64_t value)
{
    return value - (uint64_t)bounds->low <= bounds->most;
}

/* `least` is what a value is above, or a difference. */
static bool block_read(struct pl_packed *packed, const struct coding *coding, bool delta, uint64_t least,
                       const struct bounds *bounds, int64_t *values, size_t n, int64_t from)
{
    struct bit_reader reader = {.at = packed->at, .end = packed->end};
    uint64_t before = (uint64_t)from;
    bool within = true;
    values_take(&reader, coding, values, n);
    for (size_t i = 0; i < n; i++) {
        const uint64_t value = (uint64_t)values[i] + least + (delta ? before : 0);
        within &= value_within(bounds, value);
        before = value;
        values[i] = (int64_t)value;
    }
    packed->at = reader.at - reader.held / 8;
    return within && !reader.failed && (reader.bits & bits_mask(reader.held % 8)) == 0;
}

/* One block of at most `left` values; how many there were, or 0. */
static size_t block_next(struct pl_packed *packed, const struct bounds *bounds, int64_t *values, size_t left,
                         int64_t from)
{
    uint64_t head;
    int64_t least;
    if (!pl_unpack_uint(packed, UINT64_MAX, &head) || !pl_unpack_int(packed, &least))
        return 0;
    const uint64_t parameter = head >> PARAMETER;
    struct coding coding = {.form = (enum form)(head & (DELTA - 1)), .parameter = (unsigned)parameter};
    if (coding.form == FORM_RUN) {
        if (parameter > left || (head & DELTA) != 0 || !value_within(bounds, (uint64_t)least))
            return 0;
        for (size_t i = 0; i < parameter; i++)
            values[i] = least;
        return (size_t)parameter;
    }
    if (parameter > (coding.form == FORM_GOLOMB ? LOW_MAX : WIDTH_MAX) ||
        (coding.form == FORM_MOSTLY && !pl_unpack_uint(packed, UINT64_MAX, &coding.common)))
        return 0;
    const size_t n = left < BLOCK ? left : BLOCK;
    const bool delta = (head & DELTA) != 0;
    return block_read(packed, &coding, delta, (uint64_t)least, bounds, values, n, from) ? n : 0;
}

bool pl_column_read(struct pl_packed *packed, int64_t low, int64_t high, int64_t *ret_values, size_t n)
{
    const struct bounds bounds = {.low = low, .most = (uint64_t)high - (uint64_t)low};
    if (n > 0 && low > high)
        return false;
    for (size_t i = 0; i < n;) {
        const size_t here = block_next(packed, &bounds, ret_values + i, n - i, i > 0 ? ret_values[i - 1] : 0);
        if (here == 0)
            return false;
        i += here;
    }
    return true;
}

/* The value in 1/1024; false when it is no whole number of them, or one that a float64 does not hold exactly. */
static bool real_scaled(double value, int64_t *ret_scaled)
{
    const double scaled = value * REAL_SCALE;
    if (trunc(scaled) != scaled || fabs(scaled) > (double)(INT64_C(1) << 53))
        return false;
    *ret_scaled = (int64_t)scaled;
    return true;
}

static void real_raw(struct pl_buf *buf, double value)
{
    uint8_t bytes[8];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    pl_u64_to_bytes(bits, bytes);
    pl_buf_append(buf, bytes, sizeof bytes);
}

void pl_reals_write(struct pl_buf *buf, const double *values, size_t n, int64_t *work)
{
    int64_t *const raw = work, *const scaled = work + n;
    size_t scaled_n = 0;
    uint64_t used = 0; /* bits any scaled value has */
    unsigned spare = 0;
    for (size_t i = 0; i < n; i++) {
        raw[i] = !real_scaled(values[i], &scaled[scaled_n]);
        if (!raw[i])
            used |= (uint64_t)scaled[scaled_n++];
    }
    while (spare < REAL_SHIFT && (used >> spare & 1) == 0)
        spare++;
    for (size_t i = 0; i < scaled_n; i++)
        scaled[i] /= INT64_C(1) << spare;
    pl_pack_uint(buf, spare | (scaled_n < n ? REALS_RAW : 0));
    if (scaled_n < n)
        pl_column_write(buf, raw, n);
    pl_column_write(buf, scaled, scaled_n);
    for (size_t i = 0; i < n; i++)
        if (raw[i])
            real_raw(buf, values[i]);
}

/* Multiples of 1/1024 lie where the reals will, while they are integers. */
bool pl_reals_read(struct pl_packed *packed, double *ret_values, size_t n, int64_t *work)
{
    const int64_t most = INT64_C(1) << 53;
    struct pl_slice bytes;
    uint64_t head;
    size_t scaled_n = n;
    if (!pl_unpack_uint(packed, REALS_RAW | REAL_SHIFT, &head) || (head & ~REALS_RAW) > REAL_SHIFT)
        return false;
    const bool some_raw = (head & REALS_RAW) != 0;
    if (some_raw && !pl_column_read(packed, 0, 1, work, n))
        return false;
    for (size_t i = 0; some_raw && i < n; i++)
        scaled_n -= (size_t)work[i];
    if (!pl_column_read(packed, -most, most, (int64_t *)(void *)ret_values, scaled_n) ||
        !pl_unpack_raw(packed, (uint64_t)(n - scaled_n) * 8, &bytes))
        return false;
    const double unit = (double)(INT64_C(1) << (head & ~REALS_RAW)) / REAL_SCALE;
    /* From behind: none lies where another goes before it was read. */
    for (size_t left = n - scaled_n, i = n; i-- > 0;) {
        const bool raw = some_raw && work[i] != 0;
        uint64_t bits;
        int64_t scaled;
        if (raw) {
            bits = pl_u64_from_bytes(bytes.data + --left * 8);
            memcpy(&ret_values[i], &bits, sizeof bits);
            if (!isfinite(ret_values[i]))
                return false;
        } else {
            memcpy(&scaled, &ret_values[--scaled_n], sizeof scaled);
            ret_values[i] = (double)scaled * unit;
        }
    }
    return true;
}
