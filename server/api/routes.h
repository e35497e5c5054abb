/* What the route files share; private to server/api. */
#ifndef API_ROUTES_H
#define API_ROUTES_H
#include "api/api.h"
#include "auth/ticket.h"
#include <jansson.h>

struct link_change;
struct list_call;

struct api {
    struct api_env env;
    size_t waiting_n; /* calls that wait */
    struct link_change *changes; /* of links, on their way to the disk */
    struct list_call *list_first, *list_last; /* of talk-tracks, that wait for a worker */
    unsigned list_n;                          /* that one is at work on */
    unsigned list_waiting_n;                  /* at work and waiting */
    uint64_t list_bytes;                      /* of large ones that are being sent */
    void (*drained)(void *user); /* NULL: not draining */
    void *drained_user;
};

struct api_call {
    struct api *api;
    api_done *done_or_null; /* NULL: cancelled */
    void *user;
};

/* One that waited does so no longer. */
void call_over(struct api *api);
/* Gives the response to whoever waits, or drops it. */
void call_answer(struct api *api, api_done *done_or_null, void *user,
                 struct api_response *response);

/* One request on its way through its route. */
struct route_call {
    struct api *api;
    const struct api_request *request;
    uint64_t board, link, track; /* what the path names; 0: no id */
    uint32_t segment, chunk;     /* UINT32_MAX: no number */
    api_done *done;
    void *user;
    struct api_response *response;
};

/* Who asks, by a link's token as "Authorization: Bearer <token>": the grant, with the guest of the cookie (user 0: none).
 * What is refused is counted. PL_TOKEN, PL_REVOKED, PL_EXPIRED, PL_NOT_FOUND (no such board), PL_IO. */
PL_CHECKED enum pl_status asker_by_token(const struct route_call *call, struct grant *ret_grant);
/* The same, or by the grant cookie of who sends no such header (auth/pass.h). */
PL_CHECKED enum pl_status asker_by_token_or_pass(const struct route_call *call, struct grant *ret_grant);
/* Notes that somebody was refused for want of a role. Returns PL_PERM. */
enum pl_status asker_refuse(const struct route_call *call, const struct grant *grant);

#define WAITING_MAX 256u /* calls at once */

/* A route answers by filling the response and returns NULL, or takes the call over and returns it: then it waits. */
typedef struct api_call *route_handle(const struct route_call *call);
#define ROUTE(name, door, method, pattern, handler, from_page) route_handle handler;
#include "api/routes.def"
#undef ROUTE

/* What links to this server begin with, NUL-terminated; false when the Host cannot stand in one. */
#define BASE_BYTES_MAX 320u
bool base_write(const struct api_request *request, const struct pl_mem *mem, char ret_base[BASE_BYTES_MAX]);
/* The address that a link is handed out as, NUL-terminated. */
#define LINK_URL_BYTES_MAX (BASE_BYTES_MAX + 128u)
void link_url_write(const struct api *api, const char *base, const struct link_row *row,
                    char ret_url[LINK_URL_BYTES_MAX]);
/* Every route's, for requests that came in the clear where TLS is spoken. */
void astray_answer(struct api *api, const struct api_request *request,
                   struct api_response *response);
/* PL_NOT_FOUND when there is no such file. */
enum pl_status assets_serve(struct api *api, const struct api_request *request,
                            struct api_response *response);
/* The same from a folder. */
enum pl_status web_root_serve(const char *folder, const struct api_request *request,
                              struct pl_slice path, struct api_response *response);
/* Headers every file gets: type, policy, caching. */
void assets_headers(struct api_response *response, const char *type, bool immutable);
/* Whether an If-None-Match header names the tag, in any encoding of it. */
bool assets_tag_matches(struct pl_slice if_none_match, const char *etag);

/* A JSON object from a body; an empty body reads as {}. PL_MALFORMED, PL_INVALID when it is not an
 * object. */
enum pl_status json_body_read(struct pl_slice body, json_t **ret_object);
/* A string member: absent reads as "". PL_INVALID for another type, PL_TOO_BIG above bytes_max.
 * Borrowed. */
enum pl_status json_text(const json_t *object, const char *name, size_t bytes_max,
                         struct pl_slice *ret_text);
/* A member that is a whole number from 0 to max: PL_NOT_FOUND when absent or null, PL_INVALID for anything else. */
enum pl_status json_number(const json_t *object, const char *name, uint64_t max, uint64_t *ret_number);
/* The response becomes this JSON; takes the reference, NULL (out of memory) answers 500. */
void json_answer(struct api_response *response, uint16_t status, json_t *json_or_null);

#endif
