/* From a request to its route. Paths are exact; a known path with another method is 405, everything
 * else 404. */
#include "api/routes.h"
#include <string.h>

#define BOARDS "/api/boards"
#define TICKET "/ticket"

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

void call_answer(struct api *api, api_done *done_or_null, void *user, struct api_response *response)
{
    if (response->status >= 400)
        metrics_add(api->env.metrics_or_null, METRIC_REFUSED_HTTP, 1);
    if (done_or_null != NULL)
        done_or_null(user, response);
    else
        api_response_done(response);
}

static bool path_is(struct pl_slice path, const char *text)
{
    return path.len == strlen(text) && memcmp(path.data, text, path.len) == 0;
}

/* /api/boards/<board>/ticket; false for any other shape. A name that is no id is no board:
 * ret_board is 0. */
static bool ticket_path(struct pl_slice path, uint64_t *ret_board)
{
    const size_t prefix = strlen(BOARDS "/");
    const size_t suffix = strlen(TICKET);
    if (path.len <= prefix + suffix || memcmp(path.data, BOARDS "/", prefix) != 0)
        return false;
    if (memcmp(path.data + path.len - suffix, TICKET, suffix) != 0)
        return false;
    struct pl_slice name = {path.data + prefix, path.len - prefix - suffix};
    if (memchr(name.data, '/', name.len) != NULL)
        return false;
    if (!ident_read(name, ret_board))
        *ret_board = 0;
    return true;
}

static void method_refuse(struct api_response *response, const char *allow)
{
    api_response_header(response, "Allow", allow);
    api_response_error(response, PL_METHOD);
}

/* The routes that answer at once. */
static void get_route(struct api *api, const struct api_request *request,
                      struct api_response *response)
{
    if (path_is(request->path, "/healthz"))
        status_health(api, false, response);
    else if (path_is(request->path, "/readyz"))
        status_health(api, true, response);
    else if (request->operated && path_is(request->path, "/metrics"))
        status_metrics(api, response);
    else if (request->operated)
        api_response_error_text(response, PL_NOT_FOUND, "here are /metrics, /healthz and /readyz");
    else {
        enum pl_status status = assets_serve(api, request, response);
        if (status == PL_NOT_FOUND)
            api_response_error_text(response, status, "there is no such page");
        else if (status != PL_OK)
            api_response_error(response, status);
    }
}

/* Routes that change something: their caller must be one of our pages, or no page. */
static enum pl_status welcome(struct api *api, const struct api_request *request)
{
    if (!api_origin_welcome(api, request->channel, request->origin, request->host))
        return PL_ORIGIN;
    return health_serving(api->env.health) ? PL_OK : PL_DRAINING;
}

struct api_call *api_begin(struct api *api, const struct api_request *request, api_done *done,
                           void *user)
{
    struct api_response response;
    struct api_call *call = NULL;
    uint64_t board;
    api_response_init(&response, api->env.mem);
    metrics_add(api->env.metrics_or_null, METRIC_HTTP_REQUESTS, 1);

    bool boards = !request->operated && path_is(request->path, BOARDS);
    bool ticket = !request->operated && !boards && ticket_path(request->path, &board);
    if (request->channel == API_ASTRAY) {
        astray_answer(api, request, &response);
    } else if (!boards && !ticket) {
        if (request->method == API_GET)
            get_route(api, request, &response);
        else
            method_refuse(&response, "GET, HEAD");
    } else if (request->method != API_POST) {
        method_refuse(&response, "POST");
    } else {
        enum pl_status status = welcome(api, request);
        if (status != PL_OK)
            api_response_error(&response, status);
        else if (ticket)
            tickets_create(api, request, board, &response);
        else
            call = boards_create(api, request, done, user, &response);
    }
    if (call == NULL)
        call_answer(api, done, user, &response);
    return call;
}

void api_cancel(struct api_call *call)
{
    call->done_or_null = NULL;
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
