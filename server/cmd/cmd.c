/* The table of commands, and their command lines. See cmd.h. */
#include "cmd/cmd_inner.h"
#include "proto/limits.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTION_DATA 1u
#define OPTION_OUT  2u
#define OPTION_AT   4u
#define OPTION_URL  8u
#define OPTION_KEEP 16u

#define KEEP_DAYS_MAX 3660u

static const struct {
    const char *name;
    const char *positional; /* what it wants, NULL for nothing */
    unsigned options;
    enum cmd_exit (*run)(const struct cmd_args *args);
} commands[] = {
    {"backup", "the folder to make the backup in", OPTION_DATA, cmd_backup},
    {"restore", "the backup's folder", OPTION_DATA, cmd_restore},
    {"check", NULL, OPTION_DATA, cmd_check},
    {"export", "a board's id, the part of its address behind /b/",
     OPTION_DATA | OPTION_OUT | OPTION_AT, cmd_export},
    {"import", "a file that export wrote", OPTION_DATA | OPTION_URL, cmd_import},
    {"links", "a board's id, the part of its address behind /b/", OPTION_DATA | OPTION_URL,
     cmd_links},
    {"audit", "a board's id, or the word server", OPTION_DATA, cmd_audit},
    {"rotate-keys", NULL, OPTION_DATA | OPTION_KEEP, cmd_rotate},
};
#define COMMAND_N (sizeof commands / sizeof *commands)

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < COMMAND_N && strcmp(commands[i].name, name) != 0)
        i++;
    return i;
}

bool cmd_known(const char *name)
{
    return find(name) < COMMAND_N;
}

const char *cmd_usage(void)
{
    return "  plenum backup DIR [--data DIR]\n"
           "                         copies the data folder into DIR, also while a server works on "
           "it\n"
           "  plenum restore DIR [--data DIR]\n"
           "                         makes a new data folder of a backup\n"
           "  plenum check [--data DIR]\n"
           "                         reads everything: checksums, and whether snapshots equal what "
           "was journaled;\n"
           "                         also while a server works on it\n"
           "  plenum export BOARD [--data DIR] [--at SEQ] [--out FILE]\n"
           "                         writes a board as JSON, also while a server works on it\n"
           "  plenum import FILE [--data DIR] [--url URL]\n"
           "                         makes a new board of JSON and prints its links; no server may "
           "be at work\n"
           "  plenum links BOARD [--data DIR] [--url URL]\n"
           "                         prints a board's links as they open it now, also beside a "
           "server\n"
           "  plenum audit BOARD|server [--data DIR]\n"
           "                         prints who did what to it, also while a server works on it\n"
           "  plenum rotate-keys [--data DIR] [--keep DAYS]\n"
           "                         signs links and cookies with a new key; what the old one "
           "signed opens for so\n"
           "                         many days more (0), no server may be at work\n";
}

void cmd_complain(const char *format, ...)
{
    va_list args;
    fputs("plenum: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

enum cmd_exit cmd_folder_failed(const char *dir, enum pl_status status)
{
    switch (status) {
    case PL_NOT_FOUND:
        cmd_complain("%s is no data folder", dir);
        break;
    case PL_LIMIT:
        cmd_complain("a server is at work on %s: stop it first", dir);
        break;
    case PL_STATE:
        cmd_complain("%s is a backup; plenum restore makes a data folder of it", dir);
        break;
    case PL_VERSION:
        cmd_complain("%s has another format than this Plenum's: a newer one wrote it, or an older "
                     "one and it was not served "
                     "since",
                     dir);
        break;
    case PL_IO:
        cmd_complain("cannot use %s: %s", dir,
                     errno != 0 ? strerror(errno) : "it cannot be read or written");
        break;
    default:
        cmd_complain("cannot use %s: %s", dir, pl_status_text(status));
    }
    return CMD_FAILED;
}

void cmd_progress(const char *format, ...)
{
    va_list args;
    if (isatty(STDERR_FILENO) != 1)
        return;
    fputc('\r', stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\033[K", stderr);
}

void cmd_progress_end(void)
{
    if (isatty(STDERR_FILENO) == 1)
        fputs("\r\033[K", stderr);
}

static bool seq_parse(const char *text, uint64_t *ret_seq)
{
    uint64_t seq = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || seq > PL_U53_MAX / 10)
            return false;
        seq = seq * 10 + (uint64_t)(*c - '0');
    }
    *ret_seq = seq;
    return *text != '\0';
}

/* One option with its value; what is wrong with it, or NULL. */
static const char *option_set(struct cmd_args *args, unsigned allowed, const char *name,
                              const char *value)
{
    if (strcmp(name, "--data") == 0 && (allowed & OPTION_DATA) != 0)
        args->data = value;
    else if (strcmp(name, "--out") == 0 && (allowed & OPTION_OUT) != 0)
        args->out = value;
    else if (strcmp(name, "--url") == 0 && (allowed & OPTION_URL) != 0)
        args->url = value;
    else if (strcmp(name, "--at") == 0 && (allowed & OPTION_AT) != 0)
        return seq_parse(value, &args->at) ? NULL : "wants a seq, a whole number";
    else if (strcmp(name, "--keep") == 0 && (allowed & OPTION_KEEP) != 0)
        return seq_parse(value, &args->keep_days) && args->keep_days <= KEEP_DAYS_MAX
                   ? NULL
                   : "wants a number of days";
    else
        return "is not an option of this command";
    return *value == '\0' ? "wants a value" : NULL;
}

/* What is not said by --data: serve's variable for the same, or its default. */
static const char *data_folder(void)
{
    const char *named = getenv("PLENUM_DATA");
    return named != NULL && *named != '\0' ? named : "plenum-data";
}

enum cmd_exit cmd_run(int argc, char *const *argv)
{
    const size_t which = find(argv[1]);
    struct cmd_args args = {.mem = pl_mem_libc(), .data = data_folder(), .at = UINT64_MAX};
    for (int i = 2; i < argc; i++) {
        const char *wrong = NULL, *what = argv[i];
        if (strcmp(argv[i], "--help") == 0) {
            fputs(cmd_usage(), stdout);
            return CMD_DONE;
        }
        if (strncmp(argv[i], "--", 2) == 0) {
            wrong = option_set(&args, commands[which].options, argv[i],
                               i + 1 < argc ? argv[i + 1] : "");
            i++;
        } else if (commands[which].positional == NULL || args.positional != NULL) {
            wrong = "is one argument too many";
        } else {
            args.positional = argv[i];
        }
        if (wrong != NULL) {
            cmd_complain("%s %s", what, wrong);
            return CMD_USAGE;
        }
    }
    if (commands[which].positional != NULL && args.positional == NULL) {
        cmd_complain("%s wants %s", argv[1], commands[which].positional);
        return CMD_USAGE;
    }
    log_set(LOG_LEVEL_WARN, NULL, NULL);
    errno = 0;
    return commands[which].run(&args);
}
