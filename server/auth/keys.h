/* The server's signing keys: what makes a token or a guest cookie ours. The newest signs; former ones, left behind by a
 * rotation, go on verifying until their time. Only keys.c knows of OpenSSL. */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H
#include "base/secrets.h"
#include "proto/mem.h"

#define KEYS_SECRET_BYTES SECRET_BYTES
#define KEYS_MAC_BYTES    32u

/* What a MAC is for: one kind of text never passes for another. */
enum keys_use {
    KEYS_USE_ID = 1,
    KEYS_USE_TOKEN = 2,
    KEYS_USE_GUEST = 3,
    KEYS_USE_PASS = 4,
};

#define KEYS_FORMER_MAX SECRETS_FORMER_MAX

struct key_signing {
    uint8_t secret[KEYS_SECRET_BYTES];
    uint64_t until_ms; /* Unix time from which it verifies nothing; 0: never */
    uint32_t id;       /* names the key without telling it; changes with it */
};

struct keys {
    struct key_signing key[1 + KEYS_FORMER_MAX]; /* the first signs */
    size_t n;
};

void keys_init(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES]);
/* One more that verifies; beyond KEYS_FORMER_MAX it is left out. */
void keys_add_former(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES], uint64_t until_ms);
/* Both, of what is stored; wipes it there. */
void keys_load(struct keys *keys, struct secrets *secrets);
void keys_done(struct keys *keys); /* wipes */
/* The key that verifies under this id; NULL: none, or its time is over. */
const struct key_signing *keys_find(const struct keys *keys, uint32_t id, uint64_t now_ms);
/* HMAC-SHA-256 over the use and the bytes. */
void keys_mac(const struct key_signing *key, enum keys_use use, const void *data, size_t len,
              uint8_t ret_mac[KEYS_MAC_BYTES]);
/* In constant time. */
bool keys_mac_valid(const struct key_signing *key, enum keys_use use, const void *data, size_t len,
                    const uint8_t mac[KEYS_MAC_BYTES]);

#endif
