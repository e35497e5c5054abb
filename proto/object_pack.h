/* The objects of a document as columns, and back: a part of a snapshot (N2). Private to the library.
 *
 *   1. how many objects each replica made (column, by row), then the steps between their counters
 *   2. layouts: a kind, its registers' fields, its texts' fields; each combination once. Each object's layout (column)
 *   3. the lam of each object's first stamp (column)
 *   4. registers, field by field: their values, whether each has its object's first stamp (column), the other ones'
 *      lam and row (columns). Fields from OBJECT_GROUPS - 1 on share one group, by object
 *   5. how many collections found each object dead (column)
 *   6. how many tallies each object has (column); their lams, each as the step from the one before; their fields,
 *      users, subs, values and rows (columns)
 *   7. texts, by object and field: the spans of all, the words of all (words.h), and the marks of those that have any, each
 *      behind how many texts lie between it and the one before
 *
 * What makes something costs a byte of its own (a counter's step, a layout's field, a tally's lam), so no count asks
 * for memory that no bytes stand for. */
#ifndef PL_OBJECT_PACK_H
#define PL_OBJECT_PACK_H
#include "proto/doc_private.h"
#include "proto/packed.h"

#define OBJECT_GROUPS 65u
#define OBJECT_TALLY_PARTS 5u /* field, user, sub, value, row */

static inline size_t object_group(uint32_t field)
{
    return field < OBJECT_GROUPS - 1 ? field : OBJECT_GROUPS - 1;
}

/* `buf` has failed when there was no memory. */
void pl_objects_pack(struct pl_doc *doc, struct pl_buf *buf);
/* Into a document that has its rows and its clock, and no objects yet. PL_MALFORMED, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_objects_unpack(struct pl_doc *doc, struct pl_packed *packed);

#endif
