/* What the routes of talk-tracks share: who asks, answers that wait, a track as JSON. Private to server/api. */
#ifndef API_TRACK_CALL_H
#define API_TRACK_CALL_H
#include "api/routes.h"

struct track_call {
    struct api_call call; /* first: the call is this */
    struct track_asker asker;
    uint16_t status; /* of a good answer */
    void (*tell)(struct track_call *call, const struct tracks_answer *answer, struct api_response *response);
};

struct track_asker track_asker_of(const struct grant *grant);
/* The call waits from now on; NULL when it cannot: answered then. The answer is the track as JSON with this status. */
struct track_call *track_call_wait(const struct route_call *call, const struct track_asker *asker, uint16_t status);
/* A tracks_done for it. */
void track_call_answered(void *user, const struct tracks_answer *answer);
/* What a route returns when it asked something of the tracks and was told `status` at once. */
struct api_call *track_call_begun(const struct route_call *call, struct track_call *waiting, enum pl_status status);
/* The answer is this error. */
struct api_call *track_refuse(const struct route_call *call, enum pl_status status);
void track_error(struct api_response *response, const struct tracks_answer *answer);

/* NULL when out of memory. */
json_t *track_json(struct api *api, const struct track *track, const struct track_asker *asker);
/* What a body wishes of a track, by names: a mask of TRACK_WISH_*. PL_INVALID, PL_TOO_BIG. */
PL_CHECKED enum pl_status track_wish_read(const json_t *body, struct track *wish, unsigned *ret_wished);

#endif
