/* Places in texts, and authors. */
#include "proto/ask.h"
#include "proto/id_text.h"
#include "proto/object.h"
#include "proto/reader.h"

static bool read_id_text(struct pl_reader *reader, struct pl_id *ret_id)
{
    struct pl_slice text;
    if (pl_peek(reader) == PL_TYPE_NIL) {
        *ret_id = (struct pl_id){0};
        return pl_read_nil(reader);
    }
    return pl_read_str(reader, &text) && pl_id_parse(text, ret_id);
}

/* Reads one place and writes it the other way. False when it is misshapen. A text nobody wrote in is NULL. */
typedef bool place_turn(struct pl_reader *reader, const struct pl_text *text_or_null, struct pl_buf *buf);

static bool turn_to_anchor(struct pl_reader *reader, const struct pl_text *text_or_null, struct pl_buf *buf)
{
    struct pl_anchor anchor = {.after = false};
    uint64_t utf16;
    if (!pl_read_array_of(reader, 2) || !pl_read_u53(reader, &utf16) || !pl_read_bool(reader, &anchor.after))
        return false;
    if (text_or_null != NULL)
        anchor = pl_text_anchor(text_or_null, (size_t)utf16, anchor.after);
    pl_write_array(buf, 2);
    pl_write_id_text(buf, anchor.id);
    pl_write_bool(buf, anchor.after);
    return true;
}

static bool turn_to_place(struct pl_reader *reader, const struct pl_text *text_or_null, struct pl_buf *buf)
{
    struct pl_anchor anchor;
    if (!pl_read_array_of(reader, 2) || !read_id_text(reader, &anchor.id) || !pl_read_bool(reader, &anchor.after))
        return false;
    pl_write_uint(buf, text_or_null == NULL ? 0 : pl_text_position(text_or_null, anchor));
    return true;
}

static enum pl_status ask_each(struct pl_replica *replica, struct pl_slice request, place_turn *turn,
                               struct pl_buf *buf)
{
    struct pl_reader reader = pl_reader_of(request);
    struct pl_id id;
    uint32_t field, n;
    if (!pl_read_array_of(&reader, 3) || !read_id_text(&reader, &id) || !pl_read_u32(&reader, &field) ||
        !pl_read_array(&reader, &n))
        return PL_MALFORMED;
    const struct pl_object *object = pl_replica_object(replica, id);
    if (object == NULL)
        return PL_NOT_FOUND;
    const struct pl_text *text = pl_object_text(object, field);
    pl_write_array(buf, n);
    for (uint32_t i = 0; i < n; i++)
        if (!turn(&reader, text, buf))
            return PL_MALFORMED;
    return PL_OK;
}

enum pl_status pl_ask_anchors(struct pl_replica *replica, struct pl_slice request, struct pl_buf *buf)
{
    return ask_each(replica, request, turn_to_anchor, buf);
}

enum pl_status pl_ask_places(struct pl_replica *replica, struct pl_slice request, struct pl_buf *buf)
{
    return ask_each(replica, request, turn_to_place, buf);
}

/* Stretches of one author, joined. Without a buffer they are only counted. */
struct stretches {
    const struct pl_sight *sight;
    struct pl_buf *buf_or_null;
    size_t n;
    size_t units;
    uint64_t user;
};

static void stretch_end(struct stretches *stretches)
{
    if (stretches->units == 0)
        return;
    stretches->n++;
    if (stretches->buf_or_null != NULL) {
        pl_write_array(stretches->buf_or_null, 2);
        pl_write_uint(stretches->buf_or_null, stretches->units);
        pl_write_uint(stretches->buf_or_null, stretches->user);
    }
    stretches->units = 0;
}

static bool stretch_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct stretches *stretches = user;
    const uint64_t author = pl_sight_author(stretches->sight, range.id);
    if (author != stretches->user)
        stretch_end(stretches);
    stretches->user = author;
    for (size_t i = 0; i < utf8.len; i++)
        stretches->units += (size_t)((utf8.data[i] & 0xc0) != 0x80) + (size_t)(utf8.data[i] >= 0xf0);
    return true;
}

static size_t walk_stretches(const struct pl_sight *sight, const struct pl_text *text, struct pl_buf *buf_or_null)
{
    struct stretches stretches = {.sight = sight, .buf_or_null = buf_or_null};
    pl_text_visible(text, 0, SIZE_MAX, stretch_run, &stretches);
    stretch_end(&stretches);
    return stretches.n;
}

enum pl_status pl_ask_authors(const struct pl_sight *sight, struct pl_slice request, struct pl_buf *buf)
{
    struct pl_reader reader = pl_reader_of(request);
    struct pl_id id;
    struct pl_register reg;
    const struct pl_text *text;
    uint32_t field;
    size_t reg_n = 0, text_n = 0;
    if (!pl_read_array_of(&reader, 1) || !read_id_text(&reader, &id))
        return PL_MALFORMED;
    const struct pl_object *object = pl_sight_object(sight, id);
    if (object == NULL)
        return PL_NOT_FOUND;
    while (pl_object_register_at(object, reg_n, &reg))
        reg_n++;
    while (pl_object_text_at(object, text_n, &field) != NULL)
        text_n++;
    pl_write_array(buf, 2);
    pl_write_map(buf, reg_n);
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++) {
        pl_write_uint(buf, reg.field);
        pl_write_uint(buf, pl_sight_author(sight, (struct pl_id){reg.stamp.replica, 1}));
    }
    pl_write_map(buf, text_n);
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++) {
        pl_write_uint(buf, field);
        pl_write_array(buf, walk_stretches(sight, text, NULL));
        walk_stretches(sight, text, buf);
    }
    return PL_OK;
}
