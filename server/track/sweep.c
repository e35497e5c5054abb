/* The sweep, at start and hourly, or sooner when much is to go: tracks whose time is over go, row by row, deleted ones and
 * those that were given up unfinished; then files that no row refers to, which are what those left behind, what a crash did,
 * and covers that were replaced.
 *
 * It begins only when nothing is under way, and nothing begins before its end, so that no file waits for its row. */
#include "base/ident.h"
#include "base/log.h"
#include "store/media.h"
#include "track/op.h"
#include "track/time.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SWEEP_MS   (3600u * 1000u)
#define LATE_MS    SWEEP_MS /* on a server where somebody records all the time it never comes by itself */
#define LEFT_BYTES (UINT64_C(64) << 20) /* of what was replaced: with more than that the hour is not awaited */
#define PURGES_MAX 64u /* in one sweep; the rest in the next, soon */

struct sweep {
    struct tracks *tracks;
    uint64_t now_ms;
    enum pl_status status;
    struct pl_buf names; /* of files that are referred to, MEDIA_NAME_BYTES each */
    size_t due_n, purged_n, removed_n;
    bool held; /* no file may go now */
    struct {
        uint64_t board, track;
    } due[PURGES_MAX];
};

static void name_keep(struct sweep *sweep, const struct track_file *file)
{
    char name[MEDIA_NAME_BYTES] = "";
    if (file->bytes == 0)
        return;
    media_whole_name(file->hash, name);
    pl_buf_append(&sweep->names, name, sizeof name);
}

static void track_look(void *user, const struct track *track)
{
    struct sweep *sweep = user;
    name_keep(sweep, &track->captions);
    name_keep(sweep, &track->cover);
    for (uint32_t i = 0; i < track->segment_n; i++) {
        const struct track_segment *segment = &track->segments[i];
        for (enum track_stream k = 0; k < TRACK_STREAM_N; k++) {
            char name[MEDIA_NAME_BYTES] = "";
            name_keep(sweep, &segment->flows[k].file);
            if (segment->done || segment->flows[k].bytes == 0)
                continue;
            media_part_name(track->board, track->track, i, stream_name(k), name);
            pl_buf_append(&sweep->names, name, sizeof name);
        }
    }
}

static void due_look(void *user, const struct track *track)
{
    struct sweep *sweep = user;
    const uint64_t ends_ms = track_ends_ms(track);
    if (ends_ms == 0 || ends_ms > sweep->now_ms || sweep->due_n == PURGES_MAX)
        return;
    sweep->due[sweep->due_n].board = track->board;
    sweep->due[sweep->due_n++].track = track->track;
}

static int name_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* What an operator puts there by hand stays. */
static bool is_ours(const char *name)
{
    const size_t hex = strspn(name, "0123456789abcdef");
    uint64_t track;
    if (hex == 2 * DIGEST_BYTES)
        return name[hex] == '\0' || strcmp(name + hex, ".part") == 0;
    return strlen(name) > IDENT_TEXT_LEN && name[IDENT_TEXT_LEN] == '.' && strlen(name) < MEDIA_NAME_BYTES &&
           ident_read((struct pl_slice){(const uint8_t *)name, IDENT_TEXT_LEN}, &track);
}

static void file_look(void *user, const char *name)
{
    struct sweep *sweep = user;
    char key[MEDIA_NAME_BYTES] = "";
    if (!is_ours(name))
        return;
    snprintf(key, sizeof key, "%s", name);
    if (sweep->names.len > 0 &&
        bsearch(key, sweep->names.data, sweep->names.len / MEDIA_NAME_BYTES, MEDIA_NAME_BYTES, name_compare) != NULL)
        return;
    media_remove(sweep->tracks->dir, name);
    sweep->removed_n++;
}

/* In a worker. Unless every track could be read, no file goes: one that cannot be read may refer to it. */
static void files_work(void *user)
{
    struct sweep *sweep = user;
    if ((sweep->held = media_held(sweep->tracks->dir)))
        return; /* the next sweep's, then */
    sweep->status = store_tracks_each(sweep->tracks->env.store, 0, track_look, sweep);
    if (sweep->names.failed && sweep->status == PL_OK)
        sweep->status = PL_NO_MEMORY;
    if (sweep->status != PL_OK)
        return;
    if (sweep->names.len > 0)
        qsort(sweep->names.data, sweep->names.len / MEDIA_NAME_BYTES, MEDIA_NAME_BYTES, name_compare);
    sweep->status = media_each(sweep->tracks->dir, file_look, sweep);
}

static void files_worked(void *user)
{
    struct sweep *sweep = user;
    struct tracks *tracks = sweep->tracks;
    if (sweep->status != PL_OK)
        log_event(LOG_LEVEL_WARN, "sweep_failed", "code=%s", pl_status_name(sweep->status));
    else if (sweep->purged_n + sweep->removed_n > 0)
        log_event(LOG_LEVEL_INFO, "swept", "tracks=%zu files=%zu", sweep->purged_n, sweep->removed_n);
    if (sweep->status == PL_OK && !sweep->held)
        ledger_swept(tracks->ledger);
    pl_buf_done(&sweep->names);
    pl_mem_put(tracks->env.mem, sweep);
    tracks->sweeping = false;
    ops_resume(tracks);
}

static void purge_next(struct sweep *sweep);

static void purged(void *user, enum pl_status status)
{
    struct sweep *sweep = user;
    sweep->purged_n += status == PL_OK;
    ledger_forget(sweep->tracks->ledger, sweep->due[sweep->due_n].board); /* the one that purge_next began */
    purge_next(sweep);
}

static void purge_next(struct sweep *sweep)
{
    struct tracks *tracks = sweep->tracks;
    if (sweep->due_n == 0) {
        loop_work(tracks->env.loop, files_work, files_worked, sweep);
        return;
    }
    sweep->due_n--;
    store_track_purge(tracks->env.store, sweep->due[sweep->due_n].board, sweep->due[sweep->due_n].track, purged, sweep);
}

static void due_work(void *user)
{
    struct sweep *sweep = user;
    sweep->status = store_tracks_each(sweep->tracks->env.store, 0, due_look, sweep);
}

static void due_worked(void *user)
{
    struct sweep *sweep = user;
    if (sweep->due_n == PURGES_MAX)
        sweep->tracks->sweep_due_ms = loop_now_ms(sweep->tracks->env.loop);
    purge_next(sweep);
}

void sweep_begin(struct tracks *tracks)
{
    struct sweep *sweep = pl_mem_get(tracks->env.mem, sizeof *sweep);
    tracks->sweep_next = false;
    if (sweep == NULL) {
        ops_resume(tracks); /* a minute later, then */
        return;
    }
    *sweep = (struct sweep){.tracks = tracks, .now_ms = loop_wall_ms(tracks->env.loop)};
    pl_buf_init(&sweep->names, tracks->env.mem);
    tracks->sweeping = true;
    tracks->sweep_due_ms = loop_now_ms(tracks->env.loop) + SWEEP_MS;
    loop_work(tracks->env.loop, due_work, due_worked, sweep);
}

void sweep_maybe(struct tracks *tracks)
{
    const uint64_t now_ms = loop_now_ms(tracks->env.loop);
    const bool due = now_ms >= tracks->sweep_due_ms || ledger_left(tracks->ledger) >= LEFT_BYTES;
    if (!due || tracks->sweeping || tracks->draining)
        return;
    if (tracks->op_n == 0)
        sweep_begin(tracks);
    else
        tracks->sweep_next = now_ms >= tracks->sweep_due_ms + LATE_MS;
}
