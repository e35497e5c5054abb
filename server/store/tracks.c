/* See tracks.h. Rows are encoded on the loop, so that what is written is what the track was then; the put functions run
 * on the writer's thread. */
#include "store/tracks.h"
#include "store/audit.h"
#include "store/rows.h"
#include "store/store_inner.h"
#include "store/thinning.h"
#include "store/track_read.h"
#include <assert.h>
#include <string.h>

/* Reading. */

enum pl_status store_track(struct store *store, uint64_t board, uint64_t track, struct track **ret_track)
{
    return track_read_now(&store->env, board, track, ret_track);
}

enum pl_status store_tracks_each(struct store *store, uint64_t board,
                                 void (*row)(void *user, const struct track *track), void *user)
{
    struct env *env = &store->env;
    enum pl_status worst = PL_OK;
    uint64_t at_board = board, at_track = 0;
    int code;
    struct track *track = track_new(store->mem, 0, 0);
    if (track == NULL)
        return PL_NO_MEMORY;
    MDB_txn *txn = env_read(env);
    if (txn == NULL) {
        track_free(track);
        return PL_IO;
    }
    while ((code = track_next(env, txn, &at_board, &at_track)) == 0 && (board == 0 || at_board == board)) {
        enum pl_status status = track_reread(env, txn, at_board, at_track, track);
        if (status == PL_OK)
            row(user, track);
        else if (worst == PL_OK || status == PL_NO_MEMORY || status == PL_IO)
            worst = status;
    }
    env_read_end(txn);
    track_free(track);
    return code == 0 || code == MDB_NOTFOUND ? worst : PL_IO;
}

enum pl_status store_track_chunk(struct store *store, const struct track *track, uint32_t segment,
                                 enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk)
{
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    enum pl_status status = track_chunk_find(&store->env, txn, track, segment, stream, n, ret_chunk);
    env_read_end(txn);
    return status;
}

enum pl_status store_track_viewers(struct store *store, const struct track *track, uint32_t played_ms,
                                   struct track_viewers *ret_viewers)
{
    MDB_txn *txn = env_read(&store->env);
    if (txn == NULL)
        return PL_IO;
    int code = track_views(&store->env, txn, track->board, track->track, played_ms, &ret_viewers->n,
                           ret_viewers->reach);
    env_read_end(txn);
    return code == 0 ? PL_OK : PL_IO;
}

enum pl_status store_head(struct store *store, uint64_t board, uint64_t *ret_seq)
{
    MDB_txn *txn = env_read(&store->env);
    MDB_val key;
    if (txn == NULL)
        return PL_IO;
    int code = doc_last(txn, store->env.journal, board, 0, &key);
    if (code == 0)
        *ret_seq = key_seq(key.mv_data);
    env_read_end(txn);
    return code == 0 ? PL_OK : code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
}

enum pl_status store_span_ms(struct store *store, uint64_t board, uint64_t from, uint64_t to, uint64_t *ret_ms)
{
    MDB_txn *txn = env_read(&store->env);
    uint64_t first_ms = 0, last_ms = 0;
    if (txn == NULL)
        return PL_IO;
    int code = to > from + 1 ? journal_srv_ms(&store->env, txn, board, 0, from + 1, &first_ms) : 0;
    if (code == 0 && to > from + 1)
        code = journal_srv_ms(&store->env, txn, board, 0, to, &last_ms);
    env_read_end(txn);
    if (code == 0)
        *ret_ms = last_ms > first_ms ? last_ms - first_ms : 0;
    return code == 0 ? PL_OK : code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
}

/* Writing. */

struct putting {
    struct asked asked;
    struct key about_key, chunk_key; /* of length 0: not written */
    struct pl_buf about;
    uint8_t chunk[ROW_CHUNK_BYTES];
    uint64_t board;
    uint32_t segment_n;
    struct putting_segment {
        struct key key;
        struct pl_buf row;
        uint64_t pin;
        struct thin_pin states;
    } segments[TRACK_CHANGE_SEGMENTS_MAX];
    bool audited;
    struct audit_entry audit;
    uint64_t now_ms;
};

static int row_put(struct env *env, MDB_txn *txn, const struct key *key, const void *bytes, size_t len)
{
    MDB_val name = env_key(key), value = {.mv_size = len, .mv_data = (void *)bytes};
    return key->len == 0 ? 0 : mdb_put(txn, env->track, &name, &value, 0);
}

static int putting_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct putting *putting = (const struct putting *)write;
    int code = row_put(env, txn, &putting->about_key, putting->about.data, putting->about.len);
    if (code == 0)
        code = row_put(env, txn, &putting->chunk_key, putting->chunk, sizeof putting->chunk);
    for (uint32_t i = 0; code == 0 && i < putting->segment_n; i++) {
        const struct putting_segment *segment = &putting->segments[i];
        code = row_put(env, txn, &segment->key, segment->row.data, segment->row.len);
        if (code == 0)
            code = pin_put(env, txn, putting->board, 0, segment->pin, &segment->states);
    }
    return code == 0 && putting->audited ? audit_put(env, txn, &putting->audit, putting->now_ms) : code;
}

static void putting_empty(struct putting *putting)
{
    pl_buf_done(&putting->about);
    for (uint32_t i = 0; i < putting->segment_n; i++)
        pl_buf_done(&putting->segments[i].row);
}

static void putting_done(struct write *write, enum pl_status status)
{
    putting_empty((struct putting *)write);
    asked_done(write, status);
}

/* False when out of memory. */
static bool putting_fill(struct putting *putting, const struct track_change *change)
{
    const struct track *track = change->track;
    putting->board = track->board;
    if (change->about) {
        putting->about_key = key_track(track->board, track->track, KEY_TRACK_ABOUT);
        track_about_write(track, &putting->about);
    }
    bool whole = !putting->about.failed;
    for (uint32_t i = 0; i < change->segment_n; i++) {
        const uint32_t number = change->segment_i + i;
        const struct track_segment *segment = &track->segments[number];
        struct putting_segment *row = &putting->segments[putting->segment_n++];
        row->key = key_track_segment(track->board, track->track, number);
        row->pin = track_pin(track->track, number);
        row->states = (struct thin_pin){segment->first_seq, segment->last_seq};
        pl_buf_init(&row->row, putting->asked.store->mem);
        track_segment_write(segment, &row->row);
        whole = whole && !row->row.failed;
    }
    if (change->chunk_or_null != NULL) {
        putting->chunk_key =
            key_track_chunk(track->board, track->track, change->segment_i, change->stream, change->chunk_i);
        track_chunk_write(change->chunk_or_null, putting->chunk);
    }
    if (change->audit_or_null != NULL) {
        putting->audited = true;
        putting->audit = *change->audit_or_null;
    }
    return whole;
}

void store_track_put(struct store *store, const struct track_change *change, journal_done *done, void *user)
{
    struct putting *putting = asked_get(store, sizeof *putting, done, user);
    if (putting == NULL)
        return;
    *putting = (struct putting){.asked = asked_of(store, putting_put, done, user),
                                .now_ms = loop_wall_ms(store->loop)};
    pl_buf_init(&putting->about, store->mem);
    assert(change->segment_n <= TRACK_CHANGE_SEGMENTS_MAX);
    if (!putting_fill(putting, change)) {
        store_fail_later(store, done, user);
        putting_empty(putting);
        pl_mem_put(store->mem, putting);
        return;
    }
    putting->asked.write.done = putting_done;
    writer_push(store->writer, &putting->asked.write);
}

struct watching {
    struct asked asked;
    uint64_t board, track, guest;
    uint32_t played_ms;
};

static int watching_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct watching *watching = (const struct watching *)write;
    struct key key = key_track_view(watching->board, watching->track, watching->guest);
    MDB_val name = env_key(&key), value;
    uint8_t row[ROW_VIEW_BYTES];
    int code = mdb_get(txn, env->track, &name, &value);
    for (unsigned i = 0; i < ROW_VIEW_BYTES; i++)
        row[i] = (uint8_t)(watching->played_ms >> (24 - 8 * i));
    if (code == MDB_NOTFOUND) {
        uint32_t n, reach[11];
        const struct key about = key_track(watching->board, watching->track, KEY_TRACK_ABOUT);
        MDB_val about_name = env_key(&about);
        if ((code = mdb_get(txn, env->track, &about_name, &value)) != 0)
            return code == MDB_NOTFOUND ? WRITE_REFUSED : code; /* purged meanwhile */
        if ((code = track_views(env, txn, watching->board, watching->track, 0, &n, reach)) != 0 ||
            n >= STORE_TRACK_VIEWS_MAX)
            return code;
    } else if (code != 0 || (value.mv_size == sizeof row && memcmp(value.mv_data, row, sizeof row) >= 0)) {
        return code; /* big-endian: bytes compare like numbers */
    }
    value = (MDB_val){.mv_size = sizeof row, .mv_data = row};
    return mdb_put(txn, env->track, &name, &value, 0);
}

void store_track_watched(struct store *store, uint64_t board, uint64_t track, uint64_t guest, uint32_t played_ms,
                         journal_done *done, void *user)
{
    struct watching *watching = asked_get(store, sizeof *watching, done, user);
    if (watching == NULL)
        return;
    *watching = (struct watching){.asked = asked_of(store, watching_put, done, user),
                                  .board = board,
                                  .track = track,
                                  .guest = guest,
                                  .played_ms = played_ms};
    writer_push(store->writer, &watching->asked.write);
}

struct purging {
    struct asked asked;
    uint64_t board, track;
};

static int purging_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct purging *purging = (const struct purging *)write;
    const struct key prefix = key_track(purging->board, purging->track, KEY_TRACK_ABOUT);
    int code = 0;
    for (uint32_t i = 0; code == 0 && i < PL_TRACK_SEGMENTS_MAX; i++)
        code = pin_remove(env, txn, purging->board, 0, track_pin(purging->track, i));
    while (code == 0) {
        MDB_cursor *cursor;
        MDB_val name = env_key(&prefix), value;
        if ((code = mdb_cursor_open(txn, env->track, &cursor)) != 0)
            return code;
        code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        if (code == 0 && memcmp(name.mv_data, prefix.bytes, KEY_TRACK_BYTES - 1) != 0)
            code = MDB_NOTFOUND;
        if (code == 0)
            code = mdb_cursor_del(cursor, 0);
        mdb_cursor_close(cursor);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

void store_track_purge(struct store *store, uint64_t board, uint64_t track, journal_done *done, void *user)
{
    struct purging *purging = asked_get(store, sizeof *purging, done, user);
    if (purging == NULL)
        return;
    *purging = (struct purging){.asked = asked_of(store, purging_put, done, user),
                                .board = board,
                                .track = track};
    purging->asked.write.alone = true;
    writer_push(store->writer, &purging->asked.write);
}
