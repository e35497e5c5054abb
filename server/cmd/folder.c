/* plenum backup and plenum restore: whole data folders. */
#include "cmd/cmd_inner.h"
#include "store/backup.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static void told(void *user, uint64_t bytes, uint64_t of)
{
    (void)user;
    cmd_progress("%" PRIu64 " of about %" PRIu64 " MiB", bytes >> 20, of >> 20);
}

static const struct store_progress progress = {.told = told};

static void copied_say(const struct store_copied *copied, const char *from, const char *to)
{
    printf("%s: %.1f MiB and %" PRIu64 " media files, from %s\n", to,
           (double)copied->bytes / 1048576.0, copied->media_n, from);
}

enum cmd_exit cmd_backup(const struct cmd_args *args)
{
    struct store_copied copied;
    enum pl_status status =
        store_backup(args->mem, args->data, args->positional, wall_ms(), &progress, &copied);
    cmd_progress_end();
    if (status == PL_LIMIT) {
        cmd_complain("%s is not empty: a backup wants a folder of its own", args->positional);
        return CMD_FAILED;
    }
    if (status != PL_OK)
        return cmd_folder_failed(status == PL_NOT_FOUND ? args->data : args->positional, status);
    copied_say(&copied, args->data, args->positional);
    return CMD_DONE;
}

enum cmd_exit cmd_restore(const struct cmd_args *args)
{
    struct store_copied copied;
    enum pl_status status =
        store_restore(args->mem, args->positional, args->data, random_system(), wall_ms(), &progress, &copied);
    cmd_progress_end();
    if (status == PL_LIMIT) {
        cmd_complain("%s is not empty: restoring never overwrites; name a new folder with --data",
                     args->data);
        return CMD_FAILED;
    }
    if (status != PL_OK)
        return cmd_folder_failed(
            status == PL_NOT_FOUND || status == PL_VERSION ? args->positional : args->data, status);
    copied_say(&copied, args->positional, args->data);
    return CMD_DONE;
}
