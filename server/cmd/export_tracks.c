/* See export_tracks.h. Media are named, not contained: they are what the folder `media` holds. */
#include "cmd/export_tracks.h"
#include "base/ident.h"
#include "exchange/track_json.h"
#include "store/media.h"
#include <unistd.h>

/* Appends a whole timeline; its place in the buffer. */
static enum pl_status timeline_read(const struct cmd_args *args, const struct track_file *file, struct pl_buf *buf)
{
    int fd;
    enum pl_status status = media_whole_open(args->data, file->hash, file->bytes, &fd);
    if (status != PL_OK)
        return status;
    const size_t len = (size_t)file->bytes;
    if (file->bytes > PL_TRACK_TIMELINE_BYTES_MAX)
        status = PL_CORRUPT;
    else if (!pl_buf_reserve(buf, len))
        status = PL_NO_MEMORY;
    else if (!media_read(fd, 0, buf->data + buf->len, len))
        status = PL_IO;
    else
        buf->len += len;
    close(fd);
    return status;
}

static enum pl_status track_export(const struct cmd_args *args, const struct track *track, struct pl_buf *buf)
{
    struct pl_slice timelines[PL_TRACK_SEGMENTS_MAX] = {0};
    struct pl_buf bytes[PL_TRACK_SEGMENTS_MAX];
    enum pl_status status = PL_OK;
    for (uint32_t i = 0; i < track->segment_n; i++) {
        const struct track_file *file = &track->segments[i].flows[TRACK_TIMELINE].file;
        pl_buf_init(&bytes[i], args->mem);
        if (file->bytes == 0 || status != PL_OK)
            continue;
        status = timeline_read(args, file, &bytes[i]);
        timelines[i] = pl_buf_slice(&bytes[i]);
        if (status == PL_OK || status == PL_NO_MEMORY)
            continue;
        cmd_complain("a timeline of talk-track '%s' cannot be read: %s", track->title, pl_status_text(status));
        status = PL_OK;
    }
    if (status == PL_OK)
        status = track_json_write(track, timelines, buf);
    for (uint32_t i = 0; i < track->segment_n; i++)
        pl_buf_done(&bytes[i]);
    return status;
}

static enum pl_status track_append(const struct cmd_args *args, const struct track *track, struct pl_buf *buf)
{
    if (buf->len > 0)
        pl_buf_append(buf, ",", 1);
    pl_buf_append(buf, "\n", 1);
    return track_export(args, track, buf);
}

/* The board and its other tracks are worth more than one of which nothing can be told. */
static enum pl_status spoiled_tell(uint64_t track)
{
    char id[IDENT_TEXT_LEN + 1];
    ident_write(track, id);
    cmd_complain("talk-track %s cannot be read: it is left out", id);
    return PL_OK;
}

enum pl_status cmd_export_tracks(const struct cmd_args *args, struct store_view *view, uint64_t board,
                                 struct pl_buf *buf)
{
    uint64_t at_board = board, at_track = 0;
    enum pl_status status = PL_OK;
    while (status == PL_OK) {
        struct track *track = NULL;
        status = store_view_track(view, &at_board, &at_track, &track);
        const bool ours = at_board == board;
        if (status == PL_OK && ours && track->deleted_ms == 0)
            status = track_append(args, track, buf);
        track_free(track);
        if (!ours)
            return PL_OK; /* another board's, whatever is wrong with it */
        if (status == PL_CORRUPT || status == PL_VERSION)
            status = spoiled_tell(at_track);
    }
    return status == PL_NOT_FOUND ? PL_OK : status;
}
