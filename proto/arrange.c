/* Order keys for objects that are moved in the drawing order (see arrange.h). All keys are chosen before anything is
 * written. Mostly there is room between the two neighbours, which one look at every object finds; only where there is
 * none are the objects sorted. */
#include "proto/arrange.h"
#include "proto/op_write.h"
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES_MAX 24u /* a longer one makes neighbours move */
#define KEY_BYTES_NEW 16u /* which then get keys that leave room for others to come */

/* Where an object is drawn; without an id: nowhere. */
struct standing {
    struct pl_id id;
    struct pl_id parent; /* as stored: a person may see another */
    struct pl_slice key; /* borrowed from the object */
};

struct arranging {
    struct pl_id *moved; /* owned; sorted */
    size_t moved_n;
    struct standing before;
    struct standing near[2]; /* the neighbours below and above the gap */
    struct pl_buf siblings;  /* all that may move aside */
};

/* What gets new keys: siblings[from, at), the moved ones, siblings[at, end). */
struct window {
    const struct standing *siblings;
    size_t sibling_n;
    size_t from, at, end;
    size_t moved_n;
    struct pl_order_key *keys; /* owned; of all of them in order */
};

static int compare_moved(const void *a, const void *b)
{
    const struct pl_id *left = a, *right = b;
    return pl_id_compare(*left, *right);
}

static int compare_standing(const void *a, const void *b)
{
    const struct standing *left = a, *right = b;
    return pl_order_compare(left->key, left->id, right->key, right->id);
}

static bool is_below(const struct arranging *arranging, const struct standing *standing)
{
    return pl_id_none(arranging->before.id) || compare_standing(standing, &arranging->before) < 0;
}

/* Where an object stands that may be a neighbour; false for what is not drawn, or moves itself. */
static bool stands(const struct arranging *arranging, const struct pl_object *object, struct standing *ret_standing)
{
    ret_standing->id = pl_object_id(object);
    return pl_object_alive(object) && pl_object_place(object, &ret_standing->parent, &ret_standing->key) &&
           (arranging->moved_n == 0 || bsearch(&ret_standing->id, arranging->moved, arranging->moved_n,
                                               sizeof ret_standing->id, compare_moved) == NULL);
}

static void find_near(void *user, const struct pl_object *object)
{
    struct arranging *arranging = user;
    struct standing standing;
    if (!stands(arranging, object, &standing))
        return;
    const bool below = is_below(arranging, &standing);
    struct standing *near = &arranging->near[below ? 0 : 1];
    if (pl_id_none(near->id) || (compare_standing(near, &standing) < 0) == below)
        *near = standing;
}

static void gather_sibling(void *user, const struct pl_object *object)
{
    struct arranging *arranging = user;
    struct standing standing;
    const uint32_t kind = pl_object_kind(object);
    /* A refusal of one object's new key would refuse the whole gesture. */
    if (pl_kind_writer(kind) <= PL_ROLE_EDITOR && !pl_kind_own(kind) && stands(arranging, object, &standing))
        pl_buf_append(&arranging->siblings, &standing, sizeof standing);
}

/* Takes the moved objects, sorted. PL_INVALID when one is named twice. */
static enum pl_status take_moved(struct arranging *arranging, const struct pl_mem *mem, const struct arranged *items,
                                 size_t n)
{
    arranging->moved = pl_mem_get(mem, n * sizeof *arranging->moved);
    if (arranging->moved == NULL)
        return PL_NO_MEMORY;
    arranging->moved_n = n;
    for (size_t i = 0; i < n; i++)
        arranging->moved[i] = items[i].object;
    qsort(arranging->moved, n, sizeof *arranging->moved, compare_moved);
    for (size_t i = 1; i < n; i++)
        if (pl_id_equal(arranging->moved[i - 1], arranging->moved[i]))
            return PL_INVALID;
    return PL_OK;
}

static size_t window_n(const struct window *window)
{
    return window->end - window->from + window->moved_n;
}

/* Whether the keys are in order between the neighbours outside, and short enough. */
static bool keys_fit(const struct window *window, size_t bytes_max)
{
    const size_t n = window_n(window);
    struct pl_slice low = {0};
    bool bounded = window->from > 0;
    if (bounded)
        low = window->siblings[window->from - 1].key;
    for (size_t i = 0; i < n; i++) {
        const struct pl_slice key = pl_order_slice(&window->keys[i]);
        if (key.len > bytes_max || (bounded && pl_order_compare_keys(low, key) >= 0))
            return false;
        low = key;
        bounded = true;
    }
    return window->end == window->sibling_n || pl_order_compare_keys(low, window->siblings[window->end].key) < 0;
}

/* People who fill the same gap at once choose different keys: the jitter is made of what only this tab has. */
static uint32_t jitter_of(const struct pl_replica *replica)
{
    const uint64_t own[] = {replica->id, replica->ctr_next};
    return (uint32_t)(pl_hash(PL_HASH_START, own, sizeof own) >> 16);
}

/* Chooses keys for the moved ones and `reach` siblings on each side. */
static enum pl_status choose_keys(struct window *window, const struct pl_replica *replica, size_t reach,
                                  bool *ret_fits)
{
    window->from = window->at > reach ? window->at - reach : 0;
    window->end = window->sibling_n - window->at > reach ? window->at + reach : window->sibling_n;
    const size_t n = window_n(window);
    struct pl_order_key *keys = pl_mem_resize(replica->mem, window->keys, n * sizeof *keys);
    if (keys == NULL)
        return PL_NO_MEMORY;
    window->keys = keys;
    const struct pl_slice open = {0};
    pl_order_spread(window->from > 0 ? window->siblings[window->from - 1].key : open,
                    window->end < window->sibling_n ? window->siblings[window->end].key : open, jitter_of(replica),
                    keys, n);
    *ret_fits = keys_fit(window, reach == 0 ? KEY_BYTES_MAX : KEY_BYTES_NEW);
    return PL_OK;
}

/* The gap between the two neighbours alone. */
static enum pl_status choose_near(struct arranging *arranging, struct window *window, struct pl_replica *replica,
                                  bool *ret_fits)
{
    pl_replica_each(replica, find_near, arranging);
    window->at = !pl_id_none(arranging->near[0].id);
    window->siblings = &arranging->near[window->at ? 0 : 1];
    window->sibling_n = window->at + !pl_id_none(arranging->near[1].id);
    return choose_keys(window, replica, 0, ret_fits);
}

/* More and more neighbours, until there is room. */
static enum pl_status choose_far(struct arranging *arranging, struct window *window, struct pl_replica *replica)
{
    pl_replica_each(replica, gather_sibling, arranging);
    if (arranging->siblings.failed)
        return PL_NO_MEMORY;
    struct standing *siblings = (struct standing *)(void *)arranging->siblings.data;
    window->siblings = siblings;
    window->sibling_n = arranging->siblings.len / sizeof *siblings;
    if (window->sibling_n > 1)
        qsort(siblings, window->sibling_n, sizeof *siblings, compare_standing);
    window->at = 0;
    while (window->at < window->sibling_n && is_below(arranging, &siblings[window->at]))
        window->at++;
    enum pl_status status = PL_OK;
    bool fits = false;
    for (size_t reach = 1; status == PL_OK && !fits; reach *= 2) {
        status = choose_keys(window, replica, reach, &fits);
        fits = fits || window_n(window) == window->sibling_n + window->moved_n;
    }
    return status;
}

static enum pl_status write_order_key(struct edit_run *run, struct pl_id id, struct pl_id parent,
                                const struct pl_order_key *key)
{
    struct pl_replica *replica = run->replica;
    struct pl_op op = {.code = PL_OP_SET, .object = id, .field = PL_FIELD_PLACE};
    pl_buf_clear(&replica->value);
    pl_place_write(&replica->value, parent, pl_order_slice(key));
    op.value = pl_buf_slice(&replica->value);
    return replica->value.failed ? PL_NO_MEMORY : run_emit(run, &op);
}

static enum pl_status write_order(struct edit_run *run, const struct window *window, const struct arranged *items)
{
    const struct pl_order_key *key = window->keys;
    enum pl_status status = PL_OK;
    for (size_t i = window->from; i < window->at && status == PL_OK; i++)
        status = write_order_key(run, window->siblings[i].id, window->siblings[i].parent, key++);
    for (size_t i = 0; i < window->moved_n && status == PL_OK; i++)
        status = write_order_key(run, items[i].object, items[i].parent, key++);
    for (size_t i = window->at; i < window->end && status == PL_OK; i++)
        status = write_order_key(run, window->siblings[i].id, window->siblings[i].parent, key++);
    return status;
}

enum pl_status run_arrange(struct edit_run *run, const struct arranged *items, size_t n, struct pl_id before)
{
    struct pl_replica *replica = run->replica;
    const struct pl_object *object = pl_id_none(before) ? NULL : pl_replica_object(replica, before);
    struct arranging arranging = {.before = {.id = {0}}};
    struct window window = {.moved_n = n};
    bool fits = false;
    if (n == 0)
        return PL_OK;
    pl_buf_init(&arranging.siblings, replica->mem);
    if (object != NULL) {
        arranging.before.id = before;
        (void)pl_object_place(object, &arranging.before.parent, &arranging.before.key);
    }
    enum pl_status status = take_moved(&arranging, replica->mem, items, n);
    if (status == PL_OK)
        status = choose_near(&arranging, &window, replica, &fits);
    if (status == PL_OK && !fits)
        status = choose_far(&arranging, &window, replica);
    if (status == PL_OK)
        status = write_order(run, &window, items);
    pl_mem_put(replica->mem, window.keys);
    pl_mem_put(replica->mem, arranging.moved);
    pl_buf_done(&arranging.siblings);
    return status;
}

bool run_key_above(const struct edit_run *run, struct pl_order_key *key)
{
    struct arranging arranging = {.before = {.id = {0}}};
    struct pl_slice low = pl_order_slice(key);
    struct pl_order_key above;
    if (low.len == 0) {
        pl_replica_each(run->replica, find_near, &arranging);
        low = arranging.near[0].key;
    }
    pl_order_between(low, (struct pl_slice){0}, jitter_of(run->replica), &above);
    if (above.len > KEY_BYTES_MAX || pl_order_compare_keys(low, pl_order_slice(&above)) >= 0)
        return false;
    *key = above;
    return true;
}
