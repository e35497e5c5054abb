/* Addresses as people type them. */
#include "base/address.h"
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

static void networks_hold_addresses_that_begin_alike(void **state)
{
    static const struct {
        const char *network, *host;
        bool has;
    } cases[] = {{"10.0.0.0/8", "10.255.0.1", true},    {"10.0.0.0/8", "11.0.0.1", false},
                 {"10.1.2.3", "10.1.2.3", true},        {"10.1.2.3", "10.1.2.4", false},
                 {"192.168.4.0/23", "192.168.5.9", true}, {"192.168.4.0/23", "192.168.6.1", false},
                 {"0.0.0.0/0", "8.8.8.8", true},        {"0.0.0.0/0", "::1", false},
                 {"fd00::/7", "fc00::1", true},         {"fd00::/8", "[fd12::1]", true},
                 {"::1", "::1", true},                  {"::/0", "10.0.0.1", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network network;
        struct address address;
        assert_int_equal(network_parse(cases[i].network, &network), PL_OK);
        assert_int_equal(address_parse_host(cases[i].host, &address), PL_OK);
        assert_int_equal(network_has(&network, &address), cases[i].has);
    }
}

static void what_is_no_network_or_host_is_refused(void **state)
{
    static const char *const networks[] = {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "10.0.0/8",
                                           "::/129", "proxy.example", "10.0.0.0/-1", "10.0.0.0/99999999999"};
    static const char *const hosts[] = {"", "unknown", "10.0.0.1:80", "[10.0.0.1]", "_hidden", "::1]", "[::1"};
    struct network network;
    struct address address;
    (void)state;
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        assert_int_equal(network_parse(networks[i], &network), PL_INVALID);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        assert_int_equal(address_parse_host(hosts[i], &address), PL_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numeric_addresses_are_read_and_written_alike),
        cmocka_unit_test(names_and_nonsense_are_refused),
        cmocka_unit_test(networks_hold_addresses_that_begin_alike),
        cmocka_unit_test(what_is_no_network_or_host_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
