/* Heads and numbers of EBML elements. See ebml.h. */
#include "track/ebml.h"
#include <string.h>

/* The length that the first byte tells by its leading zeros; 9 when it is 0. */
static uint8_t marked_len(uint8_t first)
{
    uint8_t len = 1;
    for (unsigned bit = 0x80; bit != 0 && (first & bit) == 0; bit >>= 1)
        len++;
    return len;
}

static uint64_t big_endian(const uint8_t *bytes, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool ebml_vint_read(struct pl_slice bytes, uint64_t *ret_value, uint8_t *ret_len)
{
    if (bytes.len == 0)
        return false;
    const uint8_t len = marked_len(bytes.data[0]);
    if (len > 8 || len > bytes.len)
        return false;
    const uint64_t ones = (UINT64_C(1) << (7 * len)) - 1;
    const uint64_t value = big_endian(bytes.data, len) & ones;
    *ret_value = value == ones ? EBML_UNKNOWN : value;
    *ret_len = len;
    return true;
}

bool ebml_head_read(struct pl_slice bytes, struct ebml_head *ret_head)
{
    struct ebml_head head;
    uint8_t size_len;
    if (bytes.len == 0)
        return false;
    const uint8_t id_len = marked_len(bytes.data[0]);
    if (id_len > 4 || id_len > bytes.len)
        return false;
    head.id = (uint32_t)big_endian(bytes.data, id_len);
    const struct pl_slice behind = {bytes.data + id_len, bytes.len - id_len};
    if (!ebml_vint_read(behind, &head.size, &size_len))
        return false;
    head.len = (uint8_t)(id_len + size_len);
    *ret_head = head;
    return true;
}

bool ebml_next(struct pl_slice *rest, uint32_t *ret_id, struct pl_slice *ret_payload)
{
    struct ebml_head head;
    if (!ebml_head_read(*rest, &head) || head.size > rest->len - head.len)
        return false;
    *ret_id = head.id;
    *ret_payload = (struct pl_slice){rest->data + head.len, (size_t)head.size};
    rest->data += head.len + (size_t)head.size;
    rest->len -= head.len + (size_t)head.size;
    return true;
}

bool ebml_uint_read(struct pl_slice payload, uint64_t *ret_value)
{
    if (payload.len > 8)
        return false;
    *ret_value = big_endian(payload.data, payload.len);
    return true;
}

uint8_t ebml_uint_bytes(uint64_t value)
{
    uint8_t len = 1;
    while (len < 8 && value >> (8 * len) != 0)
        len++;
    return len;
}

static void write_big_endian(struct pl_buf *buf, uint64_t value, uint8_t len)
{
    uint8_t bytes[8];
    pl_u64_to_bytes(value, bytes);
    pl_buf_append(buf, bytes + 8 - len, len);
}

void ebml_write_long_head(struct pl_buf *buf, uint32_t id, uint64_t size)
{
    write_big_endian(buf, id, ebml_uint_bytes(id));
    write_big_endian(buf, UINT64_C(1) << 56 | size, 8);
}

void ebml_write_short_head(struct pl_buf *buf, uint32_t id, uint8_t size)
{
    write_big_endian(buf, id, ebml_uint_bytes(id));
    write_big_endian(buf, 0x80u | size, 1);
}

void ebml_write_uint(struct pl_buf *buf, uint32_t id, uint64_t value, uint8_t len)
{
    ebml_write_short_head(buf, id, len);
    write_big_endian(buf, value, len);
}

void ebml_write_float(struct pl_buf *buf, uint32_t id, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ebml_write_uint(buf, id, bits, 8);
}

void ebml_write_text(struct pl_buf *buf, uint32_t id, const char *text)
{
    const size_t len = strlen(text);
    ebml_write_short_head(buf, id, (uint8_t)len);
    pl_buf_append(buf, text, len);
}
