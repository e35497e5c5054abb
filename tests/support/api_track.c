/* See api_track.h. */
#include "tests/support/api_track.h"
#include "auth/base64url.h"
#include "tests/support/core_check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t webm[] = {0x1a, 0x45, 0xdf, 0xa3, 0x8b, 0x42, 0x82, 0x84, 'w', 'e', 'b', 'm', 0x42, 0x87, 0x81, 4, 1, 2, 3};
static const uint8_t timeline[] = {0x94, 0, 0, 0x94, 0, 0, 100, 100, 0x90, 0x94, 0, 6, 1, 0xc0};
static const uint8_t cover[] = {0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0};

const struct pl_slice api_webm = {webm, sizeof webm};
const struct pl_slice api_timeline = {timeline, sizeof timeline};
const struct pl_slice api_captions = {(const uint8_t *)"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n", 38};
const struct pl_slice api_cover = {cover, sizeof cover};

/* Up to the first semicolon of the Set-Cookie header whose value begins so. */
static void cookie_cut(const struct api_world *world, const char *begins, char *ret_cookie, size_t cap)
{
    const char *at = strstr(world->head, begins);
    CORE_CHECK(at != NULL);
    snprintf(ret_cookie, cap, "%.*s", (int)strcspn(at, ";"), at);
}

void api_guest_come(struct api_world *world, const struct api_board *board, const char *token,
                    struct api_guest *ret_guest)
{
    char ticket[TICKET_TEXT_BYTES];
    CORE_CHECK(api_board_ticket(world, board, token, ticket) == 200);
    ret_guest->board = board;
    snprintf(ret_guest->token, sizeof ret_guest->token, "%s", token);
    cookie_cut(world, "plenum_grant_", ret_guest->pass, sizeof ret_guest->pass);
    cookie_cut(world, "plenum_", ret_guest->cookie, sizeof ret_guest->cookie);
}

static unsigned ask(struct api_world *world, const struct api_guest *guest, enum api_method method, const char *below,
                    bool by_pass, struct api_request request)
{
    char path[160], header[160];
    snprintf(path, sizeof path, "/api/boards/%s/tracks%s", guest->board->id, below);
    snprintf(header, sizeof header, "Bearer %s", guest->token);
    request.method = method;
    request.path = api_text(path);
    request.host = api_text("board.example:8080");
    request.cookie = api_text(by_pass ? guest->pass : guest->cookie);
    if (!by_pass)
        request.authorization = api_text(header);
    return api_world_ask(world, &request);
}

unsigned api_track_ask(struct api_world *world, const struct api_guest *guest, enum api_method method,
                       const char *below, struct pl_slice body)
{
    return ask(world, guest, method, below, false, (struct api_request){.body = body});
}

unsigned api_track_json(struct api_world *world, const struct api_guest *guest, enum api_method method,
                        const char *below, const char *body)
{
    return api_track_ask(world, guest, method, below, api_text(body));
}

unsigned api_track_watch(struct api_world *world, const struct api_guest *guest, const char *below,
                         const char *range_or_null)
{
    return ask(world, guest, API_GET, below, true,
               (struct api_request){.range = range_or_null == NULL ? (struct pl_slice){0} : api_text(range_or_null)});
}

void api_digest_write(struct pl_slice bytes, char ret_header[80])
{
    uint8_t hash[DIGEST_BYTES];
    char text[BASE64URL_LEN(DIGEST_BYTES) + 1] = {0};
    CORE_CHECK(digest_of(&digest_sha256, bytes.data, bytes.len, hash));
    base64url_write(hash, sizeof hash, text);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    snprintf(ret_header, 80, "sha-256=:%s=:", text);
}

unsigned api_track_chunk(struct api_world *world, const struct api_guest *guest, const char *track, unsigned segment,
                         const char *stream, unsigned chunk, struct pl_slice bytes)
{
    char below[96], digest[80];
    snprintf(below, sizeof below, "/%s/segments/%u/%s/%u", track, segment, stream, chunk);
    api_digest_write(bytes, digest);
    return ask(world, guest, API_PUT, below, false,
               (struct api_request){.body = bytes, .content_digest = api_text(digest)});
}

void api_track_begin(struct api_world *world, const struct api_guest *guest, const char *type, char ret_track[16])
{
    char text[512], below[64];
    CORE_CHECK(api_track_json(world, guest, API_POST, "", "{\"title\":\"Tour\"}") == 201);
    api_world_cut(world, "\"track\":\"", "\"", text);
    snprintf(ret_track, 16, "%.15s", text);
    snprintf(below, sizeof below, "/%s/segments", ret_track);
    snprintf(text, sizeof text, "{\"type\":\"%s\"}", type);
    CORE_CHECK(api_track_json(world, guest, API_POST, below, text) == 201);
}

void api_track_whole(struct api_world *world, const struct api_guest *guest, char ret_track[16])
{
    char below[64];
    api_track_begin(world, guest, "video/webm", ret_track);
    CORE_CHECK(api_track_chunk(world, guest, ret_track, 0, "media", 0, api_webm) == 200);
    CORE_CHECK(api_track_chunk(world, guest, ret_track, 0, "timeline", 0, api_timeline) == 200);
    snprintf(below, sizeof below, "/%s/segments/0/finish", ret_track);
    CORE_CHECK(api_track_json(world, guest, API_POST, below, "{\"length_ms\":5000}") == 200);
    snprintf(below, sizeof below, "/%s/captions", ret_track);
    CORE_CHECK(api_track_ask(world, guest, API_PUT, below, api_captions) == 200);
    snprintf(below, sizeof below, "/%s/cover", ret_track);
    CORE_CHECK(api_track_ask(world, guest, API_PUT, below, api_cover) == 200);
    snprintf(below, sizeof below, "/%s", ret_track);
    CORE_CHECK(api_track_json(world, guest, API_PUT, below, "{\"state\":\"finished\"}") == 200);
}

bool api_code_is(const struct api_world *world, const char *code)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", code);
    return strstr(world->body, wanted) != NULL;
}
