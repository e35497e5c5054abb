#include "tests/support/reads.h"
#include <string.h>

static bool reads(const struct pl_text *text, struct pl_slice want)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_text_write(text, &buf);
    const bool same = !buf.failed && buf.len == pl_text_bytes(text) && pl_slice_equal(pl_buf_slice(&buf), want);
    pl_buf_done(&buf);
    return same;
}

bool text_reads(const struct pl_text *text_or_null, const char *want)
{
    const struct pl_slice utf8 = {.data = (const uint8_t *)want, .len = strlen(want)};
    return text_or_null == NULL ? utf8.len == 0 : reads(text_or_null, utf8);
}

bool texts_read_the_same(const struct pl_text *a, const struct pl_text *b)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_text_write(b, &buf);
    const bool same = !buf.failed && reads(a, pl_buf_slice(&buf));
    pl_buf_done(&buf);
    return same;
}
