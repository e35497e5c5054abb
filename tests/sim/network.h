/* The sockets between clients and server, frames carried by hand. Within one socket order holds; a socket may be cut
 * at any point, frames in flight either way are lost or come late; the other end may learn of it or not.
 *
 * What the server sends is looked at as it leaves (release.c): nothing is said of what is not durable. */
#ifndef SIM_NETWORK_H
#define SIM_NETWORK_H
#include "proto/writer.h"
#include "server.h"
#include "session/session.h"

struct parcel;

struct parcels {
    struct parcel *first, **end;
    uint32_t n;
};

struct socket { /* read by all; changed by network.c alone, but for what is marked */
    struct socket *next;
    struct network *network;
    struct session *session; /* NULL: the server has forgotten it */
    void *owner;             /* the client's end; told of frames even when it has moved on */
    struct parcels up, down;
    uint32_t replica;  /* from the WELCOME that passed; 0: none yet */
    bool closing;      /* the server closes when its output is out */
    bool paused;       /* the server does not read */
    bool over;         /* the server's end is closed, its last frame is in `down` */
    bool left;         /* the client's end is closed */
    bool silent;       /* and the server will never hear of it */
    bool stalled;      /* the client does not read: its own to set */
    bool told;         /* the client was told that it is over */
    bool deaf;         /* it never will be: the other end fell silent, and only a missing answer says so */
};

/* Both are told of any socket they ever opened, the older ones too. */
struct socket_owner {
    void (*receive)(void *owner, struct socket *socket, struct pl_slice frame);
    void (*gone)(void *owner, struct socket *socket);
};

struct network {
    struct server *server;
    struct rng *rng;
    struct verdict *verdict;
    const struct socket_owner *owner;
    struct socket *sockets;
    uint32_t socket_n;
    uint32_t deaf_percent; /* of new sockets */
};

void network_init(struct network *network, struct server *server, const struct socket_owner *owner,
                  uint32_t deaf_percent);
void network_done(struct network *network);

/* NULL: nobody listens. */
struct socket *socket_open(struct network *network, void *owner);
void socket_send(struct socket *socket, struct pl_slice frame); /* from the client, copied */
/* The client's end is closed or lost. */
void socket_leave(struct socket *socket);
/* One thing happens to it: a frame up, a few frames into the wires, a frame down, an end noticed. */
void socket_step_up(struct socket *socket);
void socket_step_down(struct socket *socket);
/* The server process is gone, and its sessions with it. */
void network_server_died(struct network *network);
/* Frees sockets that are over at both ends; lets the server hear of lost ones when `all`. */
void network_sweep(struct network *network, bool all);
bool socket_idle(const struct socket *socket);

/* release.c: what the server says must be durable and say what the journal says. */
void release_check(struct socket *socket, struct pl_slice frame);

#endif
