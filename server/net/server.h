/* The sockets: listening, libwebsockets' context on the port's loop, and their ordered end.
 * WebSocket connections are ws.c's and flush.c's, HTTP is http.c's. */
#ifndef NET_SERVER_H
#define NET_SERVER_H
#include "api/api.h"
#include "base/address.h"
#include "net/forwarded.h"
#include "net/loop.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "proto/mem.h"

/* All headers of one request, one block. main makes malloc map blocks of this size: from the heap,
 * a thousand people arriving at once would leave holes between what stays, and an idle connection
 * would cost twice as much. It is above the 17 KB that OpenSSL takes and gives back for each record,
 * which would be mapped and unmapped otherwise. */
#define SERVER_HEADER_BYTES 20480u

struct server;
struct session_env;

/* How connections become secure: libwebsockets makes an SSL_CTX and moves the bytes; who knows
 * OpenSSL sets it up. */
struct server_secure {
    bool (*attach)(void *user, void *ssl_ctx); /* false: it logged why not */
    void *user;
};

/* Borrowed for the server's life, which ends in server_free. */
struct server_env {
    const struct pl_mem *mem;
    struct uv_port *port;
    struct session_env *sessions;
    struct api *api;
    struct metrics *metrics_or_null;
    const struct health *health;
    const struct server_secure *secure_or_null; /* NULL: no TLS */
    struct proxies proxies;
};

/* Copies env. NULL: out of memory, or libwebsockets has no libuv plugin (it logs which). */
struct server *server_new(const struct server_env *env);
/* Whom an address is for. */
enum server_side {
    SERVER_PUBLIC,   /* people: the client, the api, WebSockets */
    SERVER_OPERATOR, /* probes and scrapers: health and metrics alone */
};
/* Accepts on the address, and names the one it got (port 0 becomes a real one). PL_IO: errno tells.
 */
PL_CHECKED enum pl_status server_listen(struct server *server, const struct address *address,
                                        enum server_side side, struct address *ret_bound);
/* Closes the listening sockets and every WebSocket, with 1012 after what it still has to send;
 * `done` when all are gone or after a while. Once. */
void server_close(struct server *server, void (*done)(void *user), void *user);
/* Ends what is left and runs the loop until every handle is closed. */
void server_free(struct server *server_or_null);

#endif
