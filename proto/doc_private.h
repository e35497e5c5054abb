/* The layout of a document, for doc.c, decide.c, snapshot.c and check.c alone; and how a replica folds what it has read
 * already. */
#ifndef PL_DOC_PRIVATE_H
#define PL_DOC_PRIVATE_H
#include "proto/doc.h"
#include "proto/table.h"

struct pl_doc {
    const struct pl_mem *mem;
    struct pl_table objects;
    struct pl_replica_row *rows; /* by replica */
    size_t row_n;
    size_t row_cap;
    uint64_t head;
    uint64_t lam;
    uint64_t srv_ms;
    uint64_t collect_seq;
    uint64_t floor_seq;
};

/* The row of a replica, or NULL. */
struct pl_replica_row *pl_doc_row(const struct pl_doc *doc, uint32_t replica);
/* Adds an empty row; NULL when out of memory. */
struct pl_replica_row *pl_doc_row_add(struct pl_doc *doc, uint32_t replica);
/* Whether all the ids of a text were given out. */
bool pl_doc_issued(const struct pl_doc *doc, const struct pl_text *text);

/* Ops on objects that `skips` names are passed over: their effect comes by pl_doc_put. */
struct pl_doc_skip {
    bool (*skips)(void *user, struct pl_id object);
    void *user;
};
/* pl_doc_apply for the entry after head whose body was read into `batch`. */
PL_CHECKED enum pl_status pl_doc_fold(struct pl_doc *doc, const struct pl_envelope *envelope,
                                      const struct pl_batch *batch, const struct pl_observer *observer_or_null,
                                      const struct pl_doc_skip *skip_or_null);
/* Takes an object that has what folding the entry would have given it, in place of the document's own, if any. */
PL_CHECKED enum pl_status pl_doc_put(struct pl_doc *doc, struct pl_object *object);

#endif
