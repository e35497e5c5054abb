/* A small blocking HTTP/1.1 client over one kept connection: enough to make boards and ask for
 * tickets before the load begins. Nothing here is measured. */
#ifndef LOAD_HTTP_H
#define LOAD_HTTP_H
#include "bench/load/target.h"
#include "proto/status.h"
#include <stddef.h>

#define HTTP_BODY_BYTES_MAX 8192u
#define HTTP_COOKIE_BYTES   512u

struct http; /* one connection */
struct http_answer {
    int status;                         /* 200, 201, ... */
    char set_cookie[HTTP_COOKIE_BYTES]; /* "name=value" of Set-Cookie, or empty */
    char body[HTTP_BODY_BYTES_MAX + 1]; /* NUL-terminated */
    size_t body_len;
};

/* The target is borrowed. NULL when out of memory. Connects when first used. */
struct http *http_new(const struct target *target);
void http_free(struct http *http_or_null);
/* Sends JSON, by POST or PUT; connects again once when the kept connection is gone. PL_IO,
 * PL_TOO_BIG, PL_MALFORMED. */
PL_CHECKED enum pl_status http_send(struct http *http, const char *method, const char *path,
                                    const char *cookie_or_null, const char *json,
                                    struct http_answer *ret_answer);

#endif
