/* Thins a document's past within a transaction, and keeps what it needs for it: pins, and how much
 * journal lies before each snapshot. */
#ifndef STORE_THINNING_H
#define STORE_THINNING_H
#include "store/rows.h"
#include "store/thin.h"

/* After a snapshot was put. 0 or LMDB's code. */
int history_thin(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t now_ms,
                 const struct thin_limits *limits);
/* 0 or LMDB's code. pin_remove: a pin there is none of is removed already. */
int pin_put(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t pin,
            const struct thin_pin *states);
int pin_remove(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t pin);

#endif
