/* Writes of the journal port: appends, new boards, replica ids. Each copies what it is given
 * into one block and queues it; the put functions run on the writer's thread. Not here:
 * snapshots.c, and reading back (history.c). */
#include "store/rows.h"
#include "store/audit.h"
#include "store/store_inner.h"
#include <assert.h>
#include <string.h>

/* A write and its bytes in one block. */
struct append {
    struct asked asked;
    uint64_t board;
    uint64_t first_seq;
    uint64_t now_ms;
    uint32_t doc;
    uint32_t entry_n;
    uint32_t mark_n;
    struct journal_mark *marks; /* behind the struct */
    struct pl_slice envelopes;  /* behind the marks */
};

struct creation {
    struct asked asked;
    uint64_t board;
    uint64_t now_ms;
    uint64_t by;
    uint32_t link_n;
    struct link_row *links;
    struct pl_slice envelope;
};

struct reservation {
    struct asked asked;
    uint64_t board;
    uint32_t count;
    uint32_t first;      /* found by put */
    uint32_t *ret_first; /* the caller's */
};

/* The seq after the last one kept; 1 for a new document. */
static int next_seq(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t *ret_seq)
{
    MDB_val key;
    uint64_t last = 0;
    int code = doc_last(txn, env->journal, board, doc, &key);
    if (code == 0)
        last = key_seq(key.mv_data);
    else if (code != MDB_NOTFOUND)
        return code;
    *ret_seq = last + 1;
    return 0;
}

static int append_put(struct write *write, struct env *env, MDB_txn *txn)
{
    struct append *append = (struct append *)write;
    uint64_t expected;
    int code = next_seq(env, txn, append->board, append->doc, &expected);
    if (code != 0)
        return code;
    if (expected != append->first_seq)
        return WRITE_REFUSED; /* an append before it failed: a journal has no holes */
    code = entry_put(env, txn, append->board, append->doc, append->first_seq, append->entry_n,
                     append->envelopes);
    for (uint32_t i = 0; code == 0 && i < append->mark_n; i++)
        code = mark_put(env, txn, append->board, &append->marks[i], append->now_ms);
    return code;
}

void store_append(void *self, uint64_t board, uint32_t doc, uint64_t first_seq, uint32_t entry_n,
                  struct pl_slice envelopes, const struct journal_mark *marks, uint32_t mark_n,
                  journal_done *done, void *user)
{
    struct store *store = self;
    size_t marks_bytes = mark_n * sizeof *marks;
    assert(entry_n > 0 && envelopes.len > 0);
    struct append *append = asked_get(store, sizeof *append + marks_bytes + envelopes.len, done, user);
    if (append == NULL)
        return;
    *append = (struct append){.asked = asked_of(store, append_put, done, user),
                              .board = board,
                              .first_seq = first_seq,
                              .now_ms = loop_wall_ms(store->loop),
                              .doc = doc,
                              .entry_n = entry_n,
                              .mark_n = mark_n,
                              .marks = (struct journal_mark *)(append + 1)};
    uint8_t *bytes = (uint8_t *)append->marks + marks_bytes;
    if (mark_n > 0)
        memcpy(append->marks, marks, marks_bytes);
    memcpy(bytes, envelopes.data, envelopes.len);
    append->envelopes = (struct pl_slice){bytes, envelopes.len};
    writer_push(store->writer, &append->asked.write);
}

static int creation_put(struct write *write, struct env *env, MDB_txn *txn)
{
    struct creation *creation = (struct creation *)write;
    struct row_board row = {.created_ms = creation->now_ms, .next_replica = 1};
    int code = board_row_put(env, txn, creation->board, &row, MDB_NOOVERWRITE);
    if (code == 0)
        code = entry_put(env, txn, creation->board, 0, 1, 1, creation->envelope);
    for (uint32_t i = 0; code == 0 && i < creation->link_n; i++)
        code = link_put(env, txn, &creation->links[i]);
    const struct audit_entry made = {.board = creation->board, .user = creation->by, .act = AUDIT_BOARD_MADE};
    return code == 0 ? audit_put(env, txn, &made, creation->now_ms) : code;
}

void store_create(void *self, uint64_t board, struct pl_slice envelope,
                  const struct link_row *links, uint32_t link_n, uint64_t by, journal_done *done,
                  void *user)
{
    struct store *store = self;
    size_t links_bytes = link_n * sizeof *links;
    assert(envelope.len > 0);
    struct creation *creation =
        asked_get(store, sizeof *creation + links_bytes + envelope.len, done, user);
    if (creation == NULL)
        return;
    *creation = (struct creation){.asked = asked_of(store, creation_put, done, user),
                                  .board = board,
                                  .now_ms = loop_wall_ms(store->loop),
                                  .by = by,
                                  .link_n = link_n,
                                  .links = (struct link_row *)(creation + 1)};
    uint8_t *bytes = (uint8_t *)creation->links + links_bytes;
    if (link_n > 0)
        memcpy(creation->links, links, links_bytes);
    memcpy(bytes, envelope.data, envelope.len);
    creation->envelope = (struct pl_slice){bytes, envelope.len};
    writer_push(store->writer, &creation->asked.write);
}

static int reservation_put(struct write *write, struct env *env, MDB_txn *txn)
{
    struct reservation *reservation = (struct reservation *)write;
    struct key key = key_board(reservation->board);
    struct row_board row;
    MDB_val name = env_key(&key), value;
    int code = mdb_get(txn, env->meta, &name, &value);
    if (code != 0)
        return code == MDB_NOTFOUND ? WRITE_REFUSED : code;
    if (!row_board_read(env_slice(value), &row) ||
        reservation->count > UINT32_MAX - row.next_replica)
        return WRITE_REFUSED;
    reservation->first = row.next_replica;
    row.next_replica += reservation->count;
    return board_row_put(env, txn, reservation->board, &row, 0);
}

static void reservation_done(struct write *write, enum pl_status status)
{
    struct reservation *reservation = (struct reservation *)write;
    if (status == PL_OK)
        *reservation->ret_first = reservation->first;
    asked_done(write, status);
}

void store_reserve(void *self, uint64_t board, uint32_t count, uint32_t *ret_first,
                   journal_done *done, void *user)
{
    struct store *store = self;
    struct reservation *reservation = asked_get(store, sizeof *reservation, done, user);
    if (reservation == NULL)
        return;
    *reservation = (struct reservation){.asked = asked_of(store, reservation_put, done, user),
                                        .board = board,
                                        .count = count,
                                        .ret_first = ret_first};
    reservation->asked.write.done = reservation_done;
    writer_push(store->writer, &reservation->asked.write);
}

enum pl_status store_find(void *self, uint64_t board)
{
    struct store *store = self;
    struct key key = key_board(board);
    MDB_val name = env_key(&key), value;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    int code = mdb_get(txn, store->env.meta, &name, &value);
    env_read_end(txn);
    if (code != 0)
        return code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
    return PL_OK;
}
