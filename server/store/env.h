/* The LMDB environment of a data folder: opening, its named databases, format, lineage and
 * secrets. Only this folder includes lmdb.h. */
#ifndef STORE_ENV_H
#define STORE_ENV_H
#include "store/keys.h"
#include "store/store.h"
#include <lmdb.h>

struct env {
    const struct pl_mem *mem;
    MDB_env *mdb;
    MDB_dbi meta, journal, snapshot, replica, link;
    uint64_t lineage;
    int lock_fd; /* holds the folder's lock; -1 when not */
};

/* Fills `env`; see store_open for the statuses. On failure nothing stays open. */
PL_CHECKED enum pl_status env_open(struct env *env, const struct pl_mem *mem, const char *dir,
                                   size_t map_bytes, const struct random *random);
void env_close(struct env *env); /* a zeroed env with lock_fd -1 is fine */
/* Reads the row, or makes it of random bytes, in a transaction of its own; any thread. PL_IO,
 * PL_CORRUPT. */
PL_CHECKED enum pl_status env_random_row(struct env *env, const struct key *key,
                                         const struct random *random, uint8_t *ret_bytes,
                                         size_t len);

/* A short read transaction; NULL (logged) when LMDB refuses. End it with env_read_end. */
MDB_txn *env_read(struct env *env);
void env_read_end(MDB_txn *txn);

static inline MDB_val env_key(const struct key *key)
{
    return (MDB_val){.mv_size = key->len, .mv_data = (void *)key->bytes};
}
static inline struct pl_slice env_slice(MDB_val value)
{
    return (struct pl_slice){value.mv_data, value.mv_size};
}

#endif
