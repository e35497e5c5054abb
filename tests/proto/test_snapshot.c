/* Snapshots: every document comes back from its own as it was, equal ones have equal bytes, and bytes that are no
 * snapshot do no harm. Rules N1 to N4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/column.h"
#include "proto/doc.h"
#include "proto/object.h"
#include "proto/value_pack.h"
#include "proto/words.h"
#include "tests/support/count_mem.h"
#include "tests/support/literal.h"
#include "tests/support/random_doc.h"
#include <string.h>

static void apply_as(struct pl_doc *doc, uint64_t user, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + 1, .user = user, .srv_ms = 5 + pl_doc_head(doc), .body = pl_buf_slice(&buf)};
    assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
    pl_buf_done(&buf);
}

static struct pl_doc *load(struct pl_slice snapshot)
{
    struct pl_doc *doc = NULL;
    const char *reason = "";
    assert_int_equal(pl_doc_load(pl_mem_libc(), snapshot, &doc), PL_OK);
    if (!pl_doc_check(doc, &reason))
        fail_msg("%s", reason);
    return doc;
}

/* What a document takes; checks that it comes back. */
static size_t through(struct pl_doc *doc)
{
    struct pl_buf first, second;
    pl_buf_init(&first, pl_mem_libc());
    pl_buf_init(&second, pl_mem_libc());
    pl_doc_snapshot(doc, &first);
    struct pl_doc *again = load(pl_buf_slice(&first));
    pl_doc_snapshot(again, &second);
    assert_true(pl_slice_equal(pl_buf_slice(&first), pl_buf_slice(&second)));
    assert_true(pl_doc_state_hash(doc) == pl_doc_state_hash(again));
    assert_true(pl_doc_view_hash(doc) == pl_doc_view_hash(again));
    assert_true(pl_doc_head(doc) == pl_doc_head(again) && pl_doc_srv_ms(doc) == pl_doc_srv_ms(again) &&
                pl_doc_lam(doc) == pl_doc_lam(again) && pl_doc_collect_seq(doc) == pl_doc_collect_seq(again) &&
                pl_doc_floor_seq(doc) == pl_doc_floor_seq(again));
    const size_t len = first.len;
    pl_doc_free(again);
    pl_buf_done(&first);
    pl_buf_done(&second);
    return len;
}

static void an_empty_document_is_some_bytes(void **state)
{
    (void)state;
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    assert_in_range(through(doc), 1, 20);
    pl_doc_free(doc);
}

/* A text, a dead object, one of a newer schema, a reaction, a running clock, a collection. */
static struct pl_doc *a_board(void)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    apply_as(doc, 0, "[0, 1, 1, [[0, 1, {6: 'A board'}]]]");
    apply_as(doc, 7, "[3, 1, 2, [[0, 3, {1: [10.5, -7], 3: [nil, 'V'], 4: 2}], [2, [3, 1], 5, nil, nil, 'hello'],"
                     " [3, [3, 1], 5, [[3, 3, 1]]], [0, 16, {37: [1, 60000, 1]}], [4, [3, 1], 30, 1, 1]]]");
    apply_as(doc, 8, "[4, 1, 3, [[1, [3, 1], 1, [11, 0.1]], [0, 900, {70000: {'later': [true]}}],"
                     " [4, [3, 1], 30, 2, 1], [1, [4, 2], 0, false], [2, [4, 2], 70001, nil, nil, 'x']]]");
    apply_as(doc, 0, "[0, 2, 90, [[7]]]");
    apply_as(doc, 9, "[5, 1, 99, [[0, 6, {2: [1, 2]}], [1, [5, 1], 0, false], [4, [3, 1], 30, 1, 0]]]");
    return doc;
}

static void everything_of_a_board_comes_back(void **state)
{
    (void)state;
    struct pl_doc *doc = a_board();
    struct pl_buf buf;
    struct pl_tally tally;
    struct pl_register reg;
    pl_buf_init(&buf, pl_mem_libc());
    (void)through(doc);
    pl_doc_snapshot(doc, &buf);
    struct pl_doc *again = load(pl_buf_slice(&buf));
    const struct pl_object *sticky = pl_doc_object(again, (struct pl_id){3, 1});
    assert_true(pl_object_tally(sticky, PL_FIELD_REACTION, 8, 2, &tally) && tally.value == 1);
    assert_true(tally.stamp.lam == 5 && tally.stamp.replica == 4);
    assert_true(pl_object_register(sticky, PL_FIELD_POS, &reg) && reg.stamp.replica == 4 && reg.stamp.lam == 3);
    assert_true(pl_object_register(sticky, PL_FIELD_COLOR, &reg) && reg.stamp.replica == 3 && reg.stamp.lam == 2);
    assert_int_equal(pl_text_scalars(pl_object_text(sticky, PL_FIELD_TEXT)), 4);
    assert_int_equal(pl_object_dying(pl_doc_object(again, (struct pl_id){4, 2})), 1);
    assert_int_equal(pl_object_dying(pl_doc_object(again, (struct pl_id){5, 1})), 0);
    assert_int_equal(pl_doc_collect_seq(again), 4);
    pl_doc_free(again);
    pl_doc_free(doc);
    pl_buf_done(&buf);
}

/* What is dying goes at the same collection in a document that was loaded, as in one that was not. */
static void a_loaded_document_collects_as_the_other_does(void **state)
{
    (void)state;
    struct pl_doc *doc = a_board();
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    pl_doc_snapshot(doc, &buf);
    struct pl_doc *again = load(pl_buf_slice(&buf));
    apply_as(doc, 0, "[0, 3, 200, [[7]]]");
    apply_as(again, 0, "[0, 3, 200, [[7]]]");
    assert_int_equal(pl_object_dying(pl_doc_object(again, (struct pl_id){4, 2})), 2);
    (void)through(again);
    apply_as(doc, 0, "[0, 4, 201, [[7]]]");
    apply_as(again, 0, "[0, 4, 201, [[7]]]");
    assert_null(pl_doc_object(again, (struct pl_id){4, 2}));
    assert_non_null(pl_doc_object(again, (struct pl_id){5, 1}));
    assert_true(pl_doc_state_hash(doc) == pl_doc_state_hash(again));
    pl_doc_free(again);
    pl_doc_free(doc);
    pl_buf_done(&buf);
}

static void every_document_comes_back(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 25; seed++) {
        struct rng rng = {seed};
        struct pl_doc *doc = pl_doc_new(pl_mem_libc());
        for (unsigned i = 0; i < 4; i++) {
            random_fold(doc, &rng, rng_below(&rng, 80));
            (void)through(doc);
        }
        pl_doc_free(doc);
    }
}

/* A document that is loaded anew after every entry stays what it would have been. */
static void loading_changes_nothing_that_comes_after(void **state)
{
    (void)state;
    struct rng rng = {99};
    struct pl_doc *doc = pl_doc_new(pl_mem_libc()), *hopping = pl_doc_new(pl_mem_libc());
    struct pl_buf body, snapshot;
    pl_buf_init(&body, pl_mem_libc());
    pl_buf_init(&snapshot, pl_mem_libc());
    for (unsigned i = 0; i < 120; i++) {
        struct pl_envelope envelope = {.seq = i + 1, .srv_ms = i};
        pl_buf_clear(&body);
        random_body(doc, &rng, &body, &envelope.user);
        envelope.body = pl_buf_slice(&body);
        assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
        assert_int_equal(pl_doc_apply(hopping, &envelope, NULL), PL_OK);
        pl_buf_clear(&snapshot);
        pl_doc_snapshot(hopping, &snapshot);
        pl_doc_free(hopping);
        hopping = load(pl_buf_slice(&snapshot));
        assert_true(pl_doc_state_hash(doc) == pl_doc_state_hash(hopping));
    }
    pl_doc_free(doc);
    pl_doc_free(hopping);
    pl_buf_done(&body);
    pl_buf_done(&snapshot);
}

static void another_version_is_said_to_be_one(void **state)
{
    (void)state;
    static const uint8_t first[] = {0x96, 1, 0, 0, 0, 0x90, 0x90}, last[] = {2, 0, 0, 0}, next[] = {4, 0, 0, 0};
    struct pl_doc *doc = NULL;
    assert_int_equal(pl_doc_load(pl_mem_libc(), (struct pl_slice){first, sizeof first}, &doc), PL_VERSION);
    assert_int_equal(pl_doc_load(pl_mem_libc(), (struct pl_slice){last, sizeof last}, &doc), PL_VERSION);
    assert_int_equal(pl_doc_load(pl_mem_libc(), (struct pl_slice){next, sizeof next}, &doc), PL_VERSION);
    assert_int_equal(pl_doc_load(pl_mem_libc(), (struct pl_slice){NULL, 0}, &doc), PL_MALFORMED);
    assert_null(doc);
}

/* A snapshot by hand: one sticky of replica 1 with a colour and a reaction, and what it says of them. */
struct said {
    uint64_t floor_seq, lam, hwm, ctr, field_step, text_field, text_n, letter;
    int64_t layout, first_lam, first, row, mark, tally_field, tally_row;
    const char *color;
};
#define THE_TRUTH                                                                                               \
    {                                                                                                           \
        .floor_seq = 1, .lam = 9, .hwm = 8, .ctr = 8, .field_step = 4, .first_lam = 3, .tally_field = 30,       \
        .color = "2"                                                                                            \
    }

static void write_number(struct pl_buf *buf, int64_t number)
{
    pl_column_write(buf, &number, 1);
}

static void write_values(struct pl_buf *buf, const char *literal)
{
    struct pl_buf value;
    pl_buf_init(&value, pl_mem_libc());
    literal_write(&value, literal);
    const struct pl_slice slice = pl_buf_slice(&value);
    pl_values_pack(buf, &slice, 1);
    pl_buf_done(&value);
}

static void write_text(struct pl_buf *buf, const struct said *said)
{
    struct pl_text *text = pl_text_new(pl_mem_libc());
    struct pl_buf spans, utf8;
    const struct pl_id id = {1, said->letter}, none = {0};
    pl_buf_init(&spans, pl_mem_libc());
    pl_buf_init(&utf8, pl_mem_libc());
    if (said->letter != 0) {
        assert_int_equal(pl_text_insert(text, id, none, none, (struct pl_slice){(const uint8_t *)"x", 1}, NULL), PL_OK);
        pl_text_pack(text, (struct pl_id){1, said->ctr}, &spans, &utf8);
    }
    pl_pack_bytes(buf, pl_buf_slice(&spans));
    pl_pack_byte(&utf8, PL_WORDS_TEXT_END);
    pl_words_pack(buf, pl_buf_slice(&utf8));
    pl_pack_bytes(buf, (struct pl_slice){NULL, 0}); /* no marks */
    pl_buf_done(&spans);
    pl_buf_done(&utf8);
    pl_text_free(text);
}

static void write_said(struct pl_buf *buf, const struct said *said)
{
    const uint64_t head[] = {3, 5, 1000, said->lam, 1, said->floor_seq, 1, 1};
    const uint64_t layout[] = {1, PL_KIND_STICKY, 2, 0, said->field_step, said->text_n};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        pl_pack_uint(buf, head[i]);
    write_number(buf, 7); /* user */
    write_number(buf, (int64_t)said->hwm);
    write_number(buf, 1); /* object of this replica */
    pl_pack_uint(buf, said->ctr);
    for (size_t i = 0; i < sizeof layout / sizeof layout[0]; i++)
        pl_pack_uint(buf, layout[i]);
    if (said->text_n > 0)
        pl_pack_uint(buf, said->text_field);
    write_number(buf, said->layout);
    write_number(buf, said->first_lam);
    write_values(buf, "true");
    write_number(buf, 1);
    write_values(buf, said->color);
    write_number(buf, said->first);
    if (said->first == 0) {
        write_number(buf, 4);
        write_number(buf, said->row);
    }
    write_number(buf, said->mark);
    write_number(buf, 1); /* tally */
    pl_pack_int(buf, 9);
    write_number(buf, said->tally_field);
    write_number(buf, 7);
    write_number(buf, 1);
    write_number(buf, 1);
    write_number(buf, said->tally_row);
    write_text(buf, said);
}

static enum pl_status load_said(struct said said)
{
    struct pl_buf buf;
    struct pl_doc *doc = NULL;
    pl_buf_init(&buf, pl_mem_libc());
    write_said(&buf, &said);
    const enum pl_status status = pl_doc_load(pl_mem_libc(), pl_buf_slice(&buf), &doc);
    assert_true((status == PL_OK) == (doc != NULL));
    pl_doc_free(doc);
    pl_buf_done(&buf);
    return status;
}

static void a_snapshot_that_lies_is_refused(void **state)
{
    (void)state;
    const struct said truth = THE_TRUTH;
    struct said lies[16];
    size_t n = 0;
    assert_int_equal(load_said(truth), PL_OK);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        lies[i] = truth;
    lies[n++].floor_seq = 2;     /* collected up to what was not collected yet */
    lies[n++].ctr = 9;           /* an id never issued */
    lies[n++].ctr = 0;           /* no id */
    lies[n++].hwm = 0;           /* a replica that never wrote */
    lies[n++].lam = 8;           /* a stamp above the clock: the tally's */
    lies[n++].first_lam = 10;    /* a stamp above the clock: the object's */
    lies[n++].first_lam = -1;
    lies[n++].layout = 1;        /* a layout there is none of */
    lies[n++].field_step = 0;    /* one field twice */
    lies[n++].color = "'x'";     /* a value of the wrong type */
    lies[n++].row = 1;           /* a writer nobody knows */
    lies[n++].tally_row = 1;
    lies[n++].mark = 1;          /* a living object on its way out */
    lies[n++].tally_field = 4;   /* a tally where a register belongs */
    lies[n].text_field = 4;      /* a text where a register belongs */
    lies[n++].text_n = 1;
    lies[n].text_field = 5;      /* a letter whose id was never issued */
    lies[n].letter = 9;
    lies[n++].text_n = 1;
    for (size_t i = 0; i < n; i++)
        if (load_said(lies[i]) != PL_MALFORMED)
            fail_msg("lie %zu was believed", i);
    struct said bare = truth;
    bare.first = 1;
    assert_int_equal(load_said(bare), PL_OK);
    bare.text_n = 1;
    bare.text_field = 5;
    bare.hwm = bare.letter = 9;
    assert_int_equal(load_said(bare), PL_OK);
    bare.first_lam = 0; /* as old as nothing is */
    assert_int_equal(load_said(bare), PL_MALFORMED);
}

static void a_random_snapshot(uint64_t seed, struct pl_buf *buf)
{
    struct rng rng = {seed};
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    random_fold(doc, &rng, 60);
    pl_buf_init(buf, pl_mem_libc());
    pl_doc_snapshot(doc, buf);
    pl_doc_free(doc);
}

static void a_cut_snapshot_is_none(void **state)
{
    (void)state;
    struct pl_buf buf;
    a_random_snapshot(5, &buf);
    for (size_t len = 0; len < buf.len; len++) {
        struct pl_doc *doc = NULL;
        uint8_t *exact = pl_mem_get(pl_mem_libc(), len + 1);
        memcpy(exact, buf.data, len);
        assert_int_equal(pl_doc_load(pl_mem_libc(), (struct pl_slice){exact, len}, &doc), PL_MALFORMED);
        assert_null(doc);
        pl_mem_put(pl_mem_libc(), exact);
    }
    pl_buf_done(&buf);
}

/* Changed bytes are refused, or are a sound document; its own snapshot is then one, too. */
static void a_changed_snapshot_is_refused_or_sound(void **state)
{
    (void)state;
    struct rng rng = {17};
    unsigned loaded = 0;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct pl_buf buf;
        a_random_snapshot(seed, &buf);
        for (unsigned round = 0; round < 250; round++) {
            const size_t place = rng_below(&rng, (uint32_t)buf.len);
            const uint8_t was = buf.data[place];
            struct pl_doc *doc = NULL;
            const char *reason = "";
            const uint8_t flipped = (uint8_t)(was ^ 1u << rng_below(&rng, 8));
            buf.data[place] = rng_chance(&rng, 50) ? (uint8_t)rng_next(&rng) : flipped;
            if (pl_doc_load(pl_mem_libc(), pl_buf_slice(&buf), &doc) == PL_OK) {
                loaded++;
                if (!pl_doc_check(doc, &reason))
                    fail_msg("seed %d, byte %zu: %s", (int)seed, place, reason);
                (void)through(doc);
            }
            pl_doc_free(doc);
            buf.data[place] = was;
        }
        pl_buf_done(&buf);
    }
    assert_in_range(loaded, 1, 8 * 250 - 1);
}

/* A few bytes that promise much get little. */
static void memory_is_bounded_by_the_bytes(void **state)
{
    (void)state;
    struct rng rng = {23};
    for (unsigned round = 0; round < 4000; round++) {
        uint8_t bytes[24] = {3, 9, 9, 9, 0, 0};
        struct count_mem count;
        struct pl_doc *doc = NULL;
        for (size_t i = 6; i < sizeof bytes; i++)
            bytes[i] = rng_chance(&rng, 40) ? (uint8_t)rng_below(&rng, 4) : (uint8_t)rng_next(&rng);
        count_mem_init(&count);
        if (pl_doc_load(&count.mem, (struct pl_slice){bytes, sizeof bytes}, &doc) == PL_OK)
            pl_doc_free(doc);
        assert_true(count.peak < 64 * 1024);
        assert_int_equal(count.live, 0);
    }
}

/* Whichever allocation fails: no leak, no half a document. */
static void loading_without_memory_leaves_nothing(void **state)
{
    (void)state;
    struct pl_buf buf;
    enum pl_status status = PL_NO_MEMORY;
    a_random_snapshot(3, &buf);
    for (size_t fail_at = 1; status == PL_NO_MEMORY; fail_at++) {
        struct count_mem count;
        struct pl_doc *doc = NULL;
        count_mem_init(&count);
        count.fail_at = fail_at;
        status = pl_doc_load(&count.mem, pl_buf_slice(&buf), &doc);
        assert_true(status == PL_OK || (status == PL_NO_MEMORY && doc == NULL));
        pl_doc_free(doc);
        assert_int_equal(count.live, 0);
    }
    assert_int_equal(status, PL_OK);
    pl_buf_done(&buf);
}

static void a_snapshot_without_memory_is_known_to_be_none(void **state)
{
    (void)state;
    struct pl_buf buf;
    bool failed = true;
    a_random_snapshot(4, &buf);
    for (size_t more = 1; failed; more++) {
        struct count_mem count;
        struct pl_doc *doc = NULL;
        struct pl_buf again;
        count_mem_init(&count);
        assert_int_equal(pl_doc_load(&count.mem, pl_buf_slice(&buf), &doc), PL_OK);
        const size_t held = count.live;
        pl_buf_init(&again, &count.mem);
        count.fail_at = count.asked + more;
        pl_doc_snapshot(doc, &again);
        failed = again.failed;
        assert_true(failed || pl_slice_equal(pl_buf_slice(&again), pl_buf_slice(&buf)));
        pl_buf_done(&again);
        assert_int_equal(count.live, held);
        pl_doc_free(doc);
        assert_int_equal(count.live, 0);
    }
    pl_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_document_is_some_bytes),
        cmocka_unit_test(everything_of_a_board_comes_back),
        cmocka_unit_test(a_loaded_document_collects_as_the_other_does),
        cmocka_unit_test(every_document_comes_back),
        cmocka_unit_test(loading_changes_nothing_that_comes_after),
        cmocka_unit_test(another_version_is_said_to_be_one),
        cmocka_unit_test(a_snapshot_that_lies_is_refused),
        cmocka_unit_test(a_cut_snapshot_is_none),
        cmocka_unit_test(a_changed_snapshot_is_refused_or_sound),
        cmocka_unit_test(memory_is_bounded_by_the_bytes),
        cmocka_unit_test(loading_without_memory_leaves_nothing),
        cmocka_unit_test(a_snapshot_without_memory_is_known_to_be_none),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
