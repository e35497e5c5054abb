/* Encoded values of one field, packed together for snapshots.
 *
 * A value is taken apart into its skeleton (arrays, maps, nil, booleans, and where its leaves are) and its leaves.
 * Equal skeletons are written once, and each leaf of a skeleton is a column: [x, y] is one skeleton and two columns of reals.
 * The type of the field does not matter, so values of a newer schema pack as well. What a writer of this library would
 * have written in other bytes is kept raw, so every value comes back to the byte. */
#ifndef PL_VALUE_PACK_H
#define PL_VALUE_PACK_H
#include "proto/packed.h"
#include "proto/status.h"

void pl_values_pack(struct pl_buf *buf, const struct pl_slice *values, size_t n);

/* Reads packed values one by one. */
struct pl_values;
/* PL_MALFORMED, PL_NO_MEMORY. `n` is how many there are; the bytes are borrowed until pl_values_free. */
PL_CHECKED enum pl_status pl_values_open(const struct pl_mem *mem, struct pl_packed *packed, size_t n,
                                         struct pl_values **ret_values);
void pl_values_free(struct pl_values *values_or_null);
/* Whether all of them fit the field, as objects keep it: PL_MALFORMED when not, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_values_fit(struct pl_values *values, uint32_t field);
/* The next value, of n, which may not even be one before that was looked at; valid until the next call. False without
 * memory. */
bool pl_values_next(struct pl_values *values, struct pl_slice *ret_value);

#endif
