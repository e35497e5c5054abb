/* --check: joins the board a record speaks of and compares. Every acknowledged batch must be there
 * whole; what was sent and not acknowledged may be there whole or not at all; nothing may be there
 * twice. */
#ifndef LOAD_CHECK_H
#define LOAD_CHECK_H
#include "bench/load/options.h"

/* The process' exit status: 0 all there once, 1 something lost, halved or doubled, 2 could not
 * tell. */
int check_run(const struct options *options);

#endif
