/* A stranger's requests to the routes, below libwebsockets: the real api over real boards and the real store. The input is
 * requests, each one byte of bits (0 to 2: the method; 3: the operator's door; 4: TLS; 5: astray; 6: a minute passes
 * before it; 7: it is about talk-tracks), a byte's length and so many bytes for path, host, origin, cookie and authorization, then two for the body.
 * After the body, about talk-tracks, come fields for Range and If-Range, and the body's right Content-Digest is added.
 * "%B" in a field is the board's id, "%T" a talk-track of a guest whose cookies "%C" and "%P" the stranger has stolen, "%L" a link's, "%E" and "%V" tokens the stranger has; "%O" the owner's, if bit 0 of the input's
 * first byte says so.
 *
 * Whatever comes: each is answered once, never by 500, its head is well-formed; without the owner's token the board's links
 * are what they were and nobody is told the owner's; with it the board still has an owner. */
#include "base/log.h"
#include "draw.h"
#include "tests/support/api_track.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUESTS_MAX 8u
#define FIELD_MAX    4096u

struct input {
    const uint8_t *data;
    size_t size;
};

struct scene {
    struct api_world *world;
    struct api_board board;
    struct api_link editor, viewer;
    struct api_guest author;
    char track[16];
    bool owns; /* the stranger has the owner's token */
};

static const uint8_t page[] = "<!doctype html>";
static const struct asset assets[] = {
    {.path = "/index.html",
     .type = "text/html; charset=utf-8",
     .etag = "abc",
     .plain = page,
     .plain_len = sizeof page - 1},
    {.path = "/assets/main-1.js",
     .type = "text/javascript",
     .etag = "def",
     .immutable = true,
     .plain = page,
     .plain_len = sizeof page - 1,
     .gzip = page,
     .gzip_len = 4,
     .br = page,
     .br_len = 3},
};

static struct input take(struct input *input, size_t length_bytes)
{
    size_t len = 0;
    for (; length_bytes > 0 && input->size > 0; length_bytes--, input->data++, input->size--)
        len = len << 8 | *input->data;
    struct input taken = {input->data, len < input->size ? len : input->size};
    input->data += taken.size;
    input->size -= taken.size;
    return taken;
}

static const char *named(const struct scene *scene, uint8_t letter)
{
    switch (letter) {
    case 'B':
        return scene->board.id;
    case 'L':
        return scene->viewer.id;
    case 'T':
        return scene->track;
    case 'C':
        return scene->author.cookie;
    case 'P':
        return scene->author.pass;
    case 'E':
        return scene->editor.token;
    case 'V':
        return scene->viewer.token;
    case 'O':
        return scene->owns ? scene->board.owner.token : "";
    default:
        return NULL;
    }
}

/* A field with what it names put in. An empty one is no header; a missing path is empty. */
static struct pl_slice field(const struct scene *scene, struct input raw, char text[FIELD_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < raw.size && len < FIELD_MAX - 128; i++) {
        const char *name =
            raw.data[i] == '%' && i + 1 < raw.size ? named(scene, raw.data[i + 1]) : NULL;
        if (name != NULL) {
            memcpy(text + len, name, strlen(name));
            len += strlen(name);
            i++;
        } else {
            text[len++] = (char)raw.data[i];
        }
    }
    return (struct pl_slice){len == 0 ? NULL : (const uint8_t *)text, len};
}

/* Header lines, each ended, none empty, without a byte that would end one early. */
static void head_is_well_formed(const char *head)
{
    for (const char *line = head; *line != '\0';) {
        size_t n = strcspn(line, "\r\n");
        REQUIRE(n > 0 && memchr(line, ':', n) != NULL && line[n] == '\r' && line[n + 1] == '\n');
        line += n + 2;
    }
}

static void request_try(struct scene *scene, struct input *input)
{
    static char texts[8][FIELD_MAX], digest[80];
    const uint8_t bits = *input->data++;
    input->size--;
    if ((bits & 64) != 0)
        core_loop_advance(scene->world->core->loop, 60000);
    struct api_request request = {.method = (enum api_method)((bits & 7) % (API_OTHER + 1)),
                                  .channel = (bits & 32) != 0   ? API_ASTRAY
                                             : (bits & 16) != 0 ? API_SECURE
                                                                : API_CLEAR,
                                  .operated = (bits & 8) != 0};
    request.path = field(scene, take(input, 1), texts[0]);
    request.host = field(scene, take(input, 1), texts[1]);
    request.origin = field(scene, take(input, 1), texts[2]);
    request.cookie = field(scene, take(input, 1), texts[3]);
    request.authorization = field(scene, take(input, 1), texts[4]);
    request.body = field(scene, take(input, 2), texts[5]);
    if ((bits & 128) != 0) {
        request.range = field(scene, take(input, 1), texts[6]);
        request.if_range = field(scene, take(input, 1), texts[7]);
        api_digest_write(request.body, digest);
        request.content_digest = api_text(digest);
    }
    if (request.path.data == NULL)
        request.path = api_text("/"); /* net never has none */
    unsigned status = api_world_ask(scene->world, &request);
    REQUIRE(status >= 200 && status < 600 && status != 500);
    head_is_well_formed(scene->world->head);
    REQUIRE(scene->owns || strstr(scene->world->body, scene->board.owner.token) == NULL);
}

/* What the owner is told of the board's links, without the time. */
static void links_told(struct scene *scene, char ret_text[8192])
{
    REQUIRE(api_board_ask(scene->world, API_GET, &scene->board, "", scene->board.owner.token, "") ==
            200);
    const char *from = strstr(scene->world->body, "\"links\"");
    REQUIRE(from != NULL);
    strcpy(ret_text, from);
}

/* Somebody still rules: whether by the link the board was made with or another, the row says so. */
static void owner_count(void *user, const struct link_row *row)
{
    *(unsigned *)user += row->role == PL_ROLE_OWNER && !row->revoked && row->expires_ms == 0;
}

/* A board is used again by the next stranger while nobody rules over it who should not: making one costs more than most
 * inputs. */
#define USES_MAX 200u
static struct scene scene;
static unsigned uses;

static void scene_end(void)
{
    if (scene.world != NULL)
        api_world_free(scene.world);
    scene.world = NULL;
}

static void scene_begin(bool owns)
{
    static bool told;
    if (scene.world != NULL && (scene.owns || owns || uses >= USES_MAX))
        scene_end();
    if (scene.world == NULL) {
        if (!told)
            atexit(scene_end);
        told = true;
        uses = 0;
        scene.world = api_world_new(assets, sizeof assets / sizeof *assets, NULL);
        api_board_make(scene.world, &scene.board);
        api_board_link(scene.world, &scene.board, "editor", 0, &scene.editor);
        api_board_link(scene.world, &scene.board, "viewer", 0, &scene.viewer);
        api_guest_come(scene.world, &scene.board, scene.editor.token, &scene.author);
        api_track_whole(scene.world, &scene.author, scene.track);
        REQUIRE(api_track_json(scene.world, &scene.author, API_POST, "", "{}") == 201);
    }
    scene.owns = owns;
    uses++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char before[8192], after[8192];
    unsigned owners = 0;
    if (size == 0)
        return 0;
    struct input input = {data + 1, size - 1};
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    scene_begin((data[0] & 1) != 0);
    links_told(&scene, before);
    for (unsigned i = 0; i < REQUESTS_MAX && input.size > 0; i++)
        request_try(&scene, &input);
    if (!scene.owns) {
        links_told(&scene, after);
        REQUIRE(strcmp(before, after) == 0);
    }
    const struct links *links = &scene.world->links;
    REQUIRE(links->each(links->self, scene.board.board, owner_count, &owners) == PL_OK &&
            owners > 0);
    return 0;
}
