/* See thinning.h. Rows are collected first and deleted then: deleting under a cursor moves it.
 * Whole stretches of journal go, or nothing of them: `plenum check` takes any other hole for a
 * loss. */
#include "store/thinning.h"
#include <string.h>

#define RECORDS_AT_ONCE \
    8192u /* enough to keep up with what people write; the rest goes the next time */

struct thinning {
    struct env *env;
    MDB_txn *txn;
    uint64_t board;
    uint32_t doc;
    struct pl_buf bases; /* struct thin_base */
    struct pl_buf pins;  /* struct thin_pin */
    uint32_t deleted_n;
};

static struct thin_base *bases_of(const struct thinning *thinning, size_t *ret_n)
{
    *ret_n = thinning->bases.len / sizeof(struct thin_base);
    return (struct thin_base *)thinning->bases.data;
}

/* Pins. */

int pin_put(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t pin,
            const struct thin_pin *states)
{
    struct key key = key_pin(board, doc, pin);
    uint8_t row[ROW_PIN_BYTES];
    pl_u64_to_bytes(states->from, row);
    pl_u64_to_bytes(states->to, row + 8);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof row, .mv_data = row};
    return mdb_put(txn, env->meta, &name, &value, 0);
}

int pin_remove(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t pin)
{
    struct key key = key_pin(board, doc, pin);
    MDB_val name = env_key(&key);
    int code = mdb_del(txn, env->meta, &name, NULL);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int pins_read(struct thinning *thinning)
{
    MDB_cursor *cursor;
    struct key key = key_pin(thinning->board, thinning->doc, 0);
    MDB_val name = env_key(&key), value;
    int code = mdb_cursor_open(thinning->txn, thinning->env->meta, &cursor);
    if (code != 0)
        return code;
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    while (code == 0 && name.mv_size == key.len &&
           memcmp(name.mv_data, key.bytes, KEY_PIN_PREFIX) == 0) {
        const uint8_t *row = value.mv_data;
        if (value.mv_size >= ROW_PIN_BYTES) {
            const struct thin_pin pin = {pl_u64_from_bytes(row), pl_u64_from_bytes(row + 8)};
            pl_buf_append(&thinning->pins, &pin, sizeof pin);
        }
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* How much journal ends in (from, to]: noted when the snapshot at `to` was first seen, for it does
 * not change but here. */

static int stretch_note(const struct thinning *thinning, uint64_t to, uint64_t bytes)
{
    struct key key = key_stretch(thinning->board, thinning->doc, to);
    uint8_t row[8];
    pl_u64_to_bytes(bytes, row);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof row, .mv_data = row};
    return mdb_put(thinning->txn, thinning->env->meta, &name, &value, 0);
}

static int stretch_bytes(const struct thinning *thinning, uint64_t from, uint64_t to,
                         uint64_t *ret_bytes)
{
    struct key key = key_stretch(thinning->board, thinning->doc, to);
    MDB_val name = env_key(&key), value;
    MDB_cursor *cursor;
    uint64_t bytes = 0;
    int code = mdb_get(thinning->txn, thinning->env->meta, &name, &value);
    if (code == 0 && value.mv_size == 8) {
        *ret_bytes = pl_u64_from_bytes(value.mv_data);
        return 0;
    }
    if (code != MDB_NOTFOUND ||
        (code = mdb_cursor_open(thinning->txn, thinning->env->journal, &cursor)) != 0)
        return code;
    key = key_entry(thinning->board, thinning->doc, from + 1);
    name = env_key(&key);
    code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    while (code == 0 && memcmp(name.mv_data, key.bytes, KEY_DOC_BYTES) == 0 &&
           key_seq(name.mv_data) <= to) {
        bytes += KEY_ENTRY_BYTES + value.mv_size;
        code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (code != 0 && code != MDB_NOTFOUND)
        return code;
    *ret_bytes = bytes;
    return stretch_note(thinning, to, bytes);
}

static int bases_read(struct thinning *thinning)
{
    struct thin_base before = {0}; /* the empty document */
    struct row_snapshot row;
    uint64_t seq = 1;
    int code;
    while ((code = snapshot_next(thinning->env, thinning->txn, thinning->board, thinning->doc, &seq,
                                 &row)) == 0) {
        if ((code = stretch_bytes(thinning, before.seq, seq, &before.journal_bytes)) != 0)
            return code;
        pl_buf_append(&thinning->bases, &before, sizeof before);
        before = (struct thin_base){.seq = seq,
                                    .srv_ms = row.srv_ms,
                                    .bytes = row.bytes,
                                    .stored_bytes = row.deflated_bytes};
        seq++;
    }
    pl_buf_append(&thinning->bases, &before, sizeof before);
    return code == MDB_NOTFOUND ? 0 : code;
}

/* Deletes all rows of a room whose keys are in [key, end), end being as long; records for which
 * `spare` has a seq only if they begin behind it. */
static int rows_delete(struct thinning *thinning, MDB_dbi room, const struct key *from,
                       const struct key *end, uint64_t spare)
{
    struct key at = *from;
    for (;;) {
        MDB_cursor *cursor;
        MDB_val name = env_key(&at), value;
        struct row_entry row = {.first_seq = UINT64_MAX};
        struct pl_slice envelopes;
        int code = mdb_cursor_open(thinning->txn, room, &cursor);
        if (code != 0)
            return code;
        code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        const bool ours =
            code == 0 && name.mv_size == end->len && memcmp(name.mv_data, end->bytes, end->len) < 0;
        if (ours)
            memcpy(at.bytes, name.mv_data, at.len);
        if (ours && spare > 0)
            (void)row_entry_read(env_slice(value), &row, &envelopes);
        if (ours && row.first_seq <= spare) { /* the first of them at most */
            at = key_entry(thinning->board, thinning->doc, key_seq(at.bytes) + 1);
            spare = 0;
        } else if (ours) {
            code = mdb_cursor_del(cursor, 0);
            thinning->deleted_n++;
        }
        mdb_cursor_close(cursor);
        if (!ours)
            return code == MDB_NOTFOUND ? 0 : code;
        if (code != 0)
            return code;
    }
}

static int journal_drop(struct thinning *thinning, const struct thin_base *base,
                        bool before_is_kept)
{
    struct key from = key_entry(thinning->board, thinning->doc, base[0].seq + 1);
    struct key end = key_entry(thinning->board, thinning->doc, base[1].seq + 1);
    int code = rows_delete(thinning, thinning->env->journal, &from, &end,
                           before_is_kept ? base[0].seq : 0);
    return code == 0 ? stretch_note(thinning, base[1].seq, 0) : code;
}

/* The snapshot goes; what is noted of the stretch before it goes to the next. */
static int snapshot_drop(struct thinning *thinning, const struct thin_base *base,
                         uint64_t before_bytes)
{
    struct key from = key_chunk(thinning->board, thinning->doc, base->seq, 0);
    struct key end = key_chunk(thinning->board, thinning->doc, base->seq, UINT32_MAX);
    struct key noted = key_stretch(thinning->board, thinning->doc, base->seq);
    MDB_val name = env_key(&noted);
    int code = rows_delete(thinning, thinning->env->snapshot, &from, &end, 0);
    if (code == 0 &&
        (code = mdb_del(thinning->txn, thinning->env->meta, &name, NULL)) == MDB_NOTFOUND)
        code = 0;
    return code == 0 ? stretch_note(thinning, base[1].seq, before_bytes) : code;
}

static int carry_out(struct thinning *thinning)
{
    size_t n;
    struct thin_base *bases = bases_of(thinning, &n);
    uint64_t behind = 0; /* journal bytes since the last base that stays */
    int code = 0;
    for (size_t i = 0; code == 0 && i + 1 < n && thinning->deleted_n < RECORDS_AT_ONCE; i++) {
        struct thin_base *base = &bases[i];
        if (!base->keep_journal && base->journal_bytes > 0) {
            code = journal_drop(thinning, base, i > 0 && bases[i - 1].keep_journal);
            base->journal_bytes = 0;
        }
        if (base->keep_snapshot || base->seq == 0)
            behind = 0;
        behind += base->journal_bytes;
        if (code == 0 && !base->keep_snapshot && base->seq != 0)
            code = snapshot_drop(thinning, base, behind);
    }
    return code;
}

int history_thin(struct env *env, MDB_txn *txn, uint64_t board, uint32_t doc, uint64_t now_ms,
                 const struct thin_limits *limits)
{
    struct thinning thinning = {.env = env, .txn = txn, .board = board, .doc = doc};
    pl_buf_init(&thinning.bases, env->mem);
    pl_buf_init(&thinning.pins, env->mem);
    int code = pins_read(&thinning);
    if (code == 0)
        code = bases_read(&thinning);
    if (code == 0 && !thinning.bases.failed &&
        !thinning.pins.failed) { /* without memory: the next time */
        size_t n;
        struct thin_base *bases = bases_of(&thinning, &n);
        thin_plan(bases, n, (const struct thin_pin *)thinning.pins.data,
                  thinning.pins.len / sizeof(struct thin_pin), now_ms, limits);
        code = carry_out(&thinning);
    }
    pl_buf_done(&thinning.bases);
    pl_buf_done(&thinning.pins);
    return code;
}
