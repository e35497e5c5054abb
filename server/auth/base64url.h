/* base64url without padding (RFC 4648 section 5), strict: one text for one sequence of bytes. Pure.
 */
#ifndef AUTH_BASE64URL_H
#define AUTH_BASE64URL_H
#include "proto/mem.h"

#define BASE64URL_LEN(bytes) (((bytes)*4u + 2u) / 3u)

/* Writes BASE64URL_LEN(len) characters and no NUL. */
void base64url_write(const void *data, size_t len, char *ret_text);
/* Exactly `len` bytes; false for another length, a foreign character, or leftover bits that are not
 * zero. */
bool base64url_read(struct pl_slice text, void *ret_data, size_t len);

#endif
