/* See reading.h. A reading that is closed while a worker has it is freed when the worker is done. */
#include "track/reading.h"
#include "store/media.h"
#include "track/op.h"
#include <fcntl.h>
#include <unistd.h>

struct track_reading {
    struct tracks *tracks;
    struct track_file file;
    uint64_t at, end;
    int fd;
    bool working, closed;
    enum pl_status status; /* the worker's */
    uint8_t *piece;        /* NULL between pieces */
    size_t piece_len;
    track_reading_opened *opened;
    track_reading_came *came;
    void *user;
};

void track_reading_drop(struct track_reading *reading)
{
    pl_mem_put(reading->tracks->env.mem, reading->piece);
    reading->piece = NULL;
}

static void reading_free(struct track_reading *reading)
{
    track_reading_drop(reading);
    reading->tracks->reading_n--;
    if (reading->fd >= 0)
        close(reading->fd);
    pl_mem_put(reading->tracks->env.mem, reading);
}

static void open_work(void *user)
{
    struct track_reading *reading = user;
    reading->status =
        media_whole_open(reading->tracks->dir, reading->file.hash, reading->file.bytes, &reading->fd);
    if (reading->status == PL_OK)
        (void)posix_fadvise(reading->fd, (off_t)reading->at, (off_t)(reading->end - reading->at),
                            POSIX_FADV_SEQUENTIAL);
}

static void open_worked(void *user)
{
    struct track_reading *reading = user;
    const enum pl_status status = reading->status == PL_NOT_FOUND ? PL_CORRUPT : reading->status;
    track_reading_opened *opened = reading->opened;
    void *opened_user = reading->user;
    reading->working = false;
    if (status != PL_OK) {
        reading_free(reading);
        reading = NULL;
    }
    opened(opened_user, status, reading);
}

enum pl_status track_reading_open(struct tracks *tracks, const struct track_file *file, uint64_t from, uint64_t len,
                                  track_reading_opened *opened, void *user)
{
    if (tracks->reading_n >= READINGS_MAX)
        return PL_LIMIT;
    struct track_reading *reading = pl_mem_get(tracks->env.mem, sizeof *reading);
    if (reading == NULL)
        return PL_NO_MEMORY;
    tracks->reading_n++;
    *reading = (struct track_reading){.tracks = tracks,
                                      .file = *file,
                                      .at = from,
                                      .end = from + len,
                                      .fd = -1,
                                      .working = true,
                                      .opened = opened,
                                      .user = user};
    loop_work(tracks->env.loop, open_work, open_worked, reading);
    return PL_OK;
}

static void piece_work(void *user)
{
    struct track_reading *reading = user;
    reading->status = reading->piece != NULL && media_read(reading->fd, reading->at, reading->piece, reading->piece_len)
                          ? PL_OK
                          : PL_IO;
}

static void piece_worked(void *user)
{
    struct track_reading *reading = user;
    reading->working = false;
    if (reading->closed) {
        reading_free(reading);
        return;
    }
    const struct pl_slice piece = {reading->piece, reading->piece_len};
    const bool good = reading->status == PL_OK && piece.len > 0;
    reading->at += piece.len;
    reading->came(reading->user, good ? &piece : NULL);
}

void track_reading_next(struct track_reading *reading, track_reading_came *came, void *user)
{
    const uint64_t left = reading->end - reading->at;
    track_reading_drop(reading);
    reading->piece_len = left < READING_PIECE_BYTES ? (size_t)left : READING_PIECE_BYTES;
    reading->piece = reading->piece_len > 0 ? pl_mem_get(reading->tracks->env.mem, reading->piece_len) : NULL;
    reading->came = came;
    reading->user = user;
    reading->working = true;
    loop_work(reading->tracks->env.loop, piece_work, piece_worked, reading);
}

void track_reading_close(struct track_reading *reading_or_null)
{
    if (reading_or_null == NULL)
        return;
    if (reading_or_null->working)
        reading_or_null->closed = true;
    else
        reading_free(reading_or_null);
}
