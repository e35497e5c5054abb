/* One connection's life between HELLO and close. Knows frames, not sockets: net feeds it whole
 * messages and pulls framed output; the simulation and the fuzzers do the same. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H
#include "base/frame.h"
#include "base/loop.h"
#include "proto/mem.h"
#include "proto/status.h"
#include <stddef.h>
#include <stdint.h>

struct session;
struct session_env; /* what all sessions share (session_env.h) */

/* What a session asks of its connection. `conn` is passed back. */
struct session_port {
    void (*wake)(void *conn); /* there is output; flush at the end of the turn */
    /* Send what session_output still has, then close with a WebSocket status. Reason is static. */
    void (*close)(void *conn, uint16_t ws_status, const char *reason);
    void (*pause)(void *conn, bool paused); /* stop or go on reading the socket (rate limits) */
    void *conn;
    uint64_t id; /* the connection's, for the log */
};

/* Starts the HELLO clock. NULL when out of memory. */
struct session *session_new(struct session_env *env, const struct session_port *port);
/* One whole binary message, borrowed for the call. */
void session_message(struct session *session, struct pl_slice message);
/* Something that never becomes a message: too big, too many fragments, a text frame. Ends the
 * session. */
void session_violation(struct session *session, enum pl_status code);
/* The next frames to send, in order, at most `max`; borrowed until session_sent or until anything
 * else runs on the loop, whichever is first. Returns how many. */
size_t session_output(struct session *session, struct frame **ret_frames, size_t max);
/* The first `count` of them are handed to the socket. */
void session_sent(struct session *session, size_t count);
/* The socket is gone, or is to be forgotten: leaves the board and frees. */
void session_free(struct session *session_or_null);

#endif
