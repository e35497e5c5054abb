/* Running out of memory, one allocation at a time, while a talk-track is recorded, changed, watched and deleted: every
 * request is answered or hung up on, nothing crashes, nothing leaks, nothing that was answered is lost, and with memory
 * back everything works. */
#include "base/log.h"
#include "tests/support/api_track.h"
#include "tests/support/core_check.h"
#include "tests/support/long_run.h"
#include "tests/support/scarce_mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct story {
    struct api_world *world;
    struct api_guest author;
    char track[16];
    unsigned chunks; /* of media that were answered */
};

static unsigned ask(struct story *story, enum api_method method, const char *below, struct pl_slice body)
{
    char path[96];
    snprintf(path, sizeof path, "/%s%s", story->track, below);
    return api_track_ask(story->world, &story->author, method, path, body);
}

/* Everything once; what fails is not tried again. */
static void try_all(struct story *story)
{
    char path[96];
    (void)api_track_json(story->world, &story->author, API_POST, "", "{\"title\":\"Other\"}");
    if (api_track_chunk(story->world, &story->author, story->track, 0, "media", story->chunks, api_webm) == 200)
        story->chunks++;
    (void)api_track_chunk(story->world, &story->author, story->track, 0, "timeline", 0, api_timeline);
    (void)ask(story, API_POST, "/segments", api_text("{\"type\":\"audio/webm\"}"));
    (void)ask(story, API_POST, "/segments/1/finish", api_text("{\"length_ms\":5}"));
    (void)ask(story, API_PUT, "", api_text("{\"state\":\"finished\",\"chapters\":[{\"at_ms\":0,\"title\":\"Top\"}]}"));
    (void)ask(story, API_PUT, "/captions", api_captions);
    snprintf(path, sizeof path, "/%s/segments/0/media", story->track);
    (void)api_track_watch(story->world, &story->author, path, "bytes=1-");
    (void)ask(story, API_POST, "/progress", api_text("{\"played_ms\":5}"));
    (void)api_track_json(story->world, &story->author, API_GET, "", "");
    (void)ask(story, API_DELETE, "", api_text(""));
    core_loop_advance(story->world->core->loop, 3600001); /* a sweep */
}

static void all_is_well(struct story *story)
{
    char text[64];
    assert_int_equal(ask(story, API_GET, "", api_text("")), 200);
    snprintf(text, sizeof text, "\"chunks\":{\"media\":%u,", story->chunks);
    char more[64];
    snprintf(more, sizeof more, "\"chunks\":{\"media\":%u,", story->chunks + 1); /* its answer was lost */
    assert_true(strstr(story->world->body, text) != NULL || strstr(story->world->body, more) != NULL);
    (void)ask(story, API_POST, "/segments/0/finish", api_text("{\"length_ms\":5}"));
    if (ask(story, API_PUT, "", api_text("{\"state\":\"finished\"}")) != 200)
        fail_msg("%s", story->world->body);
    snprintf(text, sizeof text, "/%s/segments/0/media", story->track);
    assert_int_equal(api_track_watch(story->world, &story->author, text, NULL), 200);
    assert_false(story->world->broken);
    assert_true(story->world->body_len >= story->chunks * api_webm.len);
}

/* How many allocations it took. */
static unsigned tell(unsigned fail_at, unsigned fail_n)
{
    struct scarce_mem scarce;
    struct api_board board;
    struct story story = {.chunks = 1};
    scarce_mem_init(&scarce, fail_at, fail_n);
    story.world = api_world_new_mem(&scarce.mem);
    api_board_make(story.world, &board);
    api_guest_come(story.world, &board, board.owner.token, &story.author);
    api_track_begin(story.world, &story.author, "video/webm", story.track);
    CORE_CHECK(api_track_chunk(story.world, &story.author, story.track, 0, "media", 0, api_webm) == 200);
    scarce_mem_arm(&scarce, true);
    try_all(&story);
    scarce_mem_arm(&scarce, false);
    all_is_well(&story);
    api_world_free(story.world);
    assert_int_equal(scarce.live, 0);
    return (unsigned)scarce.n;
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 60);
    assert_true(n > 50);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 1);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    const unsigned n = tell(0, 0), step = long_run_step(n, 20);
    for (unsigned at = 1; at <= n; at += step)
        (void)tell(at, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_allocation_may_fail),
        cmocka_unit_test(a_spell_without_memory_is_survived),
    };
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
