/* From gathered to durable to everyone: one append at a time per board, so what gathers during
 * an fsync becomes one record and, when it is durable, one frame (a few when large).
 *
 * Invariant: frames in the ring carry durable entries only, in order. */
#include "board/board_inner.h"
#include <string.h>

/* A send to one outlet costs about 5 us whatever it carries, so a fan-out to a crowd takes
 * milliseconds, and what is decided after it may as well wait for more to go along: twice as long
 * as the fan-out took, 5 ms at most. So a third of the loop's time goes into a board's sends, and
 * under load a frame carries all that came in since the last. Below 50 outlets, or after a pause,
 * an edit waits for nothing. */
#define OUTLETS_PER_HOLD_MS 50u
#define HOLD_MS_MAX         10u /* from fan-out to append; 5 of them pass while sending to 1,000 */

/* Answers that wait for an entry. */

void release_later(struct board *board, struct member *member, struct frame *frame_or_null)
{
    uint64_t head = pl_doc_head(board->doc);
    struct later later = {.seq = head, .member = member, .frame = frame_or_null};
    if (head <= board->durable || frame_or_null == NULL) {
        outlet_push(member->outlet, frame_or_null, OUTLET_LAST, false);
        return;
    }
    pl_buf_append(&board->later, &later, sizeof later);
    if (board->later.failed) {
        frame_unref(frame_or_null);
        board_lose(board, PL_NO_MEMORY); /* everyone is asked to send again, this author too */
    }
}

/* Takes out those for which `keep` says no; order is kept. */
static void later_filter(struct board *board,
                         bool (*keep)(struct board *, const struct later *, const void *),
                         const void *user)
{
    struct later *laters = (struct later *)board->later.data;
    size_t n = board->later.len / sizeof *laters, kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (keep(board, &laters[i], user))
            laters[kept++] = laters[i];
    }
    board->later.len = kept * sizeof *laters;
    if (kept == 0)
        pl_buf_done(&board->later);
}

static bool keep_others(struct board *board, const struct later *later, const void *user)
{
    (void)board;
    bool keep = user != NULL && later->member != user;
    if (!keep)
        frame_unref(later->frame);
    return keep;
}

void release_forget(struct board *board, const struct member *member_or_null)
{
    later_filter(board, keep_others, member_or_null);
}

static bool keep_undurable(struct board *board, const struct later *later, const void *user)
{
    (void)user;
    if (later->seq > board->durable)
        return true;
    outlet_push(later->member->outlet, later->frame, OUTLET_LAST, false);
    return false;
}

/* Appends. */

static void emit(void *user, struct frame *frame_or_null)
{
    struct board *board = user;
    fanout_push(board->fanout, frame_or_null, false);
}

static void release(struct board *board)
{
    const struct gather *flight = &board->flight;
    board->durable = gather_last_seq(flight);
    board->tail_n += flight->entry_n;
    board->tail_bytes += flight->envelopes.len;
    board->released_ms = loop_now_ms(board->env.loop);
    board->probe_ms = PROBE_MS_MIN; /* the disk is fine: the next trouble is a new one */
    gather_frames(flight, 0, emit, board);
    board->wake_due = true;
    metrics_add(board->env.metrics, METRIC_JOURNAL_APPENDS, 1);
    metrics_add(board->env.metrics, METRIC_JOURNAL_BYTES, flight->envelopes.len);
    metrics_add(board->env.metrics, METRIC_DELIVERIES,
                (uint64_t)flight->entry_n * fanout_outlet_n(board->fanout));
    if (board->lost)
        return;
    later_filter(board, keep_undurable, NULL);
    checkpoint_consider(board);
}

static void appended(void *user, enum pl_status status)
{
    struct board *board = user;
    board->flying = false;
    board->busy_n--;
    metrics_sub(board->env.metrics, METRIC_JOURNAL_WAITING, 1);
    if (status == PL_OK)
        release(board);
    else
        board_lose(board, status);
    gather_clear(&board->flight);
    board_turn_schedule(board);
}

static void hold_over(void *user)
{
    struct board *board = user;
    loop_timer_stop(board->env.loop, board->hold);
    board->hold = NULL;
    board_turn_schedule(board);
}

/* Whether what gathered waits for more, so that fewer and fuller frames go out. */
static bool held(struct board *board)
{
    uint64_t hold_ms = fanout_outlet_n(board->fanout) / OUTLETS_PER_HOLD_MS;
    if (hold_ms > HOLD_MS_MAX)
        hold_ms = HOLD_MS_MAX;
    uint64_t due_ms = board->released_ms + hold_ms, now_ms = loop_now_ms(board->env.loop);
    if (board->state == BOARD_DRAINING || now_ms >= due_ms)
        return false;
    if (board->hold == NULL)
        board->hold = loop_timer_start(board->env.loop, due_ms - now_ms, 0, hold_over, board);
    return board->hold != NULL;
}

void release_hand_over(struct board *board)
{
    const struct journal *journal = board->env.journal;
    uint32_t mark_n;
    if (board->flying || board->lost || board->gather.entry_n == 0 || held(board))
        return;
    struct gather empty = board->flight;
    board->flight = board->gather;
    board->gather = empty;
    board->flying = true;
    board->busy_n++;
    metrics_add(board->env.metrics, METRIC_JOURNAL_WAITING, 1);
    const struct gather *flight = &board->flight;
    const struct journal_mark *marks = gather_marks(flight, &mark_n);
    journal->vtable->append(journal->self, board->id, 0, flight->first_seq, flight->entry_n,
                            pl_buf_slice(&flight->envelopes), marks, mark_n, appended, board);
}
