/* Talk-tracks out of an export that somebody else may have written: what makes no sense is refused, and nothing that a
 * browser would be told is believed. */
#include "exchange/track_json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD "\"track\":\"AAAAAAAAAAE\",\"title\":\"Tour\",\"author\":7,\"made_ms\":9,\"state\":\"finished\",\"watch\":\"editor\""
#define SEGMENT(rest) "\"segments\":[{\"type\":\"audio/webm\",\"state\":\"done\",\"from_ms\":0,\"length_ms\":5" rest "}]"
#define FILE_OF(type) "{\"file\":\"media/" HASH "\",\"bytes\":3,\"type\":\"" type "\"}"

struct taken {
    unsigned n;
    enum pl_role watch_role;
    struct pl_buf timeline;
};

static enum pl_status take(void *user, struct track *track, const struct pl_buf *timelines)
{
    struct taken *taken = user;
    taken->n++;
    taken->watch_role = track->watch_role;
    if (track->segment_n > 0)
        pl_buf_append(&taken->timeline, timelines[0].data, timelines[0].len);
    track_free(track);
    return PL_OK;
}

static enum pl_status tell(const char *track, struct taken *ret_taken)
{
    static char text[4096];
    *ret_taken = (struct taken){0};
    pl_buf_init(&ret_taken->timeline, pl_mem_libc());
    snprintf(text, sizeof text, "{\"tracks\":[{%s}]}", track);
    return track_json_read(pl_mem_libc(), (struct pl_slice){(const uint8_t *)text, strlen(text)}, 12, take, ret_taken);
}

static void a_track_is_read_and_its_timeline_says_where_the_board_stands_now(void **state)
{
    static const uint8_t wanted[] = {0x94, 0, 0, 0x94, 1, 2, 3, 4, 0x90, 0x94, 0, 6, 12, 0xc0, 0x92, 9, 1};
    struct taken taken;
    (void)state;
    assert_int_equal(tell(HEAD ",\"cuts\":[[0,3]],\"chapters\":[{\"at_ms\":0,\"title\":\"x\"}]," SEGMENT(
                              ",\"media\":" FILE_OF("audio/webm; codecs=\\\"opus\\\"")
                              ",\"timeline\":[[0,0,[1,2,3,4],[]],[0,6,77,null],{\"$msgpack\":\"lAUGTsQIAQIDBAUGBwg=\"},[9,1]]"),
                          &taken),
                     PL_OK);
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.watch_role, PL_ROLE_EDITOR);
    assert_int_equal(taken.timeline.len, sizeof wanted);
    assert_memory_equal(taken.timeline.data, wanted, sizeof wanted);
    pl_buf_done(&taken.timeline);
    assert_int_equal(tell(HEAD, &taken), PL_OK); /* nothing of it was done */
    assert_int_equal(taken.n, 1);
    pl_buf_done(&taken.timeline);
}

/* Even when its first event is written as bytes. */
static void events_that_json_cannot_hold_are_events_all_the_same(void **state)
{
    static const uint8_t wanted[] = {0x94, 0, 0, 0x94, 1, 2, 3, 4, 0x90, 0x94, 0, 6, 12, 0xc0};
    struct taken taken;
    (void)state;
    assert_int_equal(tell(HEAD "," SEGMENT(",\"timeline\":[{\"$msgpack\":\"lAAAlAECAwSQ\"}]"), &taken), PL_OK);
    assert_int_equal(taken.timeline.len, sizeof wanted);
    assert_memory_equal(taken.timeline.data, wanted, sizeof wanted);
    pl_buf_done(&taken.timeline);
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char *const tracks[] = {
        "",
        "\"track\":\"x\",\"title\":\"\",\"author\":7,\"made_ms\":9,\"state\":\"finished\"",
        "\"track\":\"AAAAAAAAAAA\",\"title\":\"\",\"author\":7,\"made_ms\":9,\"state\":\"finished\"",
        "\"track\":\"AAAAAAAAAAE\",\"title\":\"\",\"author\":7,\"made_ms\":9,\"state\":\"finished\"",
        "\"track\":\"AAAAAAAAAAE\",\"title\":\"\",\"author\":7,\"made_ms\":9,\"state\":\"finished\",\"watch\":\"everybody\"",
        HEAD ",\"cuts\":[[3,3]]",
        HEAD ",\"cuts\":[5]",
        HEAD ",\"chapters\":[{}]",
        HEAD ",\"segments\":[5]",
        HEAD "," SEGMENT(",\"media\":5"),
        HEAD "," SEGMENT(",\"media\":{\"file\":\"media/../plenum.mdb\",\"bytes\":3,\"type\":\"audio/webm\"}"),
        HEAD "," SEGMENT(",\"media\":" FILE_OF("text/html")),
        HEAD "," SEGMENT(",\"media\":" FILE_OF("image/svg+xml")),
        HEAD "," SEGMENT(",\"media\":" FILE_OF("audio/webm;\\r\\nSet-Cookie: x=y")),
        HEAD "," SEGMENT(",\"media\":" FILE_OF("audio/webmx")),
        HEAD "," SEGMENT(",\"timeline\":[{}]"),
        HEAD "," SEGMENT(",\"timeline\":[[0,6.5,77,null]]"),
        HEAD ",\"segments\":[{\"type\":\"\",\"state\":\"done\",\"from_ms\":5,\"length_ms\":5}]",
        HEAD ",\"segments\":[{\"type\":\"\",\"state\":\"done\",\"from_ms\":0,\"length_ms\":3600000},"
             "{\"type\":\"\",\"state\":\"done\",\"from_ms\":3600000,\"length_ms\":1}]",
        HEAD ",\"cuts\":[[0,6]]," SEGMENT(""),
        HEAD ",\"cover\":" FILE_OF("text/javascript"),
    };
    struct taken taken;
    (void)state;
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++) {
        if (tell(tracks[i], &taken) != PL_INVALID)
            fail_msg("taken: %s", tracks[i]);
        assert_int_equal(taken.n, 0);
        pl_buf_done(&taken.timeline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_track_is_read_and_its_timeline_says_where_the_board_stands_now),
        cmocka_unit_test(events_that_json_cannot_hold_are_events_all_the_same),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
