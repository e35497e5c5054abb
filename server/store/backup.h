/* Whole data folders: copied while a server works on them, and brought back. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H
#include "base/ident.h"
#include "proto/mem.h"
#include "proto/status.h"

/* Told a few times a second; may be NULL. `of` is about how much there will be. */
struct store_progress {
    void (*told)(void *user, uint64_t bytes, uint64_t of);
    void *user;
};

struct store_copied {
    uint64_t bytes; /* of the database */
    uint64_t media_n;
};

/* Copies the folder as it is in one moment into `to`, which is made, or is empty. The copy says
 * that it is a backup: no server opens it, restore does. PL_NOT_FOUND: `dir` is no data folder;
 * PL_LIMIT: `to` is not empty; PL_IO, PL_NO_MEMORY (then nothing but an empty folder is left).
 * `now_ms`: Unix time. */
PL_CHECKED enum pl_status store_backup(const struct pl_mem *mem, const char *dir, const char *to,
                                       uint64_t now_ms,
                                       const struct store_progress *progress_or_null,
                                       struct store_copied *ret_copied);
/* Makes a data folder of a backup: with a new lineage, so that whoever saw what came after the
 * backup begins anew, and with a leap in the replica ids, so that none which the lost time issued
 * is issued again. The same statuses; PL_VERSION: the backup is of a newer format. */
PL_CHECKED enum pl_status store_restore(const struct pl_mem *mem, const char *backup,
                                        const char *dir, const struct random *random,
                                        uint64_t now_ms,
                                        const struct store_progress *progress_or_null,
                                        struct store_copied *ret_copied);

#endif
