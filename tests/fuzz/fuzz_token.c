/* A stranger's texts for tokens and cookies. The input's first byte says what becomes of the rest: a text as it is (0), changes
 * to a token that is right (1), or to a cookie that is right (2): pairs of a place and what is put there.
 *
 * Whatever comes: what is believed is what these keys wrote, to the letter; there is no second text for one token. */
#include "auth/guest.h"
#include "auth/token.h"
#include "draw.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_MS   1000000u
#define TEXT_MAX 4096u

static void keys_both(struct keys *ret_keys, struct keys *ret_former)
{
    uint8_t now[KEYS_SECRET_BYTES], former[KEYS_SECRET_BYTES];
    memset(now, 1, sizeof now);
    memset(former, 2, sizeof former);
    keys_init(ret_keys, now);
    keys_add_former(ret_keys, former, NOW_MS + 1);
    keys_init(ret_former, former);
}

static void token_try(struct pl_slice text)
{
    struct keys keys, former;
    struct token token;
    char again[TOKEN_TEXT_LEN + 1], before[TOKEN_TEXT_LEN + 1];
    keys_both(&keys, &former);
    if (token_read(&keys, text, NOW_MS, &token) != PL_OK)
        return;
    token_write(&keys, &token, again);
    token_write(&former, &token, before);
    REQUIRE(text.len == TOKEN_TEXT_LEN);
    REQUIRE(memcmp(text.data, again, TOKEN_TEXT_LEN) == 0 ||
            memcmp(text.data, before, TOKEN_TEXT_LEN) == 0);
    REQUIRE(token.role >= PL_ROLE_VIEWER && token.role <= PL_ROLE_OWNER);
}

static void cookie_try(struct pl_slice header)
{
    struct keys keys, former;
    char again[GUEST_COOKIE_BYTES_MAX], before[GUEST_COOKIE_BYTES_MAX];
    uint64_t user;
    keys_both(&keys, &former);
    if (!guest_read(&keys, header, NOW_MS, &user))
        return;
    guest_write(&keys, user, false, again);
    guest_write(&former, user, false, before);
    REQUIRE(memmem(header.data, header.len, again, strcspn(again, ";")) != NULL ||
            memmem(header.data, header.len, before, strcspn(before, ";")) != NULL);
}

/* Puts characters where the input says. */
static void spoil(char *text, size_t len, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 1 < size && len > 0; i += 2)
        text[data[i] % len] = (char)data[i + 1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keys keys, former;
    char text[TEXT_MAX];
    if (size == 0 || size > TEXT_MAX)
        return 0;
    const uint8_t *rest = data + 1;
    keys_both(&keys, &former);
    switch (data[0] % 3) {
    case 0:
        token_try((struct pl_slice){rest, size - 1});
        cookie_try((struct pl_slice){rest, size - 1});
        break;
    case 1:
        token_write(data[0] < 128 ? &keys : &former,
                    &(struct token){.link = 5, .board = 9, .role = PL_ROLE_EDITOR, .expires_ms = 7},
                    text);
        spoil(text, TOKEN_TEXT_LEN, rest, size - 1);
        token_try((struct pl_slice){(const uint8_t *)text, TOKEN_TEXT_LEN});
        break;
    default:
        guest_write(data[0] < 128 ? &keys : &former, 77, false, text);
        spoil(text, strlen(text), rest, size - 1);
        cookie_try((struct pl_slice){(const uint8_t *)text, strnlen(text, sizeof text)});
    }
    return 0;
}
