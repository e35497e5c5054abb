/* Random 64-bit ids and their text in links and paths: 11 characters of base64url (RFC 4648, no
 * padding). */
#ifndef BASE_IDENT_H
#define BASE_IDENT_H
#include "proto/mem.h"

#define IDENT_TEXT_LEN 11u

/* Where randomness comes from, so that a test can own it. */
struct random {
    void (*fill)(void *user, void *bytes, size_t len);
    void *user;
};

/* The operating system's; blocks only before it is seeded at boot. Static. */
const struct random *random_system(void);
uint64_t random_u64(const struct random *random); /* never 0 */

void ident_write(uint64_t id, char ret_text[IDENT_TEXT_LEN + 1]); /* NUL-terminated */
/* false for anything ident_write would not have written; ret_id is then untouched. */
bool ident_read(struct pl_slice text, uint64_t *ret_id);

#endif
