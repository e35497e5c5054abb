/* From a request to its route, by the table in routes.def. A known path with another method is 405; whatever else is got
 * is one of the client's files, or 404. */
#include "api/routes.h"
#include "auth/grant.h"
#include "proto/limits.h"
#include <string.h>

static const struct route {
    const char *pattern;
    route_handle *handle;
    enum api_method method;
    enum door { PEOPLE = 1, OPERATOR = 2, BOTH = PEOPLE | OPERATOR } door;
    bool from_page;
} routes[] = {
#define ROUTE(name, door, way, path, handler, page) {path, handler, API_##way, door, page},
#include "api/routes.def"
#undef ROUTE
};
#define ROUTE_N (sizeof routes / sizeof *routes)

struct api *api_new(const struct api_env *env)
{
    struct api *api = pl_mem_get(env->mem, sizeof *api);
    if (api != NULL)
        *api = (struct api){.env = *env};
    return api;
}

void api_free(struct api *api_or_null)
{
    if (api_or_null != NULL)
        pl_mem_put(api_or_null->env.mem, api_or_null);
}

static void drained_fire(void *user)
{
    struct api *api = user;
    api->drained(api->drained_user);
}

static void drain_look(struct api *api)
{
    if (api->drained != NULL && api->waiting_n == 0)
        loop_defer(api->env.loop, drained_fire, api);
}

void api_drain(struct api *api, void (*done)(void *user), void *user)
{
    api->drained = done;
    api->drained_user = user;
    drain_look(api);
}

void call_over(struct api *api)
{
    api->waiting_n--;
    drain_look(api);
}

void call_answer(struct api *api, api_done *done_or_null, void *user, struct api_response *response)
{
    if (response->status >= 400)
        metrics_add(api->env.metrics_or_null, METRIC_REFUSED_HTTP, 1);
    if (done_or_null != NULL)
        done_or_null(user, response);
    else
        api_response_done(response);
}

/* The part up to the next slash. */
static struct pl_slice segment_take(struct pl_slice *path)
{
    const uint8_t *slash = path->len == 0 ? NULL : memchr(path->data, '/', path->len);
    struct pl_slice segment = {path->data,
                               slash == NULL ? path->len : (size_t)(slash - path->data)};
    const size_t taken = segment.len + (slash != NULL);
    *path = (struct pl_slice){path->data + taken, path->len - taken};
    return segment;
}

static bool slice_is(struct pl_slice slice, const char *text)
{
    return slice.len == strlen(text) &&
           (slice.len == 0 || memcmp(slice.data, text, slice.len) == 0);
}

/* Decimal digits, no more than needed; UINT32_MAX for anything else. */
static uint32_t number_of(struct pl_slice text)
{
    uint64_t number = 0;
    if (text.len == 0 || text.len > 10 || (text.len > 1 && text.data[0] == '0'))
        return UINT32_MAX;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return UINT32_MAX;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

/* A pattern's name that stands for any segment: takes what it is. False: the name stands for itself. */
static bool name_take(struct pl_slice name, struct pl_slice segment, struct route_call *call)
{
    uint64_t *id = slice_is(name, ":board")  ? &call->board
                   : slice_is(name, ":link")  ? &call->link
                   : slice_is(name, ":track") ? &call->track
                                              : NULL;
    uint32_t *number = slice_is(name, ":segment") ? &call->segment : slice_is(name, ":chunk") ? &call->chunk : NULL;
    if (id != NULL && !ident_read(segment, id))
        *id = 0;
    if (number != NULL)
        *number = number_of(segment);
    return id != NULL || number != NULL;
}

/* Segment by segment; fills in what the pattern's names stand for. */
static bool matches(const char *pattern, struct pl_slice path, struct route_call *call)
{
    struct pl_slice wanted = {(const uint8_t *)pattern, strlen(pattern)};
    if (path.len == 0 || path.data[path.len - 1] == '/')
        return false; /* an empty last segment looks like none */
    while (wanted.len > 0 && path.len > 0) {
        struct pl_slice name = segment_take(&wanted), segment = segment_take(&path);
        if (name_take(name, segment, call) ? segment.len == 0 : !pl_slice_equal(name, segment))
            return false;
    }
    return wanted.len == 0 && path.len == 0;
}

static void method_refuse(struct api_response *response, const bool allowed[API_OTHER])
{
    static const char *const names[API_OTHER] = {
        [API_GET] = "GET, HEAD", [API_POST] = "POST", [API_PUT] = "PUT", [API_DELETE] = "DELETE"};
    char text[64] = "";
    for (size_t i = 0; i < API_OTHER; i++) {
        if (allowed[i] && text[0] != '\0')
            strcat(text, ", ");
        if (allowed[i])
            strcat(text, names[i]);
    }
    api_response_header(response, "Allow", text);
    api_response_error(response, PL_METHOD);
}

static void file_serve(const struct route_call *call)
{
    enum pl_status status = PL_NOT_FOUND;
    if (call->request->operated) {
        api_response_error_text(call->response, status, "here are /metrics, /healthz and /readyz");
        return;
    }
    status = assets_serve(call->api, call->request, call->response);
    if (status == PL_NOT_FOUND)
        api_response_error_text(call->response, status, "there is no such page");
    else if (status != PL_OK)
        api_response_error(call->response, status);
}

/* Routes of our pages: their caller must be one of them, or no page. */
static enum pl_status welcome(const struct route_call *call)
{
    const struct api_request *request = call->request;
    if (!api_origin_welcome(call->api, request->channel, request->origin, request->host))
        return PL_ORIGIN;
    return health_serving(call->api->env.health) ? PL_OK : PL_DRAINING;
}

/* What may be sent to a route by who may write at all. */
static uint64_t body_bytes_max(route_handle *handle)
{
    return handle == media_chunk || handle == timeline_chunk ? PL_TRACK_CHUNK_BYTES_MAX
           : handle == captions_put                          ? PL_TRACK_CAPTIONS_BYTES_MAX
           : handle == cover_put                             ? PL_TRACK_COVER_BYTES_MAX
                                                             : PL_HTTP_BODY_BYTES_MAX;
}

static struct api_call *route(struct route_call *call)
{
    const enum door door = call->request->operated ? OPERATOR : PEOPLE;
    bool allowed[API_OTHER] = {0}, known = false;
    for (size_t i = 0; i < ROUTE_N; i++) {
        if ((routes[i].door & door) == 0 || !matches(routes[i].pattern, call->request->path, call))
            continue;
        if (routes[i].method != call->request->method) {
            allowed[routes[i].method] = known = true;
            continue;
        }
        enum pl_status status = routes[i].from_page ? welcome(call) : PL_OK;
        if (status == PL_OK)
            return routes[i].handle(call);
        api_response_error(call->response, status);
        return NULL;
    }
    if (!known && call->request->method == API_GET) {
        file_serve(call);
        return NULL;
    }
    allowed[API_GET] = allowed[API_GET] || !known;
    method_refuse(call->response, allowed);
    return NULL;
}

struct api_call *api_begin(struct api *api, const struct api_request *request, api_done *done,
                           void *user)
{
    struct api_response response;
    struct route_call call = {
        .api = api, .request = request, .done = done, .user = user, .response = &response};
    api_response_init(&response, api->env.mem);
    metrics_add(api->env.metrics_or_null, METRIC_HTTP_REQUESTS, 1);
    struct api_call *waiting = NULL;
    if (request->channel == API_ASTRAY)
        astray_answer(api, request, &response);
    else
        waiting = route(&call);
    if (waiting == NULL)
        call_answer(api, done, user, &response);
    return waiting;
}

void api_cancel(struct api_call *call)
{
    call->done_or_null = NULL;
}

enum pl_status api_admit(struct api *api, const struct api_request *request, uint64_t body_bytes)
{
    struct route_call call = {.api = api, .request = request};
    struct grant grant;
    if (body_bytes <= PL_HTTP_BODY_BYTES_MAX)
        return PL_OK;
    for (size_t i = 0; i < ROUTE_N; i++) {
        if (routes[i].method != request->method || !matches(routes[i].pattern, request->path, &call))
            continue;
        if (body_bytes > body_bytes_max(routes[i].handle))
            return PL_TOO_BIG;
        enum pl_status status = welcome(&call);
        if (status == PL_OK)
            status = asker_by_token(&call, &grant);
        return status == PL_OK && grant.role < PL_ROLE_EDITOR ? PL_TOO_BIG : status;
    }
    return PL_TOO_BIG;
}

void api_refuse(struct api *api, enum pl_status code, api_done *done, void *user)
{
    struct api_response response;
    api_response_init(&response, api->env.mem);
    metrics_add(api->env.metrics_or_null, METRIC_HTTP_REQUESTS, 1);
    if (code == PL_TOO_BIG)
        metrics_add(api->env.metrics_or_null, METRIC_REFUSED_TOO_BIG, 1);
    api_response_error(&response, code);
    call_answer(api, done, user, &response);
}

bool api_origin_welcome(struct api *api, enum api_channel channel, struct pl_slice origin,
                        struct pl_slice host)
{
    if (origin_allowed(&api->env.origins, channel == API_SECURE, origin, host))
        return true;
    metrics_add(api->env.metrics_or_null, METRIC_REFUSED_ORIGIN, 1);
    return false;
}
