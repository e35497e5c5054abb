/* What uploaded bytes are, and the Content-Type they are sent with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "track/sniff.h"
#include <stdio.h>
#include <string.h>

#define SLICE(literal) ((struct pl_slice){(const uint8_t *)(literal), sizeof(literal) - 1})

static const char webm_head[] = "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08"
                                "\x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02";

static void test_knows_what_recorders_and_people_send(void **state)
{
    (void)state;
    assert_int_equal(media_sniff(SLICE(webm_head)), MEDIA_WEBM);
    assert_int_equal(media_sniff(SLICE("\0\0\0\x1c" "ftypisom\0\0\2\0")), MEDIA_MP4);
    assert_int_equal(media_sniff(SLICE("OggS\0\2\0\0")), MEDIA_OGG);
    assert_int_equal(media_sniff(SLICE("WEBVTT")), MEDIA_VTT);
    assert_int_equal(media_sniff(SLICE("\xef\xbb\xbfWEBVTT - notes\n\n")), MEDIA_VTT);
    assert_int_equal(media_sniff(SLICE("WEBVTT\r\n")), MEDIA_VTT);
    assert_int_equal(media_sniff(SLICE("\xff\xd8\xff\xe0\0\x10JFIF")), MEDIA_JPEG);
    assert_int_equal(media_sniff(SLICE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")), MEDIA_PNG);
    assert_int_equal(media_sniff(SLICE("RIFF\x24\0\0\0WEBPVP8 ")), MEDIA_WEBP);
}

static void test_knows_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(media_sniff(SLICE("")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("<!doctype html><script>")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("RIFF\x24\0\0\0WAVEfmt ")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("WEBVTTED")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("\x1a\x45\xdf\xa3\x8b\x42\x82\x83webm\x81x")), MEDIA_NONE);
    assert_int_equal(media_sniff(SLICE("\x1a\x45\xdf\xa3\xff\x42\x82\x84webm")), MEDIA_NONE);
}

static void test_a_beginning_that_is_cut_is_never_something_else(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof webm_head - 1; len++) {
        const enum media_kind kind = media_sniff((struct pl_slice){(const uint8_t *)webm_head, len});
        assert_int_equal(kind, len < 28 ? MEDIA_NONE : MEDIA_WEBM); /* DocType ends there */
    }
}

static void sent_as(enum media_kind kind, const char *told, const char *expected)
{
    char type[MEDIA_TYPE_BYTES_MAX];
    media_content_type(kind, (struct pl_slice){(const uint8_t *)told, strlen(told)}, type);
    assert_string_equal(type, expected);
}

static void test_recorders_are_believed_about_their_own_container(void **state)
{
    (void)state;
    sent_as(MEDIA_WEBM, "audio/webm;codecs=opus", "audio/webm; codecs=\"opus\"");
    sent_as(MEDIA_WEBM, "video/webm; codecs=\"vp9,opus\"", "video/webm; codecs=\"vp9,opus\"");
    sent_as(MEDIA_MP4, "Audio/MP4; Codecs=mp4a.40.2 ", "audio/mp4; codecs=\"mp4a.40.2\"");
    sent_as(MEDIA_OGG, "audio/ogg", "audio/ogg");
    sent_as(MEDIA_WEBM, "audio/mp4;codecs=opus", "video/webm");
    sent_as(MEDIA_WEBM, "text/html", "video/webm");
    sent_as(MEDIA_WEBM, "audio/webmaster", "video/webm");
    sent_as(MEDIA_JPEG, "audio/webm", "image/jpeg");
    sent_as(MEDIA_VTT, "", "text/vtt; charset=utf-8");
    sent_as(MEDIA_NONE, "audio/webm", "");
}

static void test_codecs_that_are_none_are_left_out(void **state)
{
    (void)state;
    sent_as(MEDIA_WEBM, "audio/webm;codecs=", "audio/webm");
    sent_as(MEDIA_WEBM, "audio/webm;codecs=\"opus", "audio/webm");
    sent_as(MEDIA_WEBM, "audio/webm;codecs=opus\r\nSet-Cookie: a=b", "audio/webm");
    sent_as(MEDIA_WEBM, "audio/webm;codecs=opus;x=y", "audio/webm");
    sent_as(MEDIA_WEBM, "audio/webm;charset=utf-8", "audio/webm");
    char told[128], expected[MEDIA_TYPE_BYTES_MAX];
    char codecs[66];
    memset(codecs, 'a', sizeof codecs);
    snprintf(told, sizeof told, "video/webm;codecs=%.64s", codecs);
    snprintf(expected, sizeof expected, "video/webm; codecs=\"%.64s\"", codecs);
    sent_as(MEDIA_WEBM, told, expected);
    snprintf(told, sizeof told, "video/webm;codecs=%.65s", codecs);
    sent_as(MEDIA_WEBM, told, "video/webm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_knows_what_recorders_and_people_send),
        cmocka_unit_test(test_knows_nothing_else),
        cmocka_unit_test(test_a_beginning_that_is_cut_is_never_something_else),
        cmocka_unit_test(test_recorders_are_believed_about_their_own_container),
        cmocka_unit_test(test_codecs_that_are_none_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
