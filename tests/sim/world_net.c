/* The network of the engine's world: messages below the session are dropped, doubled and reordered. A client may be
 * away, and then nothing reaches it; it comes back to the entries it missed, or to a snapshot. */
#include "world_state.h"
#include <string.h>

static void link_clear(struct link *link)
{
    while (link->n > 0)
        pl_buf_done(&link->messages[--link->n]);
}

/* Puts a message on a link, unless chance drops it; now and then twice. */
static void link_send(struct world *world, struct link *link, struct pl_slice bytes)
{
    uint32_t copies = rng_chance(&world->rng, world->knobs[WORLD_DROP]) ? 0 : 1;
    copies += copies > 0 && rng_chance(&world->rng, world->knobs[WORLD_TWICE]);
    for (; copies > 0 && link->n < LINK_MAX; copies--) {
        struct pl_buf *message = &link->messages[link->n++];
        pl_buf_init(message, world->mem);
        pl_buf_append(message, bytes.data, bytes.len);
    }
}

/* Takes a message off a link: the oldest, or another one. The caller frees it. */
static struct pl_buf link_take(struct world *world, struct link *link)
{
    const uint32_t at = rng_chance(&world->rng, world->knobs[WORLD_SWAP]) ? rng_below(&world->rng, link->n) : 0;
    const struct pl_buf message = link->messages[at];
    link->n--;
    memmove(&link->messages[at], &link->messages[at + 1], (link->n - at) * sizeof message);
    return message;
}

/* What a client would tell by its next PING. */
static void note_settled(struct client *client)
{
    if (pl_replica_pending_n(client->replica) == 0)
        client->settled = pl_doc_head(pl_replica_doc(client->replica));
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

void world_disconnect(struct client *client)
{
    link_clear(&client->up);
    link_clear(&client->down);
}

/* What follows WELCOME: the tail, or a snapshot. */
static void catch_up(struct world *world, struct client *client, bool by_snapshot)
{
    struct pl_buf snapshot;
    if (by_snapshot) {
        pl_buf_init(&snapshot, world->mem);
        pl_doc_snapshot(world->doc, &snapshot);
        if (pl_replica_load(client->replica, pl_buf_slice(&snapshot)) != PL_OK)
            world_fail(world, "a snapshot did not load");
        pl_buf_done(&snapshot);
        mirror_free(client->mirror); /* a snapshot is all new */
        client->mirror = mirror_new(client->replica);
    }
    for (uint64_t seq = pl_doc_head(pl_replica_doc(client->replica)); seq < world_entry_n(world); seq++) {
        const struct pl_envelope envelope = world_envelope(world, seq);
        const enum pl_status status = pl_replica_apply(client->replica, &envelope);
        if (status != PL_OK)
            world_fail(world, pl_status_text(status));
    }
    client->told = world_entry_n(world);
}

/* As a session begins: what was missed, then the identity. */
void world_connect(struct world *world, struct client *client, uint32_t id, bool by_snapshot)
{
    struct pl_replica_row row = {0};
    world_disconnect(client);
    client->away = false;
    catch_up(world, client, by_snapshot);
    (void)pl_doc_replica(world->doc, id, &row);
    if (pl_replica_identify(client->replica, id, row.hwm, client->user) != PL_OK)
        world_fail(world, "a client could not take its identity");
    world_births(world, client);
    note_settled(client);
    send_pending(world, client);
}

void world_deliver_up(struct world *world, struct client *client)
{
    if (client->up.n == 0) {
        send_pending(world, client);
        return;
    }
    struct pl_buf message = link_take(world, &client->up);
    world_serve(world, client, pl_buf_slice(&message));
    pl_buf_done(&message);
}

void world_deliver_down(struct world *world, struct client *client)
{
    while (client->told < world_entry_n(world) && client->down.n < LINK_MAX / 2)
        link_send(world, &client->down, world_entry_bytes(world, client->told++));
    for (uint32_t n = world->knobs[WORLD_PACE]; n > 0 && client->down.n > 0; n--) {
        struct pl_buf message = link_take(world, &client->down);
        struct pl_reader reader = pl_reader_of(pl_buf_slice(&message));
        struct pl_envelope envelope;
        sim_must(pl_envelope_read(&reader, &envelope), "link bytes");
        const enum pl_status status = pl_replica_apply(client->replica, &envelope);
        if (status == PL_GAP) /* something was lost: resume from what is there */
            client->told = pl_doc_head(pl_replica_doc(client->replica));
        else if (status != PL_OK && status != PL_DUPLICATE)
            world_fail(world, pl_status_text(status));
        pl_buf_done(&message);
    }
    world_births(world, client); /* what named something refused is another batch after a COLLECT or ADOPT (R7) */
    note_settled(client);
}

bool world_settle(struct world *world)
{
    world->knobs[WORLD_DROP] = 0;
    world->knobs[WORLD_REFUSE] = 0;
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        struct client *client = &world->clients[i];
        world_births(world, client);
        if (client->away)
            world_connect(world, client, pl_replica_id(client->replica), false);
        /* The last entry may have been lost, and no later one tells: a client that hears nothing begins anew (S13). */
        client->told = pl_doc_head(pl_replica_doc(client->replica));
    }
    for (uint32_t round = 0; round < 10000 && world->verdict.reason == NULL; round++) {
        bool quiet = true;
        for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
            world_deliver_up(world, &world->clients[i]);
            world_deliver_down(world, &world->clients[i]);
        }
        for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
            const struct client *client = &world->clients[i];
            quiet = quiet && client->down.n == 0 && pl_replica_pending_n(client->replica) == 0 &&
                    pl_doc_head(pl_replica_doc(client->replica)) == world_entry_n(world);
        }
        if (quiet)
            return true;
    }
    return world_fail(world, "the clients never came to rest");
}

