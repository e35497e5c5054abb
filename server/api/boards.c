/* POST /api/boards, or PUT /api/boards/<board> by a page that chose the id itself: behind a balancer that goes by
 * boards' URLs the request then comes to the process that will serve the board.
 *
 * A new board has one link for each role people hand out. It is answered when
 * the journal says that board and links are durable, so a link in somebody's hand always opens. */
#include "api/routes.h"
#include "auth/guest.h"
#include "base/role.h"

static const enum pl_role link_roles[] = {PL_ROLE_OWNER, PL_ROLE_EDITOR, PL_ROLE_VIEWER};
#define LINK_N (sizeof link_roles / sizeof link_roles[0])

struct creation {
    struct api_call call; /* first: the call is the creation */
    uint64_t board;
    struct link_row links[LINK_N];
    char base[BASE_BYTES_MAX]; /* "http://host:port" */
    enum pl_status status;     /* the journal's */
};

static json_t *links_json(const struct creation *creation)
{
    json_t *links = json_object();
    for (size_t i = 0; i < LINK_N; i++) {
        const struct link_row *row = &creation->links[i];
        char url[LINK_URL_BYTES_MAX];
        link_url_write(creation->call.api, creation->base, row, url);
        if (json_object_set_new(links, role_name(row->role), json_string(url)) != 0) {
            json_decref(links);
            return NULL;
        }
    }
    return links;
}

static void creation_end(void *user)
{
    struct creation *creation = user;
    struct api *api = creation->call.api;
    struct api_response response;
    api_response_init(&response, api->env.mem);
    if (creation->status != PL_OK) {
        api_response_error(&response, creation->status);
    } else {
        char board[IDENT_TEXT_LEN + 1];
        ident_write(creation->board, board);
        json_answer(&response, 201,
                    json_pack("{s:s, s:o}", "board", board, "links", links_json(creation)));
    }
    call_answer(api, creation->call.done_or_null, creation->call.user, &response);
    pl_mem_put(api->env.mem, creation);
    call_over(api);
}

/* Never before the call returns: without any memory left that is said at once. */
static void created(void *user, enum pl_status status)
{
    struct creation *creation = user;
    creation->status = status;
    loop_defer(creation->call.api->env.loop, creation_end, creation);
}

static struct api_call *create(const struct route_call *call, uint64_t board)
{
    struct api *api = call->api;
    const struct api_request *request = call->request;
    const uint64_t now_ms = loop_wall_ms(api->env.loop);
    uint64_t by = 0;
    struct creation *creation = NULL;
    json_t *body = NULL;
    struct pl_slice title;
    enum pl_status status = PL_INVALID;
    if (!origin_host_valid(request->host))
        goto refuse;
    status = json_body_read(request->body, &body);
    if (status != PL_OK)
        goto refuse;
    status = json_text(body, "title", PL_TITLE_BYTES_MAX, &title);
    if (status != PL_OK)
        goto refuse;
    status = registry_find(api->env.registry, board);
    if (status != PL_NOT_FOUND) {
        status = status == PL_OK ? PL_DUPLICATE : status;
        goto refuse;
    }
    status = PL_LIMIT;
    if (api->waiting_n >= WAITING_MAX)
        goto refuse;
    status = PL_NO_MEMORY;
    creation = pl_mem_get(api->env.mem, sizeof *creation);
    if (creation == NULL)
        goto refuse;
    *creation = (struct creation){
        .call = {.api = api, .done_or_null = call->done, .user = call->user},
        .board = board,
    };
    for (size_t i = 0; i < LINK_N; i++)
        creation->links[i] = (struct link_row){.link = random_u64(api->env.random),
                                               .board = creation->board,
                                               .made_ms = now_ms,
                                               .role = link_roles[i]};
    status = PL_INVALID;
    if (!base_write(request, api->env.mem, creation->base))
        goto refuse;
    (void)guest_read(api->env.keys, request->cookie, now_ms, &by);
    api->waiting_n++;
    registry_create(api->env.registry, creation->board, title, creation->links, LINK_N, by, created,
                    creation);
    json_decref(body);
    return &creation->call;
refuse:
    pl_mem_put(api->env.mem, creation);
    json_decref(body);
    if (status == PL_MALFORMED)
        api_response_error_text(call->response, status, "the body is not JSON");
    else if (status == PL_DUPLICATE)
        api_response_error_text(call->response, status, "there is a board of this id already");
    else if (status == PL_INVALID)
        api_response_error_text(call->response, status,
                                "a valid Host and, if any, a title as text are needed");
    else
        api_response_error(call->response, status);
    return NULL;
}

struct api_call *boards_create(const struct route_call *call)
{
    return create(call, random_u64(call->api->env.random));
}

struct api_call *boards_put(const struct route_call *call)
{
    if (call->board != 0)
        return create(call, call->board);
    api_response_error(call->response, PL_NOT_FOUND);
    return NULL;
}
