/* How much of a long loop a test walks: all of it under `tests/run --long`, which sets PLENUM_LONG, and otherwise about
 * `most` steps. */
#ifndef SUPPORT_LONG_RUN_H
#define SUPPORT_LONG_RUN_H
#include <stdbool.h>
#include <stdlib.h>

static inline bool long_run(void)
{
    const char *said = getenv("PLENUM_LONG");
    return said != NULL && said[0] != '\0';
}

static inline unsigned long_run_step(unsigned n, unsigned most)
{
    return long_run() ? 1 : 1 + n / most;
}

#endif
