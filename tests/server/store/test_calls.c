/* Each call to LMDB fails once, with a whole server below the sockets above it: whatever it was for, nobody is told that
 * what is there is not, nothing acknowledged is lost, and all goes on. The calls are wrapped by the linker (see
 * tests/CMakeLists.txt); those that LMDB makes itself are not. That its writes fail is test_disk.c's. */
#include "base/log.h"
#include "tests/support/core_story.h"
#include "tests/support/long_run.h"
#include "tests/support/track_story.h"
#include <errno.h>
#include <lmdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

/* Which call fails. From several threads; the one global that wrapping needs. */
static struct {
    atomic_ullong n;       /* calls so far */
    atomic_ullong fail_at; /* 0: none */
    atomic_int code;
} calls;

static int failure(void)
{
    const unsigned long long at = atomic_fetch_add(&calls.n, 1) + 1;
    return at == atomic_load(&calls.fail_at) ? atomic_load(&calls.code) : 0;
}

/* `name` fails before it does anything. */
#define WRAPPED(name, parameters, arguments) \
    int __real_##name parameters;            \
    int __wrap_##name parameters;            \
    int __wrap_##name parameters             \
    {                                        \
        const int code = failure();          \
        return code != 0 ? code : __real_##name arguments; \
    }

WRAPPED(mdb_txn_begin, (MDB_env * env, MDB_txn *parent, unsigned flags, MDB_txn **ret_txn),
        (env, parent, flags, ret_txn))
WRAPPED(mdb_get, (MDB_txn * txn, MDB_dbi dbi, MDB_val *key, MDB_val *ret_value), (txn, dbi, key, ret_value))
WRAPPED(mdb_put, (MDB_txn * txn, MDB_dbi dbi, MDB_val *key, MDB_val *value, unsigned flags),
        (txn, dbi, key, value, flags))
WRAPPED(mdb_del, (MDB_txn * txn, MDB_dbi dbi, MDB_val *key, MDB_val *value), (txn, dbi, key, value))
WRAPPED(mdb_cursor_open, (MDB_txn * txn, MDB_dbi dbi, MDB_cursor **ret_cursor), (txn, dbi, ret_cursor))
WRAPPED(mdb_cursor_get, (MDB_cursor * cursor, MDB_val *key, MDB_val *value, MDB_cursor_op op),
        (cursor, key, value, op))
WRAPPED(mdb_cursor_del, (MDB_cursor * cursor, unsigned flags), (cursor, flags))

int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn) /* it frees the transaction, whatever comes of it */
{
    const int code = failure();
    if (code == 0)
        return __real_mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

static void arm(void *user)
{
    atomic_store(&calls.n, 0);
    atomic_store(&calls.fail_at, *(const unsigned *)user);
}

static void disarm(void *user)
{
    (void)user;
    atomic_store(&calls.fail_at, 0);
}

static void each_call_fails_once(int code)
{
    unsigned at = 0;
    const struct core_story model = {
        .mem = pl_mem_libc(), .arm = arm, .disarm = disarm, .user = &at};
    atomic_store(&calls.code, code);
    struct core_story story = model;
    core_story_tell(&story);
    const unsigned n = (unsigned)atomic_load(&calls.n);
    assert_true(n > 100);
    const unsigned step = long_run_step(n, 25);
    for (at = 1; at <= n; at += step) {
        story.number = at;
        core_story_tell(&story);
    }
}

/* Talk-tracks, likewise. */
static void each_call_of_a_track_fails_once(int code)
{
    unsigned at = 0;
    const struct track_story story = {.mem = pl_mem_libc(), .arm = arm, .disarm = disarm, .user = &at};
    atomic_store(&calls.code, code);
    track_story_tell(&story);
    const unsigned n = (unsigned)atomic_load(&calls.n);
    assert_true(n > 100);
    const unsigned step = long_run_step(n, 15);
    for (at = 1; at <= n; at += step)
        track_story_tell(&story);
}

static void each_call_of_a_track_that_fails_is_survived(void **state)
{
    (void)state;
    each_call_of_a_track_fails_once(EIO);
    each_call_of_a_track_fails_once(MDB_MAP_FULL);
}

static void each_call_that_fails_for_the_disk_is_survived(void **state)
{
    (void)state;
    each_call_fails_once(EIO);
}

static void each_call_that_fails_for_memory_is_survived(void **state)
{
    (void)state;
    each_call_fails_once(ENOMEM);
}

static void each_call_that_fails_for_a_page_is_survived(void **state)
{
    (void)state;
    each_call_fails_once(MDB_PAGE_NOTFOUND);
}

static void each_call_that_fails_for_room_is_survived(void **state)
{
    (void)state;
    each_call_fails_once(MDB_MAP_FULL);
}

int main(void)
{
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_that_fails_for_the_disk_is_survived),
        cmocka_unit_test(each_call_that_fails_for_memory_is_survived),
        cmocka_unit_test(each_call_that_fails_for_a_page_is_survived),
        cmocka_unit_test(each_call_that_fails_for_room_is_survived),
        cmocka_unit_test(each_call_of_a_track_that_fails_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
