/* See core_loop.h. */
#include "tests/support/core_loop.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_S_MAX 60 /* for a disk, on a machine with much else to do */

struct call {
    struct call *next;
    void (*fire)(void *user);
    void (*done)(void *user); /* worker jobs: after fire */
    void *user;
};

struct calls {
    struct call *first, **last;
};

struct loop_timer {
    struct loop_timer *next;
    uint64_t due_ms, repeat_ms, number;
    void (*fire)(void *user);
    void *user;
    bool fired; /* a one-shot that is only waiting to be stopped */
};

struct core_loop {
    struct loop port;
    uint64_t now_ms, wall_ms, idle_ms, timer_n;
    bool busy;
    struct loop_timer *timers;
    struct calls deferred, jobs;
    pthread_mutex_t mutex; /* guards posts */
    pthread_cond_t posted;
    struct calls posts;
};

static void calls_init(struct calls *calls)
{
    calls->first = NULL;
    calls->last = &calls->first;
}

static void calls_add(struct calls *calls, void (*fire)(void *), void (*done)(void *), void *user)
{
    struct call *call = malloc(sizeof *call);
    assert(call != NULL);
    *call = (struct call){.fire = fire, .done = done, .user = user};
    *calls->last = call;
    calls->last = &call->next;
}

static bool calls_take(struct calls *calls, struct call *ret_call)
{
    struct call *call = calls->first;
    if (call == NULL)
        return false;
    if ((calls->first = call->next) == NULL)
        calls->last = &calls->first;
    *ret_call = *call;
    free(call);
    return true;
}

static uint64_t port_now(void *self)
{
    return ((struct core_loop *)self)->now_ms;
}

static uint64_t port_wall(void *self)
{
    return ((struct core_loop *)self)->wall_ms;
}

static struct loop_timer *port_timer_start(void *self, uint64_t delay_ms, uint64_t repeat_ms,
                                           void (*fire)(void *user), void *user)
{
    struct core_loop *loop = self;
    struct loop_timer *timer = malloc(sizeof *timer);
    assert(timer != NULL);
    *timer = (struct loop_timer){.next = loop->timers,
                                 .due_ms = loop->now_ms + delay_ms,
                                 .repeat_ms = repeat_ms,
                                 .number = loop->timer_n++,
                                 .fire = fire,
                                 .user = user};
    loop->timers = timer;
    return timer;
}

static void port_timer_stop(void *self, struct loop_timer *timer_or_null)
{
    struct core_loop *loop = self;
    if (timer_or_null == NULL)
        return;
    struct loop_timer **at = &loop->timers;
    while (*at != timer_or_null) {
        assert(*at != NULL); /* stopped twice */
        at = &(*at)->next;
    }
    *at = timer_or_null->next;
    free(timer_or_null);
}

/* Its clock stands still within a call. */
static uint64_t port_clock_us(void *self)
{
    return port_now(self) * 1000u;
}

static uint64_t port_idle_us(void *self)
{
    return ((struct core_loop *)self)->idle_ms * 1000u;
}

static void port_defer(void *self, void (*fire)(void *user), void *user)
{
    calls_add(&((struct core_loop *)self)->deferred, fire, NULL, user);
}

static void port_post(void *self, void (*fire)(void *user), void *user)
{
    struct core_loop *loop = self;
    pthread_mutex_lock(&loop->mutex);
    calls_add(&loop->posts, fire, NULL, user);
    pthread_cond_signal(&loop->posted);
    pthread_mutex_unlock(&loop->mutex);
}

static void port_work(void *self, void (*work)(void *user), void (*done)(void *user), void *user)
{
    calls_add(&((struct core_loop *)self)->jobs, work, done, user);
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

struct core_loop *core_loop_new(void)
{
    struct core_loop *loop = malloc(sizeof *loop);
    assert(loop != NULL);
    *loop = (struct core_loop){.now_ms = 1000000, .wall_ms = UINT64_C(1700000000000)};
    loop->port = (struct loop){.vtable = &vtable, .self = loop};
    calls_init(&loop->deferred);
    calls_init(&loop->jobs);
    calls_init(&loop->posts);
    pthread_mutex_init(&loop->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&loop->posted, &clock);
    pthread_condattr_destroy(&clock);
    return loop;
}

void core_loop_free(struct core_loop *loop)
{
    struct call call;
    while (calls_take(&loop->deferred, &call) || calls_take(&loop->jobs, &call) ||
           calls_take(&loop->posts, &call)) {
    }
    while (loop->timers != NULL)
        port_timer_stop(loop, loop->timers);
    pthread_cond_destroy(&loop->posted);
    pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

const struct loop *core_loop_port(struct core_loop *loop)
{
    return &loop->port;
}

static bool post_take(struct core_loop *loop, struct call *ret_call)
{
    pthread_mutex_lock(&loop->mutex);
    bool taken = calls_take(&loop->posts, ret_call);
    pthread_mutex_unlock(&loop->mutex);
    return taken;
}

static bool run_one(struct core_loop *loop)
{
    struct call call;
    if (!post_take(loop, &call) && !calls_take(&loop->jobs, &call) &&
        !calls_take(&loop->deferred, &call))
        return false;
    call.fire(call.user);
    if (call.done != NULL)
        call.done(call.user);
    return true;
}

void core_loop_turn(struct core_loop *loop)
{
    while (run_one(loop)) {
    }
}

/* The earliest timer due by then; NULL when there is none. Equal times in the order they were
 * started. */
static struct loop_timer *timer_due(struct core_loop *loop, uint64_t by_ms)
{
    struct loop_timer *best = NULL;
    for (struct loop_timer *timer = loop->timers; timer != NULL; timer = timer->next) {
        if (timer->fired || timer->due_ms > by_ms)
            continue;
        if (best == NULL || timer->due_ms < best->due_ms ||
            (timer->due_ms == best->due_ms && timer->number < best->number))
            best = timer;
    }
    return best;
}

static void clock_set(struct core_loop *loop, uint64_t now_ms)
{
    loop->wall_ms += now_ms - loop->now_ms;
    loop->idle_ms += loop->busy ? 0 : now_ms - loop->now_ms;
    loop->now_ms = now_ms;
}

void core_loop_advance(struct core_loop *loop, uint64_t ms)
{
    uint64_t end = loop->now_ms + ms;
    core_loop_turn(loop);
    for (struct loop_timer *timer; (timer = timer_due(loop, end)) != NULL;) {
        if (timer->due_ms > loop->now_ms)
            clock_set(loop, timer->due_ms);
        timer->fired = timer->repeat_ms == 0;
        timer->due_ms += timer->repeat_ms;
        timer->fire(timer->user);
        core_loop_turn(loop);
    }
    clock_set(loop, end);
}

bool core_loop_until(struct core_loop *loop, bool (*done)(void *user), void *user)
{
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += WAIT_S_MAX;
    for (;;) {
        core_loop_turn(loop);
        if (done(user))
            return true;
        pthread_mutex_lock(&loop->mutex);
        int code = 0;
        while (loop->posts.first == NULL && code == 0)
            code = pthread_cond_timedwait(&loop->posted, &loop->mutex, &deadline);
        pthread_mutex_unlock(&loop->mutex);
        if (code != 0)
            return false;
    }
}

void core_loop_wall_set(struct core_loop *loop, uint64_t wall_ms)
{
    loop->wall_ms = wall_ms;
}

void core_loop_busy_set(struct core_loop *loop, bool busy)
{
    loop->busy = busy;
}
