/* What plenum serve is told, by flags, PLENUM_* variables and a configuration file, in this order of precedence. A list
 * from one of them replaces the list of a lower one. Everything given is checked, also what something higher overrides.
 *
 * Reads the file that is named and opens nothing else. The options themselves stand in options.def. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H
#include "base/address.h"
#include "base/log.h"
#include "proto/mem.h"
#include "proto/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_LIST_MAX        16u
#define CONFIG_ERROR_BYTES     512u
#define CONFIG_FILE_BYTES_MAX  65536u
#define CONFIG_VALUE_BYTES_MAX 32768u /* of all values together */

enum config_command {
    CONFIG_SERVE,
    CONFIG_VERSION,
    CONFIG_HELP,
};

enum option_id {
#define X(id, field, name, kind, argument, fallback, help) OPTION_##id,
#include "base/options.def"
#undef X
    OPTION_COUNT
};

/* Where an option's value came from. */
struct config_source {
    enum { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_VARIABLE, SOURCE_FLAG } kind;
    unsigned line; /* of the file */
};

struct config_texts {
    const char *at[CONFIG_LIST_MAX];
    size_t n;
};

struct config_networks {
    struct network at[CONFIG_LIST_MAX];
    size_t n;
};

/* Texts live as long as the config. */
struct config {
    enum config_command command;
    const char *file; /* NULL: none was named */
    bool check;
    struct address listen;
    struct address metrics_listen; /* len 0: none */
    const char *data;
    const char *tls_cert_or_null; /* both or neither */
    const char *tls_key_or_null;
    const char *web_root_or_null;
    struct config_texts origins;
    struct config_networks trusted_proxies;
    uint32_t rate_factor;
    uint32_t map_mib; /* the most the journal's file may grow to */
    enum log_level log;
    enum log_format log_format;

    struct config_source sources[OPTION_COUNT];
    const struct pl_mem *mem; /* the rest is config.c's */
    size_t text_len;
    char text[CONFIG_VALUE_BYTES_MAX];
};

/* `variables` is the environment, NULL-terminated. PL_INVALID: ret_error says in one line what is wrong and where it
 * stands (a flag, a variable, FILE:LINE); PL_IO: the file cannot be read, ret_error says which; PL_NO_MEMORY. */
PL_CHECKED enum pl_status config_read(const struct pl_mem *mem, int argc, char *const *argv,
                                      char *const *variables, struct config **ret_config,
                                      char ret_error[CONFIG_ERROR_BYTES]);
void config_free(struct config *config_or_null);
/* Every option as a configuration file, each below a comment that says what set it. */
void config_print(const struct config *config, FILE *out);
/* A PLENUM_* variable that is no option, a slip of the pen perhaps; NULL when there is none. */
const char *config_unknown_variable(char *const *variables);

#endif
