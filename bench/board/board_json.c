#include "bench/board/board_json.h"
#include "proto/object.h"
#include "proto/reader.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void print(struct pl_buf *buf, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    const int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pl_buf_append(buf, text, (size_t)n);
}

/* Texts here have neither quotes nor control characters; the rest of Unicode stands as it is. */
static void print_string(struct pl_buf *buf, struct pl_slice utf8)
{
    print(buf, "\"");
    pl_buf_append(buf, utf8.data, utf8.len);
    print(buf, "\"");
}

static void print_number(struct pl_buf *buf, double value)
{
    char text[32];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    if (strchr(text, 'e') != NULL)
        snprintf(text, sizeof text, "%.0f", value); /* only round numbers get there: 12000 is not 1.2e+04 */
    print(buf, "%s", text);
}

static void print_value(struct pl_buf *buf, struct pl_reader *reader)
{
    struct pl_slice bytes;
    uint32_t n = 0;
    double number;
    bool truth;
    switch (pl_peek(reader)) {
    case PL_TYPE_ARRAY:
        (void)pl_read_array(reader, &n);
        for (uint32_t i = 0; i < n; i++) {
            print(buf, i == 0 ? "[" : ",");
            print_value(buf, reader);
        }
        print(buf, "]");
        return;
    case PL_TYPE_STR:
        if (pl_read_str(reader, &bytes))
            print_string(buf, bytes);
        return;
    case PL_TYPE_BOOL:
        if (pl_read_bool(reader, &truth))
            print(buf, truth ? "true" : "false");
        return;
    case PL_TYPE_INT:
    case PL_TYPE_FLOAT:
        if (pl_read_number(reader, &number))
            print_number(buf, number);
        return;
    default:
        (void)pl_read_raw(reader, &bytes);
        print(buf, "null");
    }
}

static void print_register(struct pl_buf *buf, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    print_value(buf, &reader);
}

static void print_seen(struct pl_buf *buf, const struct pl_object *object)
{
    static const struct {
        uint32_t field;
        const char *name;
    } fields[] = {{PL_FIELD_POS, "pos"}, {PL_FIELD_SIZE, "size"}, {PL_FIELD_COLOR, "color"}};
    const struct pl_id id = pl_object_id(object);
    const struct pl_text *text = pl_object_text(object, PL_FIELD_TEXT);
    struct pl_register reg;
    struct pl_slice order;
    struct pl_id parent;
    print(buf, "{\"id\":\"%" PRIu32 ".%" PRIu64 "\",\"kind\":\"sticky\"", id.replica, id.ctr);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (!pl_object_register(object, fields[i].field, &reg))
            continue;
        print(buf, ",\"%s\":", fields[i].name);
        print_register(buf, reg.value);
    }
    if (pl_object_place(object, &parent, &order)) {
        print(buf, ",\"order\":");
        print_string(buf, order);
    }
    print(buf, ",\"text\":\"");
    if (text != NULL)
        pl_text_write(text, buf);
    print(buf, "\"}");
}

void board_json_seen(struct pl_doc *doc, struct pl_buf *buf)
{
    const struct pl_object *object;
    print(buf, "[");
    for (size_t i = 0, n = 0; (object = pl_doc_object_at(doc, i)) != NULL; i++) {
        if (!pl_object_alive(object))
            continue;
        print(buf, n++ == 0 ? "" : ",");
        print_seen(buf, object);
    }
    print(buf, "]");
}

/* ---- everything ---- */

/* An insert of the journal: what made a part of an object's text. */
struct insert {
    struct pl_id object, id, left, right;
    uint32_t n;
};

struct inserts {
    struct insert *all;
    size_t n, cap;
};

static int compare_inserts(const void *a, const void *b)
{
    const struct insert *left = a, *right = b;
    const int order = pl_id_compare(left->object, right->object);
    return order != 0 ? order : pl_id_compare(left->id, right->id);
}

static void insert_add(struct inserts *inserts, const struct pl_op *op, struct pl_buf *buf)
{
    if (inserts->n == inserts->cap) {
        const size_t cap = inserts->cap == 0 ? 1024 : inserts->cap * 2;
        struct insert *all = realloc(inserts->all, cap * sizeof *all);
        if (all == NULL) {
            buf->failed = true;
            return;
        }
        inserts->all = all;
        inserts->cap = cap;
    }
    inserts->all[inserts->n++] =
        (struct insert){.object = op->object, .id = op->id, .left = op->left, .right = op->right, .n = op->value_n};
}

/* Whether one goes on where the other ended, as typing does: together they are one run. */
static bool joins(const struct insert *a, const struct insert *b)
{
    return pl_id_equal(a->object, b->object) && a->id.replica == b->id.replica && a->id.ctr + a->n == b->id.ctr &&
           b->left.replica == a->id.replica && b->left.ctr == b->id.ctr - 1 && pl_id_equal(a->right, b->right);
}

static void find_inserts(const struct journal *journal, struct inserts *inserts, struct pl_buf *buf)
{
    size_t n = 0;
    for (size_t i = 0; i < journal->entry_n; i++) {
        struct pl_batch batch;
        struct pl_op op;
        if (pl_batch_read(journal_envelope(journal, i, 1).body, false, &batch) != PL_OK)
            continue;
        for (struct pl_op_iter iter = pl_batch_ops(&batch); pl_op_next(&iter, &op);)
            if (op.code == PL_OP_INSERT)
                insert_add(inserts, &op, buf);
    }
    if (inserts->n > 0)
        qsort(inserts->all, inserts->n, sizeof *inserts->all, compare_inserts);
    for (size_t i = 0; i < inserts->n; i++) {
        if (n > 0 && joins(&inserts->all[n - 1], &inserts->all[i]))
            inserts->all[n - 1].n += inserts->all[i].n;
        else
            inserts->all[n++] = inserts->all[i];
    }
    inserts->n = n;
}

static void print_id(struct pl_buf *buf, struct pl_id id)
{
    if (pl_id_none(id))
        print(buf, "null");
    else
        print(buf, "[%" PRIu32 ",%" PRIu64 "]", id.replica, id.ctr);
}

/* Visible parts as strings, what is deleted between them as counts. */
struct parts {
    struct pl_buf *buf;
    uint64_t next; /* the counter that comes after what was printed */
};

static bool print_part(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct parts *parts = user;
    if (range.id.ctr > parts->next)
        print(parts->buf, ",%" PRIu64, range.id.ctr - parts->next);
    print(parts->buf, ",");
    print_string(parts->buf, utf8);
    parts->next = range.id.ctr + range.n;
    return true;
}

/* [id, left origin, right origin, part, ...] */
static void print_insert(struct pl_buf *buf, const struct pl_text *text, const struct insert *insert)
{
    struct parts parts = {.buf = buf, .next = insert->id.ctr};
    print(buf, "[");
    print_id(buf, insert->id);
    print(buf, ",");
    print_id(buf, insert->left);
    print(buf, ",");
    print_id(buf, insert->right);
    if (text != NULL)
        pl_text_range(text, (struct pl_id_range){.id = insert->id, .n = insert->n}, print_part, &parts);
    if (parts.next < insert->id.ctr + insert->n)
        print(buf, ",%" PRIu64, insert->id.ctr + insert->n - parts.next);
    print(buf, "]");
}

static void print_whole(struct pl_buf *buf, const struct pl_object *object, const struct insert *inserts, size_t n)
{
    const struct pl_text *text = pl_object_text(object, PL_FIELD_TEXT);
    struct pl_register reg;
    print(buf, "{\"id\":");
    print_id(buf, pl_object_id(object));
    print(buf, ",\"kind\":%" PRIu32 ",\"fields\":{", pl_object_kind(object));
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++) {
        print(buf, "%s\"%" PRIu32 "\":[", i == 0 ? "" : ",", reg.field);
        print_register(buf, reg.value);
        print(buf, ",%" PRIu64 ",%" PRIu32 "]", reg.stamp.lam, reg.stamp.replica);
    }
    print(buf, "},\"text\":[");
    for (size_t i = 0; i < n; i++) {
        print(buf, i == 0 ? "" : ",");
        print_insert(buf, text, &inserts[i]);
    }
    print(buf, "]}");
}

void board_json_whole(struct pl_doc *doc, const struct journal *journal, struct pl_buf *buf)
{
    struct inserts inserts = {0};
    const struct pl_object *object;
    struct pl_replica_row row;
    size_t at = 0;
    find_inserts(journal, &inserts, buf);
    print(buf, "{\"replicas\":[");
    for (uint32_t id = 0, n = 0; n < pl_doc_replica_n(doc); id++)
        if (pl_doc_replica(doc, id, &row))
            print(buf, "%s[%" PRIu32 ",%" PRIu64 ",%" PRIu64 "]", n++ == 0 ? "" : ",", id, row.user, row.hwm);
    print(buf, "],\"objects\":[");
    for (size_t i = 0; (object = pl_doc_object_at(doc, i)) != NULL; i++) {
        size_t n = 0;
        while (at + n < inserts.n && pl_id_equal(inserts.all[at + n].object, pl_object_id(object)))
            n++;
        print(buf, i == 0 ? "" : ",");
        print_whole(buf, object, inserts.all + at, n);
        at += n;
    }
    print(buf, "]}");
    free(inserts.all);
}
