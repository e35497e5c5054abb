/* See keys.h. */
#include "auth/keys.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define MAC_INPUT_BYTES_MAX 128u

void keys_init(struct keys *keys, const uint8_t secret[KEYS_SECRET_BYTES])
{
    uint8_t mac[KEYS_MAC_BYTES];
    memcpy(keys->secret, secret, KEYS_SECRET_BYTES);
    keys_mac(keys, KEYS_USE_ID, "", 0, mac);
    keys->id = (uint32_t)(pl_u64_from_bytes(mac) >> 32);
}

void keys_done(struct keys *keys)
{
    OPENSSL_cleanse(keys, sizeof *keys);
}

void keys_mac(const struct keys *keys, enum keys_use use, const void *data, size_t len,
              uint8_t ret_mac[KEYS_MAC_BYTES])
{
    uint8_t input[1 + MAC_INPUT_BYTES_MAX];
    unsigned int mac_len = KEYS_MAC_BYTES;
    assert(len <= MAC_INPUT_BYTES_MAX);
    input[0] = (uint8_t)use;
    memcpy(input + 1, data, len);
    /* It fails only for want of memory or of SHA-256 itself: nothing may be signed or accepted
     * then. */
    if (HMAC(EVP_sha256(), keys->secret, KEYS_SECRET_BYTES, input, 1 + len, ret_mac, &mac_len) ==
        NULL)
        abort();
}

bool keys_mac_valid(const struct keys *keys, enum keys_use use, const void *data, size_t len,
                    const uint8_t mac[KEYS_MAC_BYTES])
{
    uint8_t own[KEYS_MAC_BYTES];
    keys_mac(keys, use, data, len, own);
    return CRYPTO_memcmp(own, mac, KEYS_MAC_BYTES) == 0;
}
