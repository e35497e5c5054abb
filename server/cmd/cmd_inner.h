/* What commands share. Not for others. */
#ifndef CMD_CMD_INNER_H
#define CMD_CMD_INNER_H
#include "cmd/cmd.h"
#include <stdint.h>

#define CMD_POSITIONALS_MAX 1u

struct cmd_args {
    const struct pl_mem *mem;
    const char *positional; /* NULL for a command without */
    const char *data;       /* the data folder */
    const char *out;        /* NULL: standard output */
    const char *url;        /* NULL: none */
    uint64_t at;            /* a seq; UINT64_MAX: the newest */
    uint64_t keep_days;
};

enum cmd_exit cmd_backup(const struct cmd_args *args);
enum cmd_exit cmd_restore(const struct cmd_args *args);
enum cmd_exit cmd_check(const struct cmd_args *args);
enum cmd_exit cmd_export(const struct cmd_args *args);
enum cmd_exit cmd_import(const struct cmd_args *args);
enum cmd_exit cmd_links(const struct cmd_args *args);
enum cmd_exit cmd_audit(const struct cmd_args *args);
enum cmd_exit cmd_rotate(const struct cmd_args *args);

/* "plenum: ..." on standard error. */
__attribute__((format(printf, 1, 2))) void cmd_complain(const char *format, ...);
/* Why a data folder could not be opened or made, in words. Always CMD_FAILED. */
enum cmd_exit cmd_folder_failed(const char *dir, enum pl_status status);

/* One line on standard error that is written over, if that is a terminal; ended by
 * cmd_progress_end. */
__attribute__((format(printf, 1, 2))) void cmd_progress(const char *format, ...);
void cmd_progress_end(void);

#endif
