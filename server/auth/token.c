/* The token's bytes; see token.h. Hostile text is refused by length and alphabet first, then by
 * version and key, then by MAC in constant time, and only then are its fields believed. */
#include "auth/token.h"
#include "auth/base64url.h"
#include <assert.h>

#define TOKEN_VERSION 1u
_Static_assert(TOKEN_TEXT_LEN == BASE64URL_LEN(TOKEN_BYTES),
               "the text's length follows from the layout");

static void u32_write(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t u32_read(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool role_valid(unsigned role)
{
    return role >= PL_ROLE_VIEWER && role <= PL_ROLE_OWNER;
}

void token_write(const struct keys *keys, const struct token *token,
                 char ret_text[TOKEN_TEXT_LEN + 1])
{
    uint8_t bytes[TOKEN_BYTES];
    assert(role_valid(token->role));
    bytes[0] = TOKEN_VERSION;
    u32_write(bytes + 1, keys->key[0].id);
    pl_u64_to_bytes(token->link, bytes + 5);
    pl_u64_to_bytes(token->board, bytes + 13);
    bytes[21] = (uint8_t)token->role;
    pl_u64_to_bytes(token->expires_ms, bytes + 22);
    keys_mac(&keys->key[0], KEYS_USE_TOKEN, bytes, TOKEN_SIGNED_BYTES, bytes + TOKEN_SIGNED_BYTES);
    base64url_write(bytes, TOKEN_BYTES, ret_text);
    ret_text[TOKEN_TEXT_LEN] = '\0';
}

enum pl_status token_read(const struct keys *keys, struct pl_slice text, uint64_t now_ms,
                          struct token *ret_token)
{
    uint8_t bytes[TOKEN_BYTES];
    if (!base64url_read(text, bytes, TOKEN_BYTES))
        return PL_TOKEN;
    const struct key_signing *key = keys_find(keys, u32_read(bytes + 1), now_ms);
    if (bytes[0] != TOKEN_VERSION || key == NULL)
        return PL_TOKEN;
    if (!keys_mac_valid(key, KEYS_USE_TOKEN, bytes, TOKEN_SIGNED_BYTES,
                        bytes + TOKEN_SIGNED_BYTES))
        return PL_TOKEN;
    if (!role_valid(bytes[21]))
        return PL_TOKEN;
    *ret_token = (struct token){
        .link = pl_u64_from_bytes(bytes + 5),
        .board = pl_u64_from_bytes(bytes + 13),
        .expires_ms = pl_u64_from_bytes(bytes + 22),
        .role = (enum pl_role)bytes[21],
    };
    return PL_OK;
}
