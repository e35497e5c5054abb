/* See keys.h. */
#include "auth/keys.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define MAC_INPUT_BYTES_MAX 128u

static void key_init(struct key_signing *key, const uint8_t secret[KEYS_SECRET_BYTES], uint64_t until_ms)
{
    uint8_t mac[KEYS_MAC_BYTES];
    memcpy(key->secret, secret, KEYS_SECRET_BYTES);
    key->until_ms = until_ms;
    keys_mac(key, KEYS_USE_ID, "", 0, mac);
    key->id = (uint32_t)(pl_u64_from_bytes(mac) >> 32);
}

void keys_init(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES])
{
    keys->n = 1;
    key_init(&keys->key[0], secret, 0);
}

void keys_add_former(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES], uint64_t until_ms)
{
    if (keys->n <= KEYS_FORMER_MAX)
        key_init(&keys->key[keys->n++], secret, until_ms);
}

void keys_load(struct keys *keys, struct secrets *secrets)
{
    keys_init(keys, secrets->now);
    for (size_t i = 0; i < secrets->former_n; i++)
        keys_add_former(keys, secrets->former[i].bytes, secrets->former[i].until_ms);
    OPENSSL_cleanse(secrets, sizeof *secrets);
}

const struct key_signing *keys_find(const struct keys *keys, uint32_t id, uint64_t now_ms)
{
    for (size_t i = 0; i < keys->n; i++) {
        const struct key_signing *key = &keys->key[i];
        if (key->id == id && (key->until_ms == 0 || now_ms < key->until_ms))
            return key;
    }
    return NULL;
}

void keys_done(struct keys *keys)
{
    OPENSSL_cleanse(keys, sizeof *keys);
}

void keys_mac(const struct key_signing *key, enum keys_use use, const void *data, size_t len,
              uint8_t ret_mac[KEYS_MAC_BYTES])
{
    uint8_t input[1 + MAC_INPUT_BYTES_MAX];
    unsigned int mac_len = KEYS_MAC_BYTES;
    assert(len <= MAC_INPUT_BYTES_MAX);
    input[0] = (uint8_t)use;
    memcpy(input + 1, data, len);
    /* It fails only for want of memory or of SHA-256 itself: nothing may be signed or accepted
     * then. */
    if (HMAC(EVP_sha256(), key->secret, KEYS_SECRET_BYTES, input, 1 + len, ret_mac, &mac_len) ==
        NULL)
        abort();
}

bool keys_mac_valid(const struct key_signing *key, enum keys_use use, const void *data, size_t len,
                    const uint8_t mac[KEYS_MAC_BYTES])
{
    uint8_t own[KEYS_MAC_BYTES];
    keys_mac(key, use, data, len, own);
    return CRYPTO_memcmp(own, mac, KEYS_MAC_BYTES) == 0;
}
