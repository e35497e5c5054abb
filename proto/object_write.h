/* Making and changing objects: for documents and overlays only. Readers use object.h. */
#ifndef PL_OBJECT_WRITE_H
#define PL_OBJECT_WRITE_H
#include "proto/change.h"
#include "proto/object.h"
#include "proto/reader.h"
#include "proto/writer.h"

struct pl_object *pl_object_new(const struct pl_mem *mem, struct pl_id id, uint32_t kind); /* NULL: no memory */
void pl_object_free(struct pl_object *object_or_null);
struct pl_object *pl_object_clone(const struct pl_object *object); /* NULL when out of memory */

/* Folds one op that names this object (a create: its initial fields). O2, O4. Text ids that are missing are
 * PL_ORPHAN: nothing changed then, but earlier ops of the batch have. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_object_apply(struct pl_object *object, const struct pl_op *op,
                                          const struct pl_observer *observer_or_null);
/* Folds a set again that had not left this device and has another value now: under its own stamp. */
PL_CHECKED enum pl_status pl_object_amend(struct pl_object *object, const struct pl_op *op,
                                          const struct pl_observer *observer_or_null);
/* Each gets what the other held; ids and kinds are the same. */
void pl_object_swap(struct pl_object *a, struct pl_object *b);
/* One collection passes over the object: marks it when it is dead. True when it was marked already and has been dead
 * ever since: the caller drops it. */
PL_CHECKED enum pl_status pl_object_collect(struct pl_object *object, bool *ret_drop);

/* N2, and back: PL_MALFORMED, PL_NO_MEMORY. */
void pl_object_encode(const struct pl_object *object, struct pl_buf *buf);
PL_CHECKED enum pl_status pl_object_decode(const struct pl_mem *mem, struct pl_reader *reader,
                                           struct pl_object **ret_object);
bool pl_object_check(const struct pl_object *object, const char **ret_reason);

#endif
