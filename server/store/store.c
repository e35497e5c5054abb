/* A store's opening, and its journal port. See store.h. Not here: links.c, audit.c,
 * secrets.c. */
#include "store/store.h"
#include "store/store_inner.h"

static const struct journal_vtable journal_vtable;

enum pl_status store_open(const struct pl_mem *mem, const char *dir, const struct loop *loop,
                          const struct store_options *options, struct store **ret_store)
{
    struct store *store = pl_mem_get(mem, sizeof *store);
    if (store == NULL)
        return PL_NO_MEMORY;
    *store = (struct store){
        .mem = mem, .loop = loop, .env = {.lock_fd = -1}, .history = options->history};
    if (store->history.bytes_max == 0)
        store->history = STORE_HISTORY;
    enum pl_status status =
        env_open(&store->env, mem, dir,
                 options->map_bytes != 0 ? options->map_bytes : (size_t)STORE_MAP_BYTES,
                 options->random != NULL ? options->random : random_system());
    if (status == PL_OK && env_is_backup(&store->env))
        status = PL_STATE;
    if (status == PL_OK)
        status = writer_new(&store->env, loop, options, &store->writer);
    if (status != PL_OK) {
        env_close(&store->env);
        pl_mem_put(mem, store);
        return status;
    }
    *ret_store = store;
    return PL_OK;
}

void store_close(struct store *store_or_null)
{
    if (store_or_null == NULL)
        return;
    writer_free(store_or_null->writer);
    env_close(&store_or_null->env);
    pl_mem_put(store_or_null->mem, store_or_null);
}

/* A failure that must wait for the loop. */
struct failure {
    struct store *store;
    journal_done *done;
    void *user;
};

static void failure_fire(void *user)
{
    struct failure *failure = user;
    failure->done(failure->user, PL_IO);
    pl_mem_put(failure->store->mem, failure);
}

void store_fail_later(struct store *store, journal_done *done, void *user)
{
    struct failure *failure = pl_mem_get(store->mem, sizeof *failure);
    if (failure == NULL) {
        done(user, PL_IO); /* not even these bytes: the caller must bear it now */
        return;
    }
    *failure = (struct failure){.store = store, .done = done, .user = user};
    loop_defer(store->loop, failure_fire, failure);
}

void *asked_get(struct store *store, size_t bytes, journal_done *done, void *user)
{
    void *block = pl_mem_get(store->mem, bytes);
    if (block == NULL)
        store_fail_later(store, done, user);
    return block;
}

struct asked asked_of(struct store *store, int (*put)(struct write *write, struct env *env, MDB_txn *txn),
                      journal_done *done, void *user)
{
    return (struct asked){
        .write = {.put = put, .done = asked_done}, .store = store, .done = done, .user = user};
}

void asked_done(struct write *write, enum pl_status status)
{
    struct asked *asked = (struct asked *)write;
    asked->done(asked->user, status);
    pl_mem_put(asked->store->mem, asked);
}

static uint64_t lineage(void *self)
{
    return ((struct store *)self)->env.lineage;
}

static const struct journal_vtable journal_vtable = {
    .append = store_append,
    .snapshot = store_snapshot,
    .load = store_load,
    .range = store_range,
    .past = store_past,
    .reserve_replicas = store_reserve,
    .create = store_create,
    .find = store_find,
    .lineage = lineage,
};

const char *store_dir(const struct store *store)
{
    return store->env.dir;
}

struct journal store_journal(struct store *store)
{
    return (struct journal){.vtable = &journal_vtable, .self = store};
}
