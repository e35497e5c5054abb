/* See committed.h. The view has the store's rooms and a read transaction of its own. */
#include "tests/support/committed.h"
#include "store/store_inner.h"
#include "tests/support/core_check.h"

void committed_open(struct store *store, struct store_view *view)
{
    *view = (struct store_view){.mem = pl_mem_libc(), .env = store->env, .txn = env_read(&store->env)};
    CORE_CHECK(view->txn != NULL);
}

void committed_close(struct store_view *view)
{
    env_read_end(view->txn); /* the environment stays the store's */
}
