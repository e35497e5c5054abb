/* A client's half of a document: what is committed, the pending batches over it, undo. SPEC rules R.
 *
 * The committed document changes only by journal entries, so its state_hash equals the server's at the same seq.
 * Pending batches live in an overlay that holds clones of just the objects they touch; an echo settles the oldest.
 * The browser (through wasm.c), the load generator and the simulation all use this.
 *
 * PL_NO_MEMORY: an edit has changed nothing; nor has an undo or redo, but there is nothing to undo or redo any more. After
 * any other call the replica lacks something: load a snapshot and identify anew, or free it. */
#ifndef PL_REPLICA_H
#define PL_REPLICA_H
#include "proto/doc.h"

struct pl_replica;

/* A batch that is not committed yet. */
struct pl_pending {
    uint64_t ctr0;
    uint64_t ctr_n;
    struct pl_slice body; /* borrowed until the replica changes */
};

struct pl_replica *pl_replica_new(const struct pl_mem *mem); /* NULL when out of memory */
void pl_replica_free(struct pl_replica *replica_or_null);
/* Told of everything a person sees change, and of what becomes pending or is no longer. Copied; NULL to stop. */
void pl_replica_observe(struct pl_replica *replica, const struct pl_observer *observer_or_null);

/* How many visible scalars an edit may bring a text to: PL_TEXT_SCALARS_MAX, a board's limit, until this is called.
 * The engine knows no limit of its own; a server decides by its own (pl_doc_decide). */
void pl_replica_set_text_max(struct pl_replica *replica, size_t scalars);

/* Replaces the committed document by a snapshot; pending batches stay on top, those it already holds are dropped.
 * An empty slice is the empty document. */
PL_CHECKED enum pl_status pl_replica_load(struct pl_replica *replica, struct pl_slice snapshot);
/* Takes the identity a WELCOME gave. Call it when the committed document has reached WELCOME's head_seq.
 * Pending batches of another replica are re-keyed; those the server has (by its replica row) are dropped. */
PL_CHECKED enum pl_status pl_replica_identify(struct pl_replica *replica, uint32_t id, uint64_t hwm,
                                              uint64_t user);
uint32_t pl_replica_id(const struct pl_replica *replica); /* 0 before identify */
/* Puts back a batch from the outbox, oldest first, before identify. */
PL_CHECKED enum pl_status pl_replica_restore(struct pl_replica *replica, struct pl_slice body);

/* Folds a journal entry; an own echo settles the oldest pending batch, an own void takes it back.
 * PL_DIVERGED: an own echo differs from the pending bytes, or was never made here; load a snapshot, then identify anew. */
PL_CHECKED enum pl_status pl_replica_apply(struct pl_replica *replica, const struct pl_envelope *envelope);
/* A REJECT that took no seq: the batch at ctr0 is taken out and those after it move down to its counters.
 * PL_NOT_FOUND when no pending batch starts there. */
PL_CHECKED enum pl_status pl_replica_refuse(struct pl_replica *replica, uint64_t ctr0);

/* One gesture's edits, a MessagePack array (R4), become one or more pending batches. Edits with the same non-zero
 * `gesture` as the newest undo entry extend it. `joins`: the caller knows that the newest pending batch was never handed
 * to a socket (B1), and lets it grow (R6). Atomic: on failure nothing changed. PL_STATE before identify. ret_created: the
 * ids of created objects in order, appended one after another as id texts (strings), and their number. */
PL_CHECKED enum pl_status pl_replica_edit(struct pl_replica *replica, uint64_t gesture, bool joins,
                                          struct pl_slice edits, struct pl_buf *ret_created_or_null,
                                          size_t *ret_created_n_or_null);
/* Undo and redo of this tab's own gestures. PL_NOT_FOUND when there is nothing (left) to do. */
PL_CHECKED enum pl_status pl_replica_undo(struct pl_replica *replica);
PL_CHECKED enum pl_status pl_replica_redo(struct pl_replica *replica);
size_t pl_replica_undo_n(const struct pl_replica *replica);
size_t pl_replica_redo_n(const struct pl_replica *replica);

size_t pl_replica_pending_n(const struct pl_replica *replica);
/* Pending batches, oldest first: at(0)...; false beyond. */
bool pl_replica_pending_at(struct pl_replica *replica, size_t index, struct pl_pending *ret_pending);

/* The object as this person sees it: the overlay's if there is one. NULL when there never was one. */
const struct pl_object *pl_replica_object(const struct pl_replica *replica, struct pl_id id);
/* Whether a pending batch touches it. */
bool pl_replica_object_pending(const struct pl_replica *replica, struct pl_id id);
/* The parent a person sees: dead, absent, cyclic or no longer touched parents read as the board (no id). Who asks for
 * many asks a tree (tree.h). */
struct pl_id pl_replica_parent(const struct pl_replica *replica, struct pl_id id);
/* The guest whose replica made the object; 0 when unknown. */
uint64_t pl_replica_author(const struct pl_replica *replica, struct pl_id id);
/* Every object with a view, living and dead: committed ones first in id order, then those only pending. */
void pl_replica_each(struct pl_replica *replica, void (*visit)(void *user, const struct pl_object *object),
                     void *user);

/* The committed document. Borrowed until the next load. */
struct pl_doc *pl_replica_doc(struct pl_replica *replica);
/* view_hash over committed and pending together. */
uint64_t pl_replica_view_hash(struct pl_replica *replica);
/* Walks the replica's invariants, the merging one above all: committed objects with the pending batches applied after
 * them are, to the byte, what grew in the order things happened here. False, and why (static), when one is broken. */
bool pl_replica_check(struct pl_replica *replica, const char **ret_reason);

#endif
