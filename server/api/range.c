/* See range.h. */
#include "api/range.h"
#include <string.h>

#define NUMBER_MAX (UINT64_C(1) << 62)

/* Digits up to what is none; false when there are none. A number beyond any file stands for one that is. */
static bool number_take(struct pl_slice *text, uint64_t *ret_number)
{
    uint64_t number = 0;
    size_t n = 0;
    for (; n < text->len && text->data[n] >= '0' && text->data[n] <= '9'; n++)
        number = number < NUMBER_MAX / 10 ? number * 10 + (uint64_t)(text->data[n] - '0') : NUMBER_MAX;
    if (n == 0)
        return false;
    *text = (struct pl_slice){text->data + n, text->len - n};
    *ret_number = number;
    return true;
}

static bool same_file(struct pl_slice if_range, const char *etag)
{
    return if_range.data == NULL ||
           (if_range.len == strlen(etag) && memcmp(if_range.data, etag, if_range.len) == 0);
}

enum pl_status byte_range_read(struct pl_slice range, struct pl_slice if_range, const char *etag, uint64_t bytes,
                               struct byte_range *ret_range)
{
    static const char unit[] = "bytes=";
    const size_t unit_len = sizeof unit - 1;
    uint64_t from = 0, to = 0;
    *ret_range = (struct byte_range){.len = bytes};
    if (range.data == NULL || range.len <= unit_len || memcmp(range.data, unit, unit_len) != 0 ||
        !same_file(if_range, etag))
        return PL_OK;
    struct pl_slice rest = {range.data + unit_len, range.len - unit_len};
    const bool first = number_take(&rest, &from);
    if (rest.len == 0 || rest.data[0] != '-')
        return PL_OK;
    rest = (struct pl_slice){rest.data + 1, rest.len - 1};
    const bool last = number_take(&rest, &to);
    if (rest.len > 0 || (!first && !last) || (first && last && to < from))
        return PL_OK;
    if (!first) { /* so many bytes at the end */
        from = to < bytes ? bytes - to : 0;
        if (to == 0)
            return PL_RANGE;
        to = bytes - 1;
    }
    if (from >= bytes)
        return PL_RANGE;
    if (!last || to >= bytes)
        to = bytes - 1;
    *ret_range = (struct byte_range){.from = from, .len = to - from + 1, .part = true};
    return PL_OK;
}
