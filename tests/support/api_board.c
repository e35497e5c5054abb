/* See api_board.h. */
#include "tests/support/api_board.h"
#include "base/role.h"
#include "tests/support/committed.h"
#include "tests/support/core_check.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_cut(const struct api_world *world, const char *before, const char *after, char *to,
                     size_t cap)
{
    char text[512];
    api_world_cut(world, before, after, text);
    CORE_CHECK(strlen(text) < cap);
    strcpy(to, text);
}

/* The token of a role's first link in the answer to POST /api/boards. */
void api_board_make(struct api_world *world, struct api_board *ret_board)
{
    struct api_request request = api_world_request(API_POST, "/api/boards");
    request.body = api_text("{\"title\":\"Plans\"}");
    CORE_CHECK(api_world_ask(world, &request) == 201);
    text_cut(world, "\"board\":\"", "\"", ret_board->id, sizeof ret_board->id);
    CORE_CHECK(ident_read(api_text(ret_board->id), &ret_board->board));
    const char *from = strstr(world->body, "\"owner\":\"");
    CORE_CHECK(from != NULL && (from = strstr(from, "#k=")) != NULL);
    snprintf(ret_board->owner.token, sizeof ret_board->owner.token, "%.83s", from + 3);
    CORE_CHECK(api_board_ask(world, API_GET, ret_board, "", ret_board->owner.token, "") == 200);
    const char *own =
        strstr(world->body, "\"own\":true"); /* the link's id stands before, in its object */
    CORE_CHECK(own != NULL);
    while (strncmp(own, "\"link\":\"", 8) != 0)
        own--;
    snprintf(ret_board->owner.id, sizeof ret_board->owner.id, "%.11s", own + 8);
}

unsigned api_board_ask(struct api_world *world, enum api_method method,
                       const struct api_board *board, const char *below, const char *token_or_null,
                       const char *body)
{
    char path[128], header[160];
    snprintf(path, sizeof path, "/api/boards/%s/links%s%s", board->id, below[0] == '\0' ? "" : "/",
             below);
    struct api_request request = api_world_request(method, path);
    if (token_or_null != NULL) {
        snprintf(header, sizeof header, "Bearer %s", token_or_null);
        request.authorization = api_text(header);
    }
    request.body = api_text(body);
    return api_world_ask(world, &request);
}

void api_board_link(struct api_world *world, const struct api_board *board, const char *role,
                    uint64_t lasts_ms, struct api_link *ret_link)
{
    char body[128];
    snprintf(body, sizeof body, "{\"role\":\"%s\",\"lasts_ms\":%" PRIu64 "}", role, lasts_ms);
    CORE_CHECK(api_board_ask(world, API_POST, board, "", board->owner.token, body) == 201);
    text_cut(world, "\"link\":\"", "\"", ret_link->id, sizeof ret_link->id);
    text_cut(world, "#k=", "\"", ret_link->token, sizeof ret_link->token);
}

unsigned api_board_ticket(struct api_world *world, const struct api_board *board, const char *token,
                          char ret_ticket[TICKET_TEXT_BYTES])
{
    char path[128], body[256];
    snprintf(path, sizeof path, "/api/boards/%s/ticket", board->id);
    snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"Ana\"}", token);
    struct api_request request = api_world_request(API_POST, path);
    request.body = api_text(body);
    unsigned status = api_world_ask(world, &request);
    if (status == 200)
        text_cut(world, "\"ticket\":\"", "\"", ret_ticket, TICKET_TEXT_BYTES);
    return status;
}

struct core_peer *api_board_visit(struct api_world *world, const struct api_board *board,
                                  const char *token)
{
    char ticket[TICKET_TEXT_BYTES], role[16], user[32];
    enum pl_role named;
    if (api_board_ticket(world, board, token, ticket) != 200)
        return NULL;
    text_cut(world, "\"role\":\"", "\"", role, sizeof role);
    text_cut(world, "\"user\":", ",", user, sizeof user);
    CORE_CHECK(role_named(api_text(role), &named));
    struct core_peer *peer = core_peer_new(world->core, strtoull(user, NULL, 10), "Ana", named);
    core_peer_hello_with(peer, ticket);
    core_peer_await(peer);
    CORE_CHECK(peer->welcomed && !peer->closed);
    return peer;
}

static void reserved(void *user, enum pl_status status)
{
    (void)status;
    *(bool *)user = true;
}

static bool flag(void *user)
{
    return *(bool *)user;
}

/* Notes are written in order with everything else: what is asked for now comes after them. */
static void notes_await(struct core_world *world, uint64_t board)
{
    const struct journal *journal = &world->fault.inner;
    bool done = false;
    uint32_t first;
    journal->vtable->reserve_replicas(journal->self, board, 1, &first, reserved, &done);
    CORE_CHECK(core_loop_until(world->loop, flag, &done));
}

void api_board_record(struct api_world *world, uint64_t board, bool lasts, char *ret_text,
                      size_t cap)
{
    struct store_view view;
    struct audit_entry entry;
    uint64_t n = 0, at_ms;
    size_t len = 0;
    ret_text[0] = '\0';
    notes_await(world->core, board);
    committed_open(world->core->store, &view);
    while (store_view_audit(&view, board, lasts, n + 1, &n, &at_ms, &entry)) {
        int wrote =
            snprintf(ret_text + len, cap - len, "%s %s %s %" PRIu32 "\n", audit_act_name(entry.act),
                     role_name(entry.role), pl_status_name(entry.outcome), entry.n);
        CORE_CHECK(wrote > 0 && (size_t)wrote < cap - len);
        len += (size_t)wrote;
    }
    committed_close(&view);
}
