/* Owns the table of a server's states. */
#include "obs/health.h"
#include <assert.h>

static const char *const names[] = {"starting", "ready", "draining"};
static const bool allowed[3][3] = {
    [HEALTH_STARTING] = {[HEALTH_READY] = true, [HEALTH_DRAINING] = true},
    [HEALTH_READY] = {[HEALTH_DRAINING] = true},
};

void health_move(struct health *health, enum health_state to)
{
    assert(allowed[health->state][to]);
    health->state = to;
}

bool health_ready(const struct health *health)
{
    return health->state == HEALTH_READY;
}

const char *health_name(const struct health *health)
{
    return names[health->state];
}
