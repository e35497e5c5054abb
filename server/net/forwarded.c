/* See forwarded.h. */
#include "net/forwarded.h"
#include <string.h>

#define ENTRY_BYTES_MAX 48u

bool forwarded_trusted(const struct proxies *proxies, const struct address *peer)
{
    for (size_t i = 0; i < proxies->trusted_n; i++)
        if (network_has(&proxies->trusted[i], peer))
            return true;
    return false;
}

/* The list's last entry before `end`: what stands between blanks, as an address. Moves the end before it. */
static bool last_entry(const char *list, size_t *end, struct address *ret_address)
{
    char text[ENTRY_BYTES_MAX];
    size_t stop = *end, start;
    while (stop > 0 && strchr(" \t", list[stop - 1]) != NULL)
        stop--;
    start = stop;
    while (start > 0 && strchr(" \t,", list[start - 1]) == NULL)
        start--;
    size_t before = start;
    while (before > 0 && list[before - 1] != ',')
        before--;
    *end = before > 0 ? before - 1 : 0;
    if (stop - start >= sizeof text)
        return false;
    memcpy(text, list + start, stop - start);
    text[stop - start] = '\0';
    return address_parse_host(text, ret_address) == PL_OK;
}

struct address forwarded_client(const struct proxies *proxies, const struct address *peer, const char *for_or_null)
{
    struct address client = *peer, named;
    size_t end = for_or_null != NULL ? strlen(for_or_null) : 0;
    while (end > 0 && forwarded_trusted(proxies, &client) && last_entry(for_or_null, &end, &named))
        client = named;
    return client;
}
