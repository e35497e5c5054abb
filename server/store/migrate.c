/* The steps between formats. See migrate.h. Each step reads and writes rows as its two formats lay
 * them out, so the old layouts stand here and nowhere else. */
#include "store/migrate.h"
#include "base/crc32c.h"
#include "base/log.h"
#include "store/files.h"
#include "store/rows.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int format_put(struct env *env, MDB_txn *txn, uint32_t format)
{
    struct key key = key_global("format");
    uint8_t row[4] = {0, 0, 0, (uint8_t)format};
    MDB_val name = env_key(&key), value = {.mv_size = sizeof row, .mv_data = row};
    return mdb_put(txn, env->meta, &name, &value, 0);
}

/* Format 1 to 2: bytes u64, deflated_bytes u64, chunk_n u32, crc u32, the crc over key and header
 * and payload. */
#define SNAPSHOT_1_BYTES 24u

static uint32_t u32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Continues a crc over a snapshot's chunks. */
static int chunks_crc(struct env *env, MDB_txn *txn, const uint8_t *header_key, uint32_t chunk_n,
                      uint32_t *crc)
{
    for (uint32_t i = 1; i <= chunk_n; i++) {
        struct key key =
            key_chunk(key_board_of(header_key), key_doc_of(header_key), key_seq(header_key), i);
        MDB_val name = env_key(&key), value;
        int code = mdb_get(txn, env->snapshot, &name, &value);
        if (code != 0)
            return code;
        *crc = crc32c(*crc, env_slice(value));
    }
    return 0;
}

static int snapshot_1_to_2(struct env *env, MDB_txn *txn, const struct key *key)
{
    MDB_val name = env_key(key), value;
    uint8_t old[SNAPSHOT_1_BYTES], fresh[ROW_SNAPSHOT_BYTES];
    int code = mdb_get(txn, env->snapshot, &name, &value);
    if (code != 0 || value.mv_size != SNAPSHOT_1_BYTES)
        return code;
    memcpy(old, value.mv_data, sizeof old);
    struct row_snapshot row = {.bytes = pl_u64_from_bytes(old),
                               .deflated_bytes = pl_u64_from_bytes(old + 8),
                               .chunk_n = u32_at(old + 16)};
    if ((code = journal_srv_ms(env, txn, key_board_of(key->bytes), key_doc_of(key->bytes),
                               key_seq(key->bytes), &row.srv_ms)) != 0)
        return code;
    uint32_t was = crc32c(crc32c(0, (struct pl_slice){key->bytes, KEY_ENTRY_BYTES}),
                          (struct pl_slice){old, SNAPSHOT_1_BYTES - 4});
    if ((code = chunks_crc(env, txn, key->bytes, row.chunk_n, &was)) != 0)
        return code;
    uint32_t now = row_snapshot_crc(key->bytes, &row, (struct pl_slice){0});
    if ((code = chunks_crc(env, txn, key->bytes, row.chunk_n, &now)) != 0)
        return code;
    row.crc = was == u32_at(old + 20) ? now : ~now; /* what was spoiled stays so */
    row_snapshot_write(&row, fresh);
    value = (MDB_val){.mv_size = sizeof fresh, .mv_data = fresh};
    return mdb_put(txn, env->snapshot, &name, &value, 0);
}

/* The header behind `key`, which is moved there; MDB_NOTFOUND at the end. */
static int next_header(struct env *env, MDB_txn *txn, struct key *key)
{
    MDB_cursor *cursor;
    MDB_val name = env_key(key), value;
    int code = mdb_cursor_open(txn, env->snapshot, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    while (code == 0 && (memcmp(name.mv_data, key->bytes, KEY_CHUNK_BYTES) == 0 ||
                         key_chunk_index(name.mv_data) != 0))
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    if (code == 0)
        memcpy(key->bytes, name.mv_data, KEY_CHUNK_BYTES);
    mdb_cursor_close(cursor);
    return code;
}

static int from_1(struct env *env, MDB_txn *txn)
{
    struct key key = key_chunk(0, 0, 0, 0);
    int code;
    while ((code = next_header(env, txn, &key)) == 0) {
        if ((code = snapshot_1_to_2(env, txn, &key)) != 0)
            return code;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

/* Format 2 to 3: link, then board u64, expires_ms u64, role u8, revoked u8. */
#define KEY_LINK_2_BYTES 8u

/* The next row with a key of that format, at `key` or behind it. */
static int next_link_2(struct env *env, MDB_txn *txn, struct key *key, MDB_val *ret_value)
{
    MDB_cursor *cursor;
    MDB_val name = env_key(key);
    int code = mdb_cursor_open(txn, env->link, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, ret_value, MDB_SET_RANGE);
    while (code == 0 && name.mv_size != KEY_LINK_2_BYTES)
        code = mdb_cursor_get(cursor, &name, ret_value, MDB_NEXT);
    if (code == 0)
        memcpy(key->bytes, name.mv_data, KEY_LINK_2_BYTES);
    mdb_cursor_close(cursor);
    return code;
}

static int from_2(struct env *env, MDB_txn *txn)
{
    struct key key = {.len = KEY_LINK_2_BYTES};
    MDB_val value;
    int code;
    while ((code = next_link_2(env, txn, &key, &value)) == 0) {
        const uint8_t *at = value.mv_data;
        if (value.mv_size != 18 || at[16] > PL_ROLE_OWNER)
            return MDB_CORRUPTED;
        const struct link_row link = {.link = pl_u64_from_bytes(key.bytes),
                                      .board = pl_u64_from_bytes(at),
                                      .expires_ms = pl_u64_from_bytes(at + 8),
                                      .role = (enum pl_role)at[16],
                                      .revoked = at[17] != 0};
        MDB_val name = env_key(&key);
        if ((code = mdb_del(txn, env->link, &name, NULL)) != 0 || (code = link_put(env, txn, &link)) != 0)
            return code;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

typedef int step(struct env *env, MDB_txn *txn);
static step *const steps[STORE_FORMAT] = {[1] = from_1, [2] = from_2}; /* by the format it begins from */

/* A whole file under its own name, or none. */
static enum pl_status copy_aside(struct env *env)
{
    char name[64], part_name[80], path[ENV_PATH_BYTES], part[ENV_PATH_BYTES];
    snprintf(name, sizeof name, "plenum-format-%u.mdb", env->format);
    snprintf(part_name, sizeof part_name, "%s.part", name);
    if (!env_path(env->dir, name, path) || !env_path(env->dir, part_name, part))
        return PL_IO;
    (void)unlink(part);
    int code = mdb_env_copy2(env->mdb, part, MDB_CP_COMPACT);
    if (code != 0) {
        log_event(LOG_LEVEL_ERROR, "migrate_failed", "what=copy code=%d reason=\"%s\"", code,
                  mdb_strerror(code));
        (void)unlink(part);
        return PL_IO;
    }
    return file_settle(part, path) ? PL_OK : PL_IO;
}

enum pl_status migrate(struct env *env)
{
    MDB_txn *txn;
    enum pl_status status = copy_aside(env);
    if (status != PL_OK)
        return status;
    int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (code != 0)
        return PL_IO;
    for (uint32_t format = env->format; code == 0 && format < STORE_FORMAT; format++)
        code = steps[format] == NULL ? MDB_INCOMPATIBLE : steps[format](env, txn);
    if (code == 0)
        code = format_put(env, txn, STORE_FORMAT);
    if (code == 0)
        code = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    log_event(code == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
              code == 0 ? "migrated" : "migrate_failed", "from=%u to=%u code=%d reason=\"%s\"",
              env->format, STORE_FORMAT, code, code == 0 ? "" : mdb_strerror(code));
    return code == 0 ? PL_OK : PL_IO;
}
