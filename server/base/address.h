/* ADDR:PORT, and ADDR/BITS, as people write it on a command line: numeric IPv4, or numeric IPv6 in brackets. No
 * names: a resolver's answer could open more interfaces than the operator meant. Pure. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H
#include "proto/status.h"
#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_BYTES 64u

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* PL_INVALID. Port 0 is allowed: any free one. */
PL_CHECKED enum pl_status address_parse(const char *text, struct address *ret_address);
/* "127.0.0.1:8080", "[::1]:8080". */
void address_write(const struct address *address, char ret_text[ADDRESS_TEXT_BYTES]);
/* The address alone, without its port: "10.0.0.1", "fe80::1". */
void address_write_host(const struct address *address, char ret_text[ADDRESS_TEXT_BYTES]);
/* A host alone, as X-Forwarded-For has it: "10.0.0.1", "fe80::1", "[fe80::1]". Port 0. PL_INVALID. */
PL_CHECKED enum pl_status address_parse_host(const char *text, struct address *ret_address);

/* Addresses that begin with the same bits. */
struct network {
    struct address address;
    unsigned bits;
};

/* "10.0.0.0/8", "fd00::/8", or one address alone. PL_INVALID. */
PL_CHECKED enum pl_status network_parse(const char *text, struct network *ret_network);
bool network_has(const struct network *network, const struct address *address);

#endif
