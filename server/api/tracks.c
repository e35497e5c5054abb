/* /api/boards/<board>/tracks and below: talk-tracks as JSON. The list of a board's is in track_list.c; what was recorded
 * goes up in track_upload.c and comes down in track_media.c. */
#include "api/track_call.h"
#include "auth/grant.h"

static enum pl_status asker_read(const struct route_call *call, struct track_asker *ret_asker)
{
    struct grant grant;
    enum pl_status status = asker_by_token(call, &grant);
    if (status == PL_OK)
        *ret_asker = track_asker_of(&grant);
    return status;
}

static struct api_call *refuse_status(const struct route_call *call, enum pl_status status)
{
    api_response_error(call->response, status);
    return NULL;
}

static json_t *text_json(struct pl_slice text)
{
    return json_stringn(text.len == 0 ? "" : (const char *)text.data, text.len);
}

/* For whoever was sent a link and has not come in: whose it is, and on which board. Nothing of the board is no reason to
 * tell nothing of the track. */
static void names_put(const struct route_call *call, const struct track *track, json_t *json)
{
    struct pl_slice title = {0}, name = {0};
    if (registry_names(call->api->env.registry, call->board, track->author, &title, &name) != PL_OK)
        title = name = (struct pl_slice){0};
    json_object_set_new(json, "author_name", text_json(name));
    json_object_set_new(json, "board_title", text_json(title));
}

struct api_call *tracks_tell(const struct route_call *call)
{
    struct track_asker asker;
    struct track *track;
    enum pl_status status = asker_read(call, &asker);
    if (status != PL_OK)
        return refuse_status(call, status);
    if ((status = tracks_find(call->api->env.tracks, &asker, call->track, &track)) != PL_OK)
        return track_refuse(call, status);
    json_t *json = track_json(call->api, track, &asker);
    names_put(call, track, json);
    json_answer(call->response, 200, json);
    track_free(track);
    return NULL;
}

/* Who may record at all, with the body they sent. */
static enum pl_status writer_read(const struct route_call *call, struct track_asker *ret_asker, json_t **ret_body)
{
    struct grant grant;
    enum pl_status status = asker_by_token(call, &grant);
    if (status == PL_OK && grant.role < PL_ROLE_EDITOR)
        status = asker_refuse(call, &grant);
    if (status == PL_OK)
        status = json_body_read(call->request->body, ret_body);
    if (status == PL_OK)
        *ret_asker = track_asker_of(&grant);
    return status;
}

/* What makes something of one text of the body, for those who may record at all. */
static struct api_call *making_begin(const struct route_call *call, const char *member, size_t bytes_max,
                                     enum pl_status (*begin)(const struct route_call *call,
                                                             const struct track_asker *asker, struct pl_slice text,
                                                             struct track_call *waiting))
{
    struct track_asker asker;
    struct track_call *waiting = NULL;
    struct pl_slice text;
    json_t *body = NULL;
    enum pl_status status = writer_read(call, &asker, &body);
    if (status == PL_OK)
        status = json_text(body, member, bytes_max, &text);
    if (status == PL_OK && (waiting = track_call_wait(call, &asker, 201)) == NULL) {
        json_decref(body);
        return NULL;
    }
    if (status == PL_OK)
        status = begin(call, &asker, text, waiting);
    json_decref(body);
    return track_call_begun(call, waiting, status);
}

static enum pl_status track_begin(const struct route_call *call, const struct track_asker *asker,
                                  struct pl_slice title, struct track_call *waiting)
{
    return tracks_make(call->api->env.tracks, asker, title, track_call_answered, waiting);
}

struct api_call *tracks_create(const struct route_call *call)
{
    return making_begin(call, "title", PL_TITLE_BYTES_MAX, track_begin);
}

static enum pl_status segment_begin(const struct route_call *call, const struct track_asker *asker,
                                    struct pl_slice type, struct track_call *waiting)
{
    return tracks_segment_open(call->api->env.tracks, asker, call->track, type, track_call_answered, waiting);
}

struct api_call *segments_open(const struct route_call *call)
{
    return making_begin(call, "type", TRACK_TYPE_BYTES_MAX, segment_begin);
}

struct api_call *tracks_put(const struct route_call *call)
{
    struct track_asker asker;
    struct track_call *waiting;
    unsigned wished = 0;
    json_t *body = NULL;
    enum pl_status status = asker_read(call, &asker);
    if (status != PL_OK)
        return refuse_status(call, status);
    struct track *wish = track_new(call->api->env.mem, call->board, call->track);
    status = wish == NULL ? PL_NO_MEMORY : json_body_read(call->request->body, &body);
    if (status == PL_OK)
        status = track_wish_read(body, wish, &wished);
    json_decref(body);
    if (status != PL_OK || (waiting = track_call_wait(call, &asker, 200)) == NULL) {
        track_free(wish);
        return status == PL_OK ? NULL : track_refuse(call, status);
    }
    return track_call_begun(
        call, waiting,
        tracks_change(call->api->env.tracks, &asker, call->track, wished, wish, track_call_answered, waiting));
}

struct api_call *tracks_remove(const struct route_call *call)
{
    struct track_asker asker;
    enum pl_status status = asker_read(call, &asker);
    if (status != PL_OK)
        return refuse_status(call, status);
    struct track_call *waiting = track_call_wait(call, &asker, 200);
    if (waiting == NULL)
        return NULL;
    return track_call_begun(
        call, waiting, tracks_delete(call->api->env.tracks, &asker, call->track, track_call_answered, waiting));
}

struct ending {
    uint64_t length_ms;
    bool counted;
    uint32_t counts[TRACK_STREAM_N];
};

static enum pl_status ending_read(const json_t *body, struct ending *ret_ending)
{
    const json_t *chunks = json_object_get(body, "chunks");
    struct ending ending = {.counted = chunks != NULL && !json_is_null(chunks)};
    uint64_t media = 0, timeline = 0;
    enum pl_status status = json_number(body, "length_ms", PL_TRACK_MS_MAX, &ending.length_ms);
    if (status == PL_OK && ending.counted && !json_is_object(chunks))
        status = PL_INVALID;
    if (status == PL_OK && ending.counted)
        status = json_number(chunks, "media", UINT32_MAX - 1, &media);
    if (status == PL_OK && ending.counted)
        status = json_number(chunks, "timeline", UINT32_MAX - 1, &timeline);
    if (status != PL_OK)
        return status == PL_NOT_FOUND ? PL_INVALID : status;
    ending.counts[TRACK_MEDIA] = (uint32_t)media;
    ending.counts[TRACK_TIMELINE] = (uint32_t)timeline;
    *ret_ending = ending;
    return PL_OK;
}

struct api_call *segments_finish(const struct route_call *call)
{
    struct track_asker asker;
    struct track_call *waiting = NULL;
    struct ending ending;
    json_t *body = NULL;
    enum pl_status status = writer_read(call, &asker, &body);
    if (status == PL_OK)
        status = ending_read(body, &ending);
    json_decref(body);
    if (status == PL_OK && (waiting = track_call_wait(call, &asker, 200)) == NULL)
        return NULL;
    if (status == PL_OK)
        status = tracks_segment_finish(call->api->env.tracks, &asker, call->track, call->segment,
                                       (uint32_t)ending.length_ms, ending.counted ? ending.counts : NULL,
                                       track_call_answered, waiting);
    return track_call_begun(call, waiting, status);
}

static void tell_nothing(struct track_call *call, const struct tracks_answer *answer, struct api_response *response)
{
    (void)answer;
    json_answer(response, call->status, json_object());
}

struct api_call *tracks_watch(const struct route_call *call)
{
    struct track_asker asker;
    struct track_call *waiting = NULL;
    uint64_t played_ms = 0;
    json_t *body = NULL;
    enum pl_status status = asker_read(call, &asker);
    if (status != PL_OK)
        return refuse_status(call, status);
    status = json_body_read(call->request->body, &body);
    if (status == PL_OK && json_number(body, "played_ms", UINT32_MAX, &played_ms) != PL_OK)
        status = PL_INVALID;
    json_decref(body);
    if (status == PL_OK && (waiting = track_call_wait(call, &asker, 200)) == NULL)
        return NULL;
    if (status == PL_OK) {
        waiting->tell = tell_nothing;
        status = tracks_progress(call->api->env.tracks, &asker, call->track, (uint32_t)played_ms, track_call_answered,
                                 waiting);
    }
    return track_call_begun(call, waiting, status);
}
