/* See put_tracks.h. */
#include "store/put_tracks.h"
#include "store/env.h"
#include "store/thinning.h"
#include "store/track_read.h"
#include <errno.h>

static int row_put(struct env *env, MDB_txn *txn, const struct key *key, struct pl_buf *row)
{
    MDB_val name = env_key(key), value = {.mv_size = row->len, .mv_data = row->data};
    const int code = row->failed ? ENOMEM : mdb_put(txn, env->track, &name, &value, 0);
    pl_buf_clear(row);
    return code;
}

static int track_put(struct env *env, MDB_txn *txn, const struct track *track)
{
    struct key key = key_track(track->board, track->track, KEY_TRACK_ABOUT);
    struct pl_buf row;
    pl_buf_init(&row, env->mem);
    track_about_write(track, &row);
    int code = row_put(env, txn, &key, &row);
    for (uint32_t i = 0; code == 0 && i < track->segment_n; i++) {
        const struct thin_pin states = {track->segments[i].first_seq, track->segments[i].last_seq};
        key = key_track_segment(track->board, track->track, i);
        track_segment_write(&track->segments[i], &row);
        code = row_put(env, txn, &key, &row);
        if (code == 0)
            code = pin_put(env, txn, track->board, 0, track_pin(track->track, i), &states);
    }
    pl_buf_done(&row);
    return code;
}

enum pl_status store_put_tracks(const struct pl_mem *mem, const char *dir, struct track *const *tracks, size_t n)
{
    struct env env;
    MDB_txn *txn;
    enum pl_status status = env_open(&env, mem, dir, (size_t)STORE_MAP_BYTES, random_system());
    if (status != PL_OK)
        return status;
    int code = env_is_backup(&env) ? MDB_INCOMPATIBLE : mdb_txn_begin(env.mdb, NULL, 0, &txn);
    if (code == MDB_INCOMPATIBLE) {
        env_close(&env);
        return PL_STATE;
    }
    if (code == 0) {
        for (size_t i = 0; code == 0 && i < n; i++)
            code = track_put(&env, txn, tracks[i]);
        if (code == 0)
            code = mdb_txn_commit(txn);
        else
            mdb_txn_abort(txn);
    }
    env_close(&env);
    return code == 0 ? PL_OK : code == ENOMEM ? PL_NO_MEMORY : PL_IO;
}
