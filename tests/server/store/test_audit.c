/* The audit record on disk: what is kept, in what order, and what makes room. */
#include "store/audit.h"
#include "tests/support/core_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD UINT64_C(0x70)
#define DAY   UINT64_C(86400000)

struct fixture {
    char dir[64];
    struct env env;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    core_dir_make(fixture.dir);
    if (env_open(&fixture.env, pl_mem_libc(), fixture.dir, 64u << 20, random_system()) != PL_OK)
        return -1;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    env_close(&fixture->env);
    core_dir_remove(fixture->dir);
    return 0;
}

/* `n` entries in one transaction, the first with user 1, each a millisecond later. */
static void note(struct fixture *fixture, uint64_t board, enum audit_act act, unsigned n,
                 uint64_t at_ms)
{
    MDB_txn *txn;
    assert_int_equal(mdb_txn_begin(fixture->env.mdb, NULL, 0, &txn), 0);
    for (unsigned i = 0; i < n; i++) {
        const struct audit_entry entry = {.board = board, .user = i + 1, .act = act};
        assert_int_equal(audit_put(&fixture->env, txn, &entry, at_ms + i), 0);
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
}

/* How many rows a record has, and the users of its first and last. */
static size_t rows(struct fixture *fixture, uint64_t board, bool lasts, uint64_t *ret_first,
                   uint64_t *ret_last)
{
    const struct key key = key_audit(board, lasts, 0);
    MDB_txn *txn = env_read(&fixture->env);
    MDB_cursor *cursor;
    MDB_val name = env_key(&key), value;
    size_t n = 0;
    assert_int_equal(mdb_cursor_open(txn, fixture->env.audit, &cursor), 0);
    for (int code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
         code == 0 && memcmp(name.mv_data, key.bytes, KEY_LANE_BYTES) == 0;
         code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT)) {
        struct row_audit row;
        assert_true(row_audit_read(name.mv_data, env_slice(value), &row));
        *(n++ == 0 ? ret_first : ret_last) = row.entry.user;
    }
    mdb_cursor_close(cursor);
    env_read_end(txn);
    return n;
}

static void the_newest_entries_of_each_board_are_kept(void **state)
{
    struct fixture *fixture = *state;
    uint64_t first = 0, last = 0;
    note(fixture, BOARD - 1, AUDIT_JOINED, 3, 1);
    note(fixture, BOARD + 1, AUDIT_JOINED, 3, 1);
    note(fixture, BOARD, AUDIT_JOINED, AUDIT_ENTRIES_MAX + 100, 1);
    assert_int_equal(rows(fixture, BOARD, false, &first, &last), AUDIT_ENTRIES_MAX);
    assert_int_equal(first, 101);
    assert_int_equal(last, AUDIT_ENTRIES_MAX + 100);
    assert_int_equal(rows(fixture, BOARD - 1, false, &first, &last), 3);
    assert_int_equal(rows(fixture, BOARD + 1, false, &first, &last), 3);
}

static void joining_often_pushes_out_no_act_of_a_ruler(void **state)
{
    struct fixture *fixture = *state;
    uint64_t first = 0, last = 0;
    note(fixture, BOARD, AUDIT_LINK_MADE, 2, 1);
    note(fixture, BOARD, AUDIT_JOINED, AUDIT_ENTRIES_MAX + 10, 1);
    note(fixture, BOARD, AUDIT_REFUSED, 10, 1);
    assert_int_equal(rows(fixture, BOARD, true, &first, &last), 2);
    assert_int_equal(rows(fixture, BOARD, false, &first, &last), AUDIT_ENTRIES_MAX);
}

static void what_passes_goes_with_its_time_and_what_lasts_stays(void **state)
{
    struct fixture *fixture = *state;
    uint64_t first = 0, last = 0;
    note(fixture, BOARD, AUDIT_LINK_MADE, 6, 1);
    note(fixture, BOARD, AUDIT_JOINED, 6, 1);
    note(fixture, BOARD, AUDIT_JOINED, 1, AUDIT_PASSING_MS_MAX - DAY);
    assert_int_equal(rows(fixture, BOARD, false, &first, &last), 7);
    note(fixture, BOARD, AUDIT_JOINED, 3, AUDIT_PASSING_MS_MAX + 10); /* each makes room for two */
    note(fixture, BOARD, AUDIT_LINK_MADE, 3, 10 * AUDIT_PASSING_MS_MAX);
    assert_int_equal(rows(fixture, BOARD, false, &first, &last), 4);
    assert_int_equal(rows(fixture, BOARD, true, &first, &last), 9);
}

static void the_lowest_and_the_highest_board_have_records_of_their_own(void **state)
{
    struct fixture *fixture = *state;
    uint64_t first = 0, last = 0;
    note(fixture, 0, AUDIT_KEY_ROTATED, 1, 1);
    note(fixture, UINT64_MAX, AUDIT_JOINED, 2, 1);
    note(fixture, UINT64_MAX, AUDIT_JOINED, 2, 2 * AUDIT_PASSING_MS_MAX);
    assert_int_equal(rows(fixture, UINT64_MAX, false, &first, &last), 2);
    assert_int_equal(rows(fixture, 0, true, &first, &last), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_entries_of_each_board_are_kept),
        TEST(joining_often_pushes_out_no_act_of_a_ruler),
        TEST(what_passes_goes_with_its_time_and_what_lasts_stays),
        TEST(the_lowest_and_the_highest_board_have_records_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
