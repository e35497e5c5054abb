/* Output: from sessions' frames to sockets, once per loop turn.
 *
 * The hot path never waits for a writable callback: at the end of the turn each woken connection's
 * frames go out by one sendmsg on the plain socket. That is only right at a frame border and while
 * libwebsockets holds nothing of this connection (lws_partial_buffered), for it sends pongs and
 * close frames itself. When the socket is full, the rest of the cut frame goes to libwebsockets by
 * LWS_WRITE_HTTP, which passes bytes through unframed, and from then on writable callbacks send,
 * until everything is drained. TLS always goes that way. */
#include "net/conn.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define FRAMES_PER_WRITE 64u
#define BYTES_PER_TURN   (1024u * 1024u) /* to one connection, before others get theirs */

/* What became of an attempt to send. */
enum outcome {
    OUTCOME_DRAINED, /* the session has no more */
    OUTCOME_FULL,    /* the socket, or this turn's share */
    OUTCOME_DEAD,    /* the socket failed */
};

static void sent_count(struct conn *conn, size_t frames, size_t bytes)
{
    metrics_add(conn->server->env.metrics_or_null, METRIC_FRAMES_OUT, frames);
    metrics_add(conn->server->env.metrics_or_null, METRIC_BYTES_OUT, bytes);
}

/* Hands bytes to libwebsockets, which keeps what the socket does not take. */
static enum outcome lws_pass(struct conn *conn, struct pl_slice bytes)
{
    uint8_t *at = conn->server->scratch + LWS_PRE;
    while (bytes.len > 0) {
        size_t n = bytes.len < SERVER_SCRATCH_BYTES ? bytes.len : SERVER_SCRATCH_BYTES;
        memcpy(at, bytes.data, n);
        if (lws_write(conn->wsi, at, n, LWS_WRITE_HTTP) < 0)
            return OUTCOME_DEAD;
        bytes.data += n;
        bytes.len -= n;
    }
    return lws_partial_buffered(conn->wsi) ? OUTCOME_FULL : OUTCOME_DRAINED;
}

/* Settles a sendmsg of `sent` bytes over frames: those that went whole, and the rest of one that
 * was cut. */
static enum outcome sent_settle(struct conn *conn, struct frame *const *frames, size_t n,
                                size_t sent)
{
    size_t whole = 0;
    size_t left = sent;
    while (whole < n && left >= frame_wire(frames[whole]).len)
        left -= frame_wire(frames[whole++]).len;
    sent_count(conn, whole + (left > 0), sent);
    if (whole == n) {
        session_sent(conn->session, n);
        return OUTCOME_DRAINED;
    }
    metrics_add(conn->server->env.metrics_or_null, METRIC_SHORT_WRITES, 1);
    if (left > 0) {
        struct pl_slice cut = frame_wire(frames[whole]);
        if (lws_pass(conn, (struct pl_slice){cut.data + left, cut.len - left}) == OUTCOME_DEAD)
            return OUTCOME_DEAD;
        whole++;
    }
    session_sent(conn->session, whole);
    return OUTCOME_FULL;
}

/* One frame, the usual case, goes by send(): the kernel copies no list of parts for it. */
static ssize_t parts_send(int fd, struct iovec *parts, size_t n)
{
    if (n == 1)
        return send(fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The hot path: at a frame border, nothing buffered, no TLS. */
static enum outcome send_direct(struct conn *conn)
{
    struct frame *frames[FRAMES_PER_WRITE];
    struct iovec parts[FRAMES_PER_WRITE];
    size_t turn_bytes = 0;
    while (turn_bytes < BYTES_PER_TURN) {
        size_t n = session_output(conn->session, frames, FRAMES_PER_WRITE);
        if (n == 0)
            return OUTCOME_DRAINED;
        for (size_t i = 0; i < n; i++) {
            struct pl_slice wire = frame_wire(frames[i]);
            parts[i].iov_base = (void *)(uintptr_t)wire.data; /* sendmsg does not write to it */
            parts[i].iov_len = wire.len;
        }
        ssize_t sent = parts_send(conn->fd, parts, n);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return OUTCOME_DEAD;
        enum outcome outcome = sent_settle(conn, frames, n, sent < 0 ? 0 : (size_t)sent);
        if (outcome != OUTCOME_DRAINED)
            return outcome;
        turn_bytes += (size_t)sent;
    }
    return OUTCOME_FULL;
}

/* The other path, from writable callbacks: one scratch buffer's worth, or one frame that is larger.
 */
static enum outcome send_through_lws(struct conn *conn)
{
    struct frame *frames[FRAMES_PER_WRITE];
    uint8_t *at = conn->server->scratch + LWS_PRE;
    size_t n = session_output(conn->session, frames, FRAMES_PER_WRITE);
    size_t taken = 0;
    size_t bytes = 0;
    enum outcome outcome;
    if (n == 0)
        return OUTCOME_DRAINED;
    while (taken < n && bytes + frame_wire(frames[taken]).len <= SERVER_SCRATCH_BYTES) {
        struct pl_slice wire = frame_wire(frames[taken++]);
        memcpy(at + bytes, wire.data, wire.len);
        bytes += wire.len;
    }
    if (taken > 0) {
        outcome = lws_write(conn->wsi, at, bytes, LWS_WRITE_HTTP) < 0 ? OUTCOME_DEAD : OUTCOME_FULL;
    } else {
        bytes = frame_wire(frames[0]).len;
        taken = 1;
        outcome =
            lws_pass(conn, frame_wire(frames[0])) == OUTCOME_DEAD ? OUTCOME_DEAD : OUTCOME_FULL;
    }
    if (outcome == OUTCOME_DEAD)
        return OUTCOME_DEAD;
    session_sent(conn->session, taken);
    sent_count(conn, taken, bytes);
    return OUTCOME_FULL;
}

/* Lets libwebsockets send the close frame and wait for the peer's. May free the connection. Not
 * from one of its own callbacks: Debian's build closes twice after a writable callback that
 * returned -1, and the second time cuts the socket before the close frame went out. */
static void close_begin(struct conn *conn)
{
    conn->state = CONN_CLOSING;
    session_free(conn->session);
    conn->session = NULL;
    lws_close_reason(conn->wsi, (enum lws_close_status)conn->close_status,
                     (unsigned char *)(uintptr_t)conn->close_reason, strlen(conn->close_reason));
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

/* The socket takes nothing any more: its session leaves at once. What libwebsockets schedules from outside of its own
 * callbacks waits for the next of them, which may be long; ended on our side too, the socket is the next. */
static void kill_off(struct conn *conn)
{
    conn->state = CONN_CLOSING;
    session_free(conn->session);
    conn->session = NULL;
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    lws_rx_flow_control(conn->wsi, 1); /* or its end would not be read */
    shutdown(conn->fd, SHUT_RDWR);
}

/* One connection's turn; may free it. */
static void flush(struct conn *conn)
{
    struct frame *next;
    enum outcome outcome = OUTCOME_FULL;
    if (conn->state == CONN_CLOSING)
        return;
    if (conn->pause_asked != conn->paused) {
        conn->paused = conn->pause_asked;
        lws_rx_flow_control(conn->wsi, conn->paused ? 0 : 1);
    }
    if (conn->buffered)
        return; /* writable callbacks go on with it */
    if (!lws_partial_buffered(conn->wsi)) {
        if (!conn->tls)
            outcome = send_direct(conn);
        else if (session_output(conn->session, &next, 1) == 0)
            outcome = OUTCOME_DRAINED;
    }
    if (outcome == OUTCOME_DEAD) {
        kill_off(conn);
        return;
    }
    conn->buffered = outcome == OUTCOME_FULL;
    if (conn->buffered)
        lws_callback_on_writable(conn->wsi);
    else if (conn->state == CONN_ENDING)
        close_begin(conn);
}

int conn_writable(struct conn *conn)
{
    if (conn->state == CONN_CLOSING || !conn->buffered)
        return 0;
    switch (send_through_lws(conn)) {
    case OUTCOME_DEAD:
        return -1;
    case OUTCOME_FULL:
        lws_callback_on_writable(conn->wsi);
        return 0;
    case OUTCOME_DRAINED:
        break;
    }
    conn->buffered = false;
    if (conn->state == CONN_ENDING)
        conn_wake(conn); /* the close begins at the end of the turn */
    return 0;
}

static void flush_woken(void *user)
{
    struct server *server = user;
    struct conn *conn = server->woken;
    const struct loop *loop = uv_port_loop(server->env.port);
    const uint64_t began_us = loop_clock_us(loop);
    /* The list is taken whole: who is woken while it is worked off comes after. A flush frees no
     * other connection. */
    server->woken = NULL;
    while (conn != NULL) {
        struct conn *next = conn->woken_next;
        if (next != NULL) { /* a send evicts much: what the next one needs is fetched meanwhile */
            __builtin_prefetch(next->session);
            __builtin_prefetch(next->woken_next);
        }
        conn->woken_next = conn->woken_prev = NULL;
        conn->woken = false;
        flush(conn);
        conn = next;
    }
    metrics_observe(server->env.metrics_or_null, HISTOGRAM_FANOUT, loop_clock_us(loop) - began_us);
}

static void turn_due(struct conn *conn)
{
    struct server *server = conn->server;
    if (conn->woken || conn->state == CONN_CLOSING)
        return;
    if (server->woken == NULL)
        loop_defer(uv_port_loop(server->env.port), flush_woken, server);
    conn->woken = true;
    conn->woken_prev = NULL;
    conn->woken_next = server->woken;
    if (server->woken != NULL)
        server->woken->woken_prev = conn;
    server->woken = conn;
}

void conn_wake(struct conn *conn)
{
    if (!conn->buffered)
        turn_due(conn);
}

/* Not at once, for that is asked from within RECEIVE: libwebsockets 4.1.6 turns for ever when
 * reading stops while OpenSSL still holds some of a record. By the end of the turn all of it was
 * taken. */
void conn_pause(struct conn *conn, bool paused)
{
    conn->pause_asked = paused;
    turn_due(conn);
}

void conn_unwake(struct conn *conn)
{
    if (!conn->woken)
        return;
    if (conn->woken_prev != NULL)
        conn->woken_prev->woken_next = conn->woken_next;
    else
        conn->server->woken = conn->woken_next;
    if (conn->woken_next != NULL)
        conn->woken_next->woken_prev = conn->woken_prev;
    conn->woken = false;
}
