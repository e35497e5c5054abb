/* Reading back: the newest snapshot and the journal behind it, checked record by record. One
 * read transaction per call, ended before it returns; the reader sees slices of the map itself. */
#include "base/envelope.h"
#include "base/log.h"
#include "store/store_inner.h"
#include <inttypes.h>
#include <string.h>

static enum pl_status corrupt(uint64_t board, uint32_t doc, uint64_t seq)
{
    log_event(LOG_LEVEL_ERROR, "journal_corrupt", "board=%016" PRIx64 " doc=%u seq=%" PRIu64, board,
              doc, seq);
    return PL_CORRUPT;
}

struct walk {
    uint64_t board;
    uint64_t next_seq; /* the next record must start at or before it */
    uint64_t to_seq;
    uint32_t doc;
};

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

/* Every record from the one that holds next_seq up to to_seq. */
static enum pl_status records_read(struct store *store, MDB_txn *txn, struct walk *walk,
                                   const struct journal_reader *reader)
{
    MDB_cursor *cursor;
    if (mdb_cursor_open(txn, store->env.journal, &cursor) != 0)
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

enum pl_status store_load(void *self, uint64_t board, uint32_t doc,
                          const struct journal_reader *reader)
{
    struct store *store = self;
    struct pl_buf snapshot;
    uint64_t seq = 0;
    if (!store_exists(store, board))
        return PL_NOT_FOUND;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    pl_buf_init(&snapshot, store->mem);
    enum pl_status status = snapshot_newest(store, txn, board, doc, &snapshot, &seq);
    if (status == PL_OK)
        status = reader->snapshot(reader->user, seq, pl_buf_slice(&snapshot));
    else if (status == PL_NOT_FOUND)
        status = PL_OK;
    if (status == PL_OK) {
        struct walk walk = {.board = board, .doc = doc, .next_seq = seq + 1, .to_seq = UINT64_MAX};
        status = records_read(store, txn, &walk, reader);
        if (status == PL_NOT_FOUND) /* entries are missing behind the snapshot, or at the start */
            status = corrupt(board, doc, walk.next_seq);
    }
    pl_buf_done(&snapshot);
    env_read_end(txn);
    return status;
}

enum pl_status store_range(void *self, uint64_t board, uint32_t doc, uint64_t from_seq,
                           uint64_t to_seq, const struct journal_reader *reader)
{
    struct store *store = self;
    struct walk walk = {.board = board, .doc = doc, .next_seq = from_seq, .to_seq = to_seq};
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    enum pl_status status = records_read(store, txn, &walk, reader);
    if (status == PL_OK && walk.next_seq <= to_seq)
        status = PL_NOT_FOUND;
    env_read_end(txn);
    return status;
}
