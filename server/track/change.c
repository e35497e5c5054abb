/* What is changed of a track that is there: its title, cuts, chapters and who may watch; finishing, deleting and taking
 * back; captions and the cover, which are files of their own; and how far people watched. See op.h for the steps. */
#include "store/media.h"
#include "track/op.h"
#include "track/sniff.h"
#include "track/time.h"
#include <string.h>

/* Changing. */

static enum pl_status cuts_check(const struct track *wish, uint32_t recorded_ms)
{
    for (uint32_t i = 0; i < wish->cut_n; i++)
        if (wish->cuts[i].from_ms >= wish->cuts[i].to_ms || wish->cuts[i].to_ms > recorded_ms)
            return PL_INVALID;
    return PL_OK;
}

static enum pl_status chapters_check(const struct track *wish, uint32_t recorded_ms)
{
    for (uint32_t i = 0; i < wish->chapter_n; i++)
        if (wish->chapters[i].at_ms > recorded_ms)
            return PL_INVALID;
    return PL_OK;
}

static bool any_done(const struct track *track)
{
    bool done = false;
    for (uint32_t i = 0; i < track->segment_n; i++)
        done = done || track->segments[i].done;
    return done;
}

static enum pl_status change_begin(struct track_op *op)
{
    const uint32_t recorded_ms = track_recorded_ms(op->track);
    enum pl_status status = PL_OK;
    if ((op->wished & TRACK_WISH_CUTS) != 0)
        status = cuts_check(op->wish, recorded_ms);
    if (status == PL_OK && (op->wished & TRACK_WISH_CHAPTERS) != 0)
        status = chapters_check(op->wish, recorded_ms);
    if (status == PL_OK && (op->wished & TRACK_WISH_FINISHED) != 0 && !any_done(op->track))
        status = PL_STATE;
    if (status == PL_OK && op->track->deleted_ms != 0 && (op->wished & TRACK_WISH_FINISHED) == 0)
        status = PL_STATE; /* first it is taken back */
    op->skip = op->wished == 0;
    return status;
}

static void watchers_take(struct track *track, const struct track *wish)
{
    track->watch_role = wish->watch_role;
    track->link_n = wish->link_n;
    memcpy(track->links, wish->links, sizeof track->links);
}

static void chapters_take(struct track *track, struct track *wish)
{
    const struct pl_buf texts = track->texts;
    track->chapter_n = wish->chapter_n;
    memcpy(track->chapters, wish->chapters, sizeof track->chapters);
    track->texts = wish->texts;
    wish->texts = texts;
}

static enum pl_status change_settle(struct track_op *op, struct track_change *change)
{
    struct track *track = op->track, *wish = op->wish;
    const bool finished = (op->wished & TRACK_WISH_FINISHED) != 0;
    const bool first = finished && track->state != TRACK_FINISHED;
    if ((op->wished & TRACK_WISH_TITLE) != 0)
        memcpy(track->title, wish->title, sizeof track->title);
    if ((op->wished & TRACK_WISH_WATCH) != 0)
        watchers_take(track, wish);
    if ((op->wished & TRACK_WISH_CUTS) != 0) {
        track->cut_n = wish->cut_n;
        memcpy(track->cuts, wish->cuts, sizeof track->cuts);
    }
    if ((op->wished & TRACK_WISH_CHAPTERS) != 0)
        chapters_take(track, wish);
    if (finished) {
        track->state = TRACK_FINISHED;
        track->deleted_ms = 0;
    }
    change->about = true;
    op_audit(op, change, first ? AUDIT_TRACK_FINISHED : AUDIT_TRACK_CHANGED);
    return PL_OK;
}

static const struct track_act alter = {.may_or_null = track_edited, .begin = change_begin, .settle = change_settle};

enum pl_status tracks_change(struct tracks *tracks, const struct track_asker *asker, uint64_t track, unsigned wished,
                             struct track *wish, tracks_done *done, void *user)
{
    enum pl_status status;
    struct track_op *op = op_new(tracks, asker, track, &alter, done, user, &status);
    if (op == NULL) {
        track_free(wish);
        return status;
    }
    op->wish = wish;
    op->wished = wished;
    return op_push(op);
}

/* Deleting: for now it is only hidden; the sweep takes it away when its time is over. */

static enum pl_status delete_begin(struct track_op *op)
{
    op->skip = op->track->deleted_ms != 0; /* asked twice */
    return PL_OK;
}

static enum pl_status delete_settle(struct track_op *op, struct track_change *change)
{
    op->track->deleted_ms = op->now_ms;
    change->about = true;
    op_audit(op, change, AUDIT_TRACK_DELETED);
    return PL_OK;
}

static const struct track_act delete = {.may_or_null = track_edited, .begin = delete_begin, .settle = delete_settle};

enum pl_status tracks_delete(struct tracks *tracks, const struct track_asker *asker, uint64_t track, tracks_done *done,
                             void *user)
{
    enum pl_status status;
    struct track_op *op = op_new(tracks, asker, track, &delete, done, user, &status);
    return op == NULL ? status : op_push(op);
}

/* Captions and cover. */

static bool kind_fits(enum track_beside which, enum media_kind kind)
{
    return which == TRACK_CAPTIONS ? kind == MEDIA_VTT
                                   : kind == MEDIA_JPEG || kind == MEDIA_PNG || kind == MEDIA_WEBP;
}

static struct track_file *beside_file(const struct track_op *op)
{
    return op->beside == TRACK_CAPTIONS ? &op->track->captions : &op->track->cover;
}

static enum pl_status attach_begin(struct track_op *op)
{
    char type[MEDIA_TYPE_BYTES_MAX];
    const struct pl_slice bytes = pl_buf_slice(&op->bytes);
    const enum media_kind kind = media_sniff(bytes);
    if (!kind_fits(op->beside, kind))
        return PL_TYPE;
    media_content_type(kind, (struct pl_slice){0}, type);
    memcpy(op->type, type, strlen(type) + 1);
    const uint64_t others = track_bytes(op->track) - beside_file(op)->bytes;
    return others + bytes.len > PL_TRACK_BYTES_MAX ? PL_QUOTA : op_promise(op, bytes.len); /* until the sweep both are there */
}

static void attach_work(struct track_op *op)
{
    struct track_file *file = &op->files[0];
    struct media_maker maker;
    char name[MEDIA_NAME_BYTES];
    media_part_name(op->asker.board, op->id, 0, op->beside == TRACK_CAPTIONS ? "captions" : "cover", name);
    op->status = media_room(op->tracks->dir) < op->bytes.len
                     ? PL_QUOTA
                     : media_make(&maker, op->tracks->dir, name, op->tracks->env.digest);
    if (op->status != PL_OK)
        return;
    (void)media_make_add(&maker, op->bytes.data, op->bytes.len); /* the end tells */
    file->bytes = op->bytes.len;
    op->status = media_make_end(&maker, file->hash);
}

static enum pl_status attach_settle(struct track_op *op, struct track_change *change)
{
    struct track_file *file = beside_file(op);
    if (memcmp(file->hash, op->files[0].hash, DIGEST_BYTES) != 0)
        op->leaves = file->bytes;
    *file = op->files[0];
    memcpy(file->type, op->type, sizeof file->type);
    change->about = true;
    op_audit(op, change, AUDIT_TRACK_CHANGED);
    return PL_OK;
}

static const struct track_act attach = {
    .may_or_null = track_edited, .begin = attach_begin, .work_or_null = attach_work, .settle = attach_settle};

enum pl_status tracks_attach(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                             enum track_beside which, struct pl_slice bytes, tracks_done *done, void *user)
{
    enum pl_status status;
    if (bytes.len > (which == TRACK_CAPTIONS ? PL_TRACK_CAPTIONS_BYTES_MAX : PL_TRACK_COVER_BYTES_MAX))
        return PL_TOO_BIG;
    struct track_op *op = op_new(tracks, asker, track, &attach, done, user, &status);
    if (op == NULL)
        return status;
    op->beside = which;
    pl_buf_append(&op->bytes, bytes.data, bytes.len);
    return op_push(op);
}

/* Watching: a row of its own, so it waits for nothing else of the track. */

struct watching {
    struct tracks *tracks;
    tracks_done *done;
    void *user;
    enum pl_status status;
};

static void watching_end(void *user)
{
    struct watching *watching = user;
    struct tracks *tracks = watching->tracks;
    const struct tracks_answer answer = {.status = watching->status == PL_OK ? PL_OK : PL_READ_ONLY};
    watching->done(watching->user, &answer);
    pl_mem_put(tracks->env.mem, watching);
    other_ended(tracks);
}

static void watched(void *user, enum pl_status status)
{
    struct watching *watching = user;
    watching->status = status;
    /* never before tracks_progress returns: without any memory left the store says so at once */
    loop_defer(watching->tracks->env.loop, watching_end, watching);
}

enum pl_status tracks_progress(struct tracks *tracks, const struct track_asker *asker, uint64_t id,
                               uint32_t played_ms, tracks_done *done, void *user)
{
    struct track *track;
    if (tracks->draining)
        return PL_DRAINING;
    enum pl_status status = tracks_find(tracks, asker, id, &track);
    if (status != PL_OK)
        return status;
    const bool may = track_watched(track, asker);
    track_free(track);
    if (!may)
        return PL_NOT_FOUND;
    if (asker->user == 0)
        return PL_TICKET;
    struct watching *watching = pl_mem_get(tracks->env.mem, sizeof *watching);
    if (watching == NULL)
        return PL_NO_MEMORY;
    *watching = (struct watching){.tracks = tracks, .done = done, .user = user};
    tracks->other_n++;
    store_track_watched(tracks->env.store, asker->board, id, asker->user, played_ms, watched, watching);
    return PL_OK;
}
