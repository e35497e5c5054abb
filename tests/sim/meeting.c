/* See meeting.h: the steps. What must hold when they are over is rest.c's. */
#include "meeting.h"
#include "spells.h"
#include "proto/message.h"
#include <string.h>

#define BOARD       UINT64_C(0xb0a2d)
#define CHECK_EVERY 16u /* walking every invariant costs as much as many steps */

static const struct sim_knob knobs[] = {
#define X(name, text, least) {text, least},
    MEETING_KNOBS(X)
#undef X
};

static uint32_t sometimes(struct rng *rng, uint32_t percent)
{
    return rng_chance(rng, percent) ? 1 : 0;
}

static void configure(uint64_t seed, uint32_t *ret_knobs)
{
    struct rng rng = {.state = seed * 104729 + 3};
    const uint32_t bulk = sometimes(&rng, 3), steps = 150 + rng_below(&rng, 450);
    ret_knobs[MEETING_STEPS] = steps;
    ret_knobs[MEETING_EDITORS] = 2 + rng_below(&rng, 3);
    ret_knobs[MEETING_VIEWERS] = rng_below(&rng, 2);
    ret_knobs[MEETING_CUT] = rng_below(&rng, 6);
    ret_knobs[MEETING_DEAF] = rng_chance(&rng, 50) ? 0 : rng_below(&rng, 60);
    /* Large batches that are asked for again and again outlast a rest at the byte rate of a session. */
    ret_knobs[MEETING_FAIL] = bulk || rng_chance(&rng, 60) ? 0 : 1 + rng_below(&rng, 15);
    ret_knobs[MEETING_CRASH] = rng_chance(&rng, 40) ? 0 : rng_below(&rng, 20);
    ret_knobs[MEETING_HOSTILE] = sometimes(&rng, 25);
    ret_knobs[MEETING_CLONES] = sometimes(&rng, 20);
    ret_knobs[MEETING_FORGETS] = sometimes(&rng, 25);
    ret_knobs[MEETING_RESTORES] = sometimes(&rng, 15);
    ret_knobs[MEETING_DRAINS] = sometimes(&rng, 30);
    ret_knobs[MEETING_INSECURE] = sometimes(&rng, 15);
    ret_knobs[MEETING_BULK] = bulk * (steps / 2);
    ret_knobs[MEETING_CHURN] = sometimes(&rng, 3) * (steps / 3);
    ret_knobs[MEETING_LEAVES] = sometimes(&rng, 25) * (steps / 2);
}

/* The network tells tabs and the hostile client alike. */

static void on_receive(void *owner, struct socket *socket, struct pl_slice frame)
{
    struct hostile *hostile = owner;
    struct tab *tab = owner;
    /* Both begin with their env: it tells where the owner stands. */
    struct meeting *meeting = (struct meeting *)((char *)hostile->env - offsetof(struct meeting, env));
    if (owner == &meeting->hostile)
        hostile_receive(hostile, socket, frame);
    else
        tab_receive(tab, socket, frame);
}

static void on_gone(void *owner, struct socket *socket)
{
    struct hostile *hostile = owner;
    struct tab *tab = owner;
    struct meeting *meeting = (struct meeting *)((char *)hostile->env - offsetof(struct meeting, env));
    if (owner == &meeting->hostile)
        hostile_gone(hostile, socket);
    else if (socket == tab->socket)
        tab_lost(tab);
}

static const struct socket_owner owner = {.receive = on_receive, .gone = on_gone};

/* Steps. */

void meeting_pass(struct meeting *meeting, uint64_t ms)
{
    meeting->env.now_ms += ms;
    server_advance(meeting->server, ms);
    if (!meeting->server->up && meeting->env.now_ms >= meeting->down_until_ms)
        server_start(meeting->server);
    for (uint32_t i = 0; i < meeting->tab_n; i++)
        tab_tick(&meeting->tabs[i]);
}

static struct tab *any_tab(struct meeting *meeting)
{
    return &meeting->tabs[rng_below(&meeting->rng, meeting->tab_n)];
}

static struct socket *any_socket(struct meeting *meeting)
{
    struct socket *socket = meeting->network.sockets;
    if (socket == NULL)
        return NULL;
    for (uint32_t skip = rng_below(&meeting->rng, meeting->network.socket_n); skip > 0; skip--)
        socket = socket->next;
    return socket;
}

static void act(struct meeting *meeting)
{
    struct rng *rng = &meeting->rng;
    struct tab *tab = any_tab(meeting);
    const uint32_t dice = rng_below(rng, 100);
    if (dice < 55)
        tab_edit(tab, rng);
    else if (dice < 65)
        tab_undo(tab);
    else if (dice < 71)
        tab_redo(tab);
    else if (dice < 88)
        tab_presence(tab, rng);
    else if (dice < 92)
        tab_keep(tab);
    else if (dice < 95)
        tab_reload(tab);
    else if (dice < 97 && meeting->knobs[MEETING_CLONES] && tab != &meeting->tabs[0])
        tab_clone(tab, &meeting->tabs[0]);
    else if (meeting->knobs[MEETING_HOSTILE])
        hostile_act(&meeting->hostile, tab, rng);
}

static void carry(struct meeting *meeting)
{
    struct socket *socket = any_socket(meeting);
    if (socket == NULL)
        return;
    for (uint32_t n = 2 + rng_below(&meeting->rng, 6); n > 0; n--) {
        if (rng_chance(&meeting->rng, 50))
            socket_step_up(socket);
        else
            socket_step_down(socket);
    }
}

static void network_trouble(struct meeting *meeting)
{
    struct tab *tab = any_tab(meeting);
    if (tab->socket == NULL)
        return;
    if (rng_chance(&meeting->rng, meeting->knobs[MEETING_CUT] * 4))
        tab_lost(tab);
    else if (rng_chance(&meeting->rng, 30))
        tab->socket->stalled = !tab->socket->stalled;
    if (meeting->knobs[MEETING_HOSTILE])
        hostile_act(&meeting->hostile, tab, &meeting->rng);
}

void meeting_stop_drained(struct meeting *meeting)
{
    if (!meeting->server->up || !meeting->server->drained)
        return;
    for (const struct socket *socket = meeting->network.sockets; socket != NULL; socket = socket->next) {
        if (socket->session != NULL)
            return; /* its last words are on their way */
    }
    server_stop(meeting->server);
    meeting->down_until_ms = meeting->env.now_ms + rng_below(&meeting->rng, 3000);
}

/* Nobody can hear from what was lost that it was lost: the restore says so to whoever runs the server. */
static void restore(struct meeting *meeting)
{
    disk_restore(meeting->disk);
    ledger_restored(meeting->ledger);
}

static void server_trouble(struct meeting *meeting)
{
    struct rng *rng = &meeting->rng;
    const uint32_t *with = meeting->knobs;
    if (!meeting->server->up)
        return;
    if (rng_below(rng, 1000) < with[MEETING_CRASH]) {
        server_crash(meeting->server);
        network_server_died(&meeting->network);
        meeting->down_until_ms = meeting->env.now_ms + rng_below(rng, 3000);
        if (with[MEETING_RESTORES] && rng_chance(rng, 50))
            restore(meeting);
    } else if (with[MEETING_DRAINS] && rng_below(rng, 1000) < 8) {
        server_drain(meeting->server);
    } else if (with[MEETING_RESTORES] && rng_below(rng, 1000) < 20) {
        disk_backup(meeting->disk);
    } else if (rng_below(rng, 1000) < 5) {
        core_loop_wall_set(meeting->server->loop,
                           loop_wall_ms(&meeting->server->port) - rng_below(rng, 5000)); /* set back */
    }
}

static void step(struct meeting *meeting)
{
    struct rng *rng = &meeting->rng;
    const uint32_t dice = rng_below(rng, 100);
    if (dice < 32)
        act(meeting);
    else if (dice < 71)
        carry(meeting);
    else if (dice < 80 && meeting->server->up) {
        disk_step(meeting->disk);
        server_turn(meeting->server);
    } else if (dice < 85 && meeting->server->up)
        server_work(meeting->server);
    else if (dice < 97)
        meeting_pass(meeting, rng_chance(rng, 90) ? rng_below(rng, 60) : rng_below(rng, 4000));
    else
        network_trouble(meeting);
    server_trouble(meeting);
    meeting_stop_drained(meeting);
    network_sweep(&meeting->network, false);
}

static void numbered_step(struct meeting *meeting, uint32_t number)
{
    const char *reason;
    meeting->rng = rng_of(meeting->plan->seed, number + 1);
    step(meeting);
    if (meeting->knobs[MEETING_LEAVES] == number + 1)
        spell_everybody_leaves(meeting);
    if (meeting->knobs[MEETING_BULK] == number + 1)
        spell_flood(meeting);
    if (meeting->knobs[MEETING_CHURN] == number + 1)
        spell_churn(meeting);
    if (number % CHECK_EVERY == 0 && !pl_replica_check(any_tab(meeting)->replica, &reason))
        verdict_fail(&meeting->verdict, reason);
}

static void meeting_init(struct meeting *meeting, const struct plan *plan)
{
    *meeting = (struct meeting){.plan = plan};
    memcpy(meeting->knobs, plan->knobs, sizeof meeting->knobs);
    const uint32_t *with = meeting->knobs;
    meeting->rng = rng_of(plan->seed, 0);
    const struct disk_config disk = {
        .board = BOARD, .fail_percent = with[MEETING_FAIL], .forgets = with[MEETING_FORGETS] != 0};
    meeting->disk = disk_new(&disk, &meeting->rng, &meeting->verdict);
    meeting->server = server_new(meeting->disk, &meeting->rng, &meeting->verdict);
    network_init(&meeting->network, meeting->server, &owner, with[MEETING_DEAF]);
    meeting->ledger = ledger_new();
    meeting->env = (struct tab_env){
        .network = &meeting->network, .ledger = meeting->ledger, .board = BOARD, .now_ms = 1};
    server_create(meeting->server, BOARD);
    meeting->tab_n = with[MEETING_EDITORS] + with[MEETING_VIEWERS];
    sim_must(meeting->tab_n <= TABS_MAX, "too many tabs");
    for (uint32_t i = 0; i < meeting->tab_n; i++) {
        tab_init(&meeting->tabs[i], &meeting->env, 100 + i,
                 i < with[MEETING_EDITORS] ? PL_ROLE_EDITOR : PL_ROLE_VIEWER, with[MEETING_INSECURE] == 0);
        meeting->tabs[i].patient = i % 2 == 1;
    }
    hostile_init(&meeting->hostile, &meeting->env, 999);
}

static void meeting_done(struct meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->tab_n; i++)
        tab_done(&meeting->tabs[i]);
    network_done(&meeting->network);
    server_free(meeting->server);
    disk_free(meeting->disk);
    ledger_free(meeting->ledger);
}

static bool leave(const struct meeting *meeting, const char *path)
{
    struct pl_buf envelopes, message;
    pl_buf_init(&envelopes, pl_mem_libc());
    pl_buf_init(&message, pl_mem_libc());
    pl_write_array(&envelopes, disk_head(meeting->disk));
    pl_write_raw(&envelopes, disk_all(meeting->disk));
    const struct pl_msg_ops ops = {.doc = 0, .envelopes = pl_buf_slice(&envelopes)};
    pl_msg_ops_write(&message, &ops);
    const bool left = plan_leave(path, pl_buf_slice(&message), meeting->state_hash);
    pl_buf_done(&envelopes);
    pl_buf_done(&message);
    return left;
}

static const char *run(const struct plan *plan, const char *path_or_null, uint32_t *met)
{
    struct meeting *meeting = sim_get(sizeof *meeting);
    meeting_init(meeting, plan);
    for (uint32_t i = 0; i < meeting->knobs[MEETING_STEPS] && meeting->verdict.reason == NULL; i++) {
        if (!plan_skips(plan, i))
            numbered_step(meeting, i);
    }
    meeting->rng = rng_of(plan->seed, 0);
    if (meeting->verdict.reason == NULL && rest_reach(meeting) && rest_check(meeting) && path_or_null != NULL &&
        !leave(meeting, path_or_null))
        verdict_fail(&meeting->verdict, "the inputs could not be written");
    for (size_t i = 0; i < SIM_EVENT_N; i++)
        met[i] += meeting->verdict.met[i];
    const char *reason = meeting->verdict.reason;
    meeting_done(meeting);
    free(meeting);
    return reason;
}

const struct sim_kind session_kind = {.name = "session",
                                      .prefix = "s",
                                      .one_in = 1,
                                      .knobs = knobs,
                                      .knob_n = MEETING_KNOB_N,
                                      .configure = configure,
                                      .run = run};
