/* What was recorded comes down: media, timelines, captions, covers, as whole files or parts of them. The ETag is the
 * content's hash. Every request asks anew who may, and while an answer is under way each piece does: a link that is
 * withdrawn, a track that is deleted or named to others ends it.
 *
 * What was uploaded is nobody's page: its type is one that was sniffed, nothing may be guessed from it, and whoever opens
 * it by its address is given a file in a sandbox, not a document of this origin. */
#include "api/range.h"
#include "api/track_call.h"
#include "auth/grant.h"
#include "store/media.h"
#include "track/reading.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ETAG_BYTES (MEDIA_NAME_BYTES + 2u)

/* An answer's body. */
struct media_source {
    struct api_source source; /* first */
    struct api *api;
    struct track_reading *reading;
    struct track_asker asker;
    uint64_t track;
    void (*came)(void *user, const struct pl_slice *piece_or_null);
    void *user;
};

/* An answer that waits for its file to be opened. Not one of WAITING_MAX: a hall of people presses play at once, and each
 * waits but for an open(2). */
struct media_call {
    struct api_call call; /* first: the call is this */
    struct track_asker asker;
    uint64_t track;
    struct track_file file;
    struct byte_range range;
};

static void etag_write(const struct track_file *file, char ret_etag[ETAG_BYTES])
{
    char name[MEDIA_NAME_BYTES];
    media_whole_name(file->hash, name);
    snprintf(ret_etag, ETAG_BYTES, "\"%s\"", name);
}

/* As it would be asked now, in the role that the link gives now. */
static bool still_watched(const struct media_source *source)
{
    const struct api_env *env = &source->api->env;
    struct track_asker asker = source->asker;
    struct track *track;
    struct grant grant;
    if (grant_of_link(env->links, asker.board, asker.link, loop_wall_ms(env->loop), &grant) != PL_OK)
        return false;
    asker.role = grant.role;
    if (tracks_find(env->tracks, &asker, source->track, &track) != PL_OK)
        return false;
    const bool watched = track_watched(track, &asker);
    track_free(track);
    return watched;
}

static void source_came(void *user, const struct pl_slice *piece_or_null)
{
    struct media_source *source = user;
    const struct api_env *env = &source->api->env;
    if (piece_or_null != NULL && !still_watched(source))
        piece_or_null = NULL;
    if (piece_or_null == NULL)
        metrics_add(env->metrics_or_null, METRIC_MEDIA_BROKEN, 1);
    else
        metrics_add(env->metrics_or_null, METRIC_MEDIA_BYTES, piece_or_null->len);
    source->came(source->user, piece_or_null);
}

static void source_read(struct api_source *self, void (*came)(void *user, const struct pl_slice *piece_or_null),
                        void *user)
{
    struct media_source *source = (struct media_source *)self;
    source->came = came;
    source->user = user;
    track_reading_next(source->reading, source_came, source);
}

static void source_drop(struct api_source *self)
{
    track_reading_drop(((struct media_source *)self)->reading);
}

static void source_close(struct api_source *self)
{
    struct media_source *source = (struct media_source *)self;
    track_reading_close(source->reading);
    pl_mem_put(source->api->env.mem, source);
}

/* The same for the file and for parts of it, found or not changed. */
static void headers_write(struct api_response *response, const struct track_file *file)
{
    char etag[ETAG_BYTES];
    etag_write(file, etag);
    api_response_header(response, "ETag", etag);
    api_response_header(response, "Accept-Ranges", "bytes");
    api_response_header(response, "Cache-Control", "private, no-cache");
    api_response_header(response, "X-Content-Type-Options", "nosniff");
    api_response_header(response, "Referrer-Policy", "no-referrer");
    api_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    api_response_header(response, "Content-Security-Policy", "sandbox; default-src 'none'");
    api_response_header(response, "Content-Disposition", "attachment");
}

static void answer_fill(const struct media_call *waiting, struct track_reading *reading, struct api_response *response)
{
    struct api *api = waiting->call.api;
    const struct byte_range *range = &waiting->range;
    char text[96];
    struct media_source *source = pl_mem_get(api->env.mem, sizeof *source);
    if (source == NULL) {
        track_reading_close(reading);
        api_response_error(response, PL_NO_MEMORY);
        return;
    }
    *source = (struct media_source){
        .source = {.bytes = range->len, .read = source_read, .drop = source_drop, .close = source_close},
        .api = api,
        .reading = reading,
        .asker = waiting->asker,
        .track = waiting->track};
    response->source_or_null = &source->source;
    response->status = range->part ? 206 : 200;
    headers_write(response, &waiting->file);
    api_response_header(response, "Content-Type", waiting->file.type);
    if (range->part) {
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, range->from,
                 range->from + range->len - 1, waiting->file.bytes);
        api_response_header(response, "Content-Range", text);
    }
}

static void opened(void *user, enum pl_status status, struct track_reading *reading_or_null)
{
    struct media_call *waiting = user;
    struct api *api = waiting->call.api;
    struct api_response response;
    api_response_init(&response, api->env.mem);
    if (status == PL_OK)
        answer_fill(waiting, reading_or_null, &response);
    else
        api_response_error(&response, status);
    api_done *done_or_null = waiting->call.done_or_null;
    void *done_user = waiting->call.user;
    pl_mem_put(api->env.mem, waiting);
    call_answer(api, done_or_null, done_user, &response);
}

/* Part of the file, or that there is no such part. */
static struct api_call *file_open(const struct route_call *call, const struct track_asker *asker,
                                  const struct track_file *file, const char *etag)
{
    struct api *api = call->api;
    struct byte_range range;
    enum pl_status status =
        byte_range_read(call->request->range, call->request->if_range, etag, file->bytes, &range);
    if (status == PL_RANGE) {
        char text[48];
        snprintf(text, sizeof text, "bytes */%" PRIu64, file->bytes);
        api_response_header(call->response, "Content-Range", text);
        api_response_error(call->response, status);
        return NULL;
    }
    struct media_call *waiting = pl_mem_get(api->env.mem, sizeof *waiting);
    if (waiting == NULL)
        return track_refuse(call, PL_NO_MEMORY);
    *waiting = (struct media_call){.call = {.api = api, .done_or_null = call->done, .user = call->user},
                                   .asker = *asker,
                                   .track = call->track,
                                   .file = *file,
                                   .range = range};
    status = track_reading_open(api->env.tracks, file, range.from, range.len, opened, waiting);
    if (status != PL_OK) {
        pl_mem_put(api->env.mem, waiting);
        return track_refuse(call, status);
    }
    return &waiting->call;
}

static struct api_call *file_serve(const struct route_call *call, const struct track_asker *asker,
                                   const struct track_file *file)
{
    char etag[ETAG_BYTES], name[MEDIA_NAME_BYTES];
    etag_write(file, etag);
    media_whole_name(file->hash, name);
    if (call->request->if_none_match.data != NULL && assets_tag_matches(call->request->if_none_match, name)) {
        call->response->status = 304;
        headers_write(call->response, file);
        return NULL;
    }
    return file_open(call, asker, file, etag);
}

enum what { WHAT_MEDIA, WHAT_TIMELINE, WHAT_CAPTIONS, WHAT_COVER };

/* NULL: there is none. */
static const struct track_file *file_of(const struct track *track, uint32_t segment, enum what what)
{
    const struct track_file *file = what == WHAT_CAPTIONS ? &track->captions : what == WHAT_COVER ? &track->cover : NULL;
    if (file == NULL && segment < track->segment_n && track->segments[segment].done)
        file = &track->segments[segment].flows[what == WHAT_MEDIA ? TRACK_MEDIA : TRACK_TIMELINE].file;
    return file != NULL && file->bytes > 0 ? file : NULL;
}

static struct api_call *get(const struct route_call *call, enum what what)
{
    struct grant grant;
    struct track *track = NULL;
    const struct track_file *file = NULL;
    struct api_call *waiting;
    enum pl_status status = asker_by_token_or_pass(call, &grant);
    if (status != PL_OK)
        return track_refuse(call, status);
    const struct track_asker asker = track_asker_of(&grant);
    status = tracks_find(call->api->env.tracks, &asker, call->track, &track);
    if (status == PL_OK && track_watched(track, &asker))
        file = file_of(track, call->segment, what);
    if (status == PL_OK && file == NULL)
        status = PL_NOT_FOUND;
    waiting = status == PL_OK ? file_serve(call, &asker, file) : track_refuse(call, status);
    track_free(track);
    return waiting;
}

struct api_call *media_get(const struct route_call *call)
{
    return get(call, WHAT_MEDIA);
}

struct api_call *timeline_get(const struct route_call *call)
{
    return get(call, WHAT_TIMELINE);
}

struct api_call *captions_get(const struct route_call *call)
{
    return get(call, WHAT_CAPTIONS);
}

struct api_call *cover_get(const struct route_call *call)
{
    return get(call, WHAT_COVER);
}
