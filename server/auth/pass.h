/* The grant cookie, a pass: what a media element, which sends no Authorization header, shows instead of a link's token. It
 * says by which link and as whom a browser came to a board, for PASS_MS_MAX; the link's row is looked at for each request,
 * so a withdrawn link ends it at once. Its path is the board's, so each board has its own. */
#ifndef AUTH_PASS_H
#define AUTH_PASS_H
#include "auth/grant.h"

#define PASS_MS_MAX           (12ull * 3600000u)
#define PASS_COOKIE_BYTES_MAX 320u /* a whole Set-Cookie value with its NUL */

/* The Set-Cookie value, NUL-terminated, for the grant's board, link and user. */
void pass_write(const struct keys *keys, const struct grant *grant, uint64_t now_ms, bool secure,
                char ret_text[PASS_COOKIE_BYTES_MAX]);
/* As grant_check, by a Cookie header; the grant has a user. PL_TOKEN: none of ours, of another board, or too old. */
PL_CHECKED enum pl_status pass_check(const struct keys *keys, const struct links *links, struct pl_slice cookie_header,
                                     uint64_t board, uint64_t now_ms, struct grant *ret_grant);

#endif
