/* Tokens, grants and guest cookies: only this server makes them, and nothing near one passes for
 * one. */
#include "auth/base64url.h"
#include "auth/grant.h"
#include "auth/guest.h"
#include "auth/token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS 1800000000000u

static struct pl_slice slice_of(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

static struct keys keys_of(uint8_t seed)
{
    uint8_t secret[KEYS_SECRET_BYTES];
    struct keys keys;
    memset(secret, seed, sizeof secret);
    keys_init(&keys, secret);
    return keys;
}

static const struct token sample = {.link = 0xfedcba9876543210u,
                                    .board = 0x0123456789abcdefu,
                                    .expires_ms = 42,
                                    .role = PL_ROLE_EDITOR};

static void a_token_says_what_was_written_into_it(void **state)
{
    struct keys keys = keys_of(1);
    char text[TOKEN_TEXT_LEN + 1];
    struct token token;
    (void)state;
    token_write(&keys, &sample, text);
    assert_int_equal(strlen(text), TOKEN_TEXT_LEN);
    assert_int_equal(token_read(&keys, slice_of(text), NOW_MS, &token), PL_OK);
    assert_int_equal(token.link, sample.link);
    assert_int_equal(token.board, sample.board);
    assert_int_equal(token.expires_ms, sample.expires_ms);
    assert_int_equal(token.role, sample.role);
}

static void any_changed_character_makes_a_token_worthless(void **state)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n";
    struct keys keys = keys_of(1);
    char text[TOKEN_TEXT_LEN + 1];
    struct token token = {.board = 7};
    (void)state;
    token_write(&keys, &sample, text);
    for (size_t at = 0; at < TOKEN_TEXT_LEN; at++) {
        char right = text[at];
        for (const char *c = alphabet; *c != '\0'; c++) {
            if (*c == right)
                continue;
            text[at] = *c;
            assert_int_equal(token_read(&keys, slice_of(text), NOW_MS, &token), PL_TOKEN);
        }
        text[at] = right;
    }
    assert_int_equal(token.board, 7); /* untouched by failures */
}

static void a_token_of_another_length_is_refused(void **state)
{
    struct keys keys = keys_of(1);
    char text[TOKEN_TEXT_LEN + 8] = {0};
    struct token token;
    (void)state;
    token_write(&keys, &sample, text);
    for (size_t len = 0; len < TOKEN_TEXT_LEN; len++)
        assert_int_equal(token_read(&keys, (struct pl_slice){(const uint8_t *)text, len}, NOW_MS, &token),
                         PL_TOKEN);
    strcat(text, "AA");
    assert_int_equal(token_read(&keys, slice_of(text), NOW_MS, &token), PL_TOKEN);
}

static void a_token_of_another_server_is_refused(void **state)
{
    struct keys ours = keys_of(1);
    struct keys theirs = keys_of(2);
    struct keys posing = theirs;
    char text[TOKEN_TEXT_LEN + 1];
    struct token token;
    (void)state;
    assert_int_not_equal(ours.key[0].id, theirs.key[0].id);
    token_write(&theirs, &sample, text);
    assert_int_equal(token_read(&ours, slice_of(text), NOW_MS, &token), PL_TOKEN);
    posing.key[0].id = ours.key[0].id; /* names our key, signs with another */
    token_write(&posing, &sample, text);
    assert_int_equal(token_read(&ours, slice_of(text), NOW_MS, &token), PL_TOKEN);
}

static void a_signed_role_outside_the_table_is_refused(void **state)
{
    static const uint8_t roles[] = {0, 6, 7, 255};
    struct keys keys = keys_of(1);
    uint8_t bytes[TOKEN_BYTES];
    char text[TOKEN_TEXT_LEN + 1];
    struct token token;
    (void)state;
    for (size_t i = 0; i < sizeof roles; i++) {
        token_write(&keys, &sample, text);
        assert_true(base64url_read(slice_of(text), bytes, sizeof bytes));
        bytes[21] = roles[i];
        keys_mac(&keys.key[0], KEYS_USE_TOKEN, bytes, TOKEN_SIGNED_BYTES, bytes + TOKEN_SIGNED_BYTES);
        base64url_write(bytes, sizeof bytes, text);
        assert_int_equal(token_read(&keys, slice_of(text), NOW_MS, &token), PL_TOKEN);
    }
}

static void base64url_has_one_text_for_one_value(void **state)
{
    uint8_t byte;
    uint8_t two[2];
    (void)state;
    assert_true(base64url_read(slice_of("AQ"), &byte, 1));
    assert_int_equal(byte, 1);
    assert_false(base64url_read(slice_of("AR"), &byte, 1)); /* leftover bits */
    assert_false(base64url_read(slice_of("AQ="), &byte, 1));
    assert_true(base64url_read(slice_of("_-8"), two, 2));
    assert_int_equal(two[0], 0xff);
    assert_int_equal(two[1], 0xef);
    assert_false(base64url_read(slice_of("_-9"), two, 2));
}

/* ---- grants ---- */

static enum pl_status row_find(void *self, uint64_t board, uint64_t link, struct link_row *ret_row)
{
    const struct link_row *row = self;
    if (row == NULL || row->link != link || row->board != board)
        return PL_NOT_FOUND;
    *ret_row = *row;
    return PL_OK;
}

static enum pl_status grant_with(const struct link_row *row_or_null, const struct token *token,
                                 uint64_t board, struct grant *ret_grant)
{
    struct keys keys = keys_of(1);
    struct links links = {.find = row_find, .self = (void *)(uintptr_t)row_or_null};
    char text[TOKEN_TEXT_LEN + 1];
    token_write(&keys, token, text);
    return grant_check(&keys, &links, slice_of(text), board, NOW_MS, ret_grant);
}

static void a_grant_needs_a_link_that_still_stands(void **state)
{
    struct token token = {.link = 5, .board = 9, .role = PL_ROLE_EDITOR};
    struct link_row row = {.link = 5, .board = 9, .role = PL_ROLE_EDITOR};
    struct grant grant;
    (void)state;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_OK);
    assert_int_equal(grant.role, PL_ROLE_EDITOR);
    assert_int_equal(grant.board, 9);
    assert_int_equal(grant.link, 5);
    assert_int_equal(grant_with(NULL, &token, 9, &grant), PL_TOKEN);
    assert_int_equal(grant_with(&row, &token, 10, &grant), PL_TOKEN); /* for another board */
    row.board = 10;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_TOKEN);
    row.board = 9;
    row.revoked = true;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_REVOKED);
}

static void a_grant_ends_with_its_link(void **state)
{
    struct token token = {.link = 5, .board = 9, .role = PL_ROLE_OWNER, .expires_ms = NOW_MS + 5};
    struct link_row row = {.link = 5, .board = 9, .role = PL_ROLE_OWNER, .expires_ms = NOW_MS + 1};
    struct grant grant;
    (void)state;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_OK);
    assert_int_equal(grant.expires_ms, NOW_MS + 1);
    row.expires_ms = NOW_MS;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_EXPIRED);
    row.expires_ms = 0; /* prolonged: what was handed out opens again */
    token.expires_ms = NOW_MS - 1;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_OK);
    assert_int_equal(grant.expires_ms, 0);
}

static void a_links_role_is_that_of_everybody_who_holds_it(void **state)
{
    struct token token = {.link = 5, .board = 9, .role = PL_ROLE_EDITOR};
    struct link_row row = {.link = 5, .board = 9, .role = PL_ROLE_VIEWER};
    struct grant grant;
    (void)state;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_OK);
    assert_int_equal(grant.role, PL_ROLE_VIEWER);
    row.role = PL_ROLE_FACILITATOR;
    assert_int_equal(grant_with(&row, &token, 9, &grant), PL_OK);
    assert_int_equal(grant.role, PL_ROLE_FACILITATOR);
}

/* ---- rotated keys ---- */

static void a_former_key_verifies_until_its_time_and_signs_nothing(void **state)
{
    struct keys before = keys_of(1), after = keys_of(2);
    uint8_t former[KEYS_SECRET_BYTES];
    char text[TOKEN_TEXT_LEN + 1], set[GUEST_COOKIE_BYTES_MAX];
    struct token token;
    uint64_t user;
    (void)state;
    memcpy(former, before.key[0].secret, sizeof former);
    keys_add_former(&after, former, NOW_MS + 10);
    token_write(&before, &sample, text);
    guest_write(&before, 5, false, set);
    assert_int_equal(token_read(&after, slice_of(text), NOW_MS + 9, &token), PL_OK);
    assert_int_equal(token_read(&after, slice_of(text), NOW_MS + 10, &token), PL_TOKEN);
    assert_true(guest_read(&after, slice_of(set), NOW_MS, &user));
    assert_int_equal(user, 5);
    assert_false(guest_read(&after, slice_of(set), NOW_MS + 10, &user));
    token_write(&after, &sample, text);
    assert_int_equal(token_read(&before, slice_of(text), NOW_MS, &token), PL_TOKEN);
}

static void more_former_keys_than_there_is_room_for_are_left_out(void **state)
{
    struct keys keys = keys_of(1);
    (void)state;
    for (uint8_t i = 2; i < 10; i++) {
        struct keys other = keys_of(i);
        keys_add_former(&keys, other.key[0].secret, 0);
    }
    assert_int_equal(keys.n, 1 + KEYS_FORMER_MAX);
}

/* ---- guests ---- */

static void a_guest_is_found_among_other_cookies(void **state)
{
    struct keys keys = keys_of(1);
    char set[GUEST_COOKIE_BYTES_MAX];
    char header[512];
    uint64_t user = 0;
    (void)state;
    guest_write(&keys, 123456789, false, set);
    assert_non_null(strstr(set, "; HttpOnly"));
    assert_non_null(strstr(set, "; SameSite=Lax"));
    assert_non_null(strstr(set, "; Path=/"));
    assert_null(strstr(set, "Secure"));
    snprintf(header, sizeof header, "theme=dark; plenum_00000000=x; %.*s; last=1",
             (int)strcspn(set, ";"), set);
    assert_true(guest_read(&keys, slice_of(header), NOW_MS, &user));
    assert_int_equal(user, 123456789);
    guest_write(&keys, 1, true, set);
    assert_non_null(strstr(set, "; Secure"));
}

static void a_forged_guest_is_nobody(void **state)
{
    struct keys keys = keys_of(1);
    struct keys other = keys_of(3);
    char set[GUEST_COOKIE_BYTES_MAX];
    uint64_t user = 77;
    (void)state;
    guest_write(&keys, 5, false, set);
    set[strcspn(set, ";")] = '\0';
    char *value = strchr(set, '=') + 1;
    value[9] = value[9] == 'A' ? 'B' : 'A';
    assert_false(guest_read(&keys, slice_of(set), NOW_MS, &user));
    guest_write(&other, 5, false, set);
    assert_false(guest_read(&keys, slice_of(set), NOW_MS, &user));
    assert_false(guest_read(&keys, slice_of(""), NOW_MS, &user));
    assert_false(guest_read(&keys, (struct pl_slice){0}, NOW_MS, &user));
    assert_false(guest_read(&keys, slice_of(";;; ;="), NOW_MS, &user));
    assert_int_equal(user, 77);
}

static void a_guests_number_fits_a_double(void **state)
{
    (void)state;
    assert_int_equal(guest_number(0), 1);
    assert_int_equal(guest_number(UINT64_MAX), (UINT64_C(1) << 53) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_what_was_written_into_it),
        cmocka_unit_test(any_changed_character_makes_a_token_worthless),
        cmocka_unit_test(a_token_of_another_length_is_refused),
        cmocka_unit_test(a_token_of_another_server_is_refused),
        cmocka_unit_test(a_signed_role_outside_the_table_is_refused),
        cmocka_unit_test(base64url_has_one_text_for_one_value),
        cmocka_unit_test(a_grant_needs_a_link_that_still_stands),
        cmocka_unit_test(a_grant_ends_with_its_link),
        cmocka_unit_test(a_links_role_is_that_of_everybody_who_holds_it),
        cmocka_unit_test(a_former_key_verifies_until_its_time_and_signs_nothing),
        cmocka_unit_test(more_former_keys_than_there_is_room_for_are_left_out),
        cmocka_unit_test(a_guest_is_found_among_other_cookies),
        cmocka_unit_test(a_forged_guest_is_nobody),
        cmocka_unit_test(a_guests_number_fits_a_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
