/* Copying is LMDB's: one read transaction, compacted; a server beside goes on writing. See
 * backup.h. */
#include "store/backup.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/env.h"
#include "store/files.h"
#include "store/media.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RESTORE_LEAP (1u << 20) /* replica ids: more than a board can have replicas */
#define PROGRESS_NS  200000000L

struct copy {
    struct env *env;
    const char *part;
    int code;
    atomic_bool over;
};

static void *copy_run(void *user)
{
    struct copy *copy = user;
    copy->code = mdb_env_copy2(copy->env->mdb, copy->part, MDB_CP_COMPACT);
    atomic_store(&copy->over, true);
    return NULL;
}

static uint64_t file_bytes(const char *path)
{
    struct stat stat_;
    return stat(path, &stat_) == 0 ? (uint64_t)stat_.st_size : 0;
}

/* The copy takes a thread, so that this one can tell how far it is. */
static int copy_watched(struct copy *copy, const struct store_progress *progress)
{
    pthread_t thread;
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(copy->env->mdb, &info);
    mdb_env_stat(copy->env->mdb, &stat);
    int code = pthread_create(&thread, NULL, copy_run, copy);
    if (code != 0)
        return code;
    while (!atomic_load(&copy->over)) {
        nanosleep(&(struct timespec){.tv_nsec = PROGRESS_NS}, NULL);
        if (progress != NULL)
            progress->told(progress->user, file_bytes(copy->part),
                           (info.me_last_pgno + 1) * stat.ms_psize);
    }
    pthread_join(thread, NULL);
    return copy->code;
}

static enum pl_status database_copy(struct env *env, const char *to, const struct store_progress *progress,
                                    uint64_t *ret_bytes)
{
    char part[ENV_PATH_BYTES], path[ENV_PATH_BYTES];
    struct copy copy = {.env = env, .part = part};
    if (!env_path(to, ENV_FILE ".part", part) || !env_path(to, ENV_FILE, path))
        return PL_IO;
    atomic_init(&copy.over, false);
    int code = copy_watched(&copy, progress);
    if (code != 0)
        log_event(LOG_LEVEL_ERROR, "copy_failed", "code=%d reason=\"%s\"", code, mdb_strerror(code));
    if (code != 0 || !file_settle(part, path)) {
        (void)unlink(part);
        return PL_IO;
    }
    *ret_bytes = file_bytes(path);
    return PL_OK;
}

/* Without its database a folder is nothing: what failed leaves none that somebody could take for whole. Only of a folder
 * that was claimed here: there may be anything in others. */
static enum pl_status undo(const char *dir, enum pl_status status)
{
    char path[ENV_PATH_BYTES];
    if (status != PL_OK && env_path(dir, ENV_FILE, path))
        (void)unlink(path);
    return status;
}

/* Leaves nothing behind unless all of it is there. */
static enum pl_status folder_copy(const struct pl_mem *mem, const char *dir, const char *to,
                                  const struct store_progress *progress,
                                  struct store_copied *ret_copied)
{
    struct env env;
    enum pl_status status = env_open_raw(&env, mem, dir);
    if (status != PL_OK)
        return status;
    status = folder_claim(to);
    const bool claimed = status == PL_OK;
    if (claimed)
        status = database_copy(&env, to, progress, &ret_copied->bytes);
    env_close(&env);
    if (status == PL_OK) /* after the database, which names them */
        status = media_copy(dir, to, &ret_copied->media_n);
    return claimed ? undo(to, status) : status;
}

static int backup_row_put(struct env *env, MDB_txn *txn, uint64_t now_ms)
{
    struct key key = key_global("backup");
    uint8_t row[8];
    pl_u64_to_bytes(now_ms, row);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof row, .mv_data = row};
    return mdb_put(txn, env->meta, &name, &value, 0);
}

/* Opens the copy, changes it in one transaction, closes it. */
static enum pl_status copy_change(const struct pl_mem *mem, const char *dir,
                                  const struct random *random,
                                  int (*change)(struct env *env, MDB_txn *txn, const void *user),
                                  const void *user)
{
    struct env env;
    MDB_txn *txn;
    enum pl_status status = env_open(&env, mem, dir, (size_t)STORE_MAP_BYTES, random);
    if (status != PL_OK)
        return status;
    int code = mdb_txn_begin(env.mdb, NULL, 0, &txn);
    if (code == 0 && (code = change(&env, txn, user)) == 0)
        code = mdb_txn_commit(txn);
    else if (code != 0)
        mdb_txn_abort(txn);
    env_close(&env);
    return code == 0 ? PL_OK : PL_IO;
}

static int backup_row_change(struct env *env, MDB_txn *txn, const void *user)
{
    return backup_row_put(env, txn, *(const uint64_t *)user);
}

enum pl_status store_backup(const struct pl_mem *mem, const char *dir, const char *to,
                            uint64_t now_ms, const struct store_progress *progress_or_null,
                            struct store_copied *ret_copied)
{
    struct store_copied copied = {0};
    const int hold = media_hold(dir); /* a server beside removes nothing that the copied rows name */
    enum pl_status status = folder_copy(mem, dir, to, progress_or_null, &copied);
    if (hold >= 0)
        close(hold);
    if (status != PL_OK)
        return status;
    status = copy_change(mem, to, random_system(), backup_row_change, &now_ms);
    if (status == PL_OK)
        *ret_copied = copied;
    return undo(to, status);
}

/* The row behind `key`, which is moved there, if it is a board's. */
static int board_next(struct env *env, MDB_txn *txn, struct key *key, struct row_board *ret_row)
{
    MDB_cursor *cursor;
    MDB_val name = env_key(key), value;
    int code = mdb_cursor_open(txn, env->meta, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    if (code == 0 && name.mv_size == key->len && memcmp(name.mv_data, key->bytes, key->len) == 0)
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    if (code == 0 && (name.mv_size != key->len || key->bytes[0] != *(const uint8_t *)name.mv_data))
        code = MDB_NOTFOUND;
    if (code == 0) {
        memcpy(key->bytes, name.mv_data, key->len);
        code = row_board_read(env_slice(value), ret_row) ? 0 : MDB_CORRUPTED;
    }
    mdb_cursor_close(cursor);
    return code;
}

static int boards_leap(struct env *env, MDB_txn *txn)
{
    struct key key = key_board(0);
    struct row_board row;
    int code;
    while ((code = board_next(env, txn, &key, &row)) == 0) {
        uint8_t bytes[ROW_BOARD_BYTES];
        if (row.next_replica > UINT32_MAX - RESTORE_LEAP)
            return ERANGE;
        row.next_replica += RESTORE_LEAP;
        row_board_write(&row, bytes);
        MDB_val name = env_key(&key), value = {.mv_size = sizeof bytes, .mv_data = bytes};
        if ((code = mdb_put(txn, env->meta, &name, &value, 0)) != 0)
            return code;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

struct restoring {
    const struct random *random;
    uint64_t now_ms;
};

static int restore_change(struct env *env, MDB_txn *txn, const void *user)
{
    const struct restoring *restoring = user;
    const struct random *random = restoring->random;
    struct key lineage = key_global("lineage"), mark = key_global("backup");
    uint8_t row[8];
    random->fill(random->user, row, sizeof row);
    MDB_val name = env_key(&lineage), value = {.mv_size = sizeof row, .mv_data = row};
    int code = mdb_put(txn, env->meta, &name, &value, 0);
    if (code == 0)
        code = boards_leap(env, txn);
    name = env_key(&mark);
    if (code == 0 && (code = mdb_del(txn, env->meta, &name, NULL)) == MDB_NOTFOUND)
        code = 0; /* a copy that somebody made by hand, of a folder at rest */
    const struct audit_entry restored = {.act = AUDIT_FOLDER_RESTORED};
    return code == 0 ? audit_put(env, txn, &restored, restoring->now_ms) : code;
}

enum pl_status store_restore(const struct pl_mem *mem, const char *backup, const char *dir,
                             const struct random *random, uint64_t now_ms,
                             const struct store_progress *progress_or_null,
                             struct store_copied *ret_copied)
{
    struct store_copied copied = {0};
    const struct restoring restoring = {.random = random, .now_ms = now_ms};
    enum pl_status status = folder_copy(mem, backup, dir, progress_or_null, &copied);
    if (status != PL_OK)
        return status;
    status = copy_change(mem, dir, random, restore_change, &restoring);
    if (status == PL_OK)
        *ret_copied = copied;
    return undo(dir, status);
}
