/* The loop port on libuv: what is promised in base/loop.h. */
#include "net/loop.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct trace {
    struct uv_port *port;
    char text[128];
    unsigned left; /* stops the loop at 0 */
};

static void mark(struct trace *trace, const char *what)
{
    assert_true(strlen(trace->text) + strlen(what) < sizeof trace->text);
    strcat(trace->text, what);
    if (trace->left > 0 && --trace->left == 0)
        uv_port_stop(trace->port);
}

static void mark_a(void *user)
{
    mark(user, "a");
}
static void mark_b(void *user)
{
    mark(user, "b");
}

static void defer_twice(void *user)
{
    struct trace *trace = user;
    loop_defer(uv_port_loop(trace->port), mark_a, trace);
    loop_defer(uv_port_loop(trace->port), mark_b, trace);
    mark(trace, "t");
}

static struct trace trace_new(unsigned left)
{
    return (struct trace){.port = uv_port_new(pl_mem_libc()), .left = left};
}

static void deferred_work_runs_after_what_deferred_it_in_order(void **state)
{
    struct trace trace = trace_new(3);
    const struct loop *loop = uv_port_loop(trace.port);
    (void)state;
    struct loop_timer *timer = loop_timer_start(loop, 0, 0, defer_twice, &trace);
    uv_port_run(trace.port);
    assert_string_equal(trace.text, "tab");
    loop_timer_stop(loop, timer);
    uv_port_free(trace.port);
}

static void a_repeating_timer_fires_until_stopped(void **state)
{
    struct trace trace = trace_new(5);
    const struct loop *loop = uv_port_loop(trace.port);
    (void)state;
    struct loop_timer *timer = loop_timer_start(loop, 1, 1, mark_a, &trace);
    uv_port_run(trace.port);
    assert_string_equal(trace.text, "aaaaa");
    loop_timer_stop(loop, timer);
    loop_timer_stop(loop, NULL);
    uv_port_free(trace.port);
}

static void waiting_for_a_timer_is_idle_time(void **state)
{
    struct trace trace = trace_new(1);
    const struct loop *loop = uv_port_loop(trace.port);
    (void)state;
    struct loop_timer *timer = loop_timer_start(loop, 20, 0, mark_a, &trace);
    const uint64_t idle_us = loop_idle_us(loop), now_us = loop_clock_us(loop);
    uv_port_run(trace.port);
    assert_true(loop_idle_us(loop) > idle_us);
    assert_true(loop_idle_us(loop) - idle_us <= loop_clock_us(loop) - now_us + 1); /* each is cut to whole ones */
    loop_timer_stop(loop, timer);
    uv_port_free(trace.port);
}

static void *post_many(void *user)
{
    struct trace *trace = user;
    for (unsigned i = 0; i < 50; i++)
        loop_post(uv_port_loop(trace->port), i % 2 == 0 ? mark_a : mark_b, trace);
    return NULL;
}

static void posts_from_another_thread_arrive_in_order(void **state)
{
    struct trace trace = trace_new(50);
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, post_many, &trace), 0);
    uv_port_run(trace.port);
    pthread_join(thread, NULL);
    for (unsigned i = 0; i < 50; i++)
        assert_int_equal(trace.text[i], i % 2 == 0 ? 'a' : 'b');
    uv_port_free(trace.port);
}

struct job {
    struct trace trace;
    pthread_t loop_thread;
    bool worked_elsewhere;
};

static void job_work(void *user)
{
    struct job *job = user;
    job->worked_elsewhere = !pthread_equal(pthread_self(), job->loop_thread);
}

static void job_done(void *user)
{
    struct job *job = user;
    assert_true(pthread_equal(pthread_self(), job->loop_thread));
    mark(&job->trace, "d");
}

static void a_job_works_elsewhere_and_is_done_here(void **state)
{
    struct job job = {.trace = trace_new(1), .loop_thread = pthread_self()};
    (void)state;
    loop_work(uv_port_loop(job.trace.port), job_work, job_done, &job);
    uv_port_run(job.trace.port);
    assert_true(job.worked_elsewhere);
    assert_string_equal(job.trace.text, "d");
    uv_port_free(job.trace.port);
}

static void what_was_posted_still_runs_when_the_loop_is_freed(void **state)
{
    struct trace trace = trace_new(0);
    (void)state;
    loop_post(uv_port_loop(trace.port), mark_a, &trace);
    loop_defer(uv_port_loop(trace.port), mark_b, &trace);
    uv_port_free(trace.port);
    assert_int_equal(strlen(trace.text), 2);
}

static void settling_waits_for_jobs_and_not_for_timers(void **state)
{
    struct job job = {.trace = trace_new(0), .loop_thread = pthread_self()};
    const struct loop *loop = uv_port_loop(job.trace.port);
    (void)state;
    struct loop_timer *timer = loop_timer_start(loop, 3600000, 0, mark_a, &job.trace);
    loop_work(loop, job_work, job_done, &job);
    uv_port_settle(job.trace.port);
    assert_string_equal(job.trace.text, "d");
    loop_timer_stop(loop, timer);
    uv_port_free(job.trace.port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deferred_work_runs_after_what_deferred_it_in_order),
        cmocka_unit_test(a_repeating_timer_fires_until_stopped),
        cmocka_unit_test(waiting_for_a_timer_is_idle_time),
        cmocka_unit_test(posts_from_another_thread_arrive_in_order),
        cmocka_unit_test(a_job_works_elsewhere_and_is_done_here),
        cmocka_unit_test(what_was_posted_still_runs_when_the_loop_is_freed),
        cmocka_unit_test(settling_waits_for_jobs_and_not_for_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
