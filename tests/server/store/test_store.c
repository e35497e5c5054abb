/* The data folder on the real LMDB: what was said to be durable is there after a reopening, in
 * order; what was not is not; what is damaged is noticed. */
#include "base/envelope.h"
#include "base/log.h"
#include "store/env.h"
#include "store/secrets.h"
#include "store/store.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#define BOARD 0xfedcba9876543210ULL

#define SRV_MS \
    (UINT64_C(1) << 42) /* later than any clock of these tests: nothing is thinned for its age */

struct fixture {
    char dir[64];
    struct core_loop *loop;
    struct store *store;
    struct journal journal;
    uint32_t commit_n, failure_n;
    bool refused;
};

static void committed(void *user, const struct store_tally *tally)
{
    struct fixture *fixture = user;
    fixture->commit_n += tally->commit_n;
    fixture->failure_n += tally->failure_n;
    fixture->refused = tally->refused;
}

static enum pl_status open_with(struct fixture *fixture, size_t map_bytes)
{
    struct store_options options = {
        .map_bytes = map_bytes, .committed = committed, .user = fixture};
    fixture->loop = core_loop_new();
    enum pl_status status = store_open(pl_mem_libc(), fixture->dir, core_loop_port(fixture->loop),
                                       &options, &fixture->store);
    if (status == PL_OK)
        fixture->journal = store_journal(fixture->store);
    else
        core_loop_free(fixture->loop);
    return status;
}

static void close_store(struct fixture *fixture)
{
    store_close(fixture->store);
    core_loop_free(fixture->loop);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){0};
    core_dir_make(fixture.dir);
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    *state = &fixture;
    return open_with(&fixture, 64u << 20) == PL_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_store(fixture);
    core_dir_remove(fixture->dir);
    return 0;
}

/* An answer, and the order in which answers came. */
struct answer {
    uint32_t *next;
    uint32_t order; /* 0: not yet */
    enum pl_status status;
};

static void answered(void *user, enum pl_status status)
{
    struct answer *answer = user;
    answer->status = status;
    answer->order = ++*answer->next;
}

static bool has_come(void *user)
{
    return ((struct answer *)user)->order != 0;
}

static enum pl_status wait_for(struct fixture *fixture, struct answer *answer)
{
    assert_true(core_loop_until(fixture->loop, has_come, answer));
    return answer->status;
}

static void envelopes_write(struct pl_buf *buf, uint64_t first_seq, uint32_t n, size_t body_bytes)
{
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    uint8_t *zeros = calloc(1, body_bytes + 1);
    pl_write_bin(&body, (struct pl_slice){zeros, body_bytes});
    for (uint32_t i = 0; i < n; i++) {
        struct pl_envelope envelope = {
            .seq = first_seq + i, .user = 1, .srv_ms = SRV_MS + i, .body = pl_buf_slice(&body)};
        pl_envelope_write(buf, &envelope);
    }
    free(zeros);
    pl_buf_done(&body);
}

static void append_start(struct fixture *fixture, uint64_t first_seq, uint32_t n, size_t body_bytes,
                         struct answer *answer)
{
    struct journal_mark mark = {.replica = 4, .user = 1, .hwm = first_seq};
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    envelopes_write(&buf, first_seq, n, body_bytes);
    fixture->journal.vtable->append(fixture->journal.self, BOARD, 0, first_seq, n,
                                    pl_buf_slice(&buf), &mark, 1, answered, answer);
    pl_buf_done(&buf);
}

static enum pl_status append(struct fixture *fixture, uint64_t first_seq, uint32_t n,
                             size_t body_bytes)
{
    uint32_t next = 0;
    struct answer answer = {.next = &next};
    append_start(fixture, first_seq, n, body_bytes, &answer);
    return wait_for(fixture, &answer);
}

static enum pl_status create(struct fixture *fixture)
{
    uint32_t next = 0;
    struct answer answer = {.next = &next};
    struct link_row link = {.link = 77, .board = BOARD, .role = PL_ROLE_EDITOR, .expires_ms = 99};
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    envelopes_write(&buf, 1, 1, 10);
    fixture->journal.vtable->create(fixture->journal.self, BOARD, pl_buf_slice(&buf), &link, 1, 5,
                                    answered, &answer);
    pl_buf_done(&buf);
    return wait_for(fixture, &answer);
}

static enum pl_status snapshot(struct fixture *fixture, uint64_t seq, struct pl_slice bytes)
{
    uint32_t next = 0;
    struct answer answer = {.next = &next};
    fixture->journal.vtable->snapshot(fixture->journal.self, BOARD, 0, seq, bytes, answered,
                                      &answer);
    return wait_for(fixture, &answer);
}

/* What a load yields. */
struct reading {
    uint64_t snapshot_seq, first, last;
    uint32_t entry_n, record_n;
    uint64_t snapshot_hash;
};

static enum pl_status read_snapshot(void *user, uint64_t seq, struct pl_slice bytes)
{
    struct reading *reading = user;
    assert_int_equal(reading->entry_n, 0);
    reading->snapshot_seq = seq;
    reading->snapshot_hash = pl_hash(PL_HASH_START, bytes.data, bytes.len);
    return PL_OK;
}

static enum pl_status read_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                                   struct pl_slice envelopes)
{
    struct reading *reading = user;
    struct pl_reader reader = pl_reader_of(envelopes);
    struct pl_envelope envelope;
    assert_true(reading->last == 0 || first_seq == reading->last + 1);
    if (reading->first == 0)
        reading->first = first_seq;
    for (uint64_t seq = first_seq; seq <= last_seq; seq++) {
        assert_true(envelope_read(&reader, &envelope));
        assert_true(envelope.seq == seq);
        reading->entry_n++;
    }
    assert_true(pl_reader_done(&reader));
    reading->last = last_seq;
    reading->record_n++;
    return PL_OK;
}

static enum pl_status load(struct fixture *fixture, struct reading *reading)
{
    struct journal_reader reader = {
        .snapshot = read_snapshot, .entries = read_entries, .user = reading};
    *reading = (struct reading){0};
    return fixture->journal.vtable->load(fixture->journal.self, BOARD, 0, &reader);
}

static enum pl_status range(struct fixture *fixture, uint64_t from, uint64_t to,
                            struct reading *reading)
{
    struct journal_reader reader = {
        .snapshot = read_snapshot, .entries = read_entries, .user = reading};
    *reading = (struct reading){0};
    return fixture->journal.vtable->range(fixture->journal.self, BOARD, 0, from, to, &reader);
}

static void what_was_acknowledged_is_there_after_reopening(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    assert_int_equal(load(fixture, &reading), PL_NOT_FOUND);
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 3, 100), PL_OK);
    assert_int_equal(append(fixture, 5, 1, 100), PL_OK);
    close_store(fixture);
    assert_int_equal(open_with(fixture, 64u << 20), PL_OK);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.first == 1 && reading.last == 5 && reading.record_n == 3);
    assert_true(reading.snapshot_seq == 0);
}

static void appends_that_wait_become_one_commit_answered_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct answer answers[100];
    struct reading reading;
    uint32_t next = 0;
    assert_int_equal(create(fixture), PL_OK);
    uint32_t before = fixture->commit_n;
    for (uint32_t i = 0; i < 100; i++) {
        answers[i] = (struct answer){.next = &next};
        append_start(fixture, 2 + i, 1, 20, &answers[i]);
    }
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(wait_for(fixture, &answers[i]), PL_OK);
        assert_int_equal(answers[i].order, i + 1);
    }
    /* the first may go alone; the rest gathered while it was on its way, in a few groups at most */
    assert_in_range(fixture->commit_n - before, 1, 50);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_int_equal(reading.entry_n, 101);
}

static void a_journal_takes_no_hole_and_nothing_twice(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(create(fixture), PL_IO); /* the same board again */
    assert_int_equal(append(fixture, 3, 1, 10), PL_IO);
    assert_int_equal(append(fixture, 1, 1, 10), PL_IO);
    assert_int_equal(append(fixture, 2, 1, 10), PL_OK);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_int_equal(reading.entry_n, 2);
}

static void a_range_is_cut_inside_records(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 10, 10), PL_OK);
    assert_int_equal(append(fixture, 12, 10, 10), PL_OK);
    assert_int_equal(range(fixture, 5, 14, &reading), PL_OK);
    assert_true(reading.first == 5 && reading.last == 14 && reading.entry_n == 10);
    assert_int_equal(range(fixture, 1, 1, &reading), PL_OK);
    assert_int_equal(reading.entry_n, 1);
    assert_int_equal(range(fixture, 20, 22, &reading), PL_NOT_FOUND);
}

static void a_load_is_the_newest_snapshot_and_what_follows(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    size_t len = 400000;
    uint8_t *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13); /* several chunks, compressed too */
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 9, 10), PL_OK);
    for (uint64_t seq = 3; seq <= 6; seq++)
        assert_int_equal(snapshot(fixture, seq, (struct pl_slice){bytes, len - seq}), PL_OK);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.snapshot_seq == 6);
    assert_true(reading.snapshot_hash == pl_hash(PL_HASH_START, bytes, len - 6));
    assert_true(reading.first == 7 &&
                reading.last == 10); /* cut: the record began before the snapshot */
    free(bytes);
}

/* Opens the folder's LMDB beside the store and spoils bytes of one row. */
static void spoil(struct fixture *fixture, const char *room, uint64_t seq, uint32_t chunk,
                  bool chunked)
{
    struct env env;
    MDB_txn *txn;
    MDB_val name, value;
    struct key key = chunked ? key_chunk(BOARD, 0, seq, chunk) : key_entry(BOARD, 0, seq);
    close_store(fixture);
    CORE_CHECK(env_open(&env, pl_mem_libc(), fixture->dir, 64u << 20, random_system()) == PL_OK);
    MDB_dbi dbi = strcmp(room, "journal") == 0 ? env.journal : env.snapshot;
    CORE_CHECK(mdb_txn_begin(env.mdb, NULL, 0, &txn) == 0);
    name = env_key(&key);
    CORE_CHECK(mdb_get(txn, dbi, &name, &value) == 0);
    uint8_t *copy = malloc(value.mv_size);
    memcpy(copy, value.mv_data, value.mv_size);
    copy[value.mv_size / 2] ^= 0x20;
    value.mv_data = copy;
    CORE_CHECK(mdb_put(txn, dbi, &name, &value, 0) == 0);
    CORE_CHECK(mdb_txn_commit(txn) == 0);
    free(copy);
    env_close(&env);
    CORE_CHECK(open_with(fixture, 64u << 20) == PL_OK);
}

static void a_spoiled_snapshot_falls_back_to_the_one_before(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 9, 10), PL_OK);
    assert_int_equal(snapshot(fixture, 4, (struct pl_slice){(const uint8_t *)"four", 4}), PL_OK);
    assert_int_equal(snapshot(fixture, 8, (struct pl_slice){(const uint8_t *)"eight", 5}), PL_OK);
    spoil(fixture, "snapshot", 8, 1, true);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.snapshot_seq == 4 && reading.first == 5 && reading.last == 10);
    spoil(fixture, "snapshot", 4, 1, true);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.snapshot_seq == 0 && reading.first == 1 && reading.last == 10);
}

static void a_spoiled_record_is_corrupt(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 1, 100), PL_OK);
    spoil(fixture, "journal", 2, 0, false);
    assert_int_equal(load(fixture, &reading), PL_CORRUPT);
}

static void a_full_map_acknowledges_nothing_and_recovers(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    uint64_t seq = 2;
    close_store(fixture);
    assert_int_equal(open_with(fixture, 1u << 20), PL_OK);
    assert_int_equal(create(fixture), PL_OK);
    while (append(fixture, seq, 1, 60000) == PL_OK && seq < 100)
        seq++;
    assert_in_range(seq, 3, 50); /* 1 MiB holds no more */
    assert_true(fixture->failure_n >= 1);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.last == seq - 1);
    assert_int_equal(append(fixture, seq, 1, 600000), PL_IO);
    close_store(fixture); /* an operator gives it more room */
    assert_int_equal(open_with(fixture, 8u << 20), PL_OK);
    assert_int_equal(append(fixture, seq, 1, 60000), PL_OK);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.last == seq);
}

static void
a_full_disk_acknowledges_nothing_and_the_next_append_works_when_there_is_room(void **state)
{
    struct fixture *fixture = *state;
    struct reading reading;
    struct rlimit before, tight;
    struct answer answers[3];
    uint32_t next = 0;
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(append(fixture, 2, 1, 1000), PL_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = (struct rlimit){.rlim_cur = 200000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    for (uint32_t i = 0; i < 3; i++) { /* the puts succeed: it is the commit that cannot write */
        answers[i] = (struct answer){.next = &next};
        append_start(fixture, 3 + i, 1, 300000, &answers[i]);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(wait_for(fixture, &answers[i]), PL_IO);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.last == 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(append(fixture, 3, 1, 300000), PL_OK);
    assert_int_equal(load(fixture, &reading), PL_OK);
    assert_true(reading.last == 3);
}

static void replica_ids_are_issued_once_across_restarts(void **state)
{
    struct fixture *fixture = *state;
    uint32_t next = 0, first[2] = {0};
    for (int i = 0; i < 2; i++) {
        struct answer answer = {.next = &next};
        if (i == 0) {
            fixture->journal.vtable->reserve_replicas(fixture->journal.self, BOARD, 8, &first[0],
                                                      answered, &answer);
            assert_int_equal(wait_for(fixture, &answer), PL_IO); /* there is no such board yet */
            assert_int_equal(create(fixture), PL_OK);
            answer = (struct answer){.next = &next};
        } else {
            close_store(fixture);
            assert_int_equal(open_with(fixture, 64u << 20), PL_OK);
        }
        fixture->journal.vtable->reserve_replicas(fixture->journal.self, BOARD, 8, &first[i],
                                                  answered, &answer);
        assert_int_equal(wait_for(fixture, &answer), PL_OK);
    }
    assert_int_equal(first[0], 1); /* 0 is the server's own */
    assert_int_equal(first[1], 9);
}

static void links_secrets_and_lineage_stay(void **state)
{
    struct fixture *fixture = *state;
    struct link_row row;
    struct secrets first, again;
    uint64_t lineage = fixture->journal.vtable->lineage(fixture->journal.self);
    assert_int_equal(create(fixture), PL_OK);
    assert_int_equal(store_secrets(fixture->store, &first), PL_OK);
    close_store(fixture);
    assert_int_equal(open_with(fixture, 64u << 20), PL_OK);
    struct links links = store_links(fixture->store);
    assert_int_equal(links.find(links.self, BOARD, 77, &row), PL_OK);
    assert_true(row.board == BOARD && row.role == PL_ROLE_EDITOR && row.expires_ms == 99 &&
                !row.revoked);
    assert_int_equal(links.find(links.self, BOARD, 78, &row), PL_NOT_FOUND);
    assert_int_equal(store_secrets(fixture->store, &again), PL_OK);
    assert_memory_equal(first.now, again.now, sizeof first.now);
    assert_int_equal(again.former_n, 0);
    assert_true(lineage == fixture->journal.vtable->lineage(fixture->journal.self));
    assert_int_equal(fixture->journal.vtable->find(fixture->journal.self, BOARD), PL_OK);
    assert_int_equal(fixture->journal.vtable->find(fixture->journal.self, BOARD + 1), PL_NOT_FOUND);
}

static void another_data_folder_has_another_lineage(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {0};
    core_dir_make(other.dir);
    assert_int_equal(open_with(&other, 1u << 20), PL_OK);
    assert_false(other.journal.vtable->lineage(other.journal.self) ==
                 fixture->journal.vtable->lineage(fixture->journal.self));
    close_store(&other);
    core_dir_remove(other.dir);
}

static void a_folder_in_use_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct fixture second = *fixture;
    assert_int_equal(open_with(&second, 1u << 20), PL_LIMIT);
}

static void a_newer_format_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct env env;
    MDB_txn *txn;
    struct key key = key_global("format");
    uint8_t newer[4] = {0, 0, 0, STORE_FORMAT + 1};
    close_store(fixture);
    assert_int_equal(env_open(&env, pl_mem_libc(), fixture->dir, 1u << 20, random_system()), PL_OK);
    assert_int_equal(mdb_txn_begin(env.mdb, NULL, 0, &txn), 0);
    MDB_val name = env_key(&key), value = {.mv_size = 4, .mv_data = newer};
    assert_int_equal(mdb_put(txn, env.meta, &name, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    env_close(&env);
    assert_int_equal(open_with(fixture, 1u << 20), PL_VERSION);
    core_dir_remove(fixture->dir);
    core_dir_make(fixture->dir);
    assert_int_equal(open_with(fixture, 1u << 20), PL_OK);
}

/* The layout on disk: a change here strands every data folder there is. */
static void keys_and_rows_are_laid_out_as_the_format_says(void **state)
{
    (void)state;
    struct key key = key_chunk(0x0102030405060708, 0x0a0b0c0d, 0x1112131415161718, 0x21222324);
    const uint8_t chunk[] = {1,    2,    3,    4,    5,    6,    7,    8,
                             0x0a, 0x0b, 0x0c, 0x0d, 0x11, 0x12, 0x13, 0x14,
                             0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24};
    assert_int_equal(key.len, sizeof chunk);
    assert_memory_equal(key.bytes, chunk, sizeof chunk);
    key = key_board(0x0102030405060708);
    assert_memory_equal(key.bytes, "b\1\2\3\4\5\6\7\10", 9);
    struct row_entry row = {.first_seq = 0x0102030405060708, .entry_n = 9, .crc = 0xaabbccdd};
    uint8_t bytes[ROW_ENTRY_BYTES];
    row_entry_write(&row, bytes);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10\0\0\0\11\xaa\xbb\xcc\xdd", sizeof bytes);
    struct row_snapshot snapshot_row = {.bytes = 0x0102030405060708,
                                        .deflated_bytes = 9,
                                        .srv_ms = 10,
                                        .chunk_n = 11,
                                        .crc = 0xaabbccdd};
    uint8_t snapshot_bytes[ROW_SNAPSHOT_BYTES];
    row_snapshot_write(&snapshot_row, snapshot_bytes);
    assert_memory_equal(
        snapshot_bytes,
        "\1\2\3\4\5\6\7\10\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\12\0\0\0\13\xaa\xbb\xcc\xdd",
        sizeof snapshot_bytes);
    key = key_link(1, 0x0102030405060708);
    assert_int_equal(key.len, 16);
    assert_memory_equal(key.bytes, "\0\0\0\0\0\0\0\1\1\2\3\4\5\6\7\10", 16);
    struct link_row link = {.expires_ms = 1, .made_ms = 2, .role = PL_ROLE_OWNER, .revoked = true};
    uint8_t link_bytes[ROW_LINK_BYTES];
    row_link_write(&link, link_bytes);
    assert_memory_equal(link_bytes, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\5\1", sizeof link_bytes);
    key = key_audit(1, false, 0x0102030405060708);
    assert_memory_equal(key.bytes, "\0\0\0\0\0\0\0\1\1\1\2\3\4\5\6\7\10", KEY_AUDIT_BYTES);
    struct row_audit audit = {1, {.user = 2, .by_link = 3, .link = 4, .act = AUDIT_LINK_MADE,
                                  .role = PL_ROLE_EDITOR, .outcome = (enum pl_status)0x102, .n = 9}};
    uint8_t audit_bytes[ROW_AUDIT_BYTES];
    row_audit_write(&audit, audit_bytes);
    assert_memory_equal(audit_bytes,
                        "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4"
                        "\3\3\1\2\0\0\0\11",
                        sizeof audit_bytes);
    key = key_pin(1, 2, 3);
    assert_memory_equal(key.bytes, "p\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\3", 21);
    key = key_entry(1, 0, 2);
    assert_true(row_entry_crc(key.bytes, &row, (struct pl_slice){(const uint8_t *)"abc", 3}) ==
                0xa59d7859u);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_acknowledged_is_there_after_reopening),
        TEST(appends_that_wait_become_one_commit_answered_in_order),
        TEST(a_journal_takes_no_hole_and_nothing_twice),
        TEST(a_range_is_cut_inside_records),
        TEST(a_load_is_the_newest_snapshot_and_what_follows),
        TEST(a_spoiled_snapshot_falls_back_to_the_one_before),
        TEST(a_spoiled_record_is_corrupt),
        TEST(a_full_map_acknowledges_nothing_and_recovers),
        TEST(a_full_disk_acknowledges_nothing_and_the_next_append_works_when_there_is_room),
        TEST(replica_ids_are_issued_once_across_restarts),
        TEST(links_secrets_and_lineage_stay),
        TEST(another_data_folder_has_another_lineage),
        TEST(a_folder_in_use_is_refused),
        TEST(a_newer_format_is_refused),
        cmocka_unit_test(keys_and_rows_are_laid_out_as_the_format_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
