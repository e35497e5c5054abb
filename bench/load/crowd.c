/* Owns the clients, the writers over the first of them, and the epoll. Clients 0 to K-1 write; the
 * next eight are witnesses; the others parse envelopes only. */
#include "bench/load/crowd.h"
#include "bench/clock.h"
#include "bench/load/api.h"
#include "bench/load/mover.h"
#include "bench/load/writer.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SCRATCH_BYTES (256u * 1024u)
#define EVENTS_MAX    512
#define JOINING_MAX   64u
#define JOIN_NS_MAX   (30 * NS_PER_S) /* without progress */
#define SETTLE_NS_MAX (20 * NS_PER_S)
#define VIEW_W        1600.0
#define VIEW_H        900.0
#define PING_PER_S    (1000.0 / PL_PING_MS)

/* Spreads `per_s` events of a second over round-robin turns: evenly, or, with `random`, as people
 * do who know nothing of each other. */
struct pacer {
    double per_s;
    double due;
    uint32_t next;
    uint64_t *random; /* NULL: evenly */
};

struct crowd {
    struct client_env *env;
    const struct options *options;
    int epoll;
    struct client **clients;
    struct writer **writers; /* one of both for each who writes */
    struct mover **movers;
    char (*cookies)[HTTP_COOKIE_BYTES]; /* one per guest */
    uint32_t guest_n;
    uint32_t client_n; /* opened so far */
    uint32_t client_cap;
    char (*joiner_tickets)[API_TICKET_BYTES];
    uint64_t *again_ns; /* when one who lost the connection tries again; 0: has it */
    uint64_t storm_began_ns;
    uint8_t *scratch;
    struct pacer gestures, pointing, pinging;
    uint64_t paced_ns, pace_random;
};

struct crowd *crowd_new(struct client_env *env, const struct options *options)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    if (crowd == NULL)
        return NULL;
    crowd->env = env;
    crowd->options = options;
    crowd->client_cap = options->clients + options->joiners + 1; /* and the late witness */
    crowd->again_ns = calloc(crowd->client_cap, sizeof(uint64_t));
    crowd->joiner_tickets = calloc(options->joiners + 1, API_TICKET_BYTES);
    crowd->guest_n = options->guests == 0 ? options->clients : options->guests;
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    crowd->clients = calloc(crowd->client_cap, sizeof(struct client *));
    crowd->writers = calloc(options->writers + 1, sizeof(struct writer *));
    crowd->movers = calloc(options->writers + 1, sizeof(struct mover *));
    crowd->cookies = calloc(crowd->guest_n, HTTP_COOKIE_BYTES);
    crowd->scratch = malloc(SCRATCH_BYTES);
    crowd->pace_random = options->seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    crowd->gestures.per_s = options->rate * options->writers;
    crowd->gestures.random = &crowd->pace_random;
    crowd->pointing.per_s = options->presence_hz * options->clients;
    crowd->pinging.per_s = PING_PER_S * options->clients;
    if (crowd->epoll < 0 || crowd->clients == NULL || crowd->writers == NULL ||
        crowd->movers == NULL || crowd->joiner_tickets == NULL || crowd->again_ns == NULL || crowd->cookies == NULL || crowd->scratch == NULL) {
        crowd_free(crowd);
        return NULL;
    }
    return crowd;
}

void crowd_free(struct crowd *crowd_or_null)
{
    if (crowd_or_null == NULL)
        return;
    for (uint32_t i = 0; crowd_or_null->writers != NULL && i < crowd_or_null->options->writers; i++)
        writer_free(crowd_or_null->writers[i]);
    for (uint32_t i = 0; crowd_or_null->movers != NULL && i < crowd_or_null->options->writers; i++)
        mover_free(crowd_or_null->movers[i]);
    for (uint32_t i = 0; i < crowd_or_null->client_n; i++)
        client_free(crowd_or_null->clients[i]);
    if (crowd_or_null->epoll >= 0)
        close(crowd_or_null->epoll);
    free(crowd_or_null->clients);
    free(crowd_or_null->writers);
    free(crowd_or_null->movers);
    free(crowd_or_null->cookies);
    free(crowd_or_null->joiner_tickets);
    free(crowd_or_null->again_ns);
    free(crowd_or_null->scratch);
    free(crowd_or_null);
}

/* Handles what the sockets have, waiting at most timeout_ms for the first. */
static void turn(struct crowd *crowd, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(crowd->epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++)
        client_pump(crowd->clients[events[i].data.u32], crowd->scratch, SCRATCH_BYTES);
}

static uint32_t count_in(const struct crowd *crowd, enum client_state state)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < crowd->client_n; i++)
        count += client_state(crowd->clients[i]) == state;
    return count;
}

const char *crowd_close_reason(const struct crowd *crowd)
{
    for (uint32_t i = 0; i < crowd->client_n; i++) {
        if (client_state(crowd->clients[i]) == CLIENT_CLOSED)
            return client_close_reason(crowd->clients[i]);
    }
    return NULL;
}

uint32_t crowd_closed(const struct crowd *crowd)
{
    return count_in(crowd, CLIENT_CLOSED);
}

uint64_t crowd_bytes_in(const struct crowd *crowd)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < crowd->client_n; i++)
        bytes += client_bytes_in(crowd->clients[i]);
    return bytes;
}

/* ---- pacing ---- */

/* How many events of an exponential gap each, one on average, fit into `due`; takes them off. */
static uint32_t random_due(struct pacer *pacer)
{
    uint32_t due = 0;
    while (pacer->due > 0) {
        double uniform = (double)((random_next(pacer->random) >> 11) + 1) / 9007199254740993.0;
        pacer->due += log(uniform);
        due++;
    }
    return due;
}

/* How many are due after `passed_s`; what an overloaded loop missed by more than a second is not
 * made up for. */
static uint32_t pacer_due(struct pacer *pacer, double passed_s)
{
    pacer->due += pacer->per_s * passed_s;
    if (pacer->due > pacer->per_s + 1)
        pacer->due = pacer->per_s + 1;
    if (pacer->random != NULL)
        return random_due(pacer);
    uint32_t due = (uint32_t)pacer->due;
    pacer->due -= due;
    return due;
}

/* Keeps the silent from being taken for dead. */
static void ping_due(struct crowd *crowd, double passed_s)
{
    for (uint32_t due = pacer_due(&crowd->pinging, passed_s); due > 0; due--) {
        uint32_t index = crowd->pinging.next++ % crowd->options->clients;
        if (index < crowd->client_n)
            client_ping(crowd->clients[index]);
    }
}

/* Seconds since the last call. */
static double pace(struct crowd *crowd)
{
    uint64_t now = clock_ns();
    double passed_s = crowd->paced_ns == 0 ? 0 : (double)(now - crowd->paced_ns) / (double)NS_PER_S;
    crowd->paced_ns = now;
    return passed_s;
}

/* ---- joining ---- */

static enum pl_status take_ticket(struct crowd *crowd, struct http *http, uint32_t index,
                                  char ret_ticket[API_TICKET_BYTES])
{
    uint32_t guest = index % crowd->guest_n;
    char name[32];
    snprintf(name, sizeof name, "Load %u", guest + 1);
    for (int attempt = 0;; attempt++) {
        enum pl_status status =
            api_ticket(http, crowd->env->target, name, crowd->cookies[guest], ret_ticket);
        if (status != PL_LIMIT || attempt == 50)
            return status;
        turn(crowd, 100); /* tickets are spent as the sockets before this one get on */
    }
}

static enum pl_status seat_writer(struct crowd *crowd, uint32_t index)
{
    struct client *client = crowd->clients[index];
    const struct pl_mem *mem = crowd->env->mem;
    if (crowd->options->moves)
        crowd->movers[index] = mover_new(mem, client);
    else
        crowd->writers[index] =
            writer_new(mem, client, crowd->options->seed + index * UINT64_C(7919));
    return crowd->movers[index] == NULL && crowd->writers[index] == NULL ? PL_NO_MEMORY : PL_OK;
}

static enum pl_status open_one(struct crowd *crowd, const struct client_wish *wish)
{
    uint32_t index = crowd->client_n;
    struct client *client = client_new(crowd->env, wish);
    if (client == NULL)
        return PL_NO_MEMORY;
    crowd->clients[crowd->client_n++] = client;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = index};
    return epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, client_fd(client), &event) == 0 ? PL_OK : PL_IO;
}

static enum pl_status open_next(struct crowd *crowd, struct http *http_or_null)
{
    uint32_t index = crowd->client_n;
    char ticket[API_TICKET_BYTES] = "";
    bool late = index >= crowd->options->clients;
    uint32_t whole = crowd->options->writers + (crowd->env->raw ? 0 : CROWD_WITNESSES_MAX);
    bool writes = index < crowd->options->writers, moves = writes && crowd->options->moves;
    struct client_wish wish = {
        .ticket = ticket, .replica = (index < whole && !moves) || late, .writes = moves};
    enum pl_status status =
        http_or_null == NULL ? PL_OK : take_ticket(crowd, http_or_null, index, ticket);
    if (status == PL_OK)
        status = open_one(crowd, &wish);
    return status == PL_OK && writes ? seat_writer(crowd, index) : status;
}

/* Until `wanted` clients are live. */
static enum pl_status join_until(struct crowd *crowd, struct http *http_or_null, uint32_t wanted)
{
    uint64_t progress_ns = clock_ns();
    uint32_t live_before = 0;
    for (;;) {
        uint32_t live = count_in(crowd, CLIENT_LIVE);
        if (live == wanted)
            return PL_OK;
        ping_due(crowd, pace(crowd));
        if (count_in(crowd, CLIENT_CLOSED) > 0)
            return PL_IO;
        if (live != live_before) {
            live_before = live;
            progress_ns = clock_ns();
        } else if (clock_ns() - progress_ns > JOIN_NS_MAX) {
            return PL_TIMEOUT;
        }
        if (crowd->client_n < wanted && crowd->client_n - live < JOINING_MAX) {
            enum pl_status status = open_next(crowd, http_or_null);
            if (status != PL_OK)
                return status;
            turn(crowd, 0);
        } else {
            turn(crowd, 20);
        }
    }
}

enum pl_status crowd_join(struct crowd *crowd, struct http *http_or_null)
{
    enum pl_status status = join_until(crowd, http_or_null, crowd->options->clients);
    const char *reason = crowd_close_reason(crowd);
    if (status != PL_OK)
        fprintf(stderr, "plenum-load: joining client %u: %s%s%s; first error: %s\n",
                crowd->client_n, pl_status_name(status),
                reason == NULL ? "" : ", closed: ", reason == NULL ? "" : reason,
                crowd->env->stats->errors == 0 ? "none" : crowd->env->stats->first_error);
    return status;
}

/* ---- before the run ---- */

#define STICKIES_PER_BATCH 100u

enum pl_status crowd_prepare(struct crowd *crowd, struct http *http)
{
    enum pl_status status = PL_OK;
    uint64_t began = clock_ns();
    for (uint32_t left = crowd->options->stickies; left > 0 && status == PL_OK;) {
        uint32_t n = left < STICKIES_PER_BATCH ? left : STICKIES_PER_BATCH;
        status = crowd->writers[0] == NULL ? PL_STATE : writer_fill(crowd->writers[0], n);
        turn(crowd, 1);
        left -= n;
    }
    while (status == PL_OK && crowd->writers[0] != NULL &&
           pl_replica_pending_n(client_replica(crowd->clients[0])) > 0) {
        turn(crowd, 5);
        if (clock_ns() - began > JOIN_NS_MAX)
            status = PL_TIMEOUT;
    }
    for (uint32_t i = 0; i < crowd->options->joiners && status == PL_OK; i++)
        status = take_ticket(crowd, http, i, crowd->joiner_tickets[i]);
    return status;
}

/* All of them, without a look at what the first are told. */
static enum pl_status burst(struct crowd *crowd)
{
    enum pl_status status = PL_OK;
    for (uint32_t i = 0; i < crowd->options->joiners && status == PL_OK; i++) {
        struct client_wish wish = {.ticket = crowd->joiner_tickets[i], .timed = true};
        status = open_one(crowd, &wish);
    }
    return status;
}

/* ---- coming back ---- */

#define AGAIN_NS_MIN (NS_PER_S / 2) /* as the web client: half a second to two, by full jitter */
#define AGAIN_NS_MAX (2 * NS_PER_S)
#define AGAIN_AT_ONCE 16u /* tickets are asked for one after another: others are served between */

static void come_back(struct crowd *crowd, struct http *http, uint32_t index)
{
    char ticket[API_TICKET_BYTES];
    crowd->again_ns[index] = 0;
    crowd->env->stats->returns++;
    struct client *client = crowd->clients[index];
    if (take_ticket(crowd, http, index, ticket) != PL_OK || client_again(client, ticket) != PL_OK)
        return; /* still closed: the next look sets another time */
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = index};
    if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, client_fd(client), &event) != 0)
        stats_error(crowd->env->stats, "epoll", "a socket cannot be waited for");
}

/* Looks who is away, and brings back whose time has come. How many are not live. */
static uint32_t storm_turn(struct crowd *crowd, struct http *http)
{
    struct stats *stats = crowd->env->stats;
    uint64_t now = clock_ns();
    uint32_t away = 0, tried = 0;
    for (uint32_t i = 0; i < crowd->client_n; i++) {
        enum client_state state = client_state(crowd->clients[i]);
        away += state != CLIENT_LIVE;
        if (state != CLIENT_CLOSED)
            continue;
        if (crowd->again_ns[i] == 0) {
            uint64_t jitter = random_next(&crowd->pace_random) % (AGAIN_NS_MAX - AGAIN_NS_MIN);
            crowd->again_ns[i] = now + AGAIN_NS_MIN + jitter;
            stats->closes++;
        } else if (crowd->again_ns[i] <= now && tried++ < AGAIN_AT_ONCE) {
            come_back(crowd, http, i);
        }
    }
    if (away > 0 && crowd->storm_began_ns == 0)
        crowd->storm_began_ns = now;
    if (away == 0 && crowd->storm_began_ns != 0) {
        stats->storm_ns += now - crowd->storm_began_ns;
        crowd->storm_began_ns = 0;
    }
    return away;
}

/* ---- running ---- */

/* Moves a cursor about in the viewport of its owner, who stays where they are. */
static void point(struct crowd *crowd, uint32_t index, uint64_t now_ns)
{
    double spread = crowd->options->spread;
    double home_x = fmod(index * 0.618034, 1) * spread, home_y = fmod(index * 0.754878, 1) * spread;
    const double view[4] = {home_x, home_y, VIEW_W, VIEW_H};
    double at = (double)((now_ns / NS_PER_MS + index * 37) % 1000) / 1000;
    client_presence(crowd->clients[index], home_x + at * VIEW_W, home_y + (1 - at) * VIEW_H, view);
}

static enum pl_status act(struct crowd *crowd)
{
    uint64_t now = clock_ns();
    double passed_s = pace(crowd);
    for (uint32_t due = pacer_due(&crowd->gestures, passed_s); due > 0; due--) {
        uint32_t index = crowd->gestures.next++ % crowd->options->writers;
        if (client_state(crowd->clients[index]) != CLIENT_LIVE)
            continue;
        enum pl_status status = crowd->options->moves ? mover_move(crowd->movers[index])
                                                      : writer_gesture(crowd->writers[index]);
        if (status != PL_OK) {
            stats_error(crowd->env->stats, "gesture", pl_status_name(status));
            return status;
        }
    }
    for (uint32_t due = pacer_due(&crowd->pointing, passed_s); due > 0; due--) {
        uint32_t index = crowd->pointing.next++ % crowd->options->clients;
        point(crowd, index, now);
    }
    ping_due(crowd, passed_s);
    return PL_OK;
}

enum pl_status crowd_run(struct crowd *crowd, struct http *http_or_null, uint64_t for_ns,
                         void (*tick)(void *user, uint32_t live), void *user)
{
    uint64_t began = clock_ns(), told = began;
    bool came = false, back = crowd->options->back && http_or_null != NULL;
    crowd->paced_ns = began;
    crowd->env->stats->pointing = true;
    for (uint64_t now = began; now - began < for_ns; now = clock_ns()) {
        enum pl_status status = act(crowd);
        if (status == PL_OK && !came && now - began > for_ns / 2) {
            status = burst(crowd);
            came = true;
        }
        if (status != PL_OK)
            return status;
        turn(crowd, 1);
        if (back)
            storm_turn(crowd, http_or_null);
        if (now - told < NS_PER_S)
            continue;
        told = now;
        uint32_t closed = count_in(crowd, CLIENT_CLOSED);
        tick(user, crowd->client_n - closed);
        if (closed == crowd->client_n && !back)
            return PL_IO;
    }
    crowd->env->stats->pointing = false;
    for (uint64_t ended = clock_ns(); back && storm_turn(crowd, http_or_null) > 0;) {
        turn(crowd, 1);
        if (clock_ns() - ended > JOIN_NS_MAX)
            return PL_TIMEOUT;
    }
    return count_in(crowd, CLIENT_CLOSED) == crowd->client_n ? PL_IO : PL_OK;
}

void crowd_rest(struct crowd *crowd, uint64_t for_ns)
{
    for (uint64_t began = clock_ns(); clock_ns() - began < for_ns;)
        turn(crowd, 5);
}

/* ---- comparing ---- */

/* Everybody live is at one seq, and no writer waits for an echo. */
static bool is_quiet(struct crowd *crowd, uint64_t *ret_seq)
{
    uint64_t seq = 0;
    bool any = false;
    for (uint32_t i = 0; i < crowd->client_n; i++) {
        struct client *client = crowd->clients[i];
        if (client_state(client) != CLIENT_LIVE)
            continue;
        if (client_replica(client) != NULL && pl_replica_pending_n(client_replica(client)) > 0)
            return false;
        if (any && client_seq(client) != seq)
            return false;
        seq = client_seq(client);
        any = true;
    }
    *ret_seq = seq;
    return any;
}

/* Quiet, and still at that seq a moment later: what others write reaches everybody at different
 * times. */
static bool settle(struct crowd *crowd, uint64_t *ret_seq)
{
    uint64_t began = clock_ns();
    while (clock_ns() - began < SETTLE_NS_MAX) {
        uint64_t seq, later;
        crowd_rest(crowd, 20 * NS_PER_MS);
        if (!is_quiet(crowd, &seq))
            continue;
        crowd_rest(crowd, 100 * NS_PER_MS);
        if (is_quiet(crowd, &later) && later == seq) {
            *ret_seq = seq;
            return true;
        }
    }
    return false;
}

void crowd_compare(struct crowd *crowd, struct http *http_or_null,
                   struct crowd_verdict *ret_verdict)
{
    struct crowd_verdict verdict = {0};
    uint64_t seq;
    if (crowd->env->raw) { /* nothing is ordered there, so there is nothing to compare */
        crowd_rest(crowd, 300 * NS_PER_MS);
        *ret_verdict = (struct crowd_verdict){.settled = true, .equal = true};
        return;
    }
    verdict.settled = settle(crowd, &seq);
    uint32_t live = count_in(crowd, CLIENT_LIVE);
    if (open_next(crowd, http_or_null) != PL_OK ||
        join_until(crowd, http_or_null, live + 1) != PL_OK || !settle(crowd, &verdict.seq))
        verdict.settled = false;
    verdict.equal = true;
    for (uint32_t i = 0; i < crowd->client_n; i++) {
        struct pl_replica *replica = client_replica(crowd->clients[i]);
        if (replica == NULL || client_state(crowd->clients[i]) != CLIENT_LIVE)
            continue;
        uint64_t hash = pl_doc_state_hash(pl_replica_doc(replica));
        if (verdict.replicas++ == 0)
            verdict.hash = hash;
        verdict.equal = verdict.equal && hash == verdict.hash;
    }
    *ret_verdict = verdict;
}
