/* See fold.h. */
#include "board/fold.h"
#include "base/deflate.h"
#include "base/envelope.h"
#include "proto/doc.h"

struct fold {
    const struct pl_mem *mem;
    void (*done)(void *user, enum pl_status status, struct pl_buf *snapshot);
    void *user;
    struct journal_past told;
    struct pl_buf base, envelopes; /* what it tells */
    struct pl_buf snapshot;
    enum pl_status status;
};

static enum pl_status base_load(const struct pl_mem *mem, const struct journal_past *told,
                                struct pl_doc **ret_doc)
{
    struct pl_buf inflated;
    if (told->as_of == 0)
        return (*ret_doc = pl_doc_new(mem)) == NULL ? PL_NO_MEMORY : PL_OK;
    pl_buf_init(&inflated, mem);
    enum pl_status status = inflate_raw(told->snapshot, told->snapshot_bytes, &inflated);
    if (status == PL_OK)
        status = pl_doc_load(mem, pl_buf_slice(&inflated), ret_doc);
    pl_buf_done(&inflated);
    return status;
}

enum pl_status past_fold(const struct pl_mem *mem, const struct journal_past *told,
                         struct pl_buf *ret_snapshot)
{
    struct pl_reader reader = pl_reader_of(told->envelopes);
    struct pl_envelope envelope;
    struct pl_doc *doc = NULL;
    enum pl_status status = base_load(mem, told, &doc);
    while (status == PL_OK && envelope_read(&reader, &envelope))
        status = pl_doc_apply(doc, &envelope, NULL);
    if (status == PL_OK && (!pl_reader_done(&reader) || pl_doc_head(doc) != told->seq))
        status = PL_CORRUPT;
    if (status == PL_OK) {
        pl_doc_snapshot(doc, ret_snapshot);
        status = ret_snapshot->failed ? PL_NO_MEMORY : PL_OK;
    }
    pl_doc_free(doc);
    return status;
}

static void fold_free(struct fold *fold)
{
    pl_buf_done(&fold->base);
    pl_buf_done(&fold->envelopes);
    pl_buf_done(&fold->snapshot);
    pl_mem_put(fold->mem, fold);
}

static void work(void *user)
{
    struct fold *fold = user;
    fold->status = past_fold(fold->mem, &fold->told, &fold->snapshot);
    if (fold->status != PL_OK)
        pl_buf_clear(&fold->snapshot);
}

static void worked(void *user)
{
    struct fold *fold = user;
    fold->done(fold->user, fold->status, &fold->snapshot);
    fold_free(fold);
}

enum pl_status fold_start(const struct pl_mem *mem, const struct loop *loop,
                          const struct journal_past *told,
                          void (*done)(void *user, enum pl_status status, struct pl_buf *snapshot),
                          void *user)
{
    struct fold *fold = pl_mem_get(mem, sizeof *fold);
    if (fold == NULL)
        return PL_NO_MEMORY;
    *fold = (struct fold){.mem = mem, .done = done, .user = user, .told = *told};
    pl_buf_init(&fold->base, mem);
    pl_buf_init(&fold->envelopes, mem);
    pl_buf_init(&fold->snapshot, mem);
    pl_buf_append(&fold->base, told->snapshot.data, told->snapshot.len);
    pl_buf_append(&fold->envelopes, told->envelopes.data, told->envelopes.len);
    if (fold->base.failed || fold->envelopes.failed) {
        fold_free(fold);
        return PL_NO_MEMORY;
    }
    fold->told.snapshot = pl_buf_slice(&fold->base);
    fold->told.envelopes = pl_buf_slice(&fold->envelopes);
    loop_work(loop, work, worked, fold);
    return PL_OK;
}
