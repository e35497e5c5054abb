/* Whether this process should be sent people: what /healthz and /readyz answer. Loop thread only.
 */
#ifndef OBS_HEALTH_H
#define OBS_HEALTH_H
#include <stdbool.h>

enum health_state {
    HEALTH_STARTING, /* not listening yet */
    HEALTH_READY,
    HEALTH_DRAINING, /* going down: no new sessions */
};

struct health {
    enum health_state state;
};

/* STARTING -> READY -> DRAINING, STARTING -> DRAINING; any other move is a bug. */
void health_move(struct health *health, enum health_state to);
bool health_ready(const struct health *health);
const char *health_name(const struct health *health); /* static */

#endif
