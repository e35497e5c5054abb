/* See network.h. */
#include "network.h"
#include <string.h>

#define WIRE_FRAMES_MAX 12u
#define PULL_MAX        4u

struct parcel {
    struct parcel *next;
    size_t len;
    uint8_t bytes[];
};

static void parcels_add(struct parcels *parcels, struct pl_slice bytes)
{
    struct parcel *parcel = sim_get(sizeof *parcel + bytes.len);
    parcel->len = bytes.len;
    if (bytes.len > 0)
        memcpy(parcel->bytes, bytes.data, bytes.len);
    *parcels->end = parcel;
    parcels->end = &parcel->next;
    parcels->n++;
}

static struct parcel *parcels_take(struct parcels *parcels)
{
    struct parcel *parcel = parcels->first;
    if (parcel != NULL) {
        if ((parcels->first = parcel->next) == NULL)
            parcels->end = &parcels->first;
        parcels->n--;
    }
    return parcel;
}

/* Keeps the first n. */
static void parcels_cut(struct parcels *parcels, uint32_t n)
{
    struct parcels kept = {.end = &kept.first};
    struct parcel *parcel;
    while ((parcel = parcels_take(parcels)) != NULL) {
        if (kept.n < n)
            parcels_add(&kept, (struct pl_slice){parcel->bytes, parcel->len});
        free(parcel);
    }
    *parcels = kept;
    if (kept.first == NULL)
        parcels->end = &parcels->first;
}

/* The server's end. */

static void on_wake(void *conn)
{
    (void)conn; /* steps pull */
}

static void on_close(void *conn, uint16_t ws_status, const char *reason)
{
    (void)ws_status;
    (void)reason;
    ((struct socket *)conn)->closing = true;
}

static void on_pause(void *conn, bool paused)
{
    ((struct socket *)conn)->paused = paused;
}

/* The server forgets the socket; what it had handed over is on its way. */
static void server_end(struct socket *socket)
{
    session_free(socket->session);
    socket->session = NULL;
    socket->over = true;
    server_turn(socket->network->server);
}

static void pull(struct socket *socket)
{
    struct frame *frames[PULL_MAX];
    if (socket->session == NULL || socket->down.n >= WIRE_FRAMES_MAX)
        return;
    const size_t n = session_output(socket->session, frames, 1 + rng_below(socket->network->rng, PULL_MAX));
    for (size_t i = 0; i < n; i++) {
        release_check(socket, frame_payload(frames[i]));
        parcels_add(&socket->down, frame_payload(frames[i]));
    }
    session_sent(socket->session, n);
    if (n == 0 && socket->closing)
        server_end(socket);
}

/* The client's end. */

struct socket *socket_open(struct network *network, void *owner)
{
    if (!network->server->up || network->server->draining)
        return NULL;
    struct socket *socket = sim_get(sizeof *socket);
    const struct session_port port = {
        .wake = on_wake, .close = on_close, .pause = on_pause, .conn = socket};
    *socket = (struct socket){.network = network, .owner = owner, .next = network->sockets};
    socket->up.end = &socket->up.first;
    socket->down.end = &socket->down.first;
    socket->session = session_new(network->server->sessions, &port);
    sim_must(socket->session != NULL, "no session");
    socket->deaf = rng_chance(network->rng, network->deaf_percent);
    network->sockets = socket;
    network->socket_n++;
    return socket;
}

void socket_send(struct socket *socket, struct pl_slice frame)
{
    if (!socket->left && !socket->over)
        parcels_add(&socket->up, frame);
}

void socket_leave(struct socket *socket)
{
    struct rng *rng = socket->network->rng;
    if (socket->left)
        return;
    socket->left = true;
    socket->stalled = false;
    socket->silent = rng_chance(rng, 40);
    parcels_cut(&socket->up, rng_chance(rng, 50) ? socket->up.n : rng_below(rng, socket->up.n + 1));
}

void socket_step_up(struct socket *socket)
{
    if (socket->session == NULL || socket->paused)
        return;
    struct parcel *parcel = parcels_take(&socket->up);
    if (parcel != NULL) {
        session_message(socket->session, (struct pl_slice){parcel->bytes, parcel->len});
        free(parcel);
        if (rng_chance(socket->network->rng, 70)) /* else more comes in the same turn */
            server_turn(socket->network->server);
    } else if (socket->left && !socket->silent) {
        server_end(socket);
    }
}

void socket_step_down(struct socket *socket)
{
    const struct socket_owner *owner = socket->network->owner;
    pull(socket);
    if (socket->closing && socket->session != NULL && rng_chance(socket->network->rng, 20))
        server_end(socket); /* whoever does not read does not keep the server waiting */
    if (socket->stalled)
        return;
    struct parcel *parcel = parcels_take(&socket->down);
    if (parcel != NULL) {
        const struct pl_slice frame = {parcel->bytes, parcel->len};
        owner->receive(socket->owner, socket, frame);
        if (socket->left && rng_chance(socket->network->rng, 10)) /* an old socket may stutter */
            owner->receive(socket->owner, socket, frame);
        free(parcel);
    } else if (socket->over && !socket->told && !socket->deaf) {
        socket->told = true;
        owner->gone(socket->owner, socket);
    }
}

void network_server_died(struct network *network)
{
    for (struct socket *socket = network->sockets; socket != NULL; socket = socket->next) {
        socket->session = NULL;
        socket->over = true;
        parcels_cut(&socket->up, 0);
    }
}

void network_sweep(struct network *network, bool all)
{
    for (struct socket **at = &network->sockets; *at != NULL;) {
        struct socket *socket = *at;
        if (all)
            socket->silent = socket->stalled = socket->deaf = false;
        if (socket->session != NULL || socket->down.n > 0 || !(socket->left || socket->told)) {
            at = &socket->next;
            continue;
        }
        *at = socket->next;
        parcels_cut(&socket->up, 0);
        free(socket);
        network->socket_n--;
    }
}

bool socket_idle(const struct socket *socket)
{
    struct frame *frame;
    return socket->up.n == 0 && socket->down.n == 0 && !socket->over &&
           (socket->session == NULL || session_output(socket->session, &frame, 1) == 0);
}

void network_init(struct network *network, struct server *server, const struct socket_owner *owner,
                  uint32_t deaf_percent)
{
    *network = (struct network){
        .server = server, .rng = server->rng, .verdict = server->verdict, .owner = owner, .deaf_percent = deaf_percent};
}

void network_done(struct network *network)
{
    while (network->sockets != NULL) {
        struct socket *socket = network->sockets;
        network->sockets = socket->next;
        parcels_cut(&socket->up, 0);
        parcels_cut(&socket->down, 0);
        free(socket); /* its session is the arena's */
    }
}
