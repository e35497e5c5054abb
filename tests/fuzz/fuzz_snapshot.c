/* The snapshot loader: what it accepts is a sound document, and its own snapshot loads to the same bytes again. What
 * loading takes in memory is bounded by the bytes, and memory that ends leaves nothing behind. */
#include "board.h"
#include "draw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load_without_memory(struct pl_slice bytes, uint64_t fail_at)
{
    struct count_mem count;
    struct pl_doc *doc = NULL;
    count_mem_init(&count);
    count.fail_at = fail_at;
    const enum pl_status status = pl_doc_load(&count.mem, bytes, &doc);
    REQUIRE((status == PL_OK) == (doc != NULL));
    pl_doc_free(doc);
    REQUIRE(count.live == 0);
}

static void snapshot_is_sound(struct pl_doc *doc)
{
    struct pl_doc *again = NULL;
    struct pl_buf first, second;
    const char *reason = "";
    pl_buf_init(&first, pl_mem_libc());
    pl_buf_init(&second, pl_mem_libc());
    REQUIRE_BECAUSE(pl_doc_check(doc, &reason), reason);
    pl_doc_snapshot(doc, &first);
    REQUIRE(pl_doc_load(pl_mem_libc(), pl_buf_slice(&first), &again) == PL_OK);
    pl_doc_snapshot(again, &second);
    REQUIRE(pl_slice_equal(pl_buf_slice(&first), pl_buf_slice(&second)));
    REQUIRE(pl_doc_view_hash(doc) == pl_doc_view_hash(again));
    pl_doc_free(again);
    pl_buf_done(&first);
    pl_buf_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_slice bytes = {data, size};
    struct count_mem count;
    struct pl_doc *doc = NULL;
    count_mem_init(&count);
    const enum pl_status status = pl_doc_load(&count.mem, bytes, &doc);
    memory_check(&count, 0, size);
    REQUIRE((status == PL_OK) == (doc != NULL)); /* no output of a failure */
    if (doc != NULL)
        snapshot_is_sound(doc);
    pl_doc_free(doc);
    REQUIRE(count.live == 0);
    load_without_memory(bytes, 1 + size % 64);
    return 0;
}
