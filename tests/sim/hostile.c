/* See hostile.h. */
#include "hostile.h"
#include "edits.h"
#include <string.h>

static void send_buf(struct hostile *hostile, struct pl_buf *message)
{
    socket_send(hostile->socket, pl_buf_slice(message));
    pl_buf_done(message);
}

static void enter(struct hostile *hostile, struct rng *rng)
{
    struct server *server = hostile->env->network->server;
    struct grant grant = {
        .board = hostile->env->board, .user = hostile->user, .role = PL_ROLE_EDITOR, .name = "mallory"};
    char ticket[TICKET_TEXT_BYTES] = "not a ticket";
    struct pl_buf message;
    hostile->replica = 0;
    hostile->socket = socket_open(hostile->env->network, hostile);
    if (hostile->socket == NULL)
        return;
    if (rng_chance(rng, 90))
        sim_must(tickets_issue(server->tickets, &grant, loop_now_ms(&server->port), ticket) == PL_OK,
                 "no ticket");
    struct pl_msg_hello msg = {.schema = 1, .ticket = {(const uint8_t *)ticket, strlen(ticket)}};
    msg.replica = (struct pl_opt_u53){rng_chance(rng, 50), rng_below(rng, 70)}; /* somebody else's */
    msg.resume_seq = (struct pl_opt_u53){rng_chance(rng, 50), rng_below(rng, 1000)};
    pl_buf_init(&message, pl_mem_libc());
    pl_msg_hello_write(&message, &msg);
    send_buf(hostile, &message);
}

/* Ops that are well-formed now and then, under its own name and counters or under anybody's. */
static void batch(struct hostile *hostile, const struct tab *victim, struct rng *rng)
{
    struct pl_pending pending;
    struct pl_batch model = {0};
    struct pl_buf message;
    const bool copies = pl_replica_pending_at(victim->replica, 0, &pending) &&
                        pl_batch_read(pending.body, false, &model) == PL_OK;
    pl_buf_init(&message, pl_mem_libc());
    pl_write_array(&message, 3);
    pl_write_uint(&message, PL_MESSAGE_BATCH);
    pl_write_uint(&message, rng_chance(rng, 95) ? 0 : 1);
    pl_write_array(&message, 4);
    pl_write_uint(&message, rng_chance(rng, 80) ? hostile->replica : rng_below(rng, 70));
    pl_write_uint(&message, rng_chance(rng, 80) ? hostile->next : rng_below(rng, 50));
    pl_write_uint(&message, rng_chance(rng, 70) ? 5 + rng_below(rng, 5000) : rng_next(rng) >> 12);
    if (copies && rng_chance(rng, 40)) {
        pl_write_array(&message, model.op_n);
        pl_write_raw(&message, model.ops);
        ledger_excuse(hostile->env->ledger, pending.body, LEDGER_MAY_TWICE);
    } else {
        pl_write_array(&message, 1);
        pl_write_array(&message, 4);
        pl_write_uint(&message, 1);
        pl_write_id(&message, (struct pl_id){rng_below(rng, 70), 1 + rng_below(rng, 60)});
        pl_write_uint(&message, rng_below(rng, 16));
        pl_write_uint(&message, rng_next(rng) >> (11 + rng_below(rng, 50)));
    }
    if (rng_chance(rng, 15)) /* a byte is not what it was */
        message.data[rng_below(rng, (uint32_t)message.len)] ^= (uint8_t)(1u << rng_below(rng, 8));
    send_buf(hostile, &message);
}

static void noise(struct hostile *hostile, struct rng *rng)
{
    struct pl_buf message;
    pl_buf_init(&message, pl_mem_libc());
    for (uint32_t i = rng_below(rng, 40); i > 0; i--) {
        const uint8_t byte = (uint8_t)rng_next(rng);
        pl_buf_append(&message, &byte, 1);
    }
    send_buf(hostile, &message);
}

void hostile_act(struct hostile *hostile, const struct tab *victim, struct rng *rng)
{
    const uint32_t dice = rng_below(rng, 100);
    if (hostile->socket == NULL) {
        enter(hostile, rng);
    } else if (dice < 5) {
        socket_leave(hostile->socket);
        hostile->socket = NULL;
    } else if (dice < 15) {
        hostile->socket->stalled = !hostile->socket->stalled;
    } else if (dice < 20 || hostile->replica == 0) {
        noise(hostile, rng);
    } else {
        batch(hostile, victim, rng);
    }
}

/* It learns its counters as everybody does. */
void hostile_receive(struct hostile *hostile, struct socket *socket, struct pl_slice frame)
{
    struct pl_message message;
    if (socket != hostile->socket || pl_message_read(frame, &message) != PL_OK)
        return;
    if (message.type == PL_MESSAGE_WELCOME) {
        hostile->replica = (uint32_t)message.as.welcome.replica;
        hostile->next = message.as.welcome.hwm + 1;
    } else if (message.type == PL_MESSAGE_REJECT && message.as.reject.code == PL_GAP) {
        hostile->next = message.as.reject.ctr0;
    } else if (message.type == PL_MESSAGE_REJECT) {
        hostile->next = message.as.reject.ctr0 + message.as.reject.n;
    } else if (message.type == PL_MESSAGE_ACK) {
        hostile->next = message.as.ack.hwm + 1;
    }
}

void hostile_gone(struct hostile *hostile, struct socket *socket)
{
    if (socket != hostile->socket)
        return;
    verdict_met(hostile->env->network->verdict, SIM_HOSTILE);
    hostile->socket = NULL;
}

void hostile_init(struct hostile *hostile, struct tab_env *env, uint64_t user)
{
    *hostile = (struct hostile){.env = env, .user = user};
}
