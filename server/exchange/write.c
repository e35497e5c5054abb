/* A document as JSON. See board_json.h and README.md here. Objects are told by id and named anew:
 * "maker.n", the maker's place among those who made something living, and the object's among
 * theirs. So an import gives the same names. */
#include "exchange/board_json.h"
#include "exchange/names.h"
#include "exchange/value_json.h"
#include "proto/marks.h"
#include "proto/object.h"
#include "proto/value.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct name {
    struct pl_id id;
    uint32_t maker;
    uint32_t n;
};

struct writing {
    struct pl_doc *doc;
    struct pl_buf *buf;
    struct name *names; /* of the living, by id */
    size_t name_n;
    struct pl_buf value, scratch;
};

__attribute__((format(printf, 2, 3))) static void put(struct pl_buf *buf, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    pl_buf_append(buf, text, (size_t)len);
}

static int compare_names(const void *a, const void *b)
{
    const struct name *left = a, *right = b;
    return pl_id_compare(left->id, right->id);
}

static void name_living(struct writing *writing)
{
    struct pl_doc *doc = writing->doc;
    for (size_t i = 0; i < pl_doc_object_n(doc); i++) { /* in id order */
        const struct pl_object *object = pl_doc_object_at(doc, i);
        if (!pl_object_alive(object))
            continue;
        struct name *name = &writing->names[writing->name_n];
        const struct name *before = writing->name_n == 0 ? NULL : name - 1;
        *name = (struct name){.id = pl_object_id(object), .n = 1};
        if (before != NULL && before->id.replica == name->id.replica) {
            name->maker = before->maker;
            name->n = before->n + 1;
        } else if (before != NULL) {
            name->maker = before->maker + 1;
        }
        writing->name_n++;
    }
}

/* What names something living becomes its new name; anything else reads as none (V5), but stays
 * there. */
static bool ref_write(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct writing *writing = user;
    struct name wanted;
    char text[24];
    if (!pl_read_id(reader, &wanted.id))
        return false;
    const struct name *name =
        bsearch(&wanted, writing->names, writing->name_n, sizeof wanted, compare_names);
    if (name == NULL) {
        pl_write_text(buf, "gone");
        return true;
    }
    snprintf(text, sizeof text, "%" PRIu32 ".%" PRIu32, name->maker, name->n);
    pl_write_text(buf, text);
    return true;
}

static void fields_write(struct writing *writing, const struct pl_object *object)
{
    struct pl_register reg;
    const char *before = "";
    char name[NAME_BYTES];
    put(writing->buf, ",\"fields\":{");
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++) {
        struct pl_slice value = reg.value;
        struct pl_reader reader = pl_reader_of(value);
        if (reg.field == PL_FIELD_ALIVE)
            continue;
        if (pl_value_names(reg.field)) {
            pl_buf_clear(&writing->value);
            if (pl_value_filter(reg.field, &reader, ref_write, writing, &writing->value))
                value = pl_buf_slice(&writing->value);
        }
        name_write(NAME_FIELD, reg.field, name);
        put(writing->buf, "%s\"%s\":", before, name);
        value_json_write(writing->buf, value, &writing->scratch);
        before = ",";
    }
    put(writing->buf, "}");
}

struct mark_writing {
    struct writing *writing;
    const char *before;
};

static bool mark_write(void *user, const struct pl_mark_run *run)
{
    struct mark_writing *marks = user;
    struct pl_buf *buf = marks->writing->buf;
    char name[NAME_BYTES];
    name_write(NAME_MARK, run->mark->kind, name);
    put(buf, "%s[\"%s\",%zu,%zu,", marks->before, name, run->at, run->n);
    value_json_write(buf, run->mark->value, &marks->writing->scratch);
    put(buf, "]");
    marks->before = ",";
    return true;
}

static enum pl_status texts_write(struct writing *writing, const struct pl_object *object)
{
    const struct pl_text *text;
    const char *before = ",\"texts\":{";
    char name[NAME_BYTES];
    uint32_t field;
    enum pl_status status = PL_OK;
    for (size_t i = 0; status == PL_OK && (text = pl_object_text_at(object, i, &field)) != NULL;
         i++) {
        if (pl_text_scalars(text) == 0)
            continue;
        name_write(NAME_FIELD, field, name);
        put(writing->buf, "%s\"%s\":{\"text\":", before, name);
        pl_buf_clear(&writing->value);
        pl_text_write(text, &writing->value);
        json_text_write(writing->buf, pl_buf_slice(&writing->value));
        if (pl_text_marks(text) != NULL) {
            struct mark_writing marks = {.writing = writing, .before = ",\"marks\":["};
            status = pl_marks_seen(pl_text_marks(text), text, mark_write, &marks);
            put(writing->buf, "%s", marks.before[1] == '\0' ? "]" : "");
        }
        put(writing->buf, "}");
        before = ",";
    }
    put(writing->buf, "%s", before[1] == '\0' ? "}" : "");
    return status;
}

static void tallies_write(struct writing *writing, const struct pl_object *object)
{
    struct pl_tally tally;
    const char *before = ",\"tallies\":[";
    char name[NAME_BYTES];
    for (size_t i = 0; pl_object_tally_at(object, i, &tally); i++) {
        if (tally.value == 0)
            continue;
        name_write(NAME_FIELD, tally.field, name);
        put(writing->buf, "%s[\"%s\",%" PRIu64 ",%" PRIu32 ",%" PRIu32 "]", before, name,
            tally.user, tally.sub, tally.value);
        before = ",";
    }
    put(writing->buf, "%s", before[1] == '\0' ? "]" : "");
}

static void makers_write(struct writing *writing)
{
    const char *before = "";
    for (size_t i = 0; i < writing->name_n; i++) {
        struct pl_replica_row row = {0};
        if (i > 0 && writing->names[i].maker == writing->names[i - 1].maker)
            continue;
        (void)pl_doc_replica(writing->doc, writing->names[i].id.replica, &row);
        put(writing->buf, "%s%" PRIu64, before, row.user);
        before = ",";
    }
}

enum pl_status board_json_write(const struct pl_mem *mem, struct pl_doc *doc, struct pl_slice tracks,
                                struct pl_buf *buf)
{
    struct writing writing = {.doc = doc, .buf = buf};
    enum pl_status status = PL_OK;
    char kind[NAME_BYTES];
    writing.names = pl_mem_get(mem, (pl_doc_object_n(doc) + 1) * sizeof *writing.names);
    if (writing.names == NULL)
        return PL_NO_MEMORY;
    pl_buf_init(&writing.value, mem);
    pl_buf_init(&writing.scratch, mem);
    name_living(&writing);
    put(buf, "{\"format\":\"plenum-board\",\"version\":1,\"makers\":[");
    makers_write(&writing);
    put(buf, "],\n\"objects\":[");
    for (size_t i = 0; i < writing.name_n && status == PL_OK; i++) {
        const struct name *name = &writing.names[i];
        const struct pl_object *object = pl_doc_object(doc, name->id);
        name_write(NAME_KIND, pl_object_kind(object), kind);
        put(buf, "%s\n{\"id\":\"%" PRIu32 ".%" PRIu32 "\",\"kind\":\"%s\"", i == 0 ? "" : ",",
            name->maker, name->n, kind);
        fields_write(&writing, object);
        status = texts_write(&writing, object);
        tallies_write(&writing, object);
        put(buf, "}");
    }
    put(buf, "\n]");
    if (tracks.len > 0) {
        put(buf, ",\n\"tracks\":[");
        pl_buf_append(buf, tracks.data, tracks.len);
        put(buf, "\n]");
    }
    put(buf, "}\n");
    if (status == PL_OK && (buf->failed || writing.value.failed || writing.scratch.failed))
        status = PL_NO_MEMORY;
    pl_buf_done(&writing.value);
    pl_buf_done(&writing.scratch);
    pl_mem_put(mem, writing.names);
    return status;
}
