/* GET /api/boards/<board>/tracks: all that the asker may know of. A full board's list is ten megabytes of JSON, so it is
 * written in a worker, not on the loop, a few at once, the others in turn; and what is large is sent in pieces, all large
 * ones together holding at most LISTS_BYTES_MAX, however slowly they are read. */
#include "api/track_call.h"
#include "auth/grant.h"
#include <stdlib.h>
#include <string.h>

#define LISTS_AT_ONCE_MAX 2u
#define LISTS_WAITING_MAX 64u /* of WAITING_MAX: whoever asks for lists alone keeps nobody from recording */
#define LARGE_BYTES       (256u * 1024u)
#define LISTS_BYTES_MAX   (64u * 1024u * 1024u)
#define PIECE_BYTES       (64u * 1024u)

struct list_call {
    struct api_call call; /* first: the call is this */
    struct list_call *next;
    struct track_asker asker;
    uint64_t room; /* asked on the loop */
    /* the worker's */
    enum pl_status status;
    json_t *rows;
    char *text; /* malloc'd */
};

/* A large one on its way out. */
struct list_source {
    struct api_source source; /* first */
    struct api *api;
    char *text;
    size_t at;
    struct pl_slice piece;
    void (*came)(void *user, const struct pl_slice *piece_or_null);
    void *user;
    bool asked, closed;
};

static void source_free(struct list_source *list)
{
    struct api *api = list->api;
    api->list_bytes -= list->source.bytes;
    free(list->text);
    pl_mem_put(api->env.mem, list);
}

static void piece_come(void *user)
{
    struct list_source *list = user;
    list->asked = false;
    if (list->closed)
        source_free(list);
    else
        list->came(list->user, &list->piece);
}

static void source_read(struct api_source *self, void (*came)(void *user, const struct pl_slice *piece_or_null),
                        void *user)
{
    struct list_source *list = (struct list_source *)self;
    const size_t left = (size_t)list->source.bytes - list->at;
    list->piece = (struct pl_slice){(const uint8_t *)list->text + list->at, left < PIECE_BYTES ? left : PIECE_BYTES};
    list->at += list->piece.len;
    list->came = came;
    list->user = user;
    list->asked = true;
    loop_defer(list->api->env.loop, piece_come, list);
}

static void source_drop(struct api_source *self)
{
    (void)self; /* pieces are parts of the text */
}

static void source_close(struct api_source *self)
{
    struct list_source *list = (struct list_source *)self;
    list->closed = true;
    if (!list->asked)
        source_free(list);
}

/* Takes the text. */
static void large_answer(struct api *api, struct api_response *response, char *text, size_t len)
{
    const bool room = len <= LISTS_BYTES_MAX - api->list_bytes;
    struct list_source *list = room ? pl_mem_get(api->env.mem, sizeof *list) : NULL;
    if (list == NULL) {
        free(text);
        api_response_error(response, room ? PL_NO_MEMORY : PL_LIMIT);
        return;
    }
    *list = (struct list_source){
        .source = {.bytes = len, .read = source_read, .drop = source_drop, .close = source_close},
        .api = api,
        .text = text};
    api->list_bytes += len;
    api_response_text(response, 200, "application/json", (struct pl_slice){(const uint8_t *)"", 0});
    response->source_or_null = &list->source;
}

static void row_add(void *user, const struct track *track)
{
    struct list_call *list = user;
    json_array_append_new(list->rows, track_json(list->call.api, track, &list->asker));
}

static json_t *limits_json(uint64_t room)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "chunk_bytes", (json_int_t)PL_TRACK_CHUNK_BYTES_MAX, "track_bytes",
                     (json_int_t)PL_TRACK_BYTES_MAX, "track_ms", (json_int_t)PL_TRACK_MS_MAX, "free_bytes",
                     (json_int_t)room);
}

static void list_work(void *user)
{
    struct list_call *list = user;
    list->rows = json_array();
    list->status = tracks_each(list->call.api->env.tracks, &list->asker, row_add, list);
    json_t *json = json_pack("{s:o, s:o}", "tracks", list->rows, "limits", limits_json(list->room));
    list->text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (list->status == PL_OK && list->text == NULL)
        list->status = PL_NO_MEMORY;
}

static void lists_go_on(struct api *api);

static void list_end(struct list_call *list, struct api_response *response)
{
    struct api *api = list->call.api;
    api_done *done_or_null = list->call.done_or_null;
    void *user = list->call.user;
    pl_mem_put(api->env.mem, list);
    api->list_waiting_n--;
    call_answer(api, done_or_null, user, response);
    call_over(api);
}

static void list_worked(void *user)
{
    struct list_call *list = user;
    struct api *api = list->call.api;
    struct api_response response;
    char *text = list->text;
    const size_t len = text == NULL ? 0 : strlen(text);
    api_response_init(&response, api->env.mem);
    if (list->status == PL_OK && len > LARGE_BYTES) {
        large_answer(api, &response, text, len);
        text = NULL;
    } else if (list->status == PL_OK) {
        api_response_text(&response, 200, "application/json", (struct pl_slice){(const uint8_t *)text, len});
    } else {
        api_response_error(&response, list->status);
    }
    free(text);
    list_end(list, &response);
    api->list_n--;
    lists_go_on(api);
}

/* Those that nobody waits for any more are passed over. */
static void lists_go_on(struct api *api)
{
    while (api->list_first != NULL && api->list_n < LISTS_AT_ONCE_MAX) {
        struct list_call *list = api->list_first;
        api->list_first = list->next;
        if (list->call.done_or_null == NULL) {
            struct api_response none;
            api_response_init(&none, api->env.mem);
            list_end(list, &none);
            continue;
        }
        api->list_n++;
        loop_work(api->env.loop, list_work, list_worked, list);
    }
}

struct api_call *tracks_list(const struct route_call *call)
{
    struct api *api = call->api;
    struct grant grant;
    uint64_t room;
    enum pl_status status = asker_by_token(call, &grant);
    if (status == PL_OK)
        status = tracks_room(api->env.tracks, call->board, &room);
    if (status == PL_OK && (api->waiting_n >= WAITING_MAX || api->list_waiting_n >= LISTS_WAITING_MAX))
        status = PL_LIMIT;
    struct list_call *list = status == PL_OK ? pl_mem_get(api->env.mem, sizeof *list) : NULL;
    if (list == NULL) {
        api_response_error(call->response, status == PL_OK ? PL_NO_MEMORY : status);
        return NULL;
    }
    *list = (struct list_call){.call = {.api = api, .done_or_null = call->done, .user = call->user},
                               .asker = track_asker_of(&grant),
                               .room = room};
    api->waiting_n++;
    api->list_waiting_n++;
    if (api->list_first == NULL)
        api->list_first = list;
    else
        api->list_last->next = list;
    api->list_last = list;
    lists_go_on(api);
    return &list->call;
}
