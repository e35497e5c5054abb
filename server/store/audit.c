/* See audit.h. An entry's number is one more than the last one's, and entries go from the front only, so how many there
 * are is told by the first and the last. */
#include "store/audit.h"
#include "base/log.h"
#include "store/store_inner.h"
#include <inttypes.h>
#include <string.h>

/* The first row of the record that `prefix` begins, lent by LMDB; MDB_NOTFOUND. */
static int row_first(struct env *env, MDB_txn *txn, const struct key *prefix, MDB_val *ret_name,
                     MDB_val *ret_value)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, env->audit, &cursor);
    if (code != 0)
        return code;
    *ret_name = env_key(prefix);
    code = mdb_cursor_get(cursor, ret_name, ret_value, MDB_SET_RANGE);
    if (code == 0 && memcmp(ret_name->mv_data, prefix->bytes, KEY_LANE_BYTES) != 0)
        code = MDB_NOTFOUND;
    mdb_cursor_close(cursor);
    return code;
}

static int number_last(struct env *env, MDB_txn *txn, uint64_t board, bool lasts, uint64_t *ret_n)
{
    struct key behind = key_audit(board, lasts, UINT64_MAX);
    MDB_cursor *cursor;
    MDB_val name = env_key(&behind), value;
    int code = mdb_cursor_open(txn, env->audit, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    code = code == MDB_NOTFOUND ? mdb_cursor_get(cursor, &name, &value, MDB_LAST)
           : code == 0          ? mdb_cursor_get(cursor, &name, &value, MDB_PREV)
                                : code;
    mdb_cursor_close(cursor);
    if (code != 0 && code != MDB_NOTFOUND)
        return code;
    const bool ours = code == 0 && memcmp(name.mv_data, behind.bytes, KEY_LANE_BYTES) == 0;
    *ret_n = ours ? key_audit_n(name.mv_data) : 0;
    return 0;
}

static bool kept(const MDB_val *name, const MDB_val *value, bool lasts, uint64_t last_n,
                 uint64_t now_ms)
{
    struct row_audit row;
    if (last_n - key_audit_n(name->mv_data) >= AUDIT_ENTRIES_MAX)
        return false;
    return lasts || !row_audit_read(name->mv_data, env_slice(*value), &row) ||
           row.at_ms + AUDIT_PASSING_MS_MAX > now_ms;
}

static int thin(struct env *env, MDB_txn *txn, uint64_t board, bool lasts, uint64_t last_n,
                uint64_t now_ms)
{
    const struct key prefix = key_audit(board, lasts, 0);
    int code = 0;
    for (unsigned i = 0; code == 0 && i < AUDIT_DROP_N; i++) {
        MDB_val name, value;
        code = row_first(env, txn, &prefix, &name, &value);
        if (code != 0 || kept(&name, &value, lasts, last_n, now_ms))
            break;
        struct key first =
            key_audit(board, lasts, key_audit_n(name.mv_data)); /* a delete moves what LMDB lent */
        name = env_key(&first);
        code = mdb_del(txn, env->audit, &name, NULL);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

int audit_put(struct env *env, MDB_txn *txn, const struct audit_entry *entry, uint64_t now_ms)
{
    const struct row_audit row = {.at_ms = now_ms, .entry = *entry};
    const bool lasts = audit_act_lasts(entry->act);
    uint8_t bytes[ROW_AUDIT_BYTES];
    uint64_t n;
    int code = number_last(env, txn, entry->board, lasts, &n);
    if (code != 0)
        return code;
    struct key key = key_audit(entry->board, lasts, n + 1);
    row_audit_write(&row, bytes);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof bytes, .mv_data = bytes};
    code = mdb_put(txn, env->audit, &name, &value, MDB_NOOVERWRITE);
    return code == 0 ? thin(env, txn, entry->board, lasts, n + 1, now_ms) : code;
}

/* The port. */

struct note {
    struct write write;
    struct store *store;
    struct audit_entry entry;
    uint64_t now_ms;
};

static int note_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct note *note = (const struct note *)write;
    return audit_put(env, txn, &note->entry, note->now_ms);
}

static void note_done(struct write *write, enum pl_status status)
{
    struct note *note = (struct note *)write;
    if (status != PL_OK)
        log_event(LOG_LEVEL_WARN, "audit_lost", "board=%016" PRIx64 " act=%s", note->entry.board,
                  audit_act_name(note->entry.act));
    pl_mem_put(note->store->mem, note);
}

static void audit_write(void *self, const struct audit_entry *entry)
{
    struct store *store = self;
    struct note *note = pl_mem_get(store->mem, sizeof *note);
    if (note == NULL)
        return;
    *note = (struct note){.write = {.put = note_put, .done = note_done},
                          .store = store,
                          .entry = *entry,
                          .now_ms = loop_wall_ms(store->loop)};
    writer_push(store->writer, &note->write);
}

struct audit store_audit(struct store *store)
{
    return (struct audit){.note = audit_write, .self = store};
}
