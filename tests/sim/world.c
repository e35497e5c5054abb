/* The engine's world: its steps. What must hold is world_rest.c's. Messages below the session are dropped, doubled and
 * reordered; tabs reload with or without their replica. */
#include "edits.h"
#include "proto/message.h"
#include "world_state.h"
#include <string.h>

#define CHECK_EVERY   4u  /* walking every invariant costs as much as ten steps */
#define COMPARE_EVERY 4u  /* entries; so does comparing with the naive engine */
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
    ret_knobs[WORLD_UNDO] = rng_below(&rng, 40);
    ret_knobs[WORLD_ROLES] = rng_chance(&rng, 40) ? 1 : 0;
    ret_knobs[WORLD_RELOAD] = rng_below(&rng, 6);
}

bool world_fail(struct world *world, const char *reason)
{
    return verdict_fail(&world->verdict, reason);
}

/* The journal. */

size_t world_entry_n(const struct world *world)
{
    return world->entries.len / sizeof(struct entry);
}

const struct entry *world_entry_at(const struct world *world, size_t index)
{
    return (const struct entry *)world->entries.data + index;
}

static struct pl_slice entry_bytes(const struct world *world, size_t index)
{
    const size_t start = world_entry_at(world, index)->at;
    const size_t end =
        index + 1 < world_entry_n(world) ? world_entry_at(world, index + 1)->at : world->journal.len;
    return (struct pl_slice){.data = world->journal.data + start, .len = end - start};
}

struct pl_envelope world_envelope(const struct world *world, size_t index)
{
    struct pl_reader reader = pl_reader_of(entry_bytes(world, index));
    struct pl_envelope envelope;
    sim_must(pl_envelope_read(&reader, &envelope), "journal bytes");
    return envelope;
}

/* What the author of a body had seen; a void needs no more than its replica's counters. */
static uint64_t needs_of(const struct world *world, struct pl_slice body, bool is_void)
{
    const struct birth *births = (const struct birth *)world->births.data;
    const uint64_t hash = pl_hash(PL_HASH_START, body.data, body.len);
    if (is_void)
        return 0;
    for (size_t i = world->births.len / sizeof *births; i-- > 0;)
        if (births[i].hash == hash)
            return births[i].head;
    sim_must(false, "a batch nobody made");
    return 0;
}

void world_births(struct world *world, struct client *client)
{
    const struct birth *births = (const struct birth *)world->births.data;
    struct pl_pending pending;
    for (size_t i = 0; pl_replica_pending_at(client->replica, i, &pending); i++) {
        const struct birth birth = {.hash = pl_hash(PL_HASH_START, pending.body.data, pending.body.len),
                                    .head = pl_doc_head(pl_replica_doc(client->replica))};
        size_t k = world->births.len / sizeof *births;
        while (k > 0 && births[k - 1].hash != birth.hash)
            k--;
        if (k == 0) {
            pl_buf_append(&world->births, &birth, sizeof birth);
            births = (const struct birth *)world->births.data;
        }
    }
}

static void journal(struct world *world, uint64_t user, struct pl_slice body)
{
    struct pl_batch batch;
    const char *reason;
    const size_t n = world_entry_n(world);
    const struct pl_envelope envelope = {.seq = n + 1, .user = user, .srv_ms = 1000 + n, .body = body};
    sim_must(pl_batch_read(body, true, &batch) == PL_OK, "journal bytes");
    const struct entry entry = {.at = world->journal.len,
                                .replica = batch.replica,
                                .needs = needs_of(world, body, batch.refusal != PL_OK)};
    pl_buf_append(&world->entries, &entry, sizeof entry);
    pl_envelope_write(&world->journal, &envelope);
    if (pl_doc_apply(world->doc, &envelope, NULL) != PL_OK)
        world_fail(world, "the server could not apply what it had decided");
    if (!naive_doc_apply(world->naive, &envelope, NULL, &reason))
        world_fail(world, reason);
    if (n % COMPARE_EVERY == 0)
        world_compare(world, world->doc);
}

/* The network. */

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
    for (uint64_t seq = pl_doc_head(pl_replica_doc(client->replica)); seq < world_entry_n(world); seq++) {
        const struct pl_envelope envelope = world_envelope(world, seq);
        const enum pl_status status = pl_replica_apply(client->replica, &envelope);
        if (status != PL_OK)
            world_fail(world, pl_status_text(status));
    }
    client->told = world_entry_n(world);
    (void)pl_doc_replica(world->doc, id, &row);
    if (pl_replica_identify(client->replica, id, row.hwm, client->user) != PL_OK)
        world_fail(world, "a client could not take its identity");
    world_births(world, client);
    send_pending(world, client);
}

static void serve(struct world *world, struct client *client, struct pl_slice body)
{
    struct pl_batch batch;
    struct pl_buf refusal;
    enum pl_status status = pl_doc_decide(world->doc, body, client->user, client->role, &batch);
    if (status == PL_OK && rng_chance(&world->rng, world->knobs[WORLD_REFUSE]))
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
        world_fail(world, "an honest batch was refused without a seq");
        return;
    }
    /* Whoever changes another person's own is refused, and then what depends on that. */
    if (world->verdict.met[SIM_VOID] == 0 && world->knobs[WORLD_REFUSE] == 0 && status != PL_PERM)
        world_fail(world, "an honest batch was refused for no fault");
    verdict_met(&world->verdict, SIM_VOID);
    pl_buf_init(&refusal, world->mem);
    pl_void_write(&refusal, &batch, status);
    journal(world, client->user, pl_buf_slice(&refusal));
    pl_buf_done(&refusal);
}

void world_deliver_up(struct world *world, struct client *client)
{
    if (client->up.n == 0) {
        send_pending(world, client);
        return;
    }
    struct pl_buf message = link_take(world, &client->up);
    serve(world, client, pl_buf_slice(&message));
    pl_buf_done(&message);
}

void world_deliver_down(struct world *world, struct client *client)
{
    while (client->told < world_entry_n(world) && client->down.n < LINK_MAX / 2)
        link_send(world, &client->down, entry_bytes(world, client->told++));
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
    pl_replica_free(client->replica);
    client->replica = fresh;
    connect_client(world, client, id);
}

static void edit(struct world *world, struct client *client)
{
    struct pl_buf edits;
    struct pl_pending newest;
    const struct edits_wish wish = {.role = client->role, .focus_percent = world->knobs[WORLD_FOCUS]};
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
    else if (!rng_chance(&world->rng, world->knobs[WORLD_UNDO]))
        edit(world, client);
    else if (dice < 10)
        world_undo_check(world, client);
    else if ((dice < 60 ? pl_replica_undo : pl_replica_redo)(client->replica) == PL_OK)
        verdict_met(&world->verdict, SIM_UNDONE);
    world_births(world, client);
}

bool world_settle(struct world *world)
{
    world->knobs[WORLD_DROP] = 0;
    world->knobs[WORLD_REFUSE] = 0;
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++)
        world_births(world, &world->clients[i]);
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

static void step(struct world *world, uint32_t number)
{
    const char *reason;
    world->rng = rng_of(world->plan->seed, number + 1);
    struct client *client = &world->clients[rng_below(&world->rng, world->knobs[WORLD_CLIENTS])];
    const uint32_t dice = rng_below(&world->rng, 100);
    if (dice < 40)
        act(world, client);
    else if (dice < 70)
        world_deliver_up(world, client);
    else
        world_deliver_down(world, client);
    if (number % CHECK_EVERY == 0 && !pl_replica_check(client->replica, &reason))
        world_fail(world, reason);
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
    world->doc = pl_doc_new(world->mem);
    world->naive = naive_doc_new();
    struct pl_buf *bufs[] = {&world->journal, &world->entries, &world->births, &world->midway};
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
        pl_buf_init(bufs[i], world->mem);
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        struct client *client = &world->clients[i];
        client->replica = pl_replica_new(world->mem);
        client->user = 100 + i;
        client->role = role_of(world, i);
        sim_must(client->replica != NULL && world->doc != NULL, "no memory");
        connect_client(world, client, world->replica_next++);
    }
}

static void world_done(struct world *world)
{
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++) {
        link_clear(&world->clients[i].up);
        link_clear(&world->clients[i].down);
        pl_replica_free(world->clients[i].replica);
    }
    pl_doc_free(world->doc);
    naive_doc_free(world->naive);
    struct pl_buf *bufs[] = {&world->journal, &world->entries, &world->births, &world->midway};
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

const struct sim_kind engine_kind = {
    .name = "engine", .prefix = "", .knobs = knobs, .knob_n = WORLD_KNOB_N, .configure = configure, .run = run};
