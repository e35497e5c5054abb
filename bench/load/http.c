/* Owns one blocking connection and reads one answer at a time: a head, then Content-Length bytes or
 * chunks. */
#include "bench/load/http.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <unistd.h>

#define HTTP_BUFFER_BYTES (HTTP_BODY_BYTES_MAX * 2u)
#define HTTP_TIMEOUT_S    20

struct http {
    const struct target *target;
    int fd; /* -1: not connected */
    char in[HTTP_BUFFER_BYTES + 1];
    size_t in_len;
};

struct http *http_new(const struct target *target)
{
    struct http *http = calloc(1, sizeof *http);
    if (http != NULL) {
        http->target = target;
        http->fd = -1;
    }
    return http;
}

static void disconnect(struct http *http)
{
    if (http->fd >= 0)
        close(http->fd);
    http->fd = -1;
    http->in_len = 0;
}

void http_free(struct http *http_or_null)
{
    if (http_or_null != NULL)
        disconnect(http_or_null);
    free(http_or_null);
}

static bool reconnect(struct http *http)
{
    disconnect(http);
    int fd = socket(http->target->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct timeval limit = {.tv_sec = HTTP_TIMEOUT_S};
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)&http->target->address, http->target->address_bytes) !=
        0) {
        close(fd);
        return false;
    }
    http->fd = fd;
    return true;
}

static bool send_all(struct http *http, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(http->fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Some more input; false at the end of the stream or when the buffer is full. */
static bool receive(struct http *http)
{
    if (http->in_len == HTTP_BUFFER_BYTES)
        return false;
    ssize_t got = recv(http->fd, http->in + http->in_len, HTTP_BUFFER_BYTES - http->in_len, 0);
    if (got <= 0)
        return false;
    http->in_len += (size_t)got;
    http->in[http->in_len] = '\0';
    return true;
}

static void consume(struct http *http, size_t bytes)
{
    memmove(http->in, http->in + bytes, http->in_len - bytes);
    http->in_len -= bytes;
    http->in[http->in_len] = '\0';
}

/* The value of a header within the head (NUL-terminated), or NULL. Points into it. */
static const char *header(const char *head, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, name_len) == 0 && line[name_len] == ':') {
            line += name_len + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}

static enum pl_status read_sized(struct http *http, size_t len, struct http_answer *answer)
{
    if (answer->body_len + len > HTTP_BODY_BYTES_MAX)
        return PL_TOO_BIG;
    while (http->in_len < len) {
        if (!receive(http))
            return PL_IO;
    }
    memcpy(answer->body + answer->body_len, http->in, len);
    answer->body_len += len;
    answer->body[answer->body_len] = '\0';
    consume(http, len);
    return PL_OK;
}

static enum pl_status read_line_away(struct http *http, size_t *ret_hex)
{
    const char *end;
    while ((end = strstr(http->in, "\r\n")) == NULL) {
        if (!receive(http))
            return PL_IO;
    }
    *ret_hex = (size_t)strtoul(http->in, NULL, 16);
    consume(http, (size_t)(end - http->in) + 2);
    return PL_OK;
}

static enum pl_status read_chunked(struct http *http, struct http_answer *answer)
{
    for (;;) {
        size_t len, none;
        enum pl_status status = read_line_away(http, &len);
        if (status == PL_OK && len > 0)
            status = read_sized(http, len, answer);
        if (status == PL_OK)
            status = read_line_away(http, &none);
        if (status != PL_OK || len == 0)
            return status;
    }
}

static enum pl_status read_answer(struct http *http, struct http_answer *answer)
{
    const char *end;
    while ((end = strstr(http->in, "\r\n\r\n")) == NULL) {
        if (!receive(http))
            return PL_IO;
    }
    size_t head_len = (size_t)(end - http->in);
    char *head = http->in;
    head[head_len] = '\0'; /* the head alone, for the searches below */
    if (sscanf(head, "HTTP/1.%*d %d", &answer->status) != 1)
        return PL_MALFORMED;
    const char *cookie = header(head, "Set-Cookie");
    if (cookie != NULL)
        snprintf(answer->set_cookie, sizeof answer->set_cookie, "%.*s", (int)strcspn(cookie, ";\r"),
                 cookie);
    const char *length = header(head, "Content-Length");
    const char *coding = header(head, "Transfer-Encoding");
    const char *connection = header(head, "Connection");
    size_t body_len = length == NULL ? 0 : (size_t)strtoul(length, NULL, 10);
    bool chunked = coding != NULL && strncasecmp(coding, "chunked", 7) == 0;
    bool closes = connection != NULL && strncasecmp(connection, "close", 5) == 0;
    consume(http, head_len + 4);
    enum pl_status status =
        chunked ? read_chunked(http, answer) : read_sized(http, body_len, answer);
    if (closes)
        disconnect(http);
    return status;
}

enum pl_status http_send(struct http *http, const char *method, const char *path,
                         const char *cookie_or_null, const char *json,
                         struct http_answer *ret_answer)
{
    char request[2048];
    int len = snprintf(
        request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n%s%s%s"
        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        method, path, http->target->host, http->target->host,
        cookie_or_null == NULL ? "" : "Cookie: ", cookie_or_null == NULL ? "" : cookie_or_null,
        cookie_or_null == NULL ? "" : "\r\n", strlen(json), json);
    if (len < 0 || (size_t)len >= sizeof request)
        return PL_TOO_BIG;
    enum pl_status status = PL_IO;
    for (int attempt = 0; attempt < 2 && status == PL_IO; attempt++) {
        bool kept = http->fd >= 0;
        if (!kept && !reconnect(http))
            return PL_IO;
        memset(ret_answer, 0, sizeof *ret_answer);
        if (send_all(http, request, (size_t)len))
            status = read_answer(http, ret_answer);
        if (status != PL_OK)
            disconnect(http);
        if (!kept)
            break; /* a fresh connection failed: no use in another */
    }
    return status;
}
