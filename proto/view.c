/* What a person sees, as pure rules over objects. Rules V1, N4. */
#include "proto/view.h"
#include "proto/marks.h"
#include "proto/order.h"
#include <stdlib.h>

static int compare_drawn(const void *a, const void *b)
{
    const struct pl_object *const *left = a, *const *right = b;
    struct pl_id parent;
    struct pl_slice left_order = {0}, right_order = {0};
    (void)pl_object_place(*left, &parent, &left_order);
    (void)pl_object_place(*right, &parent, &right_order);
    return pl_order_compare(left_order, pl_object_id(*left), right_order, pl_object_id(*right));
}

void pl_view_sort(const struct pl_object **objects, size_t n)
{
    if (n > 1)
        qsort((void *)objects, n, sizeof(struct pl_object *), compare_drawn);
}

static uint64_t hash_number(uint64_t hash, uint64_t value)
{
    uint8_t bytes[8];
    pl_u64_to_bytes(value, bytes);
    return pl_hash(hash, bytes, sizeof bytes);
}

/* A parent is named by its place among the living, so that the hash holds no id; 0 for the board. */
static uint64_t hash_place(uint64_t hash, const struct pl_object *object,
                           const struct pl_object **living, size_t n)
{
    struct pl_id parent = {0};
    struct pl_slice order;
    size_t rank = 0;
    if (pl_object_place(object, &parent, &order) && !pl_id_none(parent))
        for (size_t i = 0; i < n && rank == 0; i++)
            if (pl_id_equal(pl_object_id(living[i]), parent))
                rank = i + 1;
    return hash_number(hash, rank);
}

static bool hash_run(void *hash, struct pl_id_range range, struct pl_slice utf8)
{
    (void)range;
    *(uint64_t *)hash = pl_hash(*(uint64_t *)hash, utf8.data, utf8.len);
    return true;
}

static bool hash_mark(void *user, const struct pl_mark_run *run)
{
    uint64_t *hash = user;
    const struct pl_slice value = run->mark->value;
    *hash = hash_number(hash_number(hash_number(*hash, run->mark->kind), run->at), run->n);
    *hash = pl_hash(hash_number(*hash, value.len), value.data, value.len);
    return true;
}

/* Without memory the hash is of something else, which is what a failure should look like. */
static uint64_t hash_text(uint64_t hash, uint32_t field, const struct pl_text *text)
{
    hash = hash_number(hash_number(hash, field), pl_text_bytes(text));
    pl_text_visible(text, 0, SIZE_MAX, hash_run, &hash);
    if (pl_text_marks(text) != NULL && pl_marks_seen(pl_text_marks(text), text, hash_mark, &hash) != PL_OK)
        hash = ~hash;
    return hash;
}

static uint64_t hash_object(uint64_t hash, const struct pl_object *object,
                            const struct pl_object **living, size_t n)
{
    struct pl_register reg;
    hash = hash_number(hash, pl_object_kind(object));
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++) {
        hash = hash_number(hash, reg.field);
        if (reg.field == PL_FIELD_PLACE)
            hash = hash_place(hash, object, living, n);
        else
            hash = pl_hash(hash_number(hash, reg.value.len), reg.value.data, reg.value.len);
    }
    const struct pl_text *text;
    uint32_t field;
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++) {
        if (pl_text_scalars(text) > 0) /* an emptied text looks like one never written */
            hash = hash_text(hash, field, text);
    }
    return hash;
}

uint64_t pl_view_hash_of(const struct pl_object **objects, size_t n)
{
    size_t living_n = 0;
    for (size_t i = 0; i < n; i++)
        if (pl_object_alive(objects[i]))
            objects[living_n++] = objects[i];
    pl_view_sort(objects, living_n);
    uint64_t hash = hash_number(PL_HASH_START, living_n);
    for (size_t i = 0; i < living_n; i++)
        hash = hash_object(hash, objects[i], objects, living_n);
    return hash;
}
