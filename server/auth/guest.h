/* A guest: a number in a cookie, so that one browser is one person on every board. It grants
 * nothing; links do. */
#ifndef AUTH_GUEST_H
#define AUTH_GUEST_H
#include "auth/keys.h"

#define GUEST_COOKIE_BYTES_MAX 192u /* a whole Set-Cookie value with its NUL */

/* The guest in a Cookie header, by the newest key that wrote one; false when there is none of ours, or it is forged. */
bool guest_read(const struct keys *keys, struct pl_slice cookie_header, uint64_t now_ms, uint64_t *ret_user);
/* The Set-Cookie value for a guest, NUL-terminated. `secure` when the site is served over TLS. */
void guest_write(const struct keys *keys, uint64_t user, bool secure,
                 char ret_text[GUEST_COOKIE_BYTES_MAX]);
/* A number from 64 random bits: 1 to 2^53-1. */
uint64_t guest_number(uint64_t random);

#endif
