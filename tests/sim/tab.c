/* See tab.h: connecting, sending, editing, and being reloaded. What messages do is tab_input.c's. */
#include "tab.h"
#include "edits.h"
#include "proto/limits.h"
#include "proto/op.h"
#include <string.h>

#define DEAD_MS        25000u
#define BULK_BYTES     50000u
#define PROVISIONAL    0x80000000u
#define RETRY_MS_MAX   400u
#define PRESENCE_KINDS 6u
#define CHURN_OBJECTS  5u

bool tab_fail(struct tab *tab, const char *reason)
{
    return verdict_fail(tab->env->network->verdict, reason);
}

void tab_met(struct tab *tab, enum sim_event event)
{
    verdict_met(tab->env->network->verdict, event);
}

static void expect(struct tab *tab, enum pl_status status)
{
    if (status != PL_OK)
        tab_fail(tab, pl_status_text(status));
}

/* Identity and the pending list. */

bool tab_pending_at(const struct tab *tab, uint64_t ctr0, struct pl_pending *ret_pending)
{
    for (size_t i = 0; pl_replica_pending_at(tab->replica, i, ret_pending); i++) {
        if (ret_pending->ctr0 == ctr0)
            return true;
    }
    return false;
}

void tab_numbered(struct tab *tab)
{
    struct pl_pending newest;
    const size_t n = pl_replica_pending_n(tab->replica);
    if (n == 0)
        tab->settled = pl_doc_head(pl_replica_doc(tab->replica));
    if (tab->id != 0 && n > 0 && pl_replica_pending_at(tab->replica, n - 1, &newest))
        tab->next = newest.ctr0 + newest.ctr_n;
}

/* What was handed to a socket under one replica and now goes out under another, by a tab that did not claim the first:
 * the server may come to have both, for the old socket may still deliver. A claim would have ended it (S5). */
static void excuse_handed(struct tab *tab, uint32_t id)
{
    struct pl_pending pending;
    struct pl_batch batch;
    if (tab->phase == TAB_TAIL && tab->hello_replica.set && tab->hello_replica.value == tab->sealed_id)
        return;
    for (size_t i = 0; pl_replica_pending_at(tab->replica, i, &pending); i++) {
        if (pl_batch_read(pending.body, false, &batch) == PL_OK && batch.replica != id &&
            batch.replica == tab->sealed_id && batch.ctr0 < tab->sealed_next) {
            ledger_excuse(tab->env->ledger, pending.body, LEDGER_MAY_TWICE);
            tab_met(tab, SIM_REKEYED);
        }
    }
}

void tab_identify(struct tab *tab, uint32_t id, uint64_t hwm)
{
    excuse_handed(tab, id);
    expect(tab, pl_replica_identify(tab->replica, id, hwm, tab->user));
    tab->id = id;
    tab->next = hwm + 1;
    tab_numbered(tab);
}

/* Sending. */

static void send_buf(struct tab *tab, struct pl_buf *message)
{
    if (tab->socket != NULL)
        socket_send(tab->socket, pl_buf_slice(message));
    pl_buf_done(message);
}

void tab_flush(struct tab *tab)
{
    struct pl_pending pending;
    if (tab->phase != TAB_LIVE || tab->held)
        return;
    for (size_t i = 0; pl_replica_pending_at(tab->replica, i, &pending); i++) {
        struct pl_buf message;
        if (pending.ctr0 < tab->from)
            continue;
        pl_buf_init(&message, pl_mem_libc());
        const struct pl_msg_batch batch = {.body = pending.body};
        pl_msg_batch_write(&message, &batch);
        send_buf(tab, &message);
        tab->from = tab->sealed_next = pending.ctr0 + pending.ctr_n;
        tab->sealed_id = tab->id;
    }
}

static void ping(struct tab *tab)
{
    struct pl_buf message;
    const struct pl_msg_ping msg = {.echo = tab->env->now_ms, .settled = tab->settled};
    pl_buf_init(&message, pl_mem_libc());
    pl_msg_ping_write(&message, &msg);
    send_buf(tab, &message);
    tab->pinged_ms = tab->env->now_ms;
}

/* Connecting. */

static void hello(struct tab *tab, const char *ticket)
{
    uint8_t lineage[8];
    struct pl_buf message;
    const bool resumes = tab->lineage != 0 && !tab->want_snapshot;
    const bool claims = tab->id != 0 && tab->id < PROVISIONAL && !tab->want_replica;
    tab->hello_lineage = resumes ? tab->lineage : 0;
    tab->hello_resume = (struct pl_opt_u53){resumes, resumes ? pl_doc_head(pl_replica_doc(tab->replica)) : 0};
    tab->hello_replica = (struct pl_opt_u53){claims, claims ? tab->id : 0};
    pl_u64_to_bytes(tab->hello_lineage, lineage);
    const struct pl_msg_hello msg = {.schema = 1,
                                     .ticket = {(const uint8_t *)ticket, strlen(ticket)},
                                     .lineage = {resumes, {lineage, sizeof lineage}},
                                     .replica = tab->hello_replica,
                                     .resume_seq = tab->hello_resume};
    pl_buf_init(&message, pl_mem_libc());
    pl_msg_hello_write(&message, &msg);
    send_buf(tab, &message);
}

static void connect_now(struct tab *tab)
{
    struct server *server = tab->env->network->server;
    struct grant grant = {.board = tab->env->board, .user = tab->user, .role = tab->role};
    char ticket[TICKET_TEXT_BYTES];
    snprintf(grant.name, sizeof grant.name, "guest %u of %u", rng_below(server->rng, 20) == 0,
             (unsigned)tab->user); /* who sometimes comes by another name */
    tab->socket = socket_open(tab->env->network, tab);
    if (tab->socket == NULL) {
        tab_rest(tab, 0);
        return;
    }
    sim_must(tickets_issue(server->tickets, &grant, loop_now_ms(&server->port), ticket) == PL_OK,
             "no ticket");
    tab->phase = TAB_GREETING;
    tab->heard_ms = tab->pinged_ms = tab->env->now_ms;
    hello(tab, ticket);
}

void tab_rest(struct tab *tab, uint64_t ms)
{
    struct rng *rng = tab->env->network->rng;
    if (tab->socket != NULL)
        socket_leave(tab->socket);
    tab->socket = NULL;
    tab->phase = TAB_RESTING;
    tab->from = 0;
    tab->retry_ms = tab->env->now_ms + ms + rng_below(rng, RETRY_MS_MAX);
    if (tab->id == 0 && pl_doc_head(pl_replica_doc(tab->replica)) > 0 && rng_chance(rng, 50))
        tab_identify(tab, (uint32_t)rng_next(rng) | PROVISIONAL, 0); /* editing without a network */
}

void tab_lost(struct tab *tab)
{
    tab_rest(tab, 0);
}

void tab_start_over(struct tab *tab, bool snapshot, bool replica)
{
    tab->want_snapshot = tab->want_snapshot || snapshot;
    tab->want_replica = tab->want_replica || replica;
    tab_rest(tab, 0);
}

/* The server has something else under our counters: what is pending must not be taken for it, neither by the tail nor
 * by a snapshot's rows, so it goes under a name of its own before either comes. */
void tab_doubt(struct tab *tab)
{
    tab_met(tab, SIM_DOUBTED);
    if (tab->id != 0 && tab->id < PROVISIONAL)
        tab_identify(tab, (uint32_t)rng_next(tab->env->network->rng) | PROVISIONAL, 0);
    tab_start_over(tab, true, true);
}

void tab_tick(struct tab *tab)
{
    const uint64_t now = tab->env->now_ms;
    if (tab->phase == TAB_RESTING) {
        if (now >= tab->retry_ms)
            connect_now(tab);
        return;
    }
    if (tab->socket->stalled) {
        tab->heard_ms = now; /* a frozen tab knows no time */
        return;
    }
    if (now - tab->heard_ms > DEAD_MS)
        tab_start_over(tab, false, false);
    else if (now - tab->pinged_ms >= PL_PING_MS && tab->phase != TAB_GREETING)
        ping(tab);
}

/* What people do. */

/* A clone's edits may stand under counters its sibling used for others: where entries show it, it is noticed and the
 * edits are re-keyed (tab_doubt), but a snapshot shows only how far the counters went. The web client's lock on a
 * replica keeps this from happening. */
static void edit(struct tab *tab, struct rng *rng, struct pl_buf *edits, uint64_t first_mark)
{
    struct pl_pending newest;
    const size_t n = pl_replica_pending_n(tab->replica);
    const bool may_join = n > 0 && pl_replica_pending_at(tab->replica, n - 1, &newest) &&
                          (tab->sealed_id != tab->id || newest.ctr0 >= tab->sealed_next);
    const uint64_t gesture = rng_chance(rng, 50) ? 0 : rng_below(rng, 5);
    expect(tab, pl_replica_edit(tab->replica, gesture, may_join, pl_buf_slice(edits), NULL, NULL));
    pl_buf_done(edits);
    if (tab->cloned)
        ledger_excuse_since(tab->env->ledger, first_mark, LEDGER_MAY_MISS);
    tab_numbered(tab);
    tab_flush(tab);
}

void tab_edit(struct tab *tab, struct rng *rng)
{
    struct pl_buf edits;
    if (tab->id == 0)
        return;
    const uint64_t first_mark = *ledger_mark(tab->env->ledger);
    pl_buf_init(&edits, pl_mem_libc());
    const struct edits_wish wish = {.role = PL_ROLE_EDITOR,
                                    .mark_or_null = ledger_mark(tab->env->ledger),
                                    .focus_percent = 20,
                                    .tally_percent = 12,
                                    .rich_percent = 10};
    edits_random(rng, tab->replica, &wish, &edits);
    edit(tab, rng, &edits, first_mark);
}

void tab_bulk(struct tab *tab, struct rng *rng)
{
    static const uint8_t words[BULK_BYTES]; /* bytes, so that nobody looks into them */
    struct pl_buf edits;
    if (tab->id == 0)
        return;
    pl_buf_init(&edits, pl_mem_libc());
    pl_write_array(&edits, 1);
    pl_write_array(&edits, 4);
    pl_write_uint(&edits, 2);
    pl_write_text(&edits, "0.1"); /* the board object */
    pl_write_uint(&edits, 9999);
    pl_write_bin(&edits, (struct pl_slice){words, sizeof words});
    edit(tab, rng, &edits, *ledger_mark(tab->env->ledger));
}

void tab_churn(struct tab *tab)
{
    struct pl_buf edits;
    if (tab->id == 0)
        return;
    pl_buf_init(&edits, pl_mem_libc());
    pl_write_array(&edits, CHURN_OBJECTS * 2);
    for (uint32_t i = 0; i < CHURN_OBJECTS; i++) {
        pl_write_array(&edits, 3);
        pl_write_uint(&edits, 1);
        pl_write_uint(&edits, PL_KIND_STICKY);
        pl_write_map(&edits, 0);
        pl_write_array(&edits, 2);
        pl_write_uint(&edits, 3);
        pl_write_uint(&edits, i * 2); /* by its number in the call */
    }
    edit(tab, tab->env->network->rng, &edits, *ledger_mark(tab->env->ledger));
}

void tab_undo(struct tab *tab)
{
    if (tab->id == 0)
        return;
    (void)!pl_replica_undo(tab->replica);
    tab_numbered(tab);
    tab_flush(tab);
}

void tab_redo(struct tab *tab)
{
    if (tab->id == 0)
        return;
    (void)!pl_replica_redo(tab->replica);
    tab_numbered(tab);
    tab_flush(tab);
}

void tab_presence(struct tab *tab, struct rng *rng)
{
    struct pl_buf message;
    if (tab->phase != TAB_LIVE)
        return;
    pl_buf_init(&message, pl_mem_libc());
    pl_write_array(&message, 2);
    pl_write_uint(&message, PL_MESSAGE_PRESENCE);
    if (rng_below(rng, PRESENCE_KINDS) == 0) {
        pl_write_nil(&message);
    } else {
        pl_write_map(&message, 1);
        pl_write_text(&message, "c");
        pl_write_array(&message, 2);
        pl_write_uint(&message, rng_below(rng, 1000));
        pl_write_uint(&message, rng_below(rng, 1000));
    }
    send_buf(tab, &message);
}

/* What a device keeps. */

void tab_keep(struct tab *tab)
{
    if (tab->lineage == 0)
        return;
    pl_buf_clear(&tab->kept);
    pl_doc_snapshot(pl_replica_doc(tab->replica), &tab->kept);
    tab->kept_lineage = tab->lineage;
}

/* A fresh engine, filled with what the device of `from` kept: a snapshot of some age, and the outbox. */
static void fill(struct tab *tab, const struct tab *from)
{
    struct pl_replica *fresh = pl_replica_new(pl_mem_libc());
    struct pl_pending pending;
    const uint32_t id = from->id;
    const uint64_t next = from->next;
    const bool has = from->kept.len > 0;
    sim_must(fresh != NULL, "no memory");
    if (has)
        expect(tab, pl_replica_load(fresh, pl_buf_slice(&from->kept)));
    for (size_t i = 0; pl_replica_pending_at(from->replica, i, &pending); i++) {
        const enum pl_status status = pl_replica_restore(fresh, pending.body);
        if (status != PL_DUPLICATE)
            expect(tab, status);
    }
    pl_replica_free(tab->replica);
    tab->replica = fresh;
    tab->lineage = has ? from->kept_lineage : 0;
    tab->id = 0;
    if (has && id != 0 && tab->secure)
        tab_identify(tab, id, (pl_replica_pending_at(fresh, 0, &pending) ? pending.ctr0 : next) - 1);
}

void tab_reload(struct tab *tab)
{
    tab_rest(tab, 0);
    fill(tab, tab);
    tab->want_snapshot = tab->want_replica = false;
}

static void excuse_pending(const struct tab *tab, unsigned excuse)
{
    struct pl_pending pending;
    for (size_t i = 0; pl_replica_pending_at(tab->replica, i, &pending); i++)
        ledger_excuse(tab->env->ledger, pending.body, excuse);
}

void tab_clone(struct tab *tab, struct tab *from)
{
    tab_rest(tab, 0);
    excuse_pending(tab, LEDGER_MAY_MISS);
    excuse_pending(from, LEDGER_MAY_MISS | LEDGER_MAY_TWICE);
    tab->user = from->user;
    tab->role = from->role;
    tab->cloned = from->cloned = true;
    tab_met(tab, SIM_CLONED);
    fill(tab, from);
    pl_buf_clear(&tab->kept);
    pl_buf_append(&tab->kept, from->kept.data, from->kept.len);
    tab->kept_lineage = from->kept_lineage;
    tab->sealed_id = from->sealed_id;
    tab->sealed_next = from->sealed_next;
    tab->want_snapshot = tab->want_replica = false;
}

void tab_init(struct tab *tab, struct tab_env *env, uint64_t user, enum pl_role role, bool secure)
{
    *tab = (struct tab){.env = env, .user = user, .role = role, .secure = secure};
    tab->replica = pl_replica_new(pl_mem_libc());
    sim_must(tab->replica != NULL, "no memory");
    pl_buf_init(&tab->snapshot, pl_mem_libc());
    pl_buf_init(&tab->kept, pl_mem_libc());
}

void tab_done(struct tab *tab)
{
    pl_replica_free(tab->replica);
    pl_buf_done(&tab->snapshot);
    pl_buf_done(&tab->kept);
}
