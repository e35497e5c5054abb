/* A state of the past, read in a worker with a transaction of its own: the loop goes on meanwhile.
 * The snapshot goes out as it is stored; its hash, which clients check, is of what it inflates to.
 * */
#include "base/deflate.h"
#include "proto/id.h"
#include "store/rows.h"
#include "store/store_inner.h"

struct past {
    struct store *store;
    journal_past_done *done;
    void *user;
    uint64_t board;
    uint32_t doc;
    enum pl_status status; /* the worker's */
    struct journal_past told;
    struct pl_buf snapshot, envelopes;
};

static enum pl_status take_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    (void)user;
    (void)seq;
    (void)bytes;
    return PL_CORRUPT; /* a range has none */
}

static enum pl_status take_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                                   struct pl_slice envelopes)
{
    struct past *past = user;
    (void)first_seq;
    (void)last_seq;
    pl_buf_append(&past->envelopes, envelopes.data, envelopes.len);
    return past->envelopes.failed ? PL_NO_MEMORY : PL_OK;
}

/* The snapshot as it is stored: that it is whole was seen when it was inflated. */
static enum pl_status snapshot_take(struct past *past, MDB_txn *txn)
{
    struct env *env = &past->store->env;
    struct pl_buf inflated;
    struct row_snapshot row;
    uint64_t seq;
    pl_buf_init(&inflated, env->mem);
    enum pl_status status =
        snapshot_newest(env, txn, past->board, past->doc, past->told.seq, &inflated, &seq);
    if (status == PL_OK)
        status = snapshot_deflated(env, txn, past->board, past->doc, seq, &past->snapshot, &row);
    if (status == PL_OK) {
        past->told.as_of = seq;
        past->told.snapshot_bytes = inflated.len;
        past->told.snapshot_hash = pl_hash(PL_HASH_START, inflated.data, inflated.len);
    }
    pl_buf_done(&inflated);
    return status == PL_NOT_FOUND ? PL_OK : status; /* then from the first entry on */
}

static enum pl_status read(struct past *past, MDB_txn *txn)
{
    struct env *env = &past->store->env;
    const struct journal_reader reader = {
        .snapshot = take_snapshot, .entries = take_entries, .user = past};
    if (past->told.seq == 0)
        return PL_NOT_FOUND;
    enum pl_status status = snapshot_take(past, txn);
    struct walk walk = {.board = past->board,
                        .doc = past->doc,
                        .next_seq = past->told.as_of + 1,
                        .to_seq = past->told.seq};
    if (status == PL_OK && walk.next_seq <= walk.to_seq)
        status = records_read(env, txn, &walk, &reader);
    return status == PL_OK && walk.next_seq <= walk.to_seq ? PL_NOT_FOUND : status;
}

static void work(void *user)
{
    struct past *past = user;
    MDB_txn *txn = env_read(&past->store->env);
    past->status = PL_IO;
    if (txn == NULL)
        return;
    past->status = read(past, txn);
    env_read_end(txn);
}

static void worked(void *user)
{
    struct past *past = user;
    past->told.snapshot = pl_buf_slice(&past->snapshot);
    past->told.envelopes = pl_buf_slice(&past->envelopes);
    past->done(past->user, past->status, past->status == PL_OK ? &past->told : NULL);
    pl_buf_done(&past->snapshot);
    pl_buf_done(&past->envelopes);
    pl_mem_put(past->store->mem, past);
}

void store_past(void *self, uint64_t board, uint32_t doc, uint64_t seq, journal_past_done *done,
                void *user)
{
    struct store *store = self;
    struct past *past = pl_mem_get(store->mem, sizeof *past);
    if (past == NULL) {
        done(user, PL_NO_MEMORY, NULL); /* not even room to say so later */
        return;
    }
    *past = (struct past){.store = store,
                          .done = done,
                          .user = user,
                          .board = board,
                          .doc = doc,
                          .told = {.seq = seq}};
    pl_buf_init(&past->snapshot, store->mem);
    pl_buf_init(&past->envelopes, store->mem);
    loop_work(store->loop, work, worked, past);
}
