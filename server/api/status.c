/* GET /healthz, /readyz, /metrics: for probes and scrapers. */
#include "api/routes.h"

void status_health(struct api *api, bool must_be_ready, struct api_response *response)
{
    bool fine = !must_be_ready || health_ready(api->env.health);
    json_answer(response, fine ? 200 : 503,
                json_pack("{s:s}", "state", health_name(api->env.health)));
}

void status_metrics(struct api *api, struct api_response *response)
{
    struct pl_buf text;
    pl_buf_init(&text, api->env.mem);
    if (api->env.sample_or_null != NULL)
        api->env.sample_or_null(api->env.sample_user);
    metrics_write(api->env.metrics_or_null, &text);
    api_response_text(response, 200, "text/plain; version=0.0.4; charset=utf-8", pl_buf_slice(&text));
    pl_buf_done(&text);
}
