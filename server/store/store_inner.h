/* What the files of this folder share of a store. Not for others. */
#ifndef STORE_STORE_INNER_H
#define STORE_STORE_INNER_H
#include "proto/writer.h"
#include "store/env.h"
#include "store/thin.h"
#include "store/writer.h"

struct store {
    const struct pl_mem *mem;
    const struct loop *loop;
    struct env env;
    struct writer *writer;
    struct thin_limits history;
};

/* A write that somebody waits for; the first member of what carries it. */
struct asked {
    struct write write;
    struct store *store;
    journal_done *done;
    void *user;
};
/* A block for one. NULL when out of memory: whoever waits hears of it later. */
void *asked_get(struct store *store, size_t bytes, journal_done *done, void *user);
struct asked asked_of(struct store *store, int (*put)(struct write *write, struct env *env, MDB_txn *txn),
                      journal_done *done, void *user);
/* What done is unless more is to be done: tells whoever waits, and frees the block. */
void asked_done(struct write *write, enum pl_status status);

/* journal.c: the port's writing half. `self` is the store. */
void store_append(void *self, uint64_t board, uint32_t doc, uint64_t first_seq, uint32_t entry_n,
                  struct pl_slice envelopes, const struct journal_mark *marks, uint32_t mark_n,
                  journal_done *done, void *user);
void store_reserve(void *self, uint64_t board, uint32_t count, uint32_t *ret_first,
                   journal_done *done, void *user);
void store_create(void *self, uint64_t board, struct pl_slice envelope,
                  const struct link_row *links, uint32_t link_n, uint64_t by, journal_done *done,
                  void *user);
enum pl_status store_find(void *self, uint64_t board);

/* snapshots.c */
void store_snapshot(void *self, uint64_t board, uint32_t doc, uint64_t seq, struct pl_slice bytes,
                    journal_done *done, void *user);

/* history.c: the port's reading half */
enum pl_status store_load(void *self, uint64_t board, uint32_t doc,
                          const struct journal_reader *reader);
enum pl_status store_range(void *self, uint64_t board, uint32_t doc, uint64_t from_seq,
                           uint64_t to_seq, const struct journal_reader *reader);

/* past.c */
void store_past(void *self, uint64_t board, uint32_t doc, uint64_t seq, journal_past_done *done,
                void *user);

/* Completes with a failure at the end of the turn: what a port promises to answer later is never
 * answered at once. */
void store_fail_later(struct store *store, journal_done *done, void *user);

#endif
