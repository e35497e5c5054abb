/* The loop port: timers, end-of-turn work, posts from other threads, worker jobs. net implements it on libuv, the
 * simulation on its own clock. All functions but loop_post are for the loop's thread. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H
#include <stdbool.h>
#include <stdint.h>

struct loop_timer; /* owned by the loop; see timer_stop */

struct loop_vtable {
    uint64_t (*now_ms)(void *self);  /* monotonic */
    uint64_t (*wall_ms)(void *self); /* Unix time */
    uint64_t (*clock_us)(void *self); /* monotonic, asked anew at each call: for measuring */
    uint64_t (*idle_us)(void *self);  /* of that clock, how long the loop has waited for work so far */
    /* First call after delay_ms, then every repeat_ms (0: once). NULL when out of memory. */
    struct loop_timer *(*timer_start)(void *self, uint64_t delay_ms, uint64_t repeat_ms,
                                      void (*fire)(void *user), void *user);
    void (*timer_stop)(void *self, struct loop_timer *timer_or_null); /* frees; also for fired one-shots */
    /* Runs `fire` once at the end of this turn, after all sockets' input was handled. */
    void (*defer)(void *self, void (*fire)(void *user), void *user);
    /* From any thread: `fire` runs on the loop's thread, in the order posted. */
    void (*post)(void *self, void (*fire)(void *user), void *user);
    /* `work` runs on a worker thread with its own copies, then `done` on the loop's. */
    void (*work)(void *self, void (*work)(void *user), void (*done)(void *user), void *user);
};

struct loop {
    const struct loop_vtable *vtable;
    void *self;
};

static inline uint64_t loop_now_ms(const struct loop *loop)
{
    return loop->vtable->now_ms(loop->self);
}
static inline uint64_t loop_wall_ms(const struct loop *loop)
{
    return loop->vtable->wall_ms(loop->self);
}
static inline uint64_t loop_clock_us(const struct loop *loop)
{
    return loop->vtable->clock_us(loop->self);
}
static inline uint64_t loop_idle_us(const struct loop *loop)
{
    return loop->vtable->idle_us(loop->self);
}
static inline struct loop_timer *loop_timer_start(const struct loop *loop, uint64_t delay_ms,
                                                  uint64_t repeat_ms, void (*fire)(void *), void *user)
{
    return loop->vtable->timer_start(loop->self, delay_ms, repeat_ms, fire, user);
}
static inline void loop_timer_stop(const struct loop *loop, struct loop_timer *timer_or_null)
{
    loop->vtable->timer_stop(loop->self, timer_or_null);
}
static inline void loop_defer(const struct loop *loop, void (*fire)(void *), void *user)
{
    loop->vtable->defer(loop->self, fire, user);
}
static inline void loop_post(const struct loop *loop, void (*fire)(void *), void *user)
{
    loop->vtable->post(loop->self, fire, user);
}
static inline void loop_work(const struct loop *loop, void (*work)(void *), void (*done)(void *), void *user)
{
    loop->vtable->work(loop->self, work, done, user);
}

#endif
