/* Parents and groups (see tree.h). Rules V2, V5. Stored edges may form cycles: nobody sees the others' writes while
 * making one's own. Each object has at most one edge of a kind, so a walk that goes on until it meets something known
 * finds every cycle, and no object is walked over twice. */
#include "proto/tree.h"
#include "proto/replica_private.h"
#include <string.h>

#define KNOWN_MIN 16u

enum known_state {
    KNOWN_NOT,
    KNOWN_HERE,    /* the walk in progress came by */
    KNOWN_KEEPS,   /* its edge counts, as far as cycles go */
    KNOWN_IGNORED, /* its edge is the newest of a cycle */
};

/* What was found out about one object's edge. */
struct known {
    struct pl_id id;
    struct pl_id top; /* of a group's edge: the outermost group; no id while it is not known */
    enum known_state state;
};

struct known_set {
    struct known *slots; /* open addressing, a power of two */
    size_t slot_n;
    size_t n;
};

struct pl_tree {
    const struct pl_mem *mem;
    pl_tree_find *find;
    const void *user;
    struct known_set parents;
    struct known_set groups;
    bool failed; /* out of memory: no answer is worth anything any more */
};

/* A stored edge of one kind. */
typedef bool edge_of(const struct pl_object *object, struct pl_id *ret_to, struct pl_stamp *ret_stamp);

struct pl_tree *pl_tree_new(const struct pl_mem *mem, pl_tree_find *find, const void *user)
{
    struct pl_tree *tree = pl_mem_get(mem, sizeof *tree);
    if (tree != NULL)
        *tree = (struct pl_tree){.mem = mem, .find = find, .user = user};
    return tree;
}

void pl_tree_free(struct pl_tree *tree_or_null)
{
    if (tree_or_null == NULL)
        return;
    pl_mem_put(tree_or_null->mem, tree_or_null->parents.slots);
    pl_mem_put(tree_or_null->mem, tree_or_null->groups.slots);
    pl_mem_put(tree_or_null->mem, tree_or_null);
}

static struct known *known_slot(const struct known_set *set, struct pl_id id)
{
    const uint64_t mixed = (id.ctr ^ (uint64_t)id.replica << 40) * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed >> 20) & (set->slot_n - 1);
    while (set->slots[slot].state != KNOWN_NOT && !pl_id_equal(set->slots[slot].id, id))
        slot = (slot + 1) & (set->slot_n - 1);
    return &set->slots[slot];
}

/* Room for one more. */
static bool known_reserve(const struct pl_mem *mem, struct known_set *set)
{
    if ((set->n + 1) * 4 <= set->slot_n * 3)
        return true;
    struct known_set grown = {.slot_n = set->slot_n == 0 ? KNOWN_MIN : set->slot_n * 2, .n = set->n};
    grown.slots = pl_mem_get(mem, grown.slot_n * sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    memset(grown.slots, 0, grown.slot_n * sizeof *grown.slots);
    for (size_t i = 0; i < set->slot_n; i++)
        if (set->slots[i].state != KNOWN_NOT)
            *known_slot(&grown, set->slots[i].id) = set->slots[i];
    pl_mem_put(mem, set->slots);
    *set = grown;
    return true;
}

static bool parent_edge(const struct pl_object *object, struct pl_id *ret_to, struct pl_stamp *ret_stamp)
{
    struct pl_register reg;
    struct pl_slice order;
    if (!pl_object_register(object, PL_FIELD_PLACE, &reg) || !pl_object_place(object, ret_to, &order))
        return false;
    *ret_stamp = reg.stamp;
    return !pl_id_none(*ret_to);
}

static bool group_edge(const struct pl_object *object, struct pl_id *ret_to, struct pl_stamp *ret_stamp)
{
    struct pl_register reg;
    if (!pl_object_register(object, PL_FIELD_GROUP, &reg))
        return false;
    struct pl_reader reader = pl_reader_of(reg.value);
    *ret_stamp = reg.stamp;
    return pl_read_id_or_nil(&reader, ret_to) && !pl_id_none(*ret_to);
}

/* Where the object's stored edge of this kind leads; false for none, and for an object that is not there. */
static bool step(const struct pl_tree *tree, edge_of *edge, struct pl_id at, struct pl_id *ret_to,
                 struct pl_stamp *ret_stamp)
{
    const struct pl_object *object = tree->find(tree->user, at);
    return object != NULL && edge(object, ret_to, ret_stamp);
}

/* `at` lies on a cycle that was just found: its newest edge is ignored, the others count. */
static void open_cycle(const struct pl_tree *tree, edge_of *edge, const struct known_set *set, struct pl_id start)
{
    struct pl_id at = start, to = start, newest = start;
    struct pl_stamp stamp, highest = {0};
    do {
        known_slot(set, at)->state = KNOWN_KEEPS;
        (void)step(tree, edge, at, &to, &stamp);
        if (pl_stamp_compare(stamp, highest) > 0) {
            highest = stamp;
            newest = at;
        }
        at = to;
    } while (!pl_id_equal(at, start));
    known_slot(set, newest)->state = KNOWN_IGNORED;
}

/* Finds out about every edge on the way from `id`. */
static void explore(struct pl_tree *tree, edge_of *edge, struct known_set *set, struct pl_id id)
{
    struct pl_id at = id, to;
    struct pl_stamp stamp;
    for (; step(tree, edge, at, &to, &stamp); at = to) {
        if (!known_reserve(tree->mem, set)) {
            tree->failed = true;
            return;
        }
        struct known *known = known_slot(set, at);
        if (known->state == KNOWN_HERE)
            open_cycle(tree, edge, set, at);
        if (known->state != KNOWN_NOT)
            break;
        *known = (struct known){.id = at, .state = KNOWN_HERE};
        set->n++;
    }
    for (at = id; step(tree, edge, at, &to, &stamp); at = to) {
        struct known *known = known_slot(set, at);
        if (known->state != KNOWN_HERE)
            break;
        known->state = KNOWN_KEEPS;
    }
}

/* The edge from `id`, if there is one that counts. */
static bool edge_from(struct pl_tree *tree, edge_of *edge, struct known_set *set, struct pl_id id,
                      struct pl_id *ret_to)
{
    struct pl_stamp stamp;
    if (tree->failed || !step(tree, edge, id, ret_to, &stamp))
        return false;
    explore(tree, edge, set, id);
    return !tree->failed && known_slot(set, id)->state == KNOWN_KEEPS;
}

struct rect {
    double x, y, w, h;
};

/* False for what has no place of its own on the board. */
static bool rect_of(const struct pl_object *object, struct rect *ret_rect)
{
    *ret_rect = (struct rect){0};
    (void)pl_object_point(object, PL_FIELD_SIZE, &ret_rect->w, &ret_rect->h);
    return pl_object_point(object, PL_FIELD_POS, &ret_rect->x, &ret_rect->y);
}

static bool rects_touch(const struct pl_object *one, const struct pl_object *other)
{
    struct rect a, b;
    return rect_of(one, &a) && rect_of(other, &b) && a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h &&
           b.y <= a.y + a.h;
}

static bool nests(uint32_t child, uint32_t parent)
{
#define PL_NEST(inner, outer)                                                                                          \
    if (child == PL_KIND_##inner && parent == PL_KIND_##outer)                                                         \
        return true;
#include "proto/schema.def"
#undef PL_NEST
    return false;
}

struct pl_id pl_tree_parent(struct pl_tree *tree, struct pl_id id)
{
    const struct pl_id board = {0};
    struct pl_id to;
    if (!edge_from(tree, parent_edge, &tree->parents, id, &to))
        return board;
    const struct pl_object *child = tree->find(tree->user, id), *parent = tree->find(tree->user, to);
    if (parent == NULL || !pl_object_alive(parent))
        return board;
    const uint32_t kind = pl_object_kind(parent);
    const bool holds = nests(pl_object_kind(child), kind) || (kind == PL_KIND_FRAME && rects_touch(child, parent));
    return holds ? to : board;
}

/* The group the object itself is in; no id when it is in none. */
static struct pl_id group_of(struct pl_tree *tree, struct pl_id id)
{
    const struct pl_id none = {0};
    struct pl_id to;
    if (!edge_from(tree, group_edge, &tree->groups, id, &to))
        return none;
    const struct pl_object *group = tree->find(tree->user, to);
    return group != NULL && pl_object_alive(group) && pl_object_kind(group) == PL_KIND_GROUP ? to : none;
}

/* The outermost group when it was asked for before; no id otherwise. */
static struct pl_id known_top(const struct pl_tree *tree, struct pl_id id)
{
    return tree->groups.slot_n == 0 ? (struct pl_id){0} : known_slot(&tree->groups, id)->top;
}

struct pl_id pl_tree_group(struct pl_tree *tree, struct pl_id id)
{
    struct pl_id at = id, top = known_top(tree, id);
    while (pl_id_none(top)) {
        const struct pl_id group = group_of(tree, at);
        if (pl_id_none(group))
            break;
        at = group;
        top = known_top(tree, at);
    }
    if (pl_id_none(top) && !pl_id_equal(at, id))
        top = at;
    for (at = id; !pl_id_none(top) && !pl_id_equal(at, top) && pl_id_none(known_top(tree, at));) {
        known_slot(&tree->groups, at)->top = top;
        at = group_of(tree, at);
    }
    return tree->failed ? (struct pl_id){0} : top;
}

static const struct pl_object *find_in_doc(const void *doc, struct pl_id id)
{
    return pl_doc_object(doc, id);
}

struct pl_tree *pl_tree_of_doc(const struct pl_mem *mem, const struct pl_doc *doc)
{
    return pl_tree_new(mem, find_in_doc, doc);
}

static const struct pl_object *find_in_replica(const void *replica, struct pl_id id)
{
    return pl_replica_object(replica, id);
}

struct pl_tree *pl_tree_of_replica(const struct pl_mem *mem, const struct pl_replica *replica)
{
    return pl_tree_new(mem, find_in_replica, replica);
}

struct pl_id pl_replica_parent(const struct pl_replica *replica, struct pl_id id)
{
    struct pl_id parent = {0};
    struct pl_tree *tree = pl_tree_of_replica(replica->mem, replica);
    if (tree != NULL)
        parent = pl_tree_parent(tree, id);
    pl_tree_free(tree);
    return parent;
}
