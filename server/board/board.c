/* A board's states and what moves it between them: loading, losing trust in the memory, the disk
 * coming back, draining. See board.h and board_inner.h.
 *
 * Invariants: READY means the document holds the journal plus what is gathered or in flight.
 * `lost` means it may hold more than the journal ever will: nothing is decided, handed over or
 * read until it was loaded again. */
#include "base/envelope.h"
#include "base/log.h"
#include "board/board_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define BEHIND_S_MAX    15u /* cut off from the ring and not even its own queue drains */
#define RETRY_SLOW_MS   2000u
#define RETRY_DRAIN_MS  1000u
#define RETRY_FAILED_MS 10000u
#define IDLE_MS         60000u

static const char *state_name(enum board_state state)
{
    static const char *const names[] = {"loading", "ready", "read_only", "draining", "failed"};
    return names[state];
}

#define TO(state) (1u << BOARD_##state)
static const unsigned moves[] = {
    [BOARD_LOADING] = TO(READY) | TO(FAILED),
    [BOARD_READY] = TO(READ_ONLY) | TO(DRAINING) | TO(FAILED),
    [BOARD_READ_ONLY] = TO(READY) | TO(DRAINING) | TO(FAILED),
    [BOARD_DRAINING] = TO(FAILED),
    [BOARD_FAILED] = 0,
};
#undef TO

void board_move(struct board *board, enum board_state to)
{
    assert((moves[board->state] & (1u << to)) != 0);
    if (to == BOARD_READ_ONLY)
        metrics_add(board->env.metrics, METRIC_BOARDS_READ_ONLY, 1);
    if (board->state == BOARD_READ_ONLY)
        metrics_sub(board->env.metrics, METRIC_BOARDS_READ_ONLY, 1);
    log_event(to == BOARD_READ_ONLY || to == BOARD_FAILED ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
              "board_state", "board=%016" PRIx64 " from=%s to=%s durable=%" PRIu64, board->id,
              state_name(board->state), state_name(to), board->durable);
    board->state = to;
}

bool board_admits(const struct board *board)
{
    return board->state == BOARD_READY && !board->lost;
}

struct frame *board_frame(struct board *board, struct pl_buf *message)
{
    struct frame *frame = message->failed ? NULL : frame_new(board->env.mem, pl_buf_slice(message));
    pl_buf_done(message);
    return frame;
}

void board_broadcast(struct board *board, struct pl_buf *message, bool lossy)
{
    fanout_push(board->fanout, board_frame(board, message), lossy);
    board->wake_due = true;
    board_turn_schedule(board);
}

/* Roles differ, so STATE is each member's own. */
static void member_state_tell(struct member *member)
{
    struct board *board = member->board;
    struct pl_buf message;
    pl_buf_init(&message, board->env.mem);
    struct pl_msg_state state = {.role = (uint64_t)member->role,
                                 .board_state = (uint64_t)board->state};
    pl_msg_state_write(&message, &state);
    outlet_push(member->outlet, board_frame(board, &message), OUTLET_LAST, false);
}

static void state_tell(struct board *board)
{
    for (size_t i = 0; i < board->member_n; i++)
        member_state_tell(board->members[i]);
}

void member_role_set(struct member *member, enum pl_role role)
{
    if (member->role == role)
        return;
    member->role = role;
    if (member->stage == MEMBER_OPEN)
        member_state_tell(member);
}

/* Loading. */

static enum pl_status read_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    struct board *board = user;
    struct pl_doc *doc;
    enum pl_status status = pl_doc_load(board->env.mem, bytes, &doc);
    if (status != PL_OK)
        return status == PL_NO_MEMORY || status == PL_VERSION ? status : PL_CORRUPT;
    pl_doc_free(board->doc);
    board->doc = doc;
    board->snapshot_bytes = bytes.len;
    board->snapshot_seq = seq;
    return pl_doc_head(doc) == seq ? PL_OK : PL_CORRUPT;
}

static enum pl_status read_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                                   struct pl_slice envelopes)
{
    struct board *board = user;
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    enum pl_status status = PL_OK;
    while (status == PL_OK && envelope_read(&reader, &envelope))
        status = pl_doc_apply(board->doc, &envelope, NULL);
    if (status == PL_NO_MEMORY)
        return status;
    if (status != PL_OK || !pl_reader_done(&reader) || pl_doc_head(board->doc) != last_seq)
        return PL_CORRUPT;
    board->tail_n += last_seq - first_seq + 1;
    board->tail_bytes += envelopes.len;
    return PL_OK;
}

static enum pl_status load(struct board *board)
{
    const struct journal *journal = board->env.journal;
    struct journal_reader reader = {
        .snapshot = read_snapshot, .entries = read_entries, .user = board};
    pl_doc_free(board->doc);
    board->tail_n = board->tail_bytes = board->snapshot_bytes = board->snapshot_seq = 0;
    board->doc = pl_doc_new(board->env.mem);
    if (board->doc == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = journal->vtable->load(journal->self, board->id, 0, &reader);
    if (status == PL_OK)
        status = persons_index(board);
    if (status == PL_OK)
        board->durable = pl_doc_head(board->doc);
    return status;
}

enum pl_status board_open(const struct board_env *env, uint64_t id, struct board **ret_board)
{
    struct board *board = pl_mem_get(env->mem, sizeof *board);
    if (board == NULL)
        return PL_NO_MEMORY;
    *board = (struct board){.env = *env,
                            .id = id,
                            .idle_since_ms = loop_now_ms(env->loop),
                            .collect_ms = loop_now_ms(env->loop)};
    gather_init(&board->gather, env->mem);
    gather_init(&board->flight, env->mem);
    replicas_init(&board->replicas, env->mem);
    map_init(&board->persons, env->mem);
    pl_buf_init(&board->later, env->mem);
    pl_buf_init(&board->left, env->mem);
    pl_buf_init(&board->checkpoint, env->mem);
    pl_buf_init(&board->tail_frames, env->mem);
    board->probe_ms = PROBE_MS_MIN;
    board->fanout = fanout_new(env->mem);
    enum pl_status status = board->fanout == NULL ? PL_NO_MEMORY : load(board);
    if (status != PL_OK) {
        if (status != PL_NOT_FOUND) {
            board_move(board, BOARD_FAILED);
            metrics_add(env->metrics, METRIC_BOARDS_FAILED, 1);
        }
        board_free(board);
        return status;
    }
    board_move(board, BOARD_READY);
    metrics_add(env->metrics, METRIC_BOARDS_LOADED, 1);
    *ret_board = board;
    return PL_OK;
}

void board_free(struct board *board_or_null)
{
    struct board *board = board_or_null;
    if (board == NULL)
        return;
    assert(board->member_n == 0 && board->joiners == NULL && board->busy_n == 0);
    if (board->state == BOARD_READ_ONLY)
        metrics_sub(board->env.metrics, METRIC_BOARDS_READ_ONLY, 1);
    loop_timer_stop(board->env.loop, board->probe);
    loop_timer_stop(board->env.loop, board->hold);
    presence_done(board);
    release_forget(board, NULL);
    share_drop(board);
    pl_buf_done(&board->later);
    pl_buf_done(&board->checkpoint);
    gather_done(&board->gather);
    gather_done(&board->flight);
    replicas_done(&board->replicas);
    map_done(&board->persons);
    fanout_free(board->fanout);
    pl_doc_free(board->doc);
    pl_mem_put(board->env.mem, board->members);
    pl_mem_put(board->env.mem, board);
}

/* Losing, and coming back. */

void board_lose(struct board *board, enum pl_status why)
{
    if (board->lost || board->state == BOARD_FAILED)
        return;
    log_event(LOG_LEVEL_ERROR, "board_lost",
              "board=%016" PRIx64 " why=%s durable=%" PRIu64 " given_up=%u", board->id,
              pl_status_name(why), board->durable, board->gather.entry_n);
    board->lost = true;
    board->generation++;
    gather_clear(&board->gather);
    release_forget(board, NULL);
    checkpoint_forget(board);
    if (board->share != NULL && share_as_of(board->share) > board->durable)
        share_drop(board); /* of a state that was given up: other entries will bear these seqs */
    for (size_t i = 0; i < board->member_n; i++)
        board->members[i]->resend_due = true;
    if (board->state == BOARD_READY) {
        board_move(board, BOARD_READ_ONLY);
        state_tell(board);
    }
    board_turn_schedule(board);
}

static void dismiss_all(struct board *board, enum pl_status code, uint64_t retry_after_ms)
{
    board->dismissed = true;
    while (board->member_n > 0)
        member_dismiss(board->members[board->member_n - 1], code, retry_after_ms);
    join_serve(board); /* refuses them */
}

static void probe_fire(void *user)
{
    struct board *board = user;
    loop_timer_stop(board->env.loop, board->probe);
    board->probe = NULL;
    if (board->state == BOARD_READ_ONLY)
        board_reserve(board);
}

static void probe_start(struct board *board)
{
    if (board->probe != NULL)
        return;
    board->probe = loop_timer_start(board->env.loop, board->probe_ms, 0, probe_fire, board);
    board->probe_ms = board->probe_ms * 2 < PROBE_MS_MAX ? board->probe_ms * 2 : PROBE_MS_MAX;
}

static void reload(struct board *board)
{
    enum pl_status status = load(board);
    if (status == PL_OK) {
        board->lost = false;
        probe_start(board);
        return;
    }
    pl_doc_free(board->doc);
    board->doc = NULL;
    board_move(board, BOARD_FAILED);
    metrics_add(board->env.metrics, METRIC_BOARDS_FAILED, 1);
    dismiss_all(board, status, RETRY_FAILED_MS);
}

/* The disk took a write again: everyone is told, and whoever was left unanswered sends again. */
static void recover(struct board *board)
{
    board_move(board, BOARD_READY);
    state_tell(board);
    for (size_t i = 0; i < board->member_n; i++) {
        struct member *member = board->members[i];
        if (member->resend_due)
            member_ask_again(member);
        member->resend_due = false;
    }
    for (size_t i = 0; i < board->member_n && board_admits(board); i++)
        person_ensure(board, board->members[i]);
}

static void reserved(void *user, enum pl_status status)
{
    struct board *board = user;
    board->reserving = false;
    board->busy_n--;
    if (status == PL_OK) {
        replicas_reserved(&board->replicas, board->reserved_first, board->reserved_n);
        if (board->state == BOARD_READ_ONLY && !board->lost)
            recover(board);
    } else if (board->state == BOARD_READ_ONLY) {
        probe_start(board);
    }
    board->reserve_failed = status != PL_OK; /* whoever waits for an id is refused this turn */
    board_turn_schedule(board);
}

void board_reserve(struct board *board)
{
    const struct journal *journal = board->env.journal;
    if (board->reserving)
        return;
    board->reserving = true;
    board->busy_n++;
    board->reserved_n = REPLICA_BLOCK; /* and one for each who waits: a workshop begins at once */
    for (const struct member *member = board->joiners; member != NULL; member = member->next)
        board->reserved_n += member->replica == 0;
    journal->vtable->reserve_replicas(journal->self, board->id, board->reserved_n,
                                      &board->reserved_first, reserved, board);
}

/* The end of a turn. */

static void drain_check(struct board *board)
{
    bool settled = !board->flying && (board->lost || board->gather.entry_n == 0);
    if (board->state == BOARD_DRAINING && settled && !board->dismissed) {
        if (!board->lost)
            board_checkpoint(board);
        dismiss_all(board, PL_DRAINING, RETRY_DRAIN_MS);
    }
}

static void turn(void *user)
{
    struct board *board = user;
    board->turn_due = false;
    board->busy_n--;
    if (board->lost && !board->flying && board->state == BOARD_READ_ONLY)
        reload(board);
    release_hand_over(board);
    join_serve(board);
    drain_check(board);
    if (board->wake_due) {
        board->wake_due = false;
        fanout_wake(board->fanout);
    }
}

void board_turn_schedule(struct board *board)
{
    if (board->turn_due)
        return;
    board->turn_due = true;
    board->busy_n++;
    loop_defer(board->env.loop, turn, board);
}

void board_sweep(struct board *board)
{
    for (size_t i = board->member_n; i-- > 0;) {
        struct member *member = board->members[i];
        metrics_observe(board->env.metrics, HISTOGRAM_QUEUE, outlet_waiting_bytes(member->outlet));
        if (outlet_behind(member->outlet))
            member->behind_s++;
        else
            member->behind_s = 0;
        if (member->hopeless || member->behind_s > BEHIND_S_MAX || outlet_broken(member->outlet))
            member_dismiss(member, PL_SLOW, RETRY_SLOW_MS);
    }
    struct fanout_losses losses = fanout_losses_take(board->fanout);
    metrics_add(board->env.metrics, METRIC_DROPPED_PRESENCE_SLOW, losses.lossy_n);
    metrics_add(board->env.metrics, METRIC_DROPPED_TAIL_SLOW, losses.tail_n);
    collect_sweep(board);
    uint64_t now = loop_now_ms(board->env.loop);
    share_sweep(board);
    if (board->member_n > 0 || board->joiners != NULL)
        board->idle_since_ms = now;
}

bool board_quiet(const struct board *board)
{
    return board->busy_n == 0;
}

bool board_idle(const struct board *board)
{
    bool settled = board->state == BOARD_FAILED || board->gather.entry_n == 0;
    return board->member_n == 0 && board->joiners == NULL && board_quiet(board) && settled &&
           (board->state == BOARD_FAILED ||
            loop_now_ms(board->env.loop) - board->idle_since_ms >= IDLE_MS);
}

void board_drain(struct board *board)
{
    if (board->state != BOARD_READY && board->state != BOARD_READ_ONLY)
        return;
    struct pl_buf message;
    board_move(board, BOARD_DRAINING);
    state_tell(board);
    pl_buf_init(&message, board->env.mem);
    struct pl_msg_goaway goaway = {.retry_after_ms = RETRY_DRAIN_MS};
    pl_msg_goaway_write(&message, &goaway);
    board_broadcast(board, &message, false);
}

bool board_drained(const struct board *board)
{
    return board->state == BOARD_FAILED ? board_quiet(board)
                                        : board->dismissed && board_quiet(board);
}

uint64_t board_id(const struct board *board)
{
    return board->id;
}

enum board_state board_state(const struct board *board)
{
    return board->state;
}
