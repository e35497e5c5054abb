/* The canonical snapshot of a document, back, and the two hashes. Rules N1 to N4. */
#include "proto/doc_private.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include "proto/view.h"

#define SNAPSHOT_VERSION 1u

void pl_doc_snapshot(struct pl_doc *doc, struct pl_buf *buf)
{
    pl_write_array(buf, 6);
    pl_write_uint(buf, SNAPSHOT_VERSION);
    pl_write_uint(buf, doc->head);
    pl_write_uint(buf, doc->srv_ms);
    pl_write_uint(buf, doc->lam);
    pl_write_array(buf, doc->row_n);
    for (size_t i = 0; i < doc->row_n; i++) {
        pl_write_array(buf, 3);
        pl_write_uint(buf, doc->rows[i].replica);
        pl_write_uint(buf, doc->rows[i].user);
        pl_write_uint(buf, doc->rows[i].hwm);
    }
    pl_write_array(buf, doc->objects.object_n);
    const struct pl_object *object;
    for (size_t i = 0; (object = pl_table_at(&doc->objects, i)) != NULL; i++)
        pl_object_encode(object, buf);
}

static enum pl_status load_rows(struct pl_doc *doc, struct pl_reader *reader)
{
    uint32_t n;
    if (!pl_read_array(reader, &n) || n > PL_REPLICAS_MAX)
        return PL_MALFORMED;
    for (uint32_t i = 0; i < n; i++) {
        struct pl_replica_row row;
        if (!pl_read_array_of(reader, 3) || !pl_read_u32(reader, &row.replica) ||
            !pl_read_u53(reader, &row.user) || !pl_read_u53(reader, &row.hwm))
            return PL_MALFORMED;
        if (row.hwm == 0 || (i > 0 && doc->rows[i - 1].replica >= row.replica))
            return PL_MALFORMED;
        struct pl_replica_row *added = pl_doc_row_add(doc, row.replica);
        if (added == NULL)
            return PL_NO_MEMORY;
        *added = row;
    }
    return PL_OK;
}

static enum pl_status load_objects(struct pl_doc *doc, struct pl_reader *reader)
{
    uint32_t n;
    if (!pl_read_array(reader, &n))
        return PL_MALFORMED;
    struct pl_id last = {0};
    for (uint32_t i = 0; i < n; i++) {
        struct pl_object *object;
        enum pl_status status = pl_object_decode(doc->mem, reader, &object);
        if (status != PL_OK)
            return status;
        const struct pl_id id = pl_object_id(object);
        const bool ascends = i == 0 || pl_id_compare(last, id) < 0;
        last = id;
        const char *reason;
        const bool sound = ascends && pl_doc_owns(doc, object, &reason);
        status = sound ? pl_table_add(&doc->objects, object) : PL_MALFORMED;
        if (status != PL_OK) {
            pl_object_free(object);
            return status;
        }
    }
    return PL_OK;
}

static enum pl_status load(struct pl_doc *doc, struct pl_reader *reader)
{
    uint64_t version;
    if (!pl_read_array_of(reader, 6) || !pl_read_u53(reader, &version))
        return PL_MALFORMED;
    if (version != SNAPSHOT_VERSION)
        return PL_VERSION;
    if (!pl_read_u53(reader, &doc->head) || !pl_read_u53(reader, &doc->srv_ms) ||
        !pl_read_u53(reader, &doc->lam))
        return PL_MALFORMED;
    enum pl_status status = load_rows(doc, reader);
    if (status == PL_OK)
        status = load_objects(doc, reader);
    if (status == PL_OK && !pl_reader_done(reader))
        status = PL_MALFORMED;
    return status;
}

enum pl_status pl_doc_load(const struct pl_mem *mem, struct pl_slice snapshot, struct pl_doc **ret_doc)
{
    struct pl_reader reader = pl_reader_of(snapshot);
    struct pl_doc *doc = pl_doc_new(mem);
    if (doc == NULL)
        return PL_NO_MEMORY;
    const enum pl_status status = load(doc, &reader);
    if (status != PL_OK) {
        pl_doc_free(doc);
        return status;
    }
    *ret_doc = doc;
    return PL_OK;
}

uint64_t pl_doc_state_hash(struct pl_doc *doc)
{
    struct pl_buf buf;
    pl_buf_init(&buf, doc->mem);
    pl_doc_snapshot(doc, &buf);
    const uint64_t hash = buf.failed ? 0 : pl_hash(PL_HASH_START, buf.data, buf.len);
    pl_buf_done(&buf);
    return hash;
}

uint64_t pl_doc_view_hash(struct pl_doc *doc)
{
    const size_t n = doc->objects.object_n;
    const struct pl_object **objects = pl_mem_get(doc->mem, (n + 1) * sizeof(struct pl_object *));
    if (objects == NULL)
        return 0;
    for (size_t i = 0; i < n; i++)
        objects[i] = doc->objects.order[i];
    const uint64_t hash = pl_view_hash_of(objects, n);
    pl_mem_put(doc->mem, (void *)objects);
    return hash;
}
