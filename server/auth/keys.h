/* The server's signing key: what makes a token or a guest cookie ours. The only file besides keys.c
 * that knows of OpenSSL is keys.c. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H
#include "proto/mem.h"

#define KEYS_SECRET_BYTES 32u
#define KEYS_MAC_BYTES    32u

/* What a MAC is for: one kind of text never passes for another. */
enum keys_use {
    KEYS_USE_ID = 1,
    KEYS_USE_TOKEN = 2,
    KEYS_USE_GUEST = 3,
};

struct keys {
    uint8_t secret[KEYS_SECRET_BYTES];
    uint32_t id; /* names the key without telling it; changes with it */
};

void keys_init(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES]);
void keys_done(struct keys *keys); /* wipes */
/* HMAC-SHA-256 over the use and the bytes. */
void keys_mac(const struct keys *keys, enum keys_use use, const void *data, size_t len,
              uint8_t ret_mac[KEYS_MAC_BYTES]);
/* In constant time. */
bool keys_mac_valid(const struct keys *keys, enum keys_use use, const void *data, size_t len,
                    const uint8_t mac[KEYS_MAC_BYTES]);

#endif
