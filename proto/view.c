/* What a person sees, as one number. Rules V1, N4. It holds no id and no stamp: objects come in drawing order, and what
 * names one of them names its rank there. */
#include "proto/view.h"
#include "proto/marks.h"
#include "proto/order.h"
#include "proto/value.h"
#include <stdlib.h>

/* A living object, ready to be sorted. */
struct drawn {
    const struct pl_object *object;
    struct pl_id id;
    struct pl_slice order;
    size_t rank; /* from 1, in drawing order */
};

struct viewing {
    struct drawn *living; /* in drawing order */
    struct drawn *by_id;
    size_t n;
    struct pl_buf scratch;
};

static int compare_drawn(const void *a, const void *b)
{
    const struct drawn *left = a, *right = b;
    return pl_order_compare(left->order, left->id, right->order, right->id);
}

static int compare_ids(const void *a, const void *b)
{
    const struct drawn *left = a, *right = b;
    return pl_id_compare(left->id, right->id);
}

/* 0 for none, and for what is not living (V5). */
static size_t rank_of(const struct viewing *viewing, struct pl_id id)
{
    const struct drawn wanted = {.id = id};
    const struct drawn *found =
        viewing->n == 0 ? NULL : bsearch(&wanted, viewing->by_id, viewing->n, sizeof wanted, compare_ids);
    return found == NULL ? 0 : found->rank;
}

static uint64_t hash_number(uint64_t hash, uint64_t value)
{
    uint8_t bytes[8];
    pl_u64_to_bytes(value, bytes);
    return pl_hash(hash, bytes, sizeof bytes);
}

static uint64_t hash_bytes(uint64_t hash, struct pl_slice bytes)
{
    return pl_hash(hash_number(hash, bytes.len), bytes.data, bytes.len);
}

static bool write_rank(void *user, struct pl_reader *reader, struct pl_buf *buf)
{
    struct pl_id id;
    if (!pl_read_id(reader, &id))
        return false;
    const size_t rank = rank_of(user, id);
    if (rank == 0)
        pl_write_nil(buf);
    else
        pl_write_uint(buf, rank);
    return true;
}

static uint64_t hash_register(uint64_t hash, struct viewing *viewing, const struct pl_object *object,
                              const struct pl_register *reg)
{
    struct pl_reader reader = pl_reader_of(reg->value);
    struct pl_id parent = {0};
    struct pl_slice order;
    hash = hash_number(hash, reg->field);
    if (reg->field == PL_FIELD_PLACE) { /* whatever the key is: it is seen in the drawing order */
        (void)pl_object_place(object, &parent, &order);
        return hash_number(hash, rank_of(viewing, parent));
    }
    if (!pl_value_names(reg->field))
        return hash_bytes(hash, reg->value);
    pl_buf_clear(&viewing->scratch);
    (void)pl_value_filter(reg->field, &reader, write_rank, viewing, &viewing->scratch);
    return hash_bytes(hash, pl_buf_slice(&viewing->scratch));
}

/* How many people have which value where, not who: a sum, for they are in the order of their numbers. What was taken
 * back looks like what was never given. */
static uint64_t hash_tallies(uint64_t hash, const struct pl_object *object)
{
    struct pl_tally tally;
    uint64_t sum = 0;
    for (size_t i = 0; pl_object_tally_at(object, i, &tally); i++)
        if (tally.value != 0)
            sum += hash_number(hash_number(hash_number(PL_HASH_START, tally.field), tally.sub), tally.value);
    return hash_number(hash, sum);
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
    *hash = hash_number(hash_number(hash_number(*hash, run->mark->kind), run->at), run->n);
    *hash = hash_bytes(*hash, run->mark->value);
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

static uint64_t hash_object(uint64_t hash, struct viewing *viewing, const struct pl_object *object)
{
    struct pl_register reg;
    const struct pl_text *text;
    uint32_t field;
    hash = hash_number(hash, pl_object_kind(object));
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        hash = hash_register(hash, viewing, object, &reg);
    hash = hash_tallies(hash, object);
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        if (pl_text_scalars(text) > 0) /* an emptied text looks like one never written */
            hash = hash_text(hash, field, text);
    return hash;
}

static void gather_living(struct viewing *viewing, const struct pl_object *const *objects, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct drawn drawn = {.object = objects[i], .id = pl_object_id(objects[i])};
        struct pl_id parent;
        if (!pl_object_alive(objects[i]))
            continue;
        (void)pl_object_place(objects[i], &parent, &drawn.order);
        viewing->living[viewing->n++] = drawn;
    }
    if (viewing->n > 0)
        qsort(viewing->living, viewing->n, sizeof *viewing->living, compare_drawn);
    for (size_t i = 0; i < viewing->n; i++) {
        viewing->living[i].rank = i + 1;
        viewing->by_id[i] = viewing->living[i];
    }
    if (viewing->n > 0)
        qsort(viewing->by_id, viewing->n, sizeof *viewing->by_id, compare_ids);
}

uint64_t pl_view_hash_of(const struct pl_mem *mem, const struct pl_object *const *objects, size_t n)
{
    struct viewing viewing = {0};
    uint64_t hash = 0;
    pl_buf_init(&viewing.scratch, mem);
    viewing.living = pl_mem_get(mem, (n + 1) * sizeof *viewing.living);
    viewing.by_id = pl_mem_get(mem, (n + 1) * sizeof *viewing.by_id);
    if (viewing.living != NULL && viewing.by_id != NULL) {
        gather_living(&viewing, objects, n);
        hash = hash_number(PL_HASH_START, viewing.n);
        for (size_t i = 0; i < viewing.n; i++)
            hash = hash_object(hash, &viewing, viewing.living[i].object);
    }
    pl_mem_put(mem, viewing.living);
    pl_mem_put(mem, viewing.by_id);
    pl_buf_done(&viewing.scratch);
    return hash;
}
