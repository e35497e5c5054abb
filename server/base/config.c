/* See config.h. */
#include "base/config.h"
#include <stdio.h>
#include <string.h>

#define RATE_FACTOR_MAX 100000u
#define MAP_MIB_MAX     (1u << 24)

const char *config_usage(void)
{
    return "Plenum: a shared whiteboard, served from one data folder.\n"
           "\n"
           "  plenum serve [options]\n"
           "    --listen ADDR:PORT   where to listen: a numeric address, [::1]:8080 for IPv6 "
           "(127.0.0.1:8080)\n"
           "    --data DIR           the data folder, made when it is missing (./plenum-data)\n"
           "    --origin URL         a page's origin to welcome besides the server's own; may be "
           "repeated\n"
           "    --web-root DIR       serve the web client from a folder instead of the built-in "
           "one\n"
           "    --map-mib N          the most the data file may grow to, in MiB (65536)\n"
           "    --rate-factor N      multiplies each session's rate limits, for load tests (1)\n"
           "    --log LEVEL          debug, info, warn, error or silent (info)\n"
           "  plenum --version\n"
           "  plenum --help\n";
}

static bool level_parse(const char *text, enum log_level *ret_level)
{
    static const char *const names[] = {"debug", "info", "warn", "error", "silent"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

static bool number_parse(const char *text, uint32_t max, uint32_t *ret_number)
{
    uint32_t value = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        value = value * 10 + (uint32_t)(*c - '0');
        if (value > max)
            return false;
    }
    *ret_number = value;
    return value > 0;
}

/* Scheme and authority, and nothing after: what a browser writes into Origin. */
static bool origin_valid(const char *text)
{
    const char *rest = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    return *rest != '\0' && strchr(rest, '/') == NULL;
}

/* One option with its value; what is wrong with it, or NULL. */
static const char *option_set(struct config *config, const char *name, const char *value)
{
    if (strcmp(name, "--listen") == 0) {
        config->listen = value;
    } else if (strcmp(name, "--data") == 0) {
        config->data = value;
    } else if (strcmp(name, "--web-root") == 0) {
        config->web_root_or_null = value;
    } else if (strcmp(name, "--origin") == 0) {
        if (!origin_valid(value))
            return "wants an origin like https://board.example.org, without a path";
        if (config->origin_n == CONFIG_ORIGINS_MAX)
            return "was given too often";
        config->origins[config->origin_n++] = value;
    } else if (strcmp(name, "--rate-factor") == 0) {
        if (!number_parse(value, RATE_FACTOR_MAX, &config->rate_factor))
            return "wants a whole number from 1 to 100000";
    } else if (strcmp(name, "--map-mib") == 0) {
        if (!number_parse(value, MAP_MIB_MAX, &config->map_mib))
            return "wants a whole number from 1 to 16777216";
    } else if (strcmp(name, "--log") == 0) {
        if (!level_parse(value, &config->log))
            return "wants debug, info, warn, error or silent";
    } else {
        return "is not an option of plenum serve";
    }
    return *value == '\0' ? "wants a value" : NULL;
}

enum pl_status config_parse(int argc, char *const *argv, struct config *ret_config,
                            char ret_error[CONFIG_ERROR_BYTES])
{
    struct config config = {.command = CONFIG_SERVE,
                            .listen = "127.0.0.1:8080",
                            .data = "plenum-data",
                            .rate_factor = 1,
                            .log = LOG_LEVEL_INFO};
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        config.command = CONFIG_HELP;
    } else if (strcmp(argv[1], "--version") == 0) {
        config.command = CONFIG_VERSION;
    } else if (strcmp(argv[1], "serve") != 0) {
        snprintf(ret_error, CONFIG_ERROR_BYTES, "'%.100s' is not a command; try plenum --help",
                 argv[1]);
        return PL_INVALID;
    }
    for (int i = 2; config.command == CONFIG_SERVE && i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0) {
            config.command = CONFIG_HELP;
            break;
        }
        const char *wrong = option_set(&config, argv[i], i + 1 < argc ? argv[i + 1] : "");
        if (wrong != NULL) {
            snprintf(ret_error, CONFIG_ERROR_BYTES, "%.100s %s", argv[i], wrong);
            return PL_INVALID;
        }
    }
    *ret_config = config;
    return PL_OK;
}
