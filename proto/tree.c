/* The parent a person sees: a pure rule over what is stored. Rule V2. */
#include "proto/replica_private.h"

struct rect {
    double x, y, w, h;
};

static struct rect rect_of(const struct pl_object *object)
{
    struct rect rect = {0};
    (void)pl_object_point(object, PL_FIELD_POS, &rect.x, &rect.y);
    (void)pl_object_point(object, PL_FIELD_SIZE, &rect.w, &rect.h);
    return rect;
}

static bool rects_touch(struct rect a, struct rect b)
{
    return a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;
}

/* The stored edge from an object to its parent; false for an object on the board. */
static bool edge(const struct pl_object *object, struct pl_id *ret_parent, struct pl_stamp *ret_stamp)
{
    struct pl_register reg;
    struct pl_slice order;
    if (!pl_object_register(object, PL_FIELD_PLACE, &reg) ||
        !pl_object_place(object, ret_parent, &order) || pl_id_none(*ret_parent))
        return false;
    *ret_stamp = reg.stamp;
    return true;
}

/* Whether the object lies on a cycle of stored edges whose highest stamp is its own edge's. */
static bool closes_cycle(const struct pl_replica *replica, const struct pl_object *object)
{
    struct pl_id at;
    struct pl_stamp own, stamp;
    bool highest = true;
    if (!edge(object, &at, &own))
        return false;
    const size_t steps_max = pl_doc_object_n(replica->doc) + replica->overlay.n;
    for (size_t step = 0; step <= steps_max; step++) {
        if (pl_id_equal(at, pl_object_id(object)))
            return highest;
        const struct pl_object *next = pl_replica_object(replica, at);
        if (next == NULL || !edge(next, &at, &stamp))
            return false;
        if (pl_stamp_compare(stamp, own) > 0)
            highest = false;
    }
    return false; /* it hangs below a cycle, and is not on it */
}

struct pl_id pl_replica_parent(const struct pl_replica *replica, struct pl_id id)
{
    const struct pl_object *object = pl_replica_object(replica, id);
    const struct pl_id board = {0};
    struct pl_id parent_id;
    struct pl_stamp stamp;
    if (object == NULL || !edge(object, &parent_id, &stamp))
        return board;
    const struct pl_object *parent = pl_replica_object(replica, parent_id);
    if (parent == NULL || !pl_object_alive(parent) || pl_object_kind(parent) != PL_KIND_FRAME ||
        !rects_touch(rect_of(object), rect_of(parent)) || closes_cycle(replica, object))
        return board;
    return parent_id;
}
