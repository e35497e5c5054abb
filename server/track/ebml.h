/* EBML, the binary tree that WebM is written in: heads and numbers of elements, read from bytes that cannot be
 * trusted and written into a buffer. Nothing here knows a file. Source: RFC 8794; the ids: RFC 9559. */
#ifndef TRACK_EBML_H
#define TRACK_EBML_H
#include "proto/mem.h"
#include "proto/status.h"
#include "proto/writer.h"

enum {
    EBML_HEADER = 0x1a45dfa3,
    EBML_DOCTYPE = 0x4282,
    EBML_VERSION = 0x4286,
    EBML_READ_VERSION = 0x42f7,
    EBML_MAX_ID_LENGTH = 0x42f2,
    EBML_MAX_SIZE_LENGTH = 0x42f3,
    EBML_DOCTYPE_VERSION = 0x4287,
    EBML_DOCTYPE_READ_VERSION = 0x4285,
    EBML_VOID = 0xec,
    EBML_CRC32 = 0xbf,
};

#define EBML_UNKNOWN UINT64_MAX /* the size of an element that ends where its parent's next child begins */
#define EBML_HEAD_BYTES_MAX 12u

struct ebml_head {
    uint64_t size; /* of the payload in bytes, or EBML_UNKNOWN; not checked against what is there */
    uint32_t id;   /* as written, its length's marker included */
    uint8_t len;   /* of the head itself */
};

/* An element's head at the beginning of `bytes`; false when it is not whole or is none: an id of at most 4 bytes, a
 * size of at most 8. */
PL_CHECKED bool ebml_head_read(struct pl_slice bytes, struct ebml_head *ret_head);
/* A number of 1 to 8 bytes that tells its own length; all ones is EBML_UNKNOWN. */
PL_CHECKED bool ebml_vint_read(struct pl_slice bytes, uint64_t *ret_value, uint8_t *ret_len);
/* Takes the next element off `rest`; false at the end, and when it is not whole: `rest` is then as it was. */
PL_CHECKED bool ebml_next(struct pl_slice *rest, uint32_t *ret_id, struct pl_slice *ret_payload);
/* A payload that is a number: 0 to 8 bytes, big-endian. */
PL_CHECKED bool ebml_uint_read(struct pl_slice payload, uint64_t *ret_value);

/* How many bytes, 1 to 8, a number's payload takes. */
uint8_t ebml_uint_bytes(uint64_t value);
/* A head whose size takes 8 bytes, whatever it is: EBML_LONG_HEAD_BYTES for ids of 4 bytes. */
#define EBML_LONG_HEAD_BYTES 12u
void ebml_write_long_head(struct pl_buf *buf, uint32_t id, uint64_t size);
/* A head whose size takes one byte: sizes up to 126. */
void ebml_write_short_head(struct pl_buf *buf, uint32_t id, uint8_t size);
/* A number in exactly `len` bytes of payload; one that does not fit loses its upper bytes. */
void ebml_write_uint(struct pl_buf *buf, uint32_t id, uint64_t value, uint8_t len);
void ebml_write_float(struct pl_buf *buf, uint32_t id, double value); /* in 8 bytes of payload */
void ebml_write_text(struct pl_buf *buf, uint32_t id, const char *text); /* of at most 126 bytes */

#endif
