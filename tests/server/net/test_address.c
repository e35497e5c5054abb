/* Addresses as people type them. */
#include "net/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numeric_addresses_are_read_and_written_alike(void **state)
{
    static const char *const texts[] = {"127.0.0.1:8080", "0.0.0.0:0", "192.168.1.20:65535",
                                        "[::1]:80", "[::]:443"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        assert_int_equal(address_parse(texts[i], &address), PL_OK);
        address_write(&address, text);
        assert_string_equal(text, texts[i]);
    }
}

static void names_and_nonsense_are_refused(void **state)
{
    static const char *const texts[] = {
        "",           ":8080",       "localhost:8080", "127.0.0.1",     "127.0.0.1:",
        "127.1:80",   "::1:80",      "[::1]",          "[127.0.0.1]:1", "1.2.3.4:65536",
        "1.2.3.4:-1", "1.2.3.4:80x", "1.2.3.4: 80",    "eth0:80",       "[]:80"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct address address;
        assert_int_equal(address_parse(texts[i], &address), PL_INVALID);
    }
}

static void this_machine_is_told_from_others(void **state)
{
    static const struct {
        const char *text;
        bool loopback;
    } cases[] = {{"127.0.0.1:1", true}, {"127.9.9.9:1", true},          {"10.0.0.1:1", false},
                 {"[::1]:1", true},     {"[::ffff:127.0.0.1]:1", true}, {"[fe80::1]:1", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        assert_int_equal(address_parse(cases[i].text, &address), PL_OK);
        assert_int_equal(address_loopback(&address), cases[i].loopback);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numeric_addresses_are_read_and_written_alike),
        cmocka_unit_test(names_and_nonsense_are_refused),
        cmocka_unit_test(this_machine_is_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
