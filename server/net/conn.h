/* One WebSocket connection between libwebsockets and a session; private to server/net.
 *
 * Invariants: `wsi` is only touched while the state is not CONN_GONE; the block is freed in
 * LWS_CALLBACK_CLOSED and nowhere else; a connection stands in server->woken at most once, and
 * leaves it before it is freed. */
#ifndef NET_CONN_H
#define NET_CONN_H
#include "net/server.h"
#include "proto/limits.h"
#include "session/session.h"
#include <libwebsockets.h>

#define SERVER_SCRATCH_BYTES (64u * 1024u)
#define WS_SERVICE_RESTART   1012u

/* OPEN -> ENDING -> CLOSING -> (freed), any of them -> (freed). */
enum conn_state {
    CONN_OPEN,
    CONN_ENDING,  /* a close was asked for: send what the session still has, then CLOSING */
    CONN_CLOSING, /* libwebsockets has the close frame; nothing of ours is sent any more */
};

struct conn {
    struct server *server;
    struct lws *wsi;
    struct session *session; /* NULL once CLOSING */
    struct conn *woken_prev; /* list of connections to flush at the end of the turn */
    struct conn *woken_next;
    struct conn *all_prev; /* list of all connections */
    struct conn *all_next;
    uint64_t id; /* in the log */
    uint8_t *message; /* fragments of the message being received; NULL between messages */
    uint32_t message_len;
    uint32_t message_cap;
    uint16_t fragment_n;
    uint16_t close_status;
    const char *close_reason; /* static */
    int fd;
    enum conn_state state;
    bool woken;
    bool buffered; /* the socket was full: libwebsockets has bytes of ours, writable callbacks send
                      the rest */
    bool pause_asked;
    bool paused; /* as libwebsockets was told, at the end of a turn */
    bool tls;
    bool refused; /* a violation was told: the rest of the message is ignored */
};

struct listener;

struct server {
    struct server_env env;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct listener *listeners;
    struct conn *woken;
    struct conn *all;
    size_t conn_n;
    size_t body_bytes; /* of all requests whose bodies are coming: at most PL_BODIES_BYTES_MAX */
    uint64_t conn_id; /* the last given */
    struct loop_timer *close_timer;
    void (*closed)(void *user);
    void *closed_user;
    bool closing;
    uint8_t *scratch; /* LWS_PRE and SERVER_SCRATCH_BYTES, for writes through libwebsockets */
};

static inline struct server *server_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* ws.c: the callback of the protocol plenum.1, and the check before an upgrade. */
int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                size_t len);
/* 0: go on; -1: answered and to be closed. */
int ws_upgrade_check(struct server *server, struct lws *wsi);
/* Asks for an end: 1012 and so on. */
void conn_end(struct conn *conn, uint16_t status, const char *reason);
/* server.c: whether a socket came on the operator's address. */
bool server_operated(struct lws *wsi);
/* Tells server.c that a connection is gone. */
void server_conn_gone(struct server *server);

static inline bool server_secured(struct lws *wsi)
{
    return lws_get_ssl(wsi) != NULL;
}

/* http.c: the callback of plain HTTP, protocols[0]. */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len);
/* A header's value, NUL-terminated; false when absent or longer. */
bool http_header(struct lws *wsi, enum lws_token_indexes token, char *ret_text, size_t bytes_max);
/* Whom a request is from, by the socket or by what a trusted proxy says; false when the socket is gone. */
bool http_client(struct lws *wsi, struct address *ret_client);
enum api_channel http_channel(struct lws *wsi); /* by the socket, or by what a trusted proxy says */
/* Writes a whole error answer at once; the caller closes. */
void http_refuse(struct server *server, struct lws *wsi, enum pl_status code, uint16_t http_status);

/* flush.c: the session has output. */
void conn_wake(struct conn *conn);
/* Stops reading from the end of this turn on, or goes on. */
void conn_pause(struct conn *conn, bool paused);
void conn_unwake(struct conn *conn); /* off the list, before freeing */
/* LWS_CALLBACK_SERVER_WRITEABLE. -1: close now. */
int conn_writable(struct conn *conn);

#endif
