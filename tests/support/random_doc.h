/* Documents that nobody planned: random batches of everything a journal may hold, for tests of what every document
 * must survive. */
#ifndef SUPPORT_RANDOM_DOC_H
#define SUPPORT_RANDOM_DOC_H
#include "proto/doc.h"
#include "tests/sim/rng.h"

#define RANDOM_REPLICAS 5u /* 0 is the server's */

/* Appends a body for the document's next entry, which pl_doc_decide accepts, and says whose it is. */
void random_body(struct pl_doc *doc, struct rng *rng, struct pl_buf *body, uint64_t *ret_user);
/* Folds n such entries. */
void random_fold(struct pl_doc *doc, struct rng *rng, unsigned n);

#endif
