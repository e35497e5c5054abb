/* The HTTP side of the server: routes from request to response. Knows no socket.
 *
 *   GET  /  /b/<board>  /assets/...  and the other embedded files       assets.c
 *   all others, by the table in                                        routes.def
 *   anything in the clear where TLS is spoken                          astray.c
 *
 * All calls are on the loop's thread. */
#ifndef API_API_H
#define API_API_H
#include "api/assets.h"
#include "api/origin.h"
#include "api/request.h"
#include "auth/keys.h"
#include "auth/ticket.h"
#include "base/ident.h"
#include "base/links.h"
#include "base/loop.h"
#include "board/registry.h"
#include "obs/health.h"
#include "obs/metrics.h"
#include "track/tracks.h"

/* What routes need; everything is borrowed for the api's life. */
struct api_env {
    const struct pl_mem *mem;
    const struct loop *loop;
    const struct random *random;
    const struct keys *keys;
    const struct links *links;
    const struct audit *audit_or_null;
    /* A link's role or end was changed, or it was withdrawn, durably: to be told to whoever came by it. May be NULL. */
    void (*link_changed)(void *user, const struct link_row *row);
    void *link_user;
    struct registry *registry;
    struct tickets *tickets;
    struct tracks *tracks;
    struct metrics *metrics_or_null;
    const struct health *health;
    struct origins origins;
    const struct asset *assets;
    size_t asset_n;
    void (*sample_or_null)(void *user); /* sets gauges that are looked up when somebody asks */
    void *sample_user;
    const char *web_root_or_null; /* a folder to serve instead of the assets, while developing */
};

struct api;
struct api_call; /* an answer that waits, for example for the journal */

struct api *api_new(const struct api_env *env); /* copies env; NULL when out of memory */
void api_free(struct api *api_or_null);         /* nothing may wait for the journal: see api_drain */
/* `done` when nothing waits for the journal any more, nor for a list, also of what was cancelled. Once, and when nothing
 * new comes: while `health` says draining, pages' requests are refused. Media that are being opened are not awaited: a job
 * of the loop's has them. */
void api_drain(struct api *api, void (*done)(void *user), void *user);

/* Takes the response over: api_response_done is the callee's. */
typedef void api_done(void *user, struct api_response *response);

/* Whether a body of this length shall be read at all, when the headers are there: beyond PL_HTTP_BODY_BYTES_MAX only where
 * media are uploaded, and only of who may. PL_TOO_BIG, or why such an upload is refused. */
PL_CHECKED enum pl_status api_admit(struct api *api, const struct api_request *request, uint64_t body_bytes);
/* Calls `done` once, maybe before returning: then NULL is returned. Otherwise the call waits. */
struct api_call *api_begin(struct api *api, const struct api_request *request, api_done *done,
                           void *user);
/* Nobody waits for the answer any more: `done` will not be called. What was begun still happens. */
void api_cancel(struct api_call *call);
/* The answer to a request that net itself must refuse; counted. */
void api_refuse(struct api *api, enum pl_status code, api_done *done, void *user);
/* Whether the request's Origin is welcome; counted when not. For the WebSocket upgrade. */
bool api_origin_welcome(struct api *api, enum api_channel channel, struct pl_slice origin,
                        struct pl_slice host);

#endif
