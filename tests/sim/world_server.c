/* The server of the engine's world: a document that decides, a journal, and the naive engine beside it. It collects,
 * and it brings notes that were written in a document of their own into the board. */
#include "proto/op_write.h"
#include "proto/reveal.h"
#include "edits.h"
#include "world_state.h"

#define COMPARE_EVERY 4u /* entries: comparing with the naive engine costs as much as ten steps */

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

struct pl_slice world_entry_bytes(const struct world *world, size_t index)
{
    const size_t start = world_entry_at(world, index)->at;
    const size_t end =
        index + 1 < world_entry_n(world) ? world_entry_at(world, index + 1)->at : world->journal.len;
    return (struct pl_slice){.data = world->journal.data + start, .len = end - start};
}

struct pl_envelope world_envelope(const struct world *world, size_t index)
{
    struct pl_reader reader = pl_reader_of(world_entry_bytes(world, index));
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

/* The server's own batches stand where they stand: nothing comes to the other side of them in another order. */
static void journal(struct world *world, uint64_t user, struct pl_slice body)
{
    struct pl_batch batch;
    const char *reason;
    const size_t n = world_entry_n(world);
    const struct pl_envelope envelope = {.seq = n + 1, .user = user, .srv_ms = 1000 + n, .body = body};
    sim_must(pl_batch_read(body, true, &batch) == PL_OK, "journal bytes");
    struct entry entry = {.at = world->journal.len, .replica = batch.replica, .needs = n};
    if (batch.replica == PL_REPLICA_SERVER)
        world->barrier = n + 1;
    else
        entry.needs = needs_of(world, body, batch.refusal != PL_OK);
    if (entry.needs < world->barrier && batch.replica != PL_REPLICA_SERVER)
        entry.needs = world->barrier;
    pl_buf_append(&world->entries, &entry, sizeof entry);
    pl_envelope_write(&world->journal, &envelope);
    if (pl_doc_apply(world->doc, &envelope, NULL) != PL_OK)
        world_fail(world, "the server could not apply what it had decided");
    if (!naive_doc_apply(world->naive, &envelope, world_adopted(world, n), &reason))
        world_fail(world, reason);
    if (n % COMPARE_EVERY == 0)
        world_compare(world, world->doc);
}

void world_serve(struct world *world, struct client *client, struct pl_slice body)
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

/* The server's own writes. */

/* Appends a body of the server's around one op, for the document it goes to. */
static void server_body(const struct pl_doc *doc, struct pl_slice op, struct pl_buf *ret_body)
{
    struct pl_replica_row row = {.hwm = 0};
    (void)pl_doc_replica(doc, PL_REPLICA_SERVER, &row);
    pl_batch_write(ret_body, PL_REPLICA_SERVER, row.hwm + 1, pl_doc_lam(doc) + 1, 1, op);
}

static void collect_body(const struct pl_doc *doc, struct pl_buf *ret_body)
{
    struct pl_buf op;
    pl_buf_init(&op, pl_mem_libc());
    pl_write_array(&op, 1);
    pl_write_uint(&op, PL_OP_COLLECT);
    server_body(doc, pl_buf_slice(&op), ret_body);
    pl_buf_done(&op);
}

/* G3: each client that is here has settled what it made before the last one. */
void world_collect(struct world *world)
{
    struct pl_buf body;
    for (uint32_t i = 0; i < world->knobs[WORLD_CLIENTS]; i++)
        if (!world->clients[i].away && world->clients[i].settled < pl_doc_collect_seq(world->doc))
            return;
    verdict_met(&world->verdict, SIM_COLLECTED);
    pl_buf_init(&body, world->mem);
    collect_body(world->doc, &body);
    journal(world, 0, pl_buf_slice(&body));
    pl_buf_done(&body);
}

/* Notes: a document of one person's, whose every edit is committed at once. */

static void notes_commit(struct world *world, struct pl_slice body, uint64_t user)
{
    struct notes *notes = &world->notes;
    const char *reason;
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(notes->doc) + 1, .user = user, .srv_ms = 1000, .body = body};
    if (pl_doc_apply(notes->doc, &envelope, NULL) != PL_OK ||
        !naive_doc_apply(notes->naive, &envelope, NULL, &reason) ||
        pl_replica_apply(notes->replica, &envelope) != PL_OK)
        world_fail(world, "notes could not be written");
}

void world_notes_edit(struct world *world)
{
    struct notes *notes = &world->notes;
    const struct edits_wish wish = {.role = PL_ROLE_EDITOR,
                                    .focus_percent = world->knobs[WORLD_FOCUS],
                                    .tally_percent = 12,
                                    .rich_percent = world->knobs[WORLD_RICH]};
    struct pl_pending pending;
    struct pl_buf bytes;
    pl_buf_init(&bytes, world->mem);
    edits_random(&world->rng, notes->replica, &wish, &bytes);
    if (pl_replica_edit(notes->replica, 0, false, pl_buf_slice(&bytes), NULL, NULL) != PL_OK)
        world_fail(world, "notes could not be edited");
    while (world->verdict.reason == NULL && pl_replica_pending_at(notes->replica, 0, &pending)) {
        pl_buf_clear(&bytes);
        pl_buf_append(&bytes, pending.body.data, pending.body.len);
        notes_commit(world, pl_buf_slice(&bytes), NOTES_USER);
    }
    if (rng_chance(&world->rng, world->knobs[WORLD_COLLECT] * 4)) {
        pl_buf_clear(&bytes);
        collect_body(notes->doc, &bytes);
        notes_commit(world, pl_buf_slice(&bytes), 0);
    }
    pl_buf_done(&bytes);
}

/* D2: what lives in the notes comes to the board. Notes are small here: one op brings them all. */
void world_reveal(struct world *world)
{
    struct pl_doc *copy = NULL;
    struct pl_buf snapshot, op, body;
    pl_buf_init(&snapshot, world->mem);
    pl_buf_init(&op, world->mem);
    pl_buf_init(&body, world->mem);
    pl_doc_snapshot(world->notes.doc, &snapshot);
    sim_must(pl_doc_load(world->mem, pl_buf_slice(&snapshot), &copy) == PL_OK, "notes do not load");
    if (pl_reveal_next(copy, &op) == PL_OK) {
        const struct adoption adoption = {world_entry_n(world), naive_doc_clone(world->notes.naive)};
        verdict_met(&world->verdict, SIM_REVEALED);
        pl_buf_append(&world->adoptions, &adoption, sizeof adoption);
        server_body(world->doc, pl_buf_slice(&op), &body);
        journal(world, 0, pl_buf_slice(&body));
    }
    pl_doc_free(copy);
    pl_buf_done(&snapshot);
    pl_buf_done(&op);
    pl_buf_done(&body);
}

const struct naive_doc *world_adopted(const struct world *world, size_t index)
{
    const struct adoption *adoptions = (const struct adoption *)world->adoptions.data;
    for (size_t i = 0; i < world->adoptions.len / sizeof *adoptions; i++)
        if (adoptions[i].index == index)
            return adoptions[i].notes;
    return NULL;
}

void world_server_init(struct world *world)
{
    struct notes *notes = &world->notes;
    world->doc = pl_doc_new(world->mem);
    world->naive = naive_doc_new(true);
    *notes = (struct notes){.doc = pl_doc_new(world->mem),
                            .naive = naive_doc_new(true),
                            .replica = pl_replica_new(world->mem)};
    sim_must(world->doc != NULL && notes->doc != NULL && notes->replica != NULL, "no memory");
    if (pl_replica_identify(notes->replica, world->replica_next++, 0, NOTES_USER) != PL_OK)
        world_fail(world, "the notes could not take their identity");
}

void world_server_done(struct world *world)
{
    const struct adoption *adoptions = (const struct adoption *)world->adoptions.data;
    for (size_t i = 0; i < world->adoptions.len / sizeof *adoptions; i++)
        naive_doc_free(adoptions[i].notes);
    pl_doc_free(world->doc);
    naive_doc_free(world->naive);
    pl_doc_free(world->notes.doc);
    naive_doc_free(world->notes.naive);
    pl_replica_free(world->notes.replica);
}
