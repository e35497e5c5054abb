/* The sessions' shared clocks and rates. See session_env.h.
 *
 * A session over its rate is not refused anything: its socket is not read until the buckets are
 * level again. Nor is, for a moment, one that brings very many batches at once, and only so many go on at
 * once: what a crowd of such sessions may take of the loop's time is bounded. */
#include "session/session_inner.h"
#include <assert.h>

#define SWEEP_MS          1000u
#define RESUME_MS         20u
#define RESUMED_AT_ONCE   8u  /* each may bring what a turn reads of a socket: sixty small batches */
#define SLICE_BATCHES     16u /* in one turn of the loop: people never do, tabs that come back do */
#define JOIN_MS_MAX       30000u /* loading, reserving and compressing; then something is wrong */
#define MESSAGE_BYTES_MIN 64u    /* what the smallest message counts: its handling is not free */

static void limits_write(struct session_env *env)
{
    const struct {
        const char *name;
        uint64_t value;
    } limits[] = {{"frame_bytes", PL_FRAME_BYTES_MAX},
                  {"batch_ops", PL_BATCH_OPS_MAX},
                  {"batch_bytes", PL_BATCH_BYTES_SOFT},
                  {"batches_per_s", env->batches.per_s},
                  {"bytes_per_s", env->bytes.per_s},
                  {"presence_per_s", PL_PRESENCE_PER_S},
                  {"presence_bytes", PL_PRESENCE_BYTES_MAX},
                  {"ping_ms", PL_PING_MS},
                  {"dead_ms", PL_DEAD_MS}};
    size_t n = sizeof limits / sizeof *limits;
    pl_buf_init(&env->limits, env->mem);
    pl_write_map(&env->limits, n);
    for (size_t i = 0; i < n; i++) {
        pl_write_text(&env->limits, limits[i].name);
        pl_write_uint(&env->limits, limits[i].value);
    }
}

static void sweep_one(struct session *session, uint64_t now, uint64_t wall)
{
    enum pl_status code = PL_OK;
    if (session->state == SESSION_CLOSING)
        return;
    if (session->state == SESSION_AWAIT_HELLO && now - session->since_ms >= PL_HELLO_MS_MAX)
        code = PL_TIMEOUT;
    else if (session->state == SESSION_JOINING && now - session->since_ms >= JOIN_MS_MAX)
        code = PL_TIMEOUT;
    else if (!session->paused && now - session->heard_ms >= PL_DEAD_MS)
        code = PL_TIMEOUT;
    else if (session->expires_ms != 0 && wall >= session->expires_ms)
        code = PL_EXPIRED;
    else if (outlet_broken(session->outlet))
        code = PL_SLOW;
    if (code == PL_OK)
        return;
    metrics_add(session->env->metrics, METRIC_SESSIONS_TIMEOUT, code == PL_TIMEOUT);
    metrics_add(session->env->metrics, METRIC_SESSIONS_SLOW, code == PL_SLOW);
    session_fail(session, code);
}

static void sweep_fire(void *user)
{
    struct session_env *env = user;
    uint64_t now = loop_now_ms(env->loop), wall = loop_wall_ms(env->loop);
    for (struct session *session = env->all, *next; session != NULL; session = next) {
        next = session->next;
        sweep_one(session, now, wall);
    }
}

struct session_env *session_env_new(const struct pl_mem *mem, const struct loop *loop,
                                    struct registry *registry, struct tickets *tickets,
                                    struct metrics *metrics_or_null,
                                    const struct session_options *options)
{
    uint64_t factor = options->rate_factor == 0 ? 1 : options->rate_factor;
    struct session_env *env = pl_mem_get(mem, sizeof *env);
    if (env == NULL)
        return NULL;
    *env = (struct session_env){
        .mem = mem,
        .loop = loop,
        .registry = registry,
        .tickets = tickets,
        .metrics = metrics_or_null,
        .audit_or_null = options->audit_or_null,
        .batches = {.per_s = PL_BATCHES_PER_S * factor, .burst = PL_BATCHES_BURST * factor},
        .bytes = {.per_s = PL_BYTES_PER_S * factor, .burst = PL_BYTES_BURST * factor},
        .presence = {.per_s = PL_PRESENCE_PER_S, .burst = PL_PRESENCE_PER_S},
        .pasts = {.per_s = PL_PASTS_PER_S, .burst = PL_PASTS_BURST},
        .slice_batches = SLICE_BATCHES * factor,
        .resumed_at_once = RESUMED_AT_ONCE * factor,
    };
    limits_write(env);
    env->sweep = loop_timer_start(loop, SWEEP_MS, SWEEP_MS, sweep_fire, env);
    if (env->sweep == NULL || env->limits.failed) {
        session_env_free(env);
        return NULL;
    }
    return env;
}

void session_env_free(struct session_env *env_or_null)
{
    struct session_env *env = env_or_null;
    if (env == NULL)
        return;
    assert(env->all == NULL);
    loop_timer_stop(env->loop, env->sweep);
    loop_timer_stop(env->loop, env->resume);
    pl_buf_done(&env->limits);
    pl_mem_put(env->mem, env);
}

void session_env_link_changed(struct session_env *env, const struct link_row *row)
{
    for (struct session *session = env->all, *next; session != NULL; session = next) {
        next = session->next;
        if (session->board != row->board || session->link != row->link || session->member == NULL)
            continue;
        if (row->revoked) {
            session_fail(session, PL_REVOKED);
            continue;
        }
        session->role = row->role;
        session->expires_ms = row->expires_ms;
        member_role_set(session->member, row->role);
    }
}

void session_env_add(struct session_env *env, struct session *session)
{
    session->next = env->all;
    if (env->all != NULL)
        env->all->prev = session;
    env->all = session;
}

static void paused_remove(struct session *session)
{
    if (!session->paused)
        return;
    session->paused = false;
    if (session->paused_prev != NULL)
        session->paused_prev->paused_next = session->paused_next;
    else
        session->env->paused = session->paused_next;
    if (session->paused_next != NULL)
        session->paused_next->paused_prev = session->paused_prev;
    else
        session->env->paused_last = session->paused_prev;
    session->paused_prev = session->paused_next = NULL;
}

void session_env_remove(struct session_env *env, struct session *session)
{
    paused_remove(session);
    if (session->prev != NULL)
        session->prev->next = session->next;
    else
        env->all = session->next;
    if (session->next != NULL)
        session->next->prev = session->prev;
}

static void resume_fire(void *user)
{
    struct session_env *env = user;
    uint64_t now = loop_now_ms(env->loop);
    uint64_t resumed = 0;
    for (struct session *session = env->paused, *next; session != NULL && resumed < env->resumed_at_once;
         session = next) {
        next = session->paused_next;
        bool batches = bucket_take(&session->batches, &env->batches, 0, now);
        bool bytes = bucket_take(&session->bytes, &env->bytes, 0, now);
        if (!batches || !bytes)
            continue;
        paused_remove(session);
        resumed++;
        session->heard_ms = now; /* it could not be heard */
        session->port.pause(session->port.conn, false);
    }
    if (env->paused == NULL) {
        loop_timer_stop(env->loop, env->resume);
        env->resume = NULL;
    }
}

/* Whether it brought more than its share of one turn. */
static bool slice_over(struct session *session, bool batch, uint64_t now_ms)
{
    if (session->slice_ms != (uint32_t)now_ms)
        session->slice_n = 0;
    session->slice_ms = (uint32_t)now_ms;
    session->slice_n += batch;
    return session->slice_n > session->env->slice_batches;
}

void session_meter(struct session *session, bool batch, size_t bytes)
{
    struct session_env *env = session->env;
    uint64_t now = loop_now_ms(env->loop);
    bool level = bucket_take(&session->batches, &env->batches, batch, now);
    if (bytes < MESSAGE_BYTES_MIN)
        bytes = MESSAGE_BYTES_MIN;
    level = bucket_take(&session->bytes, &env->bytes, bytes, now) && level;
    level = !slice_over(session, batch, now) && level;
    if (level || session->paused)
        return;
    if (env->resume == NULL)
        env->resume = loop_timer_start(env->loop, RESUME_MS, RESUME_MS, resume_fire, env);
    if (env->resume == NULL)
        return; /* no memory for the clock that would let it go on: let it */
    session->paused = true;
    session->paused_prev = env->paused_last;
    *(env->paused_last == NULL ? &env->paused : &env->paused_last->paused_next) = session;
    env->paused_last = session;
    session->port.pause(session->port.conn, true);
    metrics_add(env->metrics, METRIC_SESSIONS_PAUSED, 1);
}
