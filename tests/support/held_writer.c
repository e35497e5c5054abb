/* See held_writer.h. */
#include "tests/support/held_writer.h"
#include "store/keys.h"
#include "store/store_inner.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include <semaphore.h>
#include <stdlib.h>

struct held_writer {
    struct write write; /* first */
    sem_t begun, over;
};

static int hold_put(struct write *write, struct env *env, MDB_txn *txn)
{
    struct held_writer *held = (struct held_writer *)write;
    (void)env;
    (void)txn;
    sem_post(&held->begun);
    while (sem_wait(&held->over) != 0)
        continue;
    return WRITE_REFUSED; /* nothing was put */
}

static void hold_done(struct write *write, enum pl_status status)
{
    struct held_writer *held = (struct held_writer *)write;
    (void)status;
    sem_destroy(&held->begun);
    sem_destroy(&held->over);
    free(held);
}

struct held_writer *writer_hold(struct core_world *world)
{
    struct held_writer *held = calloc(1, sizeof *held);
    CORE_CHECK(held != NULL && sem_init(&held->begun, 0, 0) == 0 && sem_init(&held->over, 0, 0) == 0);
    held->write = (struct write){.put = hold_put, .done = hold_done, .alone = true};
    writer_push(world->store->writer, &held->write);
    while (sem_wait(&held->begun) != 0)
        continue;
    return held;
}

void writer_let_go(struct held_writer *held)
{
    sem_post(&held->over);
}

struct spoiling {
    struct write write; /* first */
    struct key key;
    bool done;
};

static int spoiling_put(struct write *write, struct env *env, MDB_txn *txn)
{
    const struct spoiling *spoiling = (const struct spoiling *)write;
    MDB_val name = env_key(&spoiling->key), value = {.mv_size = 1, .mv_data = "x"};
    return mdb_put(txn, env->track, &name, &value, 0);
}

static void spoiling_done(struct write *write, enum pl_status status)
{
    CORE_CHECK(status == PL_OK);
    ((struct spoiling *)write)->done = true;
}

static bool is_done(void *user)
{
    return ((const struct spoiling *)user)->done;
}

void writer_spoil_track(struct core_world *world, uint64_t board, uint64_t track)
{
    struct spoiling spoiling = {.write = {.put = spoiling_put, .done = spoiling_done},
                                .key = key_track(board, track, KEY_TRACK_ABOUT)};
    writer_push(world->store->writer, &spoiling.write);
    CORE_CHECK(core_loop_until(world->loop, is_done, &spoiling));
}
