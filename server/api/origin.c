/* See origin.h. Where TLS does not end here, Host is compared without the scheme: a proxy that ends
 * it passes the Host on, and a page cannot choose its Origin. */
#include "api/origin.h"
#include <string.h>
#include <strings.h>

#define HOST_BYTES_MAX 255u

static bool same_text(struct pl_slice a, const char *b, size_t b_len)
{
    return a.len == b_len && strncasecmp((const char *)a.data, b, b_len) == 0;
}

static bool starts_with(struct pl_slice text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && strncasecmp((const char *)text.data, prefix, len) == 0;
}

bool origin_allowed(const struct origins *origins, bool secure, struct pl_slice origin,
                    struct pl_slice host)
{
    if (origin.data == NULL)
        return true;
    for (size_t i = 0; i < origins->allowed_n; i++)
        if (same_text(origin, origins->allowed[i], strlen(origins->allowed[i])))
            return true;
    size_t scheme_len = starts_with(origin, "https://")             ? 8
                        : !secure && starts_with(origin, "http://") ? 7
                                                                    : 0;
    if (scheme_len == 0 || host.data == NULL || host.len == 0)
        return false;
    struct pl_slice authority = {origin.data + scheme_len, origin.len - scheme_len};
    return same_text(authority, (const char *)host.data, host.len);
}

bool origin_host_valid(struct pl_slice host)
{
    if (host.data == NULL || host.len == 0 || host.len > HOST_BYTES_MAX)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || strchr(".-_:[]", c) == NULL))
            return false;
    }
    return true;
}

void origin_base(bool secure, struct pl_slice origin, struct pl_slice host, struct pl_buf *buf)
{
    if (origin.data != NULL) {
        pl_buf_append(buf, origin.data, origin.len);
        return;
    }
    const char *scheme = secure ? "https://" : "http://";
    pl_buf_append(buf, scheme, strlen(scheme));
    pl_buf_append(buf, host.data, host.len);
}

bool origin_secure(struct pl_slice origin)
{
    return origin.data != NULL && starts_with(origin, "https://");
}
