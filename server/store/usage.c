/* See usage.h. */
#include "store/usage.h"
#include "store/store_inner.h"
#include <inttypes.h>
#include <stdio.h>

struct readers {
    uint64_t n, oldest; /* a transaction's number */
};

/* LMDB tells its readers as text: a heading, then "pid thread txnid" for each, "-" for one that reads nothing now. */
static int reader_line(const char *line, void *user)
{
    struct readers *readers = user;
    uint64_t txn;
    if (sscanf(line, "%*d %*x %" SCNu64, &txn) == 1) {
        readers->n++;
        if (txn < readers->oldest)
            readers->oldest = txn;
    }
    return 0;
}

enum pl_status store_usage(struct store *store, struct store_usage *ret_usage)
{
    struct env *env = &store->env;
    struct readers readers = {.oldest = UINT64_MAX};
    MDB_envinfo info;
    MDB_stat stat;
    pthread_rwlock_rdlock(&env->open);
    bool fine = env->mdb != NULL && mdb_env_info(env->mdb, &info) == 0 && mdb_env_stat(env->mdb, &stat) == 0 &&
                mdb_reader_list(env->mdb, reader_line, &readers) >= 0;
    pthread_rwlock_unlock(&env->open);
    if (!fine)
        return PL_IO;
    *ret_usage = (struct store_usage){
        .map_bytes = info.me_mapsize,
        .file_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize,
        .reader_n = readers.n,
        .oldest_reader_commits =
            readers.n > 0 && info.me_last_txnid > readers.oldest ? info.me_last_txnid - readers.oldest : 0,
    };
    return PL_OK;
}
