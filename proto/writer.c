/* The growing buffer, and packing by msgpack-c's header-only packer. */
#include "proto/writer.h"
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <msgpack/pack.h>
#pragma GCC diagnostic pop

#define BUF_CAP_MIN 64u

void pl_buf_init(struct pl_buf *buf, const struct pl_mem *mem)
{
    *buf = (struct pl_buf){.mem = mem};
}

void pl_buf_done(struct pl_buf *buf)
{
    pl_mem_put(buf->mem, buf->data);
    *buf = (struct pl_buf){.mem = buf->mem};
}

void pl_buf_clear(struct pl_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

bool pl_buf_reserve(struct pl_buf *buf, size_t bytes)
{
    if (buf->failed)
        return false;
    if (buf->cap - buf->len >= bytes)
        return true;
    size_t cap = buf->cap < BUF_CAP_MIN ? BUF_CAP_MIN : buf->cap;
    while (cap - buf->len < bytes) {
        if (cap > SIZE_MAX / 2) {
            buf->failed = true;
            return false;
        }
        cap *= 2;
    }
    uint8_t *data = pl_mem_resize(buf->mem, buf->data, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void pl_buf_append(struct pl_buf *buf, const void *data, size_t len)
{
    if (len == 0 || ((buf->failed || buf->cap - buf->len < len) && !pl_buf_reserve(buf, len)))
        return;
    if (len == 1) { /* much of MessagePack is written so */
        buf->data[buf->len++] = *(const uint8_t *)data;
        return;
    }
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}

struct pl_slice pl_buf_slice(const struct pl_buf *buf)
{
    return (struct pl_slice){.data = buf->data, .len = buf->len};
}

static int pack_into(void *user, const char *data, size_t len)
{
    pl_buf_append(user, data, len);
    return 0;
}

static msgpack_packer packer(struct pl_buf *buf)
{
    return (msgpack_packer){.data = buf, .callback = pack_into};
}

void pl_write_nil(struct pl_buf *buf)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_nil(&pk);
}

void pl_write_bool(struct pl_buf *buf, bool value)
{
    msgpack_packer pk = packer(buf);
    if (value)
        msgpack_pack_true(&pk);
    else
        msgpack_pack_false(&pk);
}

void pl_write_uint(struct pl_buf *buf, uint64_t value)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_uint64(&pk, value);
}

/* A tag and n bytes of a number, the greatest first. */
static size_t encode_bits(uint8_t tag, uint64_t bits, size_t n, uint8_t *ret_bytes)
{
    ret_bytes[0] = tag;
    for (size_t i = n; i > 0; i--, bits >>= 8)
        ret_bytes[i] = (uint8_t)bits;
    return 1 + n;
}

/* Spelled out beside the packer's: snapshots are full of numbers. */
size_t pl_number_encode(double value, uint8_t ret_bytes[PL_NUMBER_BYTES_MAX])
{
    uint64_t bits;
    if (!pl_number_whole(value)) {
        memcpy(&bits, &value, sizeof bits);
        return encode_bits(0xcb, bits, 8, ret_bytes);
    }
    const int64_t number = (int64_t)value;
    const uint64_t above = number < 0 ? (uint64_t)(-1 - number) * 2 : (uint64_t)number; /* of as many bits */
    bits = (uint64_t)number;
    if (number >= -32 && number < 128) {
        ret_bytes[0] = (uint8_t)number;
        return 1;
    }
    const unsigned wide = above <= UINT8_MAX ? 0 : above <= UINT16_MAX ? 1 : above <= UINT32_MAX ? 2 : 3;
    return encode_bits((uint8_t)((number < 0 ? 0xd0 : 0xcc) + wide), bits, (size_t)1 << wide, ret_bytes);
}

void pl_write_number(struct pl_buf *buf, double value)
{
    uint8_t bytes[PL_NUMBER_BYTES_MAX];
    pl_buf_append(buf, bytes, pl_number_encode(value, bytes));
}

void pl_write_str_head(struct pl_buf *buf, size_t len)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_str(&pk, len);
}

void pl_write_str(struct pl_buf *buf, struct pl_slice utf8)
{
    pl_write_str_head(buf, utf8.len);
    pl_buf_append(buf, utf8.data, utf8.len);
}

void pl_write_text(struct pl_buf *buf, const char *text)
{
    pl_write_str(buf, (struct pl_slice){.data = (const uint8_t *)text, .len = strlen(text)});
}

void pl_write_bin(struct pl_buf *buf, struct pl_slice bytes)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_bin(&pk, bytes.len);
    pl_buf_append(buf, bytes.data, bytes.len);
}

void pl_write_array(struct pl_buf *buf, size_t count)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_array(&pk, count);
}

void pl_write_map(struct pl_buf *buf, size_t pairs)
{
    msgpack_packer pk = packer(buf);
    msgpack_pack_map(&pk, pairs);
}

void pl_write_id(struct pl_buf *buf, struct pl_id id)
{
    pl_write_array(buf, 2);
    pl_write_uint(buf, id.replica);
    pl_write_uint(buf, id.ctr);
}

void pl_write_id_or_nil(struct pl_buf *buf, struct pl_id id)
{
    if (pl_id_none(id))
        pl_write_nil(buf);
    else
        pl_write_id(buf, id);
}

void pl_write_raw(struct pl_buf *buf, struct pl_slice value)
{
    pl_buf_append(buf, value.data, value.len);
}
