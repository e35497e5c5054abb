/* See import_tracks.h. Media are named by what they hold, so that a file is there and is the right one shows by itself;
 * timelines come in the document and become files again, checked as a recorder's are: players trust them. */
#include "cmd/import_tracks.h"
#include "auth/sha256.h"
#include "exchange/track_json.h"
#include "store/media.h"
#include "store/put_tracks.h"
#include "track/timeline.h"
#include <string.h>
#include <unistd.h>

struct importing {
    const struct cmd_args *args;
    uint64_t board, now_ms;
    size_t n;
    struct track *tracks[PL_TRACKS_MAX];
};

static bool file_is_there(const struct importing *importing, const struct track *track, const struct track_file *file,
                          const char *what)
{
    int fd;
    if (file->bytes == 0)
        return true;
    enum pl_status status = media_whole_open(importing->args->data, file->hash, file->bytes, &fd);
    if (status == PL_OK)
        close(fd);
    else
        cmd_complain("talk-track '%s': the file of its %s is not in the folder media: left out", track->title, what);
    return status == PL_OK;
}

static bool timeline_is_sound(const struct track *track, const struct pl_buf *timeline)
{
    struct timeline_facts facts;
    if (timeline->len == 0 || (timeline->len <= PL_TRACK_TIMELINE_BYTES_MAX &&
                               timeline_check(pl_buf_slice(timeline), 0, &facts) == PL_OK && facts.begins))
        return true;
    cmd_complain("talk-track '%s': a timeline makes no sense: left out", track->title);
    return false;
}

static enum pl_status timeline_make(const struct importing *importing, const struct track *track, uint32_t segment,
                                    const struct pl_buf *timeline, struct track_flow *flow)
{
    struct media_maker maker;
    char name[MEDIA_NAME_BYTES];
    if (timeline->len == 0)
        return PL_OK;
    media_part_name(track->board, track->track, segment, "timeline-whole", name);
    enum pl_status status = media_make(&maker, importing->args->data, name, &digest_sha256);
    if (status != PL_OK)
        return status;
    (void)media_make_add(&maker, timeline->data, timeline->len); /* the end tells */
    strcpy(flow->file.type, "application/vnd.msgpack");
    flow->file.bytes = timeline->len;
    return media_make_end(&maker, flow->file.hash);
}

static bool id_is_new(const struct importing *importing, const struct track *track)
{
    for (size_t i = 0; i < importing->n; i++) {
        if (importing->tracks[i]->track != track->track)
            continue;
        cmd_complain("talk-track '%s': there is one of its id already: left out", track->title);
        return false;
    }
    return true;
}

static enum pl_status take(void *user, struct track *track, const struct pl_buf *timelines)
{
    struct importing *importing = user;
    enum pl_status status = PL_OK;
    bool there = id_is_new(importing, track);
    track->board = importing->board;
    track->touched_ms = importing->now_ms;
    importing->tracks[importing->n++] = track;
    for (uint32_t i = 0; status == PL_OK && i < track->segment_n; i++) {
        struct track_segment *segment = &track->segments[i];
        there = there && file_is_there(importing, track, &segment->flows[TRACK_MEDIA].file, "media") &&
                timeline_is_sound(track, &timelines[i]);
        if (there)
            status = timeline_make(importing, track, i, &timelines[i], &segment->flows[TRACK_TIMELINE]);
    }
    if (!there) {
        importing->n--;
        track_free(track);
        return status;
    }
    if (!file_is_there(importing, track, &track->captions, "captions"))
        track->captions = (struct track_file){0};
    if (!file_is_there(importing, track, &track->cover, "cover"))
        track->cover = (struct track_file){0};
    return status;
}

bool cmd_import_tracks(const struct cmd_args *args, struct pl_slice json, uint64_t board, uint64_t head, uint64_t now_ms)
{
    struct importing importing = {.args = args, .board = board, .now_ms = now_ms};
    enum pl_status status = media_prepare(args->data);
    if (status == PL_OK)
        status = track_json_read(args->mem, json, head, take, &importing);
    if (status == PL_INVALID) {
        cmd_complain("a talk-track makes no sense: it and those behind it are left out");
        status = PL_OK;
    }
    if (status == PL_OK && importing.n > 0)
        status = store_put_tracks(args->mem, args->data, importing.tracks, importing.n);
    if (status != PL_OK)
        cmd_complain("the talk-tracks could not be brought: %s", pl_status_text(status));
    for (size_t i = 0; i < importing.n; i++)
        track_free(importing.tracks[i]);
    return status == PL_OK;
}
