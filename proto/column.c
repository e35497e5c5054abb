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

struct bit_reader {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t bits;
    unsigned held;
    bool failed;
};

/* n at most 64; 0 beyond the end, and failed. */
static uint64_t bits_take(struct bit_reader *reader, unsigned n)
{
    uint64_t value = 0;
    for (unsigned done = 0; done < n;) {
        const unsigned part = n - done < TAKE_MAX ? n - done : TAKE_MAX;
        for (; reader->held < part && reader->at < reader->end; reader->held += 8)
            reader->bits |= (uint64_t)*reader->at++ << reader->held;
        if (reader->held < part) {
            reader->failed = true;
            return 0;
        }
        value |= (reader->bits & ((UINT64_C(1) << part) - 1)) << done;
        reader->bits >>= part;
        reader->held -= part;
        done += part;
    }
    return value;
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

static uint64_t golomb_take(struct bit_reader *reader, unsigned low)
{
    unsigned more = 0;
    while (more < 64 && !reader->failed && bits_take(reader, 1) == 0)
        more++;
    if (reader->failed || more == 64) {
        reader->failed = true;
        return 0;
    }
    const uint64_t high = (UINT64_C(1) << more | bits_take(reader, more)) - 1;
    return high << low | bits_take(reader, low);
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

static uint64_t value_take(struct bit_reader *reader, const struct coding *coding)
{
    switch (coding->form) {
    case FORM_GOLOMB:
        return golomb_take(reader, coding->parameter);
    case FORM_MOSTLY:
        return bits_take(reader, 1) == 0 ? coding->common : bits_take(reader, coding->parameter);
    case FORM_RUN:
    case FORM_PACKED:
        break;
    }
    return bits_take(reader, coding->parameter);
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

/* `least` is what a value is above, or a difference. */
static bool block_read(struct pl_packed *packed, const struct coding *coding, bool delta, int64_t least,
                       int64_t *values, size_t n, int64_t from)
{
    struct bit_reader reader = {.at = packed->at, .end = packed->end};
    for (size_t i = 0; i < n; i++) {
        const uint64_t value = value_take(&reader, coding) + (uint64_t)least + (delta ? (uint64_t)from : 0);
        from = (int64_t)value;
        values[i] = from;
    }
    packed->at = reader.at - reader.held / 8;
    return !reader.failed && (reader.bits & ((UINT64_C(1) << reader.held % 8) - 1)) == 0;
}

/* One block of at most `left` values; how many there were, or 0. */
static size_t block_next(struct pl_packed *packed, int64_t *values, size_t left, int64_t from)
{
    uint64_t head;
    int64_t least;
    if (!pl_unpack_uint(packed, UINT64_MAX, &head) || !pl_unpack_int(packed, &least))
        return 0;
    const uint64_t parameter = head >> PARAMETER;
    struct coding coding = {.form = (enum form)(head & (DELTA - 1)), .parameter = (unsigned)parameter};
    if (coding.form == FORM_RUN) {
        if (parameter > left || (head & DELTA) != 0)
            return 0;
        for (size_t i = 0; i < parameter; i++)
            values[i] = least;
        return (size_t)parameter;
    }
    if (parameter > (coding.form == FORM_GOLOMB ? LOW_MAX : WIDTH_MAX) ||
        (coding.form == FORM_MOSTLY && !pl_unpack_uint(packed, UINT64_MAX, &coding.common)))
        return 0;
    const size_t n = left < BLOCK ? left : BLOCK;
    return block_read(packed, &coding, (head & DELTA) != 0, least, values, n, from) ? n : 0;
}

bool pl_column_read(struct pl_packed *packed, int64_t low, int64_t high, int64_t *ret_values, size_t n)
{
    for (size_t i = 0; i < n;) {
        const size_t here = block_next(packed, ret_values + i, n - i, i > 0 ? ret_values[i - 1] : 0);
        for (size_t end = i + here; i < end; i++)
            if (ret_values[i] < low || ret_values[i] > high)
                return false;
        if (here == 0)
            return false;
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

bool pl_reals_read(struct pl_packed *packed, double *ret_values, size_t n, int64_t *work)
{
    int64_t *const raw = work, *const scaled = work + n;
    const int64_t most = INT64_C(1) << 53;
    struct pl_slice bytes;
    uint64_t head;
    size_t scaled_n = n, next = 0;
    if (!pl_unpack_uint(packed, REALS_RAW | REAL_SHIFT, &head) || (head & ~REALS_RAW) > REAL_SHIFT)
        return false;
    memset(raw, 0, n * sizeof *raw);
    if ((head & REALS_RAW) != 0 && !pl_column_read(packed, 0, 1, raw, n))
        return false;
    for (size_t i = 0; i < n; i++)
        scaled_n -= (size_t)raw[i];
    if (!pl_column_read(packed, -most, most, scaled, scaled_n) ||
        !pl_unpack_raw(packed, (uint64_t)(n - scaled_n) * 8, &bytes))
        return false;
    const double unit = (double)(INT64_C(1) << (head & ~REALS_RAW)) / REAL_SCALE;
    for (size_t i = 0; i < n; i++) {
        if (raw[i] == 0) {
            ret_values[i] = (double)scaled[next++] * unit;
            continue;
        }
        const uint64_t bits = pl_u64_from_bytes(bytes.data);
        memcpy(&ret_values[i], &bits, sizeof bits);
        bytes.data += 8;
    }
    return true;
}
