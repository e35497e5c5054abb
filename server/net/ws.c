/* Input: from libwebsockets' callbacks to sessions, and the gate in front of them.
 *
 * The gate is LWS_CALLBACK_HTTP_CONFIRM_UPGRADE. libwebsockets 4.1.6 calls it with a dangling
 * string after it refused an unknown Upgrade on a kept-alive connection (CVE-2025-11677), so the
 * argument is never looked at: the header is asked for again, and everything but "websocket" on
 * /ws/<board> with our subprotocol and a welcome Origin is hung up on.
 *
 * RECEIVE delivers pieces: of at most rx_buffer_size, of fragments, of messages. They are put
 * together here, within the caps of limits.h; a message that comes in one piece is not copied. */
#include "base/ident.h"
#include "base/log.h"
#include <inttypes.h>
#include "net/conn.h"
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define END_SECONDS_MAX  5 /* to send what is left, once a close was asked for */
#define HEADER_BYTES_MAX 512u

static bool list_names(const char *list, const char *name)
{
    size_t len = strlen(name);
    while (*list != '\0') {
        list += strspn(list, " \t,");
        size_t n = strcspn(list, " \t,");
        if (n == len && memcmp(list, name, n) == 0)
            return true;
        list += n;
    }
    return false;
}

static struct pl_slice header_slice(struct lws *wsi, enum lws_token_indexes token, char *text,
                                    size_t bytes_max)
{
    if (!http_header(wsi, token, text, bytes_max))
        return (struct pl_slice){0};
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

/* /ws/<board>: it is there for whoever spreads boards over servers by their URLs. Which board a session is on, its
 * ticket says. */
static bool socket_path(const char *path)
{
    uint64_t board;
    return strncmp(path, "/ws/", 4) == 0 &&
           ident_read((struct pl_slice){(const uint8_t *)path + 4, strlen(path + 4)}, &board);
}

int ws_upgrade_check(struct server *server, struct lws *wsi)
{
    char text[HEADER_BYTES_MAX];
    char host_text[HEADER_BYTES_MAX];
    struct metrics *metrics = server->env.metrics_or_null;
    if (!http_header(wsi, WSI_TOKEN_UPGRADE, text, sizeof text)) {
        /* Refused already, and the headers are gone: see above. Nothing may be read or written
         * here. */
        metrics_add(metrics, METRIC_REFUSED_UPGRADE, 1);
        return -1;
    }
    bool fine =
        !server_operated(wsi) && strcasecmp(text, "websocket") == 0 &&
        http_header(wsi, WSI_TOKEN_GET_URI, text, sizeof text) && socket_path(text) &&
        http_header(wsi, WSI_TOKEN_VERSION, text, sizeof text) && strcmp(text, "13") == 0 &&
        http_header(wsi, WSI_TOKEN_KEY, text, sizeof text) &&
        http_header(wsi, WSI_TOKEN_PROTOCOL, text, sizeof text) && list_names(text, "plenum.1");
    if (!fine) {
        metrics_add(metrics, METRIC_REFUSED_UPGRADE, 1);
        http_refuse(server, wsi, PL_VERSION, 400);
        return -1;
    }
    enum api_channel channel = http_channel(wsi);
    if (channel == API_ASTRAY) {
        metrics_add(metrics, METRIC_REFUSED_CLEAR, 1);
        http_refuse(server, wsi, PL_CLEAR, 0);
        return -1;
    }
    struct pl_slice host = header_slice(wsi, WSI_TOKEN_HOST, host_text, sizeof host_text);
    bool has_origin = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;
    struct pl_slice origin = header_slice(wsi, WSI_TOKEN_ORIGIN, text, sizeof text);
    if (has_origin && origin.data == NULL)
        origin = (struct pl_slice){(const uint8_t *)"null", 4}; /* too long to be ours */
    if (!api_origin_welcome(server->env.api, channel, origin, host)) {
        http_refuse(server, wsi, PL_ORIGIN, 403);
        return -1;
    }
    if (server->closing || !health_serving(server->env.health)) {
        http_refuse(server, wsi, PL_DRAINING, 503);
        return -1;
    }
    return 0;
}

static void port_wake(void *user)
{
    conn_wake(user);
}

static void port_close(void *user, uint16_t ws_status, const char *reason)
{
    conn_end(user, ws_status, reason);
}

static void port_pause(void *user, bool paused)
{
    conn_pause(user, paused);
}

void conn_end(struct conn *conn, uint16_t status, const char *reason)
{
    if (conn->state != CONN_OPEN)
        return;
    conn->state = CONN_ENDING;
    conn->close_status = status;
    conn->close_reason = reason;
    lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, END_SECONDS_MAX);
    conn_wake(conn);
}

static void connected_log(const struct conn *conn)
{
    struct address client;
    char text[ADDRESS_TEXT_BYTES];
    if (!http_client(conn->wsi, &client))
        return;
    address_write_host(&client, text);
    log_event(LOG_LEVEL_INFO, "connected", "conn=%" PRIu64 " from=%s", conn->id, text);
}

static int conn_open(struct server *server, struct lws *wsi, struct conn **slot)
{
    struct conn *conn = pl_mem_get(server->env.mem, sizeof *conn);
    if (conn == NULL)
        goto refuse;
    *conn = (struct conn){
        .server = server,
        .wsi = wsi,
        .id = ++server->conn_id,
        .fd = lws_get_socket_fd(wsi),
        .tls = server_secured(wsi),
    };
    struct session_port port = {
        .wake = port_wake, .close = port_close, .pause = port_pause, .conn = conn, .id = conn->id};
    conn->session = session_new(server->env.sessions, &port);
    if (conn->session == NULL)
        goto refuse;
    lws_set_timer_usecs(wsi, LWS_SET_TIMER_USEC_CANCEL); /* from now on the session's clocks count */
    conn->all_next = server->all;
    if (server->all != NULL)
        server->all->all_prev = conn;
    server->all = conn;
    server->conn_n++;
    metrics_add(server->env.metrics_or_null, METRIC_SOCKETS, 1);
    connected_log(conn);
    *slot = conn;
    return 0;
refuse:
    pl_mem_put(server->env.mem, conn);
    metrics_add(server->env.metrics_or_null, METRIC_REFUSED_SOCKET, 1);
    return -1;
}

static void conn_free(struct conn *conn)
{
    struct server *server = conn->server;
    session_free(conn->session);
    conn_unwake(conn);
    if (conn->all_prev != NULL)
        conn->all_prev->all_next = conn->all_next;
    else
        server->all = conn->all_next;
    if (conn->all_next != NULL)
        conn->all_next->all_prev = conn->all_prev;
    server->conn_n--;
    metrics_sub(server->env.metrics_or_null, METRIC_SOCKETS, 1);
    pl_mem_put(server->env.mem, conn->message);
    pl_mem_put(server->env.mem, conn);
    server_conn_gone(server);
}

static void message_drop(struct conn *conn)
{
    pl_mem_put(conn->server->env.mem, conn->message);
    conn->message = NULL;
    conn->message_len = conn->message_cap = 0;
    conn->fragment_n = 0;
}

static void violate(struct conn *conn, enum pl_status code, enum metric counter)
{
    metrics_add(conn->server->env.metrics_or_null, counter, 1);
    message_drop(conn);
    conn->refused = true;
    session_violation(conn->session, code);
}

/* Room for `len` more bytes, doubling; the cap was checked. */
static bool message_reserve(struct conn *conn, size_t len)
{
    size_t cap = conn->message_cap == 0 ? 1024 : conn->message_cap;
    while (cap < conn->message_len + len)
        cap *= 2;
    if (cap == conn->message_cap)
        return true;
    uint8_t *grown = pl_mem_resize(conn->server->env.mem, conn->message, cap);
    if (grown == NULL)
        return false;
    conn->message = grown;
    conn->message_cap = (uint32_t)cap;
    return true;
}

static void message_give(struct conn *conn, struct pl_slice message)
{
    metrics_add(conn->server->env.metrics_or_null, METRIC_MESSAGES_IN, 1);
    metrics_add(conn->server->env.metrics_or_null, METRIC_BYTES_IN, message.len);
    session_message(conn->session, message);
}

static void receive(struct conn *conn, const uint8_t *data, size_t len)
{
    if (conn->state != CONN_OPEN || conn->refused)
        return;
    if (!lws_frame_is_binary(conn->wsi)) {
        violate(conn, PL_MALFORMED, METRIC_REFUSED_TEXT);
        return;
    }
    bool last = lws_is_final_fragment(conn->wsi) != 0;
    if (last && conn->message == NULL && conn->fragment_n == 0) {
        if (len > PL_FRAME_BYTES_MAX)
            violate(conn, PL_TOO_BIG, METRIC_REFUSED_TOO_BIG);
        else
            message_give(conn, (struct pl_slice){data, len});
        return;
    }
    if (lws_remaining_packet_payload(conn->wsi) == 0)
        conn->fragment_n++;
    /* What the frame's header announces counts at once: no need to take 256 KiB to refuse a
     * gigabyte. */
    if (conn->fragment_n > PL_FRAGMENTS_MAX) {
        violate(conn, PL_TOO_BIG, METRIC_REFUSED_FRAGMENTS);
        return;
    }
    if (conn->message_len + len + lws_remaining_packet_payload(conn->wsi) > PL_FRAME_BYTES_MAX) {
        violate(conn, PL_TOO_BIG, METRIC_REFUSED_TOO_BIG);
        return;
    }
    if (!message_reserve(conn, len)) {
        violate(conn, PL_NO_MEMORY, METRIC_REFUSED_SOCKET);
        return;
    }
    if (len > 0)
        memcpy(conn->message + conn->message_len, data, len);
    conn->message_len += (uint32_t)len;
    if (!last)
        return;
    message_give(conn, (struct pl_slice){conn->message, conn->message_len});
    message_drop(conn);
}

/* The peer said close, or the socket ended: the session leaves, libwebsockets answers by itself. */
static void conn_leave(struct conn *conn)
{
    if (conn->state == CONN_CLOSING)
        return;
    conn->state = CONN_CLOSING;
    conn_unwake(conn);
    session_free(conn->session);
    conn->session = NULL;
}

int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct conn **slot = user;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return conn_open(server_of(wsi), wsi, slot);
    case LWS_CALLBACK_RECEIVE:
        if (*slot != NULL)
            receive(*slot, in, len);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return *slot != NULL ? conn_writable(*slot) : 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (*slot != NULL)
            conn_leave(*slot);
        return 0;
    case LWS_CALLBACK_CLOSED:
        if (slot != NULL && *slot != NULL) {
            conn_free(*slot);
            *slot = NULL;
        }
        return 0;
    default:
        return 0;
    }
}
