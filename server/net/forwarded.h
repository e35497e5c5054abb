/* Who a request is from when proxies stand between. Pure.
 *
 * A proxy appends to X-Forwarded-For the address it was asked from, so the list is believed from its end, and only as
 * far as each address that vouches for the one before it is a proxy named by --trusted-proxy. What a client wrote there
 * itself stands before that and is never reached. */
#ifndef NET_FORWARDED_H
#define NET_FORWARDED_H
#include "base/address.h"
#include <stddef.h>

struct proxies {
    const struct network *trusted;
    size_t trusted_n;
};

/* The socket's peer is a proxy whose headers count. */
bool forwarded_trusted(const struct proxies *proxies, const struct address *peer);
/* Whom the request is from: the peer itself when it is no trusted proxy, when it names nobody (NULL), or nobody with a
 * numeric address. `for_or_null` is X-Forwarded-For. The result has port 0 unless it is the peer. */
struct address forwarded_client(const struct proxies *proxies, const struct address *peer, const char *for_or_null);

#endif
