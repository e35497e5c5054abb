/* Values from skeletons and columns of leaves (see value_skeleton.h). Rule N5. */
#include "proto/column.h"
#include "proto/limits.h"
#include "proto/value.h"
#include "proto/value_skeleton.h"
#include <math.h>
#include <string.h>

#define EXTREMES 4u
#define KEY_SHIFT 60u /* the digits of a key are told above its number */

/* One leaf of one value. */
union value_leaf {
    double real;
    uint64_t key;
    struct {
        uint32_t at, len; /* in the snapshot, from where the values begin */
    } bytes;
};

/* A skeleton, and the leaves of the values that have it. */
struct shape {
    uint8_t tokens[TOKENS_MAX];
    size_t token_n;
    size_t leaf_n;
    bool plain; /* its leaves are reals and keys alone */
    size_t value_n;
    size_t at;          /* of these, taken so far */
    union value_leaf *leaves; /* value_n of the first leaf, value_n of the second, ... */
};

struct pl_values {
    const struct pl_mem *mem;
    const uint8_t *start;
    struct shape shapes[SKELETONS_MAX];
    size_t shape_n;
    uint8_t *which; /* each value's shape */
    size_t value_n;
    size_t at;
    struct pl_buf scratch;
};

void pl_values_free(struct pl_values *values_or_null)
{
    struct pl_values *values = values_or_null;
    if (values == NULL)
        return;
    for (size_t i = 0; i < values->shape_n; i++)
        pl_mem_put(values->mem, values->shapes[i].leaves);
    pl_mem_put(values->mem, values->which);
    pl_buf_done(&values->scratch);
    pl_mem_put(values->mem, values);
}

/* Whether a token may stand in a skeleton: a leaf, or what has nothing but the token. */
static bool token_known(uint8_t token)
{
    return is_leaf(token) || (token >= 0x80 && token <= 0x9f) || token == 0xc0 || token == 0xc2 || token == 0xc3;
}

static bool read_tokens(struct pl_packed *packed, struct shape *shape)
{
    struct pl_slice tokens;
    if (!pl_unpack_bytes(packed, &tokens) || tokens.len == 0 || tokens.len > TOKENS_MAX)
        return false;
    *shape = (struct shape){.plain = true, .token_n = tokens.len};
    memcpy(shape->tokens, tokens.data, tokens.len);
    for (size_t i = 0; i < tokens.len; i++) {
        const uint8_t token = tokens.data[i];
        if (!token_known(token))
            return false;
        shape->leaf_n += is_leaf(token);
        shape->plain = shape->plain && (!is_leaf(token) || token == LEAF_REAL || token == LEAF_KEY);
    }
    return true;
}

/* `numbers` has room for a column. */
static bool read_shapes(struct pl_packed *packed, struct pl_values *values, int64_t *numbers)
{
    uint64_t n;
    if (!pl_unpack_uint(packed, SKELETONS_MAX, &n))
        return false;
    for (; values->shape_n < n; values->shape_n++)
        if (!read_tokens(packed, &values->shapes[values->shape_n]))
            return false;
    memset(values->which, 0, values->value_n);
    if (n < 2) {
        values->shapes[0].value_n = values->value_n;
        return n == 1;
    }
    if (!pl_column_read(packed, 0, (int64_t)n - 1, numbers, values->value_n))
        return false;
    for (size_t i = 0; i < values->value_n; i++) {
        values->which[i] = (uint8_t)numbers[i];
        values->shapes[numbers[i]].value_n++;
    }
    return true;
}

static bool read_blobs(struct pl_packed *packed, const uint8_t *start, union value_leaf *leaves, int64_t *numbers,
                       size_t n)
{
    if (!pl_column_read(packed, 0, PL_VALUE_BYTES_MAX, numbers, n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const size_t at = (size_t)(packed->at - start);
        struct pl_slice bytes;
        if (!pl_unpack_raw(packed, (uint64_t)numbers[i], &bytes) || at > UINT32_MAX)
            return false;
        leaves[i].bytes.at = (uint32_t)at;
        leaves[i].bytes.len = (uint32_t)bytes.len;
    }
    return true;
}

static bool read_keys(struct pl_packed *packed, union value_leaf *leaves, int64_t *numbers, size_t n)
{
    if (!pl_column_read(packed, 1, KEY_DIGITS_MAX, numbers, n))
        return false;
    for (size_t i = 0; i < n; i++)
        leaves[i].key = (uint64_t)numbers[i] << KEY_SHIFT;
    if (!pl_column_read(packed, 0, KEY_NUMBER_MAX, numbers, n))
        return false;
    for (size_t i = 0; i < n; i++)
        leaves[i].key |= (uint64_t)numbers[i];
    return true;
}

static enum pl_status read_leaves(struct pl_packed *packed, struct pl_values *values, struct shape *shape,
                                  int64_t *numbers)
{
    const size_t n = shape->value_n;
    shape->leaves = pl_mem_get(values->mem, (n * shape->leaf_n + 1) * sizeof *shape->leaves);
    if (shape->leaves == NULL)
        return PL_NO_MEMORY;
    union value_leaf *leaves = shape->leaves;
    for (size_t i = 0; i < shape->token_n; i++) {
        const uint8_t token = shape->tokens[i];
        if (!is_leaf(token))
            continue;
        if (!(token == LEAF_REAL  ? pl_reals_read(packed, &leaves->real, n, numbers)
              : token == LEAF_KEY ? read_keys(packed, leaves, numbers, n)
                                  : read_blobs(packed, values->start, leaves, numbers, n)))
            return PL_MALFORMED;
        leaves += n;
    }
    return PL_OK;
}

static enum pl_status read_values(struct pl_packed *packed, struct pl_values *values, int64_t *numbers)
{
    enum pl_status status = read_shapes(packed, values, numbers) ? PL_OK : PL_MALFORMED;
    for (size_t i = 0; status == PL_OK && i < values->shape_n; i++)
        status = read_leaves(packed, values, &values->shapes[i], numbers);
    return status;
}

enum pl_status pl_values_open(const struct pl_mem *mem, struct pl_packed *packed, size_t n,
                              struct pl_values **ret_values)
{
    struct pl_values *values = pl_mem_get(mem, sizeof *values);
    if (values == NULL)
        return PL_NO_MEMORY;
    *values = (struct pl_values){.mem = mem, .start = packed->at, .value_n = n};
    pl_buf_init(&values->scratch, mem);
    values->which = pl_mem_get(mem, n + 1);
    int64_t *numbers = pl_mem_get(mem, (n + 1) * sizeof *numbers);
    const bool room = values->which != NULL && numbers != NULL && pl_buf_reserve(&values->scratch, SCRATCH_BYTES);
    const enum pl_status status = room ? read_values(packed, values, numbers) : PL_NO_MEMORY;
    pl_mem_put(mem, numbers);
    if (status != PL_OK)
        pl_values_free(values);
    else
        *ret_values = values;
    return status;
}

static uint8_t *put_key(uint8_t *at, uint64_t key)
{
    static const char digit_bytes[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const size_t digits = (size_t)(key >> KEY_SHIFT);
    uint64_t number = key & ((UINT64_C(1) << KEY_SHIFT) - 1);
    *at++ = (uint8_t)(0xa0 + digits);
    for (size_t i = digits; i-- > 0; number /= KEY_BASE)
        at[i] = (uint8_t)digit_bytes[number % KEY_BASE];
    return at + digits;
}

static void put_bytes(struct pl_buf *buf, uint8_t token, struct pl_slice bytes)
{
    if (token == LEAF_STR)
        pl_write_str(buf, bytes);
    else if (token == LEAF_BIN)
        pl_write_bin(buf, bytes);
    else
        pl_write_raw(buf, bytes);
}

/* Puts a value, whose leaves are `stride` apart, into the scratch. There is always room for what has no bytes of its
 * own. False when out of memory. */
static bool compose(struct pl_values *values, const struct shape *shape, const union value_leaf *leaf, size_t stride)
{
    struct pl_buf *buf = &values->scratch;
    uint8_t *at = buf->data;
    for (size_t i = 0; i < shape->token_n; i++) {
        const uint8_t token = shape->tokens[i];
        if (token == LEAF_REAL) {
            at += pl_number_encode(leaf->real, at);
        } else if (token == LEAF_KEY) {
            at = put_key(at, leaf->key);
        } else if (!is_leaf(token)) {
            *at++ = token;
            continue;
        } else {
            buf->len = (size_t)(at - buf->data);
            put_bytes(buf, token, (struct pl_slice){values->start + leaf->bytes.at, leaf->bytes.len});
            if (!pl_buf_reserve(buf, SCRATCH_BYTES))
                return false;
            at = buf->data + buf->len;
        }
        leaf += stride;
    }
    buf->len = (size_t)(at - buf->data);
    return true;
}

/* The least and the greatest of n reals: of whole ones, which are written in another way, and of others. Where there
 * are none of a kind, any. Or, of keys, the shortest and the longest: their digits are told highest. */
static void find_extremes(uint8_t token, const union value_leaf *leaves, size_t n,
                          union value_leaf ret_extremes[EXTREMES])
{
    double least[EXTREMES / 2] = {HUGE_VAL, HUGE_VAL}, most[EXTREMES / 2] = {-HUGE_VAL, -HUGE_VAL};
    for (size_t i = 0; i < EXTREMES; i++)
        ret_extremes[i] = leaves[0];
    for (size_t i = 0; token == LEAF_KEY && i < n; i++) {
        union value_leaf *shortest = &ret_extremes[0], *longest = &ret_extremes[1];
        *shortest = leaves[i].key < shortest->key ? leaves[i] : *shortest;
        *longest = leaves[i].key > longest->key ? leaves[i] : *longest;
    }
    for (size_t i = 0; token == LEAF_REAL && i < n; i++) { /* no branch: every other one would be guessed wrong */
        const double real = leaves[i].real;
        const size_t kind = pl_number_whole(real);
        least[kind] = real < least[kind] ? real : least[kind];
        most[kind] = real > most[kind] ? real : most[kind];
    }
    for (size_t kind = 0; kind < EXTREMES / 2; kind++) {
        if (least[kind] > most[kind])
            continue;
        ret_extremes[2 * kind].real = least[kind];
        ret_extremes[2 * kind + 1].real = most[kind];
    }
}

static enum pl_status check(struct pl_values *values, uint32_t field, const struct shape *shape,
                            const union value_leaf *leaves, size_t stride)
{
    if (!compose(values, shape, leaves, stride))
        return PL_NO_MEMORY;
    return pl_value_check_kept(field, pl_buf_slice(&values->scratch)) == PL_OK ? PL_OK : PL_MALFORMED;
}

/* What a field's type asks of a number or a string is that it lies in some range (value.c), of each on its own. So if
 * those fit that are furthest out, all do that stand between them. */
static enum pl_status plain_fit(struct pl_values *values, uint32_t field, const struct shape *shape)
{
    union value_leaf extremes[TOKENS_MAX][EXTREMES];
    enum pl_status status = PL_OK;
    size_t leaf = 0;
    for (size_t i = 0; i < shape->token_n; i++) {
        if (!is_leaf(shape->tokens[i]))
            continue;
        find_extremes(shape->tokens[i], shape->leaves + leaf * shape->value_n, shape->value_n, extremes[leaf]);
        leaf++;
    }
    for (size_t i = 0; i < EXTREMES && status == PL_OK; i++)
        status = check(values, field, shape, &extremes[0][i], EXTREMES);
    return status;
}

enum pl_status pl_values_fit(struct pl_values *values, uint32_t field)
{
    enum pl_status status = PL_OK;
    for (size_t i = 0; i < values->shape_n && status == PL_OK; i++) {
        const struct shape *shape = &values->shapes[i];
        if (shape->plain && shape->value_n > 0)
            status = plain_fit(values, field, shape);
        for (size_t k = 0; !shape->plain && k < shape->value_n && status == PL_OK; k++)
            status = check(values, field, shape, shape->leaves + k, shape->value_n);
    }
    return status;
}

bool pl_values_next(struct pl_values *values, struct pl_slice *ret_value)
{
    struct shape *shape = &values->shapes[values->which[values->at++]];
    if (shape->leaf_n == 0) {
        *ret_value = (struct pl_slice){shape->tokens, shape->token_n};
        return true;
    }
    if (!compose(values, shape, shape->leaves + shape->at++, shape->value_n))
        return false;
    *ret_value = (struct pl_slice){values->scratch.data, values->scratch.len};
    return true;
}
