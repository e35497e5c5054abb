/* The links port (base/links.h) on the link room: a link's key begins with its board. */
#include "store/audit.h"
#include "store/rows.h"
#include "store/store_inner.h"
#include <string.h>

static enum pl_status link_find(void *self, uint64_t board, uint64_t link, struct link_row *ret_row)
{
    struct store *store = self;
    struct key key = key_link(board, link);
    MDB_val name = env_key(&key), value;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    enum pl_status status = PL_OK;
    int code = mdb_get(txn, store->env.link, &name, &value);
    if (code != 0)
        status = code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
    else if (!row_link_read(key.bytes, env_slice(value), ret_row))
        status = PL_IO;
    env_read_end(txn);
    return status;
}

static enum pl_status link_each(void *self, uint64_t board,
                                void (*row)(void *user, const struct link_row *row), void *user)
{
    struct store *store = self;
    struct key key = key_link(board, 0);
    MDB_cursor *cursor;
    MDB_val name = env_key(&key), value;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    int code = mdb_cursor_open(txn, store->env.link, &cursor);
    if (code == 0) {
        code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        while (code == 0 && memcmp(name.mv_data, key.bytes, 8) == 0) {
            struct link_row link;
            if (row_link_read(name.mv_data, env_slice(value), &link))
                row(user, &link);
            code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
    }
    env_read_end(txn);
    return code == 0 || code == MDB_NOTFOUND ? PL_OK : PL_IO;
}

struct change {
    struct asked asked;
    struct link_row row;
    struct audit_entry entry;
    uint64_t now_ms;
};

static int change_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct change *change = (const struct change *)write;
    int code = link_put(env, txn, &change->row);
    return code == 0 ? audit_put(env, txn, &change->entry, change->now_ms) : code;
}

static void link_change(void *self, const struct link_row *row, const struct audit_entry *entry,
                        links_done *done, void *user)
{
    struct store *store = self;
    struct change *change = asked_get(store, sizeof *change, done, user);
    if (change == NULL)
        return;
    *change = (struct change){.asked = asked_of(store, change_put, done, user),
                              .row = *row,
                              .entry = *entry,
                              .now_ms = loop_wall_ms(store->loop)};
    writer_push(store->writer, &change->asked.write);
}

struct links store_links(struct store *store)
{
    return (struct links){.find = link_find, .each = link_each, .put = link_change, .self = store};
}
