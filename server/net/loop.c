/* Implements base/loop.h on libuv.
 *
 * Invariants: everything here belongs to the loop's thread, except the list of posts, which a mutex
 * guards, and uv_async_send. Deferred work runs in a check handle, right after the turn's sockets
 * were polled; what it defers in turn runs in the same pass. While deferred work waits outside of a
 * poll (from a timer, a post), an idle handle keeps the turn from blocking. Timer blocks are freed
 * in libuv's close callback, never before. */
#include "net/loop.h"
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define SIGNALS_MAX 3u

struct call {
    struct call *next;
    void (*fire)(void *user);
    void *user;
};

struct calls {
    struct call *first;
    struct call **last;
};

struct loop_timer {
    uv_timer_t handle;
    struct uv_port *port;
    void (*fire)(void *user);
    void *user;
};

struct job {
    uv_work_t request;
    struct uv_port *port;
    void (*work)(void *user);
    void (*done)(void *user);
    void *user;
};

struct uv_port {
    const struct pl_mem *mem;
    uv_loop_t uv;
    uv_check_t check;
    uv_idle_t idle;
    uv_async_t async;
    uv_signal_t signals[SIGNALS_MAX];
    unsigned signal_n;
    struct call ended; /* what SIGTERM and SIGINT call */
    struct call hung_up;
    uv_mutex_t posts_lock;
    struct calls posts;
    struct calls deferred;
    struct loop loop;
};

static void calls_init(struct calls *calls)
{
    calls->first = NULL;
    calls->last = &calls->first;
}

/* Losing a deferred flush or a commit's completion would stall boards for ever, so running out of
 * memory here ends the process: the journal is the truth and clients come back. */
static struct call *call_new(struct uv_port *port, void (*fire)(void *), void *user)
{
    struct call *call = pl_mem_get(port->mem, sizeof *call);
    if (call == NULL)
        abort();
    *call = (struct call){.fire = fire, .user = user};
    return call;
}

static void calls_add(struct calls *calls, struct call *call)
{
    *calls->last = call;
    calls->last = &call->next;
}

static void calls_run(struct uv_port *port, struct calls *calls)
{
    while (calls->first != NULL) {
        struct call *call = calls->first;
        calls->first = call->next;
        if (calls->first == NULL)
            calls->last = &calls->first;
        void (*fire)(void *) = call->fire;
        void *user = call->user;
        pl_mem_put(port->mem, call);
        fire(user);
    }
}

static void idle_fired(uv_idle_t *handle)
{
    (void)handle; /* its being active is its work: the poll that follows does not wait */
}

static void check_fired(uv_check_t *handle)
{
    struct uv_port *port = handle->data;
    calls_run(port, &port->deferred);
    uv_idle_stop(&port->idle);
}

static void async_fired(uv_async_t *handle)
{
    struct uv_port *port = handle->data;
    struct calls posts;
    calls_init(&posts);
    uv_mutex_lock(&port->posts_lock);
    if (port->posts.first != NULL) {
        posts = port->posts;
        calls_init(&port->posts);
    }
    uv_mutex_unlock(&port->posts_lock);
    calls_run(port, &posts);
}

static uint64_t port_now_ms(void *self)
{
    struct uv_port *port = self;
    return uv_now(&port->uv);
}

static uint64_t port_wall_ms(void *self)
{
    (void)self;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static uint64_t port_clock_us(void *self)
{
    (void)self;
    return uv_hrtime() / 1000u;
}

static uint64_t port_idle_us(void *self)
{
    return uv_metrics_idle_time(&((struct uv_port *)self)->uv) / 1000u;
}

static void timer_fired(uv_timer_t *handle)
{
    struct loop_timer *timer = handle->data;
    timer->fire(timer->user);
}

static void timer_closed(uv_handle_t *handle)
{
    struct loop_timer *timer = handle->data;
    pl_mem_put(timer->port->mem, timer);
}

static struct loop_timer *port_timer_start(void *self, uint64_t delay_ms, uint64_t repeat_ms,
                                           void (*fire)(void *), void *user)
{
    struct uv_port *port = self;
    struct loop_timer *timer = pl_mem_get(port->mem, sizeof *timer);
    if (timer == NULL)
        return NULL;
    timer->port = port;
    timer->fire = fire;
    timer->user = user;
    uv_timer_init(&port->uv, &timer->handle);
    uv_unref((uv_handle_t *)&timer
                 ->handle); /* sockets and jobs keep the loop running, timers alone do not */
    timer->handle.data = timer;
    uv_timer_start(&timer->handle, timer_fired, delay_ms, repeat_ms);
    return timer;
}

static void port_timer_stop(void *self, struct loop_timer *timer_or_null)
{
    (void)self;
    if (timer_or_null != NULL)
        uv_close((uv_handle_t *)&timer_or_null->handle, timer_closed);
}

static void port_defer(void *self, void (*fire)(void *), void *user)
{
    struct uv_port *port = self;
    if (port->deferred.first == NULL)
        uv_idle_start(&port->idle, idle_fired);
    calls_add(&port->deferred, call_new(port, fire, user));
}

static void port_post(void *self, void (*fire)(void *), void *user)
{
    struct uv_port *port = self;
    struct call *call = call_new(port, fire, user);
    uv_mutex_lock(&port->posts_lock);
    calls_add(&port->posts, call);
    uv_mutex_unlock(&port->posts_lock);
    uv_async_send(&port->async);
}

static void job_work(uv_work_t *request)
{
    struct job *job = request->data;
    job->work(job->user);
}

static void job_done(uv_work_t *request, int status)
{
    struct job *job = request->data;
    (void)status; /* nothing here cancels */
    void (*done)(void *) = job->done;
    void *user = job->user;
    pl_mem_put(job->port->mem, job);
    done(user);
}

static void port_work(void *self, void (*work)(void *), void (*done)(void *), void *user)
{
    struct uv_port *port = self;
    struct job *job = pl_mem_get(port->mem, sizeof *job);
    if (job == NULL)
        abort();
    job->port = port;
    job->work = work;
    job->done = done;
    job->user = user;
    job->request.data = job;
    uv_queue_work(&port->uv, &job->request, job_work, job_done);
}

static const struct loop_vtable vtable = {
    .now_ms = port_now_ms,
    .wall_ms = port_wall_ms,
    .clock_us = port_clock_us,
    .idle_us = port_idle_us,
    .timer_start = port_timer_start,
    .timer_stop = port_timer_stop,
    .defer = port_defer,
    .post = port_post,
    .work = port_work,
};

struct uv_port *uv_port_new(const struct pl_mem *mem)
{
    struct uv_port *port = pl_mem_get(mem, sizeof *port);
    if (port == NULL)
        return NULL;
    *port = (struct uv_port){.mem = mem, .loop = {.vtable = &vtable, .self = port}};
    calls_init(&port->posts);
    calls_init(&port->deferred);
    if (uv_loop_init(&port->uv) != 0)
        goto no_loop;
    (void)uv_loop_configure(&port->uv, UV_METRICS_IDLE_TIME); /* else it is never idle: see loop_idle_us */
    if (uv_mutex_init(&port->posts_lock) != 0)
        goto no_mutex;
    if (uv_async_init(&port->uv, &port->async, async_fired) != 0)
        goto no_async;
    uv_check_init(&port->uv, &port->check);
    uv_idle_init(&port->uv, &port->idle);
    port->async.data = port->check.data = port->idle.data = port;
    uv_check_start(&port->check, check_fired);
    uv_unref((uv_handle_t *)&port->check);
    uv_unref((uv_handle_t *)&port->idle);
    return port;
no_async:
    uv_mutex_destroy(&port->posts_lock);
no_mutex:
    uv_loop_close(&port->uv);
no_loop:
    pl_mem_put(mem, port);
    return NULL;
}

void uv_port_free(struct uv_port *port_or_null)
{
    struct uv_port *port = port_or_null;
    if (port == NULL)
        return;
    for (unsigned i = 0; i < port->signal_n; i++)
        uv_close((uv_handle_t *)&port->signals[i], NULL);
    uv_close((uv_handle_t *)&port->async, NULL);
    uv_close((uv_handle_t *)&port->check, NULL);
    uv_close((uv_handle_t *)&port->idle, NULL);
    uv_run(&port->uv, UV_RUN_DEFAULT);
    calls_run(port, &port->posts);
    calls_run(port, &port->deferred);
    int left = uv_loop_close(&port->uv);
    assert(left == 0);
    (void)left;
    uv_mutex_destroy(&port->posts_lock);
    pl_mem_put(port->mem, port);
}

const struct loop *uv_port_loop(struct uv_port *port)
{
    return &port->loop;
}

uv_loop_t *uv_port_uv(struct uv_port *port)
{
    return &port->uv;
}

void uv_port_run(struct uv_port *port)
{
    uv_run(&port->uv, UV_RUN_DEFAULT);
}

static void signal_fired(uv_signal_t *handle, int number)
{
    struct uv_port *port = handle->data;
    const struct call *call = number == SIGHUP ? &port->hung_up : &port->ended;
    call->fire(call->user);
}

static bool signal_watch(struct uv_port *port, int number)
{
    assert(port->signal_n < SIGNALS_MAX);
    uv_signal_t *handle = &port->signals[port->signal_n];
    if (uv_signal_init(&port->uv, handle) != 0)
        return false;
    handle->data = port;
    uv_unref((uv_handle_t *)handle);
    port->signal_n++;
    return uv_signal_start(handle, signal_fired, number) == 0;
}

bool uv_port_on_end(struct uv_port *port, void (*fire)(void *), void *user)
{
    port->ended = (struct call){.fire = fire, .user = user};
    return signal_watch(port, SIGTERM) && signal_watch(port, SIGINT);
}

bool uv_port_on_hangup(struct uv_port *port, void (*fire)(void *), void *user)
{
    port->hung_up = (struct call){.fire = fire, .user = user};
    return signal_watch(port, SIGHUP);
}

void uv_port_settle(struct uv_port *port)
{
    uv_unref((uv_handle_t *)&port->async);
    uv_run(&port->uv, UV_RUN_DEFAULT);
    uv_ref((uv_handle_t *)&port->async);
}

void uv_port_stop(struct uv_port *port)
{
    uv_stop(&port->uv);
}
