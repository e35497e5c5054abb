/* See track_call.h. */
#include "api/track_call.h"

struct track_asker track_asker_of(const struct grant *grant)
{
    return (struct track_asker){
        .board = grant->board, .link = grant->link, .user = grant->user, .role = grant->role};
}

static const char *text_of(enum pl_status status)
{
    switch (status) {
    case PL_NOT_FOUND:
        return "there is no such talk-track";
    case PL_GAP:
        return "a chunk before it is missing";
    case PL_DIVERGED:
        return "another chunk is there already";
    case PL_STATE:
        return "the talk-track is not in a state for that";
    case PL_QUOTA:
        return "there is no room for more";
    case PL_TICKET:
        return "whose it would be is not known: ask for a ticket first";
    case PL_INVALID:
        return "something of what was sent makes no sense";
    case PL_READ_ONLY:
        return "nothing can be written at the moment";
    default:
        return pl_status_text(status);
    }
}

void track_error(struct api_response *response, const struct tracks_answer *answer)
{
    const enum pl_status status = answer->status;
    if (status != PL_GAP) {
        api_response_error_text(response, status,
                                answer->why_or_null != NULL ? answer->why_or_null : text_of(status));
        return;
    }
    json_answer(response, api_http_status(status),
                json_pack("{s:s, s:s, s:I, s:s}", "code", pl_status_name(status), "text", text_of(status), "next",
                          (json_int_t)answer->next, "stream", answer->stream == TRACK_MEDIA ? "media" : "timeline"));
}

struct api_call *track_refuse(const struct route_call *call, enum pl_status status)
{
    const struct tracks_answer answer = {.status = status};
    track_error(call->response, &answer);
    return NULL;
}

static void tell_track(struct track_call *call, const struct tracks_answer *answer, struct api_response *response)
{
    json_answer(response, call->status, track_json(call->call.api, answer->track, &call->asker));
}

struct track_call *track_call_wait(const struct route_call *call, const struct track_asker *asker, uint16_t status)
{
    struct api *api = call->api;
    struct track_call *waiting =
        api->waiting_n >= WAITING_MAX ? NULL : pl_mem_get(api->env.mem, sizeof *waiting);
    if (waiting == NULL) {
        (void)track_refuse(call, api->waiting_n >= WAITING_MAX ? PL_LIMIT : PL_NO_MEMORY);
        return NULL;
    }
    *waiting = (struct track_call){.call = {.api = api, .done_or_null = call->done, .user = call->user},
                                   .asker = *asker,
                                   .status = status,
                                   .tell = tell_track};
    api->waiting_n++;
    return waiting;
}

static void over(struct track_call *waiting)
{
    struct api *api = waiting->call.api;
    pl_mem_put(api->env.mem, waiting);
    call_over(api);
}

void track_call_answered(void *user, const struct tracks_answer *answer)
{
    struct track_call *waiting = user;
    struct api *api = waiting->call.api;
    struct api_response response;
    api_response_init(&response, api->env.mem);
    if (answer->status == PL_OK)
        waiting->tell(waiting, answer, &response);
    else
        track_error(&response, answer);
    api_done *done_or_null = waiting->call.done_or_null;
    void *done_user = waiting->call.user;
    over(waiting);
    call_answer(api, done_or_null, done_user, &response);
}

struct api_call *track_call_begun(const struct route_call *call, struct track_call *waiting, enum pl_status status)
{
    if (status == PL_OK)
        return &waiting->call;
    if (waiting != NULL)
        over(waiting);
    return track_refuse(call, status);
}
