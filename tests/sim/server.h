/* The real server core (registry, boards, sessions, tickets) on the simulation's disk, with a clock that moves when
 * told and workers that finish when told. It can crash, losing all memory, and be drained and started again. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H
#include "arena.h"
#include "auth/ticket.h"
#include "board/registry.h"
#include "disk.h"
#include "obs/metrics.h"
#include "session/session_env.h"
#include "tests/support/core_loop.h"

struct job;

struct server { /* read by all; changed by server.c alone */
    struct rng *rng;
    struct verdict *verdict;
    struct disk *disk;
    struct arena *arena;
    struct core_loop *loop;
    struct loop port; /* loop's, but for worker jobs */
    struct job *jobs;
    struct metrics *metrics;
    struct tickets *tickets;
    struct registry *registry;
    struct session_env *sessions;
    uint64_t wall_ms; /* while it is down */
    bool up, draining, drained;
};

/* Everything is borrowed. Starts it. */
struct server *server_new(struct disk *disk, struct rng *rng, struct verdict *verdict);
void server_free(struct server *server); /* sessions may still be open: like a crash */

void server_start(struct server *server);
/* All memory is gone: pointers to its sessions are dead. */
void server_crash(struct server *server);
void server_drain(struct server *server);
/* After `drained`, when all sessions were freed: nothing may be left. */
void server_stop(struct server *server);

/* Time passes; everything that is due runs. */
void server_advance(struct server *server, uint64_t ms);
/* A worker finishes one of its jobs, any of them. */
void server_work(struct server *server);
bool server_busy(const struct server *server); /* a worker is at it */
void server_turn(struct server *server);
/* Makes the board, with the disk's help. */
void server_create(struct server *server, uint64_t board);

#endif
