/* The ground: map, ids, frames, compression, checksums, envelopes. */
#include "base/crc32c.h"
#include "base/deflate.h"
#include "base/envelope.h"
#include "base/frame.h"
#include "base/ident.h"
#include "base/log.h"
#include "base/map.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pl_slice text(const char *at)
{
    return (struct pl_slice){(const uint8_t *)at, strlen(at)};
}

static void a_map_keeps_what_was_put_through_growth_and_removal(void **state)
{
    struct map map;
    static int values[1000];
    (void)state;
    map_init(&map, pl_mem_libc());
    assert_null(map_get(&map, 5));
    assert_null(map_remove(&map, 5));
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(map_put(&map, i * 0x10000, &values[i]), PL_OK);
    for (uint64_t i = 0; i < 1000; i += 3)
        assert_ptr_equal(map_remove(&map, i * 0x10000), &values[i]);
    assert_int_equal(map_len(&map), 666);
    for (uint64_t i = 0; i < 1000; i++)
        assert_ptr_equal(map_get(&map, i * 0x10000), i % 3 == 0 ? NULL : &values[i]);
    assert_int_equal(map_put(&map, 0x10000, &values[0]), PL_OK);
    assert_ptr_equal(map_get(&map, 0x10000), &values[0]);
    size_t seen = 0;
    for (size_t cursor = 0; map_next(&map, &cursor) != NULL;)
        seen++;
    assert_int_equal(seen, 666);
    map_done(&map);
}

static void an_id_has_one_text_and_the_text_one_id(void **state)
{
    const uint64_t ids[] = {0, 1, 15, 16, 0x0123456789abcdef, UINT64_MAX};
    uint64_t back;
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        char id[IDENT_TEXT_LEN + 1];
        ident_write(ids[i], id);
        assert_int_equal(strlen(id), IDENT_TEXT_LEN);
        assert_true(ident_read(text(id), &back));
        assert_true(back == ids[i]);
    }
    assert_false(ident_read(text("AAAAAAAAAAB"), &back)); /* the last two bits are not used */
    assert_false(ident_read(text("AAAAAAAAAA"), &back));
    assert_false(ident_read(text("AAAAAAAAA+A"), &back));
    assert_false(ident_read((struct pl_slice){(const uint8_t *)"AAAAAAAAA\0A", 11}, &back));
}

static void frames_are_headed_by_their_length(void **state)
{
    const struct {
        size_t len, header;
    } cases[] = {{0, 2}, {125, 2}, {126, 4}, {65535, 4}, {65536, 10}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *bytes = calloc(1, cases[i].len + 1);
        struct frame *frame = frame_new(pl_mem_libc(), (struct pl_slice){bytes, cases[i].len});
        struct pl_slice wire = frame_wire(frame);
        assert_int_equal(wire.len, cases[i].header + cases[i].len);
        assert_int_equal(wire.data[0], 0x82);
        assert_int_equal(wire.data[1], cases[i].header == 2   ? cases[i].len
                                       : cases[i].header == 4 ? 126
                                                              : 127);
        assert_ptr_equal(frame_payload(frame).data, wire.data + cases[i].header);
        frame_unref(frame_ref(frame));
        frame_unref(frame);
        free(bytes);
    }
}

static void what_was_deflated_inflates_within_its_cap(void **state)
{
    struct pl_buf packed, back;
    size_t len = 300000;
    uint8_t *bytes = malloc(len);
    (void)state;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * i >> 7);
    pl_buf_init(&packed, pl_mem_libc());
    pl_buf_init(&back, pl_mem_libc());
    assert_int_equal(deflate_raw((struct pl_slice){bytes, len}, &packed), PL_OK);
    assert_int_equal(inflate_raw(pl_buf_slice(&packed), len, &back), PL_OK);
    assert_int_equal(back.len, len);
    assert_memory_equal(back.data, bytes, len);
    pl_buf_clear(&back);
    assert_int_equal(inflate_raw(pl_buf_slice(&packed), len - 1, &back), PL_TOO_BIG);
    pl_buf_clear(&back);
    assert_int_equal(inflate_raw((struct pl_slice){packed.data, packed.len - 1}, len, &back),
                     PL_CORRUPT);
    pl_buf_append(&packed, "x", 1);
    pl_buf_clear(&back);
    assert_int_equal(inflate_raw(pl_buf_slice(&packed), len, &back), PL_CORRUPT);
    pl_buf_done(&packed);
    pl_buf_done(&back);
    free(bytes);
}

static void the_checksum_is_crc32c(void **state)
{
    (void)state;
    assert_true(crc32c(0, text("123456789")) == 0xe3069283u); /* RFC 3720's check value */
    assert_true(crc32c(crc32c(0, text("12345")), text("6789")) == 0xe3069283u);
}

static void a_run_of_envelopes_is_cut_at_its_borders(void **state)
{
    struct pl_buf all;
    struct pl_slice part;
    uint32_t n;
    (void)state;
    pl_buf_init(&all, pl_mem_libc());
    for (uint64_t seq = 5; seq <= 9; seq++) {
        struct pl_envelope envelope = {
            .seq = seq, .user = 3, .srv_ms = 1000 + seq, .body = text("\xc0")};
        pl_envelope_write(&all, &envelope);
    }
    assert_int_equal(envelope_cut(pl_buf_slice(&all), 6, 8, &part, &n), PL_OK);
    assert_int_equal(n, 3);
    struct pl_reader reader = pl_reader_of(part);
    struct pl_envelope envelope;
    for (uint64_t seq = 6; seq <= 8; seq++) {
        assert_true(envelope_read(&reader, &envelope));
        assert_true(envelope.seq == seq && envelope.srv_ms == 1000 + seq);
    }
    assert_true(pl_reader_done(&reader));
    assert_int_equal(envelope_cut(pl_buf_slice(&all), 10, 12, &part, &n), PL_OK);
    assert_int_equal(n, 0);
    all.len--;
    assert_int_equal(envelope_cut(pl_buf_slice(&all), 6, 8, &part, &n), PL_CORRUPT);
    pl_buf_done(&all);
}

static char logged[2 * LOG_LINE_BYTES_MAX];

static void log_keep(void *user, const char *line, size_t len)
{
    (void)user;
    memcpy(logged, line, len);
    logged[len] = '\0';
}

static void a_log_line_stays_one_line(void **state)
{
    char big[4096];
    (void)state;
    log_set(LOG_LEVEL_INFO, log_keep, NULL);
    log_event(LOG_LEVEL_WARN, "told", "name=\"%s\"", "a\nts=forged");
    assert_non_null(strstr(logged, " level=warn event=told name=\"a ts=forged\"\n"));
    assert_ptr_equal(strchr(logged, '\n'), logged + strlen(logged) - 1);
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    log_event(LOG_LEVEL_WARN, "told", "%s", big);
    assert_int_equal(strlen(logged), LOG_LINE_BYTES_MAX);
    logged[0] = '\0';
    log_event(LOG_LEVEL_DEBUG, "told", "%s", "");
    assert_string_equal(logged, "");
    log_set(LOG_LEVEL_INFO, NULL, NULL);
}

static void assert_json_ends(const char *members)
{
    size_t len = strlen(logged), n = strlen(members);
    assert_memory_equal(logged, "{\"ts\":\"20", 9);
    assert_true(len > n);
    assert_string_equal(logged + len - n, members);
}

static void a_log_line_is_json_when_asked_for(void **state)
{
    char big[2 * LOG_LINE_BYTES_MAX];
    (void)state;
    log_set(LOG_LEVEL_INFO, log_keep, NULL);
    log_set_format(LOG_FORMAT_JSON);
    log_event(LOG_LEVEL_WARN, "told", "%s", "");
    assert_json_ends("\"level\":\"warn\",\"event\":\"told\"}\n");
    /* a count is a number, an id a text even when its digits are decimal */
    log_event(LOG_LEVEL_INFO, "told", "n=%d board=%s seq=0 ctr=007", 12, "1234567890123456");
    assert_json_ends("\"n\":12,\"board\":\"1234567890123456\",\"seq\":0,\"ctr\":\"007\"}\n");
    log_event(LOG_LEVEL_INFO, "told", "code=%d reason=\"%s\"", 5, "a \"b\"\\ \n\xff level=error");
    assert_json_ends("\"code\":5,\"reason\":\"a \\\"b\\\"\\\\ \\u000a\\u00ff level=error\"}\n");
    memset(big, '"', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    log_event(LOG_LEVEL_INFO, "told", "n=1 reason=\"%s\"", big);
    assert_json_ends("\"event\":\"told\",\"n\":1}\n");
    log_set_format(LOG_FORMAT_PLAIN);
    log_set(LOG_LEVEL_INFO, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_keeps_what_was_put_through_growth_and_removal),
        cmocka_unit_test(an_id_has_one_text_and_the_text_one_id),
        cmocka_unit_test(frames_are_headed_by_their_length),
        cmocka_unit_test(what_was_deflated_inflates_within_its_cap),
        cmocka_unit_test(the_checksum_is_crc32c),
        cmocka_unit_test(a_run_of_envelopes_is_cut_at_its_borders),
        cmocka_unit_test(a_log_line_stays_one_line),
        cmocka_unit_test(a_log_line_is_json_when_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
