/* See address.h. */
#include "base/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HOST_BYTES_MAX 48u

static bool port_parse(const char *text, in_port_t *ret_port)
{
    unsigned value = 0;
    size_t len = strlen(text);
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value > UINT16_MAX)
        return false;
    *ret_port = htons((uint16_t)value);
    return true;
}

static bool host_parse(const char *text, size_t len, bool six, struct address *ret_address)
{
    char host[HOST_BYTES_MAX];
    struct address address = {0};
    if (len == 0 || len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    if (six) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address.storage;
        v6->sin6_family = AF_INET6;
        address.len = sizeof *v6;
        if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
            return false;
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&address.storage;
        v4->sin_family = AF_INET;
        address.len = sizeof *v4;
        if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
            return false;
    }
    *ret_address = address;
    return true;
}

static bool bracketed(const char *text, size_t len)
{
    return len >= 2 && text[0] == '[' && text[len - 1] == ']';
}

enum pl_status address_parse(const char *text, struct address *ret_address)
{
    in_port_t port;
    struct address address;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !port_parse(colon + 1, &port))
        return PL_INVALID;
    size_t len = (size_t)(colon - text);
    bool six = bracketed(text, len);
    if (!host_parse(six ? text + 1 : text, six ? len - 2 : len, six, &address))
        return PL_INVALID;
    if (six)
        ((struct sockaddr_in6 *)&address.storage)->sin6_port = port;
    else
        ((struct sockaddr_in *)&address.storage)->sin_port = port;
    *ret_address = address;
    return PL_OK;
}

enum pl_status address_parse_host(const char *text, struct address *ret_address)
{
    size_t len = strlen(text);
    bool brackets = bracketed(text, len);
    bool six = memchr(text, ':', len) != NULL;
    if (brackets && !six)
        return PL_INVALID;
    return host_parse(brackets ? text + 1 : text, brackets ? len - 2 : len, six, ret_address)
               ? PL_OK
               : PL_INVALID;
}

/* The address's bytes, in network order, and how many bits they have. */
static const uint8_t *host_bytes(const struct address *address, unsigned *ret_bits)
{
    bool six = address->storage.ss_family == AF_INET6;
    *ret_bits = six ? 128 : 32;
    return six ? (const uint8_t *)&((const struct sockaddr_in6 *)&address->storage)->sin6_addr
               : (const uint8_t *)&((const struct sockaddr_in *)&address->storage)->sin_addr;
}

enum pl_status network_parse(const char *text, struct network *ret_network)
{
    struct network network = {0};
    char host[HOST_BYTES_MAX];
    unsigned most, bits = 0;
    size_t len = strcspn(text, "/");
    if (len >= sizeof host)
        return PL_INVALID;
    memcpy(host, text, len);
    host[len] = '\0';
    if (address_parse_host(host, &network.address) != PL_OK)
        return PL_INVALID;
    (void)host_bytes(&network.address, &most);
    network.bits = most;
    if (text[len] == '/') {
        const char *digits = text + len + 1;
        for (const char *c = digits; *c != '\0'; c++) {
            if (*c < '0' || *c > '9' || (bits = bits * 10 + (unsigned)(*c - '0')) > most)
                return PL_INVALID;
        }
        if (*digits == '\0')
            return PL_INVALID;
        network.bits = bits;
    }
    *ret_network = network;
    return PL_OK;
}

bool network_has(const struct network *network, const struct address *address)
{
    unsigned most;
    if (network->address.storage.ss_family != address->storage.ss_family)
        return false;
    const uint8_t *a = host_bytes(&network->address, &most);
    const uint8_t *b = host_bytes(address, &most);
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

void address_write_host(const struct address *address, char ret_text[ADDRESS_TEXT_BYTES])
{
    unsigned bits;
    const uint8_t *bytes = host_bytes(address, &bits);
    if (inet_ntop(address->storage.ss_family, bytes, ret_text, ADDRESS_TEXT_BYTES) == NULL)
        snprintf(ret_text, ADDRESS_TEXT_BYTES, "?");
}

void address_write(const struct address *address, char ret_text[ADDRESS_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->storage;
        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        snprintf(ret_text, ADDRESS_TEXT_BYTES, "[%s]:%u", host, ntohs(v6->sin6_port));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->storage;
        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        snprintf(ret_text, ADDRESS_TEXT_BYTES, "%s:%u", host, ntohs(v4->sin_port));
    }
}
