/* The document as it was at a seq, for one member: read by the journal in a worker, sent as it is
 * stored. One at a time for each member, and the next only when the last has left for the socket:
 * however slow its reader is, a member holds one answer. SPEC rules T.
 *
 * A hall of people presses the same button at once: whether they may is asked for all together who came meanwhile, and who
 * asks what is being read already is told the same frames. */
#include "base/deflate.h"
#include "base/envelope.h"
#include "board/board_inner.h"
#include "board/fold.h"
#include "proto/limits.h"

#define FRAME_BYTES_SOFT (128u * 1024u)

/* One question under way. Who may see a stretch only is told the state it begins with and what led on
 * from there: nothing of what led to it. */
struct past {
    struct past_ask ask; /* first; its `from` is 0 for those who may see all */
    struct past *next;
    struct past *follower; /* told with it what it is told, and the follower's follower */
    struct board *board;
    struct member *member; /* NULL: has left */
    bool reading;          /* itself: followers do not */
    enum pl_status status;
    struct journal_past told;
    struct pl_buf snapshot, envelopes; /* copies, for the worker */
    struct pl_slice rest;              /* of the envelopes, behind `from` */
};

void past_forget(struct board *board, const struct member *member)
{
    for (struct past *past = board->pasts; past != NULL; past = past->next) {
        if (past->member == member)
            past->member = NULL;
    }
}

static bool under_way(const struct board *board, const struct member *member)
{
    const struct past *past = board->pasts;
    while (past != NULL && past->member != member)
        past = past->next;
    return past != NULL;
}

/* Whether the last answer has left for the socket: nobody else holds its last frame. */
static bool past_sent(const struct member *member)
{
    return member->past_end == NULL || frame_only(member->past_end);
}

void member_past_refuse(struct member *member, uint64_t doc, uint64_t seq, enum pl_status code)
{
    struct pl_buf message;
    const struct pl_msg_past past = {.doc = doc, .seq = seq, .code = (uint64_t)code};
    if (outlet_broken(member->outlet))
        return; /* an answer may be cut short: the session ends with it */
    pl_buf_init(&message, member->board->env.mem);
    pl_msg_past_write(&message, &past);
    outlet_push(member->outlet, board_frame(member->board, &message), OUTLET_LAST, false);
    metrics_add(member->board->env.metrics, METRIC_PASTS_REFUSED, 1);
}

static bool listens(const struct past *past)
{
    return past->member != NULL && !outlet_broken(past->member->outlet);
}

/* One frame for all of them. Frames of an answer do not count as waiting: one answer at a time is their limit. false: nobody
 * is left to listen. For want of memory a frame is lost: the sessions will end, and the rest would say something wrong. */
static bool spread(struct past *first, struct frame *frame_or_null)
{
    bool heard = false;
    for (struct past *past = first; past != NULL; past = past->follower) {
        if (!listens(past))
            continue;
        outlet_push(past->member->outlet, frame_or_null == NULL ? NULL : frame_ref(frame_or_null), OUTLET_LAST, true);
        heard = heard || listens(past);
    }
    frame_unref(frame_or_null);
    return heard;
}

static bool snapshot_spread(struct past *first, const struct journal_past *told)
{
    struct pl_buf message;
    uint8_t hash[8];
    const struct pl_slice all = told->snapshot;
    const uint64_t chunk_n = (all.len + PL_SNAPSHOT_CHUNK_BYTES - 1) / PL_SNAPSHOT_CHUNK_BYTES;
    pl_u64_to_bytes(told->snapshot_hash, hash);
    pl_buf_init(&message, first->board->env.mem);
    const struct pl_msg_past past = {.seq = told->seq,
                                     .as_of = told->as_of,
                                     .bytes = told->snapshot_bytes,
                                     .chunks = chunk_n,
                                     .hash = {hash, sizeof hash}};
    pl_msg_past_write(&message, &past);
    bool good = spread(first, board_frame(first->board, &message));
    for (uint64_t i = 0; good && i < chunk_n; i++) {
        const size_t at = i * PL_SNAPSHOT_CHUNK_BYTES, left = all.len - at;
        const struct pl_msg_past_chunk chunk = {
            .index = i,
            .data = {all.data + at,
                     left < PL_SNAPSHOT_CHUNK_BYTES ? left : PL_SNAPSHOT_CHUNK_BYTES}};
        pl_buf_init(&message, first->board->env.mem);
        pl_msg_past_chunk_write(&message, &chunk);
        good = spread(first, board_frame(first->board, &message));
    }
    return good;
}

static bool entries_spread(struct past *first, struct pl_slice envelopes)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    const uint8_t *start = reader.at;
    uint32_t n = 0;
    bool good = true;
    while (good && envelope_read(&reader, &envelope)) {
        const size_t len = (size_t)(reader.at - start);
        n++;
        if (len < FRAME_BYTES_SOFT && reader.at != reader.end)
            continue;
        good = spread(first, entries_frame(first->board->env.mem, PL_MESSAGE_PAST_OPS, 0,
                                           (struct pl_slice){start, len}, n));
        start = reader.at;
        n = 0;
    }
    return good;
}

/* Each has an end of its own, by which is seen that theirs has left. */
static void end_push(struct past *past, const struct journal_past *told)
{
    struct member *member = past->member;
    struct pl_buf message;
    const struct pl_msg_past_end end = {.seq = told->seq};
    pl_buf_init(&message, past->board->env.mem);
    pl_msg_past_end_write(&message, &end);
    struct frame *last = board_frame(past->board, &message);
    frame_unref(member->past_end);
    member->past_end = last == NULL ? NULL : frame_ref(last);
    outlet_push(member->outlet, last, OUTLET_LAST, true);
    metrics_add(past->board->env.metrics, METRIC_PASTS_SENT, 1);
}

static void answer(struct past *first, const struct journal_past *told)
{
    if (!snapshot_spread(first, told) || !entries_spread(first, told->envelopes))
        return;
    for (struct past *past = first; past != NULL; past = past->follower)
        if (listens(past))
            end_push(past, told);
}

static void past_free(struct past *past)
{
    struct board *board = past->board;
    struct past **at = &board->pasts;
    while (*at != past)
        at = &(*at)->next;
    *at = past->next;
    board->busy_n--;
    pl_buf_done(&past->snapshot);
    pl_buf_done(&past->envelopes);
    pl_mem_put(board->env.mem, past);
}

/* It and its followers are answered and freed. */
static void finish(struct past *first, enum pl_status status, const struct journal_past *told)
{
    first->reading = false; /* nobody follows it any more */
    if (status == PL_OK)
        answer(first, told);
    for (struct past *past = first, *follower; past != NULL; past = follower) {
        follower = past->follower;
        if (past->member != NULL && status != PL_OK)
            member_past_refuse(past->member, 0, past->ask.seq, status);
        past_free(past);
    }
}

/* The entries up to a seq, and those behind it. */
static void envelopes_split(struct pl_slice envelopes, uint64_t seq, struct pl_slice *ret_until,
                            struct pl_slice *ret_rest)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    const uint8_t *end = reader.at;
    while (envelope_read(&reader, &envelope) && envelope.seq <= seq)
        end = reader.at;
    const size_t len = (size_t)(end - envelopes.data);
    *ret_until = (struct pl_slice){envelopes.data, len};
    *ret_rest = (struct pl_slice){end, envelopes.len - len};
}

/* In a worker: the state that the stretch begins with. */
static void fold_work(void *user)
{
    struct past *past = user;
    struct pl_buf inflated;
    pl_buf_init(&inflated, past->board->env.mem);
    past->told.seq = past->ask.from;
    past->told.snapshot = pl_buf_slice(&past->snapshot);
    envelopes_split(pl_buf_slice(&past->envelopes), past->ask.from, &past->told.envelopes, &past->rest);
    past->status = past_fold(past->board->env.mem, &past->told, &inflated);
    pl_buf_clear(&past->snapshot);
    if (past->status == PL_OK) {
        past->told.as_of = past->ask.from;
        past->told.snapshot_bytes = inflated.len;
        past->told.snapshot_hash = pl_hash(PL_HASH_START, inflated.data, inflated.len);
        past->status = deflate_raw(pl_buf_slice(&inflated), &past->snapshot);
    }
    pl_buf_done(&inflated);
}

static void fold_done(void *user)
{
    struct past *past = user;
    past->told.seq = past->ask.seq;
    past->told.snapshot = pl_buf_slice(&past->snapshot);
    past->told.envelopes = past->rest;
    finish(past, past->status, &past->told);
}

static void told_of(void *user, enum pl_status status, const struct journal_past *told_or_null)
{
    struct past *past = user;
    if (told_or_null == NULL || told_or_null->as_of >= past->ask.from) {
        finish(past, status, told_or_null);
        return;
    }
    past->told = *told_or_null;
    pl_buf_append(&past->snapshot, told_or_null->snapshot.data, told_or_null->snapshot.len);
    pl_buf_append(&past->envelopes, told_or_null->envelopes.data, told_or_null->envelopes.len);
    if (past->snapshot.failed || past->envelopes.failed)
        finish(past, PL_NO_MEMORY, NULL);
    else
        loop_work(past->board->env.loop, fold_work, fold_done, past);
}

/* A seq that is durable has one state: whoever asks for it later is told no other. */
static void past_read(struct past *past)
{
    const struct board *board = past->board;
    const struct journal *journal = board->env.journal;
    for (struct past *other = board->pasts; other != NULL; other = other->next) {
        if (!other->reading || other->ask.seq != past->ask.seq || other->ask.from != past->ask.from)
            continue;
        past->follower = other->follower;
        other->follower = past;
        return;
    }
    past->reading = true;
    journal->vtable->past(journal->self, board->id, 0, past->ask.seq, told_of, past);
}

/* In a worker. */
static void rights_work(void *user)
{
    const struct board *board = user;
    const struct past_right *right = &board->env.past_right;
    right->answer(right->self, board->id, board->asks_out);
}

static void rights_ask(struct board *board);

static void rights_told(void *user)
{
    struct board *board = user;
    struct past_ask *ask = board->asks_out;
    board->asks_out = NULL;
    for (struct past_ask *next; ask != NULL; ask = next) {
        struct past *past = (struct past *)ask;
        next = ask->next;
        if (ask->from == 0)
            finish(past, PL_PERM, NULL);
        else
            past_read(past);
    }
    rights_ask(board);
}

/* All who wait, when no others are with a worker. */
static void rights_ask(struct board *board)
{
    if (board->asks_waiting == NULL || board->asks_out != NULL)
        return;
    board->asks_out = board->asks_waiting;
    board->asks_waiting = NULL;
    loop_work(board->env.loop, rights_work, rights_told, board);
}

void member_past(struct member *member, uint64_t doc, uint64_t seq)
{
    struct board *board = member->board;
    const bool sees_all = member->role >= PL_ROLE_EDITOR;
    enum pl_status status = PL_OK;
    struct past *past = NULL;
    if (outlet_broken(member->outlet))
        return;
    if (board->state == BOARD_DRAINING)
        status = PL_DRAINING;
    else if (doc != 0 || seq > board->durable)
        status = PL_NOT_FOUND;
    else if (under_way(board, member) || !past_sent(member))
        status = PL_LIMIT;
    else if (!sees_all && board->env.past_right.answer == NULL)
        status = PL_PERM;
    else if ((past = pl_mem_get(board->env.mem, sizeof *past)) == NULL)
        status = PL_NO_MEMORY;
    if (status != PL_OK) {
        member_past_refuse(member, doc, seq, status);
        return;
    }
    *past = (struct past){.next = board->pasts,
                          .board = board,
                          .member = member,
                          .ask = {.asker = {.board = board->id,
                                            .link = member->link,
                                            .user = member->user,
                                            .role = member->role},
                                  .seq = seq}};
    pl_buf_init(&past->snapshot, board->env.mem);
    pl_buf_init(&past->envelopes, board->env.mem);
    board->pasts = past;
    board->busy_n++;
    if (sees_all) {
        past_read(past);
        return;
    }
    past->ask.next = board->asks_waiting;
    board->asks_waiting = &past->ask;
    rights_ask(board);
}
