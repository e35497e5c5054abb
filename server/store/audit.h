/* The audit record's rows: appending, and keeping it bounded. base/audit.h says what is kept. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H
#include "store/env.h"

/* Appends the entry to its board's record, and drops up to AUDIT_DROP_N entries that it keeps no longer. 0 or LMDB's
 * code. */
int audit_put(struct env *env, MDB_txn *txn, const struct audit_entry *entry, uint64_t now_ms);

#define AUDIT_DROP_N 2u /* more than one entry adds, so that the record shrinks to its bounds */

#endif
