/* The guest cookie: plenum_<key id>=base64url(number u64, MAC). SameSite is Lax, for Strict would
 * hide the cookie on the first navigation from a mail or a chat, and every click on a link would
 * make a new person. */
#include "auth/guest.h"
#include "auth/base64url.h"
#include "auth/cookie.h"
#include "proto/limits.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COOKIE_BYTES    (8u + KEYS_MAC_BYTES)
#define COOKIE_TEXT_LEN BASE64URL_LEN(COOKIE_BYTES)
#define NAME_LEN        15u /* plenum_ and 8 hex digits */

static void name_write(const struct key_signing *key, char ret_name[NAME_LEN + 1])
{
    snprintf(ret_name, NAME_LEN + 1, "plenum_%08" PRIx32, key->id);
}

static bool value_read(const struct key_signing *key, struct pl_slice text, uint64_t *ret_user)
{
    uint8_t bytes[COOKIE_BYTES];
    if (!base64url_read(text, bytes, COOKIE_BYTES))
        return false;
    if (!keys_mac_valid(key, KEYS_USE_GUEST, bytes, 8, bytes + 8))
        return false;
    uint64_t user = pl_u64_from_bytes(bytes);
    if (user == 0 || user > PL_U53_MAX)
        return false;
    *ret_user = user;
    return true;
}

static bool read_by(const struct key_signing *key, struct pl_slice cookie_header, uint64_t *ret_user)
{
    char name[NAME_LEN + 1];
    struct pl_slice value;
    name_write(key, name);
    while (cookie_next(&cookie_header, name, &value))
        if (value_read(key, value, ret_user))
            return true;
    return false;
}

bool guest_read(const struct keys *keys, struct pl_slice cookie_header, uint64_t now_ms, uint64_t *ret_user)
{
    for (size_t i = 0; i < keys->n; i++) {
        const struct key_signing *key = keys_find(keys, keys->key[i].id, now_ms);
        if (key != NULL && read_by(key, cookie_header, ret_user))
            return true;
    }
    return false;
}

void guest_write(const struct keys *keys, uint64_t user, bool secure,
                 char ret_text[GUEST_COOKIE_BYTES_MAX])
{
    uint8_t bytes[COOKIE_BYTES];
    char name[NAME_LEN + 1];
    char value[COOKIE_TEXT_LEN + 1] = {0};
    name_write(&keys->key[0], name);
    pl_u64_to_bytes(user, bytes);
    keys_mac(&keys->key[0], KEYS_USE_GUEST, bytes, 8, bytes + 8);
    base64url_write(bytes, COOKIE_BYTES, value);
    snprintf(ret_text, GUEST_COOKIE_BYTES_MAX,
             "%s=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax%s", name, value,
             secure ? "; Secure" : "");
}

uint64_t guest_number(uint64_t random)
{
    uint64_t user = random & PL_U53_MAX;
    return user == 0 ? 1 : user;
}
