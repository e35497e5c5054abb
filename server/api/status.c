/* GET /healthz, /readyz, /metrics: for probes and scrapers. */
#include "api/routes.h"

static void health_answer(const struct route_call *call, bool fine)
{
    json_answer(call->response, fine ? 200 : 503,
                json_pack("{s:s}", "state", health_name(call->api->env.health)));
}

struct api_call *health_route(const struct route_call *call)
{
    health_answer(call, true);
    return NULL;
}

struct api_call *ready_route(const struct route_call *call)
{
    health_answer(call, health_ready(call->api->env.health));
    return NULL;
}

struct api_call *metrics_route(const struct route_call *call)
{
    const struct api_env *env = &call->api->env;
    struct pl_buf text;
    pl_buf_init(&text, env->mem);
    if (env->sample_or_null != NULL)
        env->sample_or_null(env->sample_user);
    metrics_write(env->metrics_or_null, &text);
    api_response_text(call->response, 200, "text/plain; version=0.0.4; charset=utf-8",
                      pl_buf_slice(&text));
    pl_buf_done(&text);
    return NULL;
}
