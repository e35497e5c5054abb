/* See api_world.h. */
#include "tests/support/api_world.h"
#include "tests/support/core_check.h"
#include <string.h>
#include <strings.h>

static void link_changed(void *user, const struct link_row *row)
{
    struct core_world *core = user;
    tickets_link_changed(core->tickets, row);
    session_env_link_changed(core->sessions, row);
}

/* The layers above the store. */
static void layers_open(struct api_world *world)
{
    static const char *const origins[] = {"https://office.example"};
    struct secrets secrets;
    world->links = store_links(world->core->store);
    CORE_CHECK(store_secrets(world->core->store, &secrets) == PL_OK);
    keys_load(&world->keys, &secrets);
    world->health.state = HEALTH_READY;
    world->tracks = tracks_new(&(struct tracks_env){.mem = world->mem,
                                                    .loop = world->core->port,
                                                    .store = world->core->store,
                                                    .digest = &digest_sha256,
                                                    .random = random_system()});
    CORE_CHECK(world->tracks != NULL);
    world->core->past_right = tracks_past_right(world->tracks);
    struct api_env env = {
        .mem = world->mem,
        .loop = world->core->port,
        .random = random_system(),
        .keys = &world->keys,
        .links = &world->links,
        .audit_or_null = &world->core->audit,
        .link_changed = link_changed,
        .link_user = world->core,
        .registry = world->core->registry,
        .tickets = world->core->tickets,
        .tracks = world->tracks,
        .metrics_or_null = world->core->metrics,
        .health = &world->health,
        .origins = {.allowed = origins, .allowed_n = 1},
        .assets = world->assets,
        .asset_n = world->asset_n,
        .web_root_or_null = world->web_root_or_null,
    };
    world->api = api_new(&env);
    CORE_CHECK(world->api != NULL);
}

static void drained(void *user)
{
    *(bool *)user = true;
}

static bool is_drained(void *user)
{
    return *(const bool *)user;
}

static void layers_close(struct api_world *world)
{
    bool over = false;
    tracks_drain(world->tracks, drained, &over);
    CORE_CHECK(core_loop_until(world->core->loop, is_drained, &over));
    over = false;
    api_drain(world->api, drained, &over);
    CORE_CHECK(core_loop_until(world->core->loop, is_drained, &over));
    api_free(world->api);
    world->core->past_right = (struct past_right){0};
    tracks_free(world->tracks);
}

struct api_world *api_world_new_mem(const struct pl_mem *mem)
{
    struct api_world *world = calloc(1, sizeof *world);
    CORE_CHECK(world != NULL);
    world->mem = mem;
    world->core = core_world_new_mem(mem);
    layers_open(world);
    return world;
}

struct api_world *api_world_new(const struct asset *assets, size_t asset_n,
                                const char *web_root_or_null)
{
    struct api_world *world = calloc(1, sizeof *world);
    CORE_CHECK(world != NULL);
    world->assets = assets;
    world->asset_n = asset_n;
    world->web_root_or_null = web_root_or_null;
    world->mem = pl_mem_libc();
    world->core = core_world_new();
    layers_open(world);
    return world;
}

void api_world_restart(struct api_world *world)
{
    layers_close(world);
    core_world_restart(world->core);
    layers_open(world);
}

void api_world_free(struct api_world *world)
{
    layers_close(world);
    core_world_free(world->core);
    free(world);
}

struct pl_slice api_text(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

struct api_request api_world_request(enum api_method method, const char *path)
{
    return (struct api_request){.method = method,
                                .path = api_text(path),
                                .host = api_text("board.example:8080")};
}

static void copy_text(char *to, size_t cap, struct pl_slice from)
{
    size_t n = from.len < cap - 1 ? from.len : cap - 1;
    if (n > 0)
        memcpy(to, from.data, n);
    to[n] = '\0';
}

/* Takes the body as net does, piece by piece. */
static void piece_came(void *user, const struct pl_slice *piece_or_null)
{
    struct api_world *world = user;
    struct api_source *source = world->streamed.source_or_null;
    world->broken = piece_or_null == NULL;
    if (!world->broken) {
        const size_t have = world->body_len;
        if (have < sizeof world->body)
            copy_text(world->body + have, sizeof world->body - have, *piece_or_null);
        world->body_len += piece_or_null->len;
        source->drop(source);
    }
    if (!world->broken && world->body_len < source->bytes) {
        source->read(source, piece_came, world);
        return;
    }
    api_response_done(&world->streamed);
    world->answer_n++;
}

static void answered(void *user, struct api_response *response)
{
    struct api_world *world = user;
    world->status = api_response_failed(response) ? 0 : response->status;
    world->body_len = response->body.len;
    world->broken = false;
    copy_text(world->head, sizeof world->head, pl_buf_slice(&response->head));
    copy_text(world->body, sizeof world->body, response->body);
    if (response->source_or_null != NULL) {
        world->streamed = *response;
        response->source_or_null->read(response->source_or_null, piece_came, world);
        return;
    }
    world->answer_n++;
    api_response_done(response);
}

static bool has_answer(void *user)
{
    return ((struct api_world *)user)->answer_n == 1;
}

unsigned api_world_ask(struct api_world *world, const struct api_request *request)
{
    world->answer_n = 0;
    struct api_call *call = api_begin(world->api, request, answered, world);
    CORE_CHECK((call == NULL) || world->answer_n == 0);
    CORE_CHECK(core_loop_until(world->core->loop, has_answer, world));
    return world->status;
}

bool api_world_header(const struct api_world *world, const char *name, char ret_value[1024])
{
    size_t len = strlen(name);
    for (const char *line = world->head; *line != '\0';) {
        size_t n = strcspn(line, "\r\n");
        if (n > len + 2 && strncasecmp(line, name, len) == 0 && line[len] == ':') {
            copy_text(ret_value, 1024,
                      (struct pl_slice){(const uint8_t *)line + len + 2, n - len - 2});
            return true;
        }
        line += n + strspn(line + n, "\r\n");
    }
    return false;
}

void api_world_cut(const struct api_world *world, const char *before, const char *after,
                   char ret_text[512])
{
    const char *from = strstr(world->body, before);
    CORE_CHECK(from != NULL);
    from += strlen(before);
    const char *to = strstr(from, after);
    CORE_CHECK(to != NULL);
    copy_text(ret_text, 512, (struct pl_slice){(const uint8_t *)from, (size_t)(to - from)});
}
