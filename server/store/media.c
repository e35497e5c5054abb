/* See media.h. */
#include "store/media.h"
#include "base/ident.h"
#include "store/env.h"
#include "store/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PACE_BYTES (2 << 20)
#define HOLD_NAME  ".hold" /* locked by whoever holds the folder */

void media_part_name(uint64_t board, uint64_t track, uint32_t segment, const char *what,
                     char ret_name[MEDIA_NAME_BYTES])
{
    char board_id[IDENT_TEXT_LEN + 1], track_id[IDENT_TEXT_LEN + 1];
    ident_write(board, board_id);
    ident_write(track, track_id);
    snprintf(ret_name, MEDIA_NAME_BYTES, "%s.%s.%" PRIu32 ".%s", board_id, track_id, segment, what);
}

void media_whole_name(const uint8_t hash[DIGEST_BYTES], char ret_name[MEDIA_NAME_BYTES])
{
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(ret_name + 2 * i, 3, "%02x", hash[i]);
}

/* A path in the media folder below the data folder. */
static bool path_of(const char *dir, const char *name, char ret_path[ENV_PATH_BYTES])
{
    int len = snprintf(ret_path, ENV_PATH_BYTES, "%s/" FILES_MEDIA "/%s", dir, name);
    return len > 0 && (unsigned)len < ENV_PATH_BYTES;
}

/* Why a write failed. */
static enum pl_status write_status(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? PL_QUOTA : PL_IO;
}

enum pl_status media_prepare(const char *dir)
{
    char path[ENV_PATH_BYTES];
    if (!path_of(dir, "", path))
        return PL_IO;
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? PL_OK : PL_IO;
    return folder_sync(dir) ? PL_OK : PL_IO;
}

uint64_t media_room(const char *dir)
{
    struct statvfs disk;
    if (statvfs(dir, &disk) != 0)
        return 0;
    const uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return bytes > MEDIA_RESERVE_BYTES ? bytes - MEDIA_RESERVE_BYTES : 0;
}

static bool write_all(int fd, uint64_t at, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return false;
        data += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

bool media_read(int fd, uint64_t at, void *ret_bytes, size_t len)
{
    uint8_t *to = ret_bytes;
    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

/* A new file's name must be on the disk before anybody counts on it. */
static bool name_sync(const char *dir)
{
    char path[ENV_PATH_BYTES];
    return path_of(dir, "", path) && folder_sync(path);
}

enum pl_status media_part_write(const char *dir, const char *name, uint64_t at, struct pl_slice bytes)
{
    char path[ENV_PATH_BYTES];
    struct stat stat_;
    enum pl_status status = PL_IO;
    if (!path_of(dir, name, path))
        return PL_IO;
    if (media_room(dir) < bytes.len)
        return PL_QUOTA;
    int fd = open(path, O_WRONLY | O_CLOEXEC | (at == 0 ? O_CREAT : 0), 0600);
    if (fd < 0)
        return errno == ENOENT ? PL_CORRUPT : write_status();
    if (fstat(fd, &stat_) != 0)
        status = PL_IO;
    else if ((uint64_t)stat_.st_size < at)
        status = PL_CORRUPT;
    else if (write_all(fd, at, bytes.data, bytes.len) && fdatasync(fd) == 0 && (at > 0 || name_sync(dir)))
        status = PL_OK;
    else {
        status = write_status();
        if (ftruncate(fd, (off_t)at) != 0)
            status = PL_IO; /* what lies there is written over by the next */
    }
    close(fd);
    return status;
}

static enum pl_status open_to_read(const char *dir, const char *name, int *ret_fd, uint64_t *ret_bytes)
{
    char path[ENV_PATH_BYTES];
    struct stat stat_;
    if (!path_of(dir, name, path))
        return PL_IO;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? PL_NOT_FOUND : PL_IO;
    if (fstat(fd, &stat_) != 0) {
        close(fd);
        return PL_IO;
    }
    *ret_fd = fd;
    *ret_bytes = (uint64_t)stat_.st_size;
    return PL_OK;
}

enum pl_status media_part_open(const char *dir, const char *name, uint64_t bytes, int *ret_fd)
{
    int fd;
    uint64_t len;
    enum pl_status status = open_to_read(dir, name, &fd, &len);
    if (status != PL_OK)
        return status == PL_NOT_FOUND ? PL_CORRUPT : status;
    if (len < bytes) {
        close(fd);
        return PL_CORRUPT;
    }
    *ret_fd = fd;
    return PL_OK;
}

uint64_t media_part_bytes(const char *dir, const char *name)
{
    int fd;
    uint64_t len;
    if (open_to_read(dir, name, &fd, &len) != PL_OK)
        return 0;
    close(fd);
    return len;
}

enum pl_status media_whole_open(const char *dir, const uint8_t hash[DIGEST_BYTES], uint64_t bytes, int *ret_fd)
{
    char name[MEDIA_NAME_BYTES];
    int fd;
    uint64_t len;
    media_whole_name(hash, name);
    enum pl_status status = open_to_read(dir, name, &fd, &len);
    if (status != PL_OK)
        return status;
    if (len != bytes) {
        close(fd);
        return PL_CORRUPT;
    }
    *ret_fd = fd;
    return PL_OK;
}

enum pl_status media_make(struct media_maker *maker, const char *dir, const char *name, const struct digest *digest)
{
    char path[ENV_PATH_BYTES];
    *maker = (struct media_maker){.dir = dir, .fd = -1, .digest = digest, .run = digest->begin()};
    snprintf(maker->name, sizeof maker->name, "%s", name);
    if (maker->run == NULL)
        return PL_NO_MEMORY;
    if (path_of(dir, name, path))
        maker->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (maker->fd >= 0)
        return PL_OK;
    uint8_t hash[DIGEST_BYTES];
    enum pl_status status = write_status();
    digest->end(maker->run, hash);
    return status;
}

/* What is written goes to the disk along the way, two windows at a time. Otherwise hundreds of megabytes would wait for the
 * sync at the end, and a commit of the journal, whose sync may have to wait for all that is dirty, with them. An error is
 * told once, so it counts here. */
static bool pace(struct media_maker *maker)
{
    const unsigned whole = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const off_t at = (off_t)maker->paced;
    bool good = sync_file_range(maker->fd, at, PACE_BYTES, SYNC_FILE_RANGE_WRITE) == 0;
    if (good && maker->paced >= PACE_BYTES)
        good = sync_file_range(maker->fd, at - PACE_BYTES, PACE_BYTES, whole) == 0;
    maker->paced += PACE_BYTES;
    return good || (errno != EIO && errno != ENOSPC && errno != EDQUOT); /* not every file system knows it */
}

bool media_make_add(struct media_maker *maker, const void *data, size_t len)
{
    if (maker->status != PL_OK)
        return false;
    if (!write_all(maker->fd, maker->bytes, data, len)) {
        maker->status = write_status();
        return false;
    }
    maker->digest->add(maker->run, data, len);
    maker->bytes += len;
    while (maker->status == PL_OK && maker->bytes - maker->paced >= PACE_BYTES) {
        maker->status = pace(maker) ? PL_OK : write_status();
        if (maker->status == PL_OK && media_room(maker->dir) < PACE_BYTES)
            maker->status = PL_QUOTA; /* whatever was free at first: others write, too */
    }
    return maker->status == PL_OK;
}

enum pl_status media_make_end(struct media_maker *maker, uint8_t ret_hash[DIGEST_BYTES])
{
    char part[ENV_PATH_BYTES], path[ENV_PATH_BYTES], name[MEDIA_NAME_BYTES];
    uint8_t hash[DIGEST_BYTES];
    maker->digest->end(maker->run, hash);
    media_whole_name(hash, name);
    if (close(maker->fd) != 0 && maker->status == PL_OK)
        maker->status = write_status();
    if (maker->status == PL_OK && (!path_of(maker->dir, maker->name, part) || !path_of(maker->dir, name, path)))
        maker->status = PL_IO;
    if (maker->status == PL_OK && !file_settle(part, path))
        maker->status = write_status();
    if (maker->status == PL_OK)
        memcpy(ret_hash, hash, sizeof hash);
    else
        media_remove(maker->dir, maker->name);
    return maker->status;
}

int media_hold(const char *dir)
{
    char path[ENV_PATH_BYTES];
    const int fd = path_of(dir, HOLD_NAME, path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0 && flock(fd, LOCK_SH) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool media_held(const char *dir)
{
    char path[ENV_PATH_BYTES];
    const int fd = path_of(dir, HOLD_NAME, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    const bool held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

void media_remove(const char *dir, const char *name)
{
    char path[ENV_PATH_BYTES];
    if (path_of(dir, name, path))
        (void)unlink(path);
}

enum pl_status media_each(const char *dir, void (*file)(void *user, const char *name), void *user)
{
    char path[ENV_PATH_BYTES];
    DIR *listing = path_of(dir, "", path) ? opendir(path) : NULL;
    if (listing == NULL)
        return PL_IO;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            file(user, entry->d_name);
    closedir(listing);
    return PL_OK;
}
