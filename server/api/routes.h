/* What the route files share; private to server/api. */
#ifndef API_ROUTES_H
#define API_ROUTES_H
#include "api/api.h"
#include <jansson.h>

struct api {
    struct api_env env;
    size_t waiting_n; /* calls that wait */
};

struct api_call {
    struct api *api;
    api_done *done_or_null; /* NULL: cancelled */
    void *user;
};

/* Gives the response to whoever waits, or drops it. */
void call_answer(struct api *api, api_done *done_or_null, void *user,
                 struct api_response *response);

/* A route answers by filling the response, or takes the call over and returns it: then it waits. */
struct api_call *boards_create(struct api *api, const struct api_request *request, api_done *done,
                               void *user, struct api_response *response);
void tickets_create(struct api *api, const struct api_request *request, uint64_t board,
                    struct api_response *response);
/* Every route's, for requests that came in the clear where TLS is spoken. */
void astray_answer(struct api *api, const struct api_request *request,
                   struct api_response *response);
void status_health(struct api *api, bool must_be_ready, struct api_response *response);
void status_metrics(struct api *api, struct api_response *response);
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
/* The response becomes this JSON; takes the reference, NULL (out of memory) answers 500. */
void json_answer(struct api_response *response, uint16_t status, json_t *json_or_null);

#endif
