/* A disk that fails on command (control.h), preloaded into a real server (LD_PRELOAD): calls that write the journal's
 * file fail. Kinds: "write" (data), "sync" (fdatasync), "meta" (the page that names the newest state, written through a
 * descriptor with O_DSYNC); "any" of them. Only the process' own writes are seen: that is how LMDB writes, see mdb.c of
 * 0.9. */
#include "control.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool is_journal(int fd)
{
    static const char name[] = "plenum.mdb";
    char link[64], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return n >= (ssize_t)sizeof name - 1 &&
           memcmp(path + n - (sizeof name - 1), name, sizeof name - 1) == 0;
}

static bool fails(int fd, const char *kind)
{
    const int before = errno;
    int error = is_journal(fd) ? fault_of(kind, "any") : 0;
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
