/* Ids as text, and the system's randomness. See ident.h. */
#include "base/ident.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void fill_system(void *user, void *bytes, size_t len)
{
    (void)user;
    for (size_t at = 0; at < len;) {
        ssize_t got = getrandom((uint8_t *)bytes + at, len - at, 0);
        if (got > 0)
            at += (size_t)got;
        else if (errno != EINTR)
            abort(); /* no id or key may ever be guessable */
    }
}

static const struct random system_random = {.fill = fill_system};

const struct random *random_system(void)
{
    return &system_random;
}

uint64_t random_u64(const struct random *random)
{
    uint64_t value;
    do
        random->fill(random->user, &value, sizeof value);
    while (value == 0);
    return value;
}

void ident_write(uint64_t id, char ret_text[IDENT_TEXT_LEN + 1])
{
    for (unsigned i = 0; i < 10; i++)
        ret_text[i] = alphabet[(id >> (58 - 6 * i)) & 63];
    ret_text[10] = alphabet[(id & 15) << 2]; /* 64 = 10 * 6 + 4: two bits stay 0 */
    ret_text[IDENT_TEXT_LEN] = '\0';
}

bool ident_read(struct pl_slice text, uint64_t *ret_id)
{
    if (text.len != IDENT_TEXT_LEN)
        return false;
    uint64_t id = 0;
    for (unsigned i = 0; i < IDENT_TEXT_LEN; i++) {
        const char *at = text.data[i] == '\0' ? NULL : strchr(alphabet, text.data[i]);
        if (at == NULL)
            return false;
        uint64_t digit = (uint64_t)(at - alphabet);
        if (i < 10)
            id = (id << 6) | digit;
        else if ((digit & 3) != 0)
            return false;
        else
            id = (id << 4) | (digit >> 2);
    }
    *ret_id = id;
    return true;
}
