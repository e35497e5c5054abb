/* Owns the socket, the bytes that wait to be sent, and the beginning of a frame that has not come
 * whole. */
#include "bench/load/ws.h"
#include "bench/clock.h"
#include "proto/writer.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WS_PROTOCOL "plenum.1"
#define WS_MESSAGE_BYTES_MAX \
    (64u * 1024u * 1024u) /* a server gone mad, not a limit of the protocol */
#define WS_REASON_BYTES 128u

enum { FRAME_BINARY = 2, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

struct ws {
    const struct pl_mem *mem;
    uint64_t *random;
    enum ws_state state;
    int fd;
    uint16_t close_status;
    uint64_t bytes_in;
    struct pl_buf in;  /* an incomplete head or frame */
    struct pl_buf out; /* not yet taken by the socket */
    size_t out_at;
    char reason[WS_REASON_BYTES];
};

static void set_reason(struct ws *ws, const char *text, size_t len)
{
    size_t kept = len < WS_REASON_BYTES - 1 ? len : WS_REASON_BYTES - 1;
    memcpy(ws->reason, text, kept);
    ws->reason[kept] = '\0';
}

static void ws_closed(struct ws *ws, const char *reason)
{
    if (ws->state == WS_CLOSED)
        return;
    ws->state = WS_CLOSED;
    if (ws->reason[0] == '\0')
        set_reason(ws, reason, strlen(reason));
}

/* Any 16 bytes will do: the server under test is not asked to prove anything. */
static void queue_upgrade(struct ws *ws, const struct target *target)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char key[25];
    for (int i = 0; i < 22; i++)
        key[i] = digits[random_next(ws->random) >> 58];
    key[21] = 'A'; /* the last digit of 16 bytes carries two bits */
    memcpy(key + 22, "==", 3);
    char head[1024];
    int len = snprintf(
        head, sizeof head,
        "GET /ws/%s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
        "Sec-WebSocket-Protocol: " WS_PROTOCOL "\r\n\r\n",
        target->board, target->host, target->host, key);
    pl_buf_append(&ws->out, head, (size_t)len);
}

struct ws *ws_new(const struct pl_mem *mem, const struct target *target, uint64_t *random)
{
    struct ws *ws = pl_mem_get(mem, sizeof *ws);
    if (ws == NULL)
        return NULL;
    *ws = (struct ws){.mem = mem, .random = random, .state = WS_CONNECTING};
    pl_buf_init(&ws->in, mem);
    pl_buf_init(&ws->out, mem);
    ws->fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (ws->fd < 0)
        goto fail;
    int on = 1;
    setsockopt(ws->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(ws->fd, (const struct sockaddr *)&target->address, target->address_bytes) != 0 &&
        errno != EINPROGRESS)
        goto fail;
    queue_upgrade(ws, target);
    return ws;
fail:
    ws_free(ws);
    return NULL;
}

void ws_free(struct ws *ws_or_null)
{
    if (ws_or_null == NULL)
        return;
    if (ws_or_null->fd >= 0)
        close(ws_or_null->fd);
    pl_buf_done(&ws_or_null->in);
    pl_buf_done(&ws_or_null->out);
    pl_mem_put(ws_or_null->mem, ws_or_null);
}

int ws_fd(const struct ws *ws)
{
    return ws->fd;
}
enum ws_state ws_state(const struct ws *ws)
{
    return ws->state;
}
uint16_t ws_close_status(const struct ws *ws)
{
    return ws->close_status;
}
const char *ws_close_reason(const struct ws *ws)
{
    return ws->reason;
}
uint64_t ws_bytes_in(const struct ws *ws)
{
    return ws->bytes_in;
}

static void flush(struct ws *ws)
{
    while (ws->state != WS_CLOSED && ws->out_at < ws->out.len) {
        ssize_t sent =
            send(ws->fd, ws->out.data + ws->out_at, ws->out.len - ws->out_at, MSG_NOSIGNAL);
        if (sent < 0) {
            /* ENOTCONN: the connection is still being made */
            if (errno != EAGAIN && errno != ENOTCONN && errno != EINTR)
                ws_closed(ws, strerror(errno));
            return;
        }
        ws->out_at += (size_t)sent;
    }
    pl_buf_clear(&ws->out);
    ws->out_at = 0;
}

static void queue_frame(struct ws *ws, uint8_t opcode, struct pl_slice payload)
{
    uint8_t head[14];
    size_t len = 2;
    head[0] = (uint8_t)(0x80 | opcode);
    if (payload.len < 126) {
        head[1] = (uint8_t)(0x80 | payload.len);
    } else if (payload.len < 65536) {
        head[1] = 0x80 | 126;
        head[2] = (uint8_t)(payload.len >> 8);
        head[3] = (uint8_t)payload.len;
        len = 4;
    } else {
        head[1] = 0x80 | 127;
        pl_u64_to_bytes(payload.len, head + 2);
        len = 10;
    }
    uint32_t mask = (uint32_t)(random_next(ws->random) >> 32);
    uint8_t key[4];
    memcpy(key, &mask, 4);
    memcpy(head + len, key, 4);
    pl_buf_append(&ws->out, head, len + 4);
    if (!pl_buf_reserve(&ws->out, payload.len)) {
        ws_closed(ws, "out of memory");
        return;
    }
    uint8_t *to = ws->out.data + ws->out.len;
    for (size_t i = 0; i < payload.len; i++)
        to[i] = payload.data[i] ^ key[i & 3];
    ws->out.len += payload.len;
}

enum pl_status ws_send(struct ws *ws, struct pl_slice message)
{
    if (ws->state != WS_OPEN)
        return PL_IO;
    queue_frame(ws, FRAME_BINARY, message);
    flush(ws);
    return ws->state == WS_OPEN ? PL_OK : PL_IO;
}

/* How many bytes of `bytes` the upgrade's answer takes: 0 while it is not whole. */
static size_t take_upgrade(struct ws *ws, struct pl_slice bytes, const struct ws_handler *handler)
{
    const uint8_t *end = memmem(bytes.data, bytes.len, "\r\n\r\n", 4);
    if (end == NULL) {
        if (bytes.len > 16384)
            ws_closed(ws, "the upgrade was not answered");
        return 0;
    }
    if (bytes.len < 12 || memcmp(bytes.data + 8, " 101", 4) != 0) {
        set_reason(ws, (const char *)bytes.data, (size_t)(end - bytes.data));
        ws_closed(ws, "the upgrade was refused");
        return 0;
    }
    ws->state = WS_OPEN;
    handler->opened(handler->user);
    return (size_t)(end - bytes.data) + 4;
}

static void take_close(struct ws *ws, struct pl_slice payload)
{
    if (payload.len >= 2) {
        ws->close_status = (uint16_t)(payload.data[0] << 8 | payload.data[1]);
        set_reason(ws, (const char *)payload.data + 2, payload.len - 2);
    }
    ws_closed(ws, "closed by the server");
}

/* One frame at the start of `bytes`: returns its size, or 0 while it is not whole. Servers do not
 * mask, and ours sends each message as one frame. */
static size_t take_frame(struct ws *ws, struct pl_slice bytes, const struct ws_handler *handler)
{
    size_t head = 2;
    if (bytes.len < head)
        return 0;
    uint64_t len = bytes.data[1] & 0x7f;
    if (len == 126) {
        head = 4;
        if (bytes.len < head)
            return 0;
        len = (uint64_t)bytes.data[2] << 8 | bytes.data[3];
    } else if (len == 127) {
        head = 10;
        if (bytes.len < head)
            return 0;
        len = pl_u64_from_bytes(bytes.data + 2);
    }
    if (len > WS_MESSAGE_BYTES_MAX || (bytes.data[1] & 0x80) != 0 ||
        (bytes.data[0] & 0xf0) != 0x80) {
        ws_closed(ws, "a frame no server of ours sends");
        return 0;
    }
    if (bytes.len - head < len)
        return 0;
    struct pl_slice payload = {bytes.data + head, (size_t)len};
    switch (bytes.data[0] & 0x0f) {
    case FRAME_BINARY:
        handler->message(handler->user, payload);
        break;
    case FRAME_CLOSE:
        take_close(ws, payload);
        break;
    case FRAME_PING:
        queue_frame(ws, FRAME_PONG, payload);
        break;
    case FRAME_PONG:
        break;
    default:
        ws_closed(ws, "a frame no server of ours sends");
    }
    return head + (size_t)len;
}

/* Takes what is whole; returns how many bytes that was. */
static size_t take_all(struct ws *ws, struct pl_slice bytes, const struct ws_handler *handler)
{
    size_t taken = 0;
    while (ws->state != WS_CLOSED && taken < bytes.len) {
        struct pl_slice rest = {bytes.data + taken, bytes.len - taken};
        size_t one = ws->state == WS_CONNECTING ? take_upgrade(ws, rest, handler)
                                                : take_frame(ws, rest, handler);
        if (one == 0)
            break;
        taken += one;
    }
    return taken;
}

static void receive(struct ws *ws, struct pl_slice bytes, const struct ws_handler *handler)
{
    ws->bytes_in += bytes.len;
    if (ws->in.len == 0) {
        size_t taken = take_all(ws, bytes, handler);
        pl_buf_append(&ws->in, bytes.data + taken, bytes.len - taken);
    } else {
        pl_buf_append(&ws->in, bytes.data, bytes.len);
        size_t taken = take_all(ws, pl_buf_slice(&ws->in), handler);
        memmove(ws->in.data, ws->in.data + taken, ws->in.len - taken);
        ws->in.len -= taken;
    }
    if (ws->in.failed)
        ws_closed(ws, "out of memory");
}

void ws_pump(struct ws *ws, uint8_t *scratch, size_t scratch_bytes,
             const struct ws_handler *handler)
{
    flush(ws);
    while (ws->state != WS_CLOSED) {
        ssize_t got = recv(ws->fd, scratch, scratch_bytes, 0);
        if (got > 0) {
            receive(ws, (struct pl_slice){scratch, (size_t)got}, handler);
            if ((size_t)got < scratch_bytes)
                break;
        } else if (got == 0) {
            ws_closed(ws, "the server hung up");
        } else if (errno != EINTR) {
            if (errno != EAGAIN && errno != ENOTCONN)
                ws_closed(ws, strerror(errno));
            break;
        }
    }
    flush(ws);
}
