/* Making and changing objects: for documents and overlays only. Readers use object.h. */
#ifndef PL_OBJECT_WRITE_H
#define PL_OBJECT_WRITE_H
#include "proto/change.h"
#include "proto/object.h"
#include "proto/reader.h"
#include "proto/slab.h"
#include "proto/writer.h"

/* With room for so many registers at first. NULL: no memory. */
struct pl_object *pl_object_new(const struct pl_mem *mem, struct pl_id id, uint32_t kind, size_t register_n);
/* One that is loaded: with registers of these fields, which ascend and are at most 255, each to be filled
 * (pl_object_fill). */
struct pl_object *pl_object_blank(struct pl_slabs *slabs, struct pl_id id, uint32_t kind, const uint32_t *fields,
                                  size_t register_n);
void pl_object_free(struct pl_object *object_or_null);
struct pl_object *pl_object_clone(const struct pl_object *object); /* NULL when out of memory */

/* Folds one op that names this object (a create: its initial fields). O2, O4. Text ids that are missing are
 * PL_ORPHAN: nothing changed then, but earlier ops of the batch have. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_object_apply(struct pl_object *object, const struct pl_op *op,
                                          const struct pl_observer *observer_or_null);
/* Folds a set again that had not left this device and has another value now: under its own stamp. */
PL_CHECKED enum pl_status pl_object_amend(struct pl_object *object, const struct pl_op *op,
                                          const struct pl_observer *observer_or_null);
/* Gives the object all that another of its id and kind holds, and frees that. PL_NO_MEMORY: nothing happened. */
PL_CHECKED enum pl_status pl_object_take(struct pl_object *object, struct pl_object *from);
/* One collection passes over the object and its texts (G1). True when the caller is to drop it. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_object_collect(struct pl_object *object, bool *ret_drop);

/* For loading: what an object is made of, each in the order of object.h (PL_MALFORMED). Values are copied and were
 * checked; a text is taken on success. PL_TOO_BIG, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_object_add_register(struct pl_object *object, const struct pl_register *reg);
/* Writes register number i of a blank object; false when out of memory. */
PL_CHECKED bool pl_object_fill(struct pl_object *object, size_t i, struct pl_stamp stamp, struct pl_slice value);
PL_CHECKED enum pl_status pl_object_add_text(struct pl_object *object, uint32_t field, struct pl_text *text);
/* All there are, at once. */
PL_CHECKED enum pl_status pl_object_add_tallies(struct pl_object *object, const struct pl_tally *tallies, size_t n);
void pl_object_set_dying(struct pl_object *object, uint8_t dying);
/* Whether two objects are the same in everything, stamps and tombstones too. */
bool pl_object_equal(const struct pl_object *a, const struct pl_object *b);
bool pl_object_check(const struct pl_object *object, const char **ret_reason);

#endif
