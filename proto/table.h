/* Objects by id: what a document and an overlay hold. Private to the library. */
#ifndef PL_TABLE_H
#define PL_TABLE_H
#include "proto/object_write.h"

struct pl_table {
    const struct pl_mem *mem;
    struct pl_object **slots; /* open addressing, a power of two */
    size_t slot_n;
    struct pl_object **order; /* the same objects, in id order when `sorted` */
    size_t object_n;
    size_t order_cap;
    bool sorted;
};

void pl_table_init(struct pl_table *table, const struct pl_mem *mem);
void pl_table_done(struct pl_table *table); /* frees the objects */
/* Room for n objects in all, and no more; false when out of memory. */
bool pl_table_reserve(struct pl_table *table, size_t n);
struct pl_object *pl_table_get(const struct pl_table *table, struct pl_id id); /* NULL when absent */
/* Takes the object on success; PL_DUPLICATE when the id is there, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_table_add(struct pl_table *table, struct pl_object *object);
/* Takes an object whose id is above those of all others; there is room for it. */
void pl_table_append(struct pl_table *table, struct pl_object *object);
/* Frees the object and forgets it; nothing when absent. */
void pl_table_drop(struct pl_table *table, struct pl_id id);
/* In id order; NULL beyond the last. */
struct pl_object *pl_table_at(struct pl_table *table, size_t index);
/* Folds one op: a create adds its object. PL_ORPHAN, PL_DUPLICATE, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_table_apply(struct pl_table *table, const struct pl_op *op,
                                         const struct pl_observer *observer_or_null);
/* One collection of tombstones: drops the objects that were dead at the one before and ever since, marks the others
 * that are dead, and collects the texts of those that stay. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_table_collect(struct pl_table *table, const struct pl_observer *observer_or_null);
/* Moves the objects `table` does not have out of `from`, which keeps the others. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_table_adopt(struct pl_table *table, struct pl_table *from,
                                         const struct pl_observer *observer_or_null);

#endif
