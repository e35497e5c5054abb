/* The values of fields (see value.h). Rules O6, O7. */
#include "proto/value.h"
#include "proto/limits.h"
#include "proto/op.h"
#include <math.h>

#define CLOCK_STATE_MAX 15u
#define CLOCK_RATE_MAX 16.0
#define END_SIDE_MAX 15u

enum pl_value_type pl_field_type(uint32_t field)
{
    switch (field) {
#define PL_FIELD(name, number, type)                                                               \
    case number:                                                                                   \
        return PL_VALUE_##type;
#include "proto/schema.def"
#undef PL_FIELD
    default:
        return PL_VALUE_UNKNOWN;
    }
}

/* n numbers; those from `sizes` on are not negative. */
static bool numbers_fit(struct pl_reader *reader, uint32_t n, uint32_t sizes)
{
    if (!pl_read_array_of(reader, n))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        double number;
        if (!pl_read_number(reader, &number) || fabs(number) > PL_COORD_MAX || (i >= sizes && number < 0))
            return false;
    }
    return true;
}

static bool str_fits(struct pl_reader *reader, size_t bytes_max)
{
    struct pl_slice utf8;
    return pl_read_str(reader, &utf8) && utf8.len <= bytes_max;
}

static bool ref_fits(struct pl_reader *reader)
{
    struct pl_id id;
    return pl_read_id_or_nil(reader, &id);
}

static bool end_fits(struct pl_reader *reader)
{
    uint64_t side;
    double x, y;
    return pl_read_array_of(reader, 4) && ref_fits(reader) && pl_read_u53(reader, &side) &&
           side <= END_SIDE_MAX && pl_read_number(reader, &x) && fabs(x) <= PL_COORD_MAX &&
           pl_read_number(reader, &y) && fabs(y) <= PL_COORD_MAX;
}

static bool list_fits(struct pl_reader *reader, bool counts)
{
    uint32_t n;
    uint64_t count;
    struct pl_id id;
    if (!pl_read_array(reader, &n) || n > PL_IDS_MAX)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if ((counts && !pl_read_array_of(reader, 2)) || !pl_read_id(reader, &id) ||
            (counts && !pl_read_u53(reader, &count)))
            return false;
    return true;
}

static bool clock_fits(struct pl_reader *reader, bool kept)
{
    uint64_t state, ms, srv_ms;
    double rate;
    return pl_read_array_of(reader, kept ? 4 : 3) && pl_read_u53(reader, &state) &&
           state <= CLOCK_STATE_MAX && pl_read_u53(reader, &ms) && pl_read_number(reader, &rate) &&
           fabs(rate) <= CLOCK_RATE_MAX && (!kept || pl_read_u53(reader, &srv_ms));
}

static bool value_fits(enum pl_value_type type, struct pl_reader *reader, bool kept)
{
    struct pl_slice bytes;
    uint64_t number;
    double real;
    bool flag;
    switch (type) {
    case PL_VALUE_BOOL:
        return pl_read_bool(reader, &flag);
    case PL_VALUE_UINT:
        return pl_read_u53(reader, &number);
    case PL_VALUE_NUMBER:
        return pl_read_number(reader, &real) && fabs(real) <= PL_COORD_MAX;
    case PL_VALUE_STR:
        return str_fits(reader, PL_TITLE_BYTES_MAX);
    case PL_VALUE_URL:
        return str_fits(reader, PL_URL_BYTES_MAX);
    case PL_VALUE_BIN:
        return pl_read_bin(reader, &bytes);
    case PL_VALUE_POINT:
        return numbers_fit(reader, 2, 2);
    case PL_VALUE_SIZE:
        return numbers_fit(reader, 2, 0);
    case PL_VALUE_RECT:
        return numbers_fit(reader, 4, 2);
    case PL_VALUE_PLACE:
        return pl_read_array_of(reader, 2) && ref_fits(reader) && str_fits(reader, PL_ORDER_BYTES_MAX);
    case PL_VALUE_REF:
        return ref_fits(reader);
    case PL_VALUE_END:
        return end_fits(reader);
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
        return list_fits(reader, type == PL_VALUE_COUNTS);
    case PL_VALUE_MOMENT:
        return pl_read_array_of(reader, 2) && ref_fits(reader) && pl_read_u53(reader, &number);
    case PL_VALUE_CLOCK:
        return clock_fits(reader, kept);
    case PL_VALUE_UNKNOWN:
        return pl_read_raw(reader, &bytes);
    case PL_VALUE_TEXT:
    case PL_VALUE_TALLY:
        break;
    }
    return false;
}

static enum pl_status value_check(enum pl_value_type type, struct pl_slice value, bool kept)
{
    struct pl_reader reader = pl_reader_of(value);
    if (value.len > PL_VALUE_BYTES_MAX)
        return PL_TOO_BIG;
    return value_fits(type, &reader, kept) && pl_reader_done(&reader) ? PL_OK : PL_INVALID;
}

enum pl_status pl_value_check(uint32_t field, struct pl_slice value)
{
    return value_check(pl_field_type(field), value, false);
}

enum pl_status pl_value_check_type(enum pl_value_type type, struct pl_slice value)
{
    return value_check(type, value, false);
}

/* A value that fits is read once; of another it takes a second look to find its end. */
bool pl_value_read(uint32_t field, struct pl_reader *reader, struct pl_slice *ret_value, enum pl_status *ret_fits)
{
    const uint8_t *start = reader->at;
    struct pl_reader trial = *reader;
    enum pl_status fits = PL_OK;
    if (value_fits(pl_field_type(field), &trial, false))
        *reader = trial;
    else if (pl_read_raw(reader, ret_value))
        fits = PL_INVALID;
    else
        return false;
    *ret_value = (struct pl_slice){.data = start, .len = (size_t)(reader->at - start)};
    *ret_fits = ret_value->len > PL_VALUE_BYTES_MAX ? PL_TOO_BIG : fits;
    return true;
}

enum pl_status pl_value_check_kept(uint32_t field, struct pl_slice value)
{
    return value_check(pl_field_type(field), value, true);
}

struct filtering {
    struct pl_reader *reader;
    pl_ref_filter *filter;
    void *user;
    struct pl_buf *buf;
};

static bool copy_ref(struct filtering *at)
{
    if (pl_peek(at->reader) != PL_TYPE_NIL) {
        if (at->filter(at->user, at->reader, at->buf))
            return true;
        at->reader->failed = true;
        return false;
    }
    pl_write_nil(at->buf);
    return pl_read_nil(at->reader);
}

/* A ref with `rest` values after it, all in one array. */
static bool copy_tuple(struct filtering *at, uint32_t rest)
{
    struct pl_slice raw;
    if (!pl_read_array_of(at->reader, 1 + rest))
        return false;
    pl_write_array(at->buf, 1 + rest);
    if (!copy_ref(at))
        return false;
    for (uint32_t i = 0; i < rest; i++) {
        if (!pl_read_raw(at->reader, &raw))
            return false;
        pl_write_raw(at->buf, raw);
    }
    return true;
}

static bool copy_list(struct filtering *at, bool counts)
{
    uint32_t n;
    if (!pl_read_array(at->reader, &n))
        return false;
    pl_write_array(at->buf, n);
    for (uint32_t i = 0; i < n; i++)
        if (!(counts ? copy_tuple(at, 1) : copy_ref(at)))
            return false;
    return true;
}

bool pl_value_filter(uint32_t field, struct pl_reader *reader, pl_ref_filter *filter, void *user,
                     struct pl_buf *buf)
{
    struct filtering at = {.reader = reader, .filter = filter, .user = user, .buf = buf};
    struct pl_slice raw;
    switch (pl_field_type(field)) {
    case PL_VALUE_REF:
        return copy_ref(&at);
    case PL_VALUE_PLACE:
    case PL_VALUE_MOMENT:
        return copy_tuple(&at, 1);
    case PL_VALUE_END:
        return copy_tuple(&at, 3);
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
        return copy_list(&at, pl_field_type(field) == PL_VALUE_COUNTS);
    default:
        if (!pl_read_raw(reader, &raw))
            return false;
        pl_write_raw(buf, raw);
        return true;
    }
}

bool pl_value_names(uint32_t field)
{
    const enum pl_value_type type = pl_field_type(field);
    return type == PL_VALUE_REF || type == PL_VALUE_PLACE || type == PL_VALUE_MOMENT ||
           type == PL_VALUE_END || type == PL_VALUE_IDS || type == PL_VALUE_COUNTS;
}

/* The three parts a clock comes with, as the beginning of an array of n. */
static void clock_copy(struct pl_buf *buf, struct pl_slice value, size_t n)
{
    struct pl_reader reader = pl_reader_of(value);
    struct pl_slice part;
    uint32_t count;
    if (!pl_read_array(&reader, &count))
        return;
    pl_write_array(buf, n);
    for (size_t i = 0; i < 3 && pl_read_raw(&reader, &part); i++)
        pl_write_raw(buf, part);
}

void pl_clock_keep(struct pl_buf *buf, struct pl_slice value, uint64_t srv_ms)
{
    clock_copy(buf, value, 4);
    pl_write_uint(buf, srv_ms);
}

void pl_clock_wire(struct pl_buf *buf, struct pl_slice kept)
{
    clock_copy(buf, kept, 3);
}
