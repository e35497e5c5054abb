/* The media folder: streams while they are uploaded, and whole files named by their SHA-256. All of it blocks: for worker
 * jobs. Not here: who refers to which file (base/track.h).
 *
 * A part's name has a dot in it, a whole file's is 64 hex digits. A part is written where the rows end, never believed
 * beyond them: what a crash left there is written over or cut. A whole file is made beside its part, synced and renamed,
 * so its part stays until the rows no longer need it. */
#ifndef STORE_MEDIA_H
#define STORE_MEDIA_H
#include "base/digest.h"
#include "proto/mem.h"
#include "proto/status.h"

#define MEDIA_NAME_BYTES   80u
#define MEDIA_RESERVE_BYTES (UINT64_C(64) << 20) /* left on the disk for boards, which matter more */

/* NUL-terminated. `what` is one of a few short words. A board that was imported beside the one it was exported from has
 * tracks of the same ids, so both are in the name. */
void media_part_name(uint64_t board, uint64_t track, uint32_t segment, const char *what,
                     char ret_name[MEDIA_NAME_BYTES]);
void media_whole_name(const uint8_t hash[DIGEST_BYTES], char ret_name[MEDIA_NAME_BYTES]);

/* Makes the folder. PL_IO. */
PL_CHECKED enum pl_status media_prepare(const char *dir);
/* What may still be written to the folder's disk. */
uint64_t media_room(const char *dir);

/* Writes at `at`, durably when it returns. PL_QUOTA: the disk is full, or would be; PL_CORRUPT: the part is shorter than
 * `at`; PL_IO. After a failure the part ends at `at`. */
PL_CHECKED enum pl_status media_part_write(const char *dir, const char *name, uint64_t at, struct pl_slice bytes);
/* For reading its first `bytes`; PL_CORRUPT when it has fewer. */
PL_CHECKED enum pl_status media_part_open(const char *dir, const char *name, uint64_t bytes, int *ret_fd);
/* How long it is; 0 when there is none. */
uint64_t media_part_bytes(const char *dir, const char *name);
/* PL_NOT_FOUND, PL_CORRUPT when its length is another, PL_IO. */
PL_CHECKED enum pl_status media_whole_open(const char *dir, const uint8_t hash[DIGEST_BYTES], uint64_t bytes,
                                           int *ret_fd);
/* Reads exactly so much. */
bool media_read(int fd, uint64_t at, void *ret_bytes, size_t len);

/* A whole file in the making, under a part's name. */
struct media_maker {
    const char *dir;
    char name[MEDIA_NAME_BYTES];
    int fd;
    uint64_t bytes;
    uint64_t paced;        /* of them are on their way to the disk */
    enum pl_status status; /* of what was written so far */
    const struct digest *digest;
    struct digest_run *run;
};
/* PL_IO, PL_NO_MEMORY. `dir` is borrowed until media_make_end. */
PL_CHECKED enum pl_status media_make(struct media_maker *maker, const char *dir, const char *name,
                                     const struct digest *digest);
/* False, and so is all that follows, when that failed, or when of the disk no more is left than boards need. */
bool media_make_add(struct media_maker *maker, const void *data, size_t len);
/* Gives it its name for good when all went well; otherwise nothing is left. PL_QUOTA, PL_IO. */
PL_CHECKED enum pl_status media_make_end(struct media_maker *maker, uint8_t ret_hash[DIGEST_BYTES]);

/* While the folder is held, by whichever process, what goes away in its time does not yet: rows of a moment ago may name
 * it. A descriptor that holds it until it is closed, or -1: there is no folder, or nobody may write there. */
int media_hold(const char *dir);
bool media_held(const char *dir);

void media_remove(const char *dir, const char *name);
/* Every file there is; `file` may remove the one it is told. PL_IO. */
PL_CHECKED enum pl_status media_each(const char *dir, void (*file)(void *user, const char *name), void *user);

#endif
