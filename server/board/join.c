/* From HELLO to the ring: replica, WELCOME, the tail or a snapshot and its tail, then the ring's
 * head, all in one turn and of durable state only, so that nothing is missing and nothing comes
 * twice. The same way back for a member that was cut off from the ring. Joiners that need a
 * snapshot share one (supply.c).
 *
 * Everything here runs at the end of a turn (join_serve), never inside a member's call. */
#include "board/board_inner.h"
#include "proto/limits.h"
#include <string.h>

#define TAIL_ENTRIES_MAX     4096u /* a client further behind gets a snapshot */
#define TAIL_BYTES_MAX       PL_WAITING_BYTES_MAX /* a longer tail is what a snapshot is for */
#define TAIL_BYTES_SOFT      (128u * 1024u)
#define LADDER_MS            30000u /* behind again so soon after a snapshot: it cannot keep up */
#define RETRY_MS             2000u

enum pl_status board_join(struct board *board, const struct member_request *request,
                          struct member **ret_member)
{
    size_t name_len = request->name.len < UINT8_MAX ? request->name.len : UINT8_MAX;
    struct member *member = pl_mem_get(board->env.mem, sizeof *member + name_len);
    if (member == NULL)
        return PL_NO_MEMORY;
    *member = (struct member){.board = board,
                              .next = board->joiners,
                              .outlet = request->outlet,
                              .port = request->port,
                              .user = request->user,
                              .link = request->link,
                              .session = (*board->env.next_session)++,
                              .lineage = request->lineage,
                              .lineage_set = request->lineage_set,
                              .claim = request->replica,
                              .resume = request->resume_seq,
                              .role = request->role,
                              .stage = MEMBER_JOINING,
                              .name_len = (uint8_t)name_len};
    if (name_len > 0)
        memcpy(member->name, request->name.data, name_len);
    board->joiners = member;
    board_turn_schedule(board);
    *ret_member = member;
    return PL_OK;
}

/* Leaving. */

static void joiner_remove(struct member *member)
{
    struct member **at = &member->board->joiners;
    while (*at != NULL && *at != member)
        at = &(*at)->next;
    if (*at != NULL)
        *at = member->next;
    member->next = NULL;
}

static void member_remove(struct member *member)
{
    struct board *board = member->board;
    joiner_remove(member);
    if (member->stage == MEMBER_OPEN) {
        presence_left(member);
        outlet_on_drained(member->outlet, NULL, NULL);
        outlet_detach(member->outlet);
        struct member *last = board->members[--board->member_n];
        board->members[member->index] = last;
        last->index = member->index;
        metrics_sub(board->env.metrics, METRIC_SESSIONS, 1);
    }
    if (member->replica != 0)
        replicas_release(&board->replicas, member->replica);
    release_forget(board, member);
    past_forget(board, member);
    frame_unref(member->past_end);
    pl_mem_put(board->env.mem, member->state);
    pl_mem_put(board->env.mem, member);
}

void member_leave(struct member *member_or_null)
{
    if (member_or_null == NULL)
        return;
    struct board *board = member_or_null->board;
    member_remove(member_or_null);
    if (board->member_n == 0 && board->joiners == NULL)
        board->idle_since_ms = loop_now_ms(board->env.loop);
}

void member_dismiss(struct member *member, enum pl_status code, uint64_t retry_after_ms)
{
    struct member_port port = member->port;
    bool open = member->stage == MEMBER_OPEN;
    member_leave(member);
    if (open)
        port.dismissed(port.user, code, retry_after_ms);
    else
        port.refused(port.user, code);
}

/* The tail, from the journal. */

void tail_drop(struct board *board)
{
    struct frame **frames = (struct frame **)board->tail_frames.data;
    for (size_t i = 0; i < board->tail_frames.len / sizeof *frames; i++)
        frame_unref(frames[i]);
    pl_buf_done(&board->tail_frames);
    board->tail_from = board->tail_to = 0;
}

struct tail {
    struct board *board;
    struct pl_buf envelopes;
    uint64_t bytes, bytes_max;
    uint32_t n;
};

static enum pl_status tail_frame(struct tail *tail)
{
    struct board *board = tail->board;
    if (tail->n == 0)
        return PL_OK;
    struct frame *frame =
        tail->envelopes.failed
            ? NULL
            : ops_frame(board->env.mem, 0, pl_buf_slice(&tail->envelopes), tail->n);
    if (frame == NULL)
        return PL_NO_MEMORY;
    pl_buf_append(&board->tail_frames, &frame, sizeof frame);
    if (board->tail_frames.failed) {
        frame_unref(frame);
        return PL_NO_MEMORY;
    }
    pl_buf_clear(&tail->envelopes);
    tail->n = 0;
    return PL_OK;
}

static enum pl_status tail_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                                   struct pl_slice envelopes)
{
    struct tail *tail = user;
    tail->bytes += envelopes.len;
    if (tail->bytes > tail->bytes_max)
        return PL_TOO_BIG;
    pl_buf_append(&tail->envelopes, envelopes.data, envelopes.len);
    tail->n += (uint32_t)(last_seq - first_seq + 1);
    return tail->envelopes.len >= TAIL_BYTES_SOFT ? tail_frame(tail) : PL_OK;
}

static enum pl_status no_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    (void)user;
    (void)seq;
    (void)bytes;
    return PL_CORRUPT; /* a range has none */
}

/* Fills tail_frames with [from, to]; PL_TOO_BIG above bytes_max. */
static enum pl_status tail_load(struct board *board, uint64_t from, uint64_t to, uint64_t bytes_max)
{
    const struct journal *journal = board->env.journal;
    if (board->tail_from == from && board->tail_to == to)
        return PL_OK;
    tail_drop(board);
    if (from > to)
        return PL_OK;
    struct tail tail = {.board = board, .bytes_max = bytes_max};
    struct journal_reader reader = {
        .snapshot = no_snapshot, .entries = tail_entries, .user = &tail};
    pl_buf_init(&tail.envelopes, board->env.mem);
    enum pl_status status = journal->vtable->range(journal->self, board->id, 0, from, to, &reader);
    if (status == PL_OK)
        status = tail_frame(&tail);
    pl_buf_done(&tail.envelopes);
    if (status != PL_OK) {
        tail_drop(board);
        return status;
    }
    board->tail_from = from;
    board->tail_to = to;
    return PL_OK;
}

static void tail_push(struct board *board, struct outlet *outlet)
{
    struct frame **frames = (struct frame **)board->tail_frames.data;
    for (size_t i = 0; i < board->tail_frames.len / sizeof *frames; i++)
        outlet_push(outlet, frame_ref(frames[i]), OUTLET_NEXT, true);
}

static void share_push(struct board *board, struct outlet *outlet)
{
    for (size_t i = 0; i < share_frame_n(board->share); i++)
        outlet_push(outlet, frame_ref(share_frame(board->share, i)), OUTLET_NEXT, true);
    metrics_add(board->env.metrics, METRIC_SNAPSHOTS_SENT, 1);
}

/* Admission. */

static void welcome(struct member *member)
{
    struct board *board = member->board;
    const struct journal *journal = board->env.journal;
    struct pl_replica_row row = {0};
    pl_doc_replica(board->doc, member->replica, &row);
    struct member_welcome welcome = {.lineage = journal->vtable->lineage(journal->self),
                                     .hwm = row.hwm,
                                     .head_seq = board->durable,
                                     .session = member->session,
                                     .srv_ms = loop_wall_ms(board->env.loop),
                                     .replica = member->replica,
                                     .board_state = board->state};
    member->port.welcome(member->port.user, &welcome);
}

static void on_drained(void *user)
{
    struct member *member = user;
    if (outlet_behind(member->outlet))
        join_again(member);
    else
        presence_owed(member);
}

static enum pl_status member_open(struct member *member)
{
    struct board *board = member->board;
    if (board->member_n == board->member_cap) {
        size_t cap = board->member_cap == 0 ? 8 : board->member_cap * 2;
        struct member **members =
            pl_mem_resize(board->env.mem, board->members, cap * sizeof *board->members);
        if (members == NULL)
            return PL_NO_MEMORY;
        board->members = members;
        board->member_cap = cap;
    }
    enum pl_status status = outlet_attach(member->outlet, board->fanout);
    if (status != PL_OK)
        return status;
    joiner_remove(member);
    member->stage = MEMBER_OPEN;
    member->index = board->member_n;
    board->members[board->member_n++] = member;
    outlet_on_drained(member->outlet, on_drained, member);
    presence_joined(member);
    metrics_add(board->env.metrics, METRIC_SESSIONS, 1);
    metrics_add(board->env.metrics, METRIC_SESSIONS_OPENED, 1);
    return PL_OK;
}

/* The member's replica: its claim, or a fresh one. PL_GAP: wait for the journal to reserve some. */
static enum pl_status replica_pick(struct member *member)
{
    struct board *board = member->board;
    uint32_t replica = 0;
    if (member->claim.set && !member->fenced && member->claim.value <= UINT32_MAX &&
        replicas_claimable(&board->replicas, board->doc, (uint32_t)member->claim.value,
                           member->user))
        replica = (uint32_t)member->claim.value;
    if (replica == 0)
        replica = replicas_issue(&board->replicas, member->user);
    if (replica == 0 && board->reserve_failed)
        return PL_READ_ONLY;
    if (replica == 0) {
        board_reserve(board);
        return PL_GAP;
    }
    enum pl_status status = replicas_hold(&board->replicas, replica, member);
    if (status == PL_OK)
        member->replica = replica;
    return status;
}

/* Whoever claims a replica that an older socket of the same user holds is that tab, come back
 * before its socket was found dead, and re-keys what it has pending (SPEC R3): what the old socket
 * still says must not be heard after that. */
static void fence(struct board *board)
{
    struct member *member = board->joiners;
    while (member != NULL) {
        bool claims = member->replica == 0 && member->claim.set && !member->fenced;
        struct member *holder =
            claims ? replicas_holder(&board->replicas, member->claim.value) : NULL;
        bool hung =
            holder != NULL && holder->user == member->user && holder->session < member->session;
        if (hung) {
            member->fenced = true;
            member_dismiss(holder, PL_LIMIT, RETRY_MS);
        }
        member = hung ? board->joiners : member->next; /* the holder may have been one of them */
    }
}

/* Whether what the member's replica sent, or the one it says it is, has not reached the disk: the
 * member must be told of all of it. */
static bool unsettled(const struct board *board, const struct member *member)
{
    uint32_t claim = member->claim.set && member->claim.value <= UINT32_MAX
                         ? (uint32_t)member->claim.value
                         : member->replica;
    return gather_moves(&board->flight, member->replica) ||
           gather_moves(&board->gather, member->replica) || gather_moves(&board->flight, claim) ||
           gather_moves(&board->gather, claim);
}

static bool resumable(struct member *member)
{
    const struct board *board = member->board;
    const struct journal *journal = board->env.journal;
    if (member->resync || !member->lineage_set || !member->resume.set ||
        member->lineage != journal->vtable->lineage(journal->self) ||
        member->resume.value > board->durable)
        return false;
    member->known_seq = member->resume.value;
    return board->durable - member->resume.value <= TAIL_ENTRIES_MAX;
}

/* What the member needs to stand at `durable` lies ready (a tail, or a share and its tail):
 * PL_OK. PL_GAP: not yet. */
static enum pl_status state_ready(struct member *member, bool *ret_share)
{
    struct board *board = member->board;
    if (resumable(member)) {
        enum pl_status status =
            tail_load(board, member->resume.value + 1, board->durable, TAIL_BYTES_MAX);
        *ret_share = false;
        if (status != PL_NOT_FOUND && status != PL_TOO_BIG)
            return status;
        member->resume.set = false; /* no longer kept, or too much: a snapshot then */
    }
    if (!share_good(board, member->known_seq)) {
        enum pl_status status = share_ask(board, member->known_seq);
        return status == PL_OK ? PL_GAP : status;
    }
    *ret_share = true;
    board->share_used_ms = loop_now_ms(board->env.loop);
    return tail_load(board, share_as_of(board->share) + 1, board->durable, UINT64_MAX);
}

static void resync_finish(struct member *member)
{
    joiner_remove(member);
    member->resync = false;
    member->snapshot_ms = loop_now_ms(member->board->env.loop);
    outlet_rejoin(member->outlet);
    presence_owed(member);
}

/* One joiner: PL_OK when it is in, PL_GAP when it must wait, else why not. */
static enum pl_status serve(struct member *member)
{
    struct board *board = member->board;
    bool with_share = false;
    if (board->state == BOARD_DRAINING)
        return PL_DRAINING;
    if (board->state == BOARD_FAILED)
        return PL_IO;
    if (board->lost)
        return PL_GAP;
    enum pl_status status = member->replica == 0 ? replica_pick(member) : PL_OK;
    if (status != PL_OK)
        return status;
    if (!member->resync && unsettled(board, member))
        return PL_GAP;
    status = state_ready(member, &with_share);
    if (status != PL_OK)
        return status;
    if (!member->resync)
        welcome(member);
    if (with_share)
        share_push(board, member->outlet);
    tail_push(board, member->outlet);
    if (member->resync) {
        resync_finish(member);
        return PL_OK;
    }
    status = member_open(member);
    if (status == PL_OK)
        person_ensure(board, member);
    return status;
}

void join_serve(struct board *board)
{
    bool usable = share_good(board, 0);
    fence(board);
    for (struct member *member = board->joiners, *next; member != NULL; member = next) {
        next = member->next;
        enum pl_status status = serve(member);
        if (status != PL_OK && status != PL_GAP)
            member_dismiss(member, status, RETRY_MS);
    }
    board->reserve_failed = false;
    if (usable)
        board->share_fresh = false; /* whoever could use it has had the chance */
}

void join_again(struct member *member)
{
    struct board *board = member->board;
    uint64_t now = loop_now_ms(board->env.loop);
    if (member->resync)
        return;
    if (member->snapshot_ms != 0 && now - member->snapshot_ms < LADDER_MS) {
        member->hopeless = true;
        return;
    }
    member->resync = true;
    member->known_seq = board->durable;
    member->next = board->joiners;
    board->joiners = member;
    board_turn_schedule(board);
}
