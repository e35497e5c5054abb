/* The LMDB environment of a data folder: opening, its named databases, format, lineage and
 * secrets. Only this folder includes lmdb.h. */
#ifndef STORE_ENV_H
#define STORE_ENV_H
#include "store/keys.h"
#include "store/store.h"
#include <lmdb.h>
#include <pthread.h>

#define ENV_PROBE_BYTES (1u << 20)
#define ENV_PATH_BYTES  4096u
#define ENV_FILE        "plenum.mdb"

struct env {
    const struct pl_mem *mem;
    char *dir;
    size_t map_bytes;
    pthread_rwlock_t open; /* held by readers, and by whoever opens the files anew to write */
    MDB_env *mdb;          /* NULL after env_mend failed */
    MDB_dbi meta, journal, snapshot, replica, link, audit;
    MDB_dbi track; /* a view of a folder that never had a talk-track has none: see has_tracks */
    bool has_tracks;
    uint64_t lineage;
    uint32_t format; /* as it was found */
    int lock_fd;     /* holds the folder's lock; -1 when not */
    bool view;       /* beside whoever writes */
};

/* Fills `env`, which stays where it is; an older format is migrated. See store_open for the
 * statuses. On failure nothing stays open. */
PL_CHECKED enum pl_status env_open(struct env *env, const struct pl_mem *mem, const char *dir,
                                   size_t map_bytes, const struct random *random);
/* Opens an existing folder for reading only, beside a running server if there is one. PL_NOT_FOUND:
 * there is none; PL_VERSION: of another format, older ones too; PL_IO, PL_CORRUPT, PL_NO_MEMORY. */
PL_CHECKED enum pl_status env_open_view(struct env *env, const struct pl_mem *mem, const char *dir);
/* Opens an existing folder's file for copying it whole, whatever its format: no rooms.
 * PL_NOT_FOUND, PL_IO. */
PL_CHECKED enum pl_status env_open_raw(struct env *env, const struct pl_mem *mem, const char *dir);
void env_close(struct env *env); /* a zeroed env with lock_fd -1 is fine */
/* Reads the row, or makes it of random bytes, in a transaction of its own; any thread. PL_IO,
 * PL_CORRUPT. */
PL_CHECKED enum pl_status env_random_row(struct env *env, const struct key *key,
                                         const struct random *random, uint8_t *ret_bytes,
                                         size_t len);

/* After a failure in LMDB's last step (the page that names the newest state) it answers nothing but
 * MDB_PANIC: then closes the files and opens them again, when no reader is at it. On the writer's
 * thread; 0 or LMDB's code. */
int env_mend(struct env *env);
/* Whether a row of ENV_PROBE_BYTES, far more than a batch may have, can be committed. What it took
 * stays in the file as free pages, so that the next append has room. On the writer's thread; 0 or
 * LMDB's code. */
int env_probe(struct env *env);

bool env_is_backup(struct env *env); /* backup.h: for restore only, not for a server */

/* A folder's file, for those who copy it: false when the path is too long. */
bool env_path(const char *dir, const char *name, char ret_path[ENV_PATH_BYTES]);

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
