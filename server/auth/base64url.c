/* See base64url.h. Not constant-time: what it decodes is compared by its MAC afterwards. */
#include "auth/base64url.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_write(const void *data, size_t len, char *ret_text)
{
    const uint8_t *bytes = data;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            *ret_text++ = alphabet[bits >> (have - 6) & 63u];
    }
    if (have > 0)
        *ret_text = alphabet[bits << (6 - have) & 63u];
}

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

static bool decode(struct pl_slice text, uint8_t *ret_or_null)
{
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            if (ret_or_null != NULL)
                *ret_or_null++ = (uint8_t)(bits >> have);
        }
    }
    return (bits & ((UINT32_C(1) << have) - 1)) == 0;
}

bool base64url_read(struct pl_slice text, void *ret_data, size_t len)
{
    if (text.len != BASE64URL_LEN(len) || !decode(text, NULL))
        return false;
    return decode(text, ret_data);
}
