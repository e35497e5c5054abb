/* The loop port on libuv: one loop, its timers, end-of-turn work, posts from other threads, worker
 * jobs. Sockets are not here: server.h puts them on the same loop. */
#ifndef NET_LOOP_H
#define NET_LOOP_H
#include "base/loop.h"
#include "proto/mem.h"
#include <uv.h>

struct uv_port;

/* NULL when out of memory or of descriptors. */
struct uv_port *uv_port_new(const struct pl_mem *mem);
/* Runs what was deferred and posted, then frees the loop. Timers must be stopped, and whoever put
 * handles on uv_port_uv must have begun to close them. */
void uv_port_free(struct uv_port *port_or_null);
/* The port for boards and sessions; borrowed, lives as long as `port`. */
const struct loop *uv_port_loop(struct uv_port *port);
uv_loop_t *uv_port_uv(struct uv_port *port);
/* Runs until uv_port_stop. */
void uv_port_run(struct uv_port *port);
void uv_port_stop(struct uv_port *port);
/* Calls `fire` on the loop for each SIGTERM and SIGINT from now on. Once. false when out of
 * descriptors. */
bool uv_port_on_end(struct uv_port *port, void (*fire)(void *user), void *user);
/* The same for SIGHUP. */
bool uv_port_on_hangup(struct uv_port *port, void (*fire)(void *user), void *user);
/* Runs until nothing but timers and the port itself is left: sockets closed, jobs done. */
void uv_port_settle(struct uv_port *port);

#endif
