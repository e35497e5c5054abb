/* The program's commands besides serve: one file each, found here by name. A command reads its
 * arguments, does its work, says what came of it on standard output and what went wrong on standard
 * error, and gives an exit status. */
#ifndef CMD_CMD_H
#define CMD_CMD_H
#include "base/log.h"
#include "proto/mem.h"
#include "proto/status.h"
#include <stdbool.h>

enum cmd_exit {
    CMD_DONE = 0,
    CMD_FAILED = 1, /* could not, or found something wrong */
    CMD_USAGE = 2,  /* the command line is wrong; nothing was done */
};

/* Whether argv[1] names a command of this folder. */
bool cmd_known(const char *name);
/* argv[1] is one. */
enum cmd_exit cmd_run(int argc, char *const *argv);
/* Their part of --help. Static. */
const char *cmd_usage(void);

#endif
