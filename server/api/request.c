/* Building responses; see request.h. Every answer says nosniff and no-referrer; assets add their
 * own policy. */
#include "api/request.h"
#include <stdio.h>
#include <string.h>

void api_response_init(struct api_response *response, const struct pl_mem *mem)
{
    *response = (struct api_response){.status = 500};
    pl_buf_init(&response->head, mem);
    pl_buf_init(&response->owned, mem);
}

void api_response_done(struct api_response *response)
{
    pl_buf_done(&response->head);
    pl_buf_done(&response->owned);
    response->body = (struct pl_slice){0};
    if (response->source_or_null != NULL)
        response->source_or_null->close(response->source_or_null);
    response->source_or_null = NULL;
}

uint64_t api_response_bytes(const struct api_response *response)
{
    return response->source_or_null != NULL ? response->source_or_null->bytes : response->body.len;
}

bool api_response_failed(const struct api_response *response)
{
    return response->head.failed || response->owned.failed;
}

void api_response_header(struct api_response *response, const char *name, const char *value)
{
    pl_buf_append(&response->head, name, strlen(name));
    pl_buf_append(&response->head, ": ", 2);
    pl_buf_append(&response->head, value, strlen(value));
    pl_buf_append(&response->head, "\r\n", 2);
}

void api_response_text(struct api_response *response, uint16_t status, const char *type,
                       struct pl_slice text)
{
    response->status = status;
    api_response_header(response, "Content-Type", type);
    api_response_header(response, "Cache-Control", "no-store");
    api_response_header(response, "X-Content-Type-Options", "nosniff");
    api_response_header(response, "Referrer-Policy", "no-referrer");
    pl_buf_clear(&response->owned);
    pl_buf_append(&response->owned, text.data, text.len);
    response->body = pl_buf_slice(&response->owned);
}

uint16_t api_http_status(enum pl_status code)
{
    switch (code) {
    case PL_OK:
        return 200;
    case PL_MALFORMED:
    case PL_INVALID:
    case PL_STATE:
    case PL_VERSION:
        return 400;
    case PL_TICKET:
    case PL_TOKEN:
        return 401;
    case PL_PERM:
    case PL_ORIGIN:
    case PL_REVOKED:
    case PL_CLEAR:
    case PL_EXPIRED:
        return 403;
    case PL_NOT_FOUND:
        return 404;
    case PL_METHOD:
        return 405;
    case PL_TIMEOUT:
        return 408;
    case PL_DUPLICATE:
    case PL_GAP:
    case PL_DIVERGED:
        return 409;
    case PL_LENGTH:
        return 411;
    case PL_TOO_BIG:
        return 413;
    case PL_TYPE:
        return 415;
    case PL_RANGE:
        return 416;
    case PL_DIGEST:
        return 422;
    case PL_LIMIT:
        return 429;
    case PL_DRAINING:
    case PL_READ_ONLY:
        return 503;
    case PL_QUOTA:
        return 507;
    default:
        return 500;
    }
}

void api_response_error_text(struct api_response *response, enum pl_status code,
                             const char *static_text)
{
    char text[256];
    int len = snprintf(text, sizeof text, "{\"code\":\"%s\",\"text\":\"%s\"}\n",
                       pl_status_name(code), static_text);
    if (code == PL_DRAINING || code == PL_LIMIT)
        api_response_header(response, "Retry-After", "2");
    api_response_text(response, api_http_status(code), "application/json",
                      (struct pl_slice){(const uint8_t *)text, len > 0 ? (size_t)len : 0});
}

void api_response_error(struct api_response *response, enum pl_status code)
{
    api_response_error_text(response, code, pl_status_text(code)); /* status.def has no quotes */
}
