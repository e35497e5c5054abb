/* One scalar of a naive text: what naive_text.c keeps in a list and naive_marks.c looks at. */
#ifndef SUPPORT_NAIVE_SCALAR_H
#define SUPPORT_NAIVE_SCALAR_H
#include "proto/id.h"
#include <stddef.h>

struct naive_scalar {
    struct pl_id id, left, right;
    size_t depth; /* one below its left origin */
    uint8_t utf8[4];
    size_t utf8_n;
    bool deleted;
    bool marked; /* deleted when the last collection came */
};

/* A text's, in document order. */
struct naive_scalars {
    const struct naive_scalar *at;
    size_t n;
};

/* UTF-16 units it shows as. */
static inline size_t naive_scalar_units(const struct naive_scalar *scalar)
{
    return scalar->deleted ? 0 : scalar->utf8_n == 4 ? 2 : 1;
}

#endif
