/* Finding a cookie in a Cookie header. */
#ifndef AUTH_COOKIE_H
#define AUTH_COOKIE_H
#include "proto/mem.h"

/* The next value under this name, taken off `rest` with all before it; false: no more. A browser may send several of one
 * name, the longest path first; whoever reads them takes the first that proves itself. Borrowed. */
bool cookie_next(struct pl_slice *rest, const char *name, struct pl_slice *ret_value);

#endif
