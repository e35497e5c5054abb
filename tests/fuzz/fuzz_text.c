/* One text, on a tree of small nodes. A first byte of 1: the rest is read as a text's snapshot columns, and what is
 * accepted is sound and the only way to say it. Anything else: the bytes are edits, honest and not, collections, and
 * storing and reading back; then the text must be what the naive one is and what a watcher heard. */
#include "proto/reader.h"
#include "proto/slab.h"
#include "tests/support/text_trio.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 150u /* the naive text is quadratic in them */
#define REQUIRE(condition) \
    do {                   \
        if (!(condition))  \
            abort();       \
    } while (0)

static const struct pl_id home = {1, 1};

struct bytes {
    const uint8_t *at, *end;
};

static uint8_t next(struct bytes *bytes)
{
    return bytes->at < bytes->end ? *bytes->at++ : 0;
}

/* Below n, and everywhere below it. */
static size_t below(struct bytes *bytes, size_t n)
{
    const size_t high = next(bytes);
    return n == 0 ? 0 : (high << 8 | next(bytes)) % n;
}

/* The text from its own columns, the packed form checked on the way. */
static struct pl_text *stored(const struct pl_text *text)
{
    struct pl_buf spans, utf8, again, utf8_again;
    struct pl_text *back;
    const char *reason;
    pl_buf_init(&spans, pl_mem_libc());
    pl_buf_init(&utf8, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    pl_buf_init(&utf8_again, pl_mem_libc());
    pl_text_pack(text, home, &spans, &utf8);
    struct pl_packed span_column = pl_packed_of(pl_buf_slice(&spans)), utf8_column = pl_packed_of(pl_buf_slice(&utf8));
    struct pl_slabs slabs = pl_slabs_of(pl_mem_libc());
    REQUIRE(pl_text_unpack(&slabs, home, &span_column, &utf8_column, &back) == PL_OK);
    pl_slabs_done(&slabs);
    REQUIRE(pl_packed_done(&span_column) && pl_packed_done(&utf8_column) && pl_text_check(back, &reason));
    pl_text_pack(back, home, &again, &utf8_again);
    REQUIRE(pl_slice_equal(pl_buf_slice(&spans), pl_buf_slice(&again)));
    REQUIRE(pl_slice_equal(pl_buf_slice(&utf8), pl_buf_slice(&utf8_again)));
    pl_buf_done(&spans);
    pl_buf_done(&utf8);
    pl_buf_done(&again);
    pl_buf_done(&utf8_again);
    return back;
}

/* A byte says how long the UTF-8 at the end is; before that is the span column. */
static void read_columns(struct bytes *bytes)
{
    const size_t rest = (size_t)(bytes->end - bytes->at), tail = below(bytes, rest + 1);
    const size_t left = (size_t)(bytes->end - bytes->at), utf8_n = tail < left ? tail : left;
    struct pl_packed spans = pl_packed_of((struct pl_slice){bytes->at, left - utf8_n});
    struct pl_packed utf8 = pl_packed_of((struct pl_slice){bytes->end - utf8_n, utf8_n});
    const uint8_t *start = spans.at;
    struct pl_text *text = NULL;
    struct pl_buf again, utf8_again;
    const char *reason;
    struct pl_slabs slabs = pl_slabs_of(pl_mem_libc());
    if (!pl_utf8_valid((struct pl_slice){utf8.at, utf8_n}))
        return; /* words.c lets nothing else through */
    const enum pl_status status = pl_text_unpack(&slabs, home, &spans, &utf8, &text);
    pl_slabs_done(&slabs);
    if (status != PL_OK) {
        REQUIRE(text == NULL);
        return;
    }
    REQUIRE(pl_text_check(text, &reason));
    pl_buf_init(&again, pl_mem_libc());
    pl_buf_init(&utf8_again, pl_mem_libc());
    pl_text_pack(text, home, &again, &utf8_again);
    REQUIRE(pl_slice_equal(pl_buf_slice(&again), (struct pl_slice){start, (size_t)(spans.at - start)}));
    REQUIRE(pl_text_collect(text) == PL_OK && pl_text_check(text, &reason));
    pl_text_free(stored(text));
    pl_text_free(text);
    pl_buf_done(&again);
    pl_buf_done(&utf8_again);
}

/* An id the text has, or none. */
static struct pl_id any_id(struct bytes *bytes, const struct text_trio *trio)
{
    const uint32_t replica = 1 + next(bytes) % 4;
    const struct pl_id id = {replica, below(bytes, trio->next[replica])};
    return id.ctr > 0 && pl_text_has(trio->text, id) ? id : (struct pl_id){0};
}

static void step(struct bytes *bytes, struct text_trio *trio)
{
    uint8_t words[4 * 16];
    const uint8_t what = next(bytes);
    const uint32_t by = 1 + (what >> 3) % 4;
    switch (what % 8) {
    case 0:
    case 1: {
        const size_t at = below(bytes, pl_text_utf16(trio->text) + 1), n = 1 + what / 32u;
        trio_type(trio, by, at, trio_words(words, n, next(bytes)));
        break;
    }
    case 2:
    case 3: {
        const struct pl_id left = any_id(bytes, trio), right = any_id(bytes, trio);
        trio_insert(trio, by, left, right, trio_words(words, 1 + what / 32u, next(bytes)));
        break;
    }
    case 4: {
        const size_t at = below(bytes, pl_text_utf16(trio->text) + 1);
        trio_erase(trio, at, 1 + next(bytes) % 32u);
        break;
    }
    case 5: {
        const struct pl_id id = {by, 1 + below(bytes, trio->next[by])};
        trio_delete(trio, (struct pl_id_range){id, 1 + next(bytes) % 32u});
        break;
    }
    case 6:
        trio_collect(trio);
        break;
    default: {
        struct pl_text *old = trio->text;
        trio->text = what & 8 ? stored(old) : pl_text_clone(old);
        REQUIRE(trio->text != NULL);
        pl_text_free(old);
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {.at = data, .end = data + size};
    struct text_trio trio;
    const char *reason;
    if (next(&bytes) == 1) {
        read_columns(&bytes);
        return 0;
    }
    trio_init(&trio, true);
    trio_hostile(&trio);
    for (unsigned i = 0; bytes.at < bytes.end && i < STEPS_MAX; i++)
        step(&bytes, &trio);
    REQUIRE(trio_agrees(&trio, &reason));
    trio_done(&trio);
    return 0;
}
