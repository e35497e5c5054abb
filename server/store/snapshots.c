/* Canonical snapshots: deflated in a worker, written in chunks with a header, in a transaction
 * of their own so that a disk too full for one does not take people's edits down with it. The
 * journal is kept whole, so the two newest suffice: one to load, one should its bytes rot. */
#include "base/deflate.h"
#include "base/log.h"
#include "proto/limits.h"
#include "store/rows.h"
#include "store/store_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define SNAPSHOTS_KEPT 2u
#define CHUNK_BYTES    PL_SNAPSHOT_CHUNK_BYTES

struct saving {
    struct write write;
    struct store *store;
    journal_done *done;
    void *user;
    uint64_t board;
    uint64_t seq;
    uint32_t doc;
    enum pl_status status;  /* of the worker */
    struct pl_buf deflated; /* the worker's, then the writer's */
    struct pl_slice bytes;  /* behind the struct */
};

/* The seq of the oldest snapshot to keep. Reads only: deleting under a cursor moves it. */
static int oldest_kept(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc,
                       uint64_t *ret_seq)
{
    MDB_cursor *cursor;
    MDB_val name, value;
    uint32_t kept = 0;
    int code = doc_last(txn, env->snapshot, board, doc, &name);
    if (code != 0 || (code = mdb_cursor_open(txn, env->snapshot, &cursor)) != 0)
        return code;
    struct key first = key_entry(board, doc, 0);
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET);
    while (code == 0 && memcmp(name.mv_data, first.bytes, KEY_DOC_BYTES) == 0 &&
           kept < SNAPSHOTS_KEPT) {
        if (key_chunk_index(name.mv_data) == 0) { /* backwards: a snapshot's header comes last */
            *ret_seq = key_seq(name.mv_data);
            kept++;
        }
        code = mdb_cursor_get(cursor, &name, &value, MDB_PREV);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int prune(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc)
{
    uint64_t oldest = 0;
    int code = oldest_kept(env, txn, board, doc, &oldest);
    while (code == 0) {
        MDB_cursor *cursor;
        struct key key = key_entry(board, doc, 0);
        MDB_val name = env_key(&key), value;
        if ((code = mdb_cursor_open(txn, env->snapshot, &cursor)) != 0)
            break;
        code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        bool old = code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) == 0 &&
                   key_seq(name.mv_data) < oldest;
        if (old)
            code = mdb_cursor_del(cursor, 0);
        mdb_cursor_close(cursor);
        if (!old)
            break;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static int saving_put(struct write *write, struct env *env, MDB_txn *txn)
{
    struct saving *saving = (struct saving *)write;
    struct pl_slice all = pl_buf_slice(&saving->deflated);
    struct key key = key_chunk(saving->board, saving->doc, saving->seq, 0);
    struct row_snapshot row = {.bytes = saving->bytes.len,
                               .deflated_bytes = all.len,
                               .chunk_n = (uint32_t)((all.len + CHUNK_BYTES - 1) / CHUNK_BYTES)};
    uint8_t header[ROW_SNAPSHOT_BYTES];
    int code = journal_srv_ms(env, txn, saving->board, saving->doc, saving->seq, &row.srv_ms);
    if (code != 0)
        return code == MDB_NOTFOUND ? WRITE_REFUSED : code; /* of a seq that is not durable */
    row.crc = row_snapshot_crc(key.bytes, &row, all);
    row_snapshot_write(&row, header);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof header, .mv_data = header};
    code = mdb_put(txn, env->snapshot, &name, &value, 0);
    for (uint32_t i = 0; code == 0 && i < row.chunk_n; i++) {
        size_t at = (size_t)i * CHUNK_BYTES;
        key = key_chunk(saving->board, saving->doc, saving->seq, i + 1);
        name = env_key(&key);
        value.mv_size = all.len - at < CHUNK_BYTES ? all.len - at : CHUNK_BYTES;
        value.mv_data = (void *)(all.data + at);
        code = mdb_put(txn, env->snapshot, &name, &value, 0);
    }
    return code == 0 ? prune(env, txn, saving->board, saving->doc) : code;
}

static void saving_done(struct write *write, enum pl_status status)
{
    struct saving *saving = (struct saving *)write;
    saving->done(saving->user, status);
    pl_buf_done(&saving->deflated);
    pl_mem_put(saving->store->mem, saving);
}

static void saving_work(void *user)
{
    struct saving *saving = user;
    saving->status = deflate_raw(saving->bytes, &saving->deflated);
}

static void saving_deflated(void *user)
{
    struct saving *saving = user;
    if (saving->status == PL_OK)
        writer_push(saving->store->writer, &saving->write);
    else
        saving_done(&saving->write, PL_IO);
}

void store_snapshot(void *self, uint64_t board, uint32_t doc, uint64_t seq, struct pl_slice bytes,
                    journal_done *done, void *user)
{
    struct store *store = self;
    struct saving *saving = pl_mem_get(store->mem, sizeof *saving + bytes.len);
    if (saving == NULL) {
        store_fail_later(store, done, user);
        return;
    }
    *saving = (struct saving){.write = {.put = saving_put, .done = saving_done, .alone = true},
                              .store = store,
                              .done = done,
                              .user = user,
                              .board = board,
                              .seq = seq,
                              .doc = doc,
                              .bytes = {(uint8_t *)(saving + 1), bytes.len}};
    memcpy(saving + 1, bytes.data, bytes.len);
    pl_buf_init(&saving->deflated, store->mem);
    loop_work(store->loop, saving_work, saving_deflated, saving);
}
