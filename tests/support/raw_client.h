/* A client that speaks bytes, over TLS if it is told to: it can be as wrong as a test wants. Blocking, with a limit of
 * three quarters of a minute for each step, so that a server that never answers fails a test instead of hanging it, and one
 * on a busy machine does not. */
#ifndef SUPPORT_RAW_CLIENT_H
#define SUPPORT_RAW_CLIENT_H
#include "proto/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct raw_client {
    int fd;
    void *tls; /* an SSL; NULL: in the clear */
    uint8_t rest[4096]; /* read beyond what was asked for */
    size_t rest_at;
    size_t rest_len;
};

enum raw_op {
    RAW_CONTINUE = 0,
    RAW_TEXT = 1,
    RAW_BINARY = 2,
    RAW_CLOSE = 8,
    RAW_PING = 9,
    RAW_PONG = 10,
    RAW_END = 255, /* the socket ended without a frame */
};

/* false when nobody listens there. */
bool raw_open_try(struct raw_client *ret_client, uint16_t port);
void raw_open(struct raw_client *ret_client, uint16_t port);
/* From now on over TLS; whatever certificate is shown is taken. false: the server refused. */
bool raw_secure(struct raw_client *client);
/* The common name of the certificate shown, NUL-terminated. */
void raw_certificate_name(const struct raw_client *client, char ret_name[64]);
void raw_close(struct raw_client *client);
/* false when the peer does not take it any more. */
bool raw_send(struct raw_client *client, const void *bytes, size_t len);
bool raw_send_text(struct raw_client *client, const char *text);
/* Until the end of the socket, NUL-terminated; true when it ended in order, false when it was
 * reset. */
bool raw_read_all(struct raw_client *client, char *ret_text, size_t cap);
/* 1: a byte; 0: the socket ended; -1: it was reset. */
int raw_next_byte(struct raw_client *client, uint8_t *ret_byte);
/* Until the empty line, which is included; false when the socket ends before. */
bool raw_read_head(struct raw_client *client, char *ret_text, size_t cap);

/* Upgrades; `extra` are header lines. Returns the HTTP status. */
unsigned raw_upgrade(struct raw_client *client, const char *extra);
/* One frame, masked. `first` is the first byte: FIN and opcode. */
bool raw_frame(struct raw_client *client, uint8_t first, const void *payload, size_t len);
/* A frame's header alone that announces `len` bytes. */
bool raw_frame_header(struct raw_client *client, uint8_t first, uint64_t len);
/* The next frame from the server; payload beyond cap is dropped, ret_len is what it had. */
enum raw_op raw_next(struct raw_client *client, uint8_t *ret_payload, size_t cap, size_t *ret_len);
/* Reads on to the close frame: its status, or 0 when the socket ended without one. The last ERROR
 * message's code on the way, or 0. */
unsigned raw_close_status(struct raw_client *client, uint64_t *ret_error_code);

#endif
