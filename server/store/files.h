/* Files of a data folder besides the database: names for good, empty folders, media. */
#ifndef STORE_FILES_H
#define STORE_FILES_H
#include "proto/status.h"
#include <stdbool.h>
#include <stdint.h>

#define FILES_MEDIA "media" /* the folder of media, below the data folder */

/* A file that was written to the end gets its name for good: synced, renamed, and the folder
 * synced. */
bool file_settle(const char *part, const char *path);
/* What was made or renamed in the folder is on the disk. */
bool folder_sync(const char *dir);
/* Makes the folder, or finds it empty: PL_LIMIT when it is not, PL_IO. */
PL_CHECKED enum pl_status folder_claim(const char *dir);
/* Copies the media folder, if there is one: files by their names, which say what they hold, so
 * those that are there already are right; streams under way as far as they have come. Adds how many whole files it copied.
 * PL_IO. */
PL_CHECKED enum pl_status media_copy(const char *from_dir, const char *to_dir, uint64_t *file_n);

#endif
