/* The HTTP routes over a whole server below the sockets: requests as values in, responses as values
 * out. */
#ifndef SUPPORT_API_WORLD_H
#define SUPPORT_API_WORLD_H
#include "api/api.h"
#include "auth/sha256.h"
#include "store/secrets.h"
#include "tests/support/core_world.h"

struct api_world {
    const struct pl_mem *mem;
    struct core_world *core;
    struct keys keys;
    struct links links;
    struct health health;
    struct tracks *tracks;
    struct api *api;
    const struct asset *assets;
    size_t asset_n;
    const char *web_root_or_null;
    /* the last answer */
    unsigned answer_n;
    unsigned status; /* 0: out of memory, so net would hang up */
    char head[4096];
    char body[8192];
    size_t body_len; /* of the whole body; `body` holds its beginning */
    /* a body that is read while it is sent */
    struct api_response streamed;
    bool broken; /* it broke off */
};

struct api_world *api_world_new(const struct asset *assets, size_t asset_n,
                                const char *web_root_or_null);
/* One that allocates from `mem`, from several threads. */
struct api_world *api_world_new_mem(const struct pl_mem *mem);
void api_world_free(struct api_world *world);
/* Ends the server in order, and starts it again on the same folder. */
void api_world_restart(struct api_world *world);
/* A request to fill in: the host is board.example:8080. */
struct api_request api_world_request(enum api_method method, const char *path);
struct pl_slice api_text(const char *text);
/* Waits for the answer, which then stands in the world; returns its status. */
unsigned api_world_ask(struct api_world *world, const struct api_request *request);
/* A header's value in the last answer, copied into ret_value; false when it is not there. */
bool api_world_header(const struct api_world *world, const char *name, char ret_value[1024]);
/* The text between two marks in the last body. Fails the program when they are not there. */
void api_world_cut(const struct api_world *world, const char *before, const char *after,
                   char ret_text[512]);

#endif
