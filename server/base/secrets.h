/* The secrets that sign links and guests' cookies, as store keeps them and auth uses them. */
#ifndef BASE_SECRETS_H
#define BASE_SECRETS_H
#include <stddef.h>
#include <stdint.h>

#define SECRET_BYTES       32u
#define SECRETS_FORMER_MAX 3u

/* One that was replaced, and still verifies what it signed until a Unix time. */
struct secret_former {
    uint8_t bytes[SECRET_BYTES];
    uint64_t until_ms;
};

struct secrets {
    uint8_t now[SECRET_BYTES];
    struct secret_former former[SECRETS_FORMER_MAX]; /* the newest first */
    size_t former_n;
};

#endif
