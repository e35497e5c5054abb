/* What plenum check does about talk-tracks: every file that a track names is there, as long as it should be, and what its
 * name says; of a segment that is still recorded, every chunk that was answered is in its stream, and is what came.
 *
 * A server beside may finish or purge a track meanwhile: what looks wrong counts only if the rows still say so. */
#include "auth/sha256.h"
#include "base/ident.h"
#include "cmd/check_tracks.h"
#include "store/media.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES (256u * 1024u)

struct tracks_check {
    const struct cmd_args *args;
    struct store_view *view;
    uint8_t *block;
    const struct track *track;
    uint64_t track_n, file_n, wrong_n;
};

/* Whether the folder says the same of the track as when it was read. */
static bool still_so(const struct tracks_check *check)
{
    struct track *again = NULL;
    struct pl_buf was, is;
    enum pl_status status = store_view_track_now(check->view, check->track->board, check->track->track, &again);
    bool same = status == PL_OK;
    if (status != PL_OK && status != PL_NOT_FOUND)
        return true;
    pl_buf_init(&was, check->args->mem);
    pl_buf_init(&is, check->args->mem);
    if (same) {
        track_about_write(check->track, &was);
        track_about_write(again, &is);
        for (uint32_t i = 0; i < check->track->segment_n; i++)
            track_segment_write(&check->track->segments[i], &was);
        for (uint32_t i = 0; i < again->segment_n; i++)
            track_segment_write(&again->segments[i], &is);
        same = pl_slice_equal(pl_buf_slice(&was), pl_buf_slice(&is));
    }
    pl_buf_done(&was);
    pl_buf_done(&is);
    track_free(again);
    return same;
}

__attribute__((format(printf, 2, 3))) static void wrong(struct tracks_check *check, const char *format, ...)
{
    char text[256], board[IDENT_TEXT_LEN + 1], track[IDENT_TEXT_LEN + 1];
    va_list args;
    if (!still_so(check))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ident_write(check->track->board, board);
    ident_write(check->track->track, track);
    cmd_progress_end();
    printf("board %s: talk-track %s: %s\n", board, track, text);
    check->wrong_n++;
}

/* The hash of a stretch of a file; false when it cannot be read. */
static bool stretch_hash(struct tracks_check *check, int fd, uint64_t at, uint64_t bytes, uint8_t ret_hash[DIGEST_BYTES])
{
    struct digest_run *run = digest_sha256.begin();
    bool good = run != NULL;
    for (uint64_t done = 0; good && done < bytes;) {
        const size_t n = bytes - done < BLOCK_BYTES ? (size_t)(bytes - done) : BLOCK_BYTES;
        good = media_read(fd, at + done, check->block, n);
        if (good)
            digest_sha256.add(run, check->block, n);
        done += n;
    }
    if (run != NULL)
        digest_sha256.end(run, ret_hash);
    return good;
}

static void file_check(struct tracks_check *check, const char *what, const struct track_file *file)
{
    uint8_t hash[DIGEST_BYTES];
    int fd;
    if (file->bytes == 0)
        return;
    check->file_n++;
    enum pl_status status = media_whole_open(check->args->data, file->hash, file->bytes, &fd);
    if (status == PL_NOT_FOUND)
        wrong(check, "the file of its %s is missing", what);
    else if (status != PL_OK)
        wrong(check, "the file of its %s is not as long as it was", what);
    if (status != PL_OK)
        return;
    if (!stretch_hash(check, fd, 0, file->bytes, hash))
        wrong(check, "the file of its %s cannot be read", what);
    else if (memcmp(hash, file->hash, DIGEST_BYTES) != 0)
        wrong(check, "the file of its %s is not what it was", what);
    close(fd);
}

static void chunks_check(struct tracks_check *check, uint32_t segment, enum track_stream stream)
{
    const struct track_flow *flow = &check->track->segments[segment].flows[stream];
    const char *what = stream == TRACK_MEDIA ? "media" : "timeline";
    char name[MEDIA_NAME_BYTES];
    uint64_t at = 0;
    int fd = -1;
    media_part_name(check->track->board, check->track->track, segment, what, name);
    if (flow->bytes > 0 && media_part_open(check->args->data, name, flow->bytes, &fd) != PL_OK) {
        wrong(check, "segment %" PRIu32 ": of its %s, %" PRIu64 " bytes are not all there", segment, what, flow->bytes);
        return;
    }
    for (uint32_t i = 0; i < flow->chunk_n; i++) {
        struct track_chunk chunk;
        uint8_t hash[DIGEST_BYTES];
        if (store_view_chunk(check->view, check->track, segment, stream, i, &chunk) != PL_OK || chunk.at != at ||
            at + chunk.bytes > flow->bytes) {
            wrong(check, "segment %" PRIu32 ": chunk %" PRIu32 " of its %s is not noted as it should be", segment, i, what);
            break;
        }
        if (!stretch_hash(check, fd, at, chunk.bytes, hash) || memcmp(hash, chunk.hash, DIGEST_BYTES) != 0)
            wrong(check, "segment %" PRIu32 ": chunk %" PRIu32 " of its %s is not what came", segment, i, what);
        at += chunk.bytes;
    }
    if (fd >= 0)
        close(fd);
}

static void track_check(struct tracks_check *check)
{
    const struct track *track = check->track;
    struct store_view_board board;
    if (track->board == 0 || !store_view_board(check->view, track->board - 1, &board) || board.board != track->board)
        wrong(check, "there is no such board");
    file_check(check, "captions", &track->captions);
    file_check(check, "cover", &track->cover);
    for (uint32_t i = 0; i < track->segment_n; i++) {
        for (enum track_stream k = 0; k < TRACK_STREAM_N; k++) {
            if (track->segments[i].done)
                file_check(check, k == TRACK_MEDIA ? "media" : "timeline", &track->segments[i].flows[k].file);
            else
                chunks_check(check, i, k);
        }
    }
}

void cmd_check_tracks(const struct cmd_args *args, struct store_view *view, struct cmd_tracks_checked *ret_checked)
{
    struct tracks_check check = {.args = args, .view = view, .block = pl_mem_get(args->mem, BLOCK_BYTES)};
    uint64_t board = 0, track = 0;
    enum pl_status status = check.block == NULL ? PL_NO_MEMORY : PL_OK;
    struct track *read;
    while (status != PL_NO_MEMORY &&
           (status = store_view_track(view, &board, &track, &read)) != PL_NOT_FOUND && status != PL_IO) {
        if (status == PL_OK) {
            check.track = read;
            track_check(&check);
            track_free(read);
        } else {
            printf("a talk-track cannot be read: %s\n", pl_status_text(status));
            check.wrong_n++;
        }
        cmd_progress("%" PRIu64 " talk-tracks", ++check.track_n);
    }
    if (status != PL_NOT_FOUND) {
        printf("talk-tracks cannot be read: %s\n", pl_status_text(status));
        check.wrong_n++;
    }
    pl_mem_put(args->mem, check.block);
    *ret_checked = (struct cmd_tracks_checked){
        .track_n = check.track_n, .file_n = check.file_n, .wrong_n = check.wrong_n};
}
