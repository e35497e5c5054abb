/* What a person sees, as one number. Rules V1, N4. */
#ifndef PL_VIEW_H
#define PL_VIEW_H
#include "proto/object.h"

/* The view_hash (N4) of objects, living and dead, in any order. 0 when out of memory. */
uint64_t pl_view_hash_of(const struct pl_mem *mem, const struct pl_object *const *objects, size_t n);

#endif
