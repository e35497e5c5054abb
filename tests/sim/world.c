/* The engine's world: its steps, and what people do in it. The server is world_server.c's, the network world_net.c's,
 * what must hold world_rest.c's. */
#include "edits.h"
#include "proto/message.h"
#include "world_state.h"
#include <string.h>

#define CHECK_EVERY   4u  /* walking every invariant costs as much as ten steps */
#define OVERLAY_EVERY 64u /* steps: the naive engine folds the journal anew */

static const struct sim_knob knobs[] = {
#define X(name, text, least) {text, least},
    WORLD_KNOBS(X)
#undef X
};

static void configure(uint64_t seed, uint32_t *ret_knobs)
{
    struct rng rng = {.state = seed * 7919 + 1};
    ret_knobs[WORLD_STEPS] = 60 + rng_below(&rng, 240);
    ret_knobs[WORLD_CLIENTS] = 2 + rng_below(&rng, CLIENTS_MAX - 1);
    ret_knobs[WORLD_DROP] = rng_below(&rng, 25);
    ret_knobs[WORLD_TWICE] = rng_below(&rng, 25);
    ret_knobs[WORLD_SWAP] = rng_below(&rng, 40);
    ret_knobs[WORLD_REFUSE] = rng_chance(&rng, 50) ? 0 : rng_below(&rng, 10);
    ret_knobs[WORLD_PACE] = 1 + rng_below(&rng, 4);
    ret_knobs[WORLD_FOCUS] = rng_chance(&rng, 40) ? 0 : rng_below(&rng, 100);
    ret_knobs[WORLD_SCRIBBLE] = rng_chance(&rng, 75) ? 0 : 30 + rng_below(&rng, 70);
    ret_knobs[WORLD_UNDO] = rng_below(&rng, 40);
    ret_knobs[WORLD_ROLES] = rng_chance(&rng, 40) ? 1 : 0;
    ret_knobs[WORLD_AWAY] = rng_chance(&rng, 50) ? 0 : rng_below(&rng, 12);
    ret_knobs[WORLD_COLLECT] = rng_chance(&rng, 30) ? 0 : 1 + rng_below(&rng, 8);
    ret_knobs[WORLD_NOTES] = rng_chance(&rng, 70) ? 0 : 1 + rng_below(&rng, 6);
    ret_knobs[WORLD_RELOAD] = rng_below(&rng, 6);
    ret_knobs[WORLD_RICH] = rng_chance(&rng, 40) ? 0 : rng_below(&rng, 40);
}

/* What people do. */

/* The tab is reloaded: what it kept is a snapshot of some age and its outbox. */
static void reload(struct world *world, struct client *client, bool keeps_replica)
{
    struct pl_buf kept;
    struct pl_pending pending;
    struct pl_replica *fresh = pl_replica_new(world->mem);
    verdict_met(&world->verdict, SIM_RELOADED);
    sim_must(fresh != NULL, "no memory");
    pl_buf_init(&kept, world->mem);
    pl_doc_snapshot(pl_replica_doc(client->replica), &kept);
    if (pl_replica_load(fresh, pl_buf_slice(&kept)) != PL_OK)
        world_fail(world, "a kept snapshot did not load");
    for (size_t i = 0; pl_replica_pending_at(client->replica, i, &pending); i++)
        if (pl_replica_restore(fresh, pending.body) != PL_OK)
            world_fail(world, "a kept batch was not taken back");
    pl_buf_done(&kept);
    if (!keeps_replica)
        client->handed = 0;
    const uint32_t id = keeps_replica ? pl_replica_id(client->replica) : world->replica_next++;
    mirror_free(client->mirror);
    pl_replica_free(client->replica);
    client->replica = fresh;
    client->mirror = mirror_new(fresh);
    world_connect(world, client, id, rng_chance(&world->rng, 20));
}

/* The network is gone, or back. */
static void go_or_come(struct world *world, struct client *client)
{
    if (client->away) {
        const bool keeps_replica = rng_chance(&world->rng, 70);
        if (!keeps_replica)
            client->handed = 0;
        world_connect(world, client, keeps_replica ? pl_replica_id(client->replica) : world->replica_next++,
                      rng_chance(&world->rng, 40));
        return;
    }
    verdict_met(&world->verdict, SIM_WENT_AWAY);
    client->away = true;
    world_disconnect(client);
}

static void edit(struct world *world, struct client *client)
{
    struct pl_buf edits;
    struct pl_pending newest;
    const struct edits_wish wish = {.role = client->role,
                                    .focus_percent = world->knobs[WORLD_FOCUS],
                                    .scribble_percent = world->knobs[WORLD_SCRIBBLE],
                                    .tally_percent = 12,
                                    .rich_percent = world->knobs[WORLD_RICH]};
    pl_buf_init(&edits, world->mem);
    edits_random(&world->rng, client->replica, &wish, &edits);
    const uint64_t gesture = rng_chance(&world->rng, 50) ? 0 : rng_below(&world->rng, 5);
    const size_t n = pl_replica_pending_n(client->replica);
    const bool may_join = n > 0 && pl_replica_pending_at(client->replica, n - 1, &newest) &&
                          newest.ctr0 > client->handed;
    const enum pl_status status =
        pl_replica_edit(client->replica, gesture, may_join, pl_buf_slice(&edits), NULL, NULL);
    if (status != PL_OK)
        world_fail(world, pl_status_text(status));
    pl_buf_done(&edits);
}

static void act(struct world *world, struct client *client)
{
    const uint32_t dice = rng_below(&world->rng, 100);
    if (rng_chance(&world->rng, world->knobs[WORLD_RELOAD]))
        reload(world, client, rng_chance(&world->rng, 50));
    else if (rng_chance(&world->rng, world->knobs[WORLD_AWAY]))
        go_or_come(world, client);
    else if (!rng_chance(&world->rng, world->knobs[WORLD_UNDO]))
        edit(world, client);
    else if (dice < 10)
        world_undo_check(world, client);
    else if ((dice < 60 ? pl_replica_undo : pl_replica_redo)(client->replica) == PL_OK)
        verdict_met(&world->verdict, SIM_UNDONE);
    world_births(world, client);
}

static void step(struct world *world, uint32_t number)
{
    const char *reason;
    world->rng = rng_of(world->plan->seed, number + 1);
    struct client *client = &world->clients[rng_below(&world->rng, world->knobs[WORLD_CLIENTS])];
    const uint32_t dice = rng_below(&world->rng, 100);
    if (rng_chance(&world->rng, world->knobs[WORLD_COLLECT]))
        world_collect(world);
    else if (rng_chance(&world->rng, world->knobs[WORLD_NOTES]))
        world_notes_edit(world);
    else if (rng_chance(&world->rng, world->knobs[WORLD_NOTES] / 4))
        world_reveal(world);
    else if (dice < 40)
        act(world, client);
    else if (client->away)
        return;
    else if (dice < 70)
        world_deliver_up(world, client);
    else
        world_deliver_down(world, client);
    if (number % CHECK_EVERY == 0 && !pl_replica_check(client->replica, &reason))
        world_fail(world, reason);
    mirror_refresh(client->mirror);
    if (number % OVERLAY_EVERY == OVERLAY_EVERY / 2)
        world_overlay_check(world, client);
    if (number == world->knobs[WORLD_STEPS] / 2) {
        world->midway_head = world_entry_n(world);
        pl_doc_snapshot(world->doc, &world->midway);
    }
}

/* A world. */

static enum pl_role role_of(const struct world *world, uint32_t client)
{
    if (world->knobs[WORLD_ROLES] == 0)
        return PL_ROLE_EDITOR;
    return client == 0 ? PL_ROLE_FACILITATOR : client == 2 ? PL_ROLE_COMMENTER : PL_ROLE_EDITOR;
}

static void world_init(struct world *world, const struct plan *plan)
{
    *world = (struct world){.plan = plan, .mem = pl_mem_libc(), .replica_next = 1};
    memcpy(world->knobs, plan->knobs, sizeof world->knobs);
    world->rng = rng_of(plan->seed, 0);
    struct pl_buf *bufs[] = {&world->journal, &world->entries, &world->births, &world->adoptions, &world->midway};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        pl_buf_init(bufs[i], world->mem);
    world_server_init(world);
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        struct client *client = &world->clients[i];
        client->replica = pl_replica_new(world->mem);
        client->user = 100 + i;
        client->role = role_of(world, i);
        sim_must(client->replica != NULL, "no memory");
        client->mirror = mirror_new(client->replica);
        world_connect(world, client, world->replica_next++, false);
    }
}

static void world_done(struct world *world)
{
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        world_disconnect(&world->clients[i]);
        mirror_free(world->clients[i].mirror);
        pl_replica_free(world->clients[i].replica);
    }
    world_server_done(world);
    struct pl_buf *bufs[] = {&world->journal, &world->entries, &world->births, &world->adoptions, &world->midway};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        pl_buf_done(bufs[i]);
}

static bool leave(struct world *world, const char *path)
{
    struct pl_buf envelopes, message;
    pl_buf_init(&envelopes, world->mem);
    pl_buf_init(&message, world->mem);
    pl_write_array(&envelopes, world_entry_n(world));
    pl_write_raw(&envelopes, pl_buf_slice(&world->journal));
    const struct pl_msg_ops ops = {.doc = 0, .envelopes = pl_buf_slice(&envelopes)};
    pl_msg_ops_write(&message, &ops);
    const bool left = plan_leave(path, pl_buf_slice(&message), pl_doc_state_hash(world->doc));
    pl_buf_done(&envelopes);
    pl_buf_done(&message);
    return left;
}

static const char *run(const struct plan *plan, const char *path_or_null, uint32_t *met)
{
    struct world *world = sim_get(sizeof *world);
    world_init(world, plan);
    for (uint32_t i = 0; i < world->knobs[WORLD_STEPS] && world->verdict.reason == NULL; i++) {
        if (!plan_skips(plan, i))
            step(world, i);
    }
    world->rng = rng_of(plan->seed, 0);
    if (world->verdict.reason == NULL && world_settle(world) && world_rest_check(world) &&
        path_or_null != NULL && !leave(world, path_or_null))
        world_fail(world, "the inputs could not be written");
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        met[i] += world->verdict.met[i];
    const char *reason = world->verdict.reason;
    world_done(world);
    free(world);
    return reason;
}

const struct sim_kind engine_kind = {.name = "engine",
                                     .prefix = "",
                                     .one_in = 1,
                                     .knobs = knobs,
                                     .knob_n = WORLD_KNOB_N,
                                     .configure = configure,
                                     .run = run};
