/* A board under hostile batches. The input is a sequence of [role byte, length (2 bytes,
 * big-endian), body]. Each body is decided; an admitted one is applied, a refused one that could be
 * counted becomes a void. At the end the document's invariants hold, replaying the journal gives
 * the same state, and so does loading its snapshot. */
#include "proto/doc.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRIES_MAX 256u
#define USER        7u

#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

struct journal {
    struct pl_buf bodies[ENTRIES_MAX];
    uint32_t n;
};

static struct pl_envelope entry(const struct journal *journal, uint32_t index)
{
    return (struct pl_envelope){.seq = index + 1,
                                .user = USER,
                                .srv_ms = 1000 + index,
                                .body = pl_buf_slice(&journal->bodies[index])};
}

static void admit(struct pl_doc *doc, struct journal *journal, struct pl_slice body,
                  enum pl_role role)
{
    struct pl_batch batch;
    enum pl_status status = pl_doc_decide(doc, body, USER, role, &batch);
    if (status == PL_DUPLICATE || status == PL_GAP || (status != PL_OK && batch.ctr_n == 0))
        return;
    struct pl_buf *kept = &journal->bodies[journal->n];
    pl_buf_init(kept, pl_mem_libc());
    if (status == PL_OK)
        pl_buf_append(kept, body.data, body.len);
    else
        pl_void_write(kept, &batch, status);
    struct pl_envelope envelope = entry(journal, journal->n++);
    REQUIRE(pl_doc_apply(doc, &envelope, NULL) == PL_OK);
}

static void replay_is_equal(struct pl_doc *doc, const struct journal *journal)
{
    struct pl_doc *again = pl_doc_new(pl_mem_libc());
    REQUIRE(again != NULL);
    for (uint32_t i = 0; i < journal->n; i++) {
        struct pl_envelope envelope = entry(journal, i);
        REQUIRE(pl_doc_apply(again, &envelope, NULL) == PL_OK);
        REQUIRE(pl_doc_apply(again, &envelope, NULL) == PL_DUPLICATE);
    }
    REQUIRE(pl_doc_state_hash(again) == pl_doc_state_hash(doc));
    pl_doc_free(again);
}

static void snapshot_is_equal(struct pl_doc *doc)
{
    struct pl_buf snapshot, again;
    struct pl_doc *loaded = NULL;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    pl_doc_snapshot(doc, &snapshot);
    REQUIRE(pl_doc_load(pl_mem_libc(), pl_buf_slice(&snapshot), &loaded) == PL_OK);
    pl_doc_snapshot(loaded, &again);
    REQUIRE(pl_slice_equal(pl_buf_slice(&snapshot), pl_buf_slice(&again)));
    REQUIRE(pl_doc_view_hash(loaded) == pl_doc_view_hash(doc));
    pl_doc_free(loaded);
    pl_buf_done(&snapshot);
    pl_buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pl_role roles[] = {PL_ROLE_EDITOR, PL_ROLE_VIEWER, PL_ROLE_OWNER,
                                         PL_ROLE_SERVER};
    struct journal journal = {.n = 0};
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    const char *reason = NULL;
    REQUIRE(doc != NULL);
    for (size_t at = 0; at + 3 <= size && journal.n < ENTRIES_MAX;) {
        enum pl_role role = roles[data[at] & 3];
        size_t len = (size_t)data[at + 1] << 8 | data[at + 2];
        at += 3;
        if (len > size - at)
            len = size - at;
        admit(doc, &journal, (struct pl_slice){data + at, len}, role);
        at += len;
    }
    REQUIRE(pl_doc_check(doc, &reason));
    replay_is_equal(doc, &journal);
    snapshot_is_equal(doc);
    for (uint32_t i = 0; i < journal.n; i++)
        pl_buf_done(&journal.bodies[i]);
    pl_doc_free(doc);
    return 0;
}
