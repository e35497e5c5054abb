/* Walks a document's invariants: for tests, the simulation and the fuzzers. */
#include "proto/doc_private.h"

static bool rows_sound(const struct pl_doc *doc, const char **ret_reason)
{
    for (size_t i = 0; i < doc->row_n; i++) {
        if (doc->rows[i].hwm == 0 || (i > 0 && doc->rows[i - 1].replica >= doc->rows[i].replica)) {
            *ret_reason = "the replica rows are out of order";
            return false;
        }
    }
    return true;
}

bool pl_doc_owns(const struct pl_doc *doc, const struct pl_object *object, const char **ret_reason)
{
    const struct pl_id id = pl_object_id(object);
    const struct pl_replica_row *row = pl_doc_row(doc, id.replica);
    struct pl_register reg;
    if (row == NULL || id.ctr > row->hwm) {
        *ret_reason = "an object's id was never issued";
        return false;
    }
    for (size_t k = 0; pl_object_register_at(object, k, &reg); k++) {
        if (reg.stamp.lam > doc->lam) {
            *ret_reason = "a stamp is above the document's clock";
            return false;
        }
    }
    return true;
}

bool pl_doc_check(struct pl_doc *doc, const char **ret_reason)
{
    const struct pl_object *object;
    if (!rows_sound(doc, ret_reason))
        return false;
    for (size_t i = 0; (object = pl_table_at(&doc->objects, i)) != NULL; i++) {
        if (pl_table_get(&doc->objects, pl_object_id(object)) != object) {
            *ret_reason = "an object cannot be found by its id";
            return false;
        }
        if (!pl_doc_owns(doc, object, ret_reason) || !pl_object_check(object, ret_reason))
            return false;
    }
    return true;
}
