/* Takes URLs apart. The link's origin is not believed over the address one came by: a server behind
 * another name still makes links this process can use. */
#include "bench/load/target.h"
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool copy(char *to, size_t to_bytes, const char *from, size_t len)
{
    if (len >= to_bytes)
        return false;
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

enum pl_status target_take_link(struct target *target, const char *link)
{
    const char *path = strstr(link, "/b/");
    const char *fragment = path == NULL ? NULL : strstr(path, "#k=");
    if (fragment == NULL)
        return PL_INVALID;
    path += 3;
    if (!copy(target->board, sizeof target->board, path, (size_t)(fragment - path)) ||
        !copy(target->token, sizeof target->token, fragment + 3, strlen(fragment + 3)))
        return PL_INVALID;
    return PL_OK;
}

/* "localhost:8080", "[::1]:8080" or without a port. */
static enum pl_status resolve(struct target *target)
{
    char name[TARGET_HOST_BYTES];
    const char *port = strrchr(target->host, ':');
    const char *bracket = strchr(target->host, ']');
    if (port != NULL && bracket != NULL && port < bracket)
        port = NULL;
    size_t name_len = port == NULL ? strlen(target->host) : (size_t)(port - target->host);
    const char *name_at = target->host;
    if (name_at[0] == '[' && name_len >= 2) {
        name_at++;
        name_len -= 2;
    }
    if (!copy(name, sizeof name, name_at, name_len))
        return PL_INVALID;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(name, port == NULL ? "80" : port + 1, &hints, &found) != 0 || found == NULL)
        return PL_NOT_FOUND;
    /* "localhost" may be ::1 first while the server listens on 127.0.0.1 alone. */
    struct addrinfo *best = found;
    for (struct addrinfo *it = found; it != NULL; it = it->ai_next) {
        if (it->ai_family == AF_INET) {
            best = it;
            break;
        }
    }
    memcpy(&target->address, best->ai_addr, best->ai_addrlen);
    target->address_bytes = best->ai_addrlen;
    freeaddrinfo(found);
    return PL_OK;
}

enum pl_status target_parse(const char *url, struct target *ret_target)
{
    static const char scheme[] = "http://";
    struct target target = {0};
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return PL_INVALID;
    const char *host = url + sizeof scheme - 1;
    size_t host_len = strcspn(host, "/#?");
    if (host_len == 0 || !copy(target.host, sizeof target.host, host, host_len))
        return PL_INVALID;
    const char *rest = host + host_len;
    if (*rest != '\0' && strcmp(rest, "/") != 0) {
        enum pl_status status = target_take_link(&target, rest);
        if (status != PL_OK)
            return status;
    }
    enum pl_status status = resolve(&target);
    if (status != PL_OK)
        return status;
    *ret_target = target;
    return PL_OK;
}
