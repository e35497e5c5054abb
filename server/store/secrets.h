/* The signing secrets' rows: read by whoever signs or verifies, replaced by a rotation. */
#ifndef STORE_SECRETS_H
#define STORE_SECRETS_H
#include "base/ident.h"
#include "base/secrets.h"
#include "store/store.h"
#include "store/view.h"

/* PL_NOT_FOUND: none was made yet; PL_CORRUPT, PL_IO. */
PL_CHECKED enum pl_status store_view_secrets(struct store_view *view, struct secrets *ret_secrets);
/* As above; makes them at the first call. Synchronous: for the start only. */
PL_CHECKED enum pl_status store_secrets(struct store *store, struct secrets *ret_secrets);
/* A new secret signs from now on, in a folder that no server is at work on. What the one before
 * signed opens things for `keep_ms` more; 0: nothing that was signed before opens anything, the
 * former ones' grace is over too. Noted in the audit record. PL_NOT_FOUND: no data folder; PL_LIMIT: a
 * server has it; PL_STATE: it is a backup; PL_VERSION, PL_CORRUPT, PL_IO, PL_NO_MEMORY. */
PL_CHECKED enum pl_status store_secrets_rotate(const struct pl_mem *mem, const char *dir,
                                               const struct random *random, uint64_t now_ms,
                                               uint64_t keep_ms);

#endif
