/* The command line as values. Pure: nothing is opened or resolved here. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H
#include "base/log.h"
#include "proto/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_ORIGINS_MAX 16u
#define CONFIG_ERROR_BYTES 256u

enum config_command {
    CONFIG_SERVE,
    CONFIG_VERSION,
    CONFIG_HELP,
};

/* Texts point into argv. */
struct config {
    enum config_command command;
    const char *listen; /* ADDR:PORT */
    const char *data;
    const char *web_root_or_null;
    const char *origins[CONFIG_ORIGINS_MAX];
    size_t origin_n;
    uint32_t rate_factor;
    uint32_t map_mib; /* the most the journal's file may grow to; 0: the store's own limit */
    enum log_level log;
};

/* PL_INVALID: ret_error says what is wrong, in one line. */
PL_CHECKED enum pl_status config_parse(int argc, char *const *argv, struct config *ret_config,
                                       char ret_error[CONFIG_ERROR_BYTES]);
/* What --help prints. Static. */
const char *config_usage(void);

#endif
