/* A disk that fails on command, preloaded into a real server (LD_PRELOAD): calls that write the
 * journal's file fail while the file named by PLENUM_FAULT says so. It holds the error and the kind
 * of call: "ENOSPC write" (data), "EIO sync" (fdatasync), "EIO meta" (the page that names the
 * newest state, written through a descriptor with O_DSYNC); or "EIO any 7": the seventh call of any
 * kind since it says so fails, once. Missing or empty: nothing fails. Only the process' own writes
 * are seen: that is how LMDB writes, see mdb.c of 0.9. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Whether this call is the one to fail of those since the text changed. One thread writes. */
static bool is_the_one(const char *text, const char *after_any)
{
    static char counted[32];
    static unsigned long n;
    if (strcmp(counted, text) != 0) {
        snprintf(counted, sizeof counted, "%s", text);
        n = 0;
    }
    return ++n == strtoul(after_any, NULL, 10);
}

/* The error that a call of this kind shall have; 0: none. */
static int wanted(int fd, const char *kind)
{
    char text[32] = "";
    const char *path = getenv("PLENUM_FAULT");
    int before = errno;
    int control = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (control >= 0) {
        ssize_t n = read(control, text, sizeof text - 1);
        text[n > 0 ? n : 0] = '\0';
        close(control);
    }
    errno = before;
    const char *space = strchr(text, ' ');
    if (space == NULL || !is_journal(fd))
        return 0;
    const bool any = strncmp(space + 1, "any ", 4) == 0;
    if (any ? !is_the_one(text, space + 5) : strcmp(space + 1, kind) != 0)
        return 0;
    return strncmp(text, "ENOSPC", 6) == 0 ? ENOSPC : EIO;
}

static bool fails(int fd, const char *kind)
{
    int error = wanted(fd, kind);
    if (error != 0)
        errno = error;
    return error != 0;
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
