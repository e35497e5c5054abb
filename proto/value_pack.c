/* Values as skeletons and columns of leaves (see value_skeleton.h). Rule N5. */
#include "proto/column.h"
#include "proto/reader.h"
#include "proto/value_skeleton.h"
#include <string.h>

/* One leaf of one value. */
union piece {
    double real;
    struct pl_slice bytes;
    struct {
        uint64_t number;
        unsigned digits;
    } key;
};

struct skeleton {
    uint8_t tokens[TOKENS_MAX];
    size_t token_n;
    size_t leaf_n;
    size_t value_n;     /* values that have it */
    size_t at;          /* of these, written so far */
    union piece *leaves; /* value_n of the first leaf, value_n of the second, ... */
};

struct values_packing {
    const struct pl_mem *mem;
    struct skeleton skeletons[SKELETONS_MAX];
    size_t skeleton_n;
    uint8_t *which; /* each value's skeleton */
    size_t value_n;
    struct pl_buf scratch;
};

/* Room for one column: n reals, and twice as many integers. */
struct work {
    double *reals;
    int64_t *numbers;
};

static bool work_make(const struct pl_mem *mem, size_t n, struct work *ret_work)
{
    ret_work->reals = pl_mem_get(mem, (n + 1) * sizeof *ret_work->reals);
    ret_work->numbers = pl_mem_get(mem, (2 * n + 1) * sizeof *ret_work->numbers);
    return ret_work->reals != NULL && ret_work->numbers != NULL;
}

static void work_done(const struct pl_mem *mem, struct work *work)
{
    pl_mem_put(mem, work->reals);
    pl_mem_put(mem, work->numbers);
}

static void add_token(struct skeleton *skeleton, uint8_t token)
{
    skeleton->tokens[skeleton->token_n++] = token;
    skeleton->leaf_n += is_leaf(token);
}

static void packing_free(struct values_packing *values_or_null)
{
    struct values_packing *values = values_or_null;
    if (values == NULL)
        return;
    for (size_t i = 0; i < values->skeleton_n; i++)
        pl_mem_put(values->mem, values->skeletons[i].leaves);
    pl_mem_put(values->mem, values->which);
    pl_buf_done(&values->scratch);
    pl_mem_put(values->mem, values);
}

static struct values_packing *packing_new(const struct pl_mem *mem, size_t n)
{
    struct values_packing *values = pl_mem_get(mem, sizeof *values);
    if (values == NULL)
        return NULL;
    *values = (struct values_packing){.mem = mem, .value_n = n};
    pl_buf_init(&values->scratch, mem);
    values->which = pl_mem_get(mem, (n + 1) * sizeof *values->which);
    if (values->which != NULL && pl_buf_reserve(&values->scratch, SCRATCH_BYTES))
        return values;
    packing_free(values);
    return NULL;
}

/* Counts the skeletons' values and makes room for their leaves. */
static bool make_leaves(struct values_packing *values)
{
    for (size_t i = 0; i < values->value_n; i++)
        values->skeletons[values->which[i]].value_n++;
    for (size_t i = 0; i < values->skeleton_n; i++) {
        struct skeleton *skeleton = &values->skeletons[i];
        skeleton->leaves = pl_mem_get(values->mem, (skeleton->value_n * skeleton->leaf_n + 1) * sizeof(union piece));
        if (skeleton->leaves == NULL)
            return false;
    }
    return true;
}

static int key_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A' + 10;
    return byte >= 'a' && byte <= 'z' ? byte - 'a' + 36 : -1;
}

static bool key_parse(struct pl_slice bytes, union piece *ret_leaf)
{
    union piece leaf = {.key = {.digits = (unsigned)bytes.len}};
    if (bytes.len == 0 || bytes.len > KEY_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < bytes.len; i++) {
        const int digit = key_digit(bytes.data[i]);
        if (digit < 0)
            return false;
        leaf.key.number = leaf.key.number * KEY_BASE + (unsigned)digit;
    }
    *ret_leaf = leaf;
    return true;
}

/* The number at the reader, if this library would have written it so. */
static bool take_real(struct pl_reader *reader, struct pl_buf *scratch, union piece *ret_leaf)
{
    const uint8_t *start = reader->at;
    if (!pl_read_number(reader, &ret_leaf->real))
        return false;
    pl_buf_clear(scratch);
    pl_write_number(scratch, ret_leaf->real);
    return pl_slice_equal(pl_buf_slice(scratch), (struct pl_slice){start, (size_t)(reader->at - start)});
}

/* The same for a string or bytes: their length in as few bytes as can be. */
static bool take_bytes(struct pl_reader *reader, bool str, union piece *ret_leaf)
{
    const uint8_t *start = reader->at;
    struct pl_slice bytes;
    if (!(str ? pl_read_str(reader, &bytes) : pl_read_bin(reader, &bytes)))
        return false;
    const size_t head = (size_t)(reader->at - start) - bytes.len;
    const size_t least = str && bytes.len < 32 ? 1 : bytes.len < 256 ? 2 : bytes.len < 65536 ? 3 : 5;
    ret_leaf->bytes = bytes;
    return head == least;
}

/* The next token of a value and, when it is one, its leaf. `ret_more`: values it says there are inside. */
static bool take_token(struct pl_reader *reader, struct pl_buf *scratch, uint8_t *ret_token,
                       union piece *ret_leaf, size_t *ret_more)
{
    uint32_t n = 0;
    const enum pl_type type = pl_peek(reader);
    const uint8_t tag = type == PL_TYPE_END ? 0 : *reader->at;
    *ret_more = 0;
    *ret_token = tag;
    switch (type) {
    case PL_TYPE_NIL:
        return pl_read_nil(reader);
    case PL_TYPE_BOOL:
        reader->at++;
        return true;
    case PL_TYPE_ARRAY:
        if (!pl_read_array(reader, &n) || tag > 0x9f)
            return false;
        *ret_more = n;
        return true;
    case PL_TYPE_MAP:
        if (!pl_read_map(reader, &n) || tag > 0x8f)
            return false;
        *ret_more = 2 * (size_t)n;
        return true;
    case PL_TYPE_INT:
    case PL_TYPE_FLOAT:
        *ret_token = LEAF_REAL;
        return take_real(reader, scratch, ret_leaf);
    case PL_TYPE_STR:
        if (!take_bytes(reader, true, ret_leaf))
            return false;
        *ret_token = key_parse(ret_leaf->bytes, ret_leaf) ? LEAF_KEY : LEAF_STR;
        return true;
    case PL_TYPE_BIN:
        *ret_token = LEAF_BIN;
        return take_bytes(reader, false, ret_leaf);
    case PL_TYPE_EXT:
    case PL_TYPE_END:
        break;
    }
    return false;
}

/* Takes a value apart, into at most TOKENS_MAX leaves. What cannot be taken apart is one raw leaf. */
static void dissect(struct pl_slice value, struct pl_buf *scratch, struct skeleton *ret_skeleton,
                    union piece *ret_leaves)
{
    struct pl_reader reader = pl_reader_of(value);
    size_t left = 1;
    *ret_skeleton = (struct skeleton){0};
    while (left > 0 && ret_skeleton->token_n < TOKENS_MAX) {
        union piece leaf;
        uint8_t token;
        size_t more;
        if (!take_token(&reader, scratch, &token, &leaf, &more))
            break;
        if (is_leaf(token))
            ret_leaves[ret_skeleton->leaf_n] = leaf;
        add_token(ret_skeleton, token);
        left += more - 1;
    }
    if (left == 0 && pl_reader_done(&reader))
        return;
    *ret_skeleton = (struct skeleton){0};
    ret_leaves[0].bytes = value;
    add_token(ret_skeleton, LEAF_RAW);
}

static bool same_tokens(const struct skeleton *a, const struct skeleton *b)
{
    return a->token_n == b->token_n && memcmp(a->tokens, b->tokens, a->token_n) == 0;
}

/* The skeleton's number; a new one's unless there are too many: the last is kept for raw values. */
static size_t number_of(struct values_packing *values, const struct skeleton *skeleton)
{
    static const struct skeleton raw = {.tokens = {LEAF_RAW}, .token_n = 1, .leaf_n = 1};
    for (size_t i = 0; i < values->skeleton_n; i++)
        if (same_tokens(&values->skeletons[i], skeleton))
            return i;
    if (values->skeleton_n + 1 >= SKELETONS_MAX && !same_tokens(skeleton, &raw))
        return number_of(values, &raw);
    values->skeletons[values->skeleton_n] = *skeleton;
    return values->skeleton_n++;
}

static void fill_leaves(struct values_packing *values, const struct pl_slice *slices)
{
    for (size_t i = 0; i < values->value_n; i++) {
        struct skeleton *to = &values->skeletons[values->which[i]], skeleton;
        union piece leaves[TOKENS_MAX];
        dissect(slices[i], &values->scratch, &skeleton, leaves);
        if (!same_tokens(&skeleton, to))
            leaves[0].bytes = slices[i];
        for (size_t k = 0; k < to->leaf_n; k++)
            to->leaves[k * to->value_n + to->at] = leaves[k];
        to->at++;
    }
}

static void write_blobs(struct pl_buf *buf, int64_t *numbers, const union piece *leaves, size_t n)
{
    for (size_t i = 0; i < n; i++)
        numbers[i] = (int64_t)leaves[i].bytes.len;
    pl_column_write(buf, numbers, n);
    for (size_t i = 0; i < n; i++)
        pl_buf_append(buf, leaves[i].bytes.data, leaves[i].bytes.len);
}

static void write_keys(struct pl_buf *buf, int64_t *numbers, const union piece *leaves, size_t n)
{
    for (size_t i = 0; i < n; i++)
        numbers[i] = leaves[i].key.digits;
    pl_column_write(buf, numbers, n);
    for (size_t i = 0; i < n; i++)
        numbers[i] = (int64_t)leaves[i].key.number;
    pl_column_write(buf, numbers, n);
}

static void write_reals(struct pl_buf *buf, const struct work *work, const union piece *leaves, size_t n)
{
    for (size_t i = 0; i < n; i++)
        work->reals[i] = leaves[i].real;
    pl_reals_write(buf, work->reals, n, work->numbers);
}

static void write_skeleton(struct pl_buf *buf, const struct work *work, const struct skeleton *skeleton)
{
    const union piece *leaves = skeleton->leaves;
    for (size_t i = 0; i < skeleton->token_n; i++) {
        if (!is_leaf(skeleton->tokens[i]))
            continue;
        if (skeleton->tokens[i] == LEAF_REAL)
            write_reals(buf, work, leaves, skeleton->value_n);
        else if (skeleton->tokens[i] == LEAF_KEY)
            write_keys(buf, work->numbers, leaves, skeleton->value_n);
        else
            write_blobs(buf, work->numbers, leaves, skeleton->value_n);
        leaves += skeleton->value_n;
    }
}

static bool pack_values(struct pl_buf *buf, struct values_packing *values, const struct pl_slice *slices,
                        const struct work *work)
{
    for (size_t i = 0; i < values->value_n; i++) {
        struct skeleton skeleton;
        union piece leaves[TOKENS_MAX];
        dissect(slices[i], &values->scratch, &skeleton, leaves);
        values->which[i] = (uint8_t)number_of(values, &skeleton);
    }
    if (!make_leaves(values))
        return false;
    fill_leaves(values, slices);
    pl_pack_uint(buf, values->skeleton_n);
    for (size_t i = 0; i < values->skeleton_n; i++)
        pl_pack_bytes(buf, (struct pl_slice){values->skeletons[i].tokens, values->skeletons[i].token_n});
    if (values->skeleton_n > 1) {
        for (size_t i = 0; i < values->value_n; i++)
            work->numbers[i] = values->which[i];
        pl_column_write(buf, work->numbers, values->value_n);
    }
    for (size_t i = 0; i < values->skeleton_n; i++)
        write_skeleton(buf, work, &values->skeletons[i]);
    return true;
}

void pl_values_pack(struct pl_buf *buf, const struct pl_slice *slices, size_t n)
{
    struct values_packing *values = packing_new(buf->mem, n);
    struct work work;
    const bool room = work_make(buf->mem, n, &work);
    if (values == NULL || !room || !pack_values(buf, values, slices, &work))
        buf->failed = true;
    work_done(buf->mem, &work);
    packing_free(values);
}

