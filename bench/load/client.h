/* One participant: a socket and its session from HELLO to close. With a replica it holds the whole
 * board (writers and witnesses); without one it parses envelopes only, counts them and times them.
 *
 * Against plenum-raw there is no session: a client is live once its socket is open, and a writer's
 * batches go out as the OPS message the server would have made of them. */
#ifndef LOAD_CLIENT_H
#define LOAD_CLIENT_H
#include "bench/load/acks.h"
#include "bench/load/seen.h"
#include "bench/load/sent.h"
#include "bench/load/stats.h"
#include "bench/load/target.h"
#include "proto/replica.h"

struct client;

/* What all clients of a run share; borrowed for their lives. */
struct client_env {
    const struct pl_mem *mem;
    const struct target *target;
    struct stats *stats;
    struct sent *sent;
    struct seen *seen, *seen_presence;
    struct acks *acks_or_null;
    uint64_t random; /* of masks and keys */
    bool raw;
};

enum client_state {
    CLIENT_CONNECTING, /* until WELCOME */
    CLIENT_JOINING,    /* snapshot and tail, until WELCOME's head_seq */
    CLIENT_LIVE,
    CLIENT_CLOSED,
};

struct client_wish {
    const char *ticket; /* copied; unused against plenum-raw */
    bool replica;       /* hold the whole board */
    bool writes;        /* by client_batch, without a replica: reads all it gets for its echoes */
    bool timed;         /* counts among the joins */
    bool resume;        /* ask for the journal from its beginning instead of a snapshot */
    uint64_t lineage;   /* needed for resume */
    /* Told of every envelope received, before it is applied; NULL: nobody. */
    void (*envelope)(void *user, const struct pl_envelope *envelope);
    void *user;
};

/* Starts to connect. NULL when out of memory or sockets. */
struct client *client_new(struct client_env *env, const struct client_wish *wish);
void client_free(struct client *client_or_null);
/* Once closed: connects again and goes on from what it holds. PL_IO: there is no socket. */
PL_CHECKED enum pl_status client_again(struct client *client, const char *ticket);
int client_fd(const struct client *client);
/* On epoll's word: moves bytes and handles messages. */
void client_pump(struct client *client, uint8_t *scratch, size_t scratch_bytes);

enum client_state client_state(const struct client *client);
uint64_t
client_seq(const struct client *client); /* of the last envelope received or snapshot loaded */
uint64_t client_lineage(const struct client *client); /* WELCOME's */
bool client_had_snapshot(const struct client *client);
const char *client_close_reason(const struct client *client);
uint64_t client_bytes_in(const struct client *client);
/* NULL without one. Edits go through client_edit. */
struct pl_replica *client_replica(struct client *client);

/* One gesture (SPEC R4) becomes pending and goes out. Only with a replica, when live. The created
 * objects' ids are appended one after another, as pl_replica_edit does. */
PL_CHECKED enum pl_status client_edit(struct client *client, struct pl_slice edits,
                                      struct pl_buf *ret_created);
/* A batch made by hand, without a replica; its first counter follows the one before. PL_IO,
 * PL_NO_MEMORY. */
PL_CHECKED enum pl_status client_batch(struct client *client, uint64_t ctr0, struct pl_slice body);
/* WELCOME's, or one of its own choice against plenum-raw. */
uint32_t client_replica_id(const struct client *client);
uint64_t client_hwm(const struct client *client);
/* The cursor's place and the viewport `[x, y, w, h]`, for others. */
void client_presence(struct client *client, double x, double y, const double view[4]);
void client_ping(struct client *client);

#endif
