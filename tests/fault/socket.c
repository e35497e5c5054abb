/* Sockets that fail on command (control.h), preloaded into a real server: "send" and "recv" on a connection to somebody,
 * by whatever function (TLS reads and writes), and "accept". */
#include "control.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool is_connection(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    return getpeername(fd, (struct sockaddr *)&address, &len) == 0 &&
           (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

/* Whether the call fails; if not, how much of it is done. */
static bool fails(int fd, const char *kind, size_t *len)
{
    const int before = errno;
    const int error = is_connection(fd) ? fault_of(kind, "socket") : 0;
    if (error == FAULT_HALF && *len > 1)
        *len /= 2;
    errno = error > 0 ? error : before;
    return error > 0;
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    return fails(fd, "send", &len) ? -1 : syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    return fails(fd, "send", &len) ? -1 : syscall(SYS_write, fd, bytes, len);
}

/* Of several parts a half is the first half of them, or of the one. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    size_t parts = message->msg_iovlen * 2;
    if (fails(fd, "send", &parts))
        return -1;
    if (parts == message->msg_iovlen * 2)
        return syscall(SYS_sendmsg, fd, message, flags);
    struct msghdr half = *message;
    struct iovec first = message->msg_iov[0];
    half.msg_iovlen = message->msg_iovlen > 1 ? message->msg_iovlen / 2 : 1;
    if (message->msg_iovlen == 1) {
        first.iov_len = first.iov_len > 1 ? first.iov_len / 2 : 1;
        half.msg_iov = &first;
    }
    return syscall(SYS_sendmsg, fd, &half, flags);
}

ssize_t recv(int fd, void *bytes, size_t len, int flags)
{
    return fails(fd, "recv", &len) ? -1 : syscall(SYS_recvfrom, fd, bytes, len, flags, NULL, NULL);
}

ssize_t read(int fd, void *bytes, size_t len)
{
    return fails(fd, "recv", &len) ? -1 : syscall(SYS_read, fd, bytes, len);
}

int accept4(int fd, struct sockaddr *ret_address, socklen_t *ret_len, int flags)
{
    const int before = errno, error = fault_of("accept", "socket");
    if (error > 0) {
        errno = error;
        return -1;
    }
    errno = before;
    return (int)syscall(SYS_accept4, fd, ret_address, ret_len, flags);
}
