/* See put_board.h. */
#include "store/put_board.h"
#include "base/envelope.h"
#include "store/audit.h"
#include "store/rows.h"

#define RECORD_ENTRIES 512u
#define RECORD_BYTES   (256u * 1024u)

/* The envelopes as records of a few hundred each. */
static int entries_put(struct env *env, MDB_txn *txn, const struct store_new_board *board)
{
    struct pl_reader reader = pl_reader_of(board->envelopes);
    struct pl_envelope envelope;
    const uint8_t *start = reader.at;
    uint64_t first = 1;
    int code = 0;
    while (code == 0 && envelope_read(&reader, &envelope)) {
        uint64_t n = envelope.seq - first + 1;
        size_t len = (size_t)(reader.at - start);
        if (n < RECORD_ENTRIES && len < RECORD_BYTES && !pl_reader_done(&reader))
            continue;
        code =
            entry_put(env, txn, board->board, 0, first, (uint32_t)n, (struct pl_slice){start, len});
        first = envelope.seq + 1;
        start = reader.at;
    }
    return code == 0 && !pl_reader_done(&reader) ? MDB_CORRUPTED : code;
}

static int board_put(struct env *env, const struct store_new_board *board)
{
    MDB_txn *txn;
    const struct row_board row = {.created_ms = board->created_ms,
                                  .next_replica = board->next_replica};
    int code = mdb_txn_begin(env->mdb, NULL, 0, &txn);
    if (code != 0)
        return code;
    code = board_row_put(env, txn, board->board, &row, MDB_NOOVERWRITE);
    if (code == 0)
        code = entries_put(env, txn, board);
    for (size_t i = 0; code == 0 && i < board->mark_n; i++)
        code = mark_put(env, txn, board->board, &board->marks[i], board->created_ms);
    for (size_t i = 0; code == 0 && i < board->link_n; i++)
        code = link_put(env, txn, &board->links[i]);
    const struct audit_entry imported = {.board = board->board, .act = AUDIT_BOARD_IMPORTED};
    if (code == 0)
        code = audit_put(env, txn, &imported, board->created_ms);
    if (code == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

enum pl_status store_put_board(const struct pl_mem *mem, const char *dir,
                               const struct store_new_board *board,
                               uint8_t ret_secret[SECRET_BYTES])
{
    struct env env;
    struct key key = key_global("secret/links");
    enum pl_status status = env_open(&env, mem, dir, (size_t)STORE_MAP_BYTES, random_system());
    if (status != PL_OK)
        return status;
    status = env_is_backup(&env)
                 ? PL_STATE
                 : env_random_row(&env, &key, random_system(), ret_secret, SECRET_BYTES);
    if (status == PL_OK) {
        int code = board_put(&env, board);
        status = code == 0 ? PL_OK : code == MDB_KEYEXIST ? PL_DUPLICATE : PL_IO;
    }
    env_close(&env);
    return status;
}
