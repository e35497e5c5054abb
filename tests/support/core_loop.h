/* The loop port with a clock that only moves when told, for tests and the simulation. Timers,
 * deferred work and worker jobs run on the caller's thread in a fixed order; posts may come from
 * real threads (a store's writer). */
#ifndef SUPPORT_CORE_LOOP_H
#define SUPPORT_CORE_LOOP_H
#include "base/loop.h"

struct core_loop;

struct core_loop *core_loop_new(void);
void core_loop_free(struct core_loop *loop); /* drops what never ran */
const struct loop *core_loop_port(struct core_loop *loop);

/* Everything that can run now, deferred work last, until nothing is left. Moves no clock, waits
 * for nobody. */
void core_loop_turn(struct core_loop *loop);
/* Moves the clock, firing each timer at its time, a turn after each. */
void core_loop_advance(struct core_loop *loop, uint64_t ms);
/* Turns, waiting for posts from other threads, until `done`; false after a real minute. */
bool core_loop_until(struct core_loop *loop, bool (*done)(void *user), void *user);
void core_loop_wall_set(struct core_loop *loop, uint64_t wall_ms); /* people set clocks back */
/* From now on its time passes in work instead of in waiting, or in waiting again. */
void core_loop_busy_set(struct core_loop *loop, bool busy);

#endif
