/* Which pages may talk to this server: its own, and those named by --origin. Pure. */
#ifndef API_ORIGIN_H
#define API_ORIGIN_H
#include "proto/mem.h"
#include "proto/writer.h"

struct origins {
    const char *const *allowed; /* --origin values, "https://board.example.org" */
    size_t allowed_n;
};

/* True when there is no Origin header (a tool, not a page), when it names the Host the request came
 * to, or when it is allowed by name. "null" never is. Where TLS ends here (`secure`) a page of ours
 * came by https: one that names the Host by http is somebody's in between. */
bool origin_allowed(const struct origins *origins, bool secure, struct pl_slice origin,
                    struct pl_slice host);
/* A Host header that can stand in a link: a name, an IPv4 or a bracketed IPv6 address, maybe with a
 * port. */
bool origin_host_valid(struct pl_slice host);
/* Appends what links to this server begin with: the page's own origin when there is one, or http,
 * https when `secure`, and the Host. */
void origin_base(bool secure, struct pl_slice origin, struct pl_slice host, struct pl_buf *buf);
/* The page sees this server over TLS, by its Origin. */
bool origin_secure(struct pl_slice origin);

#endif
