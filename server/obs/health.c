/* Owns the table of a server's states. */
#include "obs/health.h"
#include <assert.h>

static const char *const names[] = {"starting", "ready", "read_only", "draining"};
static const bool allowed[4][4] = {
    [HEALTH_STARTING] = {[HEALTH_READY] = true, [HEALTH_DRAINING] = true},
    [HEALTH_READY] = {[HEALTH_READ_ONLY] = true, [HEALTH_DRAINING] = true},
    [HEALTH_READ_ONLY] = {[HEALTH_READY] = true, [HEALTH_DRAINING] = true},
};

void health_move(struct health *health, enum health_state to)
{
    assert(allowed[health->state][to]);
    health->state = to;
}

void health_disk(struct health *health, bool refuses)
{
    if (health->state == HEALTH_READY && refuses)
        health_move(health, HEALTH_READ_ONLY);
    else if (health->state == HEALTH_READ_ONLY && !refuses)
        health_move(health, HEALTH_READY);
}

bool health_ready(const struct health *health)
{
    return health->state == HEALTH_READY;
}

bool health_serving(const struct health *health)
{
    return health->state == HEALTH_READY || health->state == HEALTH_READ_ONLY;
}

const char *health_name(const struct health *health)
{
    return names[health->state];
}
