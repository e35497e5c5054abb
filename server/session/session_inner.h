/* A session's inside: session.c owns its life, dispatch.c what messages do, session_env.c the
 * shared clocks. */
#ifndef SESSION_SESSION_INNER_H
#define SESSION_SESSION_INNER_H
#include "board/member.h"
#include "obs/metrics.h"
#include "proto/message.h"
#include "session/bucket.h"
#include "session/session.h"
#include "session/session_env.h"

enum session_state {
    SESSION_AWAIT_HELLO,
    SESSION_JOINING, /* the board loads, a replica is reserved, a snapshot is made */
    SESSION_OPEN,
    SESSION_CLOSING, /* ERROR or GOAWAY is queued; input is ignored */
    SESSION_STATE_N,
};

struct session {
    struct session_env *env;
    struct session_port port;
    struct session *prev, *next;               /* all sessions */
    struct session *paused_prev, *paused_next; /* those not read */
    struct outlet *outlet;
    struct member *member; /* while JOINING and OPEN */
    uint64_t since_ms;     /* of this state */
    uint64_t heard_ms;
    uint64_t expires_ms; /* Unix time the link ends; 0: never */
    uint64_t user;
    uint64_t board, link; /* which link it came by; 0 before HELLO */
    uint64_t denied_ms;   /* when a refusal was last noted for the record */
    uint32_t denied_n;    /* refusals not yet noted */
    enum pl_role role;
    enum session_state state;
    struct bucket batches, bytes, presence, pasts;
    uint32_t slice_ms, slice_n; /* when it last brought a batch, by the loop's clock, and how many then */
    bool paused;
};

struct session_env {
    const struct pl_mem *mem;
    const struct loop *loop;
    struct registry *registry;
    struct tickets *tickets;
    struct metrics *metrics;
    const struct audit *audit_or_null;
    struct bucket_rate batches, bytes, presence, pasts;
    uint64_t slice_batches; /* of one session in one turn */
    uint64_t resumed_at_once;
    struct pl_buf limits; /* WELCOME's map */
    struct session *all;
    struct session *paused, *paused_last; /* who waits longest first */
    struct loop_timer *sweep, *resume;
};

/* session.c */
void session_move(struct session *session, enum session_state to);
/* Says ERROR, leaves the board and asks for the close. Once; later calls do nothing. */
void session_fail(struct session *session, enum pl_status code);
/* The frame of the message; NULL when there was no memory (the outlet then breaks, the session
 * ends). */
void session_push(struct session *session, struct pl_buf *message);
/* Into the audit record. */
void session_note(struct session *session, enum audit_act act, enum pl_status outcome, uint32_t n);
extern const struct member_port session_member_port; /* with `user` to be filled in */

/* dispatch.c */
void session_dispatch(struct session *session, const struct pl_message *message);

/* session_env.c */
void session_env_add(struct session_env *env, struct session *session);
void session_env_remove(struct session_env *env, struct session *session);
/* Takes a message of so many bytes from the buckets; stops reading the socket when they are
 * overdrawn. */
void session_meter(struct session *session, bool batch, size_t bytes);

#endif
