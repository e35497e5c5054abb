/* Only what trusted proxies vouch for is believed of X-Forwarded-For. */
#include "net/forwarded.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_list_is_believed_from_its_end_as_far_as_proxies_vouch(void **state)
{
    static const struct {
        const char *peer, *list, *client;
    } cases[] = {
        {"10.0.0.1", "203.0.113.7", "203.0.113.7"},
        {"10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"},
        {"10.0.0.1", "1.2.3.4, 203.0.113.7,10.0.0.2", "203.0.113.7"}, /* the first is the client's own invention */
        {"10.0.0.1", "10.0.0.9,  10.0.0.2 ", "10.0.0.9"},             /* proxies all the way */
        {"10.0.0.1", "2001:db8::5", "2001:db8::5"},
        {"10.0.0.1", "[2001:db8::5]", "2001:db8::5"},
        {"::1", "203.0.113.7", "203.0.113.7"},
        {"10.0.0.1", NULL, "10.0.0.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "unknown", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.7, unknown", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.7, unknown, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "203.0.113.7,,", "10.0.0.1"},
        {"10.0.0.1", "203.0.113.7 198.51.100.1", "198.51.100.1"},
        {"203.0.113.9", "198.51.100.1", "203.0.113.9"}, /* no proxy of ours */
    };
    struct network trusted[2];
    (void)state;
    assert_int_equal(network_parse("10.0.0.0/8", &trusted[0]), PL_OK);
    assert_int_equal(network_parse("::1", &trusted[1]), PL_OK);
    const struct proxies proxies = {trusted, 2};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address peer;
        char text[ADDRESS_TEXT_BYTES];
        assert_int_equal(address_parse_host(cases[i].peer, &peer), PL_OK);
        struct address client = forwarded_client(&proxies, &peer, cases[i].list);
        address_write_host(&client, text);
        assert_string_equal(text, cases[i].client);
    }
}

static void without_trusted_proxies_nothing_is_believed(void **state)
{
    struct address peer;
    char text[ADDRESS_TEXT_BYTES];
    (void)state;
    assert_int_equal(address_parse_host("127.0.0.1", &peer), PL_OK);
    struct address client = forwarded_client(&(struct proxies){0}, &peer, "203.0.113.7");
    address_write_host(&client, text);
    assert_string_equal(text, "127.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_believed_from_its_end_as_far_as_proxies_vouch),
        cmocka_unit_test(without_trusted_proxies_nothing_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
