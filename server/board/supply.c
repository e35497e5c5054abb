/* The snapshot that joiners share (share.h): of what it is made, when, and how long it serves.
 *
 * A small board is packed on the spot. Packing 10,000 objects would hold the loop up for tens of
 * milliseconds, so a large board's is made in a worker of what the journal has: its newest snapshot as
 * it is stored, when few entries follow it, or else both folded. What the journal cannot tell is packed
 * here after all. */
#include "board/board_inner.h"
#include "board/fold.h"

#define SHARE_TAIL_MAX        1024u /* a snapshot this many entries, and bytes, old still serves */
#define SHARE_TAIL_BYTES_MAX  (256u * 1024u)
#define SHARE_RENEW_TAIL      256u /* from here on a new one is made for those who may come */
#define SHARE_RENEW_BYTES     (64u * 1024u)
#define SHARE_RENEW_MS        5000u /* so often at most */
#define SHARE_KEPT_MS         30000u /* after somebody came: others come soon */
#define RETRY_MS              2000u

void share_drop(struct board *board)
{
    share_free(board->share);
    board->share = NULL;
    tail_drop(board);
}

static void share_ended(struct board *board)
{
    board->sharing = false;
    board->busy_n--;
    board_turn_schedule(board);
}

static void share_take(struct board *board, struct share *share)
{
    share_drop(board);
    board->share = share;
    board->share_bytes = board->share_bytes_next;
    board->share_fresh = true;
    board->share_made_ms = loop_now_ms(board->env.loop);
}

static void share_packed(void *user, struct share *share_or_null)
{
    struct board *board = user;
    share_ended(board);
    if (board->share_generation != board->generation) {
        share_free(share_or_null); /* of a state that was given up */
        return;
    }
    if (share_or_null != NULL) {
        share_take(board, share_or_null);
        return;
    }
    while (board->joiners != NULL)
        member_dismiss(board->joiners, PL_NO_MEMORY, RETRY_MS);
}

static void share_begun(struct board *board)
{
    board->sharing = true;
    board->share_generation = board->generation;
    board->share_bytes_next = board->admitted_bytes;
    board->busy_n++;
}

/* Of the document as it is now: usable once this seq is durable. */
static enum pl_status share_pack(struct board *board)
{
    struct pl_buf snapshot;
    pl_buf_init(&snapshot, board->env.mem);
    pl_doc_snapshot(board->doc, &snapshot);
    enum pl_status status = share_start(board->env.mem, board->env.loop, 0, pl_doc_head(board->doc),
                                        &snapshot, share_packed, board);
    pl_buf_done(&snapshot);
    if (status == PL_OK)
        share_begun(board);
    return status;
}

/* The journal could not tell, or there was no memory for it: the turn's joiners have it packed. */
static void share_give_up(struct board *board)
{
    board->share_untold = true;
    share_ended(board);
}

/* What the journal told is durable and was not given up, whatever became of the board meanwhile. */
static void share_told_made(void *user, struct share *share_or_null)
{
    struct board *board = user;
    if (share_or_null == NULL) {
        share_give_up(board);
        return;
    }
    share_take(board, share_or_null);
    share_ended(board);
}

static void share_told_folded(void *user, enum pl_status status, struct pl_buf *snapshot)
{
    struct board *board = user;
    if (status == PL_OK)
        status = share_start(board->env.mem, board->env.loop, 0, board->share_wish.seq, snapshot,
                             share_told_made, board);
    if (status != PL_OK)
        share_give_up(board);
}

static void share_told(void *user, enum pl_status status, const struct journal_past *told_or_null)
{
    struct board *board = user;
    const struct journal_past *told = told_or_null;
    const struct share_wish *wish = &board->share_wish;
    /* Stored ones only that this process has loaded or written: an older format is for nobody else. */
    bool stored = told != NULL && told->as_of != 0 && told->as_of == board->snapshot_seq &&
                  told->as_of >= wish->known_seq && told->seq - told->as_of <= wish->tail_max &&
                  told->envelopes.len <= wish->tail_bytes_max;
    if (stored) {
        struct share *share = NULL;
        board->share_bytes_next -= told->envelopes.len;
        status = share_of_stored(board->env.mem, 0, told, &share);
        share_told_made(board, status == PL_OK ? share : NULL);
        return;
    }
    if (told != NULL)
        status = fold_start(board->env.mem, board->env.loop, told, share_told_folded, board);
    if (status != PL_OK)
        share_give_up(board);
}

static enum pl_status share_make(struct board *board, struct share_wish wish)
{
    const struct journal *journal = board->env.journal;
    if (board->sharing || (board->share != NULL && share_as_of(board->share) > board->durable))
        return PL_OK; /* one is coming */
    if (board->share_untold || !board_large(board)) {
        board->share_untold = false;
        return share_pack(board);
    }
    share_begun(board);
    wish.seq = board->durable;
    board->share_wish = wish;
    journal->vtable->past(journal->self, board->id, 0, wish.seq, share_told, board);
    return PL_OK;
}

/* For one who knows the entries up to known_seq: an older snapshot would bring back, as news,
 * echoes it has settled. */
bool share_good(const struct board *board, uint64_t known_seq)
{
    if (board->share == NULL || share_as_of(board->share) > board->durable ||
        share_as_of(board->share) < known_seq)
        return false;
    return board->share_fresh ||
           (board->durable - share_as_of(board->share) <= SHARE_TAIL_MAX &&
            board->admitted_bytes - board->share_bytes <= SHARE_TAIL_BYTES_MAX);
}

enum pl_status share_ask(struct board *board, uint64_t known_seq)
{
    return share_make(board, (struct share_wish){.known_seq = known_seq,
                                                 .tail_max = SHARE_TAIL_MAX,
                                                 .tail_bytes_max = SHARE_TAIL_BYTES_MAX});
}

void share_sweep(struct board *board)
{
    uint64_t now = loop_now_ms(board->env.loop);
    if (board->share == NULL || board->joiners != NULL)
        return;
    if (now - board->share_used_ms > SHARE_KEPT_MS) {
        share_drop(board);
        return;
    }
    bool old = board->durable > share_as_of(board->share) + SHARE_RENEW_TAIL ||
               board->admitted_bytes > board->share_bytes + SHARE_RENEW_BYTES;
    if (!old || !board_admits(board) || now - board->share_made_ms < SHARE_RENEW_MS)
        return;
    if (share_make(board, (struct share_wish){.tail_max = SHARE_RENEW_TAIL,
                                              .tail_bytes_max = SHARE_RENEW_BYTES}) != PL_OK)
        share_drop(board); /* no memory: the next joiner asks again */
}
