/* What skeletons of values are made of (see value_pack.h): for value_pack.c, which takes values apart, and
 * value_unpack.c, which puts them together again, alone. A skeleton is MessagePack with leaves in place of numbers and
 * strings:
 *   0x90 + n, 0x80 + n, 0xc0, 0xc2, 0xc3   array, map, nil, false, true, as they are
 *   LEAF_REAL    a number as pl_write_number writes it: one column of reals
 *   LEAF_KEY     a string of 1 to 10 base-62 digits, as order keys are: its length, and it as a number
 *   LEAF_STR, LEAF_BIN   their lengths, then all their bytes
 *   LEAF_RAW     a whole value that is none of this: its length, and its bytes */
#ifndef PL_VALUE_SKELETON_H
#define PL_VALUE_SKELETON_H
#include "proto/value_pack.h"
#include "proto/writer.h"

#define SKELETONS_MAX 32u /* of one field; further values are kept raw */
#define TOKENS_MAX 16u
#define KEY_DIGITS_MAX 10u
#define KEY_BASE 62u
#define KEY_NUMBER_MAX INT64_C(839299365868340223) /* 62 to the 10th, less one */
#define SCRATCH_BYTES (TOKENS_MAX * (1 + KEY_DIGITS_MAX)) /* any value but of strings, bytes and raw ones */
#define LEAF_RAW 0xc1u
#define LEAF_BIN 0xc4u
#define LEAF_REAL 0xcbu
#define LEAF_STR 0xd9u
#define LEAF_KEY 0xdau

static inline bool is_leaf(uint8_t token)
{
    return token == LEAF_RAW || token == LEAF_BIN || token == LEAF_REAL || token == LEAF_STR || token == LEAF_KEY;
}

#endif
