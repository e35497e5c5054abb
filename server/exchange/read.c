/* A document from JSON: the batches that make it, each decided like anybody's and folded at once.
 * See board_json.h.
 *
 * In order: all objects with the fields that name nothing; then the fields that name objects; texts
 * and their marks; tallies, each by a replica of its user; clocks, each in an entry of the time it
 * was set. So the objects have the ids that the JSON says: the maker is the replica, the number its
 * counter. */
#include "exchange/reading.h"
#include "proto/limits.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FORMAT_NAME "plenum-board"

/* The head of the document, and that the ids are those the import will give. */
static bool ids_check(struct reading *reading, const json_t *root)
{
    const json_t *makers = json_object_get(root, "makers");
    const char *format = json_string_value(json_object_get(root, "format"));
    if (format == NULL || strcmp(format, FORMAT_NAME) != 0)
        return reading_complain(reading,
                                "this is not a board: \"format\" is not \"" FORMAT_NAME "\"");
    if (json_integer_value(json_object_get(root, "version")) != 1)
        return reading_complain(reading, "\"version\" is not 1, the only one this Plenum knows");
    reading->objects = json_object_get(root, "objects");
    if (!json_is_array(reading->objects) || json_array_size(reading->objects) == 0 ||
        json_array_size(makers) == 0 || json_array_size(makers) > reading->maker_cap)
        return reading_complain(reading,
                                "\"makers\" and \"objects\" must be lists with something in them");
    for (size_t i = 0; i < json_array_size(makers); i++) {
        const json_t *user = json_array_get(makers, i);
        if (!json_is_integer(user) || json_integer_value(user) < 0 ||
            json_integer_value(user) > (json_int_t)PL_U53_MAX ||
            (i == 0 && json_integer_value(user) != 0))
            return reading_complain(
                reading, "\"makers\" are numbers of people, the first is the server's, 0");
        reading->makers[reading->maker_n++] = (uint64_t)json_integer_value(user);
    }
    uint32_t maker = 0;
    for (size_t i = 0; i < json_array_size(reading->objects); i++) {
        char same[24], next[24];
        const char *id =
            json_string_value(json_object_get(json_array_get(reading->objects, i), "id"));
        reading->at = i;
        snprintf(same, sizeof same, "%" PRIu32 ".%" PRIu32, maker, reading->made[maker] + 1);
        snprintf(next, sizeof next, "%" PRIu32 ".1", maker + 1);
        if (id != NULL && i > 0 && maker + 1 < reading->maker_n && strcmp(id, next) == 0)
            maker++;
        else if (id == NULL || strcmp(id, same) != 0)
            return reading_complain(
                reading, "\"id\" is not the next: objects stand by maker, and are numbered from 1");
        reading->made[maker]++;
    }
    const char *kind =
        json_string_value(json_object_get(json_array_get(reading->objects, 0), "kind"));
    reading->at = 0;
    return (kind != NULL && strcmp(kind, "board") == 0) ||
           reading_complain(reading, "the first object is not the board itself");
}

static bool each(struct reading *reading,
                 bool (*make)(struct reading *, const json_t *, struct pl_id))
{
    for (size_t i = 0; i < json_array_size(reading->objects); i++) {
        struct pl_id id;
        const json_t *object = reading_object(reading, i, &id);
        if (object == NULL || !make(reading, object, id))
            return false;
    }
    return reading_flush(reading);
}

static void build(struct reading *reading, const json_t *root)
{
    struct pl_buf clocks;
    pl_buf_init(&clocks, reading->mem);
    if (ids_check(reading, root) && clocks_find(reading, &clocks)) {
        (void)(each(reading, part_create) && part_gone(reading) && each(reading, part_names) &&
               each(reading, part_texts) && each(reading, part_tallies) &&
               clocks_set(reading, &clocks) && each(reading, part_locks));
    }
    pl_buf_done(&clocks);
}

static bool reading_init(struct reading *reading, size_t object_n)
{
    reading->maker_cap =
        (uint32_t)(object_n < PL_REPLICAS_MAX / 2 ? object_n : PL_REPLICAS_MAX / 2) +
        PL_TALLIES_MAX;
    reading->makers = pl_mem_get(reading->mem, reading->maker_cap * sizeof *reading->makers);
    reading->made = pl_mem_get(reading->mem, reading->maker_cap * sizeof *reading->made);
    if (reading->makers == NULL || reading->made == NULL)
        return false;
    memset(reading->made, 0, reading->maker_cap * sizeof *reading->made);
    return true;
}

enum pl_status board_json_read(const struct pl_mem *mem, struct pl_slice json, uint64_t now_ms,
                               struct board_import *ret_import,
                               char ret_error[BOARD_JSON_ERROR_BYTES])
{
    json_error_t where;
    json_t *root = json_loadb((const char *)json.data, json.len,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &where);
    if (root == NULL) {
        snprintf(ret_error, BOARD_JSON_ERROR_BYTES, "line %d: %.150s", where.line, where.text);
        return PL_INVALID;
    }
    struct board_import import = {.doc = pl_doc_new(mem)};
    struct reading reading = {.mem = mem, .import = &import, .now_ms = now_ms};
    pl_buf_init(&import.envelopes, mem);
    pl_buf_init(&reading.ops, mem);
    pl_buf_init(&reading.body, mem);
    pl_buf_init(&reading.value, mem);
    if (import.doc == NULL ||
        !reading_init(&reading, json_array_size(json_object_get(root, "objects"))))
        reading.status = PL_NO_MEMORY;
    else
        build(&reading, root);
    if (reading.status == PL_OK && import.envelopes.failed)
        reading.status = PL_NO_MEMORY;
    if (reading.status == PL_INVALID)
        snprintf(ret_error, BOARD_JSON_ERROR_BYTES, "objects[%zu]: %s", reading.at, reading.wrong);
    import.replica_n = reading.maker_n;
    pl_buf_done(&reading.ops);
    pl_buf_done(&reading.body);
    pl_buf_done(&reading.value);
    pl_mem_put(mem, reading.makers);
    pl_mem_put(mem, reading.made);
    json_decref(root);
    if (reading.status == PL_OK)
        *ret_import = import;
    else
        board_import_done(&import);
    return reading.status;
}

void board_import_done(struct board_import *import)
{
    pl_doc_free(import->doc);
    pl_buf_done(&import->envelopes);
    *import = (struct board_import){0};
}
