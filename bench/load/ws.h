/* The client side of one WebSocket: a non-blocking socket from connect to close, and frames both
 * ways.
 *
 * Made for edge-triggered epoll: ws_pump sends and reads until the socket would block. Not verified
 * here, because the peer is our own server under test: Sec-WebSocket-Accept. */
#ifndef LOAD_WS_H
#define LOAD_WS_H
#include "bench/load/target.h"
#include "proto/mem.h"
#include "proto/status.h"

struct ws;

enum ws_state {
    WS_CONNECTING, /* TCP, then the upgrade */
    WS_OPEN,
    WS_CLOSED,
};

/* Told of each whole message, borrowed for the call. */
struct ws_handler {
    void (*opened)(void *user);
    void (*message)(void *user, struct pl_slice message);
    void *user;
};

/* Starts to connect. `random` is any state of random_next's, borrowed for the socket's life. NULL
 * when there is no memory or no socket left. */
struct ws *ws_new(const struct pl_mem *mem, const struct target *target, uint64_t *random);
void ws_free(struct ws *ws_or_null); /* closes at once, without a close frame */
int ws_fd(const struct ws *ws);
enum ws_state ws_state(const struct ws *ws);
/* The status of the server's close frame; 0 when there was none. */
uint16_t ws_close_status(const struct ws *ws);
/* Why it closed, as the server said, or static text. NUL-terminated. */
const char *ws_close_reason(const struct ws *ws);
uint64_t ws_bytes_in(const struct ws *ws);

/* Sends one binary message; what the socket does not take now goes out in ws_pump. PL_IO once
 * closed. */
PL_CHECKED enum pl_status ws_send(struct ws *ws, struct pl_slice message);
/* Moves bytes both ways until the socket would block. `scratch` is shared by all sockets of the
 * thread. */
void ws_pump(struct ws *ws, uint8_t *scratch, size_t scratch_bytes,
             const struct ws_handler *handler);

#endif
