/* A bounds-checked cursor over MessagePack from a peer. SPEC section 1.
 *
 * Every function returns false, and from then on always false (`failed`), when the bytes are not what was
 * asked for: truncated, another type, a number out of range, NaN or infinity, broken UTF-8, a count above the
 * bytes that remain, deeper than PL_DEPTH_MAX. Outputs are then untouched. Nothing allocates; slices point
 * into the input. */
#ifndef PL_READER_H
#define PL_READER_H
#include "proto/id.h"
#include "proto/mem.h"

struct pl_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

enum pl_type {
    PL_TYPE_END, /* no bytes left, or failed */
    PL_TYPE_NIL,
    PL_TYPE_BOOL,
    PL_TYPE_INT, /* signed or unsigned */
    PL_TYPE_FLOAT,
    PL_TYPE_STR,
    PL_TYPE_BIN,
    PL_TYPE_ARRAY,
    PL_TYPE_MAP,
    PL_TYPE_EXT, /* skipped over inside unknown values, never read */
};

struct pl_reader pl_reader_of(struct pl_slice bytes);
/* All consumed and nothing failed. */
bool pl_reader_done(const struct pl_reader *reader);
enum pl_type pl_peek(const struct pl_reader *reader);

bool pl_read_nil(struct pl_reader *reader);
bool pl_read_bool(struct pl_reader *reader, bool *ret_value);
/* 0 to 2^53-1. */
bool pl_read_u53(struct pl_reader *reader, uint64_t *ret_value);
bool pl_read_u32(struct pl_reader *reader, uint32_t *ret_value);
/* Any finite number, integer or float. */
bool pl_read_number(struct pl_reader *reader, double *ret_value);
bool pl_read_str(struct pl_reader *reader, struct pl_slice *ret_utf8);
bool pl_read_bin(struct pl_reader *reader, struct pl_slice *ret_bytes);
/* The count of elements (pairs for a map); each takes at least one byte, and is checked against what remains. */
bool pl_read_array(struct pl_reader *reader, uint32_t *ret_count);
bool pl_read_map(struct pl_reader *reader, uint32_t *ret_pairs);
/* An array of exactly `count` elements. */
bool pl_read_array_of(struct pl_reader *reader, uint32_t count);
/* [replica, ctr], ctr not 0. */
bool pl_read_id(struct pl_reader *reader, struct pl_id *ret_id);
/* The same, or nil read as no id. */
bool pl_read_id_or_nil(struct pl_reader *reader, struct pl_id *ret_id);
/* [replica, ctr, n]: n ids from (replica, ctr) on; ctr and n not 0. */
bool pl_read_range(struct pl_reader *reader, struct pl_id_range *ret_range);
/* Any one whole value: checked throughout, returned as its bytes. */
bool pl_read_raw(struct pl_reader *reader, struct pl_slice *ret_value);

/* Passes over `*n` scalars of valid UTF-8, or all there are, and takes those it passed from `*n`. How many bytes that
 * were; and their UTF-16 code units. */
size_t pl_utf8_pass(struct pl_slice utf8, size_t *n, size_t *ret_utf16);
/* Well-formed UTF-8: no surrogates, no overlong forms, at most U+10FFFF. */
bool pl_utf8_valid(struct pl_slice utf8);
/* Scalars in valid UTF-8. */
size_t pl_utf8_scalars(struct pl_slice utf8);

#endif
