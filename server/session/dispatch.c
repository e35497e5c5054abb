/* What a message does, by type and state. A type that may not come then is refused `state`: the
 * session ends.
 *
 * Replies carry no state of their own: refusals of batches are the board's (decide.c), errors
 * are session.c's. */
#include "proto/op.h"
#include "session/session_inner.h"
#include <string.h>

#define DENIED_MS 60000u

typedef void handle(struct session *session, const struct pl_message *message);

static void refuse(struct session *session, enum pl_status code)
{
    metrics_add(session->env->metrics, metrics_refusal(code), 1);
    session_fail(session, code);
}

static bool lineage_read(const struct pl_msg_hello *hello, uint64_t *ret_lineage)
{
    if (!hello->lineage.set || hello->lineage.value.len != 8)
        return false;
    *ret_lineage = pl_u64_from_bytes(hello->lineage.value.data);
    return true;
}

static void handle_hello(struct session *session, const struct pl_message *message)
{
    struct session_env *env = session->env;
    const struct pl_msg_hello *hello = &message->as.hello;
    struct grant grant;
    if (hello->schema != PL_SCHEMA_VERSION) {
        refuse(session, PL_VERSION);
        return;
    }
    enum pl_status status =
        tickets_take(env->tickets, hello->ticket, loop_now_ms(env->loop), &grant);
    if (status != PL_OK) {
        refuse(session, status);
        return;
    }
    session->user = grant.user;
    session->board = grant.board;
    session->link = grant.link;
    session->role = grant.role;
    session->expires_ms = grant.expires_ms;
    struct member_request request = {
        .outlet = session->outlet,
        .port = session_member_port,
        .user = grant.user,
        .link = grant.link,
        .role = grant.role,
        .name = {(const uint8_t *)grant.name, strnlen(grant.name, PL_NAME_BYTES_MAX)},
        .replica = hello->replica,
        .resume_seq = hello->resume_seq,
    };
    request.port.user = session;
    request.lineage_set = lineage_read(hello, &request.lineage);
    status = registry_join(env->registry, grant.board, &request, &session->member);
    if (status != PL_OK) {
        refuse(session, status);
        return;
    }
    session_move(session, SESSION_JOINING);
}

/* For the record: at once, and then together, so that one who insists does not fill it. */
static void denied_note(struct session *session)
{
    uint64_t now = loop_now_ms(session->env->loop);
    session->denied_n++;
    if (session->denied_ms != 0 && now - session->denied_ms < DENIED_MS)
        return;
    session_note(session, AUDIT_REFUSED, PL_PERM, session->denied_n);
    session->denied_ms = now;
    session->denied_n = 0;
}

static void handle_batch(struct session *session, const struct pl_message *message)
{
    const struct loop *loop = session->env->loop;
    const uint64_t began_us = loop_clock_us(loop);
    enum pl_status status =
        member_batch(session->member, message->as.batch.doc, message->as.batch.body);
    metrics_observe(session->env->metrics, HISTOGRAM_APPLY, loop_clock_us(loop) - began_us);
    if (status == PL_PERM)
        denied_note(session);
    else if (status != PL_OK)
        refuse(session, status);
}

static void handle_presence(struct session *session, const struct pl_message *message)
{
    struct session_env *env = session->env;
    struct pl_slice state = message->as.presence.body;
    if (state.len > PL_PRESENCE_BYTES_MAX) {
        refuse(session, PL_TOO_BIG);
        return;
    }
    metrics_add(env->metrics, METRIC_PRESENCE_IN, 1);
    if (!bucket_try(&session->presence, &env->presence, loop_now_ms(env->loop))) {
        metrics_add(env->metrics, METRIC_PRESENCE_DROPPED, 1);
        return;
    }
    member_presence(session->member, state);
}

static void handle_past_ask(struct session *session, const struct pl_message *message)
{
    struct session_env *env = session->env;
    const struct pl_msg_past_ask *ask = &message->as.past_ask;
    if (bucket_try(&session->pasts, &env->pasts, loop_now_ms(env->loop)))
        member_past(session->member, ask->doc, ask->seq);
    else
        member_past_refuse(session->member, ask->doc, ask->seq, PL_LIMIT);
}

static void handle_ping(struct session *session, const struct pl_message *message)
{
    if (session->state == SESSION_OPEN)
        member_settled(session->member, message->as.ping.settled);
    struct pl_buf reply;
    pl_buf_init(&reply, session->env->mem);
    struct pl_msg_pong pong = {.echo = message->as.ping.echo,
                               .srv_ms = loop_wall_ms(session->env->loop)};
    pl_msg_pong_write(&reply, &pong);
    struct frame *frame = reply.failed ? NULL : frame_new(session->env->mem, pl_buf_slice(&reply));
    pl_buf_done(&reply);
    outlet_push(session->outlet, frame, OUTLET_NEXT,
                false); /* not behind what it waits for anyway */
}

#define IN(state) (1u << SESSION_##state)
static const struct {
    enum pl_message_type type;
    unsigned states;
    handle *handle;
} handlers[] = {
    {PL_MESSAGE_HELLO, IN(AWAIT_HELLO), handle_hello},
    {PL_MESSAGE_BATCH, IN(OPEN), handle_batch},
    {PL_MESSAGE_PRESENCE, IN(OPEN), handle_presence},
    {PL_MESSAGE_PAST_ASK, IN(OPEN), handle_past_ask},
    {PL_MESSAGE_PING, IN(JOINING) | IN(OPEN), handle_ping},
};
#undef IN

void session_dispatch(struct session *session, const struct pl_message *message)
{
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (handlers[i].type != message->type)
            continue;
        if ((handlers[i].states & (1u << session->state)) == 0)
            break;
        handlers[i].handle(session, message);
        return;
    }
    refuse(session, PL_STATE);
}
