/* Packed integers (see packed.h). */
#include "proto/packed.h"

#define PACKED_MORE 0x80u

void pl_pack_byte(struct pl_buf *buf, uint8_t byte)
{
    pl_buf_append(buf, &byte, 1);
}

void pl_pack_uint(struct pl_buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; value >= PACKED_MORE; value >>= 7)
        bytes[n++] = (uint8_t)(value | PACKED_MORE);
    bytes[n++] = (uint8_t)value;
    pl_buf_append(buf, bytes, n);
}

void pl_pack_int(struct pl_buf *buf, int64_t value)
{
    pl_pack_uint(buf, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void pl_pack_bytes(struct pl_buf *buf, struct pl_slice bytes)
{
    pl_pack_uint(buf, bytes.len);
    pl_buf_append(buf, bytes.data, bytes.len);
}

static bool spoil(struct pl_packed *packed)
{
    packed->failed = true;
    return false;
}

bool pl_unpack_uint(struct pl_packed *packed, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; !packed->failed && packed->at < packed->end && shift < 64; shift += 7) {
        const uint8_t byte = *packed->at++;
        if (shift == 63 && byte > 1)
            return spoil(packed);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & PACKED_MORE) != 0)
            continue;
        if ((byte == 0 && shift > 0) || value > max) /* a longer form of a shorter number, or out of range */
            return spoil(packed);
        *ret_value = value;
        return true;
    }
    return spoil(packed);
}

bool pl_unpack_int(struct pl_packed *packed, int64_t *ret_value)
{
    uint64_t zigzag;
    if (!pl_unpack_uint(packed, UINT64_MAX, &zigzag))
        return false;
    *ret_value = (int64_t)(zigzag >> 1 ^ ((zigzag & 1) != 0 ? UINT64_MAX : 0));
    return true;
}

bool pl_unpack_u32(struct pl_packed *packed, uint32_t *ret_value)
{
    uint64_t value;
    if (!pl_unpack_uint(packed, UINT32_MAX, &value))
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

bool pl_unpack_raw(struct pl_packed *packed, uint64_t len, struct pl_slice *ret_bytes)
{
    if (packed->failed || len > (uint64_t)(packed->end - packed->at))
        return spoil(packed);
    *ret_bytes = (struct pl_slice){.data = packed->at, .len = (size_t)len};
    packed->at += len;
    return true;
}

bool pl_unpack_bytes(struct pl_packed *packed, struct pl_slice *ret_bytes)
{
    uint64_t len;
    return pl_unpack_uint(packed, UINT64_MAX, &len) && pl_unpack_raw(packed, len, ret_bytes);
}
