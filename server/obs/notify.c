/* See notify.h. */
#include "obs/notify.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The interval asked of this process, halved. */
static uint64_t watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    if (usec == NULL || (pid != NULL && strtoull(pid, NULL, 10) != (unsigned long long)getpid()))
        return 0;
    return strtoull(usec, NULL, 10) / 2000u;
}

void notify_init(struct notify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    *notify = (struct notify){.fd = -1, .address = {.sun_family = AF_UNIX}};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof notify->address.sun_path)
        return;
    size_t len = strlen(path);
    memcpy(notify->address.sun_path, path, len);
    if (path[0] == '@')
        notify->address.sun_path[0] = '\0'; /* the abstract namespace */
    notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify->fd >= 0)
        notify->watchdog_ms = watchdog_ms();
}

void notify_done(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

void notify_send(const struct notify *notify, const char *text)
{
    if (notify->fd < 0)
        return;
    ssize_t sent = sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&notify->address,
                          notify->address_len);
    (void)sent; /* a manager that is gone has nobody to be told of it */
}
