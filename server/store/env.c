/* Opening a data folder. One process per folder: boards live in memory, so two servers over one
 * journal would each be right and together wrong; a lock file says so before LMDB does its own,
 * multi-process-friendly thing. */
#include "store/env.h"
#include "base/log.h"
#include "store/migrate.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define READERS_MAX 126u
#define ROOMS_MAX   16u /* named databases: more than there are, for later formats */

static enum pl_status failed(const char *what, int code)
{
    log_event(LOG_LEVEL_ERROR, "store_failed", "what=%s code=%d reason=\"%s\"", what, code,
              mdb_strerror(code));
    return code == ENOMEM ? PL_NO_MEMORY : PL_IO;
}

bool env_path(const char *dir, const char *name, char ret_path[ENV_PATH_BYTES])
{
    int len = snprintf(ret_path, ENV_PATH_BYTES, "%s/%s", dir, name);
    return len > 0 && (unsigned)len < ENV_PATH_BYTES;
}

static enum pl_status folder_lock(const char *dir, int *ret_fd)
{
    char path[ENV_PATH_BYTES];
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return failed("mkdir", errno);
    if (!env_path(dir, "plenum.lock", path))
        return failed("path", ENAMETOOLONG);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("lock", errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return PL_LIMIT;
    }
    *ret_fd = fd;
    return PL_OK;
}

/* Finds the format; a new folder gets ours. */
static enum pl_status format_check(struct env *env, MDB_txn *txn)
{
    struct key key = key_global("format");
    MDB_val name = env_key(&key), value;
    int code = mdb_get(txn, env->meta, &name, &value);
    if (code == MDB_NOTFOUND && !env->view) {
        env->format = STORE_FORMAT;
        code = format_put(env, txn, STORE_FORMAT);
        return code == 0 ? PL_OK : failed("format", code);
    }
    if (code != 0)
        return code == MDB_NOTFOUND ? PL_NOT_FOUND : failed("format", code);
    const uint8_t *at = value.mv_data;
    if (value.mv_size != 4 || at[0] != 0 || at[1] != 0 || at[2] != 0)
        return PL_VERSION;
    env->format = at[3];
    return env->format == STORE_FORMAT || (env->format < STORE_FORMAT && !env->view) ? PL_OK
                                                                                     : PL_VERSION;
}

static enum pl_status rooms_open(struct env *env)
{
    const struct {
        const char *name;
        MDB_dbi *dbi;
        bool *there_or_null; /* a room that a folder of this format may lack */
    } rooms[] = {{"meta", &env->meta, NULL},
                 {"journal", &env->journal, NULL},
                 {"snapshot", &env->snapshot, NULL},
                 {"replica", &env->replica, NULL},
                 {"link", &env->link, NULL},
                 {"audit", &env->audit, NULL},
                 {"track", &env->track, &env->has_tracks}};
    MDB_txn *txn;
    int code = mdb_txn_begin(env->mdb, NULL, env->view ? MDB_RDONLY : 0, &txn);
    if (code != 0)
        return failed("begin", code);
    /* meta first: a newer format must not be touched, not even by a new room */
    enum pl_status status = PL_OK;
    for (size_t i = 0; status == PL_OK && i < sizeof rooms / sizeof *rooms; i++) {
        code = mdb_dbi_open(txn, rooms[i].name, env->view ? 0 : MDB_CREATE, rooms[i].dbi);
        if (rooms[i].there_or_null != NULL)
            *rooms[i].there_or_null = code == 0;
        if (code == MDB_NOTFOUND && rooms[i].there_or_null != NULL)
            continue;
        if (code != 0)
            status = code == MDB_NOTFOUND ? PL_NOT_FOUND : failed("room", code);
        else if (i == 0)
            status = format_check(env, txn);
    }
    if (status != PL_OK) {
        mdb_txn_abort(txn);
        return status;
    }
    code = mdb_txn_commit(txn);
    return code == 0 ? PL_OK : failed("commit", code);
}

static enum pl_status mdb_start(struct env *env)
{
    char path[ENV_PATH_BYTES];
    int dead = 0;
    if (!env_path(env->dir, ENV_FILE, path))
        return failed("path", ENAMETOOLONG);
    int code = mdb_env_create(&env->mdb);
    if (code != 0)
        return failed("create", code);
    if ((code = mdb_env_set_mapsize(env->mdb, env->map_bytes)) != 0 ||
        (code = mdb_env_set_maxdbs(env->mdb, ROOMS_MAX)) != 0 ||
        (code = mdb_env_set_maxreaders(env->mdb, READERS_MAX)) != 0 ||
        (code = mdb_env_set_userctx(env->mdb, env)) != 0 ||
        (code = mdb_env_open(env->mdb, path,
                             MDB_NOSUBDIR | MDB_NOTLS | (env->view ? MDB_RDONLY : 0u), 0600)) != 0)
        return code == ENOENT ? PL_NOT_FOUND : failed("open", code);
    /* readers that a killed process left behind would keep every old page */
    if ((code = mdb_reader_check(env->mdb, &dead)) != 0)
        return failed("readers", code);
    return PL_OK;
}

static enum pl_status dir_keep(struct env *env, const char *dir)
{
    size_t len = strlen(dir) + 1;
    env->dir = pl_mem_get(env->mem, len);
    if (env->dir == NULL)
        return PL_NO_MEMORY;
    memcpy(env->dir, dir, len);
    pthread_rwlock_init(&env->open, NULL);
    return PL_OK;
}

enum pl_status env_open(struct env *env, const struct pl_mem *mem, const char *dir,
                        size_t map_bytes, const struct random *random)
{
    struct key key = key_global("lineage");
    uint8_t lineage[8];
    *env = (struct env){.mem = mem, .lock_fd = -1, .map_bytes = map_bytes};
    enum pl_status status = dir_keep(env, dir);
    if (status == PL_OK)
        status = folder_lock(dir, &env->lock_fd);
    if (status == PL_OK)
        status = mdb_start(env);
    if (status == PL_OK)
        status = rooms_open(env);
    if (status == PL_OK && env->format < STORE_FORMAT)
        status = migrate(env);
    if (status == PL_OK)
        status = env_random_row(env, &key, random, lineage, sizeof lineage);
    if (status == PL_OK)
        env->lineage = pl_u64_from_bytes(lineage);
    else
        env_close(env);
    return status;
}

enum pl_status env_open_raw(struct env *env, const struct pl_mem *mem, const char *dir)
{
    *env = (struct env){.mem = mem, .lock_fd = -1, .view = true};
    enum pl_status status = dir_keep(env, dir);
    if (status == PL_OK)
        status = mdb_start(env);
    if (status != PL_OK)
        env_close(env);
    return status;
}

enum pl_status env_open_view(struct env *env, const struct pl_mem *mem, const char *dir)
{
    enum pl_status status = env_open_raw(env, mem, dir);
    if (status != PL_OK)
        return status;
    status = rooms_open(env);
    if (status == PL_OK) {
        struct key key = key_global("lineage");
        MDB_val name = env_key(&key), value;
        MDB_txn *txn = env_read(env);
        bool found =
            txn != NULL && mdb_get(txn, env->meta, &name, &value) == 0 && value.mv_size == 8;
        if (found)
            env->lineage = pl_u64_from_bytes(value.mv_data);
        if (txn != NULL)
            env_read_end(txn);
        status = found ? PL_OK : PL_CORRUPT;
    }
    if (status != PL_OK)
        env_close(env);
    return status;
}

void env_close(struct env *env)
{
    if (env->mdb != NULL)
        mdb_env_close(env->mdb);
    if (env->lock_fd >= 0)
        close(env->lock_fd);
    if (env->dir != NULL) {
        pthread_rwlock_destroy(&env->open);
        pl_mem_put(env->mem, env->dir);
    }
    *env = (struct env){.mem = env->mem, .format = env->format, .lock_fd = -1};
}

enum pl_status env_random_row(struct env *env, const struct key *key, const struct random *random,
                              uint8_t *ret_bytes, size_t len)
{
    MDB_txn *txn;
    MDB_val name = env_key(key), value;
    int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (code != 0)
        return failed("begin", code);
    code = mdb_get(txn, env->meta, &name, &value);
    if (code == 0) {
        bool fits = value.mv_size == len;
        if (fits)
            memcpy(ret_bytes, value.mv_data, len);
        mdb_txn_abort(txn);
        return fits ? PL_OK : PL_CORRUPT;
    }
    if (code == MDB_NOTFOUND) {
        value = (MDB_val){.mv_size = len};
        code = mdb_put(txn, env->meta, &name, &value, MDB_RESERVE);
    }
    if (code != 0) {
        mdb_txn_abort(txn);
        return failed("row", code);
    }
    random->fill(random->user, value.mv_data, len);
    memcpy(ret_bytes, value.mv_data, len);
    code = mdb_txn_commit(txn);
    return code == 0 ? PL_OK : failed("commit", code);
}

MDB_txn *env_read(struct env *env)
{
    MDB_txn *txn;
    pthread_rwlock_rdlock(&env->open);
    int code = env->mdb == NULL ? EIO : mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    if (code == 0)
        return txn;
    pthread_rwlock_unlock(&env->open);
    (void)failed("read", code);
    return NULL;
}

void env_read_end(MDB_txn *txn)
{
    struct env *env = mdb_env_get_userctx(mdb_txn_env(txn));
    mdb_txn_abort(txn);
    pthread_rwlock_unlock(&env->open);
}

int env_mend(struct env *env)
{
    MDB_txn *txn = NULL;
    int code = env->mdb == NULL ? MDB_PANIC : mdb_txn_begin(env->mdb, NULL, MDB_RDONLY, &txn);
    mdb_txn_abort(txn);
    if (code != MDB_PANIC)
        return code;
    pthread_rwlock_wrlock(&env->open);
    if (env->mdb != NULL)
        mdb_env_close(env->mdb);
    env->mdb = NULL;
    enum pl_status status = mdb_start(env);
    if (status == PL_OK)
        status = rooms_open(env);
    if (status != PL_OK && env->mdb != NULL) {
        mdb_env_close(env->mdb);
        env->mdb = NULL;
    }
    pthread_rwlock_unlock(&env->open);
    return status == PL_OK ? 0 : EIO;
}

/* One transaction that puts the row, or takes it away. */
static int probe_step(struct env *env, const struct key *key, bool put)
{
    MDB_txn *txn;
    MDB_val name = env_key(key), value = {.mv_size = ENV_PROBE_BYTES};
    int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (code != 0)
        return code;
    if (put && (code = mdb_put(txn, env->meta, &name, &value, MDB_RESERVE)) == 0)
        memset(value.mv_data, 0, ENV_PROBE_BYTES);
    else if (!put)
        code = mdb_del(txn, env->meta, &name, NULL);
    if (code == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

int env_probe(struct env *env)
{
    struct key key = key_global("probe");
    if (env->mdb == NULL)
        return EIO;
    int code = probe_step(env, &key, true);
    return code != 0 ? code : probe_step(env, &key, false);
}

bool env_is_backup(struct env *env)
{
    struct key key = key_global("backup");
    MDB_val name = env_key(&key), value;
    MDB_txn *txn = env_read(env);
    bool found = txn != NULL && mdb_get(txn, env->meta, &name, &value) == 0;
    if (txn != NULL)
        env_read_end(txn);
    return found;
}
