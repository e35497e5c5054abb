/* A document: the fold of a sequenced journal of batches. The server's board, a witness' whole replica and the
 * committed half of a browser's state are this. SPEC rules O, B, G, V and N.
 *
 * A document never decides and applies at once: pl_doc_decide asks whether a batch may enter the journal,
 * pl_doc_apply folds what is in it. Applying is idempotent per replica counter.
 *
 * After PL_NO_MEMORY the document is unusable: free it and load again. */
#ifndef PL_DOC_H
#define PL_DOC_H
#include "proto/change.h"
#include "proto/id.h"
#include "proto/mem.h"
#include "proto/op.h"
#include "proto/status.h"
#include "proto/writer.h"

struct pl_doc;
struct pl_object;

/* One row per replica that ever wrote; never dropped. */
struct pl_replica_row {
    uint32_t replica;
    uint64_t user; /* whose tab it is */
    uint64_t hwm;  /* the highest counter applied or voided */
};

/* An entry of the journal. `body` is a batch or a void, borrowed. */
struct pl_envelope {
    uint64_t seq;
    uint64_t user;
    uint64_t srv_ms;
    struct pl_slice body;
};

/* The next [seq, user, srv_ms, body] at the cursor; false (and the reader failed) when it is not one. */
struct pl_reader;
bool pl_envelope_read(struct pl_reader *reader, struct pl_envelope *ret_envelope);
void pl_envelope_write(struct pl_buf *buf, const struct pl_envelope *envelope);

/* NULL when out of memory. `mem` is borrowed for the document's life. */
struct pl_doc *pl_doc_new(const struct pl_mem *mem);
void pl_doc_free(struct pl_doc *doc_or_null);

/* Whether `body`, sent by `user` with `role`, may be journaled next. Changes nothing.
 *   PL_OK         ret_batch is filled; append and apply it
 *   PL_DUPLICATE  at or below the replica's hwm: answer ACK
 *   PL_GAP        ctr0 above hwm + 1: answer REJECT gap with ctr0 = hwm + 1
 *   PL_MALFORMED, PL_INVALID, PL_TOO_BIG   the bytes alone are wrong; if ret_batch->ctr_n is not 0 the shape
 *                 could be read and a void is due, else it takes no seq
 *   PL_PERM, PL_ORPHAN, PL_CLOCK, PL_QUOTA, PL_TOO_BIG   refused by the board: journal a void
 * ret_batch is always written (zeroed where the bytes could not be read). */
PL_CHECKED enum pl_status pl_doc_decide(const struct pl_doc *doc, struct pl_slice body, uint64_t user,
                                        enum pl_role role, struct pl_batch *ret_batch);
/* Writes the void body [replica, ctr0, n, code] for a refused batch. */
void pl_void_write(struct pl_buf *buf, const struct pl_batch *batch, enum pl_status code);

/* Folds the next journal entry: seq must be head + 1. PL_DUPLICATE at or below head (nothing changes),
 * PL_GAP above head + 1, PL_MALFORMED/PL_CORRUPT for bytes that no journal can hold, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_doc_apply(struct pl_doc *doc, const struct pl_envelope *envelope,
                                       const struct pl_observer *observer_or_null);

uint64_t pl_doc_head(const struct pl_doc *doc);    /* seq of the last entry folded; 0 when empty */
uint64_t pl_doc_lam(const struct pl_doc *doc);     /* the highest lam seen */
uint64_t pl_doc_srv_ms(const struct pl_doc *doc);  /* of the last entry folded */
/* Collections (rule G1): the seq of the last COLLECT entry, and of the one before it. Who saw the journal only below
 * the floor may name what was dropped since, and must begin from a snapshot. 0 while there was none. */
uint64_t pl_doc_collect_seq(const struct pl_doc *doc);
uint64_t pl_doc_floor_seq(const struct pl_doc *doc);
/* What the document holds that a person can see, and what only merging still needs: about how many bytes each. Walks
 * every object. */
struct pl_doc_weight {
    uint64_t living_bytes;
    uint64_t dead_bytes;
};
void pl_doc_weigh(const struct pl_doc *doc, struct pl_doc_weight *ret_weight);
size_t pl_doc_object_n(const struct pl_doc *doc);  /* living and dead */
size_t pl_doc_replica_n(const struct pl_doc *doc);
/* false when the replica never wrote. */
bool pl_doc_replica(const struct pl_doc *doc, uint32_t replica, struct pl_replica_row *ret_row);

/* NULL when the document never had it. Valid until the next apply. */
const struct pl_object *pl_doc_object(const struct pl_doc *doc, struct pl_id id);
/* Objects in id order, living and dead: at(0) to at(object_n - 1). Sorts when needed. NULL beyond. */
const struct pl_object *pl_doc_object_at(struct pl_doc *doc, size_t index);

/* The canonical snapshot (rules N): equal states encode to equal bytes. */
void pl_doc_snapshot(struct pl_doc *doc, struct pl_buf *buf);
/* A document from a snapshot: PL_MALFORMED, PL_VERSION, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_doc_load(const struct pl_mem *mem, struct pl_slice snapshot,
                                      struct pl_doc **ret_doc);
/* Over the canonical snapshot: equal means equal in everything, tombstones included. */
uint64_t pl_doc_state_hash(struct pl_doc *doc);
/* Over what a person sees: living objects' values and visible text, ids and stamps left out. */
uint64_t pl_doc_view_hash(struct pl_doc *doc);

/* Walks every invariant; false (and the reason in ret_reason, static) when one is broken. */
bool pl_doc_check(struct pl_doc *doc, const char **ret_reason);

#endif
