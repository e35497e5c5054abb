/* The lanes of ops, one for each track, and their steps. See op.h. */
#include "store/media.h"
#include "track/op.h"
#include "track/time.h"
#include <string.h>

#define SWEEP_LOOK_MS 60000u /* how often it is looked whether a sweep is due */

static void look(void *user)
{
    sweep_maybe(user);
}

struct tracks *tracks_new(const struct tracks_env *env)
{
    struct tracks *tracks = pl_mem_get(env->mem, sizeof *tracks);
    if (tracks == NULL)
        return NULL;
    *tracks = (struct tracks){.env = *env, .dir = store_dir(env->store)};
    map_init(&tracks->lanes, env->mem);
    tracks->ledger = ledger_new(env->mem, env->store);
    tracks->timer = loop_timer_start(env->loop, 0, SWEEP_LOOK_MS, look, tracks);
    if (tracks->ledger == NULL || tracks->timer == NULL || media_prepare(tracks->dir) != PL_OK) {
        tracks_free(tracks);
        return NULL;
    }
    return tracks;
}

void tracks_free(struct tracks *tracks_or_null)
{
    if (tracks_or_null == NULL)
        return;
    loop_timer_stop(tracks_or_null->env.loop, tracks_or_null->timer);
    map_done(&tracks_or_null->lanes);
    ledger_free(tracks_or_null->ledger);
    pl_mem_put(tracks_or_null->env.mem, tracks_or_null);
}

static void drained_fire(void *user)
{
    struct tracks *tracks = user;
    tracks->drained(tracks->drained_user);
}

static void drain_look(struct tracks *tracks)
{
    if (!tracks->draining || tracks->op_n + tracks->other_n > 0 || tracks->sweeping || tracks->drained == NULL)
        return;
    loop_defer(tracks->env.loop, drained_fire, tracks);
}

void tracks_drain(struct tracks *tracks, void (*done)(void *user), void *user)
{
    tracks->draining = true;
    tracks->drained = done;
    tracks->drained_user = user;
    drain_look(tracks);
}

static unsigned board_ops_n(const struct tracks *tracks, uint64_t board)
{
    size_t cursor = 0;
    unsigned n = 0;
    for (const struct track_op *op; (op = map_next(&tracks->lanes, &cursor)) != NULL;)
        for (; op != NULL; op = op->next)
            n += op->asker.board == board;
    return n;
}

static bool too_many(const struct tracks *tracks, uint64_t board)
{
    return tracks->op_n >= OPS_MAX || board_ops_n(tracks, board) >= BOARD_OPS_MAX;
}

struct track_op *op_new(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                        const struct track_act *act, tracks_done *done, void *user, enum pl_status *ret_status)
{
    struct track_op *op = NULL;
    *ret_status = tracks->draining ? PL_DRAINING : too_many(tracks, asker->board) ? PL_LIMIT : PL_OK;
    if (*ret_status == PL_OK && (op = pl_mem_get(tracks->env.mem, sizeof *op)) == NULL)
        *ret_status = PL_NO_MEMORY;
    if (op == NULL)
        return NULL;
    *op = (struct track_op){.tracks = tracks,
                            .act = act,
                            .asker = *asker,
                            .id = track,
                            .done = done,
                            .user = user,
                            .now_ms = loop_wall_ms(tracks->env.loop)};
    pl_buf_init(&op->bytes, tracks->env.mem);
    return op;
}

void op_free(struct track_op *op)
{
    pl_buf_done(&op->bytes);
    track_free(op->track);
    track_free(op->wish);
    pl_mem_put(op->tracks->env.mem, op);
}

static void op_begin(void *user);

static void op_turn(struct track_op *op)
{
    op->tracks->at_work_n++;
    loop_defer(op->tracks->env.loop, op_begin, op);
}

/* During a sweep and before it nobody's turn comes. */
static bool turns_come(const struct tracks *tracks)
{
    return !tracks->sweeping && !tracks->sweep_next;
}

enum pl_status op_promise(struct track_op *op, uint64_t bytes)
{
    if (bytes == 0)
        return PL_OK;
    enum pl_status status = ledger_promise(op->tracks->ledger, op->asker.board, bytes);
    if (status == PL_OK)
        op->promised = bytes;
    return status;
}

static void op_release(struct track_op *op)
{
    if (op->promised > 0)
        ledger_release(op->tracks->ledger, op->asker.board, op->promised);
    op->promised = 0;
}

/* Answers, and lets the next of the lane begin. */
static void op_end(struct track_op *op, enum pl_status status)
{
    struct tracks *tracks = op->tracks;
    const struct tracks_answer answer = {.status = status,
                                         .why_or_null = op->why_or_null,
                                         .track = status == PL_OK ? op->track : NULL,
                                         .next = op->next_chunk,
                                         .stream = op->stream};
    struct track_op *next = op->next;
    /* its slot is there already: putting another value takes no memory */
    if (next == NULL || map_put(&tracks->lanes, op->id, next) != PL_OK)
        map_remove(&tracks->lanes, op->id);
    tracks->op_n--;
    tracks->at_work_n--;
    op_release(op);
    op->done(op->user, &answer);
    op_free(op);
    if (next != NULL && turns_come(tracks))
        op_turn(next);
    if (tracks->sweep_next && tracks->at_work_n == 0)
        sweep_begin(tracks);
    drain_look(tracks);
}

static void op_clean(void *user)
{
    struct track_op *op = user;
    op->act->clean_or_null(op);
}

static void op_cleaned(void *user)
{
    struct track_op *op = user;
    op_end(op, op->outcome);
}

static void op_written(void *user, enum pl_status status)
{
    struct track_op *op = user;
    ledger_written(op->tracks->ledger, op->asker.board, status == PL_OK);
    if (status == PL_OK && !op->part_short && op->act->clean_or_null != NULL)
        loop_work(op->tracks->env.loop, op_clean, op_cleaned, op);
    else
        op_end(op, status == PL_OK ? op->outcome : PL_READ_ONLY);
}

static void op_work(void *user)
{
    struct track_op *op = user;
    op->act->work_or_null(op);
}

/* The author is at it: what is written says when. */
static void touch(struct track_op *op, const struct track_change *change)
{
    if (change->about)
        op->track->touched_ms = op->now_ms;
    for (uint32_t i = 0; i < change->segment_n; i++)
        op->track->segments[change->segment_i + i].touched_ms = op->now_ms;
}

/* Decides what the track becomes, and writes it. */
static enum pl_status op_settle(struct track_op *op)
{
    struct track_change change = {.track = op->track};
    struct ledger_change counted = {.was = track_bytes(op->track), .fresh = op->fresh};
    enum pl_status status = op->status;
    if (status == PL_OK)
        status = op->act->settle(op, &change);
    else if (status == PL_CORRUPT && op->part_short)
        status = part_mend(op, &change);
    change.track = op->track;
    op_release(op);
    counted.is = track_bytes(op->track);
    counted.leaves = op->leaves;
    if (status == PL_OK)
        status = ledger_settle(op->tracks->ledger, op->asker.board, &counted);
    if (status == PL_OK)
        touch(op, &change);
    if (status == PL_OK)
        store_track_put(op->tracks->env.store, &change, op_written, op);
    return status;
}

static void op_worked(void *user)
{
    struct track_op *op = user;
    enum pl_status status = op_settle(op);
    if (status != PL_OK)
        op_end(op, status);
}

static void long_next(struct tracks *tracks);

static void long_worked(void *user)
{
    struct track_op *op = user;
    struct tracks *tracks = op->tracks;
    tracks->long_n--;
    op_worked(op);
    long_next(tracks);
}

/* The first of those that wait, if there is a turn for it. */
static void long_next(struct tracks *tracks)
{
    struct track_op *op = tracks->long_first;
    if (op == NULL || tracks->long_n == LONG_OPS_MAX)
        return;
    tracks->long_first = op->next_long;
    tracks->long_n++;
    loop_work(tracks->env.loop, op_work, long_worked, op);
}

static void work_begin(struct track_op *op)
{
    struct tracks *tracks = op->tracks;
    if (op->copies < LONG_OP_BYTES) {
        loop_work(tracks->env.loop, op_work, op_worked, op);
        return;
    }
    if (tracks->long_first == NULL)
        tracks->long_first = op;
    else
        tracks->long_last->next_long = op;
    tracks->long_last = op;
    long_next(tracks);
}

/* As it is now, if the asker may do that with it. */
static enum pl_status op_look(struct track_op *op)
{
    enum pl_status status = tracks_find(op->tracks, &op->asker, op->id, &op->track);
    return status == PL_OK && !op->act->may_or_null(op->track, &op->asker) ? PL_PERM : status;
}

static void op_begin(void *user)
{
    struct track_op *op = user;
    enum pl_status status = op->track != NULL ? PL_OK : op_look(op);
    if (status == PL_OK)
        status = op->act->begin(op);
    if (status != PL_OK || op->skip)
        op_end(op, status);
    else if (op->act->work_or_null != NULL)
        work_begin(op);
    else
        op_worked(op);
}

enum pl_status op_push(struct track_op *op)
{
    struct tracks *tracks = op->tracks;
    struct track_op *last = map_get(&tracks->lanes, op->id);
    unsigned n = 1;
    enum pl_status status = op->bytes.failed ? PL_NO_MEMORY : op->track != NULL ? PL_OK : op_look(op);
    if (status == PL_OK && last == NULL)
        status = map_put(&tracks->lanes, op->id, op);
    for (; status == PL_OK && last != NULL && last->next != NULL; last = last->next)
        n++;
    if (status == PL_OK && n >= LANE_MAX)
        status = PL_LIMIT;
    if (status != PL_OK) {
        op_free(op);
        return status;
    }
    tracks->op_n++;
    if ((last != NULL || !turns_come(tracks)) && op->act->may_or_null != NULL) {
        track_free(op->track); /* what it is when its turn comes is not known yet */
        op->track = NULL;
    }
    if (last != NULL)
        last->next = op;
    else if (turns_come(tracks)) /* after a sweep they all do */
        op_turn(op);
    return PL_OK;
}

void other_ended(struct tracks *tracks)
{
    tracks->other_n--;
    drain_look(tracks);
}

void ops_resume(struct tracks *tracks)
{
    size_t cursor = 0;
    for (struct track_op *op; (op = map_next(&tracks->lanes, &cursor)) != NULL;)
        op_turn(op);
    drain_look(tracks);
}

void op_audit(struct track_op *op, struct track_change *change, enum audit_act act)
{
    op->audit = (struct audit_entry){.board = op->asker.board,
                                     .user = op->asker.user,
                                     .by_link = op->asker.link,
                                     .link = op->id,
                                     .act = act,
                                     .role = op->asker.role};
    change->audit_or_null = &op->audit;
}

bool text_keep(struct pl_slice text, char *ret_text, size_t bytes_max)
{
    if (text.len > bytes_max)
        return false;
    if (text.len > 0)
        memcpy(ret_text, text.data, text.len);
    ret_text[text.len] = '\0';
    return true;
}

/* Reading. */

enum pl_status tracks_find(struct tracks *tracks, const struct track_asker *asker, uint64_t id,
                           struct track **ret_track)
{
    struct track *track;
    if (id == 0)
        return PL_NOT_FOUND;
    enum pl_status status = store_track(tracks->env.store, asker->board, id, &track);
    if (status != PL_OK)
        return status;
    if (!track_known(track, asker)) {
        track_free(track);
        return PL_NOT_FOUND;
    }
    *ret_track = track;
    return PL_OK;
}

enum pl_status tracks_viewers(struct tracks *tracks, const struct track *track, struct track_viewers *ret_viewers)
{
    return store_track_viewers(tracks->env.store, track, track_played_ms(track), ret_viewers);
}

struct listing {
    const struct track_asker *asker;
    void (*row)(void *user, const struct track *track);
    void *user;
};

static void listing_row(void *user, const struct track *track)
{
    const struct listing *listing = user;
    if (track_known(track, listing->asker) && !track_thrown_away(track))
        listing->row(listing->user, track);
}

enum pl_status tracks_each(struct tracks *tracks, const struct track_asker *asker,
                           void (*row)(void *user, const struct track *track), void *user)
{
    struct listing listing = {.asker = asker, .row = row, .user = user};
    enum pl_status status = store_tracks_each(tracks->env.store, asker->board, listing_row, &listing);
    return status == PL_NO_MEMORY || status == PL_IO ? status : PL_OK; /* one that is spoiled hides no others */
}

enum pl_status tracks_room(struct tracks *tracks, uint64_t board, uint64_t *ret_bytes)
{
    const uint64_t disk = media_room(tracks->dir);
    uint64_t room;
    uint32_t track_n;
    enum pl_status status = ledger_room(tracks->ledger, board, &room, &track_n);
    if (status == PL_OK)
        *ret_bytes = room < disk ? room : disk;
    return status;
}
