/* The canonical snapshot of a document, back, and the two hashes. Rules N1, N2, N4. Its objects are object_pack.c's. */
#include "proto/column.h"
#include "proto/limits.h"
#include "proto/object_pack.h"
#include "proto/view.h"

#define SNAPSHOT_VERSION 3u

/* Each row's replica as the step from the one before, so that a row takes at least a byte; users, high-water marks. */
static void pack_rows(const struct pl_doc *doc, struct pl_buf *buf)
{
    int64_t *numbers = pl_mem_get(doc->mem, (doc->row_n + 1) * sizeof *numbers);
    pl_pack_uint(buf, doc->row_n);
    for (size_t i = 0; i < doc->row_n; i++)
        pl_pack_uint(buf, doc->rows[i].replica - (i == 0 ? 0 : doc->rows[i - 1].replica));
    if (numbers == NULL) {
        buf->failed = true;
        return;
    }
    for (size_t i = 0; i < doc->row_n; i++)
        numbers[i] = (int64_t)doc->rows[i].user;
    pl_column_write(buf, numbers, doc->row_n);
    for (size_t i = 0; i < doc->row_n; i++)
        numbers[i] = (int64_t)doc->rows[i].hwm;
    pl_column_write(buf, numbers, doc->row_n);
    pl_mem_put(doc->mem, numbers);
}

void pl_doc_snapshot(struct pl_doc *doc, struct pl_buf *buf)
{
    pl_pack_uint(buf, SNAPSHOT_VERSION);
    pl_pack_uint(buf, doc->head);
    pl_pack_uint(buf, doc->srv_ms);
    pl_pack_uint(buf, doc->lam);
    pl_pack_uint(buf, doc->collect_seq);
    pl_pack_uint(buf, doc->floor_seq);
    pack_rows(doc, buf);
    pl_objects_pack(doc, buf);
}

static enum pl_status unpack_row_numbers(struct pl_doc *doc, struct pl_packed *packed, int64_t *numbers, size_t n)
{
    uint64_t step, replica = 0;
    for (size_t i = 0; i < n; i++) {
        if (!pl_unpack_uint(packed, UINT32_MAX - replica, &step) || (i > 0 && step == 0))
            return PL_MALFORMED;
        replica += step;
        doc->rows[doc->row_n++] = (struct pl_replica_row){.replica = (uint32_t)replica};
    }
    if (!pl_column_read(packed, 0, (int64_t)PL_U53_MAX, numbers, n))
        return PL_MALFORMED;
    for (size_t i = 0; i < n; i++)
        doc->rows[i].user = (uint64_t)numbers[i];
    if (!pl_column_read(packed, 1, (int64_t)PL_U53_MAX, numbers, n))
        return PL_MALFORMED;
    for (size_t i = 0; i < n; i++)
        doc->rows[i].hwm = (uint64_t)numbers[i];
    return PL_OK;
}

static enum pl_status unpack_rows(struct pl_doc *doc, struct pl_packed *packed)
{
    uint64_t n;
    if (!pl_unpack_uint(packed, PL_REPLICAS_MAX, &n) || n > (uint64_t)(packed->end - packed->at))
        return PL_MALFORMED;
    if (n == 0)
        return PL_OK;
    int64_t *numbers = pl_mem_get(doc->mem, (size_t)n * sizeof *numbers);
    doc->rows = pl_mem_get(doc->mem, (size_t)n * sizeof *doc->rows);
    enum pl_status status = PL_NO_MEMORY;
    if (numbers != NULL && doc->rows != NULL) {
        doc->row_cap = (size_t)n;
        status = unpack_row_numbers(doc, packed, numbers, (size_t)n);
    }
    pl_mem_put(doc->mem, numbers);
    return status;
}

static enum pl_status unpack(struct pl_doc *doc, struct pl_packed *packed)
{
    uint64_t version;
    if (!pl_unpack_uint(packed, UINT64_MAX, &version))
        return PL_MALFORMED;
    if (version != SNAPSHOT_VERSION)
        return PL_VERSION;
    if (!pl_unpack_uint(packed, PL_U53_MAX, &doc->head) || !pl_unpack_uint(packed, PL_U53_MAX, &doc->srv_ms) ||
        !pl_unpack_uint(packed, PL_U53_MAX, &doc->lam) || !pl_unpack_uint(packed, doc->head, &doc->collect_seq) ||
        !pl_unpack_uint(packed, doc->collect_seq, &doc->floor_seq))
        return PL_MALFORMED;
    enum pl_status status = unpack_rows(doc, packed);
    if (status == PL_OK)
        status = pl_objects_unpack(doc, packed);
    if (status == PL_OK && !pl_packed_done(packed))
        status = PL_MALFORMED;
    return status;
}

enum pl_status pl_doc_load(const struct pl_mem *mem, struct pl_slice snapshot, struct pl_doc **ret_doc)
{
    struct pl_packed packed = pl_packed_of(snapshot);
    struct pl_doc *doc = pl_doc_new(mem);
    if (doc == NULL)
        return PL_NO_MEMORY;
    const enum pl_status status = unpack(doc, &packed);
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
    return pl_view_hash_of(doc->mem, (const struct pl_object *const *)doc->objects.order, doc->objects.object_n);
}
