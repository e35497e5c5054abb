/* What is recorded goes up: chunks of a segment's streams, captions, the cover. Bodies are bytes. Who may was asked once
 * when the headers came (api_admit), and is asked again here. */
#include "api/track_call.h"
#include "auth/base64url.h"
#include "auth/grant.h"
#include <string.h>

#define DIGEST_TEXT_LEN 44u /* base64 of 32 bytes, with one = at its end */

/* sha-256=:<base64>: alone or among others (RFC 9530). */
static bool digest_read(struct pl_slice header, uint8_t ret_hash[DIGEST_BYTES])
{
    static const char name[] = "sha-256=:";
    const size_t name_len = sizeof name - 1;
    char text[DIGEST_TEXT_LEN];
    for (size_t at = 0; at + name_len + DIGEST_TEXT_LEN + 1 <= header.len; at++) {
        const uint8_t *from = header.data + at + name_len;
        if ((at > 0 && header.data[at - 1] != ' ' && header.data[at - 1] != ',') ||
            memcmp(header.data + at, name, name_len) != 0)
            continue;
        for (size_t i = 0; i < DIGEST_TEXT_LEN; i++)
            text[i] = from[i] == '+' ? '-' : from[i] == '/' ? '_' : from[i] == '-' || from[i] == '_' ? '!' : (char)from[i];
        return text[DIGEST_TEXT_LEN - 1] == '=' && from[DIGEST_TEXT_LEN] == ':' &&
               base64url_read((struct pl_slice){(const uint8_t *)text, DIGEST_TEXT_LEN - 1}, ret_hash, DIGEST_BYTES);
    }
    return false;
}

static void tell_next(struct track_call *call, const struct tracks_answer *answer, struct api_response *response)
{
    metrics_add(call->call.api->env.metrics_or_null, METRIC_TRACK_CHUNKS, 1);
    json_answer(response, call->status, json_pack("{s:I}", "next", (json_int_t)answer->next));
}

static struct api_call *chunk_put(const struct route_call *call, enum track_stream stream)
{
    struct grant grant;
    struct track_upload upload = {.track = call->track,
                                  .segment = call->segment,
                                  .chunk = call->chunk,
                                  .stream = stream,
                                  .bytes = call->request->body};
    enum pl_status status = asker_by_token(call, &grant);
    if (status == PL_OK && grant.role < PL_ROLE_EDITOR)
        status = asker_refuse(call, &grant);
    if (status == PL_OK && !digest_read(call->request->content_digest, upload.hash))
        status = PL_DIGEST;
    if (status == PL_OK && upload.chunk == UINT32_MAX)
        status = PL_NOT_FOUND;
    if (status != PL_OK)
        return track_refuse(call, status);
    const struct track_asker asker = track_asker_of(&grant);
    struct track_call *waiting = track_call_wait(call, &asker, 200);
    if (waiting == NULL)
        return NULL;
    waiting->tell = tell_next;
    return track_call_begun(call, waiting,
                            tracks_chunk(call->api->env.tracks, &asker, &upload, track_call_answered, waiting));
}

struct api_call *media_chunk(const struct route_call *call)
{
    return chunk_put(call, TRACK_MEDIA);
}

struct api_call *timeline_chunk(const struct route_call *call)
{
    return chunk_put(call, TRACK_TIMELINE);
}

static struct api_call *beside_put(const struct route_call *call, enum track_beside which)
{
    struct grant grant;
    enum pl_status status = asker_by_token(call, &grant);
    if (status != PL_OK)
        return track_refuse(call, status);
    const struct track_asker asker = track_asker_of(&grant);
    struct track_call *waiting = track_call_wait(call, &asker, 200);
    if (waiting == NULL)
        return NULL;
    return track_call_begun(call, waiting,
                            tracks_attach(call->api->env.tracks, &asker, call->track, which, call->request->body,
                                          track_call_answered, waiting));
}

struct api_call *captions_put(const struct route_call *call)
{
    return beside_put(call, TRACK_CAPTIONS);
}

struct api_call *cover_put(const struct route_call *call)
{
    return beside_put(call, TRACK_COVER);
}
