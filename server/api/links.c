/* /api/boards/<board>/links: what links a board has, making, changing and withdrawing them. For who holds a link of a
 * facilitator or an owner, as "Authorization: Bearer <token>".
 *
 * Nobody hands out more than they have, nor sees or touches links above their own role: those are absent to them. A board
 * keeps one owner's link that never ends, or nobody could ever rule over it again. What changed is answered, and told to
 * whoever came by the link, when it is durable. */
#include "api/routes.h"
#include "auth/grant.h"
#include "base/role.h"
#include <string.h>

#define LASTS_MS_MAX (3660ull * 86400000u) /* ten years; a link without an end is another thing */

/* A link on its way to the disk. */
struct link_change {
    struct api_call call; /* first: the call is the change */
    struct link_change *next;
    struct link_row row;
    char base[BASE_BYTES_MAX];
    enum pl_status status; /* the journal's */
    bool fresh;
};

/* Who asks, and about which board. */
struct asker {
    struct grant grant;
    char base[BASE_BYTES_MAX];
    uint64_t now_ms;
};

static enum pl_status asker_read(const struct route_call *call, struct asker *ret_asker)
{
    const struct api_env *env = &call->api->env;
    struct asker asker = {.now_ms = loop_wall_ms(env->loop)};
    if (!base_write(call->request, env->mem, asker.base))
        return PL_INVALID;
    enum pl_status status = asker_by_token(call, &asker.grant);
    if (status == PL_OK)
        *ret_asker = asker;
    return status;
}

static struct audit_entry entry_of(const struct asker *asker, enum audit_act act,
                                   const struct link_row *row)
{
    return (struct audit_entry){.board = asker->grant.board,
                                .user = asker->grant.user,
                                .by_link = asker->grant.link,
                                .link = row == NULL ? 0 : row->link,
                                .act = act,
                                .role = row == NULL ? asker->grant.role : row->role};
}

static enum pl_status ruler_read(const struct route_call *call, struct asker *ret_asker)
{
    enum pl_status status = asker_read(call, ret_asker);
    return status == PL_OK && ret_asker->grant.role < PL_ROLE_FACILITATOR ? asker_refuse(call, &ret_asker->grant)
                                                                          : status;
}

static json_t *row_json(const struct api *api, const char *base, const struct link_row *row,
                        uint64_t own)
{
    char link[IDENT_TEXT_LEN + 1], url[LINK_URL_BYTES_MAX];
    ident_write(row->link, link);
    json_t *json =
        json_pack("{s:s, s:s, s:b, s:b}", "link", link, "role", role_name(row->role),
                  "revoked", row->revoked, "own", row->link == own);
    if (row->made_ms != 0)
        json_object_set_new(json, "made_ms", json_integer((json_int_t)row->made_ms));
    if (row->expires_ms != 0)
        json_object_set_new(json, "expires_ms", json_integer((json_int_t)row->expires_ms));
    if (!row->revoked) {
        link_url_write(api, base, row, url);
        json_object_set_new(json, "url", json_string(url));
    }
    return json;
}

static struct api_call *answer_status(const struct route_call *call, enum pl_status status)
{
    if (status == PL_INVALID)
        api_response_error_text(call->response, status,
                                "a role, lasts_ms as a whole number, and a valid Host are needed");
    else if (status == PL_STATE)
        api_response_error_text(call->response, status,
                                "a board keeps one link of an owner that does not end");
    else
        api_response_error(call->response, status);
    return NULL;
}

/* Listing. */

struct listing {
    const struct route_call *call;
    const struct asker *asker;
    json_t *links;
};

static void list_row(void *user, const struct link_row *row)
{
    struct listing *listing = user;
    const struct asker *asker = listing->asker;
    if (row->role <= asker->grant.role)
        json_array_append_new(listing->links,
                              row_json(listing->call->api, asker->base, row, asker->grant.link));
}

struct api_call *links_list(const struct route_call *call)
{
    struct asker asker;
    enum pl_status status = ruler_read(call, &asker);
    if (status != PL_OK)
        return answer_status(call, status);
    struct listing listing = {.call = call, .asker = &asker, .links = json_array()};
    const struct links *links = call->api->env.links;
    status = links->each(links->self, call->board, list_row, &listing);
    if (status != PL_OK) {
        json_decref(listing.links);
        return answer_status(call, status);
    }
    json_answer(call->response, 200,
                json_pack("{s:I, s:s, s:o}", "now_ms", (json_int_t)asker.now_ms, "role",
                          role_name(asker.grant.role), "links", listing.links));
    return NULL;
}

/* Changing. Those on their way to the disk count as there. */

struct census {
    uint64_t but; /* not counted among the owners */
    size_t row_n, owner_n;
};

static void census_row(void *user, const struct link_row *row)
{
    struct census *census = user;
    census->row_n++;
    census->owner_n += row->role == PL_ROLE_OWNER && !row->revoked && row->expires_ms == 0 &&
                       row->link != census->but;
}

static enum pl_status census_take(const struct route_call *call, uint64_t but,
                                  struct census *ret_census)
{
    const struct links *links = call->api->env.links;
    *ret_census = (struct census){.but = but};
    for (const struct link_change *change = call->api->changes; change != NULL; change = change->next)
        ret_census->row_n += change->row.board == call->board && change->fresh;
    return links->each(links->self, call->board, census_row, ret_census);
}

static void change_end(void *user)
{
    struct link_change *change = user;
    const enum pl_status status = change->status;
    struct api *api = change->call.api;
    struct api_response response;
    struct link_change **at = &api->changes;
    while (*at != change)
        at = &(*at)->next;
    *at = change->next;
    api_response_init(&response, api->env.mem);
    if (status != PL_OK)
        api_response_error(&response, status);
    else
        json_answer(&response, change->fresh ? 201 : 200,
                    row_json(api, change->base, &change->row, 0));
    if (status == PL_OK && !change->fresh && api->env.link_changed != NULL)
        api->env.link_changed(api->env.link_user, &change->row);
    call_answer(api, change->call.done_or_null, change->call.user, &response);
    pl_mem_put(api->env.mem, change);
    call_over(api);
}

/* Never before the call returns: without any memory left that is said at once. */
static void changed(void *user, enum pl_status status)
{
    struct link_change *change = user;
    change->status = status;
    loop_defer(change->call.api->env.loop, change_end, change);
}

static struct api_call *change_start(const struct route_call *call, const struct asker *asker,
                                     const struct link_row *row, enum audit_act act)
{
    struct api *api = call->api;
    const struct audit_entry entry = entry_of(asker, act, row);
    if (api->waiting_n >= WAITING_MAX)
        return answer_status(call, PL_LIMIT);
    struct link_change *change = pl_mem_get(api->env.mem, sizeof *change);
    if (change == NULL)
        return answer_status(call, PL_NO_MEMORY);
    *change =
        (struct link_change){.call = {.api = api, .done_or_null = call->done, .user = call->user},
                             .next = api->changes,
                             .row = *row,
                             .fresh = act == AUDIT_LINK_MADE};
    memcpy(change->base, asker->base, sizeof change->base);
    api->changes = change;
    api->waiting_n++;
    api->env.links->put(api->env.links->self, row, &entry, changed, change);
    return &change->call;
}

/* "role" and "lasts_ms" of a body into the row; what is absent stays. */
static enum pl_status wish_read(const struct route_call *call, uint64_t now_ms,
                                struct link_row *row)
{
    json_t *body = NULL;
    struct pl_slice role;
    uint64_t lasts_ms;
    enum pl_status status = json_body_read(call->request->body, &body);
    if (status == PL_OK)
        status = json_text(body, "role", 32, &role);
    if (status == PL_OK && role.len > 0 && !role_named(role, &row->role))
        status = PL_INVALID;
    if (status == PL_OK) {
        status = json_number(body, "lasts_ms", LASTS_MS_MAX, &lasts_ms);
        if (status == PL_OK)
            row->expires_ms = lasts_ms == 0 ? 0 : now_ms + lasts_ms;
        else if (status == PL_NOT_FOUND)
            status = PL_OK;
    }
    json_decref(body);
    return status;
}

struct api_call *links_make(const struct route_call *call)
{
    struct asker asker;
    struct census census;
    enum pl_status status = ruler_read(call, &asker);
    if (status != PL_OK)
        return answer_status(call, status);
    struct link_row row = {
        .link = random_u64(call->api->env.random), .board = call->board, .made_ms = asker.now_ms};
    status = wish_read(call, asker.now_ms, &row);
    if (status == PL_OK && row.role == PL_ROLE_NONE)
        status = PL_INVALID;
    if (status == PL_OK && row.role > asker.grant.role)
        status = asker_refuse(call, &asker.grant);
    if (status == PL_OK)
        status = census_take(call, 0, &census);
    if (status == PL_OK && census.row_n >= LINKS_MAX)
        status = PL_QUOTA;
    return status == PL_OK ? change_start(call, &asker, &row, AUDIT_LINK_MADE)
                           : answer_status(call, status);
}

/* The link that the path names, as the asker may see it. While another of the board's is changing nobody knows yet which
 * owners will be left: a moment later is soon enough. */
static enum pl_status target_read(const struct route_call *call, const struct asker *asker,
                                  struct link_row *ret_row)
{
    const struct links *links = call->api->env.links;
    enum pl_status status = links->find(links->self, call->board, call->link, ret_row);
    if (status == PL_OK && ret_row->role > asker->grant.role)
        status = PL_NOT_FOUND;
    for (const struct link_change *change = call->api->changes; status == PL_OK && change != NULL;
         change = change->next)
        if (change->row.board == call->board && !change->fresh)
            status = PL_LIMIT;
    return status;
}

/* Whether an owner's link without end is left when this one becomes what `row` says. */
static enum pl_status owner_left(const struct route_call *call, const struct link_row *row)
{
    struct census census;
    if (row->role == PL_ROLE_OWNER && !row->revoked && row->expires_ms == 0)
        return PL_OK;
    enum pl_status status = census_take(call, row->link, &census);
    return status == PL_OK && census.owner_n == 0 ? PL_STATE : status;
}

struct api_call *links_change(const struct route_call *call)
{
    struct asker asker;
    struct link_row row;
    enum pl_status status = ruler_read(call, &asker);
    if (status == PL_OK)
        status = target_read(call, &asker, &row);
    if (status == PL_OK && row.revoked)
        status = PL_REVOKED;
    if (status == PL_OK)
        status = wish_read(call, asker.now_ms, &row);
    if (status == PL_OK && row.role > asker.grant.role)
        status = asker_refuse(call, &asker.grant);
    if (status == PL_OK)
        status = owner_left(call, &row);
    return status == PL_OK ? change_start(call, &asker, &row, AUDIT_LINK_CHANGED)
                           : answer_status(call, status);
}

struct api_call *links_revoke(const struct route_call *call)
{
    struct asker asker;
    struct link_row row;
    enum pl_status status = ruler_read(call, &asker);
    if (status == PL_OK)
        status = target_read(call, &asker, &row);
    if (status == PL_OK && !row.revoked) {
        row.revoked = true;
        status = owner_left(call, &row);
        return status == PL_OK ? change_start(call, &asker, &row, AUDIT_LINK_REVOKED)
                               : answer_status(call, status);
    }
    if (status != PL_OK)
        return answer_status(call, status);
    json_answer(call->response, 200,
                row_json(call->api, asker.base, &row, asker.grant.link)); /* asked twice */
    return NULL;
}
