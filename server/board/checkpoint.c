/* Snapshots for the disk, so that loading and joining need not fold much: when one is due, and of what it
 * is made. A small board is packed on the spot, and its snapshot handed over once that seq is durable; a
 * large one's is made in a worker, of the last snapshot and what the journal has since (fold.h).
 *
 * Invariant: the journal is given a snapshot only of what it has durably itself. */
#include "board/board_inner.h"
#include "board/fold.h"

#define ENTRIES_MIN       4096u
#define BYTES_MIN         (8u * 1024u * 1024u) /* large batches: loading must not read 1 GB */
#define LARGE_BYTES_MIN   (256u * 1024u)       /* of a large board: who joins is sent what follows it */
#define SAVE_FAILURES_MAX 3u /* then a board is unloaded without: the journal has it all */
#define PATIENCE_MAX      8u

#define LARGE_OBJECTS 1000u
#define LARGE_BYTES   (64u * 1024u) /* of its last snapshot */

bool board_large(const struct board *board)
{
    return pl_doc_object_n(board->doc) > LARGE_OBJECTS || board->snapshot_bytes > LARGE_BYTES;
}

static void covers_all(struct board *board)
{
    board->saving_n = board->tail_n;
    board->saving_bytes = board->tail_bytes;
    board->tail_n = board->tail_bytes = 0;
}

/* The journal since the last stored one is as long as before. */
static void covers_nothing(struct board *board)
{
    board->tail_n += board->saving_n;
    board->tail_bytes += board->saving_bytes;
}

static void saved(void *user, enum pl_status status)
{
    struct board *board = user;
    board->saving = false;
    board->busy_n--;
    metrics_add(board->env.metrics, METRIC_CHECKPOINTS, status == PL_OK);
    board->save_failures = status == PL_OK ? 0 : board->save_failures + 1;
    if (status == PL_OK)
        board->snapshot_seq = board->saving_seq;
    else
        covers_nothing(board);
    board_turn_schedule(board);
}

static void save(struct board *board, uint64_t seq, struct pl_slice snapshot)
{
    const struct journal *journal = board->env.journal;
    board->saving_seq = seq;
    journal->vtable->snapshot(journal->self, board->id, 0, seq, snapshot, saved, board);
}

/* Of the document as it is now; handed over when that is durable. */
static void pack(struct board *board)
{
    pl_buf_done(&board->checkpoint);
    pl_doc_snapshot(board->doc, &board->checkpoint);
    if (board->checkpoint.failed) {
        pl_buf_done(&board->checkpoint); /* the journal has it all; another time */
        return;
    }
    board->checkpoint_seq = pl_doc_head(board->doc);
    board->snapshot_bytes = board->checkpoint.len;
    covers_all(board);
}

static void hand_over(struct board *board)
{
    if (board->checkpoint_seq == 0 || board->checkpoint_seq > board->durable || board->saving)
        return;
    const uint64_t seq = board->checkpoint_seq;
    board->saving = true;
    board->busy_n++;
    board->checkpoint_seq = 0;
    save(board, seq, pl_buf_slice(&board->checkpoint));
    pl_buf_done(&board->checkpoint);
}

/* Nothing came of asking the journal: the document in memory serves as well, if there is one. */
static void pack_after_all(struct board *board)
{
    board->saving = false;
    board->busy_n--;
    covers_nothing(board);
    if (!board->lost && board->doc != NULL) {
        pack(board);
        hand_over(board);
    }
    board_turn_schedule(board);
}

static void folded(void *user, enum pl_status status, struct pl_buf *snapshot)
{
    struct board *board = user;
    if (status != PL_OK) {
        pack_after_all(board);
        return;
    }
    board->snapshot_bytes = snapshot->len;
    save(board, board->saving_seq, pl_buf_slice(snapshot));
}

static void told(void *user, enum pl_status status, const struct journal_past *told_or_null)
{
    struct board *board = user;
    if (told_or_null != NULL)
        status = fold_start(board->env.mem, board->env.loop, told_or_null, folded, board);
    if (status != PL_OK)
        pack_after_all(board);
}

static void ask(struct board *board)
{
    const struct journal *journal = board->env.journal;
    board->saving = true;
    board->busy_n++;
    board->saving_seq = board->durable;
    covers_all(board);
    journal->vtable->past(journal->self, board->id, 0, board->durable, told, board);
}

static bool due(const struct board *board, bool large)
{
    const uint32_t patience = /* after a failure: not at once again */
        board->save_failures < PATIENCE_MAX ? board->save_failures : PATIENCE_MAX;
    const uint64_t bytes_min = large ? LARGE_BYTES_MIN : BYTES_MIN;
    bool long_tail = board->tail_n >= (uint64_t)ENTRIES_MIN << patience ||
                     board->tail_bytes >= bytes_min << patience;
    return long_tail && board->tail_bytes > board->snapshot_bytes / (large ? 2 : 1) &&
           board->checkpoint_seq == 0 && !board->saving;
}

void checkpoint_consider(struct board *board)
{
    const bool large = board_large(board);
    if (due(board, large) && large)
        ask(board);
    else if (due(board, large))
        pack(board);
    hand_over(board);
}

bool board_checkpoint(struct board *board)
{
    if (board->lost || board->doc == NULL || board->tail_n == 0 || board->saving ||
        board->save_failures >= SAVE_FAILURES_MAX || board->durable != pl_doc_head(board->doc))
        return false;
    if (board_large(board) && board->state != BOARD_DRAINING) {
        ask(board);
        return board->saving;
    }
    pack(board);
    hand_over(board);
    return board->saving;
}

void checkpoint_forget(struct board *board)
{
    pl_buf_done(&board->checkpoint);
    board->checkpoint_seq = 0;
}
