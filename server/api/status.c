/* GET /healthz, /readyz, /metrics: for probes and scrapers. */
#include "api/routes.h"

void status_health(struct api *api, bool must_be_ready, struct api_response *response)
{
    bool fine = !must_be_ready || health_ready(api->env.health);
    json_answer(response, fine ? 200 : 503,
                json_pack("{s:s}", "state", health_name(api->env.health)));
}

/* What a server counts is nobody's business beyond its machine. */
void status_metrics(struct api *api, const struct api_request *request,
                    struct api_response *response)
{
    struct pl_buf text;
    if (!request->local) {
        api_response_error_text(response, PL_PERM, "metrics are only for this machine");
        return;
    }
    pl_buf_init(&text, api->env.mem);
    metrics_write(api->env.metrics_or_null, &text);
    api_response_text(response, 200, "text/plain; version=0.0.4", pl_buf_slice(&text));
    pl_buf_done(&text);
}
