/* A document from JSON: the batches that make it, each decided like anybody's and folded at once.
 * See board_json.h.
 *
 * In order: all objects with the fields that name nothing; then the fields that name objects; texts
 * and their marks; tallies, each by a replica of its user; clocks, each in an entry of the time it
 * was set. So the objects have the ids that the JSON says: the maker is the replica, the number its
 * counter. */
#include "exchange/board_json.h"
#include "exchange/names.h"
#include "exchange/value_json.h"
#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/object.h"
#include "proto/op_write.h"
#include "proto/value.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_OPS   1000u
#define BATCH_BYTES (64u * 1024u)
#define DAY_MS      86400000u /* another server's clock may be ahead, within reason */
#define FORMAT_NAME "plenum-board"

struct reading {
    const struct pl_mem *mem;
    struct board_import *import;
    const json_t *objects;
    uint64_t *makers; /* users, by replica */
    uint32_t maker_n, maker_cap;
    uint32_t *made;    /* objects of each maker */
    struct pl_id gone; /* issued, and no object: what a reference to something deleted names */
    uint64_t now_ms, srv_ms;
    struct pl_buf ops; /* of the batch being built */
    uint32_t op_n;
    uint32_t replica;
    struct pl_buf body, value;
    size_t at;         /* the object in hand, for complaints */
    const char *wrong; /* NULL: nothing */
    enum pl_status status;
};

static bool complain(struct reading *reading, const char *wrong)
{
    if (reading->status == PL_OK) {
        reading->status = PL_INVALID;
        reading->wrong = wrong;
    }
    return false;
}

static bool fail(struct reading *reading, enum pl_status status)
{
    if (status == PL_NO_MEMORY)
        reading->status = PL_NO_MEMORY;
    else
        complain(reading, pl_status_text(status));
    return false;
}

/* The batch becomes the next entry. */
static bool flush(struct reading *reading)
{
    struct pl_doc *doc = reading->import->doc;
    struct pl_replica_row row = {0};
    struct pl_batch batch;
    if (reading->op_n == 0 || reading->status != PL_OK)
        return reading->status == PL_OK;
    (void)pl_doc_replica(doc, reading->replica, &row);
    pl_buf_clear(&reading->body);
    pl_batch_write(&reading->body, reading->replica, row.hwm + 1, pl_doc_lam(doc) + 1,
                   reading->op_n, pl_buf_slice(&reading->ops));
    if (reading->body.failed || reading->ops.failed)
        return fail(reading, PL_NO_MEMORY);
    const struct pl_envelope envelope = {.seq = pl_doc_head(doc) + 1,
                                         .user = reading->makers[reading->replica],
                                         .srv_ms = reading->srv_ms,
                                         .body = pl_buf_slice(&reading->body)};
    enum pl_role role = reading->replica == PL_REPLICA_SERVER ? PL_ROLE_SERVER : PL_ROLE_OWNER;
    enum pl_status status = pl_doc_decide(doc, envelope.body, envelope.user, role, &batch);
    if (status == PL_OK)
        status = pl_doc_apply(doc, &envelope, NULL);
    if (status != PL_OK)
        return fail(reading, status);
    pl_envelope_write(&reading->import->envelopes, &envelope);
    reading->import->entry_n++;
    pl_buf_clear(&reading->ops);
    reading->op_n = 0;
    return true;
}

/* Room for one more op of the replica's. */
static bool begin(struct reading *reading, uint32_t replica)
{
    if (reading->op_n > 0 &&
        (reading->replica != replica || reading->op_n >= BATCH_OPS ||
         reading->ops.len >= BATCH_BYTES) &&
        !flush(reading))
        return false;
    reading->replica = replica;
    reading->op_n++;
    return reading->status == PL_OK;
}

static bool op_add(struct reading *reading, uint32_t replica, const struct pl_op *op)
{
    if (!begin(reading, replica))
        return false;
    pl_op_write(&reading->ops, op);
    return true;
}

/* "maker.n" of an object the document has, or will have. */
static bool id_parse(const struct reading *reading, struct pl_slice text, struct pl_id *ret_id)
{
    uint64_t parts[2] = {0, 0};
    size_t part = 0, digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.' && part == 0 && digits > 0) {
            part = 1;
            digits = 0;
            continue;
        }
        if (text.data[i] < '0' || text.data[i] > '9' || ++digits > 9)
            return false;
        parts[part] = parts[part] * 10 + (uint64_t)(text.data[i] - '0');
    }
    if (part != 1 || digits == 0 || parts[0] >= reading->maker_n || parts[1] == 0 ||
        parts[1] > reading->made[parts[0]])
        return false;
    *ret_id = (struct pl_id){(uint32_t)parts[0], parts[1]};
    return true;
}

static bool ref_read(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_slice text;
    struct pl_id id;
    const struct reading *reading = user;
    if (!pl_read_str(reader, &text))
        return false;
    if (text.len == 4 && memcmp(text.data, "gone", 4) == 0)
        id = reading->gone;
    else if (!id_parse(reading, text, &id))
        return false;
    pl_write_id(buf, id);
    return true;
}

/* The value of a field, into reading->value. */
static bool value_of(struct reading *reading, uint32_t field, const json_t *json)
{
    struct pl_buf *value = &reading->value;
    pl_buf_clear(value);
    if (!value_json_read(json, value))
        return complain(reading,
                        "a value is neither JSON that a field can hold nor {\"$msgpack\": base64}");
    if (!pl_value_names(field))
        return true;
    struct pl_buf named;
    struct pl_reader reader = pl_reader_of(pl_buf_slice(value));
    pl_buf_init(&named, reading->mem);
    bool good =
        pl_value_filter(field, &reader, ref_read, reading, &named) && pl_reader_done(&reader);
    pl_buf_done(value);
    *value = named;
    return good || complain(reading, "a field does not name objects of this document as it should");
}

static bool is_clock(uint32_t field)
{
    return pl_field_type(field) == PL_VALUE_CLOCK;
}

static const json_t *object_at(struct reading *reading, size_t at, struct pl_id *ret_id)
{
    const json_t *object = json_array_get(reading->objects, at);
    const json_t *id = json_object_get(object, "id");
    const struct pl_slice text = {(const uint8_t *)json_string_value(id), json_string_length(id)};
    reading->at = at;
    return id_parse(reading, text, ret_id) ? object
                                           : NULL; /* checked by ids_check before anything else */
}

static bool field_number(struct reading *reading, const char *name, uint32_t *ret_field)
{
    return name_read(NAME_FIELD, name, ret_field) || complain(reading, "there is no such field");
}

/* All objects, with what names nothing. */
static bool create(struct reading *reading, const json_t *object, struct pl_id id)
{
    const json_t *kind = json_object_get(object, "kind");
    json_t *fields = json_object_get(object, "fields"), *json;
    struct pl_op op = {.code = PL_OP_CREATE};
    struct pl_buf pairs;
    const char *name;
    uint32_t field;
    if (!json_is_string(kind) || !name_read(NAME_KIND, json_string_value(kind), &op.kind))
        return complain(reading, "\"kind\" is not the name of one");
    pl_buf_init(&pairs, reading->mem);
    json_object_foreach(fields, name, json)
    {
        if (!field_number(reading, name, &field))
            break;
        if (pl_value_names(field) || is_clock(field))
            continue;
        if (!value_of(reading, field, json))
            break;
        pl_write_uint(&pairs, field);
        pl_write_raw(&pairs, pl_buf_slice(&reading->value));
        op.value_n++;
    }
    op.value = pl_buf_slice(&pairs);
    bool good = reading->status == PL_OK && !pairs.failed && op_add(reading, id.replica, &op);
    if (pairs.failed)
        fail(reading, PL_NO_MEMORY);
    pl_buf_done(&pairs);
    return good;
}

static bool set_names(struct reading *reading, const json_t *object, struct pl_id id)
{
    json_t *fields = json_object_get(object, "fields"), *json;
    const char *name;
    struct pl_op op = {.code = PL_OP_SET, .object = id};
    json_object_foreach(fields, name, json)
    {
        if (!field_number(reading, name, &op.field))
            return false;
        if (!pl_value_names(op.field))
            continue;
        if (!value_of(reading, op.field, json))
            return false;
        op.value = pl_buf_slice(&reading->value);
        if (!op_add(reading, id.replica, &op))
            return false;
    }
    return true;
}

static bool make_gone(struct reading *reading)
{
    const struct pl_op skip = {.code = PL_OP_SKIP, .value_n = 1};
    reading->gone = (struct pl_id){PL_REPLICA_SERVER, reading->made[0] + 1};
    return op_add(reading, PL_REPLICA_SERVER, &skip) && flush(reading);
}

/* Where a mark's end goes: units and scalars of the text counted along. */
static struct pl_id scalar_at(struct pl_slice utf8, struct pl_id first, size_t utf16)
{
    uint64_t n = 0;
    size_t units = 0;
    for (size_t i = 0; i < utf8.len && units < utf16; i++) {
        if ((utf8.data[i] & 0xc0u) == 0x80u)
            continue;
        n++;
        units += utf8.data[i] >= 0xf0 ? 2 : 1;
    }
    return (struct pl_id){first.replica, first.ctr + n};
}

static size_t utf16_of(struct pl_slice utf8)
{
    size_t units = 0;
    for (size_t i = 0; i < utf8.len; i++)
        units += (utf8.data[i] & 0xc0u) == 0x80u ? 0 : utf8.data[i] >= 0xf0 ? 2 : 1;
    return units;
}

static bool mark(struct reading *reading, const json_t *json, struct pl_op *op,
                 struct pl_slice utf8, struct pl_id first)
{
    const json_t *kind = json_array_get(json, 0);
    const json_int_t at = json_integer_value(json_array_get(json, 1)),
                     n = json_integer_value(json_array_get(json, 2));
    const size_t units = utf16_of(utf8);
    if (!json_is_string(kind) || !name_read(NAME_MARK, json_string_value(kind), &op->sub) ||
        at < 0 || n < 1 || (size_t)at >= units || (size_t)n > units - (size_t)at)
        return complain(reading, "a mark is not [\"kind\", at, n, value] within its text");
    pl_buf_clear(&reading->value);
    if (!value_json_read(json_array_get(json, 3), &reading->value))
        return complain(reading, "a mark's value is none");
    const size_t end = (size_t)at + (size_t)n;
    op->code = PL_OP_MARK;
    op->value = pl_buf_slice(&reading->value);
    op->left = scalar_at(utf8, first, (size_t)at);
    op->left_after = false;
    op->right = (struct pl_id){0}; /* the text's end */
    op->right_after = !pl_mark_grows(op->sub);
    if (op->right_after)
        op->right = scalar_at(utf8, first, end - 1);
    else if (end < units)
        op->right = scalar_at(utf8, first, end);
    return op_add(reading, first.replica, op);
}

static bool text_one(struct reading *reading, const json_t *json, struct pl_op *op,
                     struct pl_id object)
{
    const json_t *text = json_object_get(json, "text");
    const json_t *marks = json_object_get(json, "marks");
    struct pl_replica_row row = {0};
    if (!json_is_string(text) || json_string_length(text) == 0)
        return complain(reading, "a text is not {\"text\": \"...\"} with something in it");
    if (!flush(reading)) /* so that the row tells which ids it will get */
        return false;
    (void)pl_doc_replica(reading->import->doc, object.replica, &row);
    const struct pl_id first = {object.replica, row.hwm + 1};
    op->code = PL_OP_INSERT;
    op->text =
        (struct pl_slice){(const uint8_t *)json_string_value(text), json_string_length(text)};
    op->left = op->right = (struct pl_id){0};
    if (!op_add(reading, object.replica, op))
        return false;
    const struct pl_slice utf8 = op->text;
    for (size_t i = 0; i < json_array_size(marks); i++) {
        if (!mark(reading, json_array_get(marks, i), op, utf8, first))
            return false;
    }
    return true;
}

static bool texts(struct reading *reading, const json_t *object, struct pl_id id)
{
    json_t *all = json_object_get(object, "texts"), *json;
    const char *name;
    json_object_foreach(all, name, json)
    {
        struct pl_op op = {.object = id};
        if (!field_number(reading, name, &op.field) || !text_one(reading, json, &op, id))
            return false;
    }
    return true;
}

static bool replica_of(struct reading *reading, uint64_t user, uint32_t *ret_replica)
{
    for (uint32_t i = 1; i < reading->maker_n; i++) {
        if (reading->makers[i] == user) {
            *ret_replica = i;
            return true;
        }
    }
    if (reading->maker_n == reading->maker_cap)
        return complain(reading, "too many people reacted");
    reading->made[reading->maker_n] = 0;
    reading->makers[ *ret_replica = reading->maker_n++] = user;
    return true;
}

static bool tallies(struct reading *reading, const json_t *object, struct pl_id id)
{
    const json_t *all = json_object_get(object, "tallies");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *json = json_array_get(all, i);
        const json_int_t user = json_integer_value(json_array_get(json, 1));
        const json_int_t sub = json_integer_value(json_array_get(json, 2));
        const json_int_t value = json_integer_value(json_array_get(json, 3));
        struct pl_op op = {.code = PL_OP_TALLY, .object = id};
        const char *name = json_string_value(json_array_get(json, 0));
        uint32_t replica;
        if (name == NULL || user < 0 || user > (json_int_t)PL_U53_MAX || sub < 0 ||
            sub > UINT32_MAX || value < 1 || value > UINT32_MAX)
            return complain(reading, "a tally is not [\"field\", user, sub, value]");
        op.sub = (uint32_t)sub;
        op.value_n = (uint32_t)value;
        if (!field_number(reading, name, &op.field) ||
            !replica_of(reading, (uint64_t)user, &replica) || !op_add(reading, replica, &op))
            return false;
    }
    return true;
}

/* Clocks, in the order in which they were set: the journal's time never goes back. */
struct clock {
    struct pl_id object;
    uint32_t field;
    uint64_t srv_ms;
    size_t at;
    const json_t *json;
};

static int compare_clocks(const void *a, const void *b)
{
    const struct clock *left = a, *right = b;
    if (left->srv_ms != right->srv_ms)
        return left->srv_ms < right->srv_ms ? -1 : 1;
    return pl_id_compare(left->object, right->object);
}

static bool clocks_find(struct reading *reading, struct pl_buf *ret_clocks)
{
    for (size_t i = 0; i < json_array_size(reading->objects); i++) {
        struct clock clock = {.at = i};
        const json_t *object = object_at(reading, i, &clock.object);
        json_t *fields = json_object_get(object, "fields"), *json;
        const char *name;
        json_object_foreach(fields, name, json)
        {
            if (!field_number(reading, name, &clock.field))
                return false;
            if (!is_clock(clock.field))
                continue;
            const json_int_t srv_ms = json_integer_value(json_array_get(json, 3));
            if (json_array_size(json) != 4 || srv_ms < 0 ||
                (uint64_t)srv_ms > reading->now_ms + DAY_MS)
                return complain(reading, "a clock is not [state, ms, rate, when it was set]");
            clock.srv_ms = (uint64_t)srv_ms;
            clock.json = json;
            pl_buf_append(ret_clocks, &clock, sizeof clock);
        }
    }
    if (ret_clocks->failed)
        return fail(reading, PL_NO_MEMORY);
    if (ret_clocks->len > 0)
        qsort(ret_clocks->data, ret_clocks->len / sizeof(struct clock), sizeof(struct clock),
              compare_clocks);
    return true;
}

static bool clocks_set(struct reading *reading, const struct pl_buf *clocks)
{
    const struct clock *all = (const struct clock *)clocks->data;
    for (size_t i = 0; i < clocks->len / sizeof *all; i++) {
        struct pl_op op = {.code = PL_OP_SET, .object = all[i].object, .field = all[i].field};
        reading->at = all[i].at;
        pl_buf_clear(&reading->value);
        pl_write_array(&reading->value, 3);
        for (size_t k = 0; k < 3; k++) {
            if (!value_json_read(json_array_get(all[i].json, k), &reading->value))
                return complain(reading, "a clock is not [state, ms, rate, when it was set]");
        }
        op.value = pl_buf_slice(&reading->value);
        if (!flush(reading))
            return false;
        reading->srv_ms = all[i].srv_ms;
        if (!op_add(reading, op.object.replica, &op))
            return false;
    }
    return true;
}

/* The head of the document, and that the ids are those the import will give. */
static bool ids_check(struct reading *reading, const json_t *root)
{
    const json_t *makers = json_object_get(root, "makers");
    const char *format = json_string_value(json_object_get(root, "format"));
    if (format == NULL || strcmp(format, FORMAT_NAME) != 0)
        return complain(reading, "this is not a board: \"format\" is not \"" FORMAT_NAME "\"");
    if (json_integer_value(json_object_get(root, "version")) != 1)
        return complain(reading, "\"version\" is not 1, the only one this Plenum knows");
    reading->objects = json_object_get(root, "objects");
    if (!json_is_array(reading->objects) || json_array_size(reading->objects) == 0 ||
        json_array_size(makers) == 0 || json_array_size(makers) > reading->maker_cap)
        return complain(reading, "\"makers\" and \"objects\" must be lists with something in them");
    for (size_t i = 0; i < json_array_size(makers); i++) {
        const json_t *user = json_array_get(makers, i);
        if (!json_is_integer(user) || json_integer_value(user) < 0 ||
            json_integer_value(user) > (json_int_t)PL_U53_MAX ||
            (i == 0 && json_integer_value(user) != 0))
            return complain(reading,
                            "\"makers\" are numbers of people, the first is the server's, 0");
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
            return complain(
                reading, "\"id\" is not the next: objects stand by maker, and are numbered from 1");
        reading->made[maker]++;
    }
    const char *kind =
        json_string_value(json_object_get(json_array_get(reading->objects, 0), "kind"));
    reading->at = 0;
    return (kind != NULL && strcmp(kind, "board") == 0) ||
           complain(reading, "the first object is not the board itself");
}

static bool each(struct reading *reading,
                 bool (*make)(struct reading *, const json_t *, struct pl_id))
{
    for (size_t i = 0; i < json_array_size(reading->objects); i++) {
        struct pl_id id;
        const json_t *object = object_at(reading, i, &id);
        if (object == NULL || !make(reading, object, id))
            return false;
    }
    return flush(reading);
}

static void build(struct reading *reading, const json_t *root)
{
    struct pl_buf clocks;
    pl_buf_init(&clocks, reading->mem);
    if (ids_check(reading, root) && clocks_find(reading, &clocks)) {
        reading->srv_ms =
            clocks.len == 0 ? reading->now_ms : ((const struct clock *)clocks.data)->srv_ms;
        (void)(each(reading, create) && make_gone(reading) && each(reading, set_names) &&
               each(reading, texts) && each(reading, tallies) && clocks_set(reading, &clocks) &&
               flush(reading));
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
