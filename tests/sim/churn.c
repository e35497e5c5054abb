/* See churn.h. Snapshots and what a client holds may not grow from the second quarter of the rounds on. What the
 * server's document holds may: a text that comes to more runs than a leaf has takes a tree and an index at once. It is
 * held against the same document read from its snapshot, which holds what is there and nothing else. */
#include "churn.h"
#include "proto/id_text.h"
#include "proto/message.h"
#include "proto/object.h"
#include "proto/op_write.h"
#include "proto/replica.h"
#include "rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/naive_doc.h"
#include "verdict.h"
#include <string.h>

#define CLIENTS_MAX   3u
#define ACTS          4u  /* of a client in a round */
#define TARGETS_MAX   64u
#define GROWTH_MAX    130u /* percent: the second half against the quarter before it */
#define SLACK_BYTES   1024u
#define UNDO_BYTES    (256u * 1024u) /* a tab's undo is still filling */
#define HELD_MAX      150u /* percent: the server's document against the same read anew */
#define READ_EVERY    16u  /* rounds */

enum churn_knob {
#define X(name, text, least) CHURN_##name,
    CHURN_KNOBS(X)
#undef X
        CHURN_KNOB_N
};

static const struct sim_knob knobs[] = {
#define X(name, text, least) {text, least},
    CHURN_KNOBS(X)
#undef X
};

/* The most bytes of something in the second quarter of the rounds, and in the second half. */
struct gauge {
    size_t before, after;
};

struct client {
    struct count_mem count;
    struct pl_replica *replica;
    struct gauge live;
};

struct churn {
    const struct plan *plan;
    uint32_t knobs[PLAN_KNOBS_MAX];
    struct rng rng;
    struct verdict verdict;
    struct count_mem count;
    struct pl_doc *doc;
    struct naive_doc *naive;
    struct gauge snapshot;
    struct client clients[CLIENTS_MAX];
    struct pl_buf journal;
    uint64_t entry_n;
};

static void configure(uint64_t seed, uint32_t *ret_knobs)
{
    struct rng rng = {.state = seed * 15485863 + 5};
    ret_knobs[CHURN_STEPS] = 240 + rng_below(&rng, 160);
    ret_knobs[CHURN_CLIENTS] = 1 + rng_below(&rng, CLIENTS_MAX);
    ret_knobs[CHURN_OBJECTS] = 1 + rng_below(&rng, 12);
    ret_knobs[CHURN_UTF16] = 10 + rng_below(&rng, 150);
    ret_knobs[CHURN_EVERY] = 4 + rng_below(&rng, 12);
    ret_knobs[CHURN_UNDO] = rng_chance(&rng, 50) ? 0 : rng_below(&rng, 40);
}

/* Delivery: at once, to all. */

static void commit(struct churn *churn, uint64_t user, struct pl_slice body)
{
    const char *reason;
    const struct pl_envelope envelope = {
        .seq = churn->entry_n + 1, .user = user, .srv_ms = 1000 + churn->entry_n, .body = body};
    churn->entry_n++;
    pl_envelope_write(&churn->journal, &envelope);
    if (pl_doc_apply(churn->doc, &envelope, NULL) != PL_OK)
        verdict_fail(&churn->verdict, "the server could not apply what it had decided");
    if (!naive_doc_apply(churn->naive, &envelope, NULL, &reason))
        verdict_fail(&churn->verdict, reason);
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++)
        if (pl_replica_apply(churn->clients[i].replica, &envelope) != PL_OK)
            verdict_fail(&churn->verdict, "a client could not apply an entry");
}

static void send_all(struct churn *churn, uint32_t number)
{
    struct pl_pending pending;
    struct pl_batch batch;
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    while (churn->verdict.reason == NULL && pl_replica_pending_at(churn->clients[number].replica, 0, &pending)) {
        pl_buf_clear(&body);
        pl_buf_append(&body, pending.body.data, pending.body.len);
        if (pl_doc_decide(churn->doc, pl_buf_slice(&body), 100 + number, PL_ROLE_EDITOR, &batch) != PL_OK)
            verdict_fail(&churn->verdict, "an honest batch was refused");
        else
            commit(churn, 100 + number, pl_buf_slice(&body));
    }
    pl_buf_done(&body);
}

static void collect(struct churn *churn)
{
    struct pl_replica_row row = {.hwm = 0};
    struct pl_buf op, body;
    pl_buf_init(&op, pl_mem_libc());
    pl_buf_init(&body, pl_mem_libc());
    (void)pl_doc_replica(churn->doc, PL_REPLICA_SERVER, &row);
    pl_write_array(&op, 1);
    pl_write_uint(&op, PL_OP_COLLECT);
    pl_batch_write(&body, PL_REPLICA_SERVER, row.hwm + 1, pl_doc_lam(churn->doc) + 1, 1, pl_buf_slice(&op));
    commit(churn, 0, pl_buf_slice(&body));
    verdict_met(&churn->verdict, SIM_COLLECTED);
    pl_buf_done(&op);
    pl_buf_done(&body);
}

/* What people do. */

struct targets {
    struct pl_id ids[TARGETS_MAX];
    uint32_t n;
};

static void gather(void *user, const struct pl_object *object)
{
    struct targets *targets = user;
    if (pl_object_alive(object) && targets->n < TARGETS_MAX)
        targets->ids[targets->n++] = pl_object_id(object);
}

static void write_create(struct churn *churn, struct pl_buf *edits)
{
    pl_write_array(edits, 3);
    pl_write_uint(edits, 1);
    pl_write_uint(edits, PL_KIND_STICKY);
    pl_write_map(edits, 2);
    pl_write_uint(edits, PL_FIELD_COLOR);
    pl_write_uint(edits, rng_below(&churn->rng, 12));
    pl_write_uint(edits, PL_FIELD_TEXT);
    pl_write_text(edits, "to be deleted");
}

/* A word somewhere; a text that is long enough loses as much somewhere else. */
static void write_typing(struct churn *churn, const struct pl_replica *replica, struct pl_id id, struct pl_buf *edits)
{
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    const uint32_t length = text == NULL ? 0 : (uint32_t)pl_text_utf16(text);
    const uint32_t surplus = length > churn->knobs[CHURN_UTF16] ? length - churn->knobs[CHURN_UTF16] : 0;
    pl_write_array(edits, 6);
    pl_write_uint(edits, 4);
    pl_write_id_text(edits, id);
    pl_write_uint(edits, PL_FIELD_TEXT);
    pl_write_uint(edits, rng_below(&churn->rng, length - surplus + 1));
    pl_write_uint(edits, surplus);
    pl_write_text(edits, "word ");
}

static void write_delete(struct pl_id id, struct pl_buf *edits)
{
    pl_write_array(edits, 2);
    pl_write_uint(edits, 3);
    pl_write_id_text(edits, id);
}

static void act(struct churn *churn, struct pl_replica *replica)
{
    struct targets targets = {.n = 0};
    struct pl_buf edits;
    if (rng_chance(&churn->rng, churn->knobs[CHURN_UNDO])) {
        (void)!(rng_chance(&churn->rng, 60) ? pl_replica_undo : pl_replica_redo)(replica);
        return;
    }
    pl_replica_each(replica, gather, &targets);
    pl_buf_init(&edits, pl_mem_libc());
    pl_write_array(&edits, 1);
    const struct pl_id id = targets.n == 0 ? (struct pl_id){0} : targets.ids[rng_below(&churn->rng, targets.n)];
    if (targets.n > churn->knobs[CHURN_OBJECTS])
        write_delete(id, &edits);
    else if (targets.n == 0 || rng_chance(&churn->rng, 40))
        write_create(churn, &edits);
    else
        write_typing(churn, replica, id, &edits);
    if (pl_replica_edit(replica, 0, false, pl_buf_slice(&edits), NULL, NULL) != PL_OK)
        verdict_fail(&churn->verdict, "an honest edit was refused");
    pl_buf_done(&edits);
}

/* What is held. */

static void gauge_take(struct gauge *gauge, uint32_t round, uint32_t rounds, size_t bytes)
{
    if (round >= rounds / 2)
        gauge->after = bytes > gauge->after ? bytes : gauge->after;
    else if (round >= rounds / 4)
        gauge->before = bytes > gauge->before ? bytes : gauge->before;
}

static bool gauge_holds(const struct gauge *gauge, size_t slack_bytes)
{
    return gauge->after * 100 <= gauge->before * GROWTH_MAX + slack_bytes * 100;
}

static void hold_against_snapshot(struct churn *churn, struct pl_slice snapshot)
{
    struct count_mem count;
    struct pl_doc *anew = NULL;
    count_mem_init(&count);
    if (pl_doc_load(&count.mem, snapshot, &anew) != PL_OK)
        verdict_fail(&churn->verdict, "a snapshot did not load");
    else if (churn->count.live * 100 > count.live * HELD_MAX + SLACK_BYTES * 100)
        verdict_fail(&churn->verdict, "the server holds more than is there");
    pl_doc_free(anew);
}

static void measure(struct churn *churn, uint32_t round)
{
    const uint32_t rounds = churn->knobs[CHURN_STEPS];
    struct pl_buf snapshot;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(churn->doc, &snapshot);
    gauge_take(&churn->snapshot, round, rounds, snapshot.len);
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++)
        gauge_take(&churn->clients[i].live, round, rounds, churn->clients[i].count.live);
    if (round % READ_EVERY == 0)
        hold_against_snapshot(churn, pl_buf_slice(&snapshot));
    pl_buf_done(&snapshot);
}

static void check(struct churn *churn)
{
    const char *reason;
    if (!naive_doc_agrees(churn->naive, churn->doc, &reason) || !pl_doc_check(churn->doc, &reason))
        verdict_fail(&churn->verdict, reason);
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++) {
        struct client *client = &churn->clients[i];
        if (pl_doc_state_hash(pl_replica_doc(client->replica)) != pl_doc_state_hash(churn->doc))
            verdict_fail(&churn->verdict, "a client's committed state differs from the server's");
        if (!pl_replica_check(client->replica, &reason))
            verdict_fail(&churn->verdict, reason);
        if (!gauge_holds(&client->live, UNDO_BYTES))
            verdict_fail(&churn->verdict, "a client holds more and more");
    }
    if (!gauge_holds(&churn->snapshot, SLACK_BYTES))
        verdict_fail(&churn->verdict, "snapshots get bigger and bigger");
}

/* A world. */

static void churn_init(struct churn *churn, const struct plan *plan)
{
    *churn = (struct churn){.plan = plan};
    memcpy(churn->knobs, plan->knobs, sizeof churn->knobs);
    sim_must(churn->knobs[CHURN_CLIENTS] <= CLIENTS_MAX, "too many clients");
    count_mem_init(&churn->count);
    churn->doc = pl_doc_new(&churn->count.mem);
    churn->naive = naive_doc_new(true);
    pl_buf_init(&churn->journal, pl_mem_libc());
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++) {
        struct client *client = &churn->clients[i];
        count_mem_init(&client->count);
        client->replica = pl_replica_new(&client->count.mem);
        sim_must(client->replica != NULL && pl_replica_identify(client->replica, i + 1, 0, 100 + i) == PL_OK,
                 "no replica");
    }
}

static void churn_done(struct churn *churn)
{
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++)
        pl_replica_free(churn->clients[i].replica);
    pl_doc_free(churn->doc);
    naive_doc_free(churn->naive);
    pl_buf_done(&churn->journal);
}

static void step(struct churn *churn, uint32_t round)
{
    churn->rng = rng_of(churn->plan->seed, round + 1);
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++)
        for (uint32_t k = 0; k < ACTS; k++)
            act(churn, churn->clients[i].replica);
    for (uint32_t i = 0; i < churn->knobs[CHURN_CLIENTS]; i++)
        send_all(churn, i);
    if (round % churn->knobs[CHURN_EVERY] == 0)
        collect(churn);
    measure(churn, round);
}

static bool leave(struct churn *churn, const char *path)
{
    struct pl_buf envelopes, message;
    pl_buf_init(&envelopes, pl_mem_libc());
    pl_buf_init(&message, pl_mem_libc());
    pl_write_array(&envelopes, churn->entry_n);
    pl_write_raw(&envelopes, pl_buf_slice(&churn->journal));
    const struct pl_msg_ops ops = {.doc = 0, .envelopes = pl_buf_slice(&envelopes)};
    pl_msg_ops_write(&message, &ops);
    const bool left = plan_leave(path, pl_buf_slice(&message), pl_doc_state_hash(churn->doc));
    pl_buf_done(&envelopes);
    pl_buf_done(&message);
    return left;
}

static const char *run(const struct plan *plan, const char *path_or_null, uint32_t *met)
{
    struct churn *churn = sim_get(sizeof *churn);
    churn_init(churn, plan);
    for (uint32_t i = 0; i < churn->knobs[CHURN_STEPS] && churn->verdict.reason == NULL; i++)
        if (!plan_skips(plan, i))
            step(churn, i);
    if (churn->verdict.reason == NULL)
        check(churn);
    if (churn->verdict.reason == NULL && path_or_null != NULL && !leave(churn, path_or_null))
        verdict_fail(&churn->verdict, "the inputs could not be written");
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        met[i] += churn->verdict.met[i];
    const char *reason = churn->verdict.reason;
    churn_done(churn);
    free(churn);
    return reason;
}

const struct sim_kind churn_kind = {.name = "churn",
                                    .prefix = "c",
                                    .one_in = 5,
                                    .knobs = knobs,
                                    .knob_n = CHURN_KNOB_N,
                                    .configure = configure,
                                    .run = run};
