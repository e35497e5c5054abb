/* A growing byte buffer and MessagePack packing into it (by msgpack-c's header-only packer).
 * A failed allocation makes the buffer `failed`; later writes do nothing; check once at the end. */
#ifndef PL_WRITER_H
#define PL_WRITER_H
#include "proto/id.h"
#include "proto/limits.h"
#include "proto/mem.h"

struct pl_buf {
    const struct pl_mem *mem; /* borrowed for the buffer's life */
    uint8_t *data;            /* owned */
    size_t len;
    size_t cap;
    bool failed;
};

void pl_buf_init(struct pl_buf *buf, const struct pl_mem *mem);
void pl_buf_done(struct pl_buf *buf);
void pl_buf_clear(struct pl_buf *buf); /* keeps the capacity; forgets a failure */
/* Room for `bytes` more at data + len; false when out of memory. */
bool pl_buf_reserve(struct pl_buf *buf, size_t bytes);
void pl_buf_append(struct pl_buf *buf, const void *data, size_t len);
struct pl_slice pl_buf_slice(const struct pl_buf *buf); /* valid until the next write */

void pl_write_nil(struct pl_buf *buf);
void pl_write_bool(struct pl_buf *buf, bool value);
void pl_write_uint(struct pl_buf *buf, uint64_t value);
/* As an integer when it is one below 2^53 in magnitude, else as float64. */
void pl_write_number(struct pl_buf *buf, double value);
/* The same, into bytes of the caller's; how many it took. */
#define PL_NUMBER_BYTES_MAX 9u
size_t pl_number_encode(double value, uint8_t ret_bytes[PL_NUMBER_BYTES_MAX]);
/* Whether it is written as an integer. */
static inline bool pl_number_whole(double value)
{
    return value >= -(double)PL_U53_MAX && value <= (double)PL_U53_MAX && (double)(int64_t)value == value;
}
void pl_write_str(struct pl_buf *buf, struct pl_slice utf8);
void pl_write_str_head(struct pl_buf *buf, size_t len); /* of a string whose bytes are appended next */
void pl_write_text(struct pl_buf *buf, const char *text); /* NUL-terminated */
void pl_write_bin(struct pl_buf *buf, struct pl_slice bytes);
void pl_write_array(struct pl_buf *buf, size_t count);
void pl_write_map(struct pl_buf *buf, size_t pairs);
void pl_write_id(struct pl_buf *buf, struct pl_id id);        /* [replica, ctr] */
void pl_write_id_or_nil(struct pl_buf *buf, struct pl_id id); /* nil for no id */
void pl_write_raw(struct pl_buf *buf, struct pl_slice value); /* bytes that are already MessagePack */

#endif
