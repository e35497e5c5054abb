/* See reading.h. Each batch is decided like anybody's and folded at once. */
#include "exchange/reading.h"
#include "exchange/names.h"
#include "exchange/value_json.h"
#include "proto/op_write.h"
#include "proto/value.h"
#include <string.h>

#define BATCH_OPS   1000u
#define BATCH_BYTES (64u * 1024u)

bool reading_complain(struct reading *reading, const char *wrong)
{
    if (reading->status == PL_OK) {
        reading->status = PL_INVALID;
        reading->wrong = wrong;
    }
    return false;
}

bool reading_fail(struct reading *reading, enum pl_status status)
{
    if (status == PL_NO_MEMORY)
        reading->status = PL_NO_MEMORY;
    else
        reading_complain(reading, pl_status_text(status));
    return false;
}

/* The batch becomes the next entry. */
bool reading_flush(struct reading *reading)
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
        return reading_fail(reading, PL_NO_MEMORY);
    const struct pl_envelope envelope = {.seq = pl_doc_head(doc) + 1,
                                         .user = reading->makers[reading->replica],
                                         .srv_ms = reading->srv_ms,
                                         .body = pl_buf_slice(&reading->body)};
    enum pl_role role = reading->replica == PL_REPLICA_SERVER ? PL_ROLE_SERVER : PL_ROLE_OWNER;
    enum pl_status status = pl_doc_decide(doc, envelope.body, envelope.user, role, &batch);
    if (status == PL_OK)
        status = pl_doc_apply(doc, &envelope, NULL);
    if (status != PL_OK)
        return reading_fail(reading, status);
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
        !reading_flush(reading))
        return false;
    reading->replica = replica;
    reading->op_n++;
    return reading->status == PL_OK;
}

bool reading_op(struct reading *reading, uint32_t replica, const struct pl_op *op)
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
bool reading_value(struct reading *reading, uint32_t field, const json_t *json)
{
    struct pl_buf *value = &reading->value;
    pl_buf_clear(value);
    if (!value_json_read(json, value))
        return reading_complain(
            reading, "a value is neither JSON that a field can hold nor {\"$msgpack\": base64}");
    if (!pl_value_names(field))
        return true;
    struct pl_buf named;
    struct pl_reader reader = pl_reader_of(pl_buf_slice(value));
    pl_buf_init(&named, reading->mem);
    bool good =
        pl_value_filter(field, &reader, ref_read, reading, &named) && pl_reader_done(&reader);
    pl_buf_done(value);
    *value = named;
    return good ||
           reading_complain(reading, "a field does not name objects of this document as it should");
}

const json_t *reading_object(struct reading *reading, size_t at, struct pl_id *ret_id)
{
    const json_t *object = json_array_get(reading->objects, at);
    const json_t *id = json_object_get(object, "id");
    const struct pl_slice text = {(const uint8_t *)json_string_value(id), json_string_length(id)};
    reading->at = at;
    return id_parse(reading, text, ret_id) ? object
                                           : NULL; /* checked by ids_check before anything else */
}

bool reading_field(struct reading *reading, const char *name, uint32_t *ret_field)
{
    return name_read(NAME_FIELD, name, ret_field) ||
           reading_complain(reading, "there is no such field");
}
