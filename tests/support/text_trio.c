#include "tests/support/text_trio.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "text_trio: %s\n", what);
    abort();
}

void trio_init(struct text_trio *trio, bool naive)
{
    *trio = (struct text_trio){.text = pl_text_new(pl_mem_libc())};
    require(trio->text != NULL, "no memory");
    if (naive)
        trio->naive_or_null = naive_text_new(true);
    for (uint32_t i = 0; i <= TRIO_REPLICAS; i++)
        trio->next[i] = 1;
}

void trio_done(struct text_trio *trio)
{
    pl_text_free(trio->text);
    naive_text_free(trio->naive_or_null);
    free(trio->heard);
}

void trio_hostile(struct text_trio *trio)
{
    naive_text_free(trio->naive_or_null);
    trio->naive_or_null = naive_text_new(false);
}

/* UTF-8 as UTF-16; how many units. `units` has room for one a byte. */
static size_t to_utf16(struct pl_slice utf8, uint16_t *units)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.len;) {
        const uint8_t lead = utf8.data[i++];
        const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        uint32_t scalar = more == 0 ? lead : lead & (0x3fu >> more);
        for (int k = 0; k < more; k++)
            scalar = scalar << 6 | (utf8.data[i++] & 0x3fu);
        if (scalar >= 0x10000)
            units[n++] = (uint16_t)(0xd7c0 + (scalar >> 10));
        units[n++] = (uint16_t)(scalar < 0x10000 ? scalar : 0xdc00 | (scalar & 0x3ff));
    }
    return n;
}

static void spliced(void *user, size_t utf16, size_t removed, struct pl_slice inserted)
{
    struct text_trio *trio = user;
    require(utf16 + removed <= trio->heard_n, "a splice beyond the end");
    require(removed > 0 || inserted.len > 0, "a splice of nothing");
    if (trio->heard_cap < trio->heard_n + inserted.len) {
        trio->heard_cap = (trio->heard_n + inserted.len) * 2;
        trio->heard = realloc(trio->heard, trio->heard_cap * sizeof *trio->heard);
        require(trio->heard != NULL, "no memory");
    }
    uint16_t *units = malloc(inserted.len * sizeof *units + 1);
    require(units != NULL, "no memory");
    const size_t n = to_utf16(inserted, units), rest = trio->heard_n - utf16 - removed;
    if (trio->heard != NULL)
        memmove(trio->heard + utf16 + n, trio->heard + utf16 + removed, rest * sizeof *units);
    memcpy(trio->heard + utf16, units, n * sizeof *units);
    trio->heard_n = utf16 + n + rest;
    free(units);
}

void trio_insert(struct text_trio *trio, uint32_t replica, struct pl_id left, struct pl_id right, struct pl_slice utf8)
{
    const struct pl_text_watch watch = {.spliced = spliced, .user = trio};
    const struct pl_id id = {.replica = replica, .ctr = trio->next[replica]};
    const uint64_t before = pl_text_ids(trio->text);
    require(pl_text_insert(trio->text, id, left, right, utf8, &watch) == PL_OK, "an insert failed");
    require(trio->naive_or_null == NULL || naive_text_insert(trio->naive_or_null, id, left, right, utf8),
            "a naive insert failed");
    trio->next[replica] += pl_text_ids(trio->text) - before;
}

void trio_delete(struct text_trio *trio, struct pl_id_range range)
{
    const struct pl_text_watch watch = {.spliced = spliced, .user = trio};
    require(pl_text_delete(trio->text, range, &watch) == PL_OK, "a delete failed");
    if (trio->naive_or_null != NULL)
        naive_text_delete(trio->naive_or_null, range);
}

void trio_type(struct text_trio *trio, uint32_t replica, size_t utf16, struct pl_slice utf8)
{
    struct pl_id left, right;
    pl_text_origins(trio->text, utf16, &left, &right);
    trio_insert(trio, replica, left, right, utf8);
}

struct ranges {
    struct pl_id_range *ranges;
    size_t n, cap;
};

static bool add_range(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct ranges *ranges = user;
    (void)utf8;
    if (ranges->n == ranges->cap) {
        ranges->cap = ranges->cap * 2 + 8;
        ranges->ranges = realloc(ranges->ranges, ranges->cap * sizeof *ranges->ranges);
        require(ranges->ranges != NULL, "no memory");
    }
    ranges->ranges[ranges->n++] = range;
    return true;
}

void trio_erase(struct text_trio *trio, size_t utf16, size_t n)
{
    struct ranges ranges = {0};
    pl_text_visible(trio->text, utf16, n, add_range, &ranges);
    for (size_t i = 0; i < ranges.n; i++)
        trio_delete(trio, ranges.ranges[i]);
    free(ranges.ranges);
}

void trio_collect(struct text_trio *trio)
{
    require(pl_text_collect(trio->text) == PL_OK, "a collection failed");
    if (trio->naive_or_null != NULL)
        naive_text_collect(trio->naive_or_null);
}

static bool heard_it_all(const struct text_trio *trio)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_text_write(trio->text, &buf);
    uint16_t *units = malloc(buf.len * sizeof *units + 1);
    require(units != NULL && !buf.failed, "no memory");
    const size_t n = to_utf16(pl_buf_slice(&buf), units);
    const bool same = n == trio->heard_n && n == pl_text_utf16(trio->text) && buf.len == pl_text_bytes(trio->text) &&
                      (n == 0 || memcmp(units, trio->heard, n * sizeof *units) == 0);
    free(units);
    pl_buf_done(&buf);
    return same;
}

bool trio_agrees(const struct text_trio *trio, const char **ret_reason)
{
    if (!pl_text_check(trio->text, ret_reason))
        return false;
    if (!heard_it_all(trio)) {
        *ret_reason = "who heard the splices has another text";
        return false;
    }
    return trio->naive_or_null == NULL || naive_text_agrees(trio->naive_or_null, trio->text, ret_reason);
}

struct pl_slice trio_words(uint8_t *bytes, size_t n, uint64_t seed)
{
    static const char *const letters[] = {"a", "\xc3\xa9", "\xe4\xbd\xa0", "\xf0\x9f\x99\x82", "z"};
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t mixed = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) >> 33;
        const char *letter = letters[seed % 2 == 0 ? 0 : mixed % 5];
        memcpy(bytes + len, letter, strlen(letter));
        if (letter[1] == '\0')
            bytes[len] = (uint8_t)('a' + mixed % 26);
        len += strlen(letter);
    }
    return (struct pl_slice){.data = bytes, .len = len};
}
