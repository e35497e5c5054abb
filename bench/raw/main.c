/* plenum-raw: the least a broadcasting server can do, as the limit that Plenum's cost is told in.
 *
 * One thread, one epoll, edge-triggered. It answers a WebSocket upgrade and from then on sends the
 * payload of every binary frame it receives to everybody, the sender too, with one send() per
 * delivery, or with --gather one per turn of the loop for all that came in it. No order is kept, no
 * durability, no rights, no reconnecting. What a peer does not take at once is kept for it up to a
 * cap and then the peer is dropped, so that a slow reader cannot make the numbers look better. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEERS_MAX         65536u
#define FRAME_BYTES_MAX   (256u * 1024u)
#define IN_BYTES          (FRAME_BYTES_MAX + 14u)
#define WAITING_BYTES_MAX (4u * 1024u * 1024u)
#define EVENTS_MAX        512

struct peer {
    int fd;
    bool open; /* upgraded */
    uint8_t *in;
    size_t in_len;
    uint8_t *waiting; /* what the socket did not take */
    size_t waiting_len;
};

struct raw {
    int epoll, listener;
    struct peer *by_fd[PEERS_MAX];
    struct peer *open[PEERS_MAX]; /* the upgraded ones, dense */
    size_t open_n;
    bool gather;
    uint8_t *out; /* frames to be sent to everybody */
    size_t out_len;
};

#define OUT_BYTES (4u * (FRAME_BYTES_MAX + 10u))

static void peer_drop(struct raw *raw, struct peer *peer)
{
    for (size_t i = 0; i < raw->open_n; i++) {
        if (raw->open[i] == peer) {
            raw->open[i] = raw->open[--raw->open_n];
            break;
        }
    }
    raw->by_fd[peer->fd] = NULL;
    close(peer->fd);
    free(peer->in);
    free(peer->waiting);
    free(peer);
}

static bool peer_keep(struct peer *peer, const uint8_t *bytes, size_t len)
{
    if (peer->waiting_len + len > WAITING_BYTES_MAX)
        return false;
    uint8_t *grown = realloc(peer->waiting, peer->waiting_len + len);
    if (grown == NULL)
        return false;
    memcpy(grown + peer->waiting_len, bytes, len);
    peer->waiting = grown;
    peer->waiting_len += len;
    return true;
}

/* false when the peer has to go. */
static bool peer_send(struct peer *peer, const uint8_t *bytes, size_t len)
{
    if (peer->waiting_len > 0)
        return peer_keep(peer, bytes, len);
    ssize_t sent = send(peer->fd, bytes, len, MSG_NOSIGNAL);
    if (sent == (ssize_t)len)
        return true;
    if (sent < 0 && errno != EAGAIN)
        return false;
    size_t taken = sent < 0 ? 0 : (size_t)sent;
    return peer_keep(peer, bytes + taken, len - taken);
}

static bool peer_flush(struct peer *peer)
{
    if (peer->waiting_len == 0)
        return true;
    ssize_t sent = send(peer->fd, peer->waiting, peer->waiting_len, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    memmove(peer->waiting, peer->waiting + sent, peer->waiting_len - (size_t)sent);
    peer->waiting_len -= (size_t)sent;
    return true;
}

/* Sends what lies in `out` to everybody. */
static void broadcast(struct raw *raw)
{
    for (size_t i = 0; raw->out_len > 0 && i < raw->open_n;) {
        struct peer *peer = raw->open[i];
        if (peer_send(peer, raw->out, raw->out_len))
            i++;
        else
            peer_drop(raw, peer); /* its place is taken by the last one */
    }
    raw->out_len = 0;
}

static void frame_add(struct raw *raw, const uint8_t *payload, size_t len)
{
    if (raw->out_len + len + 10 > OUT_BYTES)
        broadcast(raw);
    uint8_t *out = raw->out + raw->out_len;
    size_t head = 2;
    out[0] = 0x82;
    if (len < 126) {
        out[1] = (uint8_t)len;
    } else if (len < 65536) {
        out[1] = 126;
        out[2] = (uint8_t)(len >> 8);
        out[3] = (uint8_t)len;
        head = 4;
    } else {
        out[1] = 127;
        for (int i = 0; i < 8; i++)
            out[2 + i] = (uint8_t)((uint64_t)len >> (56 - 8 * i));
        head = 10;
    }
    memcpy(out + head, payload, len);
    raw->out_len += head + len;
    if (!raw->gather)
        broadcast(raw);
}

/* Any answer to the key will do for the load generator, which does not check it. */
static bool upgrade(struct raw *raw, struct peer *peer)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: unchecked\r\nSec-WebSocket-Protocol: plenum.1\r\n\r\n";
    uint8_t *end = memmem(peer->in, peer->in_len, "\r\n\r\n", 4);
    if (end == NULL)
        return true;
    size_t taken = (size_t)(end - peer->in) + 4;
    memmove(peer->in, peer->in + taken, peer->in_len - taken);
    peer->in_len -= taken;
    peer->open = true;
    raw->open[raw->open_n++] = peer;
    return peer_send(peer, (const uint8_t *)answer, sizeof answer - 1);
}

/* Broadcasts each whole binary frame in the buffer. false when the peer has to go, or is gone. */
static bool take_frames(struct raw *raw, struct peer *peer)
{
    size_t at = 0;
    int fd = peer->fd;
    while (peer->in_len - at >= 6) {
        uint8_t *frame = peer->in + at;
        size_t left = peer->in_len - at, head = 2;
        uint64_t len = frame[1] & 0x7f;
        if (len == 126) {
            head = 4;
            len = (uint64_t)frame[2] << 8 | frame[3];
        } else if (len == 127 && left >= 14) {
            head = 10;
            len = 0;
            for (int i = 0; i < 8; i++)
                len = len << 8 | frame[2 + i];
        }
        if ((frame[1] & 0x80) == 0 || len > FRAME_BYTES_MAX || (frame[0] & 0x0f) == 8)
            return false;
        if (left < head + 4 + len || (head == 2 && (frame[1] & 0x7f) == 127))
            break;
        uint8_t *payload = frame + head + 4;
        for (size_t i = 0; i < len; i++)
            payload[i] ^= frame[head + (i & 3)];
        if ((frame[0] & 0x0f) == 2)
            frame_add(raw, payload, (size_t)len);
        if (raw->by_fd[fd] != peer)
            return true; /* it was too slow for its own frame */
        at += head + 4 + (size_t)len;
    }
    memmove(peer->in, peer->in + at, peer->in_len - at);
    peer->in_len -= at;
    return true;
}

static bool peer_read(struct raw *raw, struct peer *peer)
{
    int fd = peer->fd;
    for (;;) {
        if (peer->in_len == IN_BYTES)
            return false;
        size_t room = IN_BYTES - peer->in_len;
        ssize_t got = recv(fd, peer->in + peer->in_len, room, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return false;
        if (got < 0)
            return true;
        peer->in_len += (size_t)got;
        if (!peer->open && !upgrade(raw, peer))
            return false;
        if (peer->open && !take_frames(raw, peer))
            return false;
        if (raw->by_fd[fd] != peer || (size_t)got < room)
            return true;
    }
}

static void accept_all(struct raw *raw)
{
    for (;;) {
        int fd = accept4(raw->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct peer *peer = (unsigned)fd < PEERS_MAX ? calloc(1, sizeof *peer) : NULL;
        uint8_t *in = peer == NULL ? NULL : malloc(IN_BYTES);
        if (in == NULL) {
            free(peer);
            close(fd);
            continue;
        }
        peer->fd = fd;
        peer->in = in;
        raw->by_fd[fd] = peer;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd};
        if (epoll_ctl(raw->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
            peer_drop(raw, peer);
    }
}

static bool listen_on(struct raw *raw, uint16_t *ret_port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof address;
    int on = 1;
    raw->epoll = epoll_create1(EPOLL_CLOEXEC);
    raw->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (raw->epoll < 0 || raw->listener < 0)
        return false;
    setsockopt(raw->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = raw->listener};
    if (bind(raw->listener, (struct sockaddr *)&address, bytes) != 0 ||
        listen(raw->listener, 1024) != 0 ||
        getsockname(raw->listener, (struct sockaddr *)&address, &bytes) != 0 ||
        epoll_ctl(raw->epoll, EPOLL_CTL_ADD, raw->listener, &event) != 0)
        return false;
    *ret_port = ntohs(address.sin_port);
    return true;
}

int main(int argc, char **argv)
{
    bool gather = argc == 2 && strcmp(argv[1], "--gather") == 0;
    uint16_t bound;
    struct rlimit limit;
    struct raw *raw = calloc(1, sizeof *raw);
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (raw != NULL) {
        raw->gather = gather;
        raw->out = malloc(OUT_BYTES);
    }
    if (raw == NULL || raw->out == NULL || argc > (gather ? 2 : 1) || !listen_on(raw, &bound)) {
        fprintf(stderr, "usage: plenum-raw [--gather]\n");
        free(raw == NULL ? NULL : raw->out);
        free(raw);
        return 2;
    }
    printf("http://127.0.0.1:%u\n", bound);
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(raw->epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == raw->listener) {
                accept_all(raw);
                continue;
            }
            struct peer *peer = raw->by_fd[fd];
            if (peer != NULL && (!peer_flush(peer) || !peer_read(raw, peer)))
                peer_drop(raw, peer);
        }
        broadcast(raw);
    }
}
