/* See live_peer.h. */
#include "tests/support/live_peer.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "proto/object.h"
#include "tests/support/core_check.h"
#include "tests/support/literal.h"
#include <stdlib.h>
#include <string.h>

static void post(const struct live_server *server, const char *path, const char *body,
                 char *ret_answer, size_t cap)
{
    char text[1024];
    struct raw_client client;
    ret_answer[0] = '\0';
    if (!live_open_try(&client, server))
        return;
    snprintf(text, sizeof text,
             "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nContent-Length: "
             "%zu\r\n\r\n%s",
             path, server->port, strlen(body), body);
    if (raw_send_text(&client, text))
        raw_read_all(&client, ret_answer, cap);
    raw_close(&client);
}

static void cut(const char *text, const char *before, char *ret_text, size_t cap)
{
    const char *from = strstr(text, before);
    CORE_CHECK(from != NULL);
    from += strlen(before);
    size_t n = strcspn(from, "\"");
    CORE_CHECK(n < cap);
    memcpy(ret_text, from, n);
    ret_text[n] = '\0';
}

static void token_cut(const char *text, const char *role, char ret_token[128])
{
    char mark[32];
    char link[256];
    snprintf(mark, sizeof mark, "\"%s\":\"", role);
    cut(text, mark, link, sizeof link);
    const char *token = strstr(link, "#k=");
    CORE_CHECK(token != NULL && strlen(token) < 128);
    strcpy(ret_token, token + 3);
}

void live_board_make(const struct live_server *server, struct live_board *ret_board)
{
    char text[4096];
    post(server, "/api/boards", "{\"title\":\"Plans\"}", text, sizeof text);
    cut(text, "\"board\":\"", ret_board->id, sizeof ret_board->id);
    token_cut(text, "owner", ret_board->owner);
    token_cut(text, "editor", ret_board->editor);
    token_cut(text, "viewer", ret_board->viewer);
}

unsigned live_ticket(const struct live_server *server, const struct live_board *board,
                     const char *token, char ret_ticket[64])
{
    char text[4096];
    char path[64];
    char body[512];
    snprintf(path, sizeof path, "/api/boards/%s/ticket", board->id);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", token);
    post(server, path, body, text, sizeof text);
    unsigned status = strlen(text) < 9 ? 0 : (unsigned)strtoul(text + 9, NULL, 10);
    if (status == 200 && strstr(text, "\"ticket\":\"") == NULL)
        status = 0; /* cut off on its way */
    if (status == 200)
        cut(text, "\"ticket\":\"", ret_ticket, 64);
    return status;
}

static bool message_send(struct raw_client *client, struct pl_buf *buf)
{
    CORE_CHECK(!buf->failed);
    bool sent = raw_frame(client, 0x80u | RAW_BINARY, buf->data, buf->len);
    pl_buf_done(buf);
    return sent;
}

bool live_hello(struct raw_client *client, const char *ticket, uint64_t schema)
{
    struct pl_buf buf;
    struct pl_msg_hello hello = {.schema = schema,
                                 .ticket = {(const uint8_t *)ticket, strlen(ticket)}};
    pl_buf_init(&buf, pl_mem_libc());
    pl_msg_hello_write(&buf, &hello);
    return message_send(client, &buf);
}

/* WELCOME is the first that comes. */
static bool welcome_take(struct live_peer *peer)
{
    uint8_t payload[2048];
    size_t len;
    struct pl_message message;
    if (raw_next(&peer->client, payload, sizeof payload, &len) != RAW_BINARY)
        return false;
    CORE_CHECK(pl_message_read((struct pl_slice){payload, len}, &message) == PL_OK);
    if (message.type != PL_MESSAGE_WELCOME)
        return false;
    peer->replica = message.as.welcome.replica;
    peer->session = message.as.welcome.session;
    peer->lineage = pl_u64_from_bytes(message.as.welcome.lineage.data);
    peer->head_seq = message.as.welcome.head_seq;
    peer->board_state = message.as.welcome.board_state;
    return true;
}

bool live_peer_try(struct live_peer *ret_peer, const struct live_server *server,
                   const struct live_board *board, const char *token)
{
    char ticket[64];
    if (live_ticket(server, board, token, ticket) != 200)
        return false;
    if (!live_open_try(&ret_peer->client, server))
        return false;
    if (raw_upgrade(&ret_peer->client, "Sec-WebSocket-Protocol: plenum.1\r\n") == 101 &&
        live_hello(&ret_peer->client, ticket, PL_SCHEMA_VERSION) && welcome_take(ret_peer))
        return true;
    raw_close(&ret_peer->client);
    return false;
}

void live_peer_join(struct live_peer *ret_peer, const struct live_server *server,
                    const struct live_board *board, const char *token)
{
    CORE_CHECK(live_peer_try(ret_peer, server, board, token));
}

void live_peer_send_bytes(struct live_peer *peer, struct pl_slice message)
{
    CORE_CHECK(raw_frame(&peer->client, 0x80u | RAW_BINARY, message.data, message.len));
}

bool live_peer_try_write(struct live_peer *peer, uint64_t ctr, size_t bytes)
{
    struct pl_buf buf;
    uint8_t *padding = malloc(bytes);
    CORE_CHECK(padding != NULL);
    for (size_t i = 0; i < bytes; i++)
        padding[i] = (uint8_t)(i * 131 >> 4);
    pl_buf_init(&buf, pl_mem_libc());
    pl_write_array(&buf, 3);
    pl_write_uint(&buf, PL_MESSAGE_BATCH);
    pl_write_uint(&buf, 0);
    pl_write_array(&buf, 4);
    pl_write_uint(&buf, peer->replica);
    pl_write_uint(&buf, ctr);
    pl_write_uint(&buf, ctr + 100);
    pl_write_array(&buf, 1);
    pl_write_array(&buf, 3);
    pl_write_uint(&buf, PL_OP_CREATE);
    pl_write_uint(&buf, PL_KIND_STICKY);
    pl_write_map(&buf, 1);
    pl_write_uint(&buf, 999);
    pl_write_bin(&buf, (struct pl_slice){padding, bytes});
    CORE_CHECK(!buf.failed);
    const bool sent = raw_frame(&peer->client, 0x80u | RAW_BINARY, buf.data, buf.len);
    pl_buf_done(&buf);
    free(padding);
    return sent;
}

void live_peer_write(struct live_peer *peer, uint64_t ctr, size_t bytes)
{
    CORE_CHECK(live_peer_try_write(peer, ctr, bytes));
}

void live_peer_send(struct live_peer *peer, const char *literal)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, literal);
    CORE_CHECK(message_send(&peer->client, &buf));
}

struct pl_message live_peer_until(struct live_peer *peer, enum pl_message_type type, void *buffer,
                                  size_t cap)
{
    struct pl_message message;
    size_t len;
    do {
        CORE_CHECK(raw_next(&peer->client, buffer, cap, &len) == RAW_BINARY && len <= cap);
        CORE_CHECK(pl_message_read((struct pl_slice){buffer, len}, &message) == PL_OK);
        if (message.type == PL_MESSAGE_STATE)
            peer->board_state = message.as.state.board_state;
    } while (message.type != type);
    return message;
}

void live_peer_await_state(struct live_peer *peer, uint64_t board_state)
{
    static uint8_t buffer[PL_FRAME_BYTES_MAX];
    while (peer->board_state != board_state)
        (void)live_peer_until(peer, PL_MESSAGE_STATE, buffer, sizeof buffer);
}

bool live_peer_answers(struct live_peer *peer)
{
    static const uint64_t echo = 987654321;
    struct pl_buf buf;
    uint8_t payload[65536];
    size_t len;
    struct pl_msg_ping ping = {.echo = echo};
    pl_buf_init(&buf, pl_mem_libc());
    pl_msg_ping_write(&buf, &ping);
    if (!message_send(&peer->client, &buf))
        return false;
    for (;;) {
        struct pl_message message;
        if (raw_next(&peer->client, payload, sizeof payload, &len) != RAW_BINARY)
            return false;
        if (pl_message_read((struct pl_slice){payload, len}, &message) == PL_OK &&
            message.type == PL_MESSAGE_PONG)
            return message.as.pong.echo == echo;
    }
}

void live_peer_leave(struct live_peer *peer)
{
    raw_close(&peer->client);
}
