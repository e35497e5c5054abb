/* See files.h. */
#include "store/files.h"
#include "store/env.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CARRY_BYTES (64u * 1024u)

bool folder_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

bool file_settle(const char *part, const char *path)
{
    char dir[ENV_PATH_BYTES];
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0 && rename(part, path) == 0;
    if (fd >= 0)
        close(fd);
    const char *slash = strrchr(path, '/');
    int len = slash == NULL ? snprintf(dir, sizeof dir, ".")
                            : snprintf(dir, sizeof dir, "%.*s", (int)(slash - path + 1), path);
    return good && len > 0 && (size_t)len < sizeof dir && folder_sync(dir);
}

enum pl_status folder_claim(const char *dir)
{
    if (mkdir(dir, 0700) == 0)
        return PL_OK;
    DIR *listing = errno == EEXIST ? opendir(dir) : NULL;
    if (listing == NULL)
        return PL_IO;
    bool empty = true;
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(listing);
    return empty ? PL_OK : PL_LIMIT;
}

/* What is left of the one behind what the other has. */
static bool bytes_carry(int from, int to)
{
    uint8_t block[CARRY_BYTES];
    ssize_t n;
    while ((n = read(from, block, sizeof block)) > 0)
        for (ssize_t done = 0, put; done < n; done += put)
            if ((put = write(to, block + done, (size_t)(n - done))) <= 0)
                return false;
    return n == 0;
}

/* The kernel does it where it can, sharing what need not be copied; between file systems it mostly cannot. */
static bool bytes_copy(int from, int to)
{
    ssize_t n;
    do
        n = copy_file_range(from, NULL, to, NULL, 1u << 26, 0);
    while (n > 0);
    if (n == 0)
        return true;
    const bool cannot = errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    return cannot && bytes_carry(from, to);
}

/* One that goes away meanwhile, because nobody refers to it any more, is none. */
static bool file_copy(const char *from_path, const char *to_path, uint64_t *ret_n)
{
    char part[ENV_PATH_BYTES];
    int len = snprintf(part, sizeof part, "%s.part", to_path);
    if (len < 0 || (size_t)len >= sizeof part)
        return false;
    int from = open(from_path, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return errno == ENOENT;
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = to >= 0 && bytes_copy(from, to);
    close(from);
    if (to >= 0)
        good = close(to) == 0 && good;
    good = good && file_settle(part, to_path);
    *ret_n += good;
    return good;
}

static bool ends_in(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/* A stream while it is uploaded (media.h): it grows, so it is copied again whenever it is met. */
static bool is_stream(const char *name)
{
    return ends_in(name, ".media") || ends_in(name, ".timeline");
}

enum pl_status media_copy(const char *from_dir, const char *to_dir, uint64_t *file_n)
{
    char from[ENV_PATH_BYTES], to[ENV_PATH_BYTES], from_path[ENV_PATH_BYTES],
        to_path[ENV_PATH_BYTES];
    uint64_t streams = 0;
    if (!env_path(from_dir, FILES_MEDIA, from) || !env_path(to_dir, FILES_MEDIA, to))
        return PL_IO;
    DIR *listing = opendir(from);
    if (listing == NULL)
        return errno == ENOENT ? PL_OK : PL_IO;
    bool good = mkdir(to, 0700) == 0 || errno == EEXIST;
    for (const struct dirent *entry; good && (entry = readdir(listing)) != NULL;) {
        struct stat stat;
        const bool stream = is_stream(entry->d_name);
        if (!stream && strchr(entry->d_name, '.') != NULL) /* the folders, and whole files in the making */
            continue;
        good = env_path(from, entry->d_name, from_path) && env_path(to, entry->d_name, to_path);
        if (good && lstat(from_path, &stat) == 0 && S_ISREG(stat.st_mode) &&
            (stream || access(to_path, F_OK) != 0))
            good = file_copy(from_path, to_path, stream ? &streams : file_n);
    }
    closedir(listing);
    return good ? PL_OK : PL_IO;
}
