/* A session's life: its states, its end, and what its board tells it. See session.h. Input is
 * dispatch.c's.
 *
 * Invariant: `member` is set in JOINING and OPEN only; after CLOSING nothing but output happens. */
#include "base/log.h"
#include "base/role.h"
#include "session/session_inner.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define TO(state) (1u << SESSION_##state)
static const unsigned moves[SESSION_STATE_N] = {
    [SESSION_AWAIT_HELLO] = TO(JOINING) | TO(CLOSING),
    [SESSION_JOINING] = TO(OPEN) | TO(CLOSING),
    [SESSION_OPEN] = TO(CLOSING),
    [SESSION_CLOSING] = 0,
};
#undef TO

void session_move(struct session *session, enum session_state to)
{
    assert((moves[session->state] & (1u << to)) != 0);
    session->state = to;
    session->since_ms = loop_now_ms(session->env->loop);
}

struct session *session_new(struct session_env *env, const struct session_port *port)
{
    struct session *session = pl_mem_get(env->mem, sizeof *session);
    struct outlet_port outlet_port = {.wake = port->wake, .user = port->conn};
    struct outlet *outlet = outlet_new(env->mem, &outlet_port);
    if (session == NULL || outlet == NULL) {
        pl_mem_put(env->mem, session);
        outlet_free(outlet);
        return NULL;
    }
    uint64_t now = loop_now_ms(env->loop);
    *session = (struct session){.env = env,
                                .port = *port,
                                .outlet = outlet,
                                .since_ms = now,
                                .heard_ms = now,
                                .batches = bucket_full(&env->batches, now),
                                .bytes = bucket_full(&env->bytes, now),
                                .presence = bucket_full(&env->presence, now),
                                .pasts = bucket_full(&env->pasts, now)};
    session_env_add(env, session);
    return session;
}

void session_free(struct session *session_or_null)
{
    struct session *session = session_or_null;
    if (session == NULL)
        return;
    if (session->state == SESSION_OPEN)
        log_event(LOG_LEVEL_INFO, "session_left", "conn=%" PRIu64 " board=%016" PRIx64, session->port.id, session->board);
    member_leave(session->member);
    session_env_remove(session->env, session);
    outlet_free(session->outlet);
    pl_mem_put(session->env->mem, session);
}

/* SPEC S14. */
static uint16_t ws_status(enum pl_status code)
{
    switch (code) {
    case PL_MALFORMED:
    case PL_STATE:
        return 1002;
    case PL_TOO_BIG:
        return 1009;
    case PL_DRAINING:
    case PL_READ_ONLY:
        return 1012;
    case PL_SLOW:
    case PL_LIMIT:
        return 1013;
    case PL_NO_MEMORY:
    case PL_IO:
    case PL_CORRUPT:
        return 1011;
    default:
        return 1008;
    }
}

void session_push(struct session *session, struct pl_buf *message)
{
    struct frame *frame =
        message->failed ? NULL : frame_new(session->env->mem, pl_buf_slice(message));
    pl_buf_done(message);
    outlet_push(session->outlet, frame, OUTLET_LAST, false);
}

static void close_with(struct session *session, enum pl_status code)
{
    session_move(session, SESSION_CLOSING);
    log_event(LOG_LEVEL_INFO, "session_closing", "conn=%" PRIu64 " board=%016" PRIx64 " why=%s", session->port.id,
              session->board, pl_status_name(code));
    session->port.close(session->port.conn, ws_status(code), pl_status_name(code));
}

void session_fail(struct session *session, enum pl_status code)
{
    if (session->state == SESSION_CLOSING)
        return;
    struct member *member = session->member;
    session->member = NULL;
    member_leave(member); /* what the board still had for it goes out first */
    const char *text = pl_status_text(code);
    struct pl_buf message;
    pl_buf_init(&message, session->env->mem);
    struct pl_msg_error error = {.code = (uint64_t)code,
                                 .text = {(const uint8_t *)text, strlen(text)}};
    pl_msg_error_write(&message, &error);
    session_push(session, &message);
    close_with(session, code);
}

void session_violation(struct session *session, enum pl_status code)
{
    session_fail(session, code);
}

void session_note(struct session *session, enum audit_act act, enum pl_status outcome, uint32_t n)
{
    audit_note(session->env->audit_or_null, &(struct audit_entry){.board = session->board,
                                                                   .user = session->user,
                                                                   .by_link = session->link,
                                                                   .act = act,
                                                                   .role = session->role,
                                                                   .outcome = outcome,
                                                                   .n = n});
}

/* What the board says. */

static void on_welcome(void *user, const struct member_welcome *welcome)
{
    struct session *session = user;
    struct pl_buf message;
    uint8_t lineage[8];
    pl_u64_to_bytes(welcome->lineage, lineage);
    pl_buf_init(&message, session->env->mem);
    struct pl_msg_welcome msg = {.lineage = {lineage, sizeof lineage},
                                 .replica = welcome->replica,
                                 .hwm = welcome->hwm,
                                 .head_seq = welcome->head_seq,
                                 .role = (uint64_t)session->role,
                                 .session = welcome->session,
                                 .user = session->user,
                                 .board_state = (uint64_t)welcome->board_state,
                                 .limits = pl_buf_slice(&session->env->limits),
                                 .srv_ms = welcome->srv_ms};
    pl_msg_welcome_write(&message, &msg);
    session_push(session, &message);
    session_note(session, AUDIT_JOINED, PL_OK, 1);
    session_move(session, SESSION_OPEN);
    log_event(LOG_LEVEL_INFO, "session_open",
              "conn=%" PRIu64 " board=%016" PRIx64 " session=%" PRIu64 " replica=%" PRIu32 " role=%s", session->port.id,
              session->board, welcome->session, welcome->replica, role_name(session->role));
}

static void on_refused(void *user, enum pl_status code)
{
    struct session *session = user;
    session->member = NULL; /* gone already */
    session_fail(session, code);
}

static void on_dismissed(void *user, enum pl_status code, uint64_t retry_after_ms)
{
    struct session *session = user;
    session->member = NULL;
    if (session->state == SESSION_CLOSING)
        return;
    metrics_add(session->env->metrics, METRIC_SESSIONS_SLOW, code == PL_SLOW);
    metrics_add(session->env->metrics, METRIC_SESSIONS_REPLACED, code == PL_LIMIT);
    struct pl_buf message;
    pl_buf_init(&message, session->env->mem);
    struct pl_msg_goaway goaway = {.retry_after_ms = retry_after_ms};
    pl_msg_goaway_write(&message, &goaway);
    session_push(session, &message);
    session_fail(session, code);
}

const struct member_port session_member_port = {
    .welcome = on_welcome, .refused = on_refused, .dismissed = on_dismissed};

/* Frames in and out. */

void session_message(struct session *session, struct pl_slice message)
{
    struct pl_message decoded;
    if (session->state == SESSION_CLOSING)
        return;
    session->heard_ms = loop_now_ms(session->env->loop);
    enum pl_status status =
        message.len > PL_FRAME_BYTES_MAX ? PL_TOO_BIG : pl_message_read(message, &decoded);
    if (status != PL_OK) {
        metrics_add(session->env->metrics, metrics_refusal(status), 1);
        session_fail(session, status);
        return;
    }
    session_meter(session, decoded.type == PL_MESSAGE_BATCH, message.len);
    session_dispatch(session, &decoded);
}

size_t session_output(struct session *session, struct frame **ret_frames, size_t max)
{
    return outlet_output(session->outlet, ret_frames, max);
}

void session_sent(struct session *session, size_t count)
{
    outlet_sent(session->outlet, count);
}
