/* Whether this process should be sent people: what /healthz and /readyz answer. Loop thread only.
 */
#ifndef OBS_HEALTH_H
#define OBS_HEALTH_H
#include <stdbool.h>

enum health_state {
    HEALTH_STARTING, /* not listening yet */
    HEALTH_READY,
    HEALTH_READ_ONLY, /* the disk takes no writes: boards can be read, others take people */
    HEALTH_DRAINING, /* going down: no new sessions */
};

struct health {
    enum health_state state;
};

/* STARTING -> READY <-> READ_ONLY, and from each to DRAINING; any other move is a bug. */
void health_move(struct health *health, enum health_state to);
/* READY <-> READ_ONLY, as the disk says; nothing before and after these two. */
void health_disk(struct health *health, bool refuses);
bool health_ready(const struct health *health);
bool health_serving(const struct health *health);     /* takes sockets: READY or READ_ONLY */
const char *health_name(const struct health *health); /* static */

#endif
