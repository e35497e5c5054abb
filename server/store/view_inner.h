/* A view's inside, for the files of this folder that read through one. Not for others. */
#ifndef STORE_VIEW_INNER_H
#define STORE_VIEW_INNER_H
#include "store/env.h"
#include "store/view.h"

struct store_view {
    const struct pl_mem *mem;
    struct env env;
    MDB_txn *txn; /* for the view's life */
};

#endif
