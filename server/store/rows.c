/* Rows as they are written, and as they are read back, each checked by its checksum. See rows.h.
 * The readers see slices of the map itself. */
#include "store/rows.h"
#include "base/deflate.h"
#include "base/envelope.h"
#include "base/log.h"
#include <inttypes.h>
#include <string.h>

int doc_last(MDB_txn *txn, MDB_dbi room, uint64_t board, uint32_t doc, MDB_val *ret_key)
{
    MDB_cursor *cursor;
    struct key key = key_chunk(board, doc, UINT64_MAX, UINT32_MAX);
    MDB_val name = env_key(&key), value;
    int code = mdb_cursor_open(txn, room, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    if (code == 0)
        code = mdb_cursor_get(cursor, &name, &value, MDB_PREV);
    else if (code == MDB_NOTFOUND)
        code = mdb_cursor_get(cursor, &name, &value, MDB_LAST);
    if (code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) != 0)
        code = MDB_NOTFOUND;
    if (code == 0)
        *ret_key = name;
    mdb_cursor_close(cursor);
    return code;
}

/* The journal. */

static enum pl_status corrupt(uint64_t board, uint32_t doc, uint64_t seq)
{
    log_event(LOG_LEVEL_ERROR, "journal_corrupt", "board=%016" PRIx64 " doc=%u seq=%" PRIu64, board,
              doc, seq);
    return PL_CORRUPT;
}

static enum pl_status record_read(struct walk *walk, MDB_val name, MDB_val value,
                                  const struct journal_reader *reader)
{
    struct row_entry row;
    struct pl_slice envelopes;
    uint64_t last = key_seq(name.mv_data);
    if (!row_entry_read(env_slice(value), &row, &envelopes) || last < walk->next_seq ||
        last - row.first_seq + 1 != row.entry_n ||
        row_entry_crc(name.mv_data, &row, envelopes) != row.crc)
        return corrupt(walk->board, walk->doc, last);
    if (row.first_seq > walk->next_seq)
        return PL_NOT_FOUND;
    uint64_t first = row.first_seq;
    if (first < walk->next_seq ||
        last > walk->to_seq) { /* a snapshot, or a client, between two borders */
        uint32_t n;
        if (envelope_cut(envelopes, walk->next_seq, walk->to_seq, &envelopes, &n) != PL_OK ||
            n == 0)
            return corrupt(walk->board, walk->doc, last);
        first = walk->next_seq;
        last = first + n - 1;
    }
    walk->next_seq = last + 1;
    return reader->entries(reader->user, first, last, envelopes);
}

enum pl_status records_read(struct env *env, MDB_txn *txn, struct walk *walk,
                            const struct journal_reader *reader)
{
    MDB_cursor *cursor;
    if (mdb_cursor_open(txn, env->journal, &cursor) != 0)
        return PL_NO_MEMORY;
    struct key key = key_entry(walk->board, walk->doc, walk->next_seq);
    MDB_val name = env_key(&key), value;
    enum pl_status status = PL_OK;
    int code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    while (code == 0 && status == PL_OK && walk->next_seq <= walk->to_seq &&
           memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) == 0) {
        status = record_read(walk, name, value, reader);
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (status == PL_OK && code != 0 && code != MDB_NOTFOUND)
        status = PL_IO;
    return status;
}

/* Snapshots. */

enum pl_status snapshot_deflated(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                                 uint64_t seq, struct pl_buf *buf, struct row_snapshot *ret_row)
{
    struct row_snapshot row;
    struct key key = key_chunk(board, doc, seq, 0);
    MDB_val name = env_key(&key), value;
    const size_t start = buf->len;
    if (mdb_get(txn, env->snapshot, &name, &value) != 0 ||
        !row_snapshot_read(env_slice(value), &row))
        return PL_CORRUPT;
    for (uint32_t i = 1; i <= row.chunk_n; i++) {
        key = key_chunk(board, doc, seq, i);
        name = env_key(&key);
        if (mdb_get(txn, env->snapshot, &name, &value) != 0)
            return PL_CORRUPT;
        pl_buf_append(buf, value.mv_data, value.mv_size);
    }
    if (buf->failed)
        return PL_NO_MEMORY;
    struct pl_slice all = {buf->data + start, buf->len - start};
    if (row_snapshot_crc(key.bytes, &row, all) != row.crc)
        return PL_CORRUPT;
    *ret_row = row;
    return PL_OK;
}

enum pl_status snapshot_read(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                             uint64_t seq, struct pl_buf *buf)
{
    struct row_snapshot row;
    struct pl_buf deflated;
    pl_buf_init(&deflated, env->mem);
    enum pl_status status = snapshot_deflated(env, txn, board, doc, seq, &deflated, &row);
    if (status == PL_OK)
        status = inflate_raw(pl_buf_slice(&deflated), row.bytes, buf);
    if (status == PL_OK && buf->len != row.bytes)
        status = PL_CORRUPT;
    pl_buf_done(&deflated);
    return status;
}

/* Puts a cursor on the last header at or before seq_max. */
static int header_before(MDB_cursor *cursor, uint64_t board, uint32_t doc, uint64_t seq_max,
                         MDB_val *name, MDB_val *value)
{
    struct key key = key_chunk(board, doc, seq_max, UINT32_MAX);
    *name = env_key(&key);
    int code = mdb_cursor_get(cursor, name, value, MDB_SET_RANGE);
    if (code == 0) /* behind it: no snapshot has so many chunks */
        code = mdb_cursor_get(cursor, name, value, MDB_PREV);
    else if (code == MDB_NOTFOUND)
        code = mdb_cursor_get(cursor, name, value, MDB_LAST);
    return code;
}

enum pl_status snapshot_newest(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                               uint64_t seq_max, struct pl_buf *buf, uint64_t *ret_seq)
{
    MDB_cursor *cursor;
    MDB_val name, value;
    enum pl_status status = PL_NOT_FOUND;
    if (mdb_cursor_open(txn, env->snapshot, &cursor) != 0)
        return PL_NO_MEMORY;
    struct key first = key_entry(board, doc, 0);
    int code = header_before(cursor, board, doc, seq_max, &name, &value);
    while (code == 0 && memcmp(name.mv_data, first.bytes, KEY_DOC_BYTES) == 0) {
        uint64_t seq = key_seq(name.mv_data);
        if (key_chunk_index(name.mv_data) == 0) { /* backwards: a snapshot's header comes last */
            pl_buf_clear(buf);
            status = snapshot_read(env, txn, board, doc, seq, buf);
            if (status == PL_OK)
                *ret_seq = seq;
            if (status == PL_OK || status == PL_NO_MEMORY)
                break;
            log_event(LOG_LEVEL_ERROR, "snapshot_corrupt",
                      "board=%016" PRIx64 " doc=%u seq=%" PRIu64, board, doc, seq);
            status = PL_NOT_FOUND; /* the one before it, or the journal from its start */
        }
        code = mdb_cursor_get(cursor, &name, &value, MDB_PREV);
    }
    mdb_cursor_close(cursor);
    return status == PL_NOT_FOUND && code != 0 && code != MDB_NOTFOUND ? PL_IO : status;
}

int snapshot_next(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t *seq,
                  struct row_snapshot *ret_row)
{
    MDB_cursor *cursor;
    struct key key = key_chunk(board, doc, *seq, 0);
    MDB_val name = env_key(&key), value;
    int code = mdb_cursor_open(txn, env->snapshot, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    while (code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) == 0 &&
           key_chunk_index(name.mv_data) != 0)
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    if (code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) != 0)
        code = MDB_NOTFOUND;
    if (code == 0) {
        *seq = key_seq(name.mv_data);
        if (!row_snapshot_read(env_slice(value), ret_row))
            *ret_row = (struct row_snapshot){0}; /* too short to be one: reading it will tell */
    }
    mdb_cursor_close(cursor);
    return code;
}

enum pl_status document_read(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                             uint64_t seq_max, const struct journal_reader *reader,
                             uint64_t *ret_next)
{
    struct pl_buf snapshot;
    uint64_t seq = 0;
    pl_buf_init(&snapshot, env->mem);
    enum pl_status status = snapshot_newest(env, txn, board, doc, seq_max, &snapshot, &seq);
    if (status == PL_OK)
        status = reader->snapshot(reader->user, seq, pl_buf_slice(&snapshot));
    pl_buf_done(&snapshot);
    if (status == PL_VERSION)
        log_event(LOG_LEVEL_WARN, "snapshot_version", "board=%016" PRIx64 " doc=%u seq=%" PRIu64,
                  board, doc, seq);
    if (status == PL_NOT_FOUND || status == PL_VERSION) {
        seq = 0;
        status = PL_OK;
    }
    struct walk walk = {.board = board, .doc = doc, .next_seq = seq + 1, .to_seq = seq_max};
    if (status == PL_OK)
        status = records_read(env, txn, &walk, reader);
    *ret_next = walk.next_seq;
    return status;
}

int journal_srv_ms(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t seq,
                   uint64_t *ret_srv_ms)
{
    MDB_cursor *cursor;
    struct key key = key_entry(board, doc, seq);
    MDB_val name = env_key(&key), value;
    struct row_entry row;
    struct pl_slice envelopes;
    struct pl_envelope envelope;
    int code = mdb_cursor_open(txn, env->journal, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    if (code == 0 && (memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) != 0 ||
                      !row_entry_read(env_slice(value), &row, &envelopes)))
        code = MDB_NOTFOUND;
    if (code == 0) {
        struct pl_reader reader = pl_reader_of(envelopes);
        code = MDB_NOTFOUND;
        while (code != 0 && envelope_read(&reader, &envelope) && envelope.seq <= seq) {
            if (envelope.seq == seq) {
                *ret_srv_ms = envelope.srv_ms;
                code = 0;
            }
        }
    }
    mdb_cursor_close(cursor);
    return code;
}

/* Writing. */

int entry_put(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t first_seq,
              uint32_t entry_n, struct pl_slice envelopes)
{
    struct key key = key_entry(board, doc, first_seq + entry_n - 1);
    struct row_entry row = {.first_seq = first_seq, .entry_n = entry_n};
    row.crc = row_entry_crc(key.bytes, &row, envelopes);
    MDB_val name = env_key(&key);
    MDB_val value = {.mv_size = ROW_ENTRY_BYTES + envelopes.len};
    int code = mdb_put(txn, env->journal, &name, &value, MDB_RESERVE | MDB_NOOVERWRITE);
    if (code != 0)
        return code;
    row_entry_write(&row, value.mv_data);
    memcpy((uint8_t *)value.mv_data + ROW_ENTRY_BYTES, envelopes.data, envelopes.len);
    return 0;
}

int board_row_put(struct env *env, MDB_txn *txn, uint64_t board, const struct row_board *row,
                  unsigned flags)
{
    struct key key = key_board(board);
    uint8_t bytes[ROW_BOARD_BYTES];
    row_board_write(row, bytes);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof bytes, .mv_data = bytes};
    return mdb_put(txn, env->meta, &name, &value, flags);
}

int mark_put(struct env *env, MDB_txn *txn, uint64_t board, const struct journal_mark *mark,
             uint64_t now_ms)
{
    struct row_replica row = {.user = mark->user, .hwm = mark->hwm, .seen_ms = now_ms};
    struct key key = key_replica(board, mark->replica);
    uint8_t bytes[ROW_REPLICA_BYTES];
    row_replica_write(&row, bytes);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof bytes, .mv_data = bytes};
    return mdb_put(txn, env->replica, &name, &value, 0);
}

int link_put(struct env *env, MDB_txn *txn, const struct link_row *link)
{
    struct key key = key_link(link->board, link->link);
    uint8_t bytes[ROW_LINK_BYTES];
    row_link_write(link, bytes);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof bytes, .mv_data = bytes};
    return mdb_put(txn, env->link, &name, &value, 0);
}
