/* Recordings as any bytes. What can be indexed becomes a file that holds together: of the length that was told, not cut,
 * and the same when it is indexed again. Then its first bytes as anything uploaded. */
#include "draw.h"
#include "tests/support/film.h"
#include "track/sniff.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void index_twice(struct pl_slice bytes)
{
    struct webm_facts facts, again;
    struct pl_buf written, twice;
    pl_buf_init(&written, pl_mem_libc());
    pl_buf_init(&twice, pl_mem_libc());
    const enum pl_status status = film_index(bytes, &facts, &written);
    REQUIRE(status == PL_OK || status == PL_INVALID || status == PL_TOO_BIG);
    if (status == PL_OK) {
        REQUIRE(written.len == facts.bytes);
        REQUIRE(film_index(pl_buf_slice(&written), &again, &twice) == PL_OK);
        REQUIRE(again.length_ms == facts.length_ms && again.video == facts.video && again.cues == facts.cues);
        REQUIRE(again.seekable == (facts.cues > 0) && !again.cut && !again.another_run);
        REQUIRE(pl_slice_equal(pl_buf_slice(&written), pl_buf_slice(&twice)));
    }
    pl_buf_done(&written);
    pl_buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pl_slice bytes = {data, size};
    char type[MEDIA_TYPE_BYTES_MAX];
    index_twice(bytes);
    media_content_type(media_sniff(bytes), bytes, type);
    for (int kind = MEDIA_NONE; kind <= MEDIA_WEBP; kind++) {
        media_content_type((enum media_kind)kind, bytes, type);
        REQUIRE(strpbrk(type, "\r\n") == NULL && strlen(type) < sizeof type);
    }
    return 0;
}
