/* Walks a document's invariants: for tests, the simulation and the fuzzers. */
#include "proto/doc_private.h"
#include "proto/marks.h"

static bool rows_sound(const struct pl_doc *doc)
{
    for (size_t i = 0; i < doc->row_n; i++)
        if (doc->rows[i].hwm == 0 || (i > 0 && doc->rows[i - 1].replica >= doc->rows[i].replica))
            return false;
    return true;
}

struct issuing {
    const struct pl_doc *doc;
    bool all;
};

static bool run_issued(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct issuing *issuing = user;
    const struct pl_replica_row *row = pl_doc_row(issuing->doc, range.id.replica);
    (void)utf8;
    issuing->all = row != NULL && range.id.ctr + range.n - 1 <= row->hwm;
    return issuing->all;
}

bool pl_doc_issued(const struct pl_doc *doc, const struct pl_text *text)
{
    struct issuing issuing = {.doc = doc, .all = true};
    pl_text_all(text, run_issued, &issuing);
    return issuing.all;
}

/* Somebody the document knows wrote it, and not later than the document knows. */
static bool stamp_sound(const struct pl_doc *doc, struct pl_stamp stamp)
{
    return stamp.lam > 0 && stamp.lam <= doc->lam && pl_doc_row(doc, stamp.replica) != NULL;
}

static bool stamps_sound(const struct pl_doc *doc, const struct pl_object *object)
{
    struct pl_register reg;
    struct pl_tally tally;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        if (!stamp_sound(doc, reg.stamp))
            return false;
    for (size_t i = 0; pl_object_tally_at(object, i, &tally); i++)
        if (!stamp_sound(doc, tally.stamp))
            return false;
    return true;
}

static bool texts_sound(const struct pl_doc *doc, const struct pl_object *object)
{
    const struct pl_text *text;
    uint32_t field;
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        if (!pl_doc_issued(doc, text) ||
            (pl_text_marks(text) != NULL && pl_marks_lam(pl_text_marks(text)) > doc->lam))
            return false;
    return true;
}

static bool object_sound(const struct pl_doc *doc, const struct pl_object *object, const char **ret_reason)
{
    const struct pl_id id = pl_object_id(object);
    const struct pl_replica_row *row = pl_doc_row(doc, id.replica);
    if (pl_table_get(&doc->objects, id) != object)
        *ret_reason = "an object cannot be found by its id";
    else if (row == NULL || id.ctr > row->hwm)
        *ret_reason = "an object's id was never issued";
    else if (!stamps_sound(doc, object))
        *ret_reason = "a stamp is above the document's clock, or nobody's";
    else if (!texts_sound(doc, object))
        *ret_reason = "a text has ids that were never issued, or a mark above the document's clock";
    else
        return pl_object_check(object, ret_reason);
    return false;
}

bool pl_doc_check(struct pl_doc *doc, const char **ret_reason)
{
    const struct pl_object *object;
    if (!rows_sound(doc)) {
        *ret_reason = "the replica rows are out of order";
        return false;
    }
    if (doc->floor_seq > doc->collect_seq || doc->collect_seq > doc->head) {
        *ret_reason = "a collection is newer than the journal, or the one before it";
        return false;
    }
    for (size_t i = 0; (object = pl_table_at(&doc->objects, i)) != NULL; i++)
        if (!object_sound(doc, object, ret_reason))
            return false;
    return true;
}
