/* Decides which peer does what when. Knows versions, by dag.h, and no replica. */
#include "bench/trace/plan.h"
#include "bench/trace/dag.h"
#include <stdlib.h>

#define NONE UINT32_MAX

/* A peer while planning: its version is `head` and what that came after. */
struct seat {
    uint32_t agent;
    uint32_t head;  /* its newest transaction; NONE when it has none yet */
    uint32_t older; /* the agent's peer before it, or NONE */
    bool awake;
    uint64_t used;  /* when it last did something */
};

struct planner {
    const struct history *history;
    struct dag *dag;
    struct plan *plan;
    struct seat *seats;
    size_t seat_cap;
    uint32_t *newest;   /* by agent: its newest peer, or NONE */
    uint32_t *peer_of;  /* by transaction */
    uint32_t awake_n;
    uint64_t now;
    bool failed;        /* no memory */
};

static void step_add(struct planner *planner, enum step_kind kind, uint32_t peer, uint32_t a, uint32_t b)
{
    struct plan *plan = planner->plan;
    if (plan->step_n == plan->step_cap) {
        const size_t cap = plan->step_cap == 0 ? 1024 : plan->step_cap * 2;
        struct step *steps = realloc(plan->steps, cap * sizeof *steps);
        if (steps == NULL) {
            planner->failed = true;
            return;
        }
        plan->steps = steps;
        plan->step_cap = cap;
    }
    plan->steps[plan->step_n++] = (struct step){.kind = kind, .peer = peer, .a = a, .b = b};
}

static void edits_add(struct planner *planner, uint32_t peer, size_t patch0, size_t patch_n)
{
    for (size_t i = 0; i < patch_n; i++)
        step_add(planner, STEP_EDIT, peer, (uint32_t)(patch0 + i), 0);
}

static void settle_add(struct planner *planner, uint32_t peer)
{
    step_add(planner, STEP_SETTLE, peer, 0, 0);
    planner->plan->chapter_n++;
}

/* Peer 0 makes the text, whoever it belongs to. */
static void setup_add(struct planner *planner)
{
    step_add(planner, STEP_OPEN, 0, 0, 0);
    step_add(planner, STEP_CREATE, 0, 0, 0);
    edits_add(planner, 0, 0, planner->history->start_patch_n);
    settle_add(planner, 0);
    planner->plan->setup_n = planner->plan->step_n;
}

static void plan_sequential(struct planner *planner, uint32_t settle_every)
{
    const struct history *history = planner->history;
    uint32_t unsettled = 0;
    setup_add(planner);
    planner->plan->peer_n = 1;
    for (size_t i = history->start_patch_n; i < history->patch_n; i++) {
        edits_add(planner, 0, i, 1);
        if (++unsettled == settle_every) {
            settle_add(planner, 0);
            unsettled = 0;
        }
    }
    if (unsettled > 0)
        settle_add(planner, 0);
    step_add(planner, STEP_AGREE, 0, 0, 0);
}

/* Makes room for one more awake peer: the one that was idle longest rests. */
static void park_one(struct planner *planner)
{
    uint32_t idle = NONE;
    if (planner->awake_n < PLAN_AWAKE_MAX)
        return;
    for (uint32_t i = 0; i < planner->plan->peer_n; i++)
        if (planner->seats[i].awake && (idle == NONE || planner->seats[i].used < planner->seats[idle].used))
            idle = i;
    step_add(planner, STEP_PARK, idle, 0, 0);
    planner->seats[idle].awake = false;
    planner->awake_n--;
}

static void wake(struct planner *planner, uint32_t peer)
{
    struct seat *seat = &planner->seats[peer];
    seat->used = ++planner->now;
    if (seat->awake)
        return;
    park_one(planner);
    step_add(planner, STEP_WAKE, peer, 0, 0);
    seat->awake = true;
    planner->awake_n++;
}

static uint32_t seat_open(struct planner *planner, uint32_t agent)
{
    const uint32_t peer = planner->plan->peer_n;
    if (peer == planner->seat_cap) {
        const size_t cap = planner->seat_cap == 0 ? 16 : planner->seat_cap * 2;
        struct seat *seats = realloc(planner->seats, cap * sizeof *seats);
        if (seats == NULL) {
            planner->failed = true;
            return NONE;
        }
        planner->seats = seats;
        planner->seat_cap = cap;
    }
    park_one(planner);
    planner->seats[peer] = (struct seat){
        .agent = agent, .head = NONE, .older = planner->newest[agent], .awake = true, .used = ++planner->now};
    planner->newest[agent] = peer;
    planner->awake_n++;
    planner->plan->peer_n++;
    if (peer == 0) {
        setup_add(planner);
    } else {
        step_add(planner, STEP_OPEN, peer, 0, 0);
        step_add(planner, STEP_TAKE, peer, 0, 1);
    }
    return peer;
}

struct search {
    const struct planner *planner;
    uint32_t agent;
};

/* Whether a peer of the agent stands exactly at this transaction. */
static bool heads_a_peer(void *user, uint32_t txn)
{
    const struct search *search = user;
    const struct seat *seat = &search->planner->seats[search->planner->peer_of[txn]];
    return seat->agent == search->agent && seat->head == txn;
}

/* The agent's peer for a transaction: the newest whose whole version is among what the parents came after. */
static uint32_t peer_for(struct planner *planner, uint32_t txn)
{
    const uint32_t agent = planner->history->txns[txn].agent;
    struct search search = {.planner = planner, .agent = agent};
    uint32_t oldest = NONE, found;
    for (uint32_t i = planner->newest[agent]; i != NONE; i = planner->seats[i].older)
        oldest = planner->seats[i].head < oldest ? planner->seats[i].head : oldest;
    if (oldest != NONE && dag_newest(planner->dag, dag_parents(planner->history, txn), oldest, heads_a_peer,
                                     &search, &found))
        return planner->peer_of[found];
    return seat_open(planner, agent);
}

/* Takes what the peer lacks of a version, in as few steps as neighbouring chapters allow. */
static void catch_up(struct planner *planner, uint32_t peer, struct version want)
{
    const struct seat *seat = &planner->seats[peer];
    const struct version have = {.txns = &seat->head, .n = seat->head == NONE ? 0 : 1};
    const struct version missing = dag_missing(planner->dag, have, want);
    for (size_t i = 0; i < missing.n;) {
        uint32_t n = 1;
        while (i + n < missing.n && missing.txns[i + n] == missing.txns[i] + n)
            n++;
        step_add(planner, STEP_TAKE, peer, missing.txns[i] + 1, n);
        i += n;
    }
}

static void plan_concurrent(struct planner *planner)
{
    const struct history *history = planner->history;
    for (uint32_t i = 0; i < history->txn_n && !planner->failed; i++) {
        const struct txn *txn = &history->txns[i];
        const uint32_t peer = peer_for(planner, i);
        if (peer == NONE)
            return;
        wake(planner, peer);
        catch_up(planner, peer, dag_parents(history, i));
        edits_add(planner, peer, txn->patch0, txn->patch_n);
        settle_add(planner, peer);
        planner->seats[peer].head = i;
        planner->peer_of[i] = peer;
    }
    if (history->txn_n == 0)
        (void)seat_open(planner, 0);
    for (uint32_t peer = 0; peer < planner->plan->peer_n && !planner->failed; peer++) {
        wake(planner, peer);
        catch_up(planner, peer, dag_heads(planner->dag));
        step_add(planner, STEP_AGREE, peer, 0, 0);
        planner->plan->last_peer = peer;
    }
}

/* What planning a concurrent history needs; false without memory. */
static bool planner_init(struct planner *planner)
{
    const struct history *history = planner->history;
    const size_t agent_n = (size_t)history->agent_n + 1;
    planner->dag = dag_new(history);
    planner->newest = malloc(agent_n * sizeof *planner->newest);
    planner->peer_of = calloc((size_t)history->txn_n + 1, sizeof *planner->peer_of);
    if (planner->dag == NULL || planner->newest == NULL || planner->peer_of == NULL)
        return false;
    for (size_t i = 0; i < agent_n; i++)
        planner->newest[i] = NONE;
    return true;
}

enum pl_status plan_make(const struct history *history, uint32_t settle_every, struct plan *ret_plan)
{
    struct plan plan = {0};
    struct planner planner = {.history = history, .plan = &plan};
    if (!history->concurrent)
        plan_sequential(&planner, settle_every);
    else if (planner_init(&planner))
        plan_concurrent(&planner);
    else
        planner.failed = true;
    dag_free(planner.dag);
    free(planner.newest);
    free(planner.peer_of);
    free(planner.seats);
    if (planner.failed) {
        plan_done(&plan);
        return PL_NO_MEMORY;
    }
    *ret_plan = plan;
    return PL_OK;
}

void plan_done(struct plan *plan)
{
    free(plan->steps);
    *plan = (struct plan){0};
}
