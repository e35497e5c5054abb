/* The one thread that writes. Whatever gathered while the last commit was on its way to the disk
 * becomes the next transaction (group commit); its writes' completions then go to the loop in
 * order.
 *
 * A commit may fail after every put succeeded (MDB_MAP_FULL, ENOSPC): then every write in it
 * failed. The writer then looks whether there is room for anything at all (env_probe). If there is
 * none the disk *refuses*: every write fails, until a probe before it, or one of its own, once a
 * second, was committed. So nobody is told that writing works again only to be told otherwise by
 * the first large batch. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H
#include "store/env.h"

#define WRITE_REFUSED \
    (-1) /* put's answer: this write is wrong, nothing of it was put; the others go on */

/* One write, embedded in whatever it carries. Owned by the writer from writer_push until done. */
struct write {
    struct write *next;
    /* On the writer's thread: 0, WRITE_REFUSED or MDB_KEYEXIST when nothing was put, or LMDB's
     * code, which fails the whole transaction. */
    int (*put)(struct write *write, struct env *env, MDB_txn *txn);
    /* On the loop's thread: PL_OK when durable, PL_IO when nothing was kept. Frees the write. */
    void (*done)(struct write *write, enum pl_status status);
    enum pl_status status; /* the writer's */
    bool alone; /* a transaction of its own: large, so that it cannot take others down with it */
};

struct writer;
/* Borrows all. PL_NO_MEMORY, PL_IO when no thread could be started. */
PL_CHECKED enum pl_status writer_new(struct env *env, const struct loop *loop,
                                     const struct store_options *options,
                                     struct writer **ret_writer);
void writer_push(struct writer *writer, struct write *write);
/* Writes what is queued, joins the thread, then calls the completions still due. */
void writer_free(struct writer *writer_or_null);

#endif
