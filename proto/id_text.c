/* Ids as text. snprintf is not used: in WebAssembly it would pull in file I/O. */
#include "proto/id_text.h"
#include "proto/limits.h"

static size_t format_uint(uint64_t value, char *ret_text)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < n; i++)
        ret_text[i] = digits[n - 1 - i];
    return n;
}

size_t pl_id_format(struct pl_id id, char ret_text[PL_ID_TEXT_MAX])
{
    size_t n = format_uint(id.replica, ret_text);
    ret_text[n++] = '.';
    return n + format_uint(id.ctr, ret_text + n);
}

/* Decimal digits up to `end`, at most `max`, no leading zero but "0" itself. */
static bool parse_uint(const uint8_t *at, const uint8_t *end, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (at == end || end - at > 16 || (*at == '0' && end - at > 1))
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    *ret_value = value;
    return value <= max;
}

bool pl_id_parse(struct pl_slice text, struct pl_id *ret_id)
{
    const uint8_t *end = text.data + text.len, *dot = text.data;
    uint64_t replica, ctr;
    while (dot < end && *dot != '.')
        dot++;
    if (dot == end || !parse_uint(text.data, dot, UINT32_MAX, &replica) ||
        !parse_uint(dot + 1, end, PL_U53_MAX, &ctr) || ctr == 0)
        return false;
    *ret_id = (struct pl_id){.replica = (uint32_t)replica, .ctr = ctr};
    return true;
}

void pl_write_id_text(struct pl_buf *buf, struct pl_id id)
{
    char text[PL_ID_TEXT_MAX];
    if (pl_id_none(id)) {
        pl_write_nil(buf);
        return;
    }
    const size_t len = pl_id_format(id, text);
    pl_write_str(buf, (struct pl_slice){.data = (const uint8_t *)text, .len = len});
}
