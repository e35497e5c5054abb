/* What a person sees, as pure rules over objects: drawing order, and the hash of it. Rules V1, N4. */
#ifndef PL_VIEW_H
#define PL_VIEW_H
#include "proto/object.h"

/* Sorts into drawing order (V1). */
void pl_view_sort(const struct pl_object **objects, size_t n);
/* The view_hash (N4) of objects, living and dead, in any order; sorts the array. */
uint64_t pl_view_hash_of(const struct pl_object **objects, size_t n);

#endif
