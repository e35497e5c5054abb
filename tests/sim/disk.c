/* See disk.h. One board, document 0. */
#include "disk.h"
#include "base/envelope.h"
#include "proto/op.h"
#include <string.h>

#define SNAPSHOTS_KEPT 2u
#define RESTORE_LEAP   1000u /* ids the lost time may have issued */
#define SICK_STEPS_MAX 40u

enum write_kind { WRITE_CREATE, WRITE_APPEND, WRITE_SNAPSHOT, WRITE_RESERVE };

struct write {
    struct write *next;
    enum write_kind kind;
    journal_done *done;
    void *user;
    uint64_t seq; /* first of an append, that of a snapshot */
    uint32_t n;   /* entries, or ids */
    uint32_t *ret_first;
    enum pl_status status;
    struct pl_buf bytes, marks;
};

struct row {
    uint32_t replica;
    uint64_t user, hwm;
};

struct snapshot {
    uint64_t seq;
    struct pl_buf bytes;
};

struct disk {
    struct disk_config config;
    struct rng *rng;
    struct verdict *verdict;
    struct journal port;
    struct write *queued, **queued_end;     /* not durable */
    struct write *answering, **answers_end; /* durable or failed, and nobody heard yet */
    uint32_t sick_steps;
    bool healthy;

    struct pl_buf entries;
    struct pl_buf ends;    /* size_t per entry: where it ends */
    struct pl_buf records; /* u64 per append: its last seq */
    struct pl_buf rows;    /* struct row */
    struct snapshot snapshots[SNAPSHOTS_KEPT]; /* the newest first; seq 0: none */
    uint64_t srv_ms, lineage, backup_head;
    uint32_t next_replica;
};

/* What is durable, as it is read. */

uint64_t disk_head(const struct disk *disk)
{
    return disk->ends.len / sizeof(size_t);
}

static size_t end_of(const struct disk *disk, uint64_t seq)
{
    return seq == 0 ? 0 : ((const size_t *)disk->ends.data)[seq - 1];
}

static struct pl_slice cut(const struct disk *disk, uint64_t from, uint64_t to)
{
    const size_t start = end_of(disk, from - 1);
    return (struct pl_slice){disk->entries.data + start, end_of(disk, to) - start};
}

struct pl_slice disk_entry(const struct disk *disk, uint64_t seq)
{
    return cut(disk, seq, seq);
}

struct pl_slice disk_all(const struct disk *disk)
{
    return pl_buf_slice(&disk->entries);
}

static struct row *row_of(const struct disk *disk, uint32_t replica)
{
    struct row *rows = (struct row *)disk->rows.data;
    for (size_t i = 0; i < disk->rows.len / sizeof *rows; i++) {
        if (rows[i].replica == replica)
            return &rows[i];
    }
    return NULL;
}

uint64_t disk_hwm(const struct disk *disk, uint32_t replica)
{
    const struct row *row = row_of(disk, replica);
    return row == NULL ? 0 : row->hwm;
}

uint64_t disk_lineage(const struct disk *disk)
{
    return disk->lineage;
}

/* Becoming durable. */

static void row_move(struct disk *disk, const struct pl_envelope *envelope)
{
    struct pl_batch batch;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK) {
        verdict_fail(disk->verdict, "an entry was journaled that nobody can read");
        return;
    }
    struct row *row = row_of(disk, batch.replica);
    if (row == NULL) {
        const struct row fresh = {.replica = batch.replica, .user = envelope->user};
        pl_buf_append(&disk->rows, &fresh, sizeof fresh);
        row = row_of(disk, batch.replica);
    }
    if (batch.ctr0 != row->hwm + 1)
        verdict_fail(disk->verdict, "a counter was journaled twice, or passed over");
    if (envelope->user != row->user)
        verdict_fail(disk->verdict, "two users wrote as one replica");
    row->hwm = batch.ctr0 + batch.ctr_n - 1;
}

static void entry_put(struct disk *disk, const struct pl_envelope *envelope, struct pl_slice bytes)
{
    if (envelope->seq != disk_head(disk) + 1)
        verdict_fail(disk->verdict, "an append holds other seqs than it says");
    if (envelope->srv_ms < disk->srv_ms)
        verdict_fail(disk->verdict, "the journal's time goes back");
    disk->srv_ms = envelope->srv_ms;
    row_move(disk, envelope);
    pl_buf_append(&disk->entries, bytes.data, bytes.len);
    pl_buf_append(&disk->ends, &disk->entries.len, sizeof disk->entries.len);
}

static void entries_put(struct disk *disk, struct pl_slice envelopes)
{
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    for (const uint8_t *at = reader.at; envelope_read(&reader, &envelope); at = reader.at)
        entry_put(disk, &envelope, (struct pl_slice){at, (size_t)(reader.at - at)});
    if (!pl_reader_done(&reader))
        verdict_fail(disk->verdict, "an append is no sequence of envelopes");
    const uint64_t head = disk_head(disk);
    pl_buf_append(&disk->records, &head, sizeof head);
}

static void marks_check(struct disk *disk, const struct write *write)
{
    const struct journal_mark *marks = (const struct journal_mark *)write->marks.data;
    for (size_t i = 0; i < write->marks.len / sizeof *marks; i++) {
        const struct row *row = row_of(disk, marks[i].replica);
        if (row == NULL || row->user != marks[i].user || row->hwm < marks[i].hwm)
            verdict_fail(disk->verdict, "a mark says what no entry does");
    }
}

static void snapshot_put(struct disk *disk, struct write *write)
{
    if (write->seq > disk_head(disk)) {
        verdict_fail(disk->verdict, "a snapshot of entries that are not durable was stored");
        return;
    }
    pl_buf_done(&disk->snapshots[SNAPSHOTS_KEPT - 1].bytes);
    memmove(disk->snapshots + 1, disk->snapshots, (SNAPSHOTS_KEPT - 1) * sizeof *disk->snapshots);
    disk->snapshots[0] = (struct snapshot){.seq = write->seq, .bytes = write->bytes};
    pl_buf_init(&write->bytes, pl_mem_libc());
}

static enum pl_status write_put(struct disk *disk, struct write *write)
{
    switch (write->kind) {
    case WRITE_CREATE:
    case WRITE_APPEND:
        if (write->seq != disk_head(disk) + 1)
            return PL_IO; /* an append before it failed: a journal has no holes */
        entries_put(disk, pl_buf_slice(&write->bytes));
        if (disk_head(disk) != write->seq + write->n - 1)
            verdict_fail(disk->verdict, "an append holds another number of entries than it says");
        marks_check(disk, write);
        break;
    case WRITE_SNAPSHOT:
        snapshot_put(disk, write);
        break;
    case WRITE_RESERVE:
        write->seq = disk->next_replica; /* told to the caller with the answer */
        disk->next_replica += write->n;
        break;
    }
    return PL_OK;
}

/* The queue. */

static void push(struct disk *disk, const struct write *model, struct pl_slice bytes,
                 const struct journal_mark *marks, uint32_t mark_n)
{
    struct write *write = sim_get(sizeof *write);
    *write = *model;
    pl_buf_init(&write->bytes, pl_mem_libc());
    pl_buf_init(&write->marks, pl_mem_libc());
    pl_buf_append(&write->bytes, bytes.data, bytes.len);
    if (mark_n > 0)
        pl_buf_append(&write->marks, marks, mark_n * sizeof *marks);
    *disk->queued_end = write;
    disk->queued_end = &write->next;
}

static struct write *take(struct write **first, struct write ***end)
{
    struct write *write = *first;
    if (write != NULL && (*first = write->next) == NULL)
        *end = first;
    if (write != NULL)
        write->next = NULL;
    return write;
}

static void write_free(struct write *write)
{
    pl_buf_done(&write->bytes);
    pl_buf_done(&write->marks);
    free(write);
}

static void answer(struct disk *disk)
{
    struct write *write = take(&disk->answering, &disk->answers_end);
    if (write->kind == WRITE_RESERVE && write->status == PL_OK)
        *write->ret_first = (uint32_t)write->seq;
    write->done(write->user, write->status);
    write_free(write);
}

static bool fails(struct disk *disk)
{
    if (disk->healthy || disk->config.fail_percent == 0)
        return false;
    if (disk->sick_steps > 0) {
        disk->sick_steps--;
        return true;
    }
    if (!rng_chance(disk->rng, disk->config.fail_percent))
        return false;
    if (rng_chance(disk->rng, 30))
        disk->sick_steps = 1 + rng_below(disk->rng, SICK_STEPS_MAX);
    return true;
}

/* The first `n` that wait, as one transaction: all or nothing. */
static void commit(struct disk *disk, uint32_t n, bool good)
{
    struct write *write;
    while (n-- > 0 && (write = take(&disk->queued, &disk->queued_end)) != NULL) {
        write->status = good ? write_put(disk, write) : PL_IO;
        if (!good)
            verdict_met(disk->verdict, SIM_DISK_FAILED);
        *disk->answers_end = write;
        disk->answers_end = &write->next;
    }
}

void disk_step(struct disk *disk)
{
    if (disk->answering != NULL && (disk->queued == NULL || rng_chance(disk->rng, 60)))
        answer(disk);
    else if (disk->queued != NULL)
        commit(disk, 1 + rng_below(disk->rng, 3), !fails(disk));
}

void disk_heal(struct disk *disk)
{
    disk->healthy = true;
}

bool disk_busy(const struct disk *disk)
{
    return disk->queued != NULL || disk->answering != NULL;
}

void disk_crash(struct disk *disk)
{
    struct write *write;
    commit(disk, rng_below(disk->rng, 4), true);
    if (disk->queued != NULL)
        verdict_met(disk->verdict, SIM_LOST_WRITES);
    while ((write = take(&disk->answering, &disk->answers_end)) != NULL ||
           (write = take(&disk->queued, &disk->queued_end)) != NULL)
        write_free(write);
}

/* The port. */

static void port_append(void *self, uint64_t board, uint32_t doc, uint64_t first_seq, uint32_t entry_n,
                        struct pl_slice envelopes, const struct journal_mark *marks, uint32_t mark_n,
                        journal_done *done, void *user)
{
    struct disk *disk = self;
    sim_must(board == disk->config.board && doc == 0, "a foreign board");
    const struct write write = {
        .kind = WRITE_APPEND, .done = done, .user = user, .seq = first_seq, .n = entry_n};
    push(disk, &write, envelopes, marks, mark_n);
}

static void port_snapshot(void *self, uint64_t board, uint32_t doc, uint64_t seq, struct pl_slice bytes,
                          journal_done *done, void *user)
{
    struct disk *disk = self;
    sim_must(board == disk->config.board && doc == 0, "a foreign board");
    const struct write write = {.kind = WRITE_SNAPSHOT, .done = done, .user = user, .seq = seq};
    push(disk, &write, bytes, NULL, 0);
}

static void port_reserve(void *self, uint64_t board, uint32_t count, uint32_t *ret_first,
                         journal_done *done, void *user)
{
    struct disk *disk = self;
    sim_must(board == disk->config.board, "a foreign board");
    const struct write write = {
        .kind = WRITE_RESERVE, .done = done, .user = user, .n = count, .ret_first = ret_first};
    push(disk, &write, (struct pl_slice){0}, NULL, 0);
}

static void port_create(void *self, uint64_t board, struct pl_slice envelope, const struct link_row *links,
                        uint32_t link_n, uint64_t by, journal_done *done, void *user)
{
    struct disk *disk = self;
    (void)by;
    (void)links;
    (void)link_n;
    sim_must(board == disk->config.board, "a foreign board");
    const struct write write = {.kind = WRITE_CREATE, .done = done, .user = user, .seq = 1, .n = 1};
    push(disk, &write, envelope, NULL, 0);
}

static enum pl_status port_find(void *self, uint64_t board)
{
    struct disk *disk = self;
    return board == disk->config.board && disk_head(disk) > 0 ? PL_OK : PL_NOT_FOUND;
}

static uint64_t port_lineage(void *self)
{
    return ((struct disk *)self)->lineage;
}

/* Record by record, as the store does it; [from, to] may cut the first and the last. */
static enum pl_status records_read(struct disk *disk, uint64_t from, uint64_t to,
                                   const struct journal_reader *reader)
{
    const uint64_t *lasts = (const uint64_t *)disk->records.data;
    enum pl_status status = PL_OK;
    for (size_t i = 0; status == PL_OK && from <= to && i < disk->records.len / sizeof *lasts; i++) {
        if (lasts[i] < from)
            continue;
        const uint64_t last = lasts[i] < to ? lasts[i] : to;
        status = reader->entries(reader->user, from, last, cut(disk, from, last));
        from = last + 1;
    }
    return status;
}

static enum pl_status port_load(void *self, uint64_t board, uint32_t doc,
                                const struct journal_reader *reader)
{
    struct disk *disk = self;
    uint64_t from = 1;
    enum pl_status status = PL_OK;
    if (port_find(self, board) != PL_OK || doc != 0)
        return PL_NOT_FOUND;
    if (!disk->healthy && disk->config.fail_percent > 0 && rng_chance(disk->rng, 3))
        return PL_IO;
    /* The newest; when its bytes rotted the one before it, or the journal from its start. */
    const uint32_t pick = rng_chance(disk->rng, 80) ? 0 : rng_below(disk->rng, SNAPSHOTS_KEPT + 1);
    if (pick < SNAPSHOTS_KEPT && disk->snapshots[pick].seq > 0) {
        const struct snapshot *snapshot = &disk->snapshots[pick];
        status = reader->snapshot(reader->user, snapshot->seq, pl_buf_slice(&snapshot->bytes));
        from = snapshot->seq + 1;
    }
    return status == PL_OK ? records_read(disk, from, disk_head(disk), reader) : status;
}

static enum pl_status port_range(void *self, uint64_t board, uint32_t doc, uint64_t from_seq,
                                 uint64_t to_seq, const struct journal_reader *reader)
{
    struct disk *disk = self;
    if (port_find(self, board) != PL_OK || doc != 0 || to_seq > disk_head(disk) ||
        (disk->config.forgets && from_seq <= disk->snapshots[0].seq))
        return PL_NOT_FOUND;
    return records_read(disk, from_seq, to_seq, reader);
}

/* Nobody looks back in a simulation. */
static void port_past(void *self, uint64_t board, uint32_t doc, uint64_t seq,
                      journal_past_done *done, void *user)
{
    (void)self;
    (void)board;
    (void)doc;
    (void)seq;
    done(user, PL_NOT_FOUND, NULL);
}

static const struct journal_vtable vtable = {
    .append = port_append,
    .snapshot = port_snapshot,
    .load = port_load,
    .range = port_range,
    .past = port_past,
    .reserve_replicas = port_reserve,
    .create = port_create,
    .find = port_find,
    .lineage = port_lineage,
};

const struct journal *disk_journal(struct disk *disk)
{
    return &disk->port;
}

/* Backups. */

void disk_backup(struct disk *disk)
{
    disk->backup_head = disk_head(disk);
}

void disk_restore(struct disk *disk)
{
    struct pl_buf kept;
    if (disk->backup_head == 0)
        return;
    sim_must(!disk_busy(disk), "a restore below a running server");
    const struct pl_slice older = cut(disk, 1, disk->backup_head);
    pl_buf_init(&kept, pl_mem_libc());
    pl_buf_append(&kept, older.data, older.len);
    pl_buf_clear(&disk->entries);
    pl_buf_clear(&disk->ends);
    pl_buf_clear(&disk->records);
    pl_buf_clear(&disk->rows);
    disk->srv_ms = 0;
    entries_put(disk, pl_buf_slice(&kept)); /* one record: where it was cut does not matter */
    pl_buf_done(&kept);
    for (uint32_t i = 0; i < SNAPSHOTS_KEPT; i++) {
        while (disk->snapshots[i].seq > disk->backup_head) {
            pl_buf_done(&disk->snapshots[i].bytes);
            memmove(disk->snapshots + i, disk->snapshots + i + 1,
                    (SNAPSHOTS_KEPT - 1 - i) * sizeof *disk->snapshots);
            disk->snapshots[SNAPSHOTS_KEPT - 1] = (struct snapshot){.seq = 0};
        }
    }
    disk->next_replica += RESTORE_LEAP;
    disk->lineage = rng_next(disk->rng);
    verdict_met(disk->verdict, SIM_RESTORED);
}

struct disk *disk_new(const struct disk_config *config, struct rng *rng, struct verdict *verdict)
{
    struct disk *disk = sim_get(sizeof *disk);
    disk->config = *config;
    disk->rng = rng;
    disk->verdict = verdict;
    disk->port = (struct journal){.vtable = &vtable, .self = disk};
    disk->queued_end = &disk->queued;
    disk->answers_end = &disk->answering;
    disk->next_replica = 1;
    disk->lineage = rng_next(rng);
    pl_buf_init(&disk->entries, pl_mem_libc());
    pl_buf_init(&disk->ends, pl_mem_libc());
    pl_buf_init(&disk->records, pl_mem_libc());
    pl_buf_init(&disk->rows, pl_mem_libc());
    return disk;
}

void disk_free(struct disk *disk)
{
    struct write *write;
    while ((write = take(&disk->answering, &disk->answers_end)) != NULL ||
           (write = take(&disk->queued, &disk->queued_end)) != NULL)
        write_free(write);
    for (uint32_t i = 0; i < SNAPSHOTS_KEPT; i++) {
        if (disk->snapshots[i].seq > 0)
            pl_buf_done(&disk->snapshots[i].bytes);
    }
    pl_buf_done(&disk->entries);
    pl_buf_done(&disk->ends);
    pl_buf_done(&disk->records);
    pl_buf_done(&disk->rows);
    free(disk);
}
