/* See raw_client.h. */
#include "tests/support/raw_client.h"
#include "proto/message.h"
#include "tests/support/core_check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define STEP_MS 45000

bool raw_open_try(struct raw_client *ret_client, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    *ret_client = (struct raw_client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CORE_CHECK(ret_client->fd >= 0);
    if (connect(ret_client->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(ret_client->fd);
        return false;
    }
    return true;
}

void raw_open(struct raw_client *ret_client, uint16_t port)
{
    CORE_CHECK(raw_open_try(ret_client, port));
}

bool raw_secure(struct raw_client *client)
{
    struct timeval step = {.tv_sec = STEP_MS / 1000};
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    signal(SIGPIPE, SIG_IGN); /* SSL_write knows no MSG_NOSIGNAL */
    CORE_CHECK(ctx != NULL);
    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &step, sizeof step);
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
    client->tls = SSL_new(ctx);
    SSL_CTX_free(ctx);
    CORE_CHECK(client->tls != NULL && SSL_set_fd(client->tls, client->fd) == 1);
    return SSL_connect(client->tls) == 1;
}

void raw_certificate_name(const struct raw_client *client, char ret_name[64])
{
    X509 *shown = SSL_get0_peer_certificate(client->tls);
    CORE_CHECK(shown != NULL);
    CORE_CHECK(X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, ret_name,
                                         64) > 0);
}

void raw_close(struct raw_client *client)
{
    SSL_free(client->tls);
    client->tls = NULL;
    close(client->fd);
    client->fd = -1;
}

static bool wait_for(int fd, short events)
{
    struct pollfd poller = {.fd = fd, .events = events};
    return poll(&poller, 1, STEP_MS) == 1;
}

bool raw_send(struct raw_client *client, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        if (!wait_for(client->fd, POLLOUT))
            return false;
        ssize_t n = client->tls != NULL
                        ? SSL_write(client->tls, at, (int)len)
                        : send(client->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool raw_send_text(struct raw_client *client, const char *text)
{
    return raw_send(client, text, strlen(text));
}

int raw_next_byte(struct raw_client *client, uint8_t *ret_byte)
{
    if (client->rest_at == client->rest_len) {
        bool there = client->tls != NULL && SSL_pending(client->tls) > 0;
        CORE_CHECK(there || wait_for(client->fd, POLLIN)); /* a silent server is a failure */
        ssize_t n = client->tls != NULL
                        ? SSL_read(client->tls, client->rest, sizeof client->rest)
                        : recv(client->fd, client->rest, sizeof client->rest, 0);
        if (n <= 0)
            return n == 0 ? 0 : -1;
        client->rest_at = 0;
        client->rest_len = (size_t)n;
    }
    *ret_byte = client->rest[client->rest_at++];
    return 1;
}

bool raw_read_all(struct raw_client *client, char *ret_text, size_t cap)
{
    size_t n = 0;
    uint8_t byte;
    int got;
    while ((got = raw_next_byte(client, &byte)) == 1)
        if (n + 1 < cap)
            ret_text[n++] = (char)byte;
    ret_text[n] = '\0';
    return got == 0;
}

bool raw_read_head(struct raw_client *client, char *ret_text, size_t cap)
{
    size_t n = 0;
    uint8_t byte;
    while (n + 1 < cap && raw_next_byte(client, &byte) == 1) {
        ret_text[n++] = (char)byte;
        ret_text[n] = '\0';
        if (n >= 4 && memcmp(ret_text + n - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

unsigned raw_upgrade(struct raw_client *client, const char *extra)
{
    char text[2048];
    snprintf(text, sizeof text,
             "GET /ws/8ArjesVCasQ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
             extra);
    if (!raw_send_text(client, text) || !raw_read_head(client, text, sizeof text))
        return 0;
    return (unsigned)strtoul(text + 9, NULL, 10);
}

static size_t header_write(uint8_t first, uint64_t len, uint8_t ret_bytes[14])
{
    size_t n = 2;
    ret_bytes[0] = first;
    if (len < 126) {
        ret_bytes[1] = (uint8_t)(0x80u | len);
    } else if (len <= UINT16_MAX) {
        ret_bytes[1] = 0x80u | 126u;
        ret_bytes[2] = (uint8_t)(len >> 8);
        ret_bytes[3] = (uint8_t)len;
        n = 4;
    } else {
        ret_bytes[1] = 0x80u | 127u;
        pl_u64_to_bytes(len, ret_bytes + 2);
        n = 10;
    }
    memset(ret_bytes + n, 0, 4); /* a mask of zeros: the payload goes as it is */
    return n + 4;
}

bool raw_frame_header(struct raw_client *client, uint8_t first, uint64_t len)
{
    uint8_t bytes[14];
    size_t n = header_write(first, len, bytes);
    return raw_send(client, bytes, n);
}

bool raw_frame(struct raw_client *client, uint8_t first, const void *payload, size_t len)
{
    return raw_frame_header(client, first, len) && raw_send(client, payload, len);
}

enum raw_op raw_next(struct raw_client *client, uint8_t *ret_payload, size_t cap, size_t *ret_len)
{
    uint8_t head[2];
    uint8_t wide[8] = {0};
    size_t wide_n;
    for (size_t i = 0; i < 2; i++)
        if (raw_next_byte(client, &head[i]) != 1)
            return RAW_END;
    CORE_CHECK((head[1] & 0x80u) == 0); /* servers do not mask */
    size_t len = head[1];
    wide_n = len == 127 ? 8 : len == 126 ? 2 : 0;
    for (size_t i = 0; i < wide_n; i++)
        if (raw_next_byte(client, &wide[8 - wide_n + i]) != 1)
            return RAW_END;
    if (wide_n > 0)
        len = (size_t)pl_u64_from_bytes(wide);
    for (size_t i = 0; i < len; i++) {
        uint8_t byte;
        if (raw_next_byte(client, &byte) != 1)
            return RAW_END;
        if (i < cap)
            ret_payload[i] = byte;
    }
    *ret_len = len;
    return (enum raw_op)(head[0] & 0x0fu);
}

unsigned raw_close_status(struct raw_client *client, uint64_t *ret_error_code)
{
    uint8_t payload[1024];
    size_t len;
    *ret_error_code = 0;
    for (;;) {
        enum raw_op op = raw_next(client, payload, sizeof payload, &len);
        struct pl_message message;
        if (op == RAW_END)
            return 0;
        if (op == RAW_CLOSE)
            return len >= 2 ? (unsigned)(payload[0] << 8 | payload[1]) : 1005;
        if (op == RAW_BINARY && len <= sizeof payload &&
            pl_message_read((struct pl_slice){payload, len}, &message) == PL_OK &&
            message.type == PL_MESSAGE_ERROR)
            *ret_error_code = message.as.error.code;
    }
}
