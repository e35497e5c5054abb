/* See cookie.h. */
#include "auth/cookie.h"
#include <string.h>

bool cookie_next(struct pl_slice *rest, const char *name, struct pl_slice *ret_value)
{
    const size_t name_len = strlen(name);
    while (rest->len > 0) {
        const uint8_t *at = rest->data, *end = rest->data + rest->len;
        const uint8_t *stop = memchr(at, ';', rest->len);
        if (stop == NULL)
            stop = end;
        *rest = stop < end ? (struct pl_slice){stop + 1, (size_t)(end - stop) - 1} : (struct pl_slice){end, 0};
        while (at < stop && *at == ' ')
            at++;
        const size_t len = (size_t)(stop - at);
        if (len > name_len && memcmp(at, name, name_len) == 0 && at[name_len] == '=') {
            *ret_value = (struct pl_slice){at + name_len + 1, len - name_len - 1};
            return true;
        }
    }
    return false;
}
