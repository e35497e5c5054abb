/* Packed integers for snapshots: LEB128 variable-length numbers (7 bits a byte, least first), signed ones zigzagged.
 * Every number has one encoding, so equal states pack to equal bytes. The cursor is bounds-checked and fails once:
 * after that every read returns false and writes nothing. */
#ifndef PL_PACKED_H
#define PL_PACKED_H
#include "proto/mem.h"
#include "proto/writer.h"

struct pl_packed {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static inline struct pl_packed pl_packed_of(struct pl_slice bytes)
{
    return (struct pl_packed){.at = bytes.data, .end = bytes.data == NULL ? NULL : bytes.data + bytes.len};
}
/* Whether all bytes were read and none failed. */
static inline bool pl_packed_done(const struct pl_packed *packed)
{
    return !packed->failed && packed->at == packed->end;
}

void pl_pack_byte(struct pl_buf *buf, uint8_t byte);
void pl_pack_uint(struct pl_buf *buf, uint64_t value);
void pl_pack_int(struct pl_buf *buf, int64_t value);
/* Its length, then the bytes. */
void pl_pack_bytes(struct pl_buf *buf, struct pl_slice bytes);

/* False at the end of the bytes, and for a number in more bytes than it needs or above `max`. */
bool pl_unpack_uint(struct pl_packed *packed, uint64_t max, uint64_t *ret_value);
bool pl_unpack_int(struct pl_packed *packed, int64_t *ret_value);
bool pl_unpack_u32(struct pl_packed *packed, uint32_t *ret_value);
/* The next `len` bytes, borrowed. */
bool pl_unpack_raw(struct pl_packed *packed, uint64_t len, struct pl_slice *ret_bytes);
bool pl_unpack_bytes(struct pl_packed *packed, struct pl_slice *ret_bytes);

#endif
