/* Which of an operator's files are shown to people, and what is said of the others. */
#include "auth/certificate.h"
#include "tests/support/certificates.h"
#include "tests/support/core_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define DAY_S 86400

struct place {
    char dir[64];
    char chain[96];
    char key[96];
};

static int place_make(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (place == NULL)
        return -1;
    core_dir_make(place->dir);
    snprintf(place->chain, sizeof place->chain, "%s/chain.pem", place->dir);
    snprintf(place->key, sizeof place->key, "%s/key.pem", place->dir);
    *state = place;
    return 0;
}

static int place_remove(void **state)
{
    struct place *place = *state;
    core_dir_remove(place->dir);
    free(place);
    return 0;
}

static void assert_refused(const struct place *place, const char *because)
{
    char why[CERTIFICATE_WHY_BYTES];
    struct certificate *certificate = NULL;
    assert_int_equal(certificate_read(pl_mem_libc(), place->chain, place->key, (uint64_t)time(NULL),
                                      &certificate, why),
                     PL_INVALID);
    assert_null(certificate);
    assert_non_null(strstr(why, because));
}

/* Reads it and returns in how many days it ends. */
static uint64_t days_left(const struct place *place)
{
    char why[CERTIFICATE_WHY_BYTES] = "";
    struct certificate *certificate = NULL;
    uint64_t now = (uint64_t)time(NULL);
    enum pl_status status =
        certificate_read(pl_mem_libc(), place->chain, place->key, now, &certificate, why);
    assert_string_equal(why, "");
    assert_int_equal(status, PL_OK);
    uint64_t days = (certificate_ends_s(certificate) - now + DAY_S / 2) / DAY_S;
    certificate_free(certificate);
    return days;
}

static void one_that_signed_itself_passes(void **state)
{
    const struct place *place = *state;
    certificate_make_good("Board", place->chain, place->key);
    assert_int_equal(days_left(place), 30);
}

static void a_chain_ends_with_the_first_of_it_to_end(void **state)
{
    const struct place *place = *state;
    struct certificate_wish wish = {.name = "Board",
                                    .from_s = -DAY_S,
                                    .until_s = 90 * DAY_S,
                                    .by_authority = true,
                                    .authority_until_s = 400 * DAY_S};
    certificate_make(&wish, place->chain, place->key);
    assert_int_equal(days_left(place), 90);
    wish.authority_until_s = 7 * DAY_S;
    certificate_make(&wish, place->chain, place->key);
    assert_int_equal(days_left(place), 7);
}

static void those_whose_time_it_is_not_are_refused(void **state)
{
    const struct place *place = *state;
    struct certificate_wish wish = {.name = "Board", .from_s = -2 * DAY_S, .until_s = -DAY_S};
    certificate_make(&wish, place->chain, place->key);
    assert_refused(place, "chain.pem has expired");
    wish.from_s = DAY_S;
    wish.until_s = 2 * DAY_S;
    certificate_make(&wish, place->chain, place->key);
    assert_refused(place, "chain.pem is not valid yet");
    wish.from_s = -DAY_S;
    wish.by_authority = true;
    wish.authority_until_s = -60;
    certificate_make(&wish, place->chain, place->key);
    assert_refused(place, "has a certificate in its chain that has expired");
}

static void a_chain_in_disorder_is_refused(void **state)
{
    const struct place *place = *state;
    struct certificate_wish wish = {.name = "Board",
                                    .from_s = -DAY_S,
                                    .until_s = DAY_S,
                                    .by_authority = true,
                                    .authority_until_s = DAY_S,
                                    .disordered = true};
    certificate_make(&wish, place->chain, place->key);
    assert_refused(place, "the next one in it did not sign");
}

static void anothers_key_and_a_locked_one_are_refused(void **state)
{
    const struct place *place = *state;
    char other[96];
    snprintf(other, sizeof other, "%s/other.pem", place->dir);
    certificate_make_good("Board", place->chain, place->key);
    certificate_make_good("Other", place->chain, other); /* its certificate is in place now */
    assert_refused(place, "key.pem is not the certificate's key");
    struct certificate_wish wish = {
        .name = "Board", .from_s = -DAY_S, .until_s = DAY_S, .passphrase_or_null = "open"};
    certificate_make(&wish, place->chain, place->key);
    assert_refused(place, "behind a passphrase");
}

static void text_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void files_that_are_none_are_refused(void **state)
{
    const struct place *place = *state;
    assert_refused(place, "chain.pem cannot be read");
    text_write(place->chain, "");
    assert_refused(place, "chain.pem has no certificate in PEM");
    certificate_make_good("Board", place->chain, place->key);
    text_write(place->key, "a key, really\n");
    assert_refused(place, "key.pem has no key in PEM");
    assert_int_equal(remove(place->key), 0);
    assert_refused(place, "key.pem cannot be read");
}

/* As while a copy is still being written. */
static void half_a_chain_is_refused(void **state)
{
    const struct place *place = *state;
    struct certificate_wish wish = {.name = "Board",
                                    .from_s = -DAY_S,
                                    .until_s = DAY_S,
                                    .by_authority = true,
                                    .authority_until_s = DAY_S};
    char text[8192];
    certificate_make(&wish, place->chain, place->key);
    FILE *file = fopen(place->chain, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len - 100] = '\0';
    text_write(place->chain, text);
    assert_refused(place, "has a damaged certificate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_signed_itself_passes, place_make, place_remove),
        cmocka_unit_test_setup_teardown(a_chain_ends_with_the_first_of_it_to_end, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(those_whose_time_it_is_not_are_refused, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(a_chain_in_disorder_is_refused, place_make, place_remove),
        cmocka_unit_test_setup_teardown(anothers_key_and_a_locked_one_are_refused, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(files_that_are_none_are_refused, place_make, place_remove),
        cmocka_unit_test_setup_teardown(half_a_chain_is_refused, place_make, place_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
