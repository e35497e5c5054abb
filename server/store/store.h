/* One data folder: boards' journals and snapshots, links and the server's secrets, in one LMDB
 * environment. Implements base/journal.h and base/links.h. One writer thread; what gathered
 * during the last fsync is one commit.
 *
 * `mem` must be usable from several threads (libc's is). Everything but the writer runs on the
 * loop's thread. */
#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/ident.h"
#include "base/journal.h"
#include "base/links.h"
#include "base/loop.h"
#include "store/thin.h"

#define STORE_MAP_BYTES \
    (UINT64_C(64) << 30) /* address space, not disk: the file grows as it is used */
#define STORE_FORMAT       3u /* of the data folder; a newer one is refused */

/* How much of each document's past is kept. */
#define STORE_HISTORY                                                   \
    ((struct thin_limits){.whole_ms = UINT64_C(30) * 24 * 3600 * 1000,  \
                          .hourly_ms = UINT64_C(90) * 24 * 3600 * 1000, \
                          .bytes_max = UINT64_C(1) << 30,               \
                          .fold_bytes = 64u << 10})

struct store;

struct store_tally {
    uint32_t commit_n, failure_n;
    /* The disk refuses: nothing is written until a probe (env.h) was committed. The store tries by
     * itself, and before whatever is to be written. */
    bool refused;
};

struct store_options {
    size_t map_bytes;            /* 0: STORE_MAP_BYTES */
    struct thin_limits history;  /* of each document; zeros: STORE_HISTORY */
    const struct random *random; /* NULL: the system's */
    /* Told on the loop's thread what became of transactions since it was last told; may be NULL. */
    void (*committed)(void *user, const struct store_tally *tally);
    /* Told on the writer's thread how long each committed transaction took; may be NULL. */
    void (*timed)(void *user, uint64_t us);
    void *user;
};

/* Makes the folder when it is not there; migrates one of an older format, after a copy. PL_LIMIT:
 * another process has it; PL_VERSION: of a newer format; PL_STATE: it is a backup (backup.h);
 * PL_IO, PL_NO_MEMORY. `mem` and `loop` are borrowed for the store's life; options are copied. */
PL_CHECKED enum pl_status store_open(const struct pl_mem *mem, const char *dir,
                                     const struct loop *loop, const struct store_options *options,
                                     struct store **ret_store);
/* Writes what is queued, then ends the writer. Completions still due are called from here; the
 * loop must not run this store's posts afterwards. */
void store_close(struct store *store_or_null);

const char *store_dir(const struct store *store);   /* the data folder; valid until store_close */
struct journal store_journal(struct store *store); /* valid until store_close */
struct links store_links(struct store *store);     /* valid until store_close */
struct audit store_audit(struct store *store);     /* valid until store_close */

/* As long as the pin is there, each state of the document from from_seq to to_seq, both included,
 * can be told, whatever its age: for what refers to the past, as a talk-track does. `pin` is the
 * caller's name for it. Durable when done says PL_OK. */
void store_pin(struct store *store, uint64_t board, uint32_t doc, uint64_t pin, uint64_t from_seq,
               uint64_t to_seq, journal_done *done, void *user);
void store_unpin(struct store *store, uint64_t board, uint32_t doc, uint64_t pin,
                 journal_done *done, void *user);

#endif
