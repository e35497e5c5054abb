/* See server.h. */
#include "server.h"
#include "base/log.h"

struct job {
    struct job *next;
    void (*done)(void *user);
    void *user;
};

static uint64_t port_now(void *self)
{
    return loop_now_ms(core_loop_port(((struct server *)self)->loop));
}

static uint64_t port_wall(void *self)
{
    return loop_wall_ms(core_loop_port(((struct server *)self)->loop));
}

static struct loop_timer *port_timer_start(void *self, uint64_t delay_ms, uint64_t repeat_ms,
                                           void (*fire)(void *user), void *user)
{
    return loop_timer_start(core_loop_port(((struct server *)self)->loop), delay_ms, repeat_ms, fire, user);
}

static void port_timer_stop(void *self, struct loop_timer *timer_or_null)
{
    loop_timer_stop(core_loop_port(((struct server *)self)->loop), timer_or_null);
}

static void port_defer(void *self, void (*fire)(void *user), void *user)
{
    loop_defer(core_loop_port(((struct server *)self)->loop), fire, user);
}

static void port_post(void *self, void (*fire)(void *user), void *user)
{
    loop_post(core_loop_port(((struct server *)self)->loop), fire, user);
}

static uint64_t port_clock_us(void *self)
{
    return port_now(self) * 1000u;
}

static uint64_t port_idle_us(void *self)
{
    return loop_idle_us(core_loop_port(((struct server *)self)->loop));
}

/* A job owns copies of its bytes, so when it runs does not matter; when it is done does. */
static void port_work(void *self, void (*work)(void *user), void (*done)(void *user), void *user)
{
    struct server *server = self;
    struct job *job = sim_get(sizeof *job);
    work(user);
    *job = (struct job){.next = server->jobs, .done = done, .user = user};
    server->jobs = job;
}

static const struct loop_vtable vtable = {
    .now_ms = port_now,
    .wall_ms = port_wall,
    .clock_us = port_clock_us,
    .idle_us = port_idle_us,
    .timer_start = port_timer_start,
    .timer_stop = port_timer_stop,
    .defer = port_defer,
    .post = port_post,
    .work = port_work,
};

void server_start(struct server *server)
{
    const struct session_options options = {0};
    sim_must(!server->up, "started twice");
    server->arena = arena_new();
    server->loop = core_loop_new();
    core_loop_wall_set(server->loop, server->wall_ms);
    server->port = (struct loop){.vtable = &vtable, .self = server};
    const struct pl_mem *mem = arena_mem(server->arena);
    server->metrics = metrics_new(mem);
    server->tickets = tickets_new(mem);
    server->registry = registry_new(mem, &server->port, disk_journal(server->disk), server->metrics, NULL);
    server->sessions = session_env_new(mem, &server->port, server->registry, server->tickets,
                                       server->metrics, &options);
    server->up = true;
    server->draining = server->drained = false;
}

/* What a process leaves behind: nothing. */
static void forget(struct server *server)
{
    server->wall_ms = port_wall(server);
    while (server->jobs != NULL) {
        struct job *job = server->jobs;
        server->jobs = job->next;
        free(job);
    }
    core_loop_free(server->loop);
    arena_free(server->arena);
    server->up = false;
}

void server_crash(struct server *server)
{
    if (!server->up)
        return;
    verdict_met(server->verdict, SIM_CRASHED);
    disk_crash(server->disk);
    forget(server);
}

static void drained(void *user)
{
    ((struct server *)user)->drained = true;
}

void server_drain(struct server *server)
{
    if (!server->draining)
        registry_drain(server->registry, drained, server);
    server->draining = true;
}

void server_stop(struct server *server)
{
    verdict_met(server->verdict, SIM_DRAINED);
    session_env_free(server->sessions);
    registry_free(server->registry);
    tickets_free(server->tickets);
    metrics_free(server->metrics);
    if (arena_bytes(server->arena) != 0)
        verdict_fail(server->verdict, "a server that was drained left memory behind");
    if (disk_busy(server->disk))
        verdict_fail(server->verdict, "a server that was drained left writes behind");
    forget(server);
}

struct server *server_new(struct disk *disk, struct rng *rng, struct verdict *verdict)
{
    struct server *server = sim_get(sizeof *server);
    *server = (struct server){
        .rng = rng, .verdict = verdict, .disk = disk, .wall_ms = UINT64_C(1700000000000)};
    log_set(LOG_LEVEL_SILENT, NULL, NULL); /* what it would say here is what the oracles look at */
    server_start(server);
    return server;
}

void server_free(struct server *server)
{
    if (server->up)
        forget(server);
    free(server);
}

void server_turn(struct server *server)
{
    core_loop_turn(server->loop);
}

void server_advance(struct server *server, uint64_t ms)
{
    if (server->up)
        core_loop_advance(server->loop, ms);
    else
        server->wall_ms += ms;
}

void server_work(struct server *server)
{
    uint32_t n = 0;
    struct job **at = &server->jobs;
    for (const struct job *job = server->jobs; job != NULL; job = job->next)
        n++;
    if (n == 0)
        return;
    for (uint32_t skip = rng_below(server->rng, n); skip > 0; skip--)
        at = &(*at)->next;
    const struct job job = **at;
    free(*at);
    *at = job.next;
    job.done(job.user);
    server_turn(server);
}

bool server_busy(const struct server *server)
{
    return server->jobs != NULL;
}

struct creation {
    bool answered;
    enum pl_status status;
};

static void created(void *user, enum pl_status status)
{
    *(struct creation *)user = (struct creation){.answered = true, .status = status};
}

void server_create(struct server *server, uint64_t board)
{
    struct creation creation = {.status = PL_IO};
    while (creation.status != PL_OK) { /* the disk may be sick: somebody clicks again */
        creation.answered = false;
        registry_create(server->registry, board, (struct pl_slice){(const uint8_t *)"simulated", 9}, NULL,
                        0, 0, created, &creation);
        while (!creation.answered) {
            disk_step(server->disk);
            server_turn(server);
        }
    }
}
