/* The simulated world. The server is a document that decides, journals and applies; the clients are real replicas.
 * Messages below the session are dropped, doubled and reordered; tabs reload with or without their replica. */
#include "world.h"
#include "edits.h"
#include "proto/doc.h"
#include "proto/message.h"
#include "proto/reader.h"
#include "proto/replica.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS_MAX 5u
#define LINK_MAX 64u
#define UNDO_PROBE 6u
#define CHECK_EVERY 4u /* walking every invariant costs as much as ten steps */

/* One direction of a connection: message bytes in the order sent. */
struct link {
    struct pl_buf messages[LINK_MAX];
    uint32_t n;
};

struct client {
    struct pl_replica *replica;
    struct link up;   /* batch bodies */
    struct link down; /* envelopes */
    uint64_t told;    /* the seq up to which the server has sent */
    uint64_t handed;  /* the highest counter ever handed to the network under this replica id */
    uint64_t user;
};

struct world {
    struct world_config config;
    struct rng rng;
    const struct pl_mem *mem;
    struct pl_doc *doc;
    struct pl_buf journal;     /* envelopes, one after another */
    size_t *entry_at;          /* their offsets */
    size_t entry_n, entry_cap;
    struct client clients[CLIENTS_MAX];
    uint32_t replica_next;
    struct pl_buf ops;         /* for world_ops */
    const char *reason;
};

struct world_config world_config_of(uint64_t seed)
{
    struct rng rng = {.state = seed * 7919 + 1};
    return (struct world_config){
        .seed = seed,
        .clients = 2 + rng_below(&rng, CLIENTS_MAX - 1),
        .steps = 60 + rng_below(&rng, 240),
        .drop_percent = rng_below(&rng, 25),
        .twice_percent = rng_below(&rng, 25),
        .swap_percent = rng_below(&rng, 40),
        .refuse_percent = rng_chance(&rng, 50) ? 0 : rng_below(&rng, 10),
    };
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "simulation: %s\n", what);
        abort();
    }
}

static bool blame(struct world *world, const char *reason)
{
    if (world->reason == NULL)
        world->reason = reason;
    return false;
}

static struct pl_slice entry(const struct world *world, size_t index)
{
    const size_t start = world->entry_at[index];
    const size_t end = index + 1 < world->entry_n ? world->entry_at[index + 1] : world->journal.len;
    return (struct pl_slice){.data = world->journal.data + start, .len = end - start};
}

static void journal(struct world *world, uint64_t user, struct pl_slice body)
{
    if (world->entry_n == world->entry_cap) {
        world->entry_cap = world->entry_cap == 0 ? 256 : world->entry_cap * 2;
        world->entry_at = realloc(world->entry_at, world->entry_cap * sizeof *world->entry_at);
        must(world->entry_at != NULL, "no memory");
    }
    const struct pl_envelope envelope = {
        .seq = world->entry_n + 1, .user = user, .srv_ms = 1000 + world->entry_n, .body = body};
    world->entry_at[world->entry_n++] = world->journal.len;
    pl_envelope_write(&world->journal, &envelope);
    if (pl_doc_apply(world->doc, &envelope, NULL) != PL_OK)
        blame(world, "the server could not apply what it had decided");
}

static void link_clear(struct link *link)
{
    while (link->n > 0)
        pl_buf_done(&link->messages[--link->n]);
}

/* Puts a message on a link, unless chance drops it; now and then twice. */
static void link_send(struct world *world, struct link *link, struct pl_slice bytes)
{
    uint32_t copies = rng_chance(&world->rng, world->config.drop_percent) ? 0 : 1;
    copies += copies > 0 && rng_chance(&world->rng, world->config.twice_percent);
    for (; copies > 0 && link->n < LINK_MAX; copies--) {
        struct pl_buf *message = &link->messages[link->n++];
        pl_buf_init(message, world->mem);
        pl_buf_append(message, bytes.data, bytes.len);
    }
}

/* Takes a message off a link: the oldest, or another one. The caller frees it. */
static struct pl_buf link_take(struct world *world, struct link *link)
{
    const uint32_t at =
        rng_chance(&world->rng, world->config.swap_percent) ? rng_below(&world->rng, link->n) : 0;
    const struct pl_buf message = link->messages[at];
    link->n--;
    memmove(&link->messages[at], &link->messages[at + 1], (link->n - at) * sizeof message);
    return message;
}

static void send_pending(struct world *world, struct client *client)
{
    struct pl_pending pending;
    for (size_t i = 0; i < 8 && pl_replica_pending_at(client->replica, i, &pending); i++) {
        link_send(world, &client->up, pending.body);
        if (pending.ctr0 > client->handed)
            client->handed = pending.ctr0;
    }
}

static void connect_client(struct world *world, struct client *client, uint32_t id)
{
    struct pl_replica_row row = {0};
    link_clear(&client->up);
    link_clear(&client->down);
    /* As WELCOME and what follows it: the tail up to head, then the identity. */
    for (uint64_t seq = pl_doc_head(pl_replica_doc(client->replica)); seq < world->entry_n; seq++) {
        struct pl_envelope envelope;
        struct pl_reader reader = pl_reader_of(entry(world, seq));
        must(pl_envelope_read(&reader, &envelope), "journal bytes");
        const enum pl_status status = pl_replica_apply(client->replica, &envelope);
        if (status != PL_OK)
            blame(world, pl_status_text(status));
    }
    client->told = world->entry_n;
    (void)pl_doc_replica(world->doc, id, &row);
    if (pl_replica_identify(client->replica, id, row.hwm, client->user) != PL_OK)
        blame(world, "a client could not take its identity");
    send_pending(world, client);
}

/* The tab is reloaded: what it kept is a snapshot of some age and its outbox. */
static void reload_client(struct world *world, struct client *client, bool keeps_replica)
{
    struct pl_buf kept;
    struct pl_pending pending;
    struct pl_replica *fresh = pl_replica_new(world->mem);
    must(fresh != NULL, "no memory");
    pl_buf_init(&kept, world->mem);
    pl_doc_snapshot(pl_replica_doc(client->replica), &kept);
    if (pl_replica_load(fresh, pl_buf_slice(&kept)) != PL_OK)
        blame(world, "a kept snapshot did not load");
    for (size_t i = 0; pl_replica_pending_at(client->replica, i, &pending); i++)
        if (pl_replica_restore(fresh, pending.body) != PL_OK)
            blame(world, "a kept batch was not taken back");
    pl_buf_done(&kept);
    if (!keeps_replica)
        client->handed = 0;
    const uint32_t id = keeps_replica ? pl_replica_id(client->replica) : world->replica_next++;
    pl_replica_free(client->replica);
    client->replica = fresh;
    connect_client(world, client, id);
}

static void serve(struct world *world, struct client *client, struct pl_slice body)
{
    struct pl_batch batch;
    enum pl_status status =
        pl_doc_decide(world->doc, body, client->user, PL_ROLE_EDITOR, &batch);
    if (status == PL_OK && rng_chance(&world->rng, world->config.refuse_percent))
        status = PL_QUOTA;
    switch (status) {
    case PL_OK:
        journal(world, client->user, body);
        return;
    case PL_DUPLICATE:
    case PL_GAP:
        return; /* the client sends again what is not settled */
    default:
        break;
    }
    if (batch.ctr_n == 0) {
        blame(world, "an honest batch was refused without a seq");
        return;
    }
    struct pl_buf refusal;
    pl_buf_init(&refusal, world->mem);
    pl_void_write(&refusal, &batch, status);
    journal(world, client->user, pl_buf_slice(&refusal));
    pl_buf_done(&refusal);
}

static void deliver_up(struct world *world, struct client *client)
{
    if (client->up.n == 0) {
        send_pending(world, client);
        return;
    }
    struct pl_buf message = link_take(world, &client->up);
    serve(world, client, pl_buf_slice(&message));
    pl_buf_done(&message);
}

static void deliver_down(struct world *world, struct client *client)
{
    while (client->told < world->entry_n && client->down.n < LINK_MAX / 2)
        link_send(world, &client->down, entry(world, client->told++));
    if (client->down.n == 0)
        return;
    struct pl_buf message = link_take(world, &client->down);
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&message));
    struct pl_envelope envelope;
    must(pl_envelope_read(&reader, &envelope), "link bytes");
    const enum pl_status status = pl_replica_apply(client->replica, &envelope);
    if (status == PL_GAP) /* something was lost: resume from what is there */
        client->told = pl_doc_head(pl_replica_doc(client->replica));
    else if (status != PL_OK && status != PL_DUPLICATE)
        blame(world, pl_status_text(status));
    pl_buf_done(&message);
}

static void act(struct world *world, struct client *client)
{
    struct pl_buf edits;
    const uint32_t dice = rng_below(&world->rng, 100);
    if (dice < 12) {
        (void)!pl_replica_undo(client->replica);
    } else if (dice < 20) {
        (void)!pl_replica_redo(client->replica);
    } else if (dice < 23) {
        reload_client(world, client, rng_chance(&world->rng, 50));
    } else {
        pl_buf_init(&edits, world->mem);
        edits_random(&world->rng, client->replica, NULL, &edits);
        const uint64_t gesture = rng_chance(&world->rng, 50) ? 0 : rng_below(&world->rng, 5);
        const size_t pending_n = pl_replica_pending_n(client->replica);
        struct pl_pending newest;
        const bool may_join = pending_n > 0 &&
                              pl_replica_pending_at(client->replica, pending_n - 1, &newest) &&
                              newest.ctr0 > client->handed;
        const enum pl_status status =
            pl_replica_edit(client->replica, gesture, pl_buf_slice(&edits), NULL, NULL);
        if (status != PL_OK)
            blame(world, pl_status_text(status));
        else if (may_join && pl_replica_pending_n(client->replica) == pending_n + 1)
            (void)pl_replica_coalesce(client->replica);
        pl_buf_done(&edits);
    }
}

/* Everything is delivered, in order and once, until nobody has anything pending. */
static bool settle(struct world *world)
{
    world->config.drop_percent = 0;
    world->config.refuse_percent = 0;
    for (uint32_t round = 0; round < 10000 && world->reason == NULL; round++) {
        bool quiet = true;
        for (uint32_t i = 0; i < world->config.clients; i++) {
            deliver_up(world, &world->clients[i]);
            deliver_down(world, &world->clients[i]);
        }
        for (uint32_t i = 0; i < world->config.clients; i++) {
            const struct client *client = &world->clients[i];
            quiet = quiet && client->down.n == 0 && pl_replica_pending_n(client->replica) == 0 &&
                    pl_doc_head(pl_replica_doc(client->replica)) == world->entry_n;
        }
        if (quiet)
            return true;
    }
    return blame(world, "the clients never came to rest");
}

/* Replaying the journal, and loading a snapshot, give the state that is there. */
static bool replay_agrees(struct world *world)
{
    const uint64_t hash = pl_doc_state_hash(world->doc);
    struct pl_doc *doc = pl_doc_new(world->mem), *loaded = NULL;
    struct pl_buf snapshot;
    bool ok = doc != NULL;
    for (size_t i = 0; ok && i < world->entry_n; i++) {
        struct pl_envelope envelope;
        struct pl_reader reader = pl_reader_of(entry(world, i));
        ok = pl_envelope_read(&reader, &envelope) && pl_doc_apply(doc, &envelope, NULL) == PL_OK;
    }
    ok = ok && pl_doc_state_hash(doc) == hash;
    pl_buf_init(&snapshot, world->mem);
    if (ok)
        pl_doc_snapshot(doc, &snapshot);
    ok = ok && pl_doc_load(world->mem, pl_buf_slice(&snapshot), &loaded) == PL_OK &&
         pl_doc_state_hash(loaded) == hash;
    pl_buf_done(&snapshot);
    pl_doc_free(loaded);
    pl_doc_free(doc);
    return ok || blame(world, "replay or snapshot disagrees with the state");
}

static bool everyone_agrees(struct world *world)
{
    const char *reason;
    const uint64_t state = pl_doc_state_hash(world->doc), view = pl_doc_view_hash(world->doc);
    if (!pl_doc_check(world->doc, &reason))
        return blame(world, reason);
    for (uint32_t i = 0; i < world->config.clients; i++) {
        struct pl_replica *replica = world->clients[i].replica;
        if (pl_doc_state_hash(pl_replica_doc(replica)) != state)
            return blame(world, "a client's committed state differs from the server's");
        if (pl_replica_view_hash(replica) != view)
            return blame(world, "a client at rest sees something else than is committed");
    }
    return true;
}

/* Undo n then redo n leaves what a person sees as it was. */
static bool undo_redo_is_nothing(struct world *world, struct pl_replica *replica)
{
    const uint64_t view = pl_replica_view_hash(replica);
    uint32_t undone = 0, redone = 0;
    while (undone < UNDO_PROBE && pl_replica_undo(replica) == PL_OK)
        undone++;
    while (redone < undone && pl_replica_redo(replica) == PL_OK)
        redone++;
    if (pl_replica_view_hash(replica) != view)
        return blame(world, "undo and redo did not lead back");
    return true;
}

struct world *world_new(const struct world_config *config)
{
    struct world *world = calloc(1, sizeof *world);
    must(world != NULL, "no memory");
    world->config = *config;
    world->rng.state = config->seed;
    world->mem = pl_mem_libc();
    world->doc = pl_doc_new(world->mem);
    world->replica_next = 1;
    pl_buf_init(&world->journal, world->mem);
    pl_buf_init(&world->ops, world->mem);
    for (uint32_t i = 0; i < config->clients; i++) {
        struct client *client = &world->clients[i];
        client->replica = pl_replica_new(world->mem);
        client->user = 100 + i;
        must(client->replica != NULL && world->doc != NULL, "no memory");
        connect_client(world, client, world->replica_next++);
    }
    return world;
}

void world_free(struct world *world)
{
    for (uint32_t i = 0; i < world->config.clients; i++) {
        link_clear(&world->clients[i].up);
        link_clear(&world->clients[i].down);
        pl_replica_free(world->clients[i].replica);
    }
    pl_doc_free(world->doc);
    pl_buf_done(&world->journal);
    pl_buf_done(&world->ops);
    free(world->entry_at);
    free(world);
}

bool world_run(struct world *world, const char **ret_reason)
{
    for (uint32_t step = 0; step < world->config.steps && world->reason == NULL; step++) {
        struct client *client = &world->clients[rng_below(&world->rng, world->config.clients)];
        const uint32_t dice = rng_below(&world->rng, 100);
        if (dice < 40)
            act(world, client);
        else if (dice < 70)
            deliver_up(world, client);
        else
            deliver_down(world, client);
        const char *reason;
        if (step % CHECK_EVERY == 0 && !pl_replica_check(client->replica, &reason))
            blame(world, reason);
    }
    bool ok = world->reason == NULL && settle(world) && everyone_agrees(world) && replay_agrees(world);
    for (uint32_t i = 0; ok && i < world->config.clients; i++)
        ok = undo_redo_is_nothing(world, world->clients[i].replica);
    ok = ok && settle(world) && everyone_agrees(world);
    *ret_reason = world->reason;
    return ok && world->reason == NULL;
}

struct pl_slice world_ops(struct world *world, uint64_t *ret_state_hash)
{
    struct pl_buf envelopes;
    pl_buf_init(&envelopes, world->mem);
    pl_write_array(&envelopes, world->entry_n);
    pl_write_raw(&envelopes, pl_buf_slice(&world->journal));
    const struct pl_msg_ops ops = {.doc = 0, .envelopes = pl_buf_slice(&envelopes)};
    pl_buf_clear(&world->ops);
    pl_msg_ops_write(&world->ops, &ops);
    pl_buf_done(&envelopes);
    *ret_state_hash = pl_doc_state_hash(world->doc);
    return pl_buf_slice(&world->ops);
}
