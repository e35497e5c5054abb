/* Objects and fields as a client sees them. */
#include "proto/report_view.h"
#include "proto/id_text.h"
#include "proto/marks.h"
#include "proto/object.h"
#include "proto/tree.h"
#include "proto/value.h"

static void write_place(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                        struct pl_buf *buf)
{
    struct pl_id parent = {0};
    struct pl_slice order = {0};
    (void)pl_object_place(object, &parent, &order);
    if (!pl_id_none(parent)) {
        if (report->tree_or_null == NULL)
            report->tree_or_null = pl_sight_tree(sight, report->mem);
        buf->failed = buf->failed || report->tree_or_null == NULL;
        parent = report->tree_or_null == NULL ? (struct pl_id){0}
                                              : pl_tree_parent(report->tree_or_null, pl_object_id(object));
    }
    pl_write_array(buf, 2);
    pl_write_id_text(buf, parent);
    pl_write_str(buf, order);
}

static bool id_to_text(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_id id;
    (void)user;
    if (!pl_read_id(reader, &id))
        return false;
    pl_write_id_text(buf, id);
    return true;
}

static void write_register(struct pl_report *report, const struct pl_sight *sight,
                           const struct pl_object *object, const struct pl_register *reg, struct pl_buf *buf)
{
    struct pl_reader reader = pl_reader_of(reg->value);
    if (reg->field == PL_FIELD_PLACE)
        write_place(report, sight, object, buf);
    else
        (void)pl_value_filter(reg->field, &reader, id_to_text, NULL, buf);
}

static void write_text(const struct pl_text *text, struct pl_buf *buf)
{
    pl_write_str_head(buf, pl_text_bytes(text));
    pl_text_write(text, buf);
}

/* A tally's registers follow one another: how many there are of the field at `index`. */
static size_t tally_run(const struct pl_object *object, size_t index, uint32_t field)
{
    struct pl_tally tally;
    size_t n = 0;
    while (pl_object_tally_at(object, index + n, &tally) && tally.field == field)
        n++;
    return n;
}

static void write_tally(const struct pl_object *object, size_t index, size_t n, struct pl_buf *buf)
{
    struct pl_tally tally;
    pl_write_array(buf, n);
    for (size_t i = 0; i < n && pl_object_tally_at(object, index + i, &tally); i++) {
        pl_write_array(buf, 3);
        pl_write_uint(buf, tally.user);
        pl_write_uint(buf, tally.sub);
        pl_write_uint(buf, tally.value);
    }
}

/* Registers, texts and tallies, as key and value; how many. `buf_or_null` NULL: they are only counted. A strange field
 * may be more than one of them: the last one is what a reader of the map keeps. */
static size_t write_fields(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                           struct pl_buf *buf_or_null)
{
    const struct pl_text *text;
    struct pl_register reg;
    struct pl_tally tally;
    uint32_t field;
    size_t n = 0;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++, n++) {
        if (buf_or_null == NULL)
            continue;
        pl_write_uint(buf_or_null, reg.field);
        write_register(report, sight, object, &reg, buf_or_null);
    }
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++, n++) {
        if (buf_or_null == NULL)
            continue;
        pl_write_uint(buf_or_null, field);
        write_text(text, buf_or_null);
    }
    for (size_t i = 0, run; pl_object_tally_at(object, i, &tally); i += run, n++) {
        run = tally_run(object, i, tally.field);
        if (buf_or_null == NULL)
            continue;
        pl_write_uint(buf_or_null, tally.field);
        write_tally(object, i, run, buf_or_null);
    }
    return n;
}

bool report_has_marks(const struct pl_object *object, uint32_t field)
{
    const struct pl_text *text = pl_object_text(object, field);
    return text != NULL && pl_text_marks(text) != NULL;
}

static bool count_mark(void *user, const struct pl_mark_run *run)
{
    (void)run;
    ++*(size_t *)user;
    return true;
}

static bool write_mark(void *user, const struct pl_mark_run *run)
{
    struct pl_buf *buf = user;
    pl_write_array(buf, 4);
    pl_write_uint(buf, run->mark->kind);
    pl_write_uint(buf, run->at);
    pl_write_uint(buf, run->n);
    pl_write_raw(buf, run->mark->value);
    return true;
}

/* How many stretches of marks show; failing is the buffer's. */
static size_t marks_n(const struct pl_text *text, struct pl_buf *buf)
{
    size_t n = 0;
    if (pl_text_marks(text) != NULL && pl_marks_seen(pl_text_marks(text), text, count_mark, &n) != PL_OK)
        buf->failed = true;
    return n;
}

void report_marks_write(const struct pl_object *object, uint32_t field, struct pl_buf *buf)
{
    const struct pl_text *text = pl_object_text(object, field);
    const size_t n = text == NULL ? 0 : marks_n(text, buf);
    pl_write_uint(buf, field);
    pl_write_array(buf, n);
    if (n > 0 && pl_marks_seen(pl_text_marks(text), text, write_mark, buf) != PL_OK)
        buf->failed = true;
}

static void write_all_marks(const struct pl_object *object, struct pl_buf *buf)
{
    const struct pl_text *text;
    uint32_t field;
    size_t n = 0;
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        n += marks_n(text, buf) > 0;
    pl_write_map(buf, n);
    for (size_t i = 0; n > 0 && (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        if (marks_n(text, buf) > 0)
            report_marks_write(object, field, buf);
}

void report_view_write(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                       struct pl_buf *buf)
{
    const struct pl_id id = pl_object_id(object);
    pl_write_array(buf, 6);
    pl_write_id_text(buf, id);
    pl_write_uint(buf, pl_object_kind(object));
    pl_write_uint(buf, pl_sight_author(sight, id));
    pl_write_bool(buf, pl_sight_pending(sight, id));
    pl_write_map(buf, write_fields(report, sight, object, NULL));
    write_fields(report, sight, object, buf);
    write_all_marks(object, buf);
}

void report_field_write(struct pl_report *report, const struct pl_sight *sight, const struct pl_object *object,
                        uint32_t field, struct pl_buf *buf)
{
    const struct pl_text *text = pl_object_text(object, field);
    struct pl_register reg;
    struct pl_tally tally;
    size_t index = 0;
    pl_write_uint(buf, field);
    while (pl_object_tally_at(object, index, &tally) && tally.field < field)
        index++;
    const size_t run = tally_run(object, index, field);
    if (run > 0)
        write_tally(object, index, run, buf);
    else if (text != NULL)
        write_text(text, buf);
    else if (pl_object_register(object, field, &reg))
        write_register(report, sight, object, &reg, buf);
    else
        pl_write_nil(buf);
}
