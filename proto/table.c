/* Objects by id: an open-addressing hash table beside an array that is sorted when somebody asks for order. */
#include "proto/table.h"
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 16u

void pl_table_init(struct pl_table *table, const struct pl_mem *mem)
{
    *table = (struct pl_table){.mem = mem, .sorted = true};
}

void pl_table_done(struct pl_table *table)
{
    for (size_t i = 0; i < table->object_n; i++)
        pl_object_free(table->order[i]);
    pl_mem_put(table->mem, table->order);
    pl_mem_put(table->mem, table->slots);
    pl_table_init(table, table->mem);
}

/* A multiplicative mix: replica and counter are both small and dense. */
static size_t slot_of(struct pl_id id, size_t slot_n)
{
    uint64_t mixed = (id.ctr ^ (uint64_t)id.replica << 40) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 20) & (slot_n - 1);
}

#define CACHE_LINE 64u

/* The slot that holds the id, or the free one where it belongs. There is always a free slot. Registers lie behind the
 * id: they are on their way from memory while it is compared. */
static size_t probe(const struct pl_table *table, struct pl_id id)
{
    size_t slot = slot_of(id, table->slot_n);
    for (const struct pl_object *object; (object = table->slots[slot]) != NULL; slot = (slot + 1) & (table->slot_n - 1)) {
        __builtin_prefetch((const char *)object + CACHE_LINE);
        __builtin_prefetch((const char *)object + 2 * CACHE_LINE);
        if (pl_id_equal(pl_object_id(object), id))
            break;
    }
    return slot;
}

struct pl_object *pl_table_get(const struct pl_table *table, struct pl_id id)
{
    return table->slot_n == 0 ? NULL : table->slots[probe(table, id)];
}

/* Forgets which slots are taken and takes them anew from `order`. */
static void fill_slots(struct pl_table *table)
{
    if (table->slot_n > 0)
        memset(table->slots, 0, table->slot_n * sizeof(struct pl_object *));
    for (size_t i = 0; i < table->object_n; i++)
        table->slots[probe(table, pl_object_id(table->order[i]))] = table->order[i];
}

/* At most half of the slots are taken: whatever object a probe passes by has to come from memory. */
static bool slots_reserve(struct pl_table *table, size_t n)
{
    size_t slot_n = table->slot_n == 0 ? SLOTS_MIN : table->slot_n;
    while (n > slot_n / 2)
        slot_n *= 2;
    if (slot_n == table->slot_n)
        return true;
    struct pl_object **slots = pl_mem_get(table->mem, slot_n * sizeof(struct pl_object *));
    if (slots == NULL)
        return false;
    pl_mem_put(table->mem, table->slots);
    table->slots = slots;
    table->slot_n = slot_n;
    fill_slots(table);
    return true;
}

static bool order_reserve(struct pl_table *table, size_t cap)
{
    struct pl_object **order = pl_mem_resize(table->mem, table->order, cap * sizeof(struct pl_object *));
    if (order == NULL)
        return false;
    table->order = order;
    table->order_cap = cap;
    return true;
}

bool pl_table_reserve(struct pl_table *table, size_t n)
{
    return n == 0 || (slots_reserve(table, n) && (n <= table->order_cap || order_reserve(table, n)));
}

enum pl_status pl_table_add(struct pl_table *table, struct pl_object *object)
{
    const struct pl_id id = pl_object_id(object);
    if (!slots_reserve(table, table->object_n + 1))
        return PL_NO_MEMORY;
    const size_t slot = probe(table, id);
    if (table->slots[slot] != NULL)
        return PL_DUPLICATE;
    const size_t cap = table->order_cap == 0 ? SLOTS_MIN : table->order_cap * 2;
    if (table->object_n == table->order_cap && !order_reserve(table, cap))
        return PL_NO_MEMORY;
    if (table->object_n > 0 && pl_id_compare(pl_object_id(table->order[table->object_n - 1]), id) > 0)
        table->sorted = false;
    table->order[table->object_n++] = object;
    table->slots[slot] = object;
    return PL_OK;
}

void pl_table_append(struct pl_table *table, struct pl_object *object)
{
    size_t slot = slot_of(pl_object_id(object), table->slot_n);
    while (table->slots[slot] != NULL)
        slot = (slot + 1) & (table->slot_n - 1);
    table->slots[slot] = object;
    table->order[table->object_n++] = object;
}

/* Closes the gap a removal leaves in its probe run, so that lookups need no tombstones. */
static void close_gap(struct pl_table *table, size_t gap)
{
    const size_t mask = table->slot_n - 1;
    for (size_t slot = (gap + 1) & mask; table->slots[slot] != NULL; slot = (slot + 1) & mask) {
        const size_t home = slot_of(pl_object_id(table->slots[slot]), table->slot_n);
        if (((slot - home) & mask) < ((slot - gap) & mask))
            continue;
        table->slots[gap] = table->slots[slot];
        table->slots[slot] = NULL;
        gap = slot;
    }
}

void pl_table_drop(struct pl_table *table, struct pl_id id)
{
    struct pl_object *object = pl_table_get(table, id);
    if (object == NULL)
        return;
    const size_t slot = probe(table, id);
    table->slots[slot] = NULL;
    close_gap(table, slot);
    size_t i = 0;
    while (table->order[i] != object)
        i++;
    memmove(table->order + i, table->order + i + 1,
            (table->object_n - i - 1) * sizeof(struct pl_object *));
    table->object_n--;
    pl_object_free(object);
}

static int compare_objects(const void *a, const void *b)
{
    struct pl_object *const *left = a, *const *right = b;
    return pl_id_compare(pl_object_id(*left), pl_object_id(*right));
}

struct pl_object *pl_table_at(struct pl_table *table, size_t index)
{
    if (!table->sorted) {
        qsort(table->order, table->object_n, sizeof(struct pl_object *), compare_objects);
        table->sorted = true;
    }
    return index < table->object_n ? table->order[index] : NULL;
}

enum pl_status pl_table_apply(struct pl_table *table, const struct pl_op *op,
                              const struct pl_observer *observer_or_null)
{
    if (op->code != PL_OP_CREATE) {
        struct pl_object *object = pl_table_get(table, op->object);
        return object == NULL ? PL_ORPHAN : pl_object_apply(object, op, observer_or_null);
    }
    struct pl_object *object = pl_object_new(table->mem, op->id, op->kind, op->value_n + 1u);
    if (object == NULL)
        return PL_NO_MEMORY;
    enum pl_status status = pl_object_apply(object, op, NULL);
    if (status == PL_OK)
        status = pl_table_add(table, object);
    if (status != PL_OK) {
        pl_object_free(object);
        return status;
    }
    const struct pl_change change = {.kind = PL_CHANGE_MADE, .object = op->id};
    pl_observe(observer_or_null, &change);
    return PL_OK;
}

/* The dropped go behind the others first: who is told of one finds the table whole, and without it. */
enum pl_status pl_table_collect(struct pl_table *table, const struct pl_observer *observer_or_null)
{
    enum pl_status status = PL_OK;
    size_t kept = 0;
    const size_t n = table->object_n;
    for (size_t i = 0; i < n; i++) {
        struct pl_object *object = table->order[i];
        bool drop = false;
        if (status == PL_OK)
            status = pl_object_collect(object, &drop);
        if (drop)
            continue;
        table->order[i] = table->order[kept];
        table->order[kept++] = object;
    }
    if (kept == n)
        return status;
    table->object_n = kept;
    fill_slots(table);
    for (size_t i = kept; i < n; i++) {
        const struct pl_change change = {.kind = PL_CHANGE_DROPPED, .object = pl_object_id(table->order[i])};
        pl_observe(observer_or_null, &change);
        pl_object_free(table->order[i]);
    }
    return status;
}

enum pl_status pl_table_adopt(struct pl_table *table, struct pl_table *from,
                              const struct pl_observer *observer_or_null)
{
    enum pl_status status = PL_OK;
    size_t kept = 0;
    for (size_t i = 0; i < from->object_n; i++) {
        struct pl_object *object = from->order[i];
        const enum pl_status added = status == PL_OK ? pl_table_add(table, object) : status;
        if (added != PL_OK) {
            from->order[kept++] = object;
            status = added == PL_DUPLICATE ? PL_OK : added;
            continue;
        }
        const struct pl_change change = {.kind = PL_CHANGE_MADE, .object = pl_object_id(object)};
        pl_observe(observer_or_null, &change);
    }
    from->object_n = kept;
    fill_slots(from);
    return status;
}
