/* The journal port's reading half: the newest snapshot and the journal behind it, or a range. One
 * read transaction per call, ended before it returns; the reader sees slices of the map itself. */
#include "base/log.h"
#include "store/rows.h"
#include "store/store_inner.h"
#include <inttypes.h>

static enum pl_status hole(uint64_t board, uint32_t doc, uint64_t seq)
{
    log_event(LOG_LEVEL_ERROR, "journal_hole", "board=%016" PRIx64 " doc=%u seq=%" PRIu64, board,
              doc, seq);
    return PL_CORRUPT;
}

enum pl_status store_load(void *self, uint64_t board, uint32_t doc,
                          const struct journal_reader *reader)
{
    struct store *store = self;
    enum pl_status status = store_find(store, board);
    if (status != PL_OK)
        return status;
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    uint64_t next;
    status = document_read(&store->env, txn, board, doc, UINT64_MAX, reader, &next);
    if (status == PL_NOT_FOUND) /* entries are missing behind the snapshot, or at the start */
        status = hole(board, doc, next);
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
    enum pl_status status = records_read(&store->env, txn, &walk, reader);
    if (status == PL_OK && walk.next_seq <= to_seq)
        status = PL_NOT_FOUND;
    env_read_end(txn);
    return status;
}
