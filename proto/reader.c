/* The cursor of reader.h. One rule keeps it safe: every advance goes through take(), which checks what remains. */
#include "proto/reader.h"
#include "proto/limits.h"
#include <math.h>
#include <string.h>

struct pl_reader pl_reader_of(struct pl_slice bytes)
{
    static const uint8_t nothing;
    const uint8_t *at = bytes.data != NULL ? bytes.data : &nothing;
    return (struct pl_reader){.at = at, .end = at + bytes.len, .failed = false};
}

bool pl_reader_done(const struct pl_reader *reader)
{
    return !reader->failed && reader->at == reader->end;
}

static bool fail(struct pl_reader *reader)
{
    reader->failed = true;
    return false;
}

static size_t remaining(const struct pl_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

/* `n` bytes at the cursor, or NULL and failed. */
static const uint8_t *take(struct pl_reader *reader, size_t n)
{
    if (reader->failed || remaining(reader) < n) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += n;
    return at;
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* A big-endian unsigned integer of 1, 2, 4 or 8 bytes. Spelled out, for that is one instruction each. */
static bool take_uint(struct pl_reader *reader, size_t n, uint64_t *ret_value)
{
    const uint8_t *at = take(reader, n);
    if (at == NULL)
        return false;
    if (n == 1)
        *ret_value = at[0];
    else if (n == 2)
        *ret_value = (uint64_t)at[0] << 8 | at[1];
    else if (n == 4)
        *ret_value = be32(at);
    else
        *ret_value = (uint64_t)be32(at) << 32 | be32(at + 4);
    return true;
}

static enum pl_type type_of(uint8_t tag)
{
    if (tag <= 0x7f || tag >= 0xe0)
        return PL_TYPE_INT;
    if (tag <= 0x8f)
        return PL_TYPE_MAP;
    if (tag <= 0x9f)
        return PL_TYPE_ARRAY;
    if (tag <= 0xbf)
        return PL_TYPE_STR;
    static const uint8_t types[32] = {
        PL_TYPE_NIL,   PL_TYPE_END,   PL_TYPE_BOOL,  PL_TYPE_BOOL, /* c0 */
        PL_TYPE_BIN,   PL_TYPE_BIN,   PL_TYPE_BIN,   PL_TYPE_EXT,  /* c4 */
        PL_TYPE_EXT,   PL_TYPE_EXT,   PL_TYPE_FLOAT, PL_TYPE_FLOAT, /* c8 */
        PL_TYPE_INT,   PL_TYPE_INT,   PL_TYPE_INT,   PL_TYPE_INT,  /* cc */
        PL_TYPE_INT,   PL_TYPE_INT,   PL_TYPE_INT,   PL_TYPE_INT,  /* d0 */
        PL_TYPE_EXT,   PL_TYPE_EXT,   PL_TYPE_EXT,   PL_TYPE_EXT,  /* d4 */
        PL_TYPE_EXT,   PL_TYPE_STR,   PL_TYPE_STR,   PL_TYPE_STR,  /* d8 */
        PL_TYPE_ARRAY, PL_TYPE_ARRAY, PL_TYPE_MAP,   PL_TYPE_MAP,  /* dc */
    };
    return (enum pl_type)types[tag - 0xc0];
}

enum pl_type pl_peek(const struct pl_reader *reader)
{
    if (reader->failed || reader->at == reader->end)
        return PL_TYPE_END;
    return type_of(*reader->at);
}

bool pl_read_nil(struct pl_reader *reader)
{
    const uint8_t *tag = take(reader, 1);
    return tag != NULL && (*tag == 0xc0 || fail(reader));
}

bool pl_read_bool(struct pl_reader *reader, bool *ret_value)
{
    const uint8_t *tag = take(reader, 1);
    if (tag == NULL)
        return false;
    if (*tag != 0xc2 && *tag != 0xc3)
        return fail(reader);
    *ret_value = *tag == 0xc3;
    return true;
}

/* Any integer: magnitude and sign apart. */
static bool read_int(struct pl_reader *reader, uint64_t *ret_magnitude, bool *ret_negative)
{
    const uint8_t *tag_at = take(reader, 1);
    if (tag_at == NULL)
        return false;
    const uint8_t tag = *tag_at;
    uint64_t value = 0;
    if (tag <= 0x7f || tag >= 0xe0) {
        const bool negative = tag >= 0xe0;
        *ret_magnitude = negative ? (uint64_t)(0x100 - tag) : tag;
        *ret_negative = negative;
        return true;
    }
    if (tag < 0xcc || tag > 0xd3)
        return fail(reader);
    const size_t n = (size_t)1 << (tag & 3);
    if (!take_uint(reader, n, &value))
        return false;
    const bool negative = tag >= 0xd0 && (value >> (8 * n - 1)) != 0;
    if (negative) {
        const uint64_t mask = n == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * n)) - 1;
        value = (~value + 1) & mask;
    }
    *ret_magnitude = value;
    *ret_negative = negative;
    return true;
}

/* The next byte when it is one of these tags: what is most often there is looked for first. */
static bool take_tag(struct pl_reader *reader, uint8_t least, uint8_t most, uint8_t *ret_tag)
{
    if (reader->failed || reader->at == reader->end || *reader->at < least || *reader->at > most)
        return false;
    *ret_tag = *reader->at++;
    return true;
}

bool pl_read_u53(struct pl_reader *reader, uint64_t *ret_value)
{
    uint64_t value;
    uint8_t tag;
    bool negative = false;
    if (take_tag(reader, 0, 0x7f, &tag)) {
        *ret_value = tag;
        return true;
    }
    if (!(take_tag(reader, 0xcc, 0xcf, &tag) ? take_uint(reader, (size_t)1 << (tag & 3), &value)
                                             : read_int(reader, &value, &negative)))
        return false;
    if (negative || value > PL_U53_MAX)
        return fail(reader);
    *ret_value = value;
    return true;
}

bool pl_read_u32(struct pl_reader *reader, uint32_t *ret_value)
{
    uint64_t value;
    if (!pl_read_u53(reader, &value))
        return false;
    if (value > UINT32_MAX)
        return fail(reader);
    *ret_value = (uint32_t)value;
    return true;
}

static bool read_float(struct pl_reader *reader, double *ret_value)
{
    const uint8_t *tag_at = take(reader, 1);
    if (tag_at == NULL)
        return false;
    const uint8_t tag = *tag_at;
    uint64_t bits;
    double value;
    if (!take_uint(reader, tag == 0xca ? 4 : 8, &bits))
        return false;
    if (tag == 0xca) {
        const uint32_t bits32 = (uint32_t)bits;
        float narrow;
        memcpy(&narrow, &bits32, sizeof narrow);
        value = (double)narrow;
    } else {
        memcpy(&value, &bits, sizeof value);
    }
    if (!isfinite(value))
        return fail(reader);
    *ret_value = value;
    return true;
}

bool pl_read_number(struct pl_reader *reader, double *ret_value)
{
    const enum pl_type type = pl_peek(reader);
    if (type == PL_TYPE_FLOAT)
        return read_float(reader, ret_value);
    uint64_t value;
    bool negative;
    if (!read_int(reader, &value, &negative))
        return false;
    *ret_value = negative ? -(double)value : (double)value;
    return true;
}

/* The length that follows a str, bin, array or map tag, checked against what remains. */
static bool read_count(struct pl_reader *reader, enum pl_type type, uint32_t *ret_count)
{
    if (pl_peek(reader) != type)
        return fail(reader);
    const uint8_t tag = *take(reader, 1);
    uint64_t count = 0;
    size_t wide = 0; /* bytes of the count */
    if (tag >= 0x80 && tag <= 0x9f)
        count = tag & 0x0f;
    else if (tag >= 0xa0 && tag <= 0xbf)
        count = tag & 0x1f;
    else if (tag >= 0xc4 && tag <= 0xc6)
        wide = (size_t)1 << (tag - 0xc4);
    else if (tag >= 0xd9 && tag <= 0xdb)
        wide = (size_t)1 << (tag - 0xd9);
    else
        wide = (tag & 1) == 0 ? 2 : 4; /* dc, de: 16 bits; dd, df: 32 */
    if (wide != 0 && !take_uint(reader, wide, &count))
        return false;
    const uint64_t bytes_min = type == PL_TYPE_MAP ? count * 2 : count;
    if (bytes_min > remaining(reader))
        return fail(reader);
    *ret_count = (uint32_t)count;
    return true;
}

bool pl_read_str(struct pl_reader *reader, struct pl_slice *ret_utf8)
{
    uint32_t n;
    if (!read_count(reader, PL_TYPE_STR, &n))
        return false;
    const struct pl_slice utf8 = {.data = take(reader, n), .len = n};
    if (!pl_utf8_valid(utf8))
        return fail(reader);
    *ret_utf8 = utf8;
    return true;
}

bool pl_read_bin(struct pl_reader *reader, struct pl_slice *ret_bytes)
{
    uint32_t n;
    if (!read_count(reader, PL_TYPE_BIN, &n))
        return false;
    *ret_bytes = (struct pl_slice){.data = take(reader, n), .len = n};
    return true;
}

bool pl_read_array(struct pl_reader *reader, uint32_t *ret_count)
{
    return read_count(reader, PL_TYPE_ARRAY, ret_count);
}

bool pl_read_map(struct pl_reader *reader, uint32_t *ret_pairs)
{
    return read_count(reader, PL_TYPE_MAP, ret_pairs);
}

bool pl_read_array_of(struct pl_reader *reader, uint32_t count)
{
    uint32_t n;
    uint8_t tag;
    if (count < 16 && remaining(reader) > count && take_tag(reader, 0x90, 0x9f, &tag))
        return (tag & 0x0fu) == count || fail(reader);
    return pl_read_array(reader, &n) && (n == count || fail(reader));
}

bool pl_read_id(struct pl_reader *reader, struct pl_id *ret_id)
{
    struct pl_id id;
    if (!pl_read_array_of(reader, 2) || !pl_read_u32(reader, &id.replica) ||
        !pl_read_u53(reader, &id.ctr))
        return false;
    if (id.ctr == 0)
        return fail(reader);
    *ret_id = id;
    return true;
}

bool pl_read_id_or_nil(struct pl_reader *reader, struct pl_id *ret_id)
{
    if (pl_peek(reader) != PL_TYPE_NIL)
        return pl_read_id(reader, ret_id);
    if (!pl_read_nil(reader))
        return false;
    *ret_id = (struct pl_id){0};
    return true;
}

bool pl_read_range(struct pl_reader *reader, struct pl_id_range *ret_range)
{
    struct pl_id_range range;
    if (!pl_read_array_of(reader, 3) || !pl_read_u32(reader, &range.id.replica) ||
        !pl_read_u53(reader, &range.id.ctr) || !pl_read_u53(reader, &range.n))
        return false;
    if (range.id.ctr == 0 || range.n == 0 || range.n > PL_U53_MAX - range.id.ctr)
        return fail(reader);
    *ret_range = range;
    return true;
}

static bool skip_ext(struct pl_reader *reader)
{
    const uint8_t tag = *take(reader, 1);
    uint64_t n = 0;
    if (tag >= 0xd4 && tag <= 0xd8)
        n = (uint64_t)1 << (tag - 0xd4);
    else if (!take_uint(reader, (size_t)1 << (tag - 0xc7), &n))
        return false;
    return take(reader, (size_t)n + 1) != NULL; /* and the type byte */
}

static bool skip_scalar(struct pl_reader *reader, enum pl_type type)
{
    struct pl_slice bytes;
    uint64_t magnitude;
    double number;
    bool flag;
    switch (type) {
    case PL_TYPE_NIL:
        return pl_read_nil(reader);
    case PL_TYPE_BOOL:
        return pl_read_bool(reader, &flag);
    case PL_TYPE_INT:
        return read_int(reader, &magnitude, &flag);
    case PL_TYPE_FLOAT:
        return read_float(reader, &number);
    case PL_TYPE_STR:
        return pl_read_str(reader, &bytes);
    case PL_TYPE_BIN:
        return pl_read_bin(reader, &bytes);
    case PL_TYPE_EXT:
        return skip_ext(reader);
    case PL_TYPE_END:
    case PL_TYPE_ARRAY:
    case PL_TYPE_MAP:
        break;
    }
    return fail(reader);
}

/* Iterative, so that depth is a counter and never the machine's stack. */
static bool skip(struct pl_reader *reader)
{
    uint64_t left[PL_DEPTH_MAX]; /* values still to come at each open level */
    size_t depth = 0;
    for (;;) {
        const enum pl_type type = pl_peek(reader);
        if (type == PL_TYPE_ARRAY || type == PL_TYPE_MAP) {
            uint32_t n;
            if (!read_count(reader, type, &n))
                return false;
            if (depth == PL_DEPTH_MAX)
                return fail(reader);
            left[depth++] = type == PL_TYPE_MAP ? (uint64_t)n * 2 : n;
        } else if (!skip_scalar(reader, type)) {
            return false;
        } else if (depth > 0) {
            left[depth - 1]--;
        }
        while (depth > 0 && left[depth - 1] == 0) {
            depth--;
            if (depth > 0)
                left[depth - 1]--;
        }
        if (depth == 0)
            return true;
    }
}

bool pl_read_raw(struct pl_reader *reader, struct pl_slice *ret_value)
{
    const uint8_t *start = reader->at;
    if (!skip(reader))
        return false;
    *ret_value = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    return true;
}

static bool byte_goes_on(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* How many bytes the scalar has that begins here; 0 when none does. */
static size_t scalar_bytes(const uint8_t *at, size_t left)
{
    const uint8_t lead = at[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || left < 2 || !byte_goes_on(at[1]))
        return 0;
    if (lead < 0xe0)
        return 2;
    if (left < 3 || !byte_goes_on(at[2]))
        return 0;
    if (lead < 0xf0) { /* neither overlong nor a surrogate */
        const bool scalar = lead == 0xe0 ? at[1] >= 0xa0 : lead != 0xed || at[1] < 0xa0;
        return scalar ? 3 : 0;
    }
    const bool scalar = lead == 0xf0 ? at[1] >= 0x90 : lead < 0xf4 || (lead == 0xf4 && at[1] < 0x90);
    return scalar && left > 3 && byte_goes_on(at[3]) ? 4 : 0;
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* How many bytes have their lowest bit. */
static size_t bytes_set(uint64_t eight)
{
    return (size_t)((eight & EACH_BYTE) * EACH_BYTE >> 56);
}

/* Which byte has the lowest bit that comes after n others. */
static size_t byte_after(uint64_t eight, size_t n)
{
    for (; n > 0; n--)
        eight &= eight - 1;
    return (size_t)__builtin_ctzll(eight) / 8;
}

size_t pl_utf8_pass(struct pl_slice utf8, size_t *n, size_t *ret_utf16)
{
    size_t i = 0, left = *n, pairs = 0; /* scalars of two code units */
    for (size_t bytes = 8; bytes == 8 && utf8.len - i >= 8; i += bytes) {
        const uint64_t eight = pl_u64_from_least(utf8.data + i);
        const uint64_t starts = ~(eight >> 7 & ~(eight >> 6)) & EACH_BYTE;
        uint64_t pair = eight >> 7 & eight >> 6 & eight >> 5 & eight >> 4;
        const size_t start_n = bytes_set(starts);
        if (start_n > left) {
            bytes = byte_after(starts, left);
            pair &= (UINT64_C(1) << bytes * 8) - 1;
        }
        left -= start_n < left ? start_n : left;
        pairs += bytes_set(pair);
    }
    for (; i < utf8.len && (left > 0 || byte_goes_on(utf8.data[i])); i++) {
        left -= !byte_goes_on(utf8.data[i]);
        pairs += utf8.data[i] >= 0xf0;
    }
    *ret_utf16 = *n - left + pairs;
    *n = left;
    return i;
}

bool pl_utf8_valid(struct pl_slice utf8)
{
    for (size_t i = 0; i < utf8.len;) {
        uint64_t eight = 0;
        if (utf8.len - i >= sizeof eight)
            memcpy(&eight, utf8.data + i, sizeof eight);
        const bool ascii = utf8.len - i >= sizeof eight && (eight & 0x80 * EACH_BYTE) == 0;
        const size_t bytes = ascii ? sizeof eight : scalar_bytes(utf8.data + i, utf8.len - i);
        if (bytes == 0)
            return false;
        i += bytes;
    }
    return true;
}

size_t pl_utf8_scalars(struct pl_slice utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.len; i++)
        n += (utf8.data[i] & 0xc0) != 0x80;
    return n;
}
