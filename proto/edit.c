/* A person's edits as ops. Rule R4: edits name objects by id text or by the number of an earlier edit of the call. */
#include "proto/edit_run.h"
#include "proto/id_text.h"
#include "proto/limits.h"
#include "proto/op_write.h"
#include "proto/reader.h"
#include "proto/value.h"

enum edit_code { EDIT_CREATE = 1, EDIT_SET = 2, EDIT_DELETE = 3, EDIT_TEXT = 4, EDIT_TALLY = 5 };

struct editor {
    struct edit_run run;
    struct pl_reader reader;
    struct pl_id *made;   /* by edit number; no id where the edit made none */
    uint32_t edit;        /* the edit being read */
    struct pl_buf value;  /* a value being translated */
    struct pl_buf *created_or_null;
    size_t created_n;
};

/* An object named by id text or edit number. */
static bool read_name(const struct editor *editor, struct pl_reader *reader, struct pl_id *ret_id)
{
    struct pl_slice text;
    uint64_t number;
    if (pl_peek(reader) == PL_TYPE_STR)
        return pl_read_str(reader, &text) && pl_id_parse(text, ret_id);
    if (!pl_read_u53(reader, &number) || number >= editor->edit || pl_id_none(editor->made[number]))
        return false;
    *ret_id = editor->made[number];
    return true;
}

static bool read_ref(struct editor *editor, struct pl_id *ret_id)
{
    return read_name(editor, &editor->reader, ret_id);
}

static bool name_to_wire(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_id id;
    if (!read_name(user, reader, &id))
        return false;
    pl_write_id(buf, id);
    return true;
}

/* Appends the next value to `value` as it goes on the wire, and checks it. */
static enum pl_status read_value(struct editor *editor, uint32_t field)
{
    const size_t start = editor->value.len;
    if (!pl_value_filter(field, &editor->reader, name_to_wire, editor, &editor->value))
        return PL_INVALID;
    if (editor->value.failed)
        return PL_NO_MEMORY;
    const struct pl_slice value = {.data = editor->value.data + start, .len = editor->value.len - start};
    return pl_value_check(field, value);
}

static enum pl_status insert_text(struct editor *editor, struct pl_id object, uint32_t field, size_t at,
                                  struct pl_slice utf8)
{
    const struct pl_object *target = pl_replica_object(editor->run.replica, object);
    const struct pl_text *text = target == NULL ? NULL : pl_object_text(target, field);
    struct pl_op op = {.code = PL_OP_INSERT, .object = object, .field = field, .text = utf8};
    const size_t scalars = pl_utf8_scalars(utf8);
    if (scalars == 0)
        return PL_OK;
    if (scalars + (text == NULL ? 0 : pl_text_scalars(text)) > editor->run.replica->text_max)
        return PL_TOO_BIG;
    op.value_n = (uint32_t)scalars;
    if (text != NULL)
        pl_text_origins(text, at, &op.left, &op.right);
    return run_emit(&editor->run, &op);
}

static const struct pl_text *text_seen(const struct editor *editor, struct pl_id object, uint32_t field)
{
    const struct pl_object *target = pl_replica_object(editor->run.replica, object);
    return target == NULL ? NULL : pl_object_text(target, field);
}

/* As many of the n units as one op may name ranges of. */
static enum pl_status delete_some(struct editor *editor, struct pl_id object, uint32_t field, size_t at,
                                  size_t n)
{
    const struct pl_text *text = text_seen(editor, object, field);
    struct pl_range_list ranges = {.buf = &editor->value};
    pl_buf_clear(&editor->value);
    pl_text_visible(text, at, n, pl_range_list_add, &ranges);
    if (ranges.n == 0)
        return PL_OK;
    if (editor->value.failed)
        return PL_NO_MEMORY;
    struct pl_op op = {.code = PL_OP_DELETE, .object = object, .field = field,
                       .value = pl_buf_slice(&editor->value), .value_n = ranges.n};
    return run_emit(&editor->run, &op);
}

static enum pl_status delete_text(struct editor *editor, struct pl_id object, uint32_t field, size_t at,
                                  size_t n)
{
    while (n > 0 && text_seen(editor, object, field) != NULL) {
        const size_t before = pl_text_utf16(text_seen(editor, object, field));
        const enum pl_status status = delete_some(editor, object, field, at, n);
        if (status != PL_OK)
            return status;
        const size_t gone = before - pl_text_utf16(text_seen(editor, object, field));
        if (gone == 0)
            break;
        n -= gone < n ? gone : n;
    }
    return PL_OK;
}

/* The registers a create is given; its texts are passed over. */
static enum pl_status read_registers(struct editor *editor, uint32_t pairs, uint32_t *ret_n)
{
    *ret_n = 0;
    pl_buf_clear(&editor->value);
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
        pl_write_uint(&editor->value, field);
        const enum pl_status status = read_value(editor, field);
        if (status != PL_OK)
            return status;
        ++*ret_n;
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

static enum pl_status edit_create(struct editor *editor)
{
    struct pl_op op = {.code = PL_OP_CREATE};
    uint32_t pairs;
    if (!pl_read_u32(&editor->reader, &op.kind) || !pl_read_map(&editor->reader, &pairs))
        return PL_MALFORMED;
    if (pairs > PL_OBJECT_FIELDS_MAX)
        return PL_TOO_BIG;
    const struct pl_reader given = editor->reader;
    enum pl_status status = read_registers(editor, pairs, &op.value_n);
    if (status != PL_OK)
        return status;
    op.value = pl_buf_slice(&editor->value);
    status = run_emit(&editor->run, &op);
    if (status == PL_OK)
        status = insert_texts(editor, op.object, given, pairs);
    if (status != PL_OK)
        return status;
    editor->made[editor->edit] = op.object;
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
    pl_buf_clear(&editor->value);
    const enum pl_status status = read_value(editor, op.field);
    if (status != PL_OK)
        return status;
    op.value = pl_buf_slice(&editor->value);
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
    if (pl_replica_object(editor->run.replica, object) == NULL)
        return PL_ORPHAN;
    const enum pl_status status = delete_text(editor, object, field, (size_t)at, (size_t)n);
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

static enum pl_status edit_one(struct editor *editor)
{
    static const uint32_t counts[] = {
        [EDIT_CREATE] = 3, [EDIT_SET] = 4, [EDIT_DELETE] = 2, [EDIT_TEXT] = 6,
        [EDIT_TALLY] = 5};
    uint32_t count, code;
    if (!pl_read_array(&editor->reader, &count) || count == 0 || !pl_read_u32(&editor->reader, &code))
        return PL_MALFORMED;
    if (code < EDIT_CREATE || code > EDIT_TALLY || count != counts[code])
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
    }
    return PL_INVALID;
}

/* The finished entry joins the newest one of the same gesture, or stands alone; what was undone cannot be redone. */
static enum pl_status keep_entry(struct pl_replica *replica, struct undo_entry *entry)
{
    struct undo_stack *undo = &replica->undo;
    undo_stack_done(replica->mem, &replica->redo);
    if (entry->step_n == 0)
        return PL_OK;
    if (entry->gesture != 0 && undo->entry_n > 0 &&
        undo->entries[undo->entry_n - 1].gesture == entry->gesture)
        return undo_entry_append(replica->mem, &undo->entries[undo->entry_n - 1], entry) ? PL_OK
                                                                                      : PL_NO_MEMORY;
    return undo_stack_push(replica->mem, undo, entry) ? PL_OK : PL_NO_MEMORY;
}

enum pl_status pl_replica_edit(struct pl_replica *replica, uint64_t gesture, struct pl_slice edits,
                               struct pl_buf *ret_created_or_null, size_t *ret_created_n_or_null)
{
    struct editor editor = {.reader = pl_reader_of(edits), .created_or_null = ret_created_or_null};
    const size_t created_len = ret_created_or_null == NULL ? 0 : ret_created_or_null->len;
    uint32_t edit_n;
    if (replica->id == PL_REPLICA_SERVER)
        return PL_STATE;
    if (!pl_read_array(&editor.reader, &edit_n))
        return PL_MALFORMED;
    editor.made = pl_mem_get(replica->mem, (edit_n + 1) * sizeof *editor.made);
    if (editor.made == NULL)
        return PL_NO_MEMORY;
    pl_buf_init(&editor.value, replica->mem);
    run_begin(&editor.run, replica, gesture);
    enum pl_status status = PL_OK;
    for (; editor.edit < edit_n && status == PL_OK; editor.edit++) {
        editor.made[editor.edit] = (struct pl_id){0};
        status = edit_one(&editor);
    }
    if (status == PL_OK && !pl_reader_done(&editor.reader))
        status = PL_MALFORMED;
    if (status == PL_OK)
        status = run_commit(&editor.run);
    if (status == PL_OK) {
        status = keep_entry(replica, &editor.run.entry);
        undo_entry_done(replica->mem, &editor.run.entry);
        if (ret_created_n_or_null != NULL)
            *ret_created_n_or_null = editor.created_n;
    } else {
        run_abort(&editor.run);
        if (ret_created_or_null != NULL)
            ret_created_or_null->len = created_len;
    }
    pl_buf_done(&editor.value);
    pl_mem_put(replica->mem, editor.made);
    return status;
}
