/* A link's token: who holds it may open the board in a role until a time. It travels in a URL's
 * fragment, so it never reaches a log. Whether its link still stands is grant.h's question. */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H
#include "auth/keys.h"
#include "proto/id.h"
#include "proto/status.h"

/* version u8, key id u32, link u64, board u64, role u8, expiry u64, all big-endian; then the MAC
 * over them */
#define TOKEN_SIGNED_BYTES 30u
#define TOKEN_BYTES        (TOKEN_SIGNED_BYTES + KEYS_MAC_BYTES)
#define TOKEN_TEXT_LEN     83u

struct token {
    uint64_t link;
    uint64_t board;
    uint64_t expires_ms; /* Unix time; 0: never */
    enum pl_role role;   /* VIEWER to OWNER */
};

void token_write(const struct keys *keys, const struct token *token,
                 char ret_text[TOKEN_TEXT_LEN + 1]);
/* PL_TOKEN for everything but a text that token_write made with one of these keys. Only the key's time is looked at, not
 * the link's. */
PL_CHECKED enum pl_status token_read(const struct keys *keys, struct pl_slice text, uint64_t now_ms,
                                     struct token *ret_token);

#endif
