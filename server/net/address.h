/* ADDR:PORT as people write it on a command line: numeric IPv4, or numeric IPv6 in brackets. No
 * names: a resolver's answer could open more interfaces than the operator meant. Pure. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H
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
/* 127.0.0.0/8, ::1, and the former mapped into IPv6. */
bool address_loopback(const struct address *address);

#endif
