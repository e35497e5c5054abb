/* Owns the libwebsockets context, the listening sockets and the list of connections; see server.h.
 *
 * Sockets are made and accepted here and handed to libwebsockets: its own listening understands an
 * interface's name where an address was meant, and may open all of them. The options below are the
 * measured and necessary ones for 4.1.6 as Debian ships it; server/README.md says why for each. */
#include "net/server.h"
#include "base/log.h"
#include "net/conn.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG             1024
#define ACCEPTS_PER_TURN    8 /* others wait for no more newcomers than that, however many come */
#define ACCEPT_RETRY_MS     100u /* after running out of descriptors */
#define CLOSE_MS_MAX        6000u
#define HEADERS_AT_ONCE_MAX 4096u
#define KEEPALIVE_SECONDS   30

/* What the kernel holds for a peer beyond what is under way to it. It would take 4 MiB from us for
 * each one that does not read: memory nobody counts, filled at the others' expense, and so much that
 * a slow reader has to get through before it sees anything new. */
#define UNSENT_BYTES_MAX (256 * 1024)

/* libwebsockets keeps a buffer of this size for each connection, and hands over what comes in pieces of at most that:
 * cursors, moves and what is typed come in one. Each piece more costs a microsecond. */
#define RECEIVE_BYTES 160

struct listener {
    uv_poll_t handle;
    struct server *server;
    struct listener *next;
    struct loop_timer *retry; /* accepting rests until it fires */
    enum server_side side;
    int fd;
};

static const struct lws_protocols protocols[] = {
    {.name = "http",
     .callback = http_callback,
     .per_session_data_size = sizeof(void *),
     .tx_packet_size = 262144},
    {.name = "plenum.1",
     .callback = ws_callback,
     .per_session_data_size = sizeof(void *),
     .rx_buffer_size = RECEIVE_BYTES,
     .tx_packet_size = 262144},
    {0},
};

/* libwebsockets calls a peer's mistake an error; they are counted elsewhere, and here only for
 * whoever debugs. */
static void lws_said(int level, const char *line)
{
    size_t len = strcspn(line, "\n");
    (void)level;
    log_event(LOG_LEVEL_DEBUG, "libwebsockets", "text=\"%.*s\"", (int)len, line);
}

/* On a foreign loop the context goes in two steps: its sockets and handles close while the loop
 * runs, and then what is left is freed, by the last handle's end or, as in 4.1.6, by asking again.
 * pcontext tells which. */
static void context_end(struct server *server)
{
    lws_context_destroy(server->context);
    uv_port_settle(server->env.port);
    if (server->context != NULL)
        lws_context_destroy(server->context);
}

struct server *server_new(const struct server_env *env)
{
    struct server *server = pl_mem_get(env->mem, sizeof *server);
    void *loops[1] = {uv_port_uv(env->port)};
    if (server == NULL)
        return NULL;
    *server = (struct server){.env = *env};
    server->scratch = pl_mem_get(env->mem, LWS_PRE + SERVER_SCRATCH_BYTES);
    if (server->scratch == NULL)
        goto refuse;
    lws_set_log_level(LLL_ERR, lws_said);
    /* Plain requests where TLS is spoken are let in, to be told so (api/astray.c). */
    const uint64_t secure =
        LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
        LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS | LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT |
        LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .user = server,
        .pcontext = &server->context,
        .foreign_loops = loops,
        .options = (env->secure_or_null != NULL ? secure : 0) | LWS_SERVER_OPTION_LIBUV |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .fd_limit_per_thread = 0,
        .max_http_header_data = SERVER_HEADER_BYTES,
        .max_http_header_pool = HEADERS_AT_ONCE_MAX,
        .timeout_secs = PL_BODY_MS_MAX / 1000u + 2, /* http.c comes before it, and says something */
        .timeout_secs_ah_idle = PL_HEADER_MS_MAX / 1000u + 2,
        .keepalive_timeout = KEEPALIVE_SECONDS,
        .alpn = "http/1.1",
        .vhost_name = "plenum",
    };
    server->context = lws_create_context(&info);
    if (server->context == NULL) {
        log_event(LOG_LEVEL_ERROR, "no_event_library",
                  "text=\"is libwebsockets-evlib-uv installed?\"");
        goto refuse;
    }
    server->vhost = lws_create_vhost(server->context, &info);
    if (server->vhost == NULL) {
        context_end(server);
        goto refuse;
    }
    return server;
refuse:
    pl_mem_put(env->mem, server->scratch);
    pl_mem_put(env->mem, server);
    return NULL;
}

/* A vhost for each side would not tell: libwebsockets chooses one anew by the Host header. */
bool server_operated(struct lws *wsi)
{
    return (enum server_side)(uintptr_t)lws_get_opaque_user_data(wsi) == SERVER_OPERATOR;
}

static void accepting(uv_poll_t *handle, int status, int events);

static void accept_again(void *user)
{
    struct listener *listener = user;
    loop_timer_stop(uv_port_loop(listener->server->env.port), listener->retry);
    listener->retry = NULL;
    uv_poll_start(&listener->handle, UV_READABLE, accepting);
}

/* Out of descriptors the listening socket stays readable: rest a little instead of spinning. */
static void accept_rest(struct listener *listener)
{
    const struct loop *loop = uv_port_loop(listener->server->env.port);
    metrics_add(listener->server->env.metrics_or_null, METRIC_REFUSED_SOCKET, 1);
    listener->retry = loop_timer_start(loop, ACCEPT_RETRY_MS, 0, accept_again, listener);
    if (listener->retry != NULL)
        uv_poll_stop(&listener->handle);
}

/* The first request's headers are due; later ones' are libwebsockets' to wait for. */
static void connection_begin(struct lws *wsi, enum server_side side)
{
    lws_set_opaque_user_data(wsi, (void *)(uintptr_t)side);
    lws_set_timer_usecs(wsi, PL_HEADER_MS_MAX * LWS_US_PER_MS);
}

static void accepting(uv_poll_t *handle, int status, int events)
{
    struct listener *listener = handle->data;
    struct server *server = listener->server;
    int on = 1, unsent = UNSENT_BYTES_MAX;
    (void)events;
    if (status < 0)
        return;
    for (unsigned i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                accept_rest(listener);
            return;
        }
        metrics_add(server->env.metrics_or_null, METRIC_CONNECTIONS, 1);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
        lws_sock_file_fd_type socket = {.sockfd = fd};
        lws_adoption_type how = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP;
        if (listener->side == SERVER_PUBLIC) /* the operator's own is spoken to in the clear */
            how |= LWS_ADOPT_ALLOW_SSL;
        struct lws *wsi = lws_adopt_descriptor_vhost(server->vhost, how, socket, NULL, NULL);
        if (wsi == NULL) /* closed the descriptor */
            metrics_add(server->env.metrics_or_null, METRIC_REFUSED_SOCKET, 1);
        else
            connection_begin(wsi, listener->side);
    }
}

enum pl_status server_listen(struct server *server, const struct address *address,
                             enum server_side side, struct address *ret_bound)
{
    int on = 1;
    int saved;
    struct address bound = {.len = sizeof bound.storage};
    struct listener *listener = pl_mem_get(server->env.mem, sizeof *listener);
    if (listener == NULL) {
        errno = ENOMEM;
        return PL_IO;
    }
    *listener = (struct listener){.server = server, .side = side};
    listener->fd =
        socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->fd < 0)
        goto refuse;
    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->storage.ss_family == AF_INET6)
        setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(listener->fd, (const struct sockaddr *)&address->storage, address->len) != 0 ||
        listen(listener->fd, BACKLOG) != 0 ||
        getsockname(listener->fd, (struct sockaddr *)&bound.storage, &bound.len) != 0)
        goto refuse;
    if (uv_poll_init(uv_port_uv(server->env.port), &listener->handle, listener->fd) != 0) {
        errno = EMFILE;
        goto refuse;
    }
    listener->handle.data = listener;
    uv_poll_start(&listener->handle, UV_READABLE, accepting);
    listener->next = server->listeners;
    server->listeners = listener;
    *ret_bound = bound;
    return PL_OK;
refuse:
    saved = errno;
    if (listener->fd >= 0)
        close(listener->fd);
    pl_mem_put(server->env.mem, listener);
    errno = saved;
    return PL_IO;
}

static void listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    close(listener->fd);
    pl_mem_put(listener->server->env.mem, listener);
}

static void listeners_close(struct server *server)
{
    while (server->listeners != NULL) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        loop_timer_stop(uv_port_loop(server->env.port), listener->retry);
        uv_close((uv_handle_t *)&listener->handle, listener_closed);
    }
}

static void closed(void *user)
{
    struct server *server = user;
    void (*done)(void *) = server->closed;
    loop_timer_stop(uv_port_loop(server->env.port), server->close_timer);
    server->close_timer = NULL;
    server->closed = NULL;
    if (done != NULL)
        done(server->closed_user);
}

void server_conn_gone(struct server *server)
{
    if (server->closed != NULL && server->conn_n == 0)
        closed(server);
}

void server_close(struct server *server, void (*done)(void *user), void *user)
{
    const struct loop *loop = uv_port_loop(server->env.port);
    server->closing = true;
    server->closed = done;
    server->closed_user = user;
    listeners_close(server);
    for (struct conn *conn = server->all; conn != NULL; conn = conn->all_next)
        conn_end(conn, WS_SERVICE_RESTART, "the server is going down");
    if (server->conn_n > 0)
        server->close_timer = loop_timer_start(loop, CLOSE_MS_MAX, 0, closed, server);
    if (server->conn_n == 0 || server->close_timer == NULL)
        closed(server);
}

void server_free(struct server *server_or_null)
{
    struct server *server = server_or_null;
    if (server == NULL)
        return;
    server->closed = NULL;
    loop_timer_stop(uv_port_loop(server->env.port), server->close_timer);
    listeners_close(server);
    context_end(server);
    pl_mem_put(server->env.mem, server->scratch);
    pl_mem_put(server->env.mem, server);
}
