/* Requests in the clear where TLS is spoken: pages are sent to https, anything else is refused, for
 * what it carried (a link's token, a cookie) may have been read on its way, and going on would hide
 * that. */
#include "api/routes.h"
#include <string.h>

#define LOCATION_BYTES_MAX 1024u

/* Percent-encodes what is not plain: the path was decoded, and is a peer's. */
static void path_write(struct pl_slice path, struct pl_buf *buf)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < path.len; i++) {
        uint8_t c = path.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != 0 && strchr("-._~/", c) != NULL);
        const char coded[3] = {'%', hex[c >> 4], hex[c & 15]};
        if (plain)
            pl_buf_append(buf, &c, 1);
        else
            pl_buf_append(buf, coded, sizeof coded);
    }
}

/* NUL-terminated; false when it cannot be told. */
static bool location_write(const struct api_request *request, struct pl_buf *buf)
{
    if (!origin_host_valid(request->host) || request->path.len == 0 || request->path.data[0] != '/')
        return false;
    origin_base(true, (struct pl_slice){0}, request->host, buf);
    path_write(request->path, buf);
    pl_buf_append(buf, "", 1);
    return !buf->failed && buf->len <= LOCATION_BYTES_MAX;
}

void astray_answer(struct api *api, const struct api_request *request,
                   struct api_response *response)
{
    struct pl_buf location;
    metrics_add(api->env.metrics_or_null, METRIC_REFUSED_CLEAR, 1);
    pl_buf_init(&location, api->env.mem);
    if (request->method == API_GET && location_write(request, &location)) {
        /* Not a permanent one: browsers keep those beyond the day TLS is taken off again. */
        static const char text[] = "this server speaks https\n";
        api_response_header(response, "Location", (const char *)location.data);
        api_response_text(response, 307, "text/plain; charset=utf-8",
                          (struct pl_slice){(const uint8_t *)text, sizeof text - 1});
    } else {
        api_response_error(response, PL_CLEAR);
    }
    pl_buf_done(&location);
}
