/* JSON to a history. Nothing of the document is kept: a parsed file of jansson's is many times its size, and what is
 * measured afterwards should not stand in its shadow. Opening files is history_file.c's. */
#include "bench/trace/history.h"
#include "proto/limits.h"
#include "proto/reader.h"
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct history *history;
    struct complaint *complaint;
    size_t patch_cap;
    size_t text_cap;
    bool memory_failed;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct parser *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->complaint->text, sizeof parser->complaint->text, format, arguments);
    va_end(arguments);
    return false;
}

/* The block with room for `n` elements of `size` bytes; NULL when there is no memory. */
static void *grown(struct parser *parser, void *block, size_t *cap, size_t n, size_t size)
{
    if (n <= *cap)
        return block;
    const size_t wanted = n < *cap * 2 ? *cap * 2 : n + 64;
    void *bigger = realloc(block, wanted * size);
    if (bigger == NULL)
        parser->memory_failed = true;
    else
        *cap = wanted;
    return bigger;
}

static bool text_append(struct parser *parser, struct pl_slice utf8)
{
    struct history *history = parser->history;
    if (utf8.len == 0)
        return true;
    uint8_t *text = grown(parser, history->text, &parser->text_cap, history->text_bytes + utf8.len, 1);
    if (text == NULL)
        return false;
    history->text = text;
    memcpy(text + history->text_bytes, utf8.data, utf8.len);
    history->text_bytes += utf8.len;
    for (size_t i = 0; i < utf8.len; i++)
        history->astral = history->astral || utf8.data[i] >= 0xf0;
    return true;
}

/* Bytes of the first `scalars` scalars, or of all. */
static size_t head_bytes(struct pl_slice utf8, size_t scalars)
{
    size_t i = 0;
    for (; i < utf8.len; i++)
        if ((utf8.data[i] & 0xc0) != 0x80 && scalars-- == 0)
            break;
    return i;
}

static bool patch_add(struct parser *parser, uint32_t at, uint32_t removed, struct pl_slice inserted)
{
    struct history *history = parser->history;
    do {
        const size_t bytes = head_bytes(inserted, PL_TEXT_SCALARS_MAX);
        const struct pl_slice piece = {.data = inserted.data, .len = bytes};
        struct patch *patches = grown(parser, history->patches, &parser->patch_cap, history->patch_n + 1,
                                      sizeof *patches);
        if (patches == NULL)
            return false;
        history->patches = patches;
        patches[history->patch_n++] = (struct patch){
            .at = at, .removed = removed, .inserted_at = history->text_bytes, .inserted_bytes = (uint32_t)bytes};
        if (!text_append(parser, piece))
            return false;
        inserted.data += bytes;
        inserted.len -= bytes;
        at += PL_TEXT_SCALARS_MAX;
        removed = 0;
    } while (inserted.len > 0);
    return true;
}

static struct pl_slice string_of(const json_t *value)
{
    return (struct pl_slice){.data = (const uint8_t *)json_string_value(value), .len = json_string_length(value)};
}

/* A count of something: an integer from 0 to `max`. */
static bool count_of(const json_t *value, uint32_t max, uint32_t *ret_count)
{
    const json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < 0 || n > (json_int_t)max)
        return false;
    *ret_count = (uint32_t)n;
    return true;
}

/* [position, removed, inserted], and whatever a later recorder adds after them. */
static bool parse_patch(struct parser *parser, uint32_t index, const json_t *value)
{
    uint32_t at, removed;
    if (json_array_size(value) < 3 || !count_of(json_array_get(value, 0), UINT32_MAX / 2, &at) ||
        !count_of(json_array_get(value, 1), UINT32_MAX / 2, &removed) ||
        !json_is_string(json_array_get(value, 2)))
        return complain(parser, "txn %u: a patch is not [position, removed, \"inserted\"]", index);
    return patch_add(parser, at, removed, string_of(json_array_get(value, 2)));
}

static bool parse_origin(struct parser *parser, uint32_t index, const json_t *value, struct txn *txn)
{
    struct history *history = parser->history;
    const json_t *parents = json_object_get(value, "parents");
    if (!json_is_array(parents))
        return complain(parser, "txn %u has no list of parents", index);
    if (!count_of(json_object_get(value, "agent"), HISTORY_AGENTS_MAX - 1, &txn->agent))
        return complain(parser, "txn %u has no agent below %u", index, HISTORY_AGENTS_MAX);
    if (txn->agent >= history->agent_n)
        history->agent_n = txn->agent + 1;
    txn->parent0 = history->parent_n;
    txn->parent_n = (uint32_t)json_array_size(parents);
    for (uint32_t i = 0; i < txn->parent_n; i++) {
        uint32_t *parent = &history->parents[history->parent_n++];
        if (!count_of(json_array_get(parents, i), UINT32_MAX, parent) || *parent >= index)
            return complain(parser, "txn %u: a parent is not an earlier txn", index);
    }
    return true;
}

static bool parse_txn(struct parser *parser, uint32_t index, const json_t *value)
{
    struct history *history = parser->history;
    struct txn *txn = &history->txns[index];
    const json_t *patches = json_object_get(value, "patches");
    const size_t n = json_array_size(patches);
    if (!json_is_array(patches))
        return complain(parser, "txn %u has no list of patches", index);
    if (history->concurrent && !parse_origin(parser, index, value, txn))
        return false;
    txn->patch0 = history->patch_n;
    for (size_t i = 0; i < n; i++)
        if (!parse_patch(parser, index, json_array_get(patches, i)))
            return false;
    txn->patch_n = (uint32_t)(history->patch_n - txn->patch0);
    return true;
}

/* A file says so itself, or its transactions do by having parents. */
static bool concurrent(const json_t *root, const json_t *txns)
{
    const char *kind = json_string_value(json_object_get(root, "kind"));
    if ((kind != NULL && strcmp(kind, "concurrent") == 0) || json_object_get(root, "numAgents") != NULL)
        return true;
    for (size_t i = 0; i < json_array_size(txns); i++)
        if (json_object_get(json_array_get(txns, i), "parents") != NULL)
            return true;
    return false;
}

static bool parse_end(struct parser *parser, const json_t *end)
{
    uint8_t *copy = malloc(json_string_length(end) + 1);
    if (copy == NULL) {
        parser->memory_failed = true;
        return false;
    }
    memcpy(copy, json_string_value(end), json_string_length(end));
    parser->history->end = (struct pl_slice){.data = copy, .len = json_string_length(end)};
    return true;
}

static bool parse_txns(struct parser *parser, const json_t *txns)
{
    struct history *history = parser->history;
    const size_t n = json_array_size(txns);
    size_t parent_n = 0;
    if (n >= UINT32_MAX)
        return complain(parser, "too many txns");
    for (size_t i = 0; i < n; i++)
        parent_n += json_array_size(json_object_get(json_array_get(txns, i), "parents"));
    history->txn_n = (uint32_t)n;
    history->txns = calloc(n + 1, sizeof *history->txns);
    history->parents = calloc(parent_n + 1, sizeof *history->parents);
    if (history->txns == NULL || history->parents == NULL) {
        parser->memory_failed = true;
        return false;
    }
    for (uint32_t i = 0; i < history->txn_n; i++)
        if (!parse_txn(parser, i, json_array_get(txns, i)))
            return false;
    return true;
}

static bool parse_root(struct parser *parser, const json_t *root)
{
    struct history *history = parser->history;
    const json_t *txns = json_object_get(root, "txns"), *start = json_object_get(root, "startContent"),
                 *end = json_object_get(root, "endContent"), *agents = json_object_get(root, "numAgents");
    if (!json_is_object(root) || !json_is_array(txns) || !json_is_string(end))
        return complain(parser, "not an object with \"txns\" and \"endContent\"");
    if (start != NULL && !json_is_null(start) && !json_is_string(start))
        return complain(parser, "\"startContent\" is no text");
    history->concurrent = concurrent(root, txns);
    if (json_string_length(start) > 0 && !patch_add(parser, 0, 0, string_of(start)))
        return false;
    history->start_patch_n = history->patch_n;
    if (!parse_end(parser, end) || !parse_txns(parser, txns))
        return false;
    uint32_t agent_n;
    if (agents != NULL && (!count_of(agents, UINT32_MAX, &agent_n) || agent_n < history->agent_n))
        return complain(parser, "there are agents that \"numAgents\" does not count");
    return true;
}

enum pl_status history_parse(const char *json, size_t len, struct history *ret_history,
                             struct complaint *ret_complaint)
{
    struct history history = {0};
    struct parser parser = {.history = &history, .complaint = ret_complaint};
    json_error_t error;
    json_t *root = json_loadb(json, len, JSON_ALLOW_NUL, &error);
    bool ok = false;
    if (root == NULL)
        complain(&parser, "no JSON: %s (line %d)", error.text, error.line);
    else
        ok = parse_root(&parser, root);
    json_decref(root);
    if (ok) {
        *ret_history = history;
        return PL_OK;
    }
    history_done(&history);
    return parser.memory_failed ? PL_NO_MEMORY : PL_MALFORMED;
}

void history_done(struct history *history)
{
    free(history->patches);
    free(history->txns);
    free(history->parents);
    free(history->text);
    free((void *)history->end.data);
    *history = (struct history){0};
}
