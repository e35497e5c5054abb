/* The wire and disk format of version 1, byte by byte: frames and a snapshot kept as files. A
 * change here is a new version of the protocol, not a change of the files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/samples.h"

#define GOLDEN_BYTES_MAX 65536u

static void read_golden(const char *name, struct pl_buf *buf)
{
    char path[512];
    snprintf(path, sizeof path, "%s/golden/v1/%s", PLENUM_TESTS_DIR, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s is missing", path);
    assert_true(pl_buf_reserve(buf, GOLDEN_BYTES_MAX));
    buf->len += fread(buf->data + buf->len, 1, GOLDEN_BYTES_MAX, file);
    assert_int_equal(fclose(file), 0);
    assert_true(buf->len > 0 && buf->len < GOLDEN_BYTES_MAX);
}

static void assert_same_bytes(const char *name, const struct pl_buf *a, const struct pl_buf *b)
{
    if (!pl_slice_equal(pl_buf_slice(a), pl_buf_slice(b)))
        fail_msg("%s: %zu bytes became %zu, or others", name, a->len, b->len);
}

/* S1: today's writer writes the very bytes that were written when the version was made. */
static void every_message_is_written_as_it_was(void **state)
{
    (void)state;
    struct pl_buf golden, frame;
    const char *name;
    size_t count = 0;
    pl_buf_init(&golden, pl_mem_libc());
    pl_buf_init(&frame, pl_mem_libc());
    for (; sample_message(count, &name, &frame); count++) {
        char file[64];
        snprintf(file, sizeof file, "%s.msgpack", name);
        read_golden(file, &golden);
        assert_same_bytes(name, &golden, &frame);
        pl_buf_clear(&golden);
        pl_buf_clear(&frame);
    }
    assert_int_equal(count, 22);
    pl_buf_done(&golden);
    pl_buf_done(&frame);
}

/* S1: what is read from a golden frame says the same when written again. */
static void every_message_is_read_and_written_back(void **state)
{
    (void)state;
    struct pl_buf golden, ignored, again;
    const char *name;
    pl_buf_init(&golden, pl_mem_libc());
    pl_buf_init(&ignored, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    for (size_t i = 0; sample_message(i, &name, &ignored); i++) {
        char file[64];
        struct pl_message message;
        snprintf(file, sizeof file, "%s.msgpack", name);
        read_golden(file, &golden);
        assert_int_equal(pl_message_read(pl_buf_slice(&golden), &message), PL_OK);
        sample_write(&again, &message);
        assert_same_bytes(name, &golden, &again);
        pl_buf_clear(&golden);
        pl_buf_clear(&again);
    }
    pl_buf_done(&golden);
    pl_buf_done(&ignored);
    pl_buf_done(&again);
}

/* S1: surplus trailing fields of a newer peer are ignored, missing ones are not forgiven. */
static void a_longer_message_is_read_and_a_shorter_one_is_not(void **state)
{
    (void)state;
    static const uint8_t longer[] = {0x94, 13, 7, 5, 0xc3}, shorter[] = {0x92, 13, 7};
    struct pl_message message;
    assert_int_equal(pl_message_read((struct pl_slice){longer, sizeof longer}, &message), PL_OK);
    assert_int_equal(message.type, PL_MESSAGE_PING);
    assert_int_equal(message.as.ping.echo, 7);
    assert_int_equal(pl_message_read((struct pl_slice){shorter, sizeof shorter}, &message),
                     PL_MALFORMED);
}

/* N1: the fold of the sample journal encodes to the golden snapshot, and that loads to the same
 * state. */
static void the_snapshot_is_written_and_read_as_it_was(void **state)
{
    (void)state;
    struct pl_buf golden, written, again;
    struct pl_doc *loaded = NULL;
    const char *reason = "";
    pl_buf_init(&golden, pl_mem_libc());
    pl_buf_init(&written, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    read_golden("board.snapshot", &golden);
    struct pl_doc *doc = sample_doc();
    assert_non_null(doc);
    pl_doc_snapshot(doc, &written);
    assert_same_bytes("written", &golden, &written);
    assert_int_equal(pl_doc_load(pl_mem_libc(), pl_buf_slice(&golden), &loaded), PL_OK);
    assert_true(pl_doc_check(loaded, &reason));
    pl_doc_snapshot(loaded, &again);
    assert_same_bytes("read", &golden, &again);
    assert_true(pl_doc_state_hash(loaded) == pl_hash(PL_HASH_START, golden.data, golden.len));
    assert_true(pl_doc_view_hash(loaded) == pl_doc_view_hash(doc));
    pl_doc_free(doc);
    pl_doc_free(loaded);
    pl_buf_done(&golden);
    pl_buf_done(&written);
    pl_buf_done(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_written_as_it_was),
        cmocka_unit_test(every_message_is_read_and_written_back),
        cmocka_unit_test(a_longer_message_is_read_and_a_shorter_one_is_not),
        cmocka_unit_test(the_snapshot_is_written_and_read_as_it_was),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
