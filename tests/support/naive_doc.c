/* See naive_doc.h. Rules O2, O4, O5, O8, O9, B3, B7, B8, G1, D2. */
#include "naive_doc.h"
#include "naive_list.h"
#include "naive_text.h"
#include "proto/object.h"
#include "proto/value.h"

struct reg {
    uint32_t field;
    struct pl_stamp stamp;
    uint8_t *value; /* owned */
    size_t value_len;
};

struct text_field {
    uint32_t field;
    struct naive_text *text; /* owned */
};

struct object {
    struct pl_id id;
    uint32_t kind;
    uint32_t found_dead; /* by how many collections, since `alive` was last written */
    struct reg *regs;
    size_t reg_n;
    struct text_field *texts;
    size_t text_n;
    struct pl_tally *tallies;
    size_t tally_n;
};

struct naive_doc {
    struct object *objects;
    size_t object_n;
    struct pl_replica_row *rows;
    size_t row_n;
    bool honest;
};

struct naive_doc *naive_doc_new(bool honest)
{
    struct naive_doc *doc = naive_grow(NULL, 0, sizeof *doc);
    *doc = (struct naive_doc){.honest = honest};
    return doc;
}

static void object_done(struct object *object)
{
    for (size_t i = 0; i < object->reg_n; i++)
        free(object->regs[i].value);
    for (size_t i = 0; i < object->text_n; i++)
        naive_text_free(object->texts[i].text);
    free(object->regs);
    free(object->texts);
    free(object->tallies);
}

void naive_doc_free(struct naive_doc *doc_or_null)
{
    if (doc_or_null == NULL)
        return;
    for (size_t i = 0; i < doc_or_null->object_n; i++)
        object_done(&doc_or_null->objects[i]);
    free(doc_or_null->objects);
    free(doc_or_null->rows);
    free(doc_or_null);
}

/* Finding. */

static bool differs(const char **ret_reason, const char *reason)
{
    *ret_reason = reason;
    return false;
}

static struct object *object_of(const struct naive_doc *doc, struct pl_id id)
{
    for (size_t i = 0; i < doc->object_n; i++)
        if (pl_id_equal(doc->objects[i].id, id))
            return &doc->objects[i];
    return NULL;
}

static struct reg *reg_of(const struct object *object, uint32_t field)
{
    for (size_t i = 0; i < object->reg_n; i++)
        if (object->regs[i].field == field)
            return &object->regs[i];
    return NULL;
}

static struct naive_text *text_of(const struct object *object, uint32_t field)
{
    for (size_t i = 0; i < object->text_n; i++)
        if (object->texts[i].field == field)
            return object->texts[i].text;
    return NULL;
}

static struct pl_replica_row *row_of(const struct naive_doc *doc, uint32_t replica)
{
    for (size_t i = 0; i < doc->row_n; i++)
        if (doc->rows[i].replica == replica)
            return &doc->rows[i];
    return NULL;
}

/* Folding. */

static void write_register(struct object *object, uint32_t field, struct pl_stamp stamp, struct pl_slice value)
{
    struct reg *reg = reg_of(object, field);
    if (reg != NULL && pl_stamp_compare(stamp, reg->stamp) <= 0)
        return;
    if (reg == NULL) {
        NAIVE_INSERT(object->regs, object->reg_n, object->reg_n);
        reg = &object->regs[object->reg_n - 1];
        *reg = (struct reg){.field = field};
    }
    reg->stamp = stamp;
    reg->value_len = value.len;
    reg->value = naive_grow(reg->value, value.len, 1);
    memcpy(reg->value, value.data, value.len);
    if (field == PL_FIELD_ALIVE)
        object->found_dead = 0;
}

/* O9: a clock is kept with the time it was written. */
static void write_value(struct object *object, uint32_t field, const struct pl_op *op, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    struct pl_buf clock;
    uint32_t parts;
    if (pl_field_type(field) != PL_VALUE_CLOCK || !pl_read_array(&reader, &parts)) {
        write_register(object, field, op->stamp, value);
        return;
    }
    pl_buf_init(&clock, pl_mem_libc());
    pl_write_array(&clock, parts + 1);
    pl_write_raw(&clock, (struct pl_slice){reader.at, (size_t)(reader.end - reader.at)});
    pl_write_uint(&clock, op->srv_ms);
    write_register(object, field, op->stamp, pl_buf_slice(&clock));
    pl_buf_done(&clock);
}

static bool fold_create(struct naive_doc *doc, const struct pl_op *op)
{
    static const uint8_t yes = 0xc3;
    struct pl_reader reader = pl_reader_of(op->value);
    if (object_of(doc, op->id) != NULL)
        return false;
    NAIVE_INSERT(doc->objects, doc->object_n, doc->object_n);
    struct object *object = &doc->objects[doc->object_n - 1];
    *object = (struct object){.id = op->id, .kind = op->kind};
    write_register(object, PL_FIELD_ALIVE, op->stamp, (struct pl_slice){&yes, 1});
    for (uint32_t i = 0; i < op->value_n; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field) || !pl_read_raw(&reader, &value))
            return false;
        write_value(object, field, op, value);
    }
    return true;
}

static struct naive_text *text_made(const struct naive_doc *doc, struct object *object, uint32_t field)
{
    if (text_of(object, field) == NULL) {
        NAIVE_INSERT(object->texts, object->text_n, object->text_n);
        object->texts[object->text_n - 1] = (struct text_field){field, naive_text_new(doc->honest)};
    }
    return text_of(object, field);
}

static bool fold_insert(const struct naive_doc *doc, struct object *object, const struct pl_op *op)
{
    return naive_text_insert(text_made(doc, object, op->field), op->id, op->left, op->right, op->text);
}

/* M1, M4: a turn of a mark that is gone does nothing. */
static bool fold_mark(const struct naive_doc *doc, struct object *object, const struct pl_op *op)
{
    if (op->code == PL_OP_MARK)
        return naive_text_mark(text_made(doc, object, op->field), op);
    if (text_of(object, op->field) != NULL)
        naive_text_turn(text_of(object, op->field), op);
    return true;
}

static bool fold_delete(struct object *object, const struct pl_op *op)
{
    struct naive_text *text = text_of(object, op->field);
    struct pl_reader reader = pl_reader_of(op->value);
    for (uint32_t i = 0; i < op->value_n; i++) {
        struct pl_id_range range;
        if (!pl_read_range(&reader, &range))
            return false;
        if (text != NULL)
            naive_text_delete(text, range);
    }
    return true;
}

/* O8: a register for each user and sub. */
static bool fold_tally(struct object *object, const struct pl_op *op)
{
    const struct pl_tally fresh = {
        .field = op->field, .sub = op->sub, .user = op->user, .value = op->value_n, .stamp = op->stamp};
    for (size_t i = 0; i < object->tally_n; i++) {
        struct pl_tally *tally = &object->tallies[i];
        if (tally->field != fresh.field || tally->sub != fresh.sub || tally->user != fresh.user)
            continue;
        if (pl_stamp_compare(fresh.stamp, tally->stamp) > 0)
            *tally = fresh;
        return true;
    }
    NAIVE_INSERT(object->tallies, object->tally_n, object->tally_n);
    object->tallies[object->tally_n - 1] = fresh;
    return true;
}

static bool is_alive(const struct object *object)
{
    const struct reg *alive = reg_of(object, PL_FIELD_ALIVE);
    return alive != NULL && alive->value_len == 1 && alive->value[0] == 0xc3;
}

/* G1. */
static bool fold_collect(struct naive_doc *doc)
{
    size_t kept = 0;
    for (size_t i = 0; i < doc->object_n; i++) {
        struct object *object = &doc->objects[i];
        if (object->found_dead == 2) {
            object_done(object);
            continue;
        }
        object->found_dead += is_alive(object) ? 0 : 1;
        for (size_t k = 0; k < object->text_n; k++)
            naive_text_collect(object->texts[k].text);
        doc->objects[kept++] = *object;
    }
    doc->object_n = kept;
    return true;
}

static struct pl_replica_row *row_made(struct naive_doc *doc, uint32_t replica)
{
    struct pl_replica_row *row = row_of(doc, replica);
    if (row != NULL)
        return row;
    NAIVE_INSERT(doc->rows, doc->row_n, doc->row_n);
    doc->rows[doc->row_n - 1] = (struct pl_replica_row){.replica = replica};
    return &doc->rows[doc->row_n - 1];
}

static struct object object_clone(const struct object *object)
{
    struct object clone = {.id = object->id, .kind = object->kind};
    for (size_t i = 0; i < object->reg_n; i++) {
        const struct reg *reg = &object->regs[i];
        write_register(&clone, reg->field, reg->stamp, (struct pl_slice){reg->value, reg->value_len});
    }
    clone.found_dead = object->found_dead;
    for (size_t i = 0; i < object->tally_n; i++) {
        NAIVE_INSERT(clone.tallies, clone.tally_n, i);
        clone.tallies[i] = object->tallies[i];
    }
    for (size_t i = 0; i < object->text_n; i++) {
        NAIVE_INSERT(clone.texts, clone.text_n, i);
        clone.texts[i] = (struct text_field){object->texts[i].field, naive_text_clone(object->texts[i].text)};
    }
    return clone;
}

struct naive_doc *naive_doc_clone(const struct naive_doc *doc)
{
    struct naive_doc *clone = naive_doc_new(doc->honest);
    for (size_t i = 0; i < doc->object_n; i++) {
        NAIVE_INSERT(clone->objects, clone->object_n, i);
        clone->objects[i] = object_clone(&doc->objects[i]);
    }
    for (size_t i = 0; i < doc->row_n; i++) {
        NAIVE_INSERT(clone->rows, clone->row_n, i);
        clone->rows[i] = doc->rows[i];
    }
    return clone;
}

/* D2. */
static bool fold_adopt(struct naive_doc *doc, const struct naive_doc *adopted_or_null)
{
    if (adopted_or_null == NULL)
        return false;
    for (size_t i = 0; i < adopted_or_null->row_n; i++) {
        struct pl_replica_row *row = row_made(doc, adopted_or_null->rows[i].replica);
        if (row->replica == PL_REPLICA_SERVER)
            continue;
        if (row->hwm < adopted_or_null->rows[i].hwm)
            *row = adopted_or_null->rows[i];
    }
    for (size_t i = 0; i < adopted_or_null->object_n; i++) {
        const struct object *object = &adopted_or_null->objects[i];
        if (!is_alive(object) || object->id.replica == PL_REPLICA_SERVER || object_of(doc, object->id) != NULL)
            continue;
        const struct object clone = object_clone(object);
        NAIVE_INSERT(doc->objects, doc->object_n, doc->object_n);
        doc->objects[doc->object_n - 1] = clone;
    }
    return true;
}

static bool fold(struct naive_doc *doc, const struct pl_op *op, const struct naive_doc *adopted_or_null)
{
    struct object *object = object_of(doc, op->object);
    switch (op->code) {
    case PL_OP_CREATE:
        return fold_create(doc, op);
    case PL_OP_SET:
        if (object != NULL)
            write_value(object, op->field, op, op->value);
        return object != NULL;
    case PL_OP_INSERT:
        return object != NULL && fold_insert(doc, object, op);
    case PL_OP_DELETE:
        return object != NULL && fold_delete(object, op);
    case PL_OP_TALLY:
        return object != NULL && fold_tally(object, op);
    case PL_OP_MARK:
    case PL_OP_TURN:
        return object != NULL && fold_mark(doc, object, op);
    case PL_OP_SKIP:
        return true;
    case PL_OP_COLLECT:
        return fold_collect(doc);
    case PL_OP_ADOPT:
        return fold_adopt(doc, adopted_or_null);
    }
    return false;
}

bool naive_doc_apply(struct naive_doc *doc, const struct pl_envelope *envelope,
                     const struct naive_doc *adopted_or_null, const char **ret_reason)
{
    struct pl_batch batch;
    struct pl_op op;
    if (pl_batch_read(envelope->body, true, &batch) != PL_OK)
        return differs(ret_reason, "the naive engine cannot read an entry");
    struct pl_replica_row *row = row_made(doc, batch.replica);
    if (batch.ctr0 != row->hwm + 1)
        return differs(ret_reason, "the naive engine misses counters");
    row->user = envelope->user;
    row->hwm += batch.ctr_n;
    if (batch.refusal != PL_OK)
        return true;
    struct pl_op_iter iter = pl_batch_ops(&batch);
    iter.user = envelope->user;
    iter.srv_ms = envelope->srv_ms;
    while (pl_op_next(&iter, &op)) {
        if (!fold(doc, &op, adopted_or_null))
            return differs(ret_reason, "the naive engine cannot fold an op");
    }
    return true;
}

void naive_doc_pend(struct naive_doc *doc, uint64_t user, struct pl_slice body)
{
    struct pl_batch batch;
    struct pl_op op;
    if (pl_batch_read(body, false, &batch) != PL_OK)
        return;
    struct pl_op_iter iter = pl_batch_ops(&batch);
    iter.user = user;
    while (pl_op_next(&iter, &op))
        (void)fold(doc, &op, NULL);
}

/* Comparing. */

static bool registers_agree(const struct object *object, const struct pl_object *engine)
{
    struct pl_register found;
    for (size_t i = 0; i < object->reg_n; i++) {
        const struct reg *reg = &object->regs[i];
        if (!pl_object_register(engine, reg->field, &found) || found.field != reg->field ||
            pl_stamp_compare(found.stamp, reg->stamp) != 0 ||
            !pl_slice_equal(found.value, (struct pl_slice){reg->value, reg->value_len}))
            return false;
    }
    return !pl_object_register_at(engine, object->reg_n, &found);
}

static bool tallies_agree(const struct object *object, const struct pl_object *engine)
{
    struct pl_tally found;
    for (size_t i = 0; i < object->tally_n; i++) {
        const struct pl_tally *tally = &object->tallies[i];
        if (!pl_object_tally(engine, tally->field, tally->user, tally->sub, &found) ||
            found.value != tally->value || pl_stamp_compare(found.stamp, tally->stamp) != 0)
            return false;
    }
    return pl_object_tally_n(engine) == object->tally_n;
}

static bool texts_agree(const struct object *object, const struct pl_object *engine, const char **ret_reason)
{
    uint32_t field;
    for (size_t i = 0; i < object->text_n; i++) {
        const struct pl_text *text = pl_object_text(engine, object->texts[i].field);
        if (text == NULL)
            return differs(ret_reason, "a text is missing that the naive engine has");
        if (!naive_text_agrees(object->texts[i].text, text, ret_reason))
            return false;
    }
    return pl_object_text_at(engine, object->text_n, &field) == NULL ||
           differs(ret_reason, "a text is there that the naive engine does not have");
}

bool naive_doc_object_agrees(struct naive_doc *doc, struct pl_id id, const struct pl_object *engine_or_null,
                             const char **ret_reason)
{
    const struct object *object = object_of(doc, id);
    if (object == NULL || engine_or_null == NULL)
        return (object == NULL && engine_or_null == NULL) ||
               differs(ret_reason, "an object is only there for the engine, or only for the naive one");
    if (!pl_id_equal(pl_object_id(engine_or_null), id) || pl_object_kind(engine_or_null) != object->kind)
        return differs(ret_reason, "an object's id or kind differs from the naive one's");
    if (!registers_agree(object, engine_or_null))
        return differs(ret_reason, "an object's registers differ from the naive one's");
    if (!tallies_agree(object, engine_or_null))
        return differs(ret_reason, "an object's tallies differ from the naive one's");
    return texts_agree(object, engine_or_null, ret_reason);
}

static bool rows_agree(const struct naive_doc *doc, const struct pl_doc *engine)
{
    struct pl_replica_row found;
    for (size_t i = 0; i < doc->row_n; i++) {
        const struct pl_replica_row *row = &doc->rows[i];
        if (!pl_doc_replica(engine, row->replica, &found) || found.user != row->user || found.hwm != row->hwm)
            return false;
    }
    return pl_doc_replica_n(engine) == doc->row_n;
}

bool naive_doc_agrees(struct naive_doc *doc, struct pl_doc *engine, const char **ret_reason)
{
    for (size_t i = 0; i < doc->object_n; i++) {
        const struct pl_id id = doc->objects[i].id;
        if (!naive_doc_object_agrees(doc, id, pl_doc_object(engine, id), ret_reason))
            return false;
    }
    if (pl_doc_object_n(engine) != doc->object_n)
        return differs(ret_reason, "the engine has other objects than the naive one");
    return rows_agree(doc, engine) || differs(ret_reason, "the replica rows differ from the naive ones");
}
