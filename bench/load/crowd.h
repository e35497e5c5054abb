/* All participants of a run on one epoll: joins them, lets them edit and point at the asked rates,
 * waits for quiet, and compares the boards they hold. */
#ifndef LOAD_CROWD_H
#define LOAD_CROWD_H
#include "bench/load/client.h"
#include "bench/load/http.h"
#include "bench/load/options.h"

#define CROWD_WITNESSES_MAX 8u

struct crowd;

/* What the boards said when all was quiet. */
struct crowd_verdict {
    bool settled;      /* nothing pending, everybody at one seq */
    bool equal;        /* all whole replicas have one state_hash, the late joiner's included */
    uint32_t replicas; /* how many were compared */
    uint64_t seq;
    uint64_t hash;
};

/* Everything is borrowed. NULL when out of memory. */
struct crowd *crowd_new(struct client_env *env, const struct options *options);
void crowd_free(struct crowd *crowd_or_null);
/* Brings everybody in. http_or_null is NULL against plenum-raw. PL_IO, PL_TIMEOUT, PL_NO_MEMORY or
 * what the server answered, with the reason on stderr. */
PL_CHECKED enum pl_status crowd_join(struct crowd *crowd, struct http *http_or_null);
/* Makes the stickies that are to stand there, and gets the tickets of those who come in a burst. */
PL_CHECKED enum pl_status crowd_prepare(struct crowd *crowd, struct http *http);
/* Edits and points for so long; those of the burst come in the middle of it; `tick` is called
 * about once a second. PL_IO when the server went away; PL_TIMEOUT when those who were to come back did
 * not. */
PL_CHECKED enum pl_status crowd_run(struct crowd *crowd, struct http *http_or_null, uint64_t for_ns,
                                    void (*tick)(void *user, uint32_t live), void *user);
/* Receives only, for so long. */
void crowd_rest(struct crowd *crowd, uint64_t for_ns);
/* Waits for quiet, then one more client joins by snapshot, and the replicas are compared. */
void crowd_compare(struct crowd *crowd, struct http *http_or_null,
                   struct crowd_verdict *ret_verdict);
uint32_t crowd_closed(const struct crowd *crowd); /* clients that the server closed */
uint64_t crowd_bytes_in(const struct crowd *crowd);
/* Why the first closed client closed, or NULL. Valid as long as the crowd. */
const char *crowd_close_reason(const struct crowd *crowd);

#endif
