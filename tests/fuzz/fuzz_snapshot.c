/* The snapshot loader: what it accepts is a sound document, and its own snapshot loads to the same
 * bytes again. */
#include "proto/doc.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pl_doc *doc = NULL, *again = NULL;
    struct pl_buf first, second;
    const char *reason = NULL;
    if (pl_doc_load(pl_mem_libc(), (struct pl_slice){data, size}, &doc) != PL_OK) {
        if (doc != NULL)
            abort(); /* an output of a failure */
        return 0;
    }
    pl_buf_init(&first, pl_mem_libc());
    pl_buf_init(&second, pl_mem_libc());
    if (!pl_doc_check(doc, &reason))
        abort();
    pl_doc_snapshot(doc, &first);
    if (pl_doc_load(pl_mem_libc(), pl_buf_slice(&first), &again) != PL_OK)
        abort();
    pl_doc_snapshot(again, &second);
    if (!pl_slice_equal(pl_buf_slice(&first), pl_buf_slice(&second)))
        abort();
    (void)pl_doc_view_hash(doc);
    pl_doc_free(doc);
    pl_doc_free(again);
    pl_buf_done(&first);
    pl_buf_done(&second);
    return 0;
}
