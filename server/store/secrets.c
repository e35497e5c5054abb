/* See secrets.h. The newest stands in a row of its own, which the first start makes; the former ones share another, as
 * keys.h lays it out. */
#include "store/secrets.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/store_inner.h"
#include "store/view_inner.h"
#include <string.h>
#include <sys/stat.h>

#define ROW_FORMER_BYTES (SECRET_BYTES + 8u)

static struct key now_key(void)
{
    return key_global("secret/links");
}

static struct key former_key(void)
{
    return key_global("former/links");
}

/* 0, MDB_NOTFOUND, MDB_CORRUPTED, or LMDB's code. */
static int secrets_read(struct env *env, MDB_txn *txn, struct secrets *ret_secrets)
{
    const struct key now = now_key(), former = former_key();
    struct secrets secrets = {.former_n = 0};
    MDB_val name = env_key(&now), value;
    int code = mdb_get(txn, env->meta, &name, &value);
    if (code != 0)
        return code;
    if (value.mv_size != SECRET_BYTES)
        return MDB_CORRUPTED;
    memcpy(secrets.now, value.mv_data, SECRET_BYTES);
    name = env_key(&former);
    code = mdb_get(txn, env->meta, &name, &value);
    if (code != 0 && code != MDB_NOTFOUND)
        return code;
    const size_t len = code == 0 ? value.mv_size : 0;
    if (len % ROW_FORMER_BYTES != 0 || len > SECRETS_FORMER_MAX * ROW_FORMER_BYTES)
        return MDB_CORRUPTED;
    for (size_t at = 0; at < len; at += ROW_FORMER_BYTES) {
        struct secret_former *one = &secrets.former[secrets.former_n++];
        memcpy(one->bytes, (const uint8_t *)value.mv_data + at, SECRET_BYTES);
        one->until_ms = pl_u64_from_bytes((const uint8_t *)value.mv_data + at + SECRET_BYTES);
    }
    *ret_secrets = secrets;
    return 0;
}

static int secrets_write(struct env *env, MDB_txn *txn, struct secrets *secrets)
{
    const struct key now = now_key(), former = former_key();
    uint8_t rows[SECRETS_FORMER_MAX * ROW_FORMER_BYTES];
    for (size_t i = 0; i < secrets->former_n; i++) {
        memcpy(rows + i * ROW_FORMER_BYTES, secrets->former[i].bytes, SECRET_BYTES);
        pl_u64_to_bytes(secrets->former[i].until_ms, rows + i * ROW_FORMER_BYTES + SECRET_BYTES);
    }
    MDB_val name = env_key(&now), value = {.mv_size = SECRET_BYTES, .mv_data = secrets->now};
    int code = mdb_put(txn, env->meta, &name, &value, 0);
    name = env_key(&former);
    value = (MDB_val){.mv_size = secrets->former_n * ROW_FORMER_BYTES, .mv_data = rows};
    return code == 0 ? mdb_put(txn, env->meta, &name, &value, 0) : code;
}

static enum pl_status status_of(int code)
{
    switch (code) {
    case 0:
        return PL_OK;
    case MDB_NOTFOUND:
        return PL_NOT_FOUND;
    case MDB_CORRUPTED:
        return PL_CORRUPT;
    default:
        return PL_IO;
    }
}

enum pl_status store_view_secrets(struct store_view *view, struct secrets *ret_secrets)
{
    return status_of(secrets_read(&view->env, view->txn, ret_secrets));
}

enum pl_status store_secrets(struct store *store, struct secrets *ret_secrets)
{
    const struct key now = now_key();
    uint8_t bytes[SECRET_BYTES];
    enum pl_status status = env_random_row(&store->env, &now, random_system(), bytes, sizeof bytes);
    if (status != PL_OK)
        return status;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    status = status_of(secrets_read(&store->env, txn, ret_secrets));
    env_read_end(txn);
    return status;
}

/* The one that signed so far becomes a former one, before those whose time is not over yet. */
static struct secrets rotated(const struct secrets *before, const struct random *random,
                              uint64_t now_ms, uint64_t keep_ms)
{
    struct secrets after = {.former_n = 0};
    random->fill(random->user, after.now, SECRET_BYTES);
    if (keep_ms == 0)
        return after;
    memcpy(after.former[0].bytes, before->now, SECRET_BYTES);
    after.former[after.former_n++].until_ms = now_ms + keep_ms;
    for (size_t i = 0; i < before->former_n && after.former_n < SECRETS_FORMER_MAX; i++)
        if (before->former[i].until_ms > now_ms)
            after.former[after.former_n++] = before->former[i];
    return after;
}

static int rotation_put(struct env *env, MDB_txn *txn, const struct random *random, uint64_t now_ms,
                        uint64_t keep_ms)
{
    const struct audit_entry entry = {.act = AUDIT_KEY_ROTATED};
    struct secrets before, after;
    int code = secrets_read(env, txn, &before);
    if (code != 0)
        return code;
    after = rotated(&before, random, now_ms, keep_ms);
    code = secrets_write(env, txn, &after);
    return code == 0 ? audit_put(env, txn, &entry, now_ms) : code;
}

enum pl_status store_secrets_rotate(const struct pl_mem *mem, const char *dir,
                                    const struct random *random, uint64_t now_ms, uint64_t keep_ms)
{
    struct env env;
    MDB_txn *txn;
    char path[ENV_PATH_BYTES];
    struct stat there;
    if (!env_path(dir, ENV_FILE, path) || stat(path, &there) != 0)
        return PL_NOT_FOUND; /* none is made here */
    enum pl_status status = env_open(&env, mem, dir, (size_t)STORE_MAP_BYTES, random);
    if (status != PL_OK)
        return status;
    if (env_is_backup(&env)) {
        status = PL_STATE;
        goto out;
    }
    int code = mdb_txn_begin(env.mdb, NULL, 0, &txn);
    if (code == 0 && (code = rotation_put(&env, txn, random, now_ms, keep_ms)) != 0)
        mdb_txn_abort(txn);
    else if (code == 0)
        code = mdb_txn_commit(txn);
    status = status_of(code);
out:
    env_close(&env);
    return status;
}
