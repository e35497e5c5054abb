/* Columns of numbers for snapshots: many values of one meaning, in as few bytes as they need.
 *
 * A column is a sequence of blocks, each in the form that is shortest for its values:
 *   run     one value, many times over
 *   packed  the least value, then what each is above it in equally many bits
 *   golomb  the same, in exponential Golomb codes (Teuhola, 1978): few are much greater than the others
 *   mostly  a bit each, and the values that are not the common one
 * All but runs may hold the differences from one value to the next instead. How many values there are is
 * not written: the reader knows. Equal values are written as equal bytes. */
#ifndef PL_COLUMN_H
#define PL_COLUMN_H
#include "proto/packed.h"

void pl_column_write(struct pl_buf *buf, const int64_t *values, size_t n);
/* False when the bytes are no column of n values, each from `low` to `high`; ret_values may then hold anything. */
bool pl_column_read(struct pl_packed *packed, int64_t low, int64_t high, int64_t *ret_values, size_t n);

/* The same for reals: multiples of 1/1024 as integers, others, all finite, as the eight bytes of a float64; -0 becomes
 * 0. `work` has room for 2n to write, for n to read. */
void pl_reals_write(struct pl_buf *buf, const double *values, size_t n, int64_t *work);
bool pl_reals_read(struct pl_packed *packed, double *ret_values, size_t n, int64_t *work);

#endif
