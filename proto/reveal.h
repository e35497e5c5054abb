/* The reveal of a document: what was written apart joins document 0, ids unchanged. Rule D2. */
#ifndef PL_REVEAL_H
#define PL_REVEAL_H
#include "proto/doc.h"

/* Moves living objects of `notes` into one ADOPT op, about PL_BATCH_BYTES_SOFT of them at most, and appends that op.
 * Call it until it says PL_NOT_FOUND: nothing living is left. Each op goes into a batch of the server's, and the batches
 * into the journal with nothing between them. `notes` is used up: give it a copy. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_reveal_next(struct pl_doc *notes, struct pl_buf *ops);

#endif
