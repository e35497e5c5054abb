/* See track_read.h. A track's rows lie together: its own, its segments, then the many of chunks and guests, which are
 * passed over by asking for the next key. */
#include "store/track_read.h"
#include <string.h>

/* The first row from `key` on, if it begins with `len` bytes of it. */
static int row_at(MDB_cursor *cursor, const struct key *key, size_t len, MDB_val *ret_name, MDB_val *ret_value)
{
    *ret_name = env_key(key);
    int code = mdb_cursor_get(cursor, ret_name, ret_value, MDB_SET_RANGE);
    return code == 0 && (ret_name->mv_size < len || memcmp(ret_name->mv_data, key->bytes, len) != 0) ? MDB_NOTFOUND
                                                                                                      : code;
}

static enum pl_status status_of(int code)
{
    return code == 0 ? PL_OK : code == MDB_NOTFOUND ? PL_NOT_FOUND : PL_IO;
}

/* Segments are numbered without gaps. */
static enum pl_status segments_read(MDB_cursor *cursor, struct track *track)
{
    enum pl_status status = PL_OK;
    while (status == PL_OK && track->segment_n < PL_TRACK_SEGMENTS_MAX) {
        const struct key key = key_track_segment(track->board, track->track, track->segment_n);
        MDB_val name, value;
        status = status_of(row_at(cursor, &key, key.len, &name, &value));
        if (status == PL_OK)
            status = track_segment_read(env_slice(value), &track->segments[track->segment_n]);
        track->segment_n += status == PL_OK;
    }
    return status == PL_NOT_FOUND ? PL_OK : status;
}

enum pl_status track_reread(struct env *env, MDB_txn *txn, uint64_t board, uint64_t id, struct track *track)
{
    const struct key key = key_track(board, id, KEY_TRACK_ABOUT);
    MDB_cursor *cursor;
    MDB_val name, value;
    track_renew(track, board, id);
    if (!env->has_tracks)
        return PL_NOT_FOUND;
    if (mdb_cursor_open(txn, env->track, &cursor) != 0)
        return PL_IO;
    enum pl_status status = status_of(row_at(cursor, &key, key.len, &name, &value));
    if (status == PL_OK)
        status = track_about_read(env_slice(value), track);
    if (status == PL_OK)
        status = segments_read(cursor, track);
    mdb_cursor_close(cursor);
    return status;
}

enum pl_status track_read(struct env *env, MDB_txn *txn, uint64_t board, uint64_t id, struct track **ret_track)
{
    struct track *track = track_new(env->mem, board, id);
    enum pl_status status = track == NULL ? PL_NO_MEMORY : track_reread(env, txn, board, id, track);
    if (status == PL_OK)
        *ret_track = track;
    else
        track_free(track);
    return status;
}

enum pl_status track_read_now(struct env *env, uint64_t board, uint64_t id, struct track **ret_track)
{
    MDB_txn *txn = env_read(env);
    if (txn == NULL)
        return PL_IO;
    enum pl_status status = track_read(env, txn, board, id, ret_track);
    env_read_end(txn);
    return status;
}

int track_next(struct env *env, MDB_txn *txn, uint64_t *board, uint64_t *track)
{
    MDB_cursor *cursor;
    MDB_val name, value;
    struct key key = key_track(*board, *track, KEY_TRACK_ABOUT);
    if (!env->has_tracks)
        return MDB_NOTFOUND;
    int code = mdb_cursor_open(txn, env->track, &cursor);
    if (code != 0)
        return code;
    key.bytes[KEY_TRACK_BYTES - 1] = UINT8_MAX; /* behind all of its rows */
    code = row_at(cursor, &key, 0, &name, &value);
    if (code == 0 && name.mv_size < KEY_TRACK_BYTES)
        code = MDB_CORRUPTED;
    if (code == 0) {
        *board = key_board_of(name.mv_data);
        *track = key_track_of(name.mv_data);
    }
    mdb_cursor_close(cursor);
    return code;
}

enum pl_status track_chunk_find(struct env *env, MDB_txn *txn, const struct track *track, uint32_t segment,
                                enum track_stream stream, uint32_t n, struct track_chunk *ret_chunk)
{
    const struct key key = key_track_chunk(track->board, track->track, segment, stream, n);
    MDB_val name = env_key(&key), value;
    if (!env->has_tracks)
        return PL_NOT_FOUND;
    enum pl_status status = status_of(mdb_get(txn, env->track, &name, &value));
    if (status != PL_OK)
        return status;
    return track_chunk_read(env_slice(value), ret_chunk) ? PL_OK : PL_CORRUPT;
}

static uint32_t ms_of(MDB_val value)
{
    const uint8_t *at = value.mv_data;
    return value.mv_size < ROW_VIEW_BYTES
               ? 0
               : (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int track_views(struct env *env, MDB_txn *txn, uint64_t board, uint64_t track, uint32_t played_ms, uint32_t *ret_n,
                uint32_t ret_reach[11])
{
    const struct key key = key_track(board, track, KEY_TRACK_VIEW);
    MDB_cursor *cursor;
    MDB_val name, value;
    uint32_t n = 0, reach[11] = {0};
    int code = env->has_tracks ? mdb_cursor_open(txn, env->track, &cursor) : MDB_NOTFOUND;
    if (code == 0) {
        code = row_at(cursor, &key, key.len, &name, &value);
        while (code == 0 && name.mv_size >= key.len && memcmp(name.mv_data, key.bytes, key.len) == 0) {
            const uint64_t tenths = played_ms == 0 ? 10 : (uint64_t)ms_of(value) * 10 / played_ms;
            n++;
            for (size_t i = 0; i <= 10 && i <= tenths; i++)
                reach[i]++;
            code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
    }
    if (code != 0 && code != MDB_NOTFOUND)
        return code;
    *ret_n = n;
    memcpy(ret_reach, reach, sizeof reach);
    return 0;
}
