/* What all sessions of a server share, and the two clocks that serve them all: one sweep a
 * second for the silent, one finer for those whose reading is paused. A session itself owns no
 * timer (an idle connection must stay below 4 KB). */
#ifndef SESSION_SESSION_ENV_H
#define SESSION_SESSION_ENV_H
#include "auth/ticket.h"
#include "base/links.h"
#include "base/loop.h"
#include "board/registry.h"

struct session_env;
struct metrics;

struct session_options {
    /* multiplies the limits on batches and bytes, for load generators; 0 is 1 */
    uint32_t rate_factor;
    const struct audit *audit_or_null; /* borrowed; who joined, and who tried what they may not */
};

/* All are borrowed for the environment's life. NULL when out of memory. */
struct session_env *session_env_new(const struct pl_mem *mem, const struct loop *loop,
                                    struct registry *registry, struct tickets *tickets,
                                    struct metrics *metrics_or_null,
                                    const struct session_options *options);
/* A link was changed or withdrawn: whoever came by it has its new role and end from now on, or is sent
 * away with PL_REVOKED. */
void session_env_link_changed(struct session_env *env, const struct link_row *row);
/* Every session was freed. */
void session_env_free(struct session_env *env_or_null);

#endif
