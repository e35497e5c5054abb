/* Objects to columns (see object_pack.h). Rule N2. What a create set has the object's first stamp, so most registers
 * need none of their own. Equal documents pack to equal bytes: nothing here depends on how one came to be. */
#include "proto/object_pack.h"
#include "proto/column.h"
#include "proto/marks.h"
#include "proto/value_pack.h"
#include "proto/words.h"
#include <string.h>

struct packing {
    struct pl_doc *doc;
    struct pl_buf *buf;
    const struct pl_object *const *objects;
    size_t object_n;
    size_t group_n[OBJECT_GROUPS]; /* registers in each */
    size_t tally_n;
    int64_t *firsts; /* each object's first lam */
    uint8_t *next;   /* each object's next register to pack */
    /* As long as the longest column: */
    struct pl_slice *values;
    int64_t *numbers;
    int64_t *lams;
    int64_t *rows;
};

static int64_t row_of(struct packing *packing, uint32_t replica)
{
    const struct pl_replica_row *row = pl_doc_row(packing->doc, replica);
    if (row == NULL)
        packing->buf->failed = true; /* whoever wrote anything has a row */
    return row == NULL ? 0 : row - packing->doc->rows;
}

/* The lam of its maker's first write that still stands. 0: none does. */
static int64_t first_lam(const struct pl_object *object)
{
    const uint32_t maker = pl_object_id(object).replica;
    struct pl_register reg;
    uint64_t lam = 0;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        if (reg.stamp.replica == maker && (lam == 0 || reg.stamp.lam < lam))
            lam = reg.stamp.lam;
    return (int64_t)lam;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static bool packing_init(struct packing *packing, struct pl_doc *doc, struct pl_buf *buf)
{
    struct pl_register reg;
    (void)pl_table_at(&doc->objects, 0); /* sorts */
    *packing = (struct packing){.doc = doc, .buf = buf, .object_n = doc->objects.object_n};
    packing->objects = (const struct pl_object *const *)doc->objects.order;
    for (size_t i = 0; i < packing->object_n; i++) {
        for (size_t k = 0; pl_object_register_at(packing->objects[i], k, &reg); k++)
            packing->group_n[object_group(reg.field)]++;
        packing->tally_n += pl_object_tally_n(packing->objects[i]);
    }
    const size_t n = packing->object_n + 1;
    size_t longest = larger(larger(n, doc->row_n), packing->tally_n);
    for (size_t g = 0; g < OBJECT_GROUPS; g++)
        longest = larger(longest, packing->group_n[g]);
    packing->firsts = pl_mem_get(doc->mem, n * sizeof *packing->firsts);
    packing->next = pl_mem_get(doc->mem, n);
    if (packing->next != NULL)
        memset(packing->next, 0, n);
    packing->values = pl_mem_get(doc->mem, longest * sizeof *packing->values);
    packing->numbers = pl_mem_get(doc->mem, longest * sizeof *packing->numbers);
    packing->lams = pl_mem_get(doc->mem, longest * sizeof *packing->lams);
    packing->rows = pl_mem_get(doc->mem, longest * sizeof *packing->rows);
    return packing->firsts != NULL && packing->next != NULL && packing->values != NULL &&
           packing->numbers != NULL && packing->lams != NULL && packing->rows != NULL;
}

static void packing_done(struct packing *packing)
{
    const struct pl_mem *mem = packing->doc->mem;
    pl_mem_put(mem, packing->firsts);
    pl_mem_put(mem, packing->next);
    pl_mem_put(mem, packing->values);
    pl_mem_put(mem, packing->numbers);
    pl_mem_put(mem, packing->lams);
    pl_mem_put(mem, packing->rows);
}

static void pack_ids(struct packing *packing)
{
    struct pl_id last = {0};
    memset(packing->numbers, 0, packing->doc->row_n * sizeof *packing->numbers);
    for (size_t i = 0; i < packing->object_n; i++)
        packing->numbers[row_of(packing, pl_object_id(packing->objects[i]).replica)]++;
    pl_column_write(packing->buf, packing->numbers, packing->doc->row_n);
    for (size_t i = 0; i < packing->object_n; i++) {
        const struct pl_id id = pl_object_id(packing->objects[i]);
        pl_pack_uint(packing->buf, id.ctr - (i > 0 && id.replica == last.replica ? last.ctr : 0));
        last = id;
    }
}

/* The fields in order, each as the step from the one before. */
static void write_layout(struct pl_buf *buf, const struct pl_object *object)
{
    struct pl_register reg;
    uint32_t field, last = 0;
    size_t reg_n = 0, text_n = 0;
    while (pl_object_register_at(object, reg_n, &reg))
        reg_n++;
    while (pl_object_text_at(object, text_n, &field) != NULL)
        text_n++;
    pl_pack_uint(buf, pl_object_kind(object));
    pl_pack_uint(buf, reg_n);
    for (size_t i = 0; pl_object_register_at(object, i, &reg); last = reg.field, i++)
        pl_pack_uint(buf, reg.field - last);
    last = 0;
    pl_pack_uint(buf, text_n);
    for (size_t i = 0; pl_object_text_at(object, i, &field) != NULL; last = field, i++)
        pl_pack_uint(buf, field - last);
}

/* A growing set of byte strings, told apart by what they are: hostile boards have as many layouts as objects. */
struct layouts {
    struct pl_buf bytes; /* of all */
    size_t n;
    size_t *ends;        /* of each in `bytes` */
    uint32_t *slots;     /* open addressing: layouts by hash, plus one; 0 is free */
    size_t slot_n;
};

static struct pl_slice layout_bytes(const struct layouts *layouts, size_t i)
{
    const size_t start = i == 0 ? 0 : layouts->ends[i - 1];
    return (struct pl_slice){layouts->bytes.data + start, layouts->ends[i] - start};
}

/* The number of the object's layout. */
static size_t layout_of(struct layouts *layouts, const struct pl_object *object)
{
    const size_t start = layouts->n == 0 ? 0 : layouts->ends[layouts->n - 1];
    layouts->bytes.len = start;
    write_layout(&layouts->bytes, object);
    if (layouts->bytes.failed)
        return 0;
    const struct pl_slice own = {layouts->bytes.data + start, layouts->bytes.len - start};
    size_t slot = (size_t)pl_hash(PL_HASH_START, own.data, own.len) & (layouts->slot_n - 1);
    for (; layouts->slots[slot] != 0; slot = (slot + 1) & (layouts->slot_n - 1))
        if (pl_slice_equal(layout_bytes(layouts, layouts->slots[slot] - 1), own))
            return layouts->slots[slot] - 1;
    layouts->ends[layouts->n++] = layouts->bytes.len;
    layouts->slots[slot] = (uint32_t)layouts->n;
    return layouts->n - 1;
}

static void pack_layouts(struct packing *packing)
{
    const struct pl_mem *mem = packing->doc->mem;
    struct layouts layouts = {.slot_n = 16};
    while (layouts.slot_n < packing->object_n * 2)
        layouts.slot_n *= 2;
    pl_buf_init(&layouts.bytes, mem);
    layouts.ends = pl_mem_get(mem, (packing->object_n + 1) * sizeof *layouts.ends);
    layouts.slots = pl_mem_get(mem, layouts.slot_n * sizeof *layouts.slots);
    if (layouts.ends != NULL && layouts.slots != NULL) {
        memset(layouts.slots, 0, layouts.slot_n * sizeof *layouts.slots);
        for (size_t i = 0; i < packing->object_n; i++)
            packing->numbers[i] = (int64_t)layout_of(&layouts, packing->objects[i]);
        pl_pack_uint(packing->buf, layouts.n);
        pl_buf_append(packing->buf, layouts.bytes.data, layouts.n == 0 ? 0 : layouts.ends[layouts.n - 1]);
        pl_column_write(packing->buf, packing->numbers, packing->object_n);
    } else {
        packing->buf->failed = true;
    }
    packing->buf->failed = packing->buf->failed || layouts.bytes.failed;
    pl_buf_done(&layouts.bytes);
    pl_mem_put(mem, layouts.ends);
    pl_mem_put(mem, layouts.slots);
}

static void pack_firsts(struct packing *packing)
{
    for (size_t i = 0; i < packing->object_n; i++)
        packing->firsts[i] = first_lam(packing->objects[i]);
    pl_column_write(packing->buf, packing->firsts, packing->object_n);
}

static void pack_group(struct packing *packing, size_t group)
{
    const size_t n = packing->group_n[group];
    size_t at = 0, other_n = 0;
    for (size_t i = 0; i < packing->object_n; i++) {
        const struct pl_object *object = packing->objects[i];
        const struct pl_stamp first = {.lam = (uint64_t)packing->firsts[i], .replica = pl_object_id(object).replica};
        struct pl_register reg;
        for (; pl_object_register_at(object, packing->next[i], &reg) && object_group(reg.field) == group; at++) {
            packing->next[i]++;
            packing->values[at] = reg.value;
            packing->numbers[at] = pl_stamp_compare(reg.stamp, first) == 0;
            if (packing->numbers[at])
                continue;
            packing->lams[other_n] = (int64_t)reg.stamp.lam;
            packing->rows[other_n++] = row_of(packing, reg.stamp.replica);
        }
    }
    pl_values_pack(packing->buf, packing->values, n);
    pl_column_write(packing->buf, packing->numbers, n);
    pl_column_write(packing->buf, packing->lams, other_n);
    pl_column_write(packing->buf, packing->rows, other_n);
}

static int64_t tally_part(struct packing *packing, const struct pl_tally *tally, unsigned part)
{
    switch (part) {
    case 0:
        return tally->field;
    case 1:
        return (int64_t)tally->user;
    case 2:
        return tally->sub;
    case 3:
        return tally->value;
    default:
        return row_of(packing, tally->stamp.replica);
    }
}

static void pack_dying(struct packing *packing)
{
    for (size_t i = 0; i < packing->object_n; i++)
        packing->numbers[i] = pl_object_dying(packing->objects[i]);
    pl_column_write(packing->buf, packing->numbers, packing->object_n);
}

static void pack_tallies(struct packing *packing)
{
    struct pl_tally tally;
    uint64_t last = 0;
    for (size_t i = 0; i < packing->object_n; i++)
        packing->numbers[i] = (int64_t)pl_object_tally_n(packing->objects[i]);
    pl_column_write(packing->buf, packing->numbers, packing->object_n);
    for (size_t i = 0; i < packing->object_n; i++) {
        for (size_t k = 0; pl_object_tally_at(packing->objects[i], k, &tally); k++) {
            pl_pack_int(packing->buf, (int64_t)(tally.stamp.lam - last));
            last = tally.stamp.lam;
        }
    }
    for (unsigned part = 0; part < OBJECT_TALLY_PARTS; part++) {
        size_t n = 0;
        for (size_t i = 0; i < packing->object_n; i++)
            for (size_t k = 0; pl_object_tally_at(packing->objects[i], k, &tally); k++)
                packing->numbers[n++] = tally_part(packing, &tally, part);
        pl_column_write(packing->buf, packing->numbers, n);
    }
}

/* The text's marks, when it has any; `between` counts the texts since the last that had. */
static void pack_marks(const struct pl_text *text, uint64_t *between, struct pl_buf *marks)
{
    const struct pl_marks *own = pl_text_marks(text);
    if (own == NULL || pl_marks_n(own) == 0) {
        ++*between;
        return;
    }
    pl_pack_uint(marks, *between);
    pl_marks_pack(own, marks);
    *between = 0;
}

static void pack_texts(struct packing *packing)
{
    struct pl_buf spans, utf8, marks;
    const struct pl_text *text;
    uint32_t field;
    uint64_t between = 0;
    pl_buf_init(&spans, packing->doc->mem);
    pl_buf_init(&utf8, packing->doc->mem);
    pl_buf_init(&marks, packing->doc->mem);
    for (size_t i = 0; i < packing->object_n; i++) {
        for (size_t k = 0; (text = pl_object_text_at(packing->objects[i], k, &field)) != NULL; k++) {
            pl_text_pack(text, pl_object_id(packing->objects[i]), &spans, &utf8);
            pl_pack_byte(&utf8, PL_WORDS_TEXT_END);
            pack_marks(text, &between, &marks);
        }
    }
    pl_pack_bytes(packing->buf, pl_buf_slice(&spans));
    pl_words_pack(packing->buf, pl_buf_slice(&utf8));
    pl_pack_bytes(packing->buf, pl_buf_slice(&marks));
    packing->buf->failed = packing->buf->failed || spans.failed || utf8.failed || marks.failed;
    pl_buf_done(&spans);
    pl_buf_done(&utf8);
    pl_buf_done(&marks);
}

void pl_objects_pack(struct pl_doc *doc, struct pl_buf *buf)
{
    struct packing packing;
    if (packing_init(&packing, doc, buf)) {
        pack_ids(&packing);
        pack_layouts(&packing);
        pack_firsts(&packing);
        for (size_t group = 0; group < OBJECT_GROUPS; group++)
            if (packing.group_n[group] > 0)
                pack_group(&packing, group);
        pack_dying(&packing);
        pack_tallies(&packing);
        pack_texts(&packing);
    } else {
        buf->failed = true;
    }
    packing_done(&packing);
}
