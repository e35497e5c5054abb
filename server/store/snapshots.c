/* Canonical snapshots: deflated in a worker, written in chunks with a header, in a transaction
 * of their own so that a disk too full for one does not take people's edits down with it. With each
 * the past is thinned (thinning.h). Pins, which keep parts of it. */
#include "base/deflate.h"
#include "base/log.h"
#include "proto/limits.h"
#include "store/rows.h"
#include "store/store_inner.h"
#include "store/thinning.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define CHUNK_BYTES PL_SNAPSHOT_CHUNK_BYTES

struct saving {
    struct asked asked;
    uint64_t board;
    uint64_t seq;
    uint64_t now_ms;
    uint32_t doc;
    enum pl_status status;  /* of the worker */
    struct pl_buf deflated; /* the worker's, then the writer's */
    struct pl_slice bytes;  /* behind the struct */
};

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
    return code == 0 ? history_thin(env, txn, saving->board, saving->doc, saving->now_ms,
                                    &saving->asked.store->history)
                     : code;
}

static void saving_done(struct write *write, enum pl_status status)
{
    struct saving *saving = (struct saving *)write;
    pl_buf_done(&saving->deflated);
    asked_done(write, status);
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
        writer_push(saving->asked.store->writer, &saving->asked.write);
    else
        saving_done(&saving->asked.write, PL_IO);
}

void store_snapshot(void *self, uint64_t board, uint32_t doc, uint64_t seq, struct pl_slice bytes,
                    journal_done *done, void *user)
{
    struct store *store = self;
    struct saving *saving = asked_get(store, sizeof *saving + bytes.len, done, user);
    if (saving == NULL)
        return;
    *saving = (struct saving){.asked = asked_of(store, saving_put, done, user),
                              .board = board,
                              .seq = seq,
                              .now_ms = loop_wall_ms(store->loop),
                              .doc = doc,
                              .bytes = {(uint8_t *)(saving + 1), bytes.len}};
    saving->asked.write.done = saving_done;
    saving->asked.write.alone = true;
    memcpy(saving + 1, bytes.data, bytes.len);
    pl_buf_init(&saving->deflated, store->mem);
    loop_work(store->loop, saving_work, saving_deflated, saving);
}

struct pinning {
    struct asked asked;
    uint64_t board, pin;
    struct thin_pin states;
    uint32_t doc;
    bool remove;
};

static int pinning_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct pinning *pinning = (const struct pinning *)write;
    return pinning->remove
               ? pin_remove(env, txn, pinning->board, pinning->doc, pinning->pin)
               : pin_put(env, txn, pinning->board, pinning->doc, pinning->pin, &pinning->states);
}

static void pinning_push(struct store *store, const struct pinning *model, journal_done *done, void *user)
{
    struct pinning *pinning = asked_get(store, sizeof *pinning, done, user);
    if (pinning == NULL)
        return;
    *pinning = *model;
    pinning->asked = asked_of(store, pinning_put, done, user);
    writer_push(store->writer, &pinning->asked.write);
}

void store_pin(struct store *store, uint64_t board, uint32_t doc, uint64_t pin, uint64_t from_seq,
               uint64_t to_seq, journal_done *done, void *user)
{
    const struct pinning model = {.board = board, .pin = pin, .states = {from_seq, to_seq}, .doc = doc};
    pinning_push(store, &model, done, user);
}

void store_unpin(struct store *store, uint64_t board, uint32_t doc, uint64_t pin,
                 journal_done *done, void *user)
{
    const struct pinning model = {.board = board, .pin = pin, .doc = doc, .remove = true};
    pinning_push(store, &model, done, user);
}
