/* The journal port: where a board's entries become durable. store implements it on LMDB, the simulation on its own
 * disk; a replicated journal can implement it later. Called on the loop's thread; completions come there too, for
 * one board in the order of the calls. */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H
#include "base/links.h"
#include "proto/mem.h"
#include "proto/status.h"
#include <stdint.h>

typedef void journal_done(void *user, enum pl_status status); /* PL_OK: durable; PL_IO: nothing of it is kept */

/* Counters of one replica that an append moved: durable in the same transaction. */
struct journal_mark {
    uint32_t replica;
    uint64_t user;
    uint64_t hwm;
};

/* What a load yields. Slices are valid during the call only. */
struct journal_reader {
    /* At most once, first: the newest snapshot, inflated. PL_VERSION: cannot be read; then the entries from the first on
     * follow, if they are kept. */
    enum pl_status (*snapshot)(void *user, uint64_t seq, struct pl_slice bytes);
    /* Each kept entry after it in order: the bytes of one append, a MessagePack sequence of envelopes. */
    enum pl_status (*entries)(void *user, uint64_t first_seq, uint64_t last_seq, struct pl_slice envelopes);
    void *user;
};

/* A state of the past: a snapshot and the entries from there up to it. */
struct journal_past {
    uint64_t seq;
    uint64_t as_of;            /* of the snapshot; 0: none, the document was empty */
    struct pl_slice snapshot;  /* deflate-raw */
    uint64_t snapshot_bytes;   /* inflated */
    uint64_t snapshot_hash;    /* of these */
    struct pl_slice envelopes; /* as_of + 1 to seq, one after another */
};
/* `past_or_null` is valid during the call; NULL unless PL_OK. PL_NOT_FOUND: not kept, or not there yet. */
typedef void journal_past_done(void *user, enum pl_status status, const struct journal_past *past_or_null);

struct journal_vtable {
    /* Appends `envelopes` (entry_n envelopes one after another, seq first_seq and up; copied). */
    void (*append)(void *self, uint64_t board, uint32_t doc, uint64_t first_seq, uint32_t entry_n,
                   struct pl_slice envelopes, const struct journal_mark *marks, uint32_t mark_n,
                   journal_done *done, void *user);
    /* Stores the canonical snapshot as of `seq`; deflated by the implementation in a worker. Copied. */
    void (*snapshot)(void *self, uint64_t board, uint32_t doc, uint64_t seq, struct pl_slice bytes,
                     journal_done *done, void *user);
    /* Reads everything back, synchronously: PL_OK, PL_NOT_FOUND, PL_CORRUPT, PL_IO, or what the reader returned. */
    enum pl_status (*load)(void *self, uint64_t board, uint32_t doc, const struct journal_reader *reader);
    /* Entries [from_seq, to_seq] again, for a client that resumes: PL_NOT_FOUND when no longer kept. */
    enum pl_status (*range)(void *self, uint64_t board, uint32_t doc, uint64_t from_seq, uint64_t to_seq,
                            const struct journal_reader *reader);
    /* Reads a state of the past in a worker. */
    void (*past)(void *self, uint64_t board, uint32_t doc, uint64_t seq, journal_past_done *done, void *user);
    /* Makes `count` replica ids durable as issued and names the first: ret_first is valid when done says PL_OK. */
    void (*reserve_replicas)(void *self, uint64_t board, uint32_t count, uint32_t *ret_first,
                             journal_done *done, void *user);
    /* Makes a board: its first entry (seq 1, an envelope with the board object), its links and the note that guest `by`
     * (0: not known) made it, in one transaction. */
    void (*create)(void *self, uint64_t board, struct pl_slice envelope, const struct link_row *links,
                   uint32_t link_n, uint64_t by, journal_done *done, void *user);
    /* Whether there is such a board: PL_OK, PL_NOT_FOUND, or PL_IO when that cannot be read. Synchronous. */
    enum pl_status (*find)(void *self, uint64_t board);
    /* The lineage of this data folder: a restore changes it. */
    uint64_t (*lineage)(void *self);
};

struct journal {
    const struct journal_vtable *vtable;
    void *self;
};

#endif
