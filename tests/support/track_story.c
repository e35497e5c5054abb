/* See track_story.h. */
#include "tests/support/track_story.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include <stdio.h>
#include <string.h>

struct telling {
    struct api_world *world;
    struct api_guest author;
    char track[16];
    unsigned chunks; /* of media that were answered */
};

static unsigned ask(struct telling *telling, enum api_method method, const char *below, struct pl_slice body)
{
    char path[96];
    snprintf(path, sizeof path, "/%s%s", telling->track, below);
    return api_track_ask(telling->world, &telling->author, method, path, body);
}

/* Everything once; what fails is not tried again. */
static void try_all(struct telling *telling)
{
    char path[96];
    (void)api_track_json(telling->world, &telling->author, API_POST, "", "{\"title\":\"Other\"}");
    if (api_track_chunk(telling->world, &telling->author, telling->track, 0, "media", telling->chunks, api_webm) == 200)
        telling->chunks++;
    (void)api_track_chunk(telling->world, &telling->author, telling->track, 0, "timeline", 0, api_timeline);
    (void)ask(telling, API_POST, "/segments", api_text("{\"type\":\"audio/webm\"}"));
    (void)ask(telling, API_POST, "/segments/1/finish", api_text("{\"length_ms\":5}"));
    const bool finished =
        ask(telling, API_PUT, "", api_text("{\"state\":\"finished\",\"chapters\":[{\"at_ms\":0,\"title\":\"Top\"}]}")) == 200;
    (void)ask(telling, API_PUT, "/captions", api_captions);
    snprintf(path, sizeof path, "/%s/segments/0/media", telling->track);
    (void)api_track_watch(telling->world, &telling->author, path, "bytes=1-");
    (void)ask(telling, API_POST, "/progress", api_text("{\"played_ms\":5}"));
    (void)api_track_json(telling->world, &telling->author, API_GET, "", "");
    if (finished) /* or it would be thrown away for good */
        (void)ask(telling, API_DELETE, "", api_text(""));
    core_loop_advance(telling->world->core->loop, 3600001); /* a sweep */
}

static void all_is_well(struct telling *telling)
{
    char text[64], more[64];
    CORE_CHECK(ask(telling, API_GET, "", api_text("")) == 200);
    snprintf(text, sizeof text, "\"chunks\":{\"media\":%u,", telling->chunks);
    snprintf(more, sizeof more, "\"chunks\":{\"media\":%u,", telling->chunks + 1); /* its answer was lost */
    CORE_CHECK(strstr(telling->world->body, text) != NULL || strstr(telling->world->body, more) != NULL);
    (void)ask(telling, API_POST, "/segments/0/finish", api_text("{\"length_ms\":5}"));
    CORE_CHECK(ask(telling, API_PUT, "", api_text("{\"state\":\"finished\"}")) == 200);
    snprintf(text, sizeof text, "/%s/segments/0/media", telling->track);
    CORE_CHECK(api_track_watch(telling->world, &telling->author, text, NULL) == 200);
    CORE_CHECK(!telling->world->broken && telling->world->body_len >= telling->chunks * api_webm.len);
}

void track_story_tell(const struct track_story *story)
{
    struct api_board board;
    struct telling telling = {.chunks = 1};
    telling.world = api_world_new_mem(story->mem);
    api_board_make(telling.world, &board);
    api_guest_come(telling.world, &board, board.owner.token, &telling.author);
    api_track_begin(telling.world, &telling.author, "video/webm", telling.track);
    CORE_CHECK(api_track_chunk(telling.world, &telling.author, telling.track, 0, "media", 0, api_webm) == 200);
    story->arm(story->user);
    try_all(&telling);
    story->disarm(story->user);
    all_is_well(&telling);
    api_world_free(telling.world);
}
