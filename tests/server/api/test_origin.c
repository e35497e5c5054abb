/* Which pages may talk to the server. */
#include "api/origin.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct pl_slice slice_of(const char *text_or_null)
{
    if (text_or_null == NULL)
        return (struct pl_slice){0};
    return (struct pl_slice){(const uint8_t *)text_or_null, strlen(text_or_null)};
}

static const char *const named[] = {"https://office.example", "http://10.0.0.5:81"};
static const struct origins origins = {.allowed = named, .allowed_n = 2};

static void own_and_named_origins_are_welcome(void **state)
{
    static const char *const cases[][2] = {
        {NULL, "board:8080"},
        {"http://board:8080", "board:8080"},
        {"https://board.example", "board.example"}, /* behind a proxy that ends TLS */
        {"HTTP://Board.Example", "board.example"},
        {"http://[::1]:8080", "[::1]:8080"},
        {"https://office.example", "board:8080"},
        {"http://10.0.0.5:81", "elsewhere"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(origin_allowed(&origins, false, slice_of(cases[i][0]), slice_of(cases[i][1])));
}

static void foreign_origins_are_not(void **state)
{
    static const char *const cases[][2] = {
        {"null", "board:8080"},
        {"", "board:8080"},
        {"http://", ""},
        {"http://board:8081", "board:8080"},
        {"http://board", "board:8080"},
        {"http://evil.example", "board:8080"},
        {"http://board:8080.evil.example", "board:8080"},
        {"http://xboard:8080", "board:8080"},
        {"ftp://board:8080", "board:8080"},
        {"https://office.example.evil", "board:8080"},
        {"https://office.example/", "board:8080"},
        {"file://", NULL},
        {"http://board:8080", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_false(origin_allowed(&origins, false, slice_of(cases[i][0]), slice_of(cases[i][1])));
}

static void only_plain_hosts_stand_in_links(void **state)
{
    char longest[300];
    (void)state;
    memset(longest, 'a', sizeof longest);
    assert_true(origin_host_valid(slice_of("board.example:8080")));
    assert_true(origin_host_valid(slice_of("[::1]:8080")));
    assert_true(origin_host_valid((struct pl_slice){(uint8_t *)longest, 255}));
    assert_false(origin_host_valid((struct pl_slice){(uint8_t *)longest, 256}));
    assert_false(origin_host_valid(slice_of("")));
    assert_false(origin_host_valid(slice_of(NULL)));
    assert_false(origin_host_valid(slice_of("a/b")));
    assert_false(origin_host_valid(slice_of("a@b")));
    assert_false(origin_host_valid(slice_of("a\"b")));
    assert_false(origin_host_valid(slice_of("a b")));
    assert_false(origin_host_valid((struct pl_slice){(const uint8_t *)"a\0b", 3}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_and_named_origins_are_welcome),
        cmocka_unit_test(foreign_origins_are_not),
        cmocka_unit_test(only_plain_hosts_stand_in_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
