/* See live_track.h. */
#include "tests/support/live_track.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned ask(const struct live_author *author, const char *head, struct pl_slice body,
                    struct pl_buf *body_or_null)
{
    struct raw_client client;
    char answer[4096];
    unsigned status = 0;
    if (!live_open_try(&client, author->server))
        return 0;
    (void)raw_send_text(&client, head);
    (void)raw_send(&client, body.data, body.len); /* refused early, there may be nobody left to take it */
    if (raw_read_head(&client, answer, sizeof answer)) {
        const char *length = strstr(answer, "Content-Length: ");
        status = (unsigned)strtoul(answer + 9, NULL, 10);
        CORE_CHECK(length != NULL);
        uint8_t byte;
        for (unsigned long n = strtoul(length + 16, NULL, 10); n > 0 && raw_next_byte(&client, &byte) == 1; n--)
            if (body_or_null != NULL)
                pl_buf_append(body_or_null, &byte, 1);
    }
    raw_close(&client);
    return status;
}

static void cookie_cut(const char *head, const char *name, char *ret_cookie, size_t cap)
{
    const char *at = strstr(head, name);
    CORE_CHECK(at != NULL);
    snprintf(ret_cookie, cap, "%.*s", (int)strcspn(at, ";"), at);
}

void live_author_come(struct live_author *ret_author, const struct live_server *server)
{
    struct raw_client client;
    char head[4096], body[256], request[1024];
    ret_author->server = server;
    live_board_make(server, &ret_author->board);
    snprintf(ret_author->token, sizeof ret_author->token, "%s", ret_author->board.editor);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", ret_author->token);
    snprintf(request, sizeof request, "POST /api/boards/%s/ticket HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
             ret_author->board.id, strlen(body), body);
    raw_open(&client, server->port);
    raw_send_text(&client, request);
    CORE_CHECK(raw_read_head(&client, head, sizeof head));
    raw_close(&client);
    cookie_cut(head, "plenum_grant_", ret_author->pass, sizeof ret_author->pass);
    cookie_cut(head, "plenum_", ret_author->cookie, sizeof ret_author->cookie);
}

unsigned live_author_ask(const struct live_author *author, const char *method, const char *below, const char *headers,
                         struct pl_slice body, struct pl_buf *body_or_null)
{
    char head[1024];
    snprintf(head, sizeof head,
             "%s /api/boards/%s/tracks%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nCookie: %s\r\n%s"
             "Content-Length: %zu\r\n\r\n",
             method, author->board.id, below, author->token, author->cookie, headers, body.len);
    return ask(author, head, body, body_or_null);
}

void live_author_get(const struct live_author *author, struct raw_client *client, const char *below,
                     const char *headers)
{
    char head[1024];
    snprintf(head, sizeof head, "GET /api/boards/%s/tracks%s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n%s\r\n",
             author->board.id, below, author->pass, headers);
    CORE_CHECK(raw_send_text(client, head));
}

void live_author_begin(const struct live_author *author, char ret_track[16])
{
    struct pl_buf body;
    char below[64];
    pl_buf_init(&body, pl_mem_libc());
    CORE_CHECK(live_author_ask(author, "POST", "", "", api_text("{}"), &body) == 201);
    pl_buf_append(&body, "", 1);
    const char *at = strstr((const char *)body.data, "\"track\":\"");
    CORE_CHECK(at != NULL);
    snprintf(ret_track, 16, "%.11s", at + 9);
    snprintf(below, sizeof below, "/%s/segments", ret_track);
    CORE_CHECK(live_author_ask(author, "POST", below, "", api_text("{\"type\":\"video/webm\"}"), NULL) == 201);
    pl_buf_done(&body);
}

unsigned live_author_chunk(const struct live_author *author, const char *track, unsigned chunk, struct pl_slice bytes,
                           struct pl_buf *body_or_null)
{
    char below[96], digest[80], header[128];
    api_digest_write(bytes, digest);
    snprintf(below, sizeof below, "/%s/segments/0/media/%u", track, chunk);
    snprintf(header, sizeof header, "Content-Digest: %s\r\n", digest);
    return live_author_ask(author, "PUT", below, header, bytes, body_or_null);
}

unsigned live_author_finish(const struct live_author *author, const char *track)
{
    char below[64];
    snprintf(below, sizeof below, "/%s/segments/0/finish", track);
    return live_author_ask(author, "POST", below, "", api_text("{\"length_ms\":5}"), NULL);
}

unsigned live_author_chunks(const struct live_author *author, const char *track)
{
    struct pl_buf body;
    char below[32];
    pl_buf_init(&body, pl_mem_libc());
    snprintf(below, sizeof below, "/%s", track);
    CORE_CHECK(live_author_ask(author, "GET", below, "", (struct pl_slice){0}, &body) == 200);
    pl_buf_append(&body, "", 1);
    const char *at = strstr((const char *)body.data, "\"chunks\":{\"media\":");
    CORE_CHECK(at != NULL);
    const unsigned n = (unsigned)strtoul(at + 18, NULL, 10);
    pl_buf_done(&body);
    return n;
}
