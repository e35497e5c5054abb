/* A disk that fails on command (control.h), preloaded into a real server (LD_PRELOAD): calls that write the journal's
 * file fail. Kinds: "write" (data), "sync" (fdatasync), "meta" (the page that names the newest state, written through a
 * descriptor with O_DSYNC); "any" of them. Only the process' own writes are seen: that is how LMDB writes, see mdb.c of
 * 0.9. Of files below media/: "mwrite", "msync", or "media" for both. "room": whoever asks is told that nothing is free. */
#include "control.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void path_of(int fd, char ret_path[512])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, ret_path, 511);
    ret_path[n > 0 ? n : 0] = '\0';
}

static bool ends_in(const char *path, const char *end)
{
    const size_t len = strlen(path), end_len = strlen(end);
    return len >= end_len && strcmp(path + len - end_len, end) == 0;
}

static bool fails(int fd, const char *kind)
{
    const int before = errno;
    char path[512];
    int error = 0;
    path_of(fd, path);
    if (ends_in(path, "plenum.mdb"))
        error = fault_of(kind, "any");
    else if (strstr(path, "/media/") != NULL)
        error = fault_of(strcmp(kind, "sync") == 0 ? "msync" : "mwrite", "media");
    errno = error > 0 ? error : before;
    return error > 0;
}

static const char *kind_of(int fd)
{
    return (fcntl(fd, F_GETFL) & O_DSYNC) != 0 ? "meta" : "write";
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return fails(fd, kind_of(fd)) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    return pwrite64(fd, bytes, len, at);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    return fails(fd, kind_of(fd)) ? -1 : syscall(SYS_writev, fd, parts, n);
}

int fdatasync(int fd)
{
    return fails(fd, "sync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return fails(fd, "sync") ? -1 : (int)syscall(SYS_fsync, fd);
}

/* What media_room() reads of it. */
int statvfs(const char *path, struct statvfs *ret_disk)
{
    struct statfs disk;
    if (syscall(SYS_statfs, path, &disk) != 0)
        return -1;
    *ret_disk = (struct statvfs){.f_bsize = (unsigned long)disk.f_bsize,
                                 .f_frsize = (unsigned long)disk.f_frsize,
                                 .f_bavail = fault_of("room", "room") > 0 ? 0 : disk.f_bavail};
    return 0;
}
