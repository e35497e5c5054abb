/* What plenum serve is told: by flags, variables and a file, which of them counts, and that every mistake is told by
 * name and place. */
#include "base/config.h"
#include "base/options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FLAGS(...)     ((const char *[]){"plenum", "serve", __VA_ARGS__, NULL})
#define NO_FLAGS       ((const char *[]){"plenum", "serve", NULL})
#define VARIABLES(...) ((const char *[]){__VA_ARGS__, NULL})

static char error[CONFIG_ERROR_BYTES];

static enum pl_status read_config(const char *const *words, const char *const *variables, struct config **ret_config)
{
    int argc = 0;
    while (words[argc] != NULL)
        argc++;
    error[0] = '\0';
    return config_read(pl_mem_libc(), argc, (char *const *)(uintptr_t)words, (char *const *)(uintptr_t)variables,
                       ret_config, error);
}

static struct config *accepted(const char *const *words, const char *const *variables)
{
    struct config *config = NULL;
    if (read_config(words, variables, &config) != PL_OK)
        fail_msg("refused: %s", error);
    return config;
}

static void refused(const char *const *words, const char *const *variables, const char *told)
{
    struct config *config;
    assert_int_not_equal(read_config(words, variables, &config), PL_OK);
    if (strstr(error, told) == NULL)
        fail_msg("'%s' does not name '%s'", error, told);
    assert_null(strchr(error, '\n'));
}

static const char *file_with(const char *text)
{
    static char path[] = "/tmp/plenum-config-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static const char *listens(const struct config *config)
{
    static char text[ADDRESS_TEXT_BYTES];
    address_write(&config->listen, text);
    return text;
}

static void serving_needs_no_options(void **state)
{
    struct config *config = accepted(NO_FLAGS, NULL);
    (void)state;
    assert_int_equal(config->command, CONFIG_SERVE);
    assert_string_equal(listens(config), "127.0.0.1:8080");
    assert_int_equal(config->metrics_listen.len, 0);
    assert_string_equal(config->data, "plenum-data");
    assert_null(config->web_root_or_null);
    assert_int_equal(config->rate_factor, 1);
    assert_int_equal(config->map_mib, 65536);
    assert_int_equal(config->log, LOG_LEVEL_INFO);
    assert_int_equal(config->log_format, LOG_FORMAT_PLAIN);
    config_free(config);
}

static void flags_are_taken(void **state)
{
    struct config *config =
        accepted(FLAGS("--listen", "[::1]:0", "--origin", "https://a.example", "--rate-factor", "100", "--origin",
                       "http://b:81", "--log=warn", "--log-format", "json", "--trusted-proxy", "10.0.0.0/8"),
                 NULL);
    (void)state;
    assert_string_equal(listens(config), "[::1]:0");
    assert_int_equal(config->origins.n, 2);
    assert_string_equal(config->origins.at[1], "http://b:81");
    assert_int_equal(config->rate_factor, 100);
    assert_int_equal(config->log, LOG_LEVEL_WARN);
    assert_int_equal(config->log_format, LOG_FORMAT_JSON);
    assert_int_equal(config->trusted_proxies.n, 1);
    config_free(config);
}

static void flags_go_before_variables_and_variables_before_the_file(void **state)
{
    const char *path = file_with("# a comment\n\n  listen = 127.0.0.1:1\nlog=error\r\nmap-mib = 7\n"
                                 "origin = http://file-a\norigin = http://file-b\n"
                                 "trusted-proxy = ::1\ntrusted-proxy = 10.0.0.0/8\n");
    struct config *config = accepted(FLAGS("--config", path, "--listen", "127.0.0.1:3"),
                                     VARIABLES("PLENUM_LISTEN=127.0.0.1:2", "PLENUM_LOG=debug", "HOME=/",
                                               "PLENUM_ORIGIN= http://variable-a  http://variable-b ",
                                               "PLENUM_RATE_FACTOR="));
    (void)state;
    unlink(path);
    assert_string_equal(listens(config), "127.0.0.1:3");
    assert_int_equal(config->log, LOG_LEVEL_DEBUG);
    assert_int_equal(config->map_mib, 7);
    assert_int_equal(config->rate_factor, 1); /* an empty variable is as good as none */
    assert_int_equal(config->origins.n, 2);   /* a list replaces the lower one */
    assert_string_equal(config->origins.at[0], "http://variable-a");
    assert_string_equal(config->origins.at[1], "http://variable-b");
    assert_int_equal(config->trusted_proxies.n, 2);
    config_free(config);
}

static void a_variable_may_name_the_file_and_a_flag_another(void **state)
{
    const char *path = file_with("data = /from/the/file\n");
    char variable[128];
    (void)state;
    snprintf(variable, sizeof variable, "PLENUM_CONFIG=%s", path);
    struct config *config = accepted(NO_FLAGS, VARIABLES(variable));
    assert_string_equal(config->data, "/from/the/file");
    config_free(config);
    config = accepted(FLAGS("--config", path), VARIABLES("PLENUM_CONFIG=/does/not/exist"));
    assert_string_equal(config->data, "/from/the/file");
    config_free(config);
    unlink(path);
    refused(NO_FLAGS, VARIABLES("PLENUM_CONFIG=/does/not/exist"), "/does/not/exist");
}

static void mistakes_are_told_by_the_name_of_the_flag(void **state)
{
    (void)state;
    refused((const char *[]){"plenum", "srve", NULL}, NULL, "srve");
    refused(FLAGS("--lisen", "1"), NULL, "--lisen");
    refused(FLAGS("listen", "1"), NULL, "listen");
    refused(FLAGS("--"), NULL, "--");
    refused(FLAGS("--data"), NULL, "--data");
    refused(FLAGS("--data", ""), NULL, "--data");
    refused(FLAGS("--listen", "localhost:80"), NULL, "--listen");
    refused(FLAGS("--metrics-listen", "80"), NULL, "--metrics-listen");
    refused(FLAGS("--origin", "board.example.org"), NULL, "--origin");
    refused(FLAGS("--origin", "https://a.example/path"), NULL, "--origin");
    refused(FLAGS("--trusted-proxy", "proxy.example"), NULL, "proxy.example");
    refused(FLAGS("--rate-factor", "0"), NULL, "1 to 100000");
    refused(FLAGS("--rate-factor", "1e3"), NULL, "--rate-factor");
    refused(FLAGS("--map-mib", "16777217"), NULL, "1 to 16777216");
    refused(FLAGS("--log", "loud"), NULL, "loud");
    refused(FLAGS("--log-format", "xml"), NULL, "--log-format");
    refused(FLAGS("--check-config=yes"), NULL, "--check-config");
}

static void mistakes_are_told_by_the_name_of_the_variable(void **state)
{
    (void)state;
    refused(NO_FLAGS, VARIABLES("PLENUM_MAP_MIB=many"), "PLENUM_MAP_MIB");
    refused(NO_FLAGS, VARIABLES("PLENUM_ORIGIN=http://a b"), "PLENUM_ORIGIN");
    /* checked although a flag overrides it */
    refused(FLAGS("--log", "info"), VARIABLES("PLENUM_LOG=loud"), "PLENUM_LOG");
}

static void mistakes_are_told_by_file_and_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
    } cases[] = {{"\n# fine\nlog = loud\n", 3}, {"listen 127.0.0.1:1\n", 1},     {"data = d\nlisten =\n", 2},
                 {"lisen = 127.0.0.1:1\n", 1},  {"config = other\n", 1},         {"check-config = yes", 1},
                 {"data = d\n\n= 3", 3},        {"origin = http://a/b\n", 1},    {"--listen = 127.0.0.1:1\n", 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[128];
        const char *path = file_with(cases[i].text);
        snprintf(told, sizeof told, "%s:%u: ", path, cases[i].line);
        refused(FLAGS("--config", path), NULL, told);
        unlink(path);
    }
    refused(FLAGS("--config", "/tmp"), NULL, "/tmp");
}

static void a_list_has_an_end(void **state)
{
    char variable[1024] = "PLENUM_ORIGIN=";
    (void)state;
    for (unsigned i = 0; i < CONFIG_LIST_MAX; i++)
        strcat(variable, "http://a ");
    config_free(accepted(NO_FLAGS, VARIABLES(variable)));
    strcat(variable, "http://b");
    refused(NO_FLAGS, VARIABLES(variable), "16 times");
}

static void slips_of_the_pen_are_found_among_variables(void **state)
{
    (void)state;
    const char *const *fine = VARIABLES("PLENUM_LISTEN=127.0.0.1:1", "HOME=/", "XPLENUM_A=1");
    assert_null(config_unknown_variable((char *const *)(uintptr_t)fine));
    const char *const *slip = VARIABLES("PLENUM_LISTEN=127.0.0.1:1", "PLENUM_LISEN=127.0.0.1:1");
    assert_string_equal(config_unknown_variable((char *const *)(uintptr_t)slip), "PLENUM_LISEN=127.0.0.1:1");
}

static void help_and_version_are_found(void **state)
{
    static const struct {
        const char *words[5];
        enum config_command command;
    } cases[] = {{{"plenum", "--version", NULL}, CONFIG_VERSION},
                 {{"plenum", NULL}, CONFIG_HELP},
                 {{"plenum", "serve", "--help", NULL}, CONFIG_HELP},
                 {{"plenum", "serve", "--log", "info", "-h"}, CONFIG_HELP}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words[6] = {0};
        memcpy(words, cases[i].words, sizeof cases[i].words);
        struct config *config = accepted(words, NULL);
        assert_int_equal(config->command, cases[i].command);
        config_free(config);
    }
}

/* All that `print` prints. */
static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    print(out);
    fclose(out);
    return text;
}

static char *file_read_whole(const char *path)
{
    static char text[200000];
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void every_option_is_documented_everywhere(void **state)
{
    char *help = printed(options_print_help);
    char *manual = printed(options_print_manual);
    char *sample = printed(options_print_sample);
    const char *readme = file_read_whole(PLENUM_TESTS_DIR "/../server/README.md");
    (void)state;
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        const char *name = option_name((enum option_id)id);
        char text[128], variable[64];
        snprintf(text, sizeof text, "    --%s", name);
        assert_non_null(strstr(help, text));
        snprintf(text, sizeof text, "| `--%s", name);
        if (strstr(readme, text) == NULL)
            fail_msg("server/README.md has no row for --%s", name);
        option_variable((enum option_id)id, variable);
        if (!option_is_switch((enum option_id)id) && strstr(manual, variable) == NULL)
            fail_msg("the manual has no %s", variable);
        snprintf(text, sizeof text, "\n#%s = ", name);
        assert_int_equal(strstr(sample, text) != NULL, option_is_filed((enum option_id)id));
    }
    for (const char *c = manual; (c = strstr(c, "\n.B ")) != NULL; c++)
        assert_memory_equal(c, "\n.B \\-\\-", 8);
    free(help);
    free(manual);
    free(sample);
}

static void what_is_set_prints_as_a_file_that_sets_the_same(void **state)
{
    struct config *config = accepted(FLAGS("--listen", "[::1]:7", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy",
                                           "::1", "--log", "silent", "--origin", "http://a"),
                                     VARIABLES("PLENUM_DATA=/var/lib/plenum"));
    char *first = NULL, *second = NULL;
    size_t len;
    FILE *out = open_memstream(&first, &len);
    (void)state;
    config_print(config, out);
    fclose(out);
    config_free(config);
    assert_non_null(strstr(first, "# --listen\nlisten = [::1]:7\n"));
    assert_non_null(strstr(first, "# PLENUM_DATA\ndata = /var/lib/plenum\n"));
    assert_non_null(strstr(first, "# the default\nmap-mib = 65536\n"));
    assert_non_null(strstr(first, "trusted-proxy = 10.0.0.0/8\ntrusted-proxy = ::1/128\n"));

    const char *path = file_with(first);
    config = accepted(FLAGS("--config", path), NULL);
    out = open_memstream(&second, &len);
    config_print(config, out);
    fclose(out);
    config_free(config);
    unlink(path);
    assert_non_null(strstr(second, path)); /* where from is told by file and line */
    const char *a = first, *b = second;
    while ((a = strchr(a, '\n')) != NULL && (b = strchr(b, '\n')) != NULL) { /* but for the comments they are alike */
        a++, b++;
        if (*a != '#' || *b != '#')
            assert_memory_equal(a, b, strcspn(a, "\n"));
    }
    free(first);
    free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serving_needs_no_options),
        cmocka_unit_test(flags_are_taken),
        cmocka_unit_test(flags_go_before_variables_and_variables_before_the_file),
        cmocka_unit_test(a_variable_may_name_the_file_and_a_flag_another),
        cmocka_unit_test(mistakes_are_told_by_the_name_of_the_flag),
        cmocka_unit_test(mistakes_are_told_by_the_name_of_the_variable),
        cmocka_unit_test(mistakes_are_told_by_file_and_line),
        cmocka_unit_test(a_list_has_an_end),
        cmocka_unit_test(slips_of_the_pen_are_found_among_variables),
        cmocka_unit_test(help_and_version_are_found),
        cmocka_unit_test(every_option_is_documented_everywhere),
        cmocka_unit_test(what_is_set_prints_as_a_file_that_sets_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
