/* What a service manager is told: that the server serves, lives, and ends (systemd's sd_notify protocol: datagrams on the
 * socket that NOTIFY_SOCKET names). Written out here, for it takes a page and libsystemd would be one more library.
 * Without a manager nothing is told to nobody. */
#ifndef OBS_NOTIFY_H
#define OBS_NOTIFY_H
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int fd; /* -1: there is no manager */
    struct sockaddr_un address;
    socklen_t address_len;
    uint64_t watchdog_ms; /* how often to say that it lives, half of what the manager waits; 0: it does not ask */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment. */
void notify_init(struct notify *notify);
void notify_done(struct notify *notify);
/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..."; several with newlines between them. A manager that does not
 * listen is not waited for. */
void notify_send(const struct notify *notify, const char *text);

#endif
