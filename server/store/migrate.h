/* Formats of the data folder: what each was, and the way from one to the next.
 *
 *   1   the first
 *   2   a snapshot's header says when its last entry was journaled (history is thinned by age)
 *   3   links are found by their board and say when they were made; there is an audit record
 *
 * A folder of an older format is copied beside itself (plenum-format-N.mdb), then brought to ours
 * in one transaction. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H
#include "store/env.h"

/* On an env whose rooms are open and whose format is an older one. PL_IO, PL_CORRUPT; nothing has
 * changed then. */
PL_CHECKED enum pl_status migrate(struct env *env);
/* Puts the row; 0 or LMDB's code. */
int format_put(struct env *env, MDB_txn *txn, uint32_t format);

#endif
