/* Objects from columns (see object_pack.h). Rule N2. Whatever the bytes say is checked before it is believed. */
#include "proto/column.h"
#include "proto/marks.h"
#include "proto/limits.h"
#include "proto/object_pack.h"
#include "proto/value.h"
#include "proto/value_pack.h"
#include "proto/words.h"
#include <string.h>

#define LAYOUT_FIELDS_MAX 255u /* registers, and texts */

struct layout {
    uint32_t kind;
    size_t reg_n;
    size_t text_n;
    size_t at; /* its registers' fields, then its texts', in `fields` */
    size_t object_n; /* that have it */
    size_t begin, end; /* its registers of the group that is read */
};

struct unpacking {
    struct pl_doc *doc;
    struct pl_slabs slabs; /* what objects and texts are made in */
    struct pl_packed *packed;
    size_t object_n;
    struct pl_id *ids;
    struct layout *layouts;
    size_t layout_n;
    uint32_t *fields;
    size_t field_n, field_cap;
    size_t group_n[OBJECT_GROUPS];
    int64_t *which;  /* each object's layout */
    int64_t *firsts; /* each object's first lam */
};

static size_t bytes_left(const struct unpacking *unpacking)
{
    return (size_t)(unpacking->packed->end - unpacking->packed->at);
}

static struct pl_object *object_at(const struct unpacking *unpacking, size_t i)
{
    return unpacking->doc->objects.order[i]; /* made in the order of their ids */
}

static struct layout *layout_at(const struct unpacking *unpacking, size_t i)
{
    return &unpacking->layouts[unpacking->which[i]];
}

static void unpacking_done(struct unpacking *unpacking)
{
    const struct pl_mem *mem = unpacking->doc->mem;
    pl_slabs_done(&unpacking->slabs);
    pl_mem_put(mem, unpacking->ids);
    pl_mem_put(mem, unpacking->layouts);
    pl_mem_put(mem, unpacking->fields);
    pl_mem_put(mem, unpacking->which);
    pl_mem_put(mem, unpacking->firsts);
}

/* An array of n numbers: NULL when out of memory. */
static int64_t *numbers_new(const struct unpacking *unpacking, size_t n)
{
    return pl_mem_get(unpacking->doc->mem, (n + 1) * sizeof(int64_t));
}

static enum pl_status unpack_column(struct unpacking *unpacking, uint64_t low, uint64_t high, size_t n, int64_t *ret)
{
    return pl_column_read(unpacking->packed, (int64_t)low, (int64_t)high, ret, n) ? PL_OK : PL_MALFORMED;
}

/* How many objects each row made; their sum is at most the bytes left. */
static enum pl_status unpack_counts(struct unpacking *unpacking, int64_t *counts)
{
    const size_t row_n = unpacking->doc->row_n;
    uint64_t total = 0;
    const enum pl_status status = unpack_column(unpacking, 0, PL_U53_MAX, row_n, counts);
    for (size_t i = 0; status == PL_OK && i < row_n; i++) {
        total += (uint64_t)counts[i];
        if (total > bytes_left(unpacking))
            return PL_MALFORMED;
    }
    unpacking->object_n = (size_t)total;
    return status;
}

static enum pl_status unpack_ids(struct unpacking *unpacking, const int64_t *counts)
{
    struct pl_id *id = unpacking->ids;
    for (size_t i = 0; i < unpacking->doc->row_n; i++) {
        const struct pl_replica_row *row = &unpacking->doc->rows[i];
        uint64_t ctr = 0, step;
        for (int64_t k = 0; k < counts[i]; k++) {
            if (!pl_unpack_uint(unpacking->packed, row->hwm - ctr, &step) || step == 0)
                return PL_MALFORMED;
            ctr += step;
            *id++ = (struct pl_id){.replica = row->replica, .ctr = ctr};
        }
    }
    return PL_OK;
}

static enum pl_status unpack_who(struct unpacking *unpacking)
{
    const struct pl_mem *mem = unpacking->doc->mem;
    int64_t *counts = numbers_new(unpacking, unpacking->doc->row_n);
    enum pl_status status = counts == NULL ? PL_NO_MEMORY : unpack_counts(unpacking, counts);
    if (status == PL_OK) {
        const size_t n = unpacking->object_n;
        unpacking->ids = pl_mem_get(mem, (n + 1) * sizeof *unpacking->ids);
        unpacking->which = numbers_new(unpacking, n);
        unpacking->firsts = numbers_new(unpacking, n);
        if (unpacking->ids == NULL || unpacking->which == NULL || unpacking->firsts == NULL)
            status = PL_NO_MEMORY;
    }
    if (status == PL_OK)
        status = unpack_ids(unpacking, counts);
    pl_mem_put(mem, counts);
    return status;
}

static bool fields_reserve(struct unpacking *unpacking, size_t more)
{
    if (unpacking->fields != NULL && unpacking->field_cap - unpacking->field_n >= more)
        return true;
    const size_t cap = unpacking->field_cap * 2 + more + 1; /* a layout may have none */
    uint32_t *fields = pl_mem_resize(unpacking->doc->mem, unpacking->fields, cap * sizeof *fields);
    if (fields == NULL)
        return false;
    unpacking->fields = fields;
    unpacking->field_cap = cap;
    return true;
}

/* n fields, ascending. */
static enum pl_status unpack_fields(struct unpacking *unpacking, size_t *ret_n)
{
    uint64_t n, step, field = 0;
    if (!pl_unpack_uint(unpacking->packed, LAYOUT_FIELDS_MAX, &n) || n > bytes_left(unpacking))
        return PL_MALFORMED;
    if (!fields_reserve(unpacking, (size_t)n))
        return PL_NO_MEMORY;
    for (uint64_t i = 0; i < n; i++) {
        if (!pl_unpack_uint(unpacking->packed, UINT32_MAX - field, &step) || (i > 0 && step == 0))
            return PL_MALFORMED;
        field += step;
        unpacking->fields[unpacking->field_n++] = (uint32_t)field;
    }
    *ret_n = (size_t)n;
    return PL_OK;
}

/* Registers' values say themselves whether they fit; a text must not stand where a register belongs. */
static bool texts_fit(const struct unpacking *unpacking, const struct layout *layout)
{
    for (size_t i = 0; i < layout->text_n; i++) {
        const enum pl_value_type type = pl_field_type(unpacking->fields[layout->at + layout->reg_n + i]);
        if (type != PL_VALUE_TEXT && type != PL_VALUE_UNKNOWN)
            return false;
    }
    return true;
}

static enum pl_status unpack_layouts(struct unpacking *unpacking)
{
    uint64_t n;
    if (!pl_unpack_uint(unpacking->packed, unpacking->object_n, &n) || n > bytes_left(unpacking))
        return PL_MALFORMED;
    unpacking->layouts = pl_mem_get(unpacking->doc->mem, ((size_t)n + 1) * sizeof *unpacking->layouts);
    if (unpacking->layouts == NULL)
        return PL_NO_MEMORY;
    for (; unpacking->layout_n < n; unpacking->layout_n++) {
        struct layout *layout = &unpacking->layouts[unpacking->layout_n];
        *layout = (struct layout){.at = unpacking->field_n};
        if (!pl_unpack_u32(unpacking->packed, &layout->kind))
            return PL_MALFORMED;
        enum pl_status status = unpack_fields(unpacking, &layout->reg_n);
        if (status == PL_OK)
            status = unpack_fields(unpacking, &layout->text_n);
        if (status == PL_OK && !texts_fit(unpacking, layout))
            status = PL_MALFORMED;
        if (status != PL_OK)
            return status;
    }
    return unpack_column(unpacking, 0, n - 1, unpacking->object_n, unpacking->which);
}

static enum pl_status make_objects(struct unpacking *unpacking)
{
    struct pl_doc *doc = unpacking->doc;
    if (!pl_table_reserve(&doc->objects, unpacking->object_n))
        return PL_NO_MEMORY;
    for (size_t i = 0; i < unpacking->object_n; i++) {
        struct layout *layout = layout_at(unpacking, i);
        struct pl_object *object = pl_object_blank(&unpacking->slabs, unpacking->ids[i], layout->kind,
                                                   unpacking->fields + layout->at, layout->reg_n);
        if (object == NULL)
            return PL_NO_MEMORY;
        pl_table_append(&doc->objects, object);
        layout->object_n++;
    }
    for (size_t i = 0; i < unpacking->layout_n; i++) {
        const struct layout *layout = &unpacking->layouts[i];
        for (size_t k = 0; k < layout->reg_n; k++)
            unpacking->group_n[object_group(unpacking->fields[layout->at + k])] += layout->object_n;
    }
    return PL_OK;
}

/* One group's stamps: whose are their object's first, and the others one after another. */
struct stamps {
    int64_t *first;
    int64_t *lams;
    int64_t *rows;
    size_t at; /* of the others */
};

static enum pl_status unpack_stamps(struct unpacking *unpacking, size_t n, struct stamps *stamps)
{
    size_t other_n = n;
    stamps->first = numbers_new(unpacking, n);
    enum pl_status status = stamps->first == NULL ? PL_NO_MEMORY : unpack_column(unpacking, 0, 1, n, stamps->first);
    for (size_t i = 0; status == PL_OK && i < n; i++)
        other_n -= (size_t)stamps->first[i];
    if (status != PL_OK)
        return status;
    stamps->lams = numbers_new(unpacking, other_n);
    stamps->rows = numbers_new(unpacking, other_n);
    if (stamps->lams == NULL || stamps->rows == NULL)
        return PL_NO_MEMORY;
    status = unpack_column(unpacking, 1, unpacking->doc->lam, other_n, stamps->lams);
    if (status == PL_OK)
        status = unpack_column(unpacking, 0, unpacking->doc->row_n - 1, other_n, stamps->rows);
    return status;
}

/* Gives an object its register number `at`. */
static enum pl_status fill_register(struct unpacking *unpacking, size_t object_i, size_t at, bool first,
                                    struct stamps *stamps, struct pl_slice value)
{
    struct pl_stamp stamp;
    if (first) {
        stamp.lam = (uint64_t)unpacking->firsts[object_i];
        stamp.replica = unpacking->ids[object_i].replica;
    } else {
        stamp.lam = (uint64_t)stamps->lams[stamps->at];
        stamp.replica = unpacking->doc->rows[stamps->rows[stamps->at++]].replica;
    }
    if (stamp.lam == 0)
        return PL_MALFORMED;
    return pl_object_fill(object_at(unpacking, object_i), at, stamp, value) ? PL_OK : PL_NO_MEMORY;
}

static enum pl_status fill_group(struct unpacking *unpacking, size_t group, struct pl_values *values,
                                 struct stamps *stamps)
{
    enum pl_status status = PL_OK;
    size_t at = 0;
    for (size_t i = 0; i < unpacking->object_n; i++) {
        const struct layout *layout = layout_at(unpacking, i);
        for (size_t k = layout->begin; k < layout->end; k++) {
            struct pl_slice value;
            if (!pl_values_next(values, &value))
                return PL_NO_MEMORY;
            if (group == OBJECT_GROUPS - 1 &&
                pl_value_check_kept(unpacking->fields[layout->at + k], value) != PL_OK)
                return PL_MALFORMED;
            status = fill_register(unpacking, i, k, stamps->first[at++] != 0, stamps, value);
            if (status != PL_OK)
                return status;
        }
    }
    return status;
}

/* Finds each layout's registers of a group; those of the groups below come before them. */
static void find_group(struct unpacking *unpacking, size_t group)
{
    for (size_t i = 0; i < unpacking->layout_n; i++) {
        struct layout *layout = &unpacking->layouts[i];
        const uint32_t *fields = unpacking->fields + layout->at;
        layout->begin = layout->end;
        while (layout->end < layout->reg_n && object_group(fields[layout->end]) == group)
            layout->end++;
    }
}

static enum pl_status unpack_group(struct unpacking *unpacking, size_t group)
{
    const struct pl_mem *mem = unpacking->doc->mem;
    struct stamps stamps = {0};
    struct pl_values *values = NULL;
    enum pl_status status = pl_values_open(mem, unpacking->packed, unpacking->group_n[group], &values);
    find_group(unpacking, group);
    if (status == PL_OK && group < OBJECT_GROUPS - 1)
        status = pl_values_fit(values, (uint32_t)group);
    if (status == PL_OK)
        status = unpack_stamps(unpacking, unpacking->group_n[group], &stamps);
    if (status == PL_OK)
        status = fill_group(unpacking, group, values, &stamps);
    pl_values_free(values);
    pl_mem_put(mem, stamps.first);
    pl_mem_put(mem, stamps.lams);
    pl_mem_put(mem, stamps.rows);
    return status;
}

static void set_part(const struct unpacking *unpacking, struct pl_tally *tally, unsigned part, int64_t number)
{
    switch (part) {
    case 0:
        tally->field = (uint32_t)number;
        break;
    case 1:
        tally->user = (uint64_t)number;
        break;
    case 2:
        tally->sub = (uint32_t)number;
        break;
    case 3:
        tally->value = (uint32_t)number;
        break;
    default:
        tally->stamp.replica = unpacking->doc->rows[number].replica;
        break;
    }
}

static enum pl_status unpack_tally_lams(struct unpacking *unpacking, struct pl_tally *tallies, size_t n)
{
    uint64_t lam = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t step;
        if (!pl_unpack_int(unpacking->packed, &step))
            return PL_MALFORMED;
        lam += (uint64_t)step;
        if (lam == 0 || lam > unpacking->doc->lam)
            return PL_MALFORMED;
        tallies[i] = (struct pl_tally){.stamp = {.lam = lam}};
    }
    return PL_OK;
}

/* All tallies, object by object. `numbers` has room for one column. */
static enum pl_status unpack_tally_parts(struct unpacking *unpacking, struct pl_tally *tallies, int64_t *numbers,
                                         size_t n)
{
    const uint64_t highest[OBJECT_TALLY_PARTS] = {UINT32_MAX, PL_U53_MAX, UINT32_MAX, UINT32_MAX,
                                                  unpacking->doc->row_n - 1};
    enum pl_status status = unpack_tally_lams(unpacking, tallies, n);
    for (unsigned part = 0; part < OBJECT_TALLY_PARTS && status == PL_OK; part++) {
        status = unpack_column(unpacking, 0, highest[part], n, numbers);
        for (size_t i = 0; status == PL_OK && i < n; i++)
            set_part(unpacking, &tallies[i], part, numbers[i]);
    }
    for (size_t i = 0; status == PL_OK && i < n; i++) {
        const enum pl_value_type type = pl_field_type(tallies[i].field);
        if (type != PL_VALUE_TALLY && type != PL_VALUE_UNKNOWN)
            status = PL_MALFORMED;
    }
    return status;
}

static enum pl_status unpack_tallies(struct unpacking *unpacking, const int64_t *counts)
{
    const struct pl_mem *mem = unpacking->doc->mem;
    size_t n = 0, at = 0;
    for (size_t i = 0; i < unpacking->object_n; i++)
        n += (size_t)counts[i];
    if (n > bytes_left(unpacking))
        return PL_MALFORMED;
    struct pl_tally *tallies = pl_mem_get(mem, (n + 1) * sizeof *tallies);
    int64_t *numbers = numbers_new(unpacking, n);
    enum pl_status status = tallies == NULL || numbers == NULL
                                ? PL_NO_MEMORY
                                : unpack_tally_parts(unpacking, tallies, numbers, n);
    for (size_t i = 0; status == PL_OK && i < unpacking->object_n; i++) {
        status = pl_object_add_tallies(object_at(unpacking, i), tallies + at, (size_t)counts[i]);
        at += (size_t)counts[i];
    }
    pl_mem_put(mem, tallies);
    pl_mem_put(mem, numbers);
    return status;
}

/* What comes after the registers, with room for a number for each object. */
static enum pl_status unpack_dying(struct unpacking *unpacking, int64_t *numbers)
{
    const enum pl_status status = unpack_column(unpacking, 0, PL_DYING_MAX, unpacking->object_n, numbers);
    for (size_t i = 0; status == PL_OK && i < unpacking->object_n; i++) {
        if (numbers[i] == 0)
            continue;
        if (pl_object_alive(object_at(unpacking, i)))
            return PL_MALFORMED;
        pl_object_set_dying(object_at(unpacking, i), (uint8_t)numbers[i]);
    }
    return status;
}

static enum pl_status unpack_tallied(struct unpacking *unpacking)
{
    int64_t *numbers = numbers_new(unpacking, unpacking->object_n);
    enum pl_status status = numbers == NULL ? PL_NO_MEMORY : unpack_dying(unpacking, numbers);
    if (status == PL_OK)
        status = unpack_column(unpacking, 0, PL_TALLIES_MAX, unpacking->object_n, numbers);
    if (status == PL_OK)
        status = unpack_tallies(unpacking, numbers);
    pl_mem_put(unpacking->doc->mem, numbers);
    return status;
}

/* What texts are read from: three parts, side by side. */
struct text_parts {
    struct pl_packed spans, utf8, marks;
    uint64_t between; /* texts without marks until the next that has some */
};

static bool next_marked(struct text_parts *parts)
{
    parts->between = UINT64_MAX;
    return parts->marks.at == parts->marks.end || pl_unpack_uint(&parts->marks, UINT32_MAX, &parts->between);
}

/* No stamp of a mark is above the document's clock. */
static enum pl_status unpack_marks(const struct pl_doc *doc, struct text_parts *parts, struct pl_text *text)
{
    if (parts->between > 0) {
        parts->between -= parts->between < UINT64_MAX ? 1 : 0;
        return PL_OK;
    }
    const enum pl_status status = pl_text_unpack_marks(text, &parts->marks);
    if (status != PL_OK)
        return status;
    return pl_marks_lam(pl_text_marks(text)) <= doc->lam && next_marked(parts) ? PL_OK : PL_MALFORMED;
}

/* Whether all ids of a text were given out. Mostly they are of the replica that made its object. */
static bool text_issued(const struct unpacking *unpacking, const struct pl_replica_row *maker,
                        const struct pl_text *text)
{
    return pl_text_within(text, maker->replica, maker->hwm) || pl_doc_issued(unpacking->doc, text);
}

static enum pl_status unpack_object_texts(struct unpacking *unpacking, size_t i, const struct pl_replica_row *maker,
                                          struct text_parts *parts)
{
    const struct layout *layout = layout_at(unpacking, i);
    struct pl_object *object = object_at(unpacking, i);
    enum pl_status status = PL_OK;
    for (size_t k = 0; k < layout->text_n && status == PL_OK; k++) {
        struct pl_text *text = NULL;
        status = pl_text_unpack(&unpacking->slabs, unpacking->ids[i], &parts->spans, &parts->utf8, &text);
        if (status == PL_OK && !text_issued(unpacking, maker, text))
            status = PL_MALFORMED;
        if (status == PL_OK)
            status = unpack_marks(unpacking->doc, parts, text);
        if (status == PL_OK)
            status = pl_object_add_text(object, unpacking->fields[layout->at + layout->reg_n + k], text);
        if (status != PL_OK)
            pl_text_free(text);
    }
    return status;
}

static enum pl_status unpack_text_parts(struct unpacking *unpacking, struct text_parts *parts)
{
    enum pl_status status = next_marked(parts) ? PL_OK : PL_MALFORMED;
    const struct pl_replica_row *maker = unpacking->doc->rows; /* objects stand by their rows */
    for (size_t i = 0; i < unpacking->object_n && status == PL_OK; i++) {
        while (maker->replica != unpacking->ids[i].replica)
            maker++;
        status = unpack_object_texts(unpacking, i, maker, parts);
    }
    if (status == PL_OK && (!pl_packed_done(&parts->spans) || !pl_packed_done(&parts->utf8) ||
                            !pl_packed_done(&parts->marks) || parts->between != UINT64_MAX))
        status = PL_MALFORMED;
    return status;
}

static enum pl_status unpack_texts(struct unpacking *unpacking)
{
    struct pl_slice spans, utf8 = {0}, marks;
    uint8_t *bytes = NULL;
    if (!pl_unpack_bytes(unpacking->packed, &spans))
        return PL_MALFORMED;
    enum pl_status status = pl_words_unpack(unpacking->doc->mem, unpacking->packed, &bytes, &utf8.len);
    utf8.data = bytes;
    if (status == PL_OK && !pl_unpack_bytes(unpacking->packed, &marks))
        status = PL_MALFORMED;
    if (status == PL_OK) {
        struct text_parts parts = {
            .spans = pl_packed_of(spans), .utf8 = pl_packed_of(utf8), .marks = pl_packed_of(marks)};
        status = unpack_text_parts(unpacking, &parts);
    }
    pl_mem_put(unpacking->doc->mem, bytes);
    return status;
}

enum pl_status pl_objects_unpack(struct pl_doc *doc, struct pl_packed *packed)
{
    struct unpacking unpacking = {.doc = doc, .slabs = pl_slabs_of(doc->mem), .packed = packed};
    enum pl_status status = unpack_who(&unpacking);
    if (status == PL_OK)
        status = unpack_layouts(&unpacking);
    if (status == PL_OK)
        status = make_objects(&unpacking);
    if (status == PL_OK)
        status = unpack_column(&unpacking, 0, doc->lam, unpacking.object_n, unpacking.firsts);
    for (size_t group = 0; group < OBJECT_GROUPS && status == PL_OK; group++)
        if (unpacking.group_n[group] > 0)
            status = unpack_group(&unpacking, group);
    if (status == PL_OK)
        status = unpack_tallied(&unpacking);
    if (status == PL_OK)
        status = unpack_texts(&unpacking);
    unpacking_done(&unpacking);
    return status;
}
