/* A person's edits as ops. Rule R4: edits name objects by id text or by the number of an earlier edit of the call. */
#include "proto/arrange.h"
#include "proto/edit_run.h"
#include "proto/id_text.h"
#include "proto/marks.h"
#include "proto/limits.h"
#include "proto/op_write.h"
#include "proto/reader.h"
#include "proto/value.h"

enum edit_code { EDIT_CREATE = 1, EDIT_SET = 2, EDIT_DELETE = 3, EDIT_TEXT = 4, EDIT_TALLY = 5,
                 EDIT_ARRANGE = 6, EDIT_MARK = 7 };

#define MADE_MIN 16u
#define MADE_KEPT_MAX 1024u

struct editor {
    struct edit_run run;
    struct pl_replica *replica;
    struct pl_reader reader;
    uint32_t edit; /* the one being read */
    struct pl_buf *created_or_null;
    size_t created_n;
    struct pl_order_key top; /* of all objects, once that was asked for */
};

/* An object named by id text or edit number. */
static bool read_name(const struct editor *editor, struct pl_reader *reader, struct pl_id *ret_id)
{
    struct pl_slice text;
    uint64_t number;
    if (pl_peek(reader) == PL_TYPE_STR)
        return pl_read_str(reader, &text) && pl_id_parse(text, ret_id);
    if (!pl_read_u53(reader, &number) || number >= editor->edit ||
        pl_id_none(editor->replica->made[number]))
        return false;
    *ret_id = editor->replica->made[number];
    return true;
}

static bool read_ref(struct editor *editor, struct pl_id *ret_id)
{
    return read_name(editor, &editor->reader, ret_id);
}

static bool read_ref_or_nil(struct editor *editor, struct pl_id *ret_id)
{
    *ret_id = (struct pl_id){0};
    return pl_peek(&editor->reader) == PL_TYPE_NIL ? pl_read_nil(&editor->reader) : read_ref(editor, ret_id);
}

static bool name_to_wire(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_id id;
    if (!read_name(user, reader, &id))
        return false;
    pl_write_id(buf, id);
    return true;
}

/* Appends the next value to replica->value as it goes on the wire, and checks it. */
static enum pl_status read_value(struct editor *editor, uint32_t field)
{
    struct pl_buf *buf = &editor->replica->value;
    const size_t start = buf->len;
    if (field == PL_FIELD_PLACE)
        editor->top.len = 0;
    if (!pl_value_filter(field, &editor->reader, name_to_wire, editor, buf))
        return PL_INVALID;
    if (buf->failed)
        return PL_NO_MEMORY;
    return pl_value_check(field, (struct pl_slice){.data = buf->data + start, .len = buf->len - start});
}

static const struct pl_text *text_seen(const struct editor *editor, struct pl_id object, uint32_t field)
{
    const struct pl_object *target = pl_replica_object(editor->replica, object);
    return target == NULL ? NULL : pl_object_text(target, field);
}

static enum pl_status insert_text(struct editor *editor, struct pl_id object, uint32_t field, size_t at,
                                  struct pl_slice utf8)
{
    const struct pl_text *text = text_seen(editor, object, field);
    struct pl_op op = {.code = PL_OP_INSERT, .object = object, .field = field};
    if (utf8.len == 0)
        return PL_OK;
    if (pl_utf8_scalars(utf8) + (text == NULL ? 0 : pl_text_scalars(text)) > editor->replica->text_max)
        return PL_TOO_BIG;
    if (text != NULL)
        pl_text_origins(text, at, &op.left, &op.right);
    return run_insert(&editor->run, &op, utf8);
}

/* [parent, nil], the place of a create that shall be drawn above everything. False, and nothing read, for any other
 * place; `ret_cramped`: only arranging it will make room (R8). */
static bool read_top_place(struct editor *editor, bool *ret_cramped)
{
    const struct pl_reader start = editor->reader;
    struct pl_id parent;
    if (!pl_read_array_of(&editor->reader, 2) || !read_ref_or_nil(editor, &parent) || !pl_read_nil(&editor->reader)) {
        editor->reader = start;
        return false;
    }
    *ret_cramped = !run_key_above(&editor->run, &editor->top);
    pl_place_write(&editor->replica->value, parent, pl_order_slice(&editor->top));
    return true;
}

static struct arranged arranged_as_is(const struct editor *editor, struct pl_id id)
{
    const struct pl_object *object = pl_replica_object(editor->replica, id);
    struct arranged item = {.object = id};
    struct pl_slice key;
    if (object != NULL)
        (void)pl_object_place(object, &item.parent, &key);
    return item;
}

/* The registers a create is given; its texts are passed over. */
static enum pl_status read_registers(struct editor *editor, uint32_t pairs, uint32_t *ret_n, bool *ret_cramped)
{
    *ret_n = 0;
    *ret_cramped = false;
    pl_buf_clear(&editor->replica->value);
    for (uint32_t i = 0; i < pairs; i++) {
        uint32_t field;
        struct pl_slice text;
        if (!pl_read_u32(&editor->reader, &field) || field == PL_FIELD_ALIVE)
            return PL_INVALID;
        if (pl_field_type(field) == PL_VALUE_TEXT) {
            if (!pl_read_str(&editor->reader, &text))
                return PL_INVALID;
            continue;
        }
        ++*ret_n;
        pl_write_uint(&editor->replica->value, field);
        if (field == PL_FIELD_PLACE && read_top_place(editor, ret_cramped))
            continue;
        const enum pl_status status = read_value(editor, field);
        if (status != PL_OK)
            return status;
    }
    return PL_OK;
}

/* The texts it is given become inserts after it. `pairs` was read through once. */
static enum pl_status insert_texts(struct editor *editor, struct pl_id object, struct pl_reader reader,
                                   uint32_t pairs)
{
    enum pl_status status = PL_OK;
    for (uint32_t i = 0; i < pairs && status == PL_OK; i++) {
        uint32_t field;
        struct pl_slice value;
        if (!pl_read_u32(&reader, &field))
            return PL_MALFORMED;
        if (pl_field_type(field) != PL_VALUE_TEXT)
            status = pl_read_raw(&reader, &value) ? PL_OK : PL_MALFORMED;
        else if (pl_read_str(&reader, &value))
            status = insert_text(editor, object, field, 0, value);
    }
    return status;
}

/* Leaves it in what it lies in. */
static enum pl_status arrange_on_top(struct editor *editor, struct pl_id object)
{
    const struct arranged item = arranged_as_is(editor, object);
    editor->top.len = 0;
    return run_arrange(&editor->run, &item, 1, (struct pl_id){0});
}

static enum pl_status edit_create(struct editor *editor)
{
    struct pl_op op = {.code = PL_OP_CREATE};
    uint32_t pairs;
    bool cramped;
    if (!pl_read_u32(&editor->reader, &op.kind) || !pl_read_map(&editor->reader, &pairs))
        return PL_MALFORMED;
    if (pairs > PL_OBJECT_FIELDS_MAX)
        return PL_TOO_BIG;
    const struct pl_reader given = editor->reader;
    enum pl_status status = read_registers(editor, pairs, &op.value_n, &cramped);
    if (status != PL_OK)
        return status;
    op.value = pl_buf_slice(&editor->replica->value);
    status = run_emit(&editor->run, &op);
    if (status == PL_OK && cramped)
        status = arrange_on_top(editor, op.object);
    if (status == PL_OK)
        status = insert_texts(editor, op.object, given, pairs);
    if (status != PL_OK)
        return status;
    editor->replica->made[editor->edit] = op.object;
    editor->created_n++;
    if (editor->created_or_null != NULL)
        pl_write_id_text(editor->created_or_null, op.object);
    return PL_OK;
}

static enum pl_status edit_set(struct editor *editor)
{
    struct pl_op op = {.code = PL_OP_SET};
    if (!read_ref(editor, &op.object) || !pl_read_u32(&editor->reader, &op.field))
        return PL_INVALID;
    pl_buf_clear(&editor->replica->value);
    const enum pl_status status = read_value(editor, op.field);
    if (status != PL_OK)
        return status;
    op.value = pl_buf_slice(&editor->replica->value);
    return run_emit(&editor->run, &op);
}

static enum pl_status edit_delete(struct editor *editor)
{
    static const uint8_t value_false = 0xc2;
    struct pl_op op = {.code = PL_OP_SET, .field = PL_FIELD_ALIVE, .value = {&value_false, 1}};
    if (!read_ref(editor, &op.object))
        return PL_INVALID;
    return run_emit(&editor->run, &op);
}

static enum pl_status edit_text(struct editor *editor)
{
    struct pl_id object;
    struct pl_slice utf8;
    uint32_t field;
    uint64_t at, n;
    if (!read_ref(editor, &object) || !pl_read_u32(&editor->reader, &field) ||
        !pl_read_u53(&editor->reader, &at) || !pl_read_u53(&editor->reader, &n) ||
        !pl_read_str(&editor->reader, &utf8) || pl_field_type(field) != PL_VALUE_TEXT)
        return PL_INVALID;
    if (pl_replica_object(editor->replica, object) == NULL)
        return PL_ORPHAN;
    const enum pl_status status =
        run_delete(&editor->run, object, field, (struct pl_id_range){.n = 0}, (size_t)at, (size_t)n);
    return status == PL_OK ? insert_text(editor, object, field, (size_t)at, utf8) : status;
}

static enum pl_status edit_tally(struct editor *editor)
{
    struct pl_op op = {.code = PL_OP_TALLY};
    if (!read_ref(editor, &op.object) || !pl_read_u32(&editor->reader, &op.field) ||
        !pl_read_u32(&editor->reader, &op.sub) || !pl_read_u32(&editor->reader, &op.value_n))
        return PL_INVALID;
    const enum pl_value_type type = pl_field_type(op.field);
    if (type != PL_VALUE_TALLY && type != PL_VALUE_UNKNOWN)
        return PL_INVALID;
    return run_emit(&editor->run, &op);
}

/* Ties the ends of a mark to what stands there (M3). */
static enum pl_status edit_mark(struct editor *editor)
{
    struct pl_op op = {.code = PL_OP_MARK};
    uint64_t at, n;
    if (!read_ref(editor, &op.object) || !pl_read_u32(&editor->reader, &op.field) ||
        !pl_read_u53(&editor->reader, &at) || !pl_read_u53(&editor->reader, &n) ||
        !pl_read_u32(&editor->reader, &op.sub) || !pl_read_raw(&editor->reader, &op.value) ||
        pl_field_type(op.field) != PL_VALUE_TEXT)
        return PL_INVALID;
    const enum pl_status status = pl_mark_check(op.sub, op.value);
    const struct pl_text *text = text_seen(editor, op.object, op.field);
    if (status != PL_OK)
        return status;
    const size_t units = text == NULL ? 0 : pl_text_utf16(text);
    if (at >= units || n == 0)
        return PL_OK; /* nothing to mark */
    const size_t end = n < units - at ? (size_t)(at + n) : units;
    const struct pl_anchor first = pl_text_anchor(text, (size_t)at, false);
    const struct pl_anchor last = pl_text_anchor(text, end, !pl_mark_grows(op.sub));
    op.left = first.id;
    op.left_after = first.after;
    op.right = last.id;
    op.right_after = last.after;
    return run_emit(&editor->run, &op);
}

/* An object with the parent it shall lie in, or alone: then it stays in its own. */
static bool read_arranged(struct editor *editor, struct arranged *ret_item)
{
    struct pl_id id;
    if (pl_peek(&editor->reader) == PL_TYPE_ARRAY)
        return pl_read_array_of(&editor->reader, 2) && read_ref(editor, &ret_item->object) &&
               read_ref_or_nil(editor, &ret_item->parent);
    if (!read_ref(editor, &id))
        return false;
    *ret_item = arranged_as_is(editor, id);
    return true;
}

static enum pl_status edit_arrange(struct editor *editor)
{
    struct pl_id before;
    uint32_t n;
    if (!pl_read_array(&editor->reader, &n))
        return PL_INVALID;
    struct arranged *items = pl_mem_get(editor->replica->mem, (n + 1) * sizeof *items);
    if (items == NULL)
        return PL_NO_MEMORY;
    bool fits = true;
    for (uint32_t i = 0; i < n && fits; i++)
        fits = read_arranged(editor, &items[i]);
    enum pl_status status = PL_INVALID;
    if (fits && read_ref_or_nil(editor, &before))
        status = run_arrange(&editor->run, items, n, before);
    pl_mem_put(editor->replica->mem, items);
    editor->top.len = 0; /* it may be another one now */
    return status;
}

static enum pl_status edit_one(struct editor *editor)
{
    static const uint32_t counts[] = {
        [EDIT_CREATE] = 3, [EDIT_SET] = 4, [EDIT_DELETE] = 2, [EDIT_TEXT] = 6,
        [EDIT_TALLY] = 5,  [EDIT_ARRANGE] = 3, [EDIT_MARK] = 7};
    uint32_t count, code;
    if (!pl_read_array(&editor->reader, &count) || count == 0 || !pl_read_u32(&editor->reader, &code))
        return PL_MALFORMED;
    if (code < EDIT_CREATE || code > EDIT_MARK || count != counts[code])
        return PL_INVALID;
    switch ((enum edit_code)code) {
    case EDIT_CREATE:
        return edit_create(editor);
    case EDIT_SET:
        return edit_set(editor);
    case EDIT_DELETE:
        return edit_delete(editor);
    case EDIT_TEXT:
        return edit_text(editor);
    case EDIT_TALLY:
        return edit_tally(editor);
    case EDIT_ARRANGE:
        return edit_arrange(editor);
    case EDIT_MARK:
        return edit_mark(editor);
    }
    return PL_INVALID;
}

/* Grows the newest gesture by the steps just noted: by all of them, or, out of memory, by none. */
static bool keep_growing(struct pl_replica *replica, struct undo_entry *newest)
{
    const struct undo_entry *noted = &replica->noted;
    const size_t before = undo_entry_bytes(newest);
    bool ok = undo_entry_reserve(newest, noted->step_n, noted->values.len);
    for (size_t i = 0; ok && i < noted->step_n; i++) {
        const struct undo_step *step = &noted->steps[i];
        const struct pl_object *object =
            step->kind == UNDO_DELETED ? pl_replica_object(replica, step->object) : NULL;
        const struct pl_slice value =
            step->kind == UNDO_TALLY ? (struct pl_slice){0} : undo_value(noted, step);
        ok = undo_step_add(newest, step, value, object == NULL ? NULL : pl_object_text(object, step->field));
    }
    undo_stack_resized(&replica->undo, before);
    return ok;
}

/* The noted steps join the newest entry of the same gesture, or stand alone; what was undone cannot be redone. */
static enum pl_status keep_noted(struct pl_replica *replica, uint64_t gesture)
{
    struct undo_stack *undo = &replica->undo;
    struct undo_entry *newest =
        gesture != 0 && undo->entry_n > 0 ? undo_stack_at(undo, undo->entry_n - 1) : NULL;
    bool kept = true;
    if (newest != NULL && newest->gesture == gesture) {
        kept = keep_growing(replica, newest);
    } else if (replica->noted.step_n > 0) {
        replica->noted.gesture = gesture;
        kept = undo_stack_push(replica->mem, undo, &replica->noted);
    }
    if (kept && replica->redo.entry_n > 0)
        undo_stack_done(replica->mem, &replica->redo);
    return kept ? PL_OK : PL_NO_MEMORY;
}

static bool reserve_made(struct pl_replica *replica, size_t n)
{
    if (n <= replica->made_cap && replica->made_cap <= MADE_KEPT_MAX)
        return true;
    struct pl_id *made = pl_mem_resize(replica->mem, replica->made, (n + MADE_MIN) * sizeof *made);
    if (made == NULL)
        return false;
    replica->made = made;
    replica->made_cap = n + MADE_MIN;
    return true;
}

static enum pl_status edit_all(struct editor *editor, uint32_t edit_n)
{
    enum pl_status status = PL_OK;
    for (; editor->edit < edit_n && status == PL_OK; editor->edit++) {
        editor->replica->made[editor->edit] = (struct pl_id){0};
        status = edit_one(editor);
    }
    if (status == PL_OK && !pl_reader_done(&editor->reader))
        status = PL_MALFORMED;
    return status == PL_OK ? run_commit(&editor->run) : status;
}

enum pl_status pl_replica_edit(struct pl_replica *replica, uint64_t gesture, bool joins, struct pl_slice edits,
                               struct pl_buf *ret_created_or_null, size_t *ret_created_n_or_null)
{
    struct editor editor = {.replica = replica, .reader = pl_reader_of(edits), .created_or_null = ret_created_or_null};
    const size_t created_len = ret_created_or_null == NULL ? 0 : ret_created_or_null->len;
    uint32_t edit_n;
    if (replica->id == PL_REPLICA_SERVER)
        return PL_STATE;
    if (!pl_read_array(&editor.reader, &edit_n))
        return PL_MALFORMED;
    if (!reserve_made(replica, edit_n))
        return PL_NO_MEMORY;
    run_begin(&editor.run, replica, gesture, joins);
    enum pl_status status = edit_all(&editor, edit_n);
    if (status == PL_OK)
        status = keep_noted(replica, gesture);
    if (status != PL_OK) {
        run_abort(&editor.run);
        if (ret_created_or_null != NULL)
            ret_created_or_null->len = created_len;
        return status;
    }
    if (ret_created_n_or_null != NULL)
        *ret_created_n_or_null = editor.created_n;
    return PL_OK;
}
