/* A document taken apart into ADOPT ops (see reveal.h). Rule D2. */
#include "proto/reveal.h"
#include "proto/doc_private.h"
#include "proto/limits.h"
#include "proto/op_write.h"

#define OBJECT_BYTES 64u /* beside its values and texts */

static size_t weigh(const struct pl_object *object)
{
    struct pl_register reg;
    const struct pl_text *text;
    uint32_t field;
    size_t bytes = OBJECT_BYTES + pl_object_tally_n(object) * sizeof(struct pl_tally);
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        bytes += reg.value.len;
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        bytes += pl_text_scalars(text) * 4 + pl_text_spans(text) * 8;
    return bytes;
}

/* Moves living objects over until they weigh enough; the dead and the server's own are left behind. */
static enum pl_status move_living(struct pl_doc *notes, struct pl_doc *part)
{
    struct pl_table *from = &notes->objects;
    enum pl_status status = PL_OK;
    size_t bytes = 0;
    while (from->object_n > 0 && status == PL_OK) {
        struct pl_object *object = pl_table_at(from, from->object_n - 1);
        if (!pl_object_alive(object) || pl_object_id(object).replica == PL_REPLICA_SERVER) {
            pl_table_drop(from, pl_object_id(object));
            continue;
        }
        if (bytes > 0 && bytes + weigh(object) > PL_BATCH_BYTES_SOFT)
            break;
        bytes += weigh(object);
        struct pl_object *copy = pl_object_clone(object);
        status = copy == NULL ? PL_NO_MEMORY : pl_table_add(&part->objects, copy);
        if (status == PL_OK)
            pl_table_drop(from, pl_object_id(object));
        else
            pl_object_free(copy);
    }
    return status;
}

/* The server counts in each document anew: its row is there for its stamps alone, and raises nobody's. */
static enum pl_status copy_rows(const struct pl_doc *notes, struct pl_doc *part)
{
    for (size_t i = 0; i < notes->row_n; i++) {
        struct pl_replica_row *row = pl_doc_row_add(part, notes->rows[i].replica);
        if (row == NULL)
            return PL_NO_MEMORY;
        *row = notes->rows[i];
        if (row->replica == PL_REPLICA_SERVER)
            row->hwm = 1;
    }
    return PL_OK;
}

enum pl_status pl_reveal_next(struct pl_doc *notes, struct pl_buf *ops)
{
    struct pl_doc *part = pl_doc_new(notes->mem);
    struct pl_buf snapshot;
    if (part == NULL)
        return PL_NO_MEMORY;
    pl_buf_init(&snapshot, notes->mem);
    enum pl_status status = copy_rows(notes, part);
    if (status == PL_OK)
        status = move_living(notes, part);
    if (status == PL_OK && part->objects.object_n == 0)
        status = PL_NOT_FOUND;
    if (status == PL_OK) {
        part->lam = notes->lam;
        pl_doc_snapshot(part, &snapshot);
        const struct pl_op op = {.code = PL_OP_ADOPT, .text = pl_buf_slice(&snapshot)};
        pl_op_write(ops, &op);
        status = snapshot.failed || ops->failed ? PL_NO_MEMORY : PL_OK;
    }
    pl_buf_done(&snapshot);
    pl_doc_free(part);
    return status;
}
