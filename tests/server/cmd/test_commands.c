/* The commands besides serve, as an operator runs them: on data that a real server made, and while
 * it works. */
#include "base/deflate.h"
#include "proto/doc.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "store/env.h"
#include "store/view.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include "tests/support/live_peer.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT_BYTES 65536u

struct fixture {
    struct live_server server;
    struct live_board board;
    char dir[64]; /* for what commands make */
    char data[128], backup[128], restored[128], json[128], again[128];
    char text[TEXT_BYTES];
};

static int run(struct fixture *fixture, const char *const *arguments)
{
    return live_run(arguments, fixture->text, sizeof fixture->text);
}
#define RUN(fixture, ...) run(fixture, (const char *const[]){__VA_ARGS__, NULL})

static void says(const struct fixture *fixture, const char *what)
{
    if (strstr(fixture->text, what) == NULL)
        fail_msg("'%s' is not in: %.2000s", what, fixture->text);
}

/* `n` stickies by a new tab; waits until the last is durable. */
static void stickies(struct fixture *fixture, unsigned n)
{
    static uint8_t buffer[PL_FRAME_BYTES_MAX];
    struct live_peer peer;
    char text[160];
    live_peer_join(&peer, &fixture->server, &fixture->board, fixture->board.editor);
    for (unsigned i = 1; i <= n; i++) {
        snprintf(text, sizeof text, "[6, 0, [%u, %u, %u, [[0, 3, {1: [%u, 20.5], 4: 1}]]]]",
                 (unsigned)peer.replica, i, i + 50, i);
        live_peer_send(&peer, text);
    }
    for (uint64_t seq = 0; seq < peer.head_seq + n;) {
        struct pl_message message = live_peer_until(&peer, PL_MESSAGE_OPS, buffer, sizeof buffer);
        struct pl_reader reader = pl_reader_of(message.as.ops.envelopes);
        struct pl_envelope envelope;
        uint32_t count;
        CORE_CHECK(pl_read_array(&reader, &count));
        while (count-- > 0 && pl_envelope_read(&reader, &envelope))
            seq = envelope.seq;
    }
    live_peer_leave(&peer);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    live_server_start(&fixture.server);
    live_board_make(&fixture.server, &fixture.board);
    core_dir_make(fixture.dir);
    snprintf(fixture.data, sizeof fixture.data, "%s/data", fixture.server.dir);
    snprintf(fixture.backup, sizeof fixture.backup, "%s/backup", fixture.dir);
    snprintf(fixture.restored, sizeof fixture.restored, "%s/restored", fixture.dir);
    snprintf(fixture.json, sizeof fixture.json, "%s/board.json", fixture.dir);
    snprintf(fixture.again, sizeof fixture.again, "%s/again.json", fixture.dir);
    stickies(&fixture, 20);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->server.pid != 0)
        assert_true(live_server_end(&fixture->server));
    core_dir_remove(fixture->dir);
    return 0;
}

/* Another process serves a folder. */
static void serve_instead(struct fixture *fixture, const char *data)
{
    live_server_again(&fixture->server, &(struct live_how){.options = {"--data", data}});
}

static void same_files(const char *left, const char *right)
{
    char a[TEXT_BYTES], b[TEXT_BYTES];
    FILE *one = fopen(left, "rb"), *two = fopen(right, "rb");
    CORE_CHECK(one != NULL && two != NULL);
    size_t n = fread(a, 1, sizeof a, one), m = fread(b, 1, sizeof b, two);
    fclose(one);
    fclose(two);
    assert_true(n > 100 && n < TEXT_BYTES);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
}

static void a_backup_of_a_serving_folder_is_whole_and_restores_as_another_lineage(void **state)
{
    struct fixture *fixture = *state;
    struct live_peer before, after;
    live_peer_join(&before, &fixture->server, &fixture->board, fixture->board.editor);
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 0);
    stickies(fixture, 5); /* after the backup */
    assert_int_equal(RUN(fixture, "check", "--data", fixture->backup), 0);
    says(fixture, "1 boards");
    says(fixture, "all is well");
    assert_int_equal(RUN(fixture, "restore", fixture->backup, "--data", fixture->restored), 0);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->restored), 0);
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--data", fixture->backup, "--out",
                         fixture->json),
                     0);
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--data", fixture->restored, "--out",
                         fixture->again),
                     0);
    same_files(fixture->json, fixture->again);
    live_peer_leave(&before);

    serve_instead(fixture, fixture->restored); /* links go on opening the board */
    live_peer_join(&after, &fixture->server, &fixture->board, fixture->board.editor);
    assert_true(after.lineage != before.lineage);
    assert_true(after.head_seq >= before.head_seq);
    assert_true(after.replica >
                before.replica + 1000); /* none that the lost time may have issued */
    live_peer_leave(&after);
    stickies(fixture, 3);
}

static void a_backup_is_not_served_and_nothing_is_overwritten(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 0);
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 1);
    says(fixture, "is not empty");
    assert_int_equal(RUN(fixture, "serve", "--listen", "127.0.0.1:0", "--data", fixture->backup),
                     1);
    says(fixture, "plenum restore");
    assert_int_equal(RUN(fixture, "import", fixture->backup, "--data", fixture->backup), 1);
    assert_int_equal(RUN(fixture, "restore", fixture->backup, "--data", fixture->data), 1);
    says(fixture, "never overwrites");
    assert_int_equal(RUN(fixture, "restore", "/nonexistent", "--data", fixture->restored), 1);
    says(fixture, "is no data folder");
    assert_int_equal(access(fixture->restored, F_OK), -1);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->data), 0);
}

/* It is not even looked at whether the other folder is empty before. */
static void a_folder_that_cannot_be_read_costs_no_other_its_boards(void **state)
{
    struct fixture *fixture = *state;
    char broken[128], path[160];
    snprintf(broken, sizeof broken, "%s/broken", fixture->dir);
    snprintf(path, sizeof path, "%s/plenum.mdb", broken);
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 0);
    assert_int_equal(mkdir(broken, 0700), 0);
    FILE *file = fopen(path, "w");
    CORE_CHECK(file != NULL);
    for (unsigned i = 0; i < 2000; i++)
        CORE_CHECK(fputs("no database ", file) >= 0);
    CORE_CHECK(fclose(file) == 0);
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", broken), 1);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->backup), 0);
    assert_int_equal(RUN(fixture, "restore", broken, "--data", fixture->data), 1);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->data), 0);
    says(fixture, "all is well");
}

static void what_media_there_are_are_copied_too(void **state)
{
    struct fixture *fixture = *state;
    char path[256], text[16] = "";
    snprintf(path, sizeof path, "%s/media", fixture->data);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    snprintf(path, sizeof path, "%s/media/abc123", fixture->data);
    FILE *file = fopen(path, "w");
    CORE_CHECK(file != NULL && fputs("a picture", file) >= 0 && fclose(file) == 0);
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 0);
    says(fixture, "1 media files");
    assert_int_equal(RUN(fixture, "restore", fixture->backup, "--data", fixture->restored), 0);
    snprintf(path, sizeof path, "%s/media/abc123", fixture->restored);
    file = fopen(path, "r");
    CORE_CHECK(file != NULL && fgets(text, sizeof text, file) != NULL && fclose(file) == 0);
    assert_string_equal(text, "a picture");
}

static void line_after(const char *text, const char *before, char *ret_line, size_t cap)
{
    const char *at = strstr(text, before);
    CORE_CHECK(at != NULL);
    at += strlen(before);
    snprintf(ret_line, cap, "%.*s", (int)strcspn(at, "\n"), at);
}

static void a_board_moves_to_another_server_as_json(void **state)
{
    struct fixture *fixture = *state;
    char link[256];
    assert_int_equal(
        RUN(fixture, "export", fixture->board.id, "--data", fixture->data, "--out", fixture->json),
        0);
    assert_int_equal(RUN(fixture, "import", fixture->json, "--data", fixture->data), 1);
    says(fixture, "a server is at work");
    assert_int_equal(RUN(fixture, "import", fixture->json, "--data", fixture->restored, "--url",
                         "https://other"),
                     0);
    line_after(fixture->text, "board ", fixture->board.id, sizeof fixture->board.id);
    line_after(fixture->text, "editor  https://other/b/", link, sizeof link);
    CORE_CHECK(strstr(link, "#k=") != NULL);
    snprintf(fixture->board.editor, sizeof fixture->board.editor, "%s", strstr(link, "#k=") + 3);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->restored), 0);
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--data", fixture->restored, "--out",
                         fixture->again),
                     0);
    same_files(fixture->json, fixture->again);
    serve_instead(fixture, fixture->restored);
    stickies(fixture, 3); /* its link opens it, and it takes edits */
    assert_int_equal(RUN(fixture, "check", "--data", fixture->restored), 0);
}

static void an_earlier_state_can_be_exported(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        RUN(fixture, "export", fixture->board.id, "--data", fixture->data, "--at", "1"), 0);
    says(fixture, "\"kind\":\"board\"");
    assert_null(strstr(fixture->text, "sticky"));
    assert_int_equal(
        RUN(fixture, "export", fixture->board.id, "--data", fixture->data, "--at", "10000"), 1);
    says(fixture, "not there yet");
    assert_int_equal(RUN(fixture, "export", "AAAAAAAAAAE", "--data", fixture->data), 1);
    says(fixture, "there is no board");
    assert_int_equal(
        RUN(fixture, "export", fixture->board.id, "--data", fixture->data, "--out", fixture->json),
        0);
    assert_int_equal(
        RUN(fixture, "export", fixture->board.id, "--data", fixture->data, "--out", fixture->json),
        1);
    says(fixture, "File exists");
}

static void wrong_command_lines_do_nothing_and_say_why(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(RUN(fixture, "backup"), 2);
    says(fixture, "backup wants the folder");
    assert_int_equal(RUN(fixture, "check", "--listen", "x"), 2);
    says(fixture, "--listen is not an option");
    assert_int_equal(RUN(fixture, "export", "nonsense"), 2);
    says(fixture, "is no board's id");
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--at", "1x"), 2);
    says(fixture, "--at wants a seq");
    assert_int_equal(RUN(fixture, "check", "here"), 2);
    assert_int_equal(RUN(fixture, "check", "--data"), 2);
    assert_int_equal(RUN(fixture, "--help"), 0);
    says(fixture, "plenum restore DIR");
    assert_int_equal(RUN(fixture, "import", "/nonexistent"), 1);
    says(fixture, "No such file");
}

static void the_folder_may_be_named_by_a_variable(void **state)
{
    struct fixture *fixture = *state;
    setenv("PLENUM_DATA", fixture->data, 1);
    assert_int_equal(RUN(fixture, "export", fixture->board.id, "--out", fixture->json), 0);
    assert_int_equal(RUN(fixture, "check", "--data", "/nonexistent"), 1); /* a flag goes before it */
    setenv("PLENUM_DATA", "", 1);
    assert_int_equal(RUN(fixture, "check"), 1);
    says(fixture, "plenum-data");
    unsetenv("PLENUM_DATA");
}

/* Changes one row of a folder at rest behind the store's back. */
static void row_change(const struct fixture *fixture, const struct key *key, bool snapshot,
                       bool remove)
{
    struct env env;
    MDB_txn *txn;
    MDB_val name = env_key(key), value;
    CORE_CHECK(env_open(&env, pl_mem_libc(), fixture->restored, 64u << 20, random_system()) ==
               PL_OK);
    MDB_dbi room = snapshot                      ? env.snapshot
                   : key->len == KEY_ENTRY_BYTES ? env.journal
                                                 : env.replica;
    CORE_CHECK(mdb_txn_begin(env.mdb, NULL, 0, &txn) == 0);
    CORE_CHECK(mdb_get(txn, room, &name, &value) == 0);
    if (remove) {
        CORE_CHECK(mdb_del(txn, room, &name, NULL) == 0);
    } else {
        uint8_t *copy = malloc(value.mv_size);
        memcpy(copy, value.mv_data, value.mv_size);
        copy[value.mv_size / 2] ^= 1;
        value.mv_data = copy;
        CORE_CHECK(mdb_put(txn, room, &name, &value, 0) == 0);
        free(copy);
    }
    CORE_CHECK(mdb_txn_commit(txn) == 0);
    env_close(&env);
}

/* A fresh copy of the folder, one row spoiled: what check says. */
static void finds(struct fixture *fixture, const struct key *key, bool snapshot, bool remove,
                  const char *what)
{
    if (access(fixture->backup, F_OK) == 0) {
        core_dir_remove(fixture->restored);
        core_dir_remove(fixture->backup);
    }
    assert_int_equal(RUN(fixture, "backup", fixture->backup, "--data", fixture->data), 0);
    assert_int_equal(RUN(fixture, "restore", fixture->backup, "--data", fixture->restored), 0);
    row_change(fixture, key, snapshot, remove);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->restored), 1);
    says(fixture, what);
}

static uint64_t board_number(const struct fixture *fixture)
{
    uint64_t board;
    CORE_CHECK(ident_read(
        (struct pl_slice){(const uint8_t *)fixture->board.id, strlen(fixture->board.id)}, &board));
    return board;
}

/* The last seq of the journal's last record but `back`. */
static uint64_t record_seq(const struct fixture *fixture, unsigned back)
{
    struct env env;
    MDB_cursor *cursor;
    MDB_val name, value;
    CORE_CHECK(env_open_view(&env, pl_mem_libc(), fixture->data) == PL_OK);
    MDB_txn *txn = env_read(&env);
    CORE_CHECK(mdb_cursor_open(txn, env.journal, &cursor) == 0);
    CORE_CHECK(mdb_cursor_get(cursor, &name, &value, MDB_LAST) == 0);
    while (back-- > 0)
        CORE_CHECK(mdb_cursor_get(cursor, &name, &value, MDB_PREV) == 0);
    uint64_t seq = key_seq(name.mv_data);
    mdb_cursor_close(cursor);
    env_read_end(txn);
    env_close(&env);
    return seq;
}

static uint64_t snapshot_seq(const struct fixture *fixture)
{
    struct store_view *view;
    uint64_t seq;
    CORE_CHECK(store_view_open(pl_mem_libc(), fixture->data, &view) == PL_OK);
    CORE_CHECK(store_view_snapshot(view, board_number(fixture), 0, 1, &seq) == PL_OK);
    store_view_close(view);
    return seq;
}

/* A snapshot whose checksum is right, of something else. */
static void a_check_finds_a_snapshot_that_is_not_what_was_journaled(void **state)
{
    struct fixture *fixture = *state;
    struct env env;
    MDB_txn *txn;
    struct pl_buf empty, deflated;
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    uint8_t header[ROW_SNAPSHOT_BYTES];
    assert_true(live_server_stop(&fixture->server, SIGTERM));
    const uint64_t board = board_number(fixture), seq = snapshot_seq(fixture);
    pl_buf_init(&deflated, pl_mem_libc());
    pl_buf_init(&empty, pl_mem_libc());
    pl_doc_snapshot(doc, &empty);
    assert_int_equal(deflate_raw(pl_buf_slice(&empty), &deflated), PL_OK);
    CORE_CHECK(env_open(&env, pl_mem_libc(), fixture->data, 64u << 20, random_system()) == PL_OK);
    CORE_CHECK(mdb_txn_begin(env.mdb, NULL, 0, &txn) == 0);
    struct key key = key_chunk(board, 0, seq, 0);
    struct row_snapshot row = {.bytes = empty.len, .deflated_bytes = deflated.len, .chunk_n = 1};
    row.crc = row_snapshot_crc(key.bytes, &row, pl_buf_slice(&deflated));
    row_snapshot_write(&row, header);
    MDB_val name = env_key(&key), value = {.mv_size = sizeof header, .mv_data = header};
    CORE_CHECK(mdb_put(txn, env.snapshot, &name, &value, 0) == 0);
    key = key_chunk(board, 0, seq, 1);
    name = env_key(&key);
    value = (MDB_val){.mv_size = deflated.len, .mv_data = deflated.data};
    CORE_CHECK(mdb_put(txn, env.snapshot, &name, &value, 0) == 0);
    CORE_CHECK(mdb_txn_commit(txn) == 0);
    env_close(&env);
    pl_buf_done(&deflated);
    pl_buf_done(&empty);
    pl_doc_free(doc);
    assert_int_equal(RUN(fixture, "check", "--data", fixture->data), 1);
    says(fixture, "is not what was journaled");
    live_server_again(&fixture->server, &(struct live_how){0});
}

static void a_check_finds_what_was_spoiled(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t board = board_number(fixture);
    assert_true(live_server_stop(&fixture->server,
                                 SIGTERM)); /* draining stores a snapshot of what was loaded */
    live_server_again(&fixture->server, &(struct live_how){0});
    stickies(fixture, 4);

    struct key key = key_entry(board, 0, record_seq(fixture, 0));
    finds(fixture, &key, false, false, "cannot be read");
    finds(fixture, &key, false, true, "wrote something else");
    key = key_entry(board, 0, record_seq(fixture, 1));
    finds(fixture, &key, false, true, "are missing");
    key = key_replica(board, 1);
    finds(fixture, &key, false, false, "wrote something else");
    key = key_chunk(board, 0, snapshot_seq(fixture), 1);
    finds(fixture, &key, true, false, "the snapshot at seq");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backup_of_a_serving_folder_is_whole_and_restores_as_another_lineage),
        TEST(a_backup_is_not_served_and_nothing_is_overwritten),
        TEST(a_folder_that_cannot_be_read_costs_no_other_its_boards),
        TEST(what_media_there_are_are_copied_too),
        TEST(a_board_moves_to_another_server_as_json),
        TEST(an_earlier_state_can_be_exported),
        TEST(wrong_command_lines_do_nothing_and_say_why),
        TEST(the_folder_may_be_named_by_a_variable),
        TEST(a_check_finds_a_snapshot_that_is_not_what_was_journaled),
        TEST(a_check_finds_what_was_spoiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
