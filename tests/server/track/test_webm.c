/* WebM made fit for seeking: what Chromium recorded, and files of every shape the format allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/film.h"
#include "track/ebml.h"
#include "track/webm_walk.h"
#include <stdio.h>
#include <string.h>

#define SLICE(literal) ((struct pl_slice){(const uint8_t *)(literal), sizeof(literal) - 1})
#define SEEDS 300u

static void read_fixture(const char *name, struct pl_buf *ret_bytes)
{
    char path[512];
    uint8_t bytes[4096];
    size_t len;
    snprintf(path, sizeof path, "%s/fixtures/media/%s", PLENUM_TESTS_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    while ((len = fread(bytes, 1, sizeof bytes, file)) > 0)
        pl_buf_append(ret_bytes, bytes, len);
    fclose(file);
    assert_true(ret_bytes->len > 0);
}

static struct pl_slice child(struct pl_slice parent, uint32_t wanted)
{
    struct pl_slice payload;
    uint32_t id;
    while (ebml_next(&parent, &id, &payload)) {
        if (id == wanted)
            return payload;
    }
    return (struct pl_slice){NULL, 0};
}

static uint64_t child_uint(struct pl_slice parent, uint32_t wanted)
{
    uint64_t value = 0;
    const struct pl_slice payload = child(parent, wanted);
    assert_non_null(payload.data);
    assert_true(ebml_uint_read(payload, &value));
    return value;
}

static double duration_of(struct pl_slice segment)
{
    double duration;
    const uint64_t bits = child_uint(child(segment, WEBM_INFO), 0x4489);
    memcpy(&duration, &bits, sizeof duration);
    return duration;
}

/* There is a key frame of `track` at `time` in this Cluster. */
static bool begins_there(struct pl_slice cluster, uint64_t track, uint64_t time)
{
    const int64_t cluster_time = (int64_t)child_uint(cluster, WEBM_TIMESTAMP);
    struct pl_slice payload;
    uint32_t id;
    while (ebml_next(&cluster, &id, &payload)) {
        const bool group = id == WEBM_BLOCK_GROUP;
        if (!group && id != WEBM_SIMPLE_BLOCK)
            continue;
        const struct pl_slice block = group ? child(payload, 0xa1) : payload;
        const bool key = group ? child(payload, 0xfb).data == NULL : (block.data[3] & 0x80) != 0;
        const int64_t at = cluster_time + (int16_t)(block.data[1] << 8 | block.data[2]);
        if (key && (block.data[0] & 0x7f) == track && at == (int64_t)time)
            return true;
    }
    return false;
}

/* Every place of the index is where it says, each later than the one before. Their number. */
static uint32_t check_cues(struct pl_slice segment)
{
    struct pl_slice cues = child(segment, WEBM_CUES), point;
    uint64_t before = 0;
    uint32_t id, n = 0;
    for (; ebml_next(&cues, &id, &point); n++) {
        const struct pl_slice places = child(point, 0xb7);
        const uint64_t time = child_uint(point, 0xb3);
        const uint64_t at = child_uint(places, 0xf1);
        assert_true(n == 0 || time > before);
        assert_true(at < segment.len);
        struct pl_slice rest = {segment.data + at, segment.len - (size_t)at}, cluster;
        assert_true(ebml_next(&rest, &id, &cluster));
        assert_int_equal(id, WEBM_CLUSTER);
        assert_true(begins_there(cluster, child_uint(places, 0xf7), time));
        before = time;
    }
    return n;
}

static void check_seeks(struct pl_slice segment)
{
    struct pl_slice entries = child(segment, WEBM_SEEK_HEAD), entry;
    uint32_t id;
    assert_non_null(entries.data);
    while (ebml_next(&entries, &id, &entry)) {
        const uint64_t at = child_uint(entry, 0x53ac);
        struct ebml_head head;
        assert_true(at < segment.len);
        assert_true(ebml_head_read((struct pl_slice){segment.data + at, segment.len - (size_t)at}, &head));
        assert_int_equal(head.id, child_uint(entry, 0x53ab));
    }
}

/* A written file holds together: sizes, index, Duration; and would be written the same again. */
static void check_written(const struct pl_buf *written, const struct webm_facts *facts)
{
    struct pl_slice file = pl_buf_slice(written), segment;
    struct webm_facts again;
    struct pl_buf twice;
    uint32_t id;
    assert_int_equal(written->len, facts->bytes);
    assert_true(ebml_next(&file, &id, &segment));
    assert_int_equal(id, EBML_HEADER);
    assert_true(ebml_next(&file, &id, &segment));
    assert_int_equal(id, WEBM_SEGMENT);
    assert_int_equal(file.len, 0);
    assert_int_equal((uint64_t)duration_of(segment), facts->length_ms);
    assert_int_equal(check_cues(segment), facts->cues);
    check_seeks(segment);
    pl_buf_init(&twice, pl_mem_libc());
    assert_int_equal(film_index(pl_buf_slice(written), &again, &twice), PL_OK);
    assert_int_equal(again.length_ms, facts->length_ms);
    assert_int_equal(again.video, facts->video);
    assert_int_equal(again.seekable, facts->cues > 0);
    assert_false(again.cut || again.another_run);
    assert_true(pl_slice_equal(pl_buf_slice(&twice), pl_buf_slice(written)));
    pl_buf_done(&twice);
}

/* The first `n` blocks stand in what was written as they were, in order, and no other. */
static void check_blocks(const struct film *film, size_t n, const struct pl_buf *written)
{
    const uint8_t *at = written->data, *end = written->data + written->len;
    for (size_t i = 0; i < film->block_n; i++) {
        const struct film_block *block = &film->block[i];
        const size_t len = block->end - block->at;
        const uint8_t *found = memmem(at, (size_t)(end - at), film->bytes.data + block->at, len);
        assert_int_equal(found != NULL, i < n);
        at = found == NULL ? at : found + len;
    }
}

static void check_fixture(const char *name, uint64_t length_ms_min, uint64_t length_ms_max, uint32_t cues_min)
{
    struct pl_buf bytes, written;
    struct webm_facts facts;
    pl_buf_init(&bytes, pl_mem_libc());
    pl_buf_init(&written, pl_mem_libc());
    read_fixture(name, &bytes);
    assert_int_equal(film_index(pl_buf_slice(&bytes), &facts, &written), PL_OK);
    assert_false(facts.seekable || facts.cut || facts.another_run);
    assert_in_range(facts.length_ms, length_ms_min, length_ms_max);
    assert_in_range(facts.cues, cues_min, 8);
    check_written(&written, &facts);
    pl_buf_done(&bytes);
    pl_buf_done(&written);
}

static void test_what_chromium_recorded_gets_a_duration_and_an_index(void **state)
{
    (void)state;
    check_fixture("opus.webm", 5800, 6200, 3);
    check_fixture("vp8-opus.webm", 3800, 4200, 3);
    check_fixture("vp9-opus.webm", 3800, 4200, 3);
}

static void test_blocks_are_kept_as_they_are(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct film film;
        struct webm_facts facts;
        struct pl_buf written;
        film_make(&film, seed);
        pl_buf_init(&written, pl_mem_libc());
        assert_int_equal(film_index(pl_buf_slice(&film.bytes), &facts, &written), PL_OK);
        assert_false(facts.seekable || facts.cut || facts.another_run);
        assert_int_equal(facts.video, film.picture);
        const uint64_t length_ms = film_length_ms(&film, film.bytes.len);
        assert_int_equal(facts.length_ms, length_ms > 0 ? length_ms : 1);
        check_written(&written, &facts);
        check_blocks(&film, film.block_n, &written);
        pl_buf_done(&written);
        film_done(&film);
    }
}

static void test_a_second_run_is_told_and_left_out(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct film film, second;
        struct webm_facts facts;
        struct pl_buf both, written;
        film_make(&film, seed);
        film_make(&second, seed + 1000);
        pl_buf_init(&both, pl_mem_libc());
        pl_buf_init(&written, pl_mem_libc());
        pl_buf_append(&both, film.bytes.data, film.bytes.len);
        pl_buf_append(&both, second.bytes.data, second.bytes.len);
        assert_int_equal(film_index(pl_buf_slice(&both), &facts, &written), PL_OK);
        assert_true(facts.another_run);
        assert_false(facts.seekable || facts.cut);
        check_written(&written, &facts);
        check_blocks(&film, film.block_n, &written);
        pl_buf_append(&written, second.bytes.data, second.bytes.len);
        assert_int_equal(film_index(pl_buf_slice(&written), &facts, &both), PL_OK);
        assert_true(facts.another_run && !facts.seekable);
        pl_buf_done(&both);
        pl_buf_done(&written);
        film_done(&film);
        film_done(&second);
    }
}

static void test_what_is_no_recording_is_refused(void **state)
{
    (void)state;
    struct webm_facts facts;
    struct pl_buf written, big;
    pl_buf_init(&written, pl_mem_libc());
    pl_buf_init(&big, pl_mem_libc());
    static const char header[] = "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm";
    static const char segment[] = "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff";
    static const char no_track[] = "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\xff"
                                   "\xe7\x81\0\xa3\x85\x81\0\0\x80!";
    static const char no_block[] = "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff"
                                   "\x16\x54\xae\x6b\x88\xae\x86\xd7\x81\1\x83\x81\2\x1f\x43\xb6\x75\xff\xe7\x81\0";
    static const char no_scale[] = "\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff"
                                   "\x15\x49\xa9\x66\x85\x2a\xd7\xb1\x81\0";
    assert_int_equal(film_index(SLICE(""), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE("OggS"), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE(header), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE(segment), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE(no_track), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE(no_block), &facts, &written), PL_INVALID);
    assert_int_equal(film_index(SLICE(no_scale), &facts, &written), PL_INVALID);
    pl_buf_append(&big, segment, sizeof segment - 1);
    ebml_write_long_head(&big, WEBM_TRACKS, WEBM_LOADED_BYTES_MAX + 1);
    assert_true(pl_buf_reserve(&big, WEBM_LOADED_BYTES_MAX + 1));
    memset(big.data + big.len, 0, WEBM_LOADED_BYTES_MAX + 1);
    big.len += WEBM_LOADED_BYTES_MAX + 1;
    assert_int_equal(film_index(pl_buf_slice(&big), &facts, &written), PL_TOO_BIG);
    pl_buf_done(&big);
    pl_buf_done(&written);
}

/* ---- a recording too large for memory, which is made up as it is read ---- */

#define LONG_HEAD_BYTES 64u
#define LONG_CLUSTER_BYTES 2048u
#define LONG_CLUSTER_MS 40u
#define LONG_CLUSTERS 100000u

struct long_film {
    struct pl_buf head;
    struct pl_buf cluster;
    struct pl_buf index; /* what was written first */
    uint64_t written;
};

static void long_film_init(struct long_film *film)
{
    struct pl_buf *head = &film->head, *cluster = &film->cluster;
    film->written = 0;
    pl_buf_init(head, pl_mem_libc());
    pl_buf_init(cluster, pl_mem_libc());
    pl_buf_init(&film->index, pl_mem_libc());
    ebml_write_short_head(head, EBML_HEADER, 7);
    ebml_write_text(head, EBML_DOCTYPE, "webm");
    ebml_write_long_head(head, WEBM_SEGMENT, LONG_HEAD_BYTES - 24 + (uint64_t)LONG_CLUSTERS * LONG_CLUSTER_BYTES);
    ebml_write_short_head(head, WEBM_TRACKS, 8);
    ebml_write_short_head(head, 0xae, 6);
    ebml_write_uint(head, 0xd7, 1, 1);
    ebml_write_uint(head, 0x83, 1, 1);
    ebml_write_short_head(head, EBML_VOID, (uint8_t)(LONG_HEAD_BYTES - head->len - 2));
    assert_true(pl_buf_reserve(head, LONG_HEAD_BYTES));
    memset(head->data + head->len, 0, LONG_HEAD_BYTES - head->len);
    head->len = LONG_HEAD_BYTES;
    ebml_write_long_head(cluster, WEBM_CLUSTER, LONG_CLUSTER_BYTES - EBML_LONG_HEAD_BYTES);
    ebml_write_uint(cluster, WEBM_TIMESTAMP, 0, 8);
    const uint8_t block[] = {WEBM_SIMPLE_BLOCK, 0x40, 0, 0x81, 0, 0, 0x80};
    const size_t block_at = cluster->len;
    pl_buf_append(cluster, block, sizeof block);
    assert_true(pl_buf_reserve(cluster, LONG_CLUSTER_BYTES));
    memset(cluster->data + cluster->len, 'x', LONG_CLUSTER_BYTES - cluster->len);
    cluster->len = LONG_CLUSTER_BYTES;
    const size_t len = LONG_CLUSTER_BYTES - block_at - 3;
    cluster->data[block_at + 1] |= (uint8_t)(len >> 8);
    cluster->data[block_at + 2] = (uint8_t)len;
}

static bool long_film_read(void *user, uint64_t at, uint8_t *ret_bytes, size_t len)
{
    struct long_film *film = user;
    while (len > 0) {
        const bool in_head = at < LONG_HEAD_BYTES;
        const uint64_t number = in_head ? 0 : (at - LONG_HEAD_BYTES) / LONG_CLUSTER_BYTES;
        const size_t from = in_head ? (size_t)at : (size_t)((at - LONG_HEAD_BYTES) % LONG_CLUSTER_BYTES);
        const struct pl_buf *piece = in_head ? &film->head : &film->cluster;
        const size_t n = piece->len - from < len ? piece->len - from : len;
        if (!in_head)
            pl_u64_to_bytes(number * LONG_CLUSTER_MS, film->cluster.data + EBML_LONG_HEAD_BYTES + 2);
        memcpy(ret_bytes, piece->data + from, n);
        ret_bytes += n;
        at += n;
        len -= n;
    }
    return true;
}

static bool long_film_write(void *user, struct pl_slice bytes)
{
    struct long_film *film = user;
    if (film->written == 0)
        pl_buf_append(&film->index, bytes.data, bytes.len);
    film->written += bytes.len;
    return true;
}

/* Places come one after another, none more than twice as far from the one before as another: those that were thinned
 * first are as dense as the last. */
static void check_even(const struct long_film *film, const struct webm_facts *facts)
{
    const uint8_t *found = memmem(film->index.data, film->index.len, "\x1c\x53\xbb\x6b\x01", 5); /* not in SeekHead */
    assert_non_null(found);
    struct pl_slice rest = {found, film->index.len - (size_t)(found - film->index.data)}, cues, point;
    uint64_t before = 0, least = UINT64_MAX, most = 0;
    uint32_t id, n = 0;
    assert_true(ebml_next(&rest, &id, &cues));
    for (; ebml_next(&cues, &id, &point); n++) {
        const uint64_t time = child_uint(point, 0xb3);
        assert_true(n == 0 || time > before);
        if (n > 0) {
            least = time - before < least ? time - before : least;
            most = time - before > most ? time - before : most;
        }
        before = time;
    }
    assert_int_equal(n, facts->cues);
    assert_true(most <= 2 * least);
    assert_true(before + most >= facts->length_ms - most);
}

static void test_a_long_recording_takes_little_memory_and_its_index_becomes_coarser(void **state)
{
    (void)state;
    struct long_film film;
    struct count_mem count;
    struct webm *webm = NULL;
    long_film_init(&film);
    count_mem_init(&count);
    const struct webm_source source = {.read = long_film_read, .user = &film,
                                       .bytes = LONG_HEAD_BYTES + (uint64_t)LONG_CLUSTERS * LONG_CLUSTER_BYTES};
    const struct webm_sink sink = {.write = long_film_write, .user = &film};
    assert_int_equal(webm_scan(&count.mem, &source, &webm), PL_OK);
    const struct webm_facts facts = webm_facts(webm);
    assert_int_equal(facts.length_ms, (uint64_t)LONG_CLUSTERS * LONG_CLUSTER_MS);
    assert_false(facts.cut);
    assert_in_range(facts.cues, WEBM_CUES_MAX / 4, WEBM_CUES_MAX);
    assert_int_equal(webm_write(webm, &source, &sink), PL_OK);
    assert_int_equal(film.written, facts.bytes);
    assert_true(count.peak < 512u * 1024);
    check_even(&film, &facts);
    webm_free(webm);
    assert_int_equal(count.blocks, 0);
    pl_buf_done(&film.head);
    pl_buf_done(&film.cluster);
    pl_buf_done(&film.index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_chromium_recorded_gets_a_duration_and_an_index),
        cmocka_unit_test(test_blocks_are_kept_as_they_are),
        cmocka_unit_test(test_a_second_run_is_told_and_left_out),
        cmocka_unit_test(test_what_is_no_recording_is_refused),
        cmocka_unit_test(test_a_long_recording_takes_little_memory_and_its_index_becomes_coarser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
