/* See head.h. libwebsockets can build headers too, into fixed buffers and with its own opinions;
 * text is plainer. */
#include "net/head.h"
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char *reason_of(uint16_t status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 206:
        return "Partial Content";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 507:
        return "Insufficient Storage";
    default:
        return status < 500 ? "Other" : "Internal Server Error";
    }
}

/* A year, for this name alone: an operator's other names are none of ours. Browsers ignore it from
 * servers whose certificate they do not trust, and for addresses in numbers. */
#define HSTS "Strict-Transport-Security: max-age=31536000\r\n"

void head_write(const struct api_response *response, bool closes, bool secure, struct pl_buf *buf)
{
    char line[160];
    char date[48] = "";
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc) != NULL)
        strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    int len = snprintf(line, sizeof line, "HTTP/1.1 %u %s\r\n%s", response->status,
                       reason_of(response->status), date);
    pl_buf_append(buf, line, (size_t)len);
    if (response->status != 304) {
        len = snprintf(line, sizeof line, "Content-Length: %" PRIu64 "\r\n", api_response_bytes(response));
        pl_buf_append(buf, line, (size_t)len);
    }
    if (closes)
        pl_buf_append(buf, "Connection: close\r\n", 19);
    if (secure)
        pl_buf_append(buf, HSTS, sizeof HSTS - 1);
    pl_buf_append(buf, response->head.data, response->head.len);
    pl_buf_append(buf, "\r\n", 2);
}
