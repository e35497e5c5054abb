/* See view.h. One read transaction for the view's life. */
#include "store/view_inner.h"
#include "store/rows.h"
#include "store/track_read.h"
#include <string.h>

enum pl_status store_view_open(const struct pl_mem *mem, const char *dir,
                               struct store_view **ret_view)
{
    struct store_view *view = pl_mem_get(mem, sizeof *view);
    if (view == NULL)
        return PL_NO_MEMORY;
    *view = (struct store_view){.mem = mem};
    enum pl_status status = env_open_view(&view->env, mem, dir);
    if (status == PL_OK && (view->txn = env_read(&view->env)) == NULL)
        status = PL_IO;
    if (status != PL_OK) {
        store_view_close(view);
        return status;
    }
    *ret_view = view;
    return PL_OK;
}

void store_view_close(struct store_view *view_or_null)
{
    if (view_or_null == NULL)
        return;
    if (view_or_null->txn != NULL)
        env_read_end(view_or_null->txn);
    env_close(&view_or_null->env);
    pl_mem_put(view_or_null->mem, view_or_null);
}

/* The first row of a room from `key` on; 0 or LMDB's code. */
static int row_from(struct store_view *view, MDB_dbi room, const struct key *key, MDB_val *ret_name,
                    MDB_val *ret_value)
{
    MDB_cursor *cursor;
    *ret_name = env_key(key);
    int code = mdb_cursor_open(view->txn, room, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, ret_name, ret_value, MDB_SET_RANGE);
    mdb_cursor_close(cursor);
    return code;
}

bool store_view_board(struct store_view *view, uint64_t after, struct store_view_board *ret_board)
{
    struct key key = key_board(after + 1);
    struct row_board row;
    MDB_val name, value;
    if (after == UINT64_MAX || row_from(view, view->env.meta, &key, &name, &value) != 0 ||
        name.mv_size != key.len || *(const uint8_t *)name.mv_data != key.bytes[0] ||
        !row_board_read(env_slice(value), &row))
        return false;
    *ret_board =
        (struct store_view_board){.board = pl_u64_from_bytes((const uint8_t *)name.mv_data + 1),
                                  .created_ms = row.created_ms,
                                  .next_replica = row.next_replica};
    return true;
}

enum pl_status store_view_snapshot(struct store_view *view, uint64_t board, uint32_t doc,
                                   uint64_t from, uint64_t *ret_seq)
{
    struct row_snapshot row;
    int code = snapshot_next(&view->env, view->txn, board, doc, &from, &row);
    if (code == 0)
        *ret_seq = from;
    return code == 0 ? PL_OK : code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
}

enum pl_status store_view_snapshot_read(struct store_view *view, uint64_t board, uint32_t doc,
                                        uint64_t seq, struct pl_buf *buf)
{
    return snapshot_read(&view->env, view->txn, board, doc, seq, buf);
}

enum pl_status store_view_record(struct store_view *view, uint64_t board, uint32_t doc,
                                 uint64_t from, uint64_t *ret_first, uint64_t *ret_last)
{
    struct key key = key_entry(board, doc, from);
    struct row_entry row;
    struct pl_slice envelopes;
    MDB_val name, value;
    int code = row_from(view, view->env.journal, &key, &name, &value);
    if (code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) != 0)
        code = MDB_NOTFOUND;
    if (code != 0)
        return code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
    if (!row_entry_read(env_slice(value), &row, &envelopes))
        return PL_CORRUPT;
    *ret_first = row.first_seq;
    *ret_last = key_seq(name.mv_data);
    return PL_OK;
}

enum pl_status store_view_entries(struct store_view *view, uint64_t board, uint32_t doc,
                                  uint64_t from, uint64_t to, const struct journal_reader *reader,
                                  uint64_t *ret_next)
{
    struct walk walk = {.board = board, .doc = doc, .next_seq = from, .to_seq = to};
    enum pl_status status = records_read(&view->env, view->txn, &walk, reader);
    *ret_next = walk.next_seq;
    return status;
}

enum pl_status store_view_load(struct store_view *view, uint64_t board, uint32_t doc,
                               uint64_t seq_max, const struct journal_reader *reader)
{
    uint64_t next;
    return document_read(&view->env, view->txn, board, doc, seq_max, reader, &next);
}

bool store_view_mark(struct store_view *view, uint64_t board, uint32_t from,
                     struct journal_mark *ret_mark)
{
    struct key key = key_replica(board, from);
    struct row_replica row;
    MDB_val name, value;
    if (row_from(view, view->env.replica, &key, &name, &value) != 0 ||
        memcmp(name.mv_data, key.bytes, 8) != 0 || !row_replica_read(env_slice(value), &row))
        return false;
    const uint8_t *at = (const uint8_t *)name.mv_data + 8;
    *ret_mark = (struct journal_mark){.replica = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
                                                 (uint32_t)at[2] << 8 | at[3],
                                      .user = row.user,
                                      .hwm = row.hwm};
    return true;
}

bool store_view_link(struct store_view *view, uint64_t board, uint64_t link, struct link_row *ret_link)
{
    struct key key = link == UINT64_MAX ? key_link(board + 1, 0) : key_link(board, link + 1);
    MDB_val name, value;
    return row_from(view, view->env.link, &key, &name, &value) == 0 && name.mv_size == key.len &&
           row_link_read(name.mv_data, env_slice(value), ret_link);
}

bool store_view_audit(struct store_view *view, uint64_t board, bool lasts, uint64_t from, uint64_t *ret_n,
                      uint64_t *ret_at_ms, struct audit_entry *ret_entry)
{
    struct key key = key_audit(board, lasts, from);
    struct row_audit row;
    MDB_val name, value;
    if (row_from(view, view->env.audit, &key, &name, &value) != 0 || name.mv_size != KEY_AUDIT_BYTES ||
        memcmp(name.mv_data, key.bytes, KEY_LANE_BYTES) != 0 ||
        !row_audit_read(name.mv_data, env_slice(value), &row))
        return false;
    *ret_n = key_audit_n(name.mv_data);
    *ret_at_ms = row.at_ms;
    *ret_entry = row.entry;
    return true;
}

enum pl_status store_view_track(struct store_view *view, uint64_t *board, uint64_t *track, struct track **ret_track)
{
    int code = track_next(&view->env, view->txn, board, track);
    if (code != 0)
        return code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
    enum pl_status status = track_read(&view->env, view->txn, *board, *track, ret_track);
    return status == PL_NOT_FOUND ? PL_CORRUPT : status; /* parts of one, without its own row */
}

enum pl_status store_view_track_now(struct store_view *view, uint64_t board, uint64_t track, struct track **ret_track)
{
    return track_read_now(&view->env, board, track, ret_track);
}

enum pl_status store_view_chunk(struct store_view *view, const struct track *track, uint32_t segment,
                                enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk)
{
    return track_chunk_find(&view->env, view->txn, track, segment, stream, n, ret_chunk);
}
