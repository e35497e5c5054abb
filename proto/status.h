/* Results: what every fallible function of the library and the server returns.
 * Outputs are untouched unless the result is PL_OK (or the function says otherwise). */
#ifndef PL_STATUS_H
#define PL_STATUS_H

enum pl_status {
#define X(name, number, wire, text) PL_##name = number,
#include "proto/status.def"
#undef X
};

#define PL_CHECKED __attribute__((warn_unused_result))

/* The short name peers and logs see ("orphan"); "unknown" for numbers outside the table. Static. */
const char *pl_status_name(enum pl_status status);
/* One English sentence for people. Static. */
const char *pl_status_text(enum pl_status status);

#endif
