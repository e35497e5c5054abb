/* The oracles of the engine's world: at rest everybody has the same, and the journal, folded in any way it may be
 * folded, leads to it. */
#include "edits.h"
#include "proto/id_text.h"
#include "proto/object.h"
#include "proto/value.h"
#include "world_state.h"
#include <string.h>

#define UNDO_PROBE  6u
#define ORDERS      3u
#define GESTURES    3u

bool world_compare(struct world *world, struct pl_doc *doc)
{
    const char *reason;
    verdict_met(&world->verdict, SIM_COMPARED);
    return naive_doc_agrees(world->naive, doc, &reason) || world_fail(world, reason);
}

/* Folding anew. */

/* The journal from `head` on, into a document that has it up to there. */
static bool fold_tail(struct world *world, struct pl_doc *doc, uint64_t head)
{
    for (size_t i = head; i < world_entry_n(world); i++) {
        const struct pl_envelope envelope = world_envelope(world, i);
        if (pl_doc_apply(doc, &envelope, NULL) != PL_OK)
            return world_fail(world, "an entry of the journal cannot be applied");
    }
    return true;
}

static bool same_state(struct world *world, struct pl_doc *doc, const char *otherwise)
{
    return pl_doc_state_hash(doc) == pl_doc_state_hash(world->doc) || world_fail(world, otherwise);
}

/* Replaying the journal gives the state that is there; so does replaying it again over that; so does loading it. */
static bool replay_agrees(struct world *world)
{
    struct pl_doc *doc = pl_doc_new(world->mem), *loaded = NULL;
    struct pl_buf snapshot;
    sim_must(doc != NULL, "no memory");
    bool ok = fold_tail(world, doc, 0) && same_state(world, doc, "replaying leads to another state");
    for (size_t i = 0; ok && i < world_entry_n(world); i++) {
        const struct pl_envelope envelope = world_envelope(world, i);
        ok = pl_doc_apply(doc, &envelope, NULL) == PL_DUPLICATE ||
             world_fail(world, "an entry was applied twice");
    }
    ok = ok && same_state(world, doc, "applying is not idempotent");
    pl_buf_init(&snapshot, world->mem);
    pl_doc_snapshot(doc, &snapshot);
    ok = ok && (pl_doc_load(world->mem, pl_buf_slice(&snapshot), &loaded) == PL_OK ||
                world_fail(world, "a snapshot does not load"));
    ok = ok && same_state(world, loaded, "a snapshot loads as another state");
    pl_buf_done(&snapshot);
    pl_doc_free(loaded);
    pl_doc_free(doc);
    return ok;
}

/* A snapshot taken on the way, and the entries after it, lead to the same state. */
static bool resume_agrees(struct world *world)
{
    struct pl_doc *doc = NULL;
    if (world->midway.len == 0)
        return true;
    const bool ok = (pl_doc_load(world->mem, pl_buf_slice(&world->midway), &doc) == PL_OK ||
                     world_fail(world, "a snapshot does not load")) &&
                    fold_tail(world, doc, world->midway_head) &&
                    same_state(world, doc, "a snapshot and the tail lead to another state");
    pl_doc_free(doc);
    return ok;
}

/* Other orders. */

/* One of the entries that may come next: what its author had seen is there, and its replica's earlier ones. */
static size_t pick_next(struct world *world, const bool *done, size_t prefix)
{
    const size_t n = world_entry_n(world);
    size_t picked = n;
    uint32_t seen = 0;
    for (size_t i = prefix; i < n; i++) {
        const struct entry *entry = world_entry_at(world, i);
        bool may = !done[i] && entry->needs <= prefix;
        for (size_t k = prefix; may && k < i; k++)
            may = done[k] || world_entry_at(world, k)->replica != entry->replica;
        if (may && rng_below(&world->rng, ++seen) == 0)
            picked = i;
    }
    return picked;
}

/* The same batches in another order that causality allows, numbered as a journal of its own: nothing but seqs and
 * times may differ. */
static bool order_agrees(struct world *world)
{
    const size_t n = world_entry_n(world);
    const char *reason = NULL;
    struct pl_doc *doc = pl_doc_new(world->mem);
    bool *done = sim_get(n + 1);
    size_t prefix = 0;
    sim_must(doc != NULL, "no memory");
    for (size_t seq = 1; seq <= n && reason == NULL; seq++) {
        const size_t i = pick_next(world, done, prefix);
        sim_must(i < n, "no entry may come next");
        struct pl_envelope envelope = world_envelope(world, i);
        envelope.seq = seq;
        done[i] = true;
        if (i != prefix)
            verdict_met(&world->verdict, SIM_OVERTAKEN);
        while (done[prefix] && prefix < n)
            prefix++;
        if (pl_doc_apply(doc, &envelope, NULL) != PL_OK)
            reason = "an entry cannot be applied in another causal order";
    }
    if (reason == NULL && !naive_doc_agrees(world->naive, doc, &reason))
        reason = "another causal order leads to other content";
    else if (reason == NULL)
        (void)pl_doc_check(doc, &reason);
    free(done);
    pl_doc_free(doc);
    return reason == NULL || world_fail(world, reason);
}

/* Views. */

struct comparison {
    struct naive_doc *naive;
    const char *reason; /* NULL: all the same so far */
};

static void compare_object(void *user, const struct pl_object *object)
{
    struct comparison *comparison = user;
    const char *reason;
    if (comparison->reason == NULL &&
        !naive_doc_object_agrees(comparison->naive, pl_object_id(object), object, &reason))
        comparison->reason = reason;
}

bool world_overlay_check(struct world *world, struct client *client)
{
    struct comparison comparison = {.naive = naive_doc_new(true)};
    struct pl_pending pending;
    const uint64_t head = pl_doc_head(pl_replica_doc(client->replica));
    for (size_t i = 0; i < head && comparison.reason == NULL; i++) {
        const struct pl_envelope envelope = world_envelope(world, i);
        const char *reason;
        if (!naive_doc_apply(comparison.naive, &envelope, world_adopted(world, i), &reason))
            comparison.reason = reason;
    }
    for (size_t i = 0; pl_replica_pending_at(client->replica, i, &pending); i++)
        naive_doc_pend(comparison.naive, client->user, pending.body);
    pl_replica_each(client->replica, compare_object, &comparison);
    naive_doc_free(comparison.naive);
    if (comparison.reason == NULL)
        (void)mirror_agrees(client->mirror, &comparison.reason);
    return comparison.reason == NULL || world_fail(world, comparison.reason);
}

static bool everyone_agrees(struct world *world)
{
    const char *reason;
    const uint64_t state = pl_doc_state_hash(world->doc), view = pl_doc_view_hash(world->doc);
    if (!pl_doc_check(world->doc, &reason))
        return world_fail(world, reason);
    if (!world_compare(world, world->doc))
        return false;
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        struct pl_replica *replica = world->clients[i].replica;
        if (pl_doc_state_hash(pl_replica_doc(replica)) != state)
            return world_fail(world, "a client's committed state differs from the server's");
        if (pl_replica_view_hash(replica) != view)
            return world_fail(world, "a client at rest sees something else than is committed");
    }
    return true;
}

/* Undo. */

static void find_clock(void *user, const struct pl_object *object)
{
    bool *found = user;
    struct pl_register reg;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        *found = *found || pl_field_type(reg.field) == PL_VALUE_CLOCK;
}

bool world_undo_check(struct world *world, struct client *client)
{
    struct pl_replica *replica = client->replica;
    bool clocks = false;
    pl_replica_each(replica, find_clock, &clocks);
    if (clocks || world->knobs[WORLD_RICH] % 2 == 1)
        return true; /* a clock starts anew; of several links over a single letter one comes back with it (edits.h) */
    const uint64_t view = pl_replica_view_hash(replica);
    const uint32_t most = 1 + rng_below(&world->rng, UNDO_PROBE);
    uint32_t undone = 0, redone = 0;
    while (undone < most && pl_replica_undo(replica) == PL_OK)
        undone++;
    while (redone < undone && pl_replica_redo(replica) == PL_OK)
        redone++;
    if (pl_replica_view_hash(replica) != view)
        return world_fail(world, "undo and redo did not lead back");
    return true;
}

/* Something the client may paint. */
struct canvas {
    enum pl_role role;
    struct pl_id id;
};

static bool locked(const struct pl_object *object)
{
    struct pl_register lock;
    bool is = false;
    if (!pl_object_register(object, PL_FIELD_LOCKED, &lock))
        return false;
    struct pl_reader reader = pl_reader_of(lock.value);
    return pl_read_bool(&reader, &is) && is;
}

static void first_canvas(void *user, const struct pl_object *object)
{
    struct canvas *canvas = user;
    const uint32_t kind = pl_object_kind(object);
    if (pl_id_none(canvas->id) && !pl_kind_own(kind) && pl_kind_writer(kind) <= canvas->role &&
        pl_object_dying(object) < PL_DYING_MAX && !locked(object))
        canvas->id = pl_object_id(object);
}

static uint64_t color_of(const struct client *client, struct pl_id id)
{
    uint64_t color = UINT64_MAX;
    (void)pl_object_uint(pl_replica_object(client->replica, id), PL_FIELD_COLOR, &color);
    return color;
}

static bool paint(struct world *world, struct client *client, struct pl_id id, uint64_t color)
{
    struct pl_buf edits;
    pl_buf_init(&edits, world->mem);
    pl_write_array(&edits, 1);
    pl_write_array(&edits, 4);
    pl_write_uint(&edits, 2);
    pl_write_id_text(&edits, id);
    pl_write_uint(&edits, PL_FIELD_COLOR);
    pl_write_uint(&edits, color);
    const enum pl_status status = pl_replica_edit(client->replica, 0, false, pl_buf_slice(&edits), NULL, NULL);
    pl_buf_done(&edits);
    return status == PL_OK || world_fail(world, pl_status_text(status));
}

/* Whether what one does is settled in between must not matter. */
static bool maybe_settle(struct world *world)
{
    return rng_chance(&world->rng, 60) || world_settle(world);
}

/* Three gestures on one register are undone in three steps, and redone in three. */
static bool gestures_undo_one_by_one(struct world *world, struct client *client)
{
    struct canvas canvas = {.role = client->role};
    uint64_t colors[GESTURES + 1];
    bool ok = world_settle(world); /* what others do at the same time may win */
    pl_replica_each(client->replica, first_canvas, &canvas);
    const struct pl_id id = canvas.id;
    if (pl_id_none(id))
        return true;
    ok = ok && paint(world, client, id, 1000); /* something to go back to */
    colors[0] = 1000;
    for (uint32_t i = 1; ok && i <= GESTURES; i++) {
        colors[i] = 1000 + i;
        ok = maybe_settle(world) && paint(world, client, id, colors[i]);
    }
    for (uint32_t i = GESTURES; ok && i > 0; i--)
        ok = maybe_settle(world) && pl_replica_undo(client->replica) == PL_OK &&
             color_of(client, id) == colors[i - 1];
    for (uint32_t i = 1; ok && i <= GESTURES; i++)
        ok = maybe_settle(world) && pl_replica_redo(client->replica) == PL_OK &&
             color_of(client, id) == colors[i];
    return ok || world_fail(world, "three gestures on one register are not undone in three steps");
}

bool world_rest_check(struct world *world)
{
    bool ok = everyone_agrees(world) && replay_agrees(world) && resume_agrees(world);
    for (uint32_t i = 0; ok && i < ORDERS; i++)
        ok = order_agrees(world);
    for (uint32_t i = 0; ok && i < world->knobs[WORLD_CLIENTS]; i++) {
        struct client *client = &world->clients[i];
        ok = world_undo_check(world, client) && gestures_undo_one_by_one(world, client) &&
             world_overlay_check(world, client);
    }
    return ok && world_settle(world) && everyone_agrees(world);
}
