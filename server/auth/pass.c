/* plenum_grant_<key id>=base64url(board u64, link u64, user u64, issued_ms u64, MAC). SameSite is Strict: no other site's
 * page plays what is here. */
#include "auth/pass.h"
#include "auth/base64url.h"
#include "auth/cookie.h"
#include "base/ident.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SIGNED_BYTES  32u
#define COOKIE_BYTES  (SIGNED_BYTES + KEYS_MAC_BYTES)
#define TEXT_LEN      BASE64URL_LEN(COOKIE_BYTES)
#define NAME_LEN      21u /* plenum_grant_ and 8 hex digits */

static void name_write(const struct key_signing *key, char ret_name[NAME_LEN + 1])
{
    snprintf(ret_name, NAME_LEN + 1, "plenum_grant_%08" PRIx32, key->id);
}

void pass_write(const struct keys *keys, const struct grant *grant, uint64_t now_ms, bool secure,
                char ret_text[PASS_COOKIE_BYTES_MAX])
{
    uint8_t bytes[COOKIE_BYTES];
    char name[NAME_LEN + 1], board[IDENT_TEXT_LEN + 1], value[TEXT_LEN + 1] = {0};
    name_write(&keys->key[0], name);
    ident_write(grant->board, board);
    pl_u64_to_bytes(grant->board, bytes);
    pl_u64_to_bytes(grant->link, bytes + 8);
    pl_u64_to_bytes(grant->user, bytes + 16);
    pl_u64_to_bytes(now_ms, bytes + 24);
    keys_mac(&keys->key[0], KEYS_USE_PASS, bytes, SIGNED_BYTES, bytes + SIGNED_BYTES);
    base64url_write(bytes, COOKIE_BYTES, value);
    snprintf(ret_text, PASS_COOKIE_BYTES_MAX, "%s=%s; Path=/api/boards/%s/; Max-Age=%u; HttpOnly; SameSite=Strict%s",
             name, value, board, (unsigned)(PASS_MS_MAX / 1000), secure ? "; Secure" : "");
}

/* Whom the cookie's value names, when this key wrote it, for this board, not too long ago. */
static bool value_read(const struct key_signing *key, struct pl_slice text, uint64_t board, uint64_t now_ms,
                       uint64_t *ret_link, uint64_t *ret_user)
{
    uint8_t bytes[COOKIE_BYTES];
    if (!base64url_read(text, bytes, COOKIE_BYTES) ||
        !keys_mac_valid(key, KEYS_USE_PASS, bytes, SIGNED_BYTES, bytes + SIGNED_BYTES))
        return false;
    const uint64_t issued_ms = pl_u64_from_bytes(bytes + 24);
    if (pl_u64_from_bytes(bytes) != board || now_ms >= issued_ms + PASS_MS_MAX)
        return false;
    *ret_link = pl_u64_from_bytes(bytes + 8);
    *ret_user = pl_u64_from_bytes(bytes + 16);
    return true;
}

static bool read_by(const struct key_signing *key, struct pl_slice header, uint64_t board, uint64_t now_ms,
                    uint64_t *ret_link, uint64_t *ret_user)
{
    char name[NAME_LEN + 1];
    struct pl_slice value;
    name_write(key, name);
    while (cookie_next(&header, name, &value))
        if (value_read(key, value, board, now_ms, ret_link, ret_user))
            return true;
    return false;
}

enum pl_status pass_check(const struct keys *keys, const struct links *links, struct pl_slice cookie_header,
                          uint64_t board, uint64_t now_ms, struct grant *ret_grant)
{
    uint64_t link, user;
    bool read = false;
    for (size_t i = 0; !read && i < keys->n; i++) {
        const struct key_signing *key = keys_find(keys, keys->key[i].id, now_ms);
        read = key != NULL && read_by(key, cookie_header, board, now_ms, &link, &user);
    }
    if (!read)
        return PL_TOKEN;
    enum pl_status status = grant_of_link(links, board, link, now_ms, ret_grant);
    if (status == PL_OK)
        ret_grant->user = user;
    return status;
}
