/* The command line: what it means, and that every mistake is told by name. */
#include "base/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static enum pl_status parse(const char *const *words, struct config *ret_config,
                            char ret_error[CONFIG_ERROR_BYTES])
{
    char *argv[16] = {0};
    int argc = 0;
    while (words[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)words[argc];
        argc++;
    }
    return config_parse(argc, argv, ret_config, ret_error);
}

static void serving_needs_no_options(void **state)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];
    (void)state;
    assert_int_equal(parse((const char *[]){"plenum", "serve", NULL}, &config, error), PL_OK);
    assert_int_equal(config.command, CONFIG_SERVE);
    assert_string_equal(config.listen, "127.0.0.1:8080");
    assert_string_equal(config.data, "plenum-data");
    assert_null(config.web_root_or_null);
    assert_int_equal(config.rate_factor, 1);
}

static void options_are_taken(void **state)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];
    const char *words[] = {"plenum",
                           "serve",
                           "--listen",
                           "[::1]:0",
                           "--origin",
                           "https://a.example",
                           "--rate-factor",
                           "100",
                           "--origin",
                           "http://b:81",
                           "--log",
                           "warn",
                           NULL};
    (void)state;
    assert_int_equal(parse(words, &config, error), PL_OK);
    assert_string_equal(config.listen, "[::1]:0");
    assert_int_equal(config.origin_n, 2);
    assert_string_equal(config.origins[1], "http://b:81");
    assert_int_equal(config.rate_factor, 100);
    assert_int_equal(config.log, LOG_LEVEL_WARN);
}

static void mistakes_are_told_by_name(void **state)
{
    const char *cases[][5] = {
        {"plenum", "srve", NULL},
        {"plenum", "serve", "--lisen", "1", NULL},
        {"plenum", "serve", "--data", NULL},
        {"plenum", "serve", "--origin", "board.example.org", NULL},
        {"plenum", "serve", "--origin", "https://a.example/path", NULL},
        {"plenum", "serve", "--rate-factor", "0", NULL},
        {"plenum", "serve", "--rate-factor", "1e3", NULL},
        {"plenum", "serve", "--log", "loud", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config config;
        char error[CONFIG_ERROR_BYTES] = "";
        assert_int_equal(parse(cases[i], &config, error), PL_INVALID);
        assert_non_null(strstr(error, cases[i][2] != NULL ? cases[i][2] : cases[i][1]));
    }
}

static void help_and_version_are_found(void **state)
{
    struct config config;
    char error[CONFIG_ERROR_BYTES];
    (void)state;
    assert_int_equal(parse((const char *[]){"plenum", "--version", NULL}, &config, error), PL_OK);
    assert_int_equal(config.command, CONFIG_VERSION);
    assert_int_equal(parse((const char *[]){"plenum", NULL}, &config, error), PL_OK);
    assert_int_equal(config.command, CONFIG_HELP);
    assert_int_equal(parse((const char *[]){"plenum", "serve", "--help", NULL}, &config, error),
                     PL_OK);
    assert_int_equal(config.command, CONFIG_HELP);
    assert_non_null(strstr(config_usage(), "--listen"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serving_needs_no_options),
        cmocka_unit_test(options_are_taken),
        cmocka_unit_test(mistakes_are_told_by_name),
        cmocka_unit_test(help_and_version_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
