/* What may enter a journal, and what a refusal leaves behind. Rules S7, S9, B1 to B5, O3, O5, O7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/doc.h"
#include "proto/limits.h"
#include "proto/object.h"
#include "proto/op_write.h"
#include "proto/reader.h"
#include "tests/support/count_mem.h"
#include "tests/support/literal.h"
#include "tests/support/reads.h"
#include <stdio.h>

#define USER          77u
#define DECIDE_FACTOR 32u /* bytes for each of the body's */
#define APPLY_FACTOR  48u
#define CALL_BYTES    4096u

/* Decides a body given as a literal. */
static enum pl_status decide_as(struct pl_doc *doc, const char *body, uint64_t user, enum pl_role role,
                                uint64_t *ret_ctr_n)
{
    struct pl_buf buf;
    struct pl_batch batch;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const uint64_t state = pl_doc_state_hash(doc), view = pl_doc_view_hash(doc), lam = pl_doc_lam(doc);
    const size_t rows = pl_doc_replica_n(doc), objects = pl_doc_object_n(doc);
    struct pl_replica_row row_before = {0}, row_after = {0};
    (void)pl_doc_replica(doc, 1, &row_before);
    const enum pl_status status = pl_doc_decide(doc, pl_buf_slice(&buf), user, role, &batch);
    (void)pl_doc_replica(doc, 1, &row_after);
    /* Deciding changes nothing, refused or not. */
    assert_true(state == pl_doc_state_hash(doc) && view == pl_doc_view_hash(doc) && lam == pl_doc_lam(doc));
    assert_true(rows == pl_doc_replica_n(doc) && objects == pl_doc_object_n(doc));
    assert_true(row_before.hwm == row_after.hwm && row_before.user == row_after.user);
    *ret_ctr_n = batch.ctr_n;
    pl_buf_done(&buf);
    return status;
}

static enum pl_status decide(struct pl_doc *doc, const char *body)
{
    uint64_t ctr_n;
    return decide_as(doc, body, USER, PL_ROLE_EDITOR, &ctr_n);
}

static enum pl_status apply(struct pl_doc *doc, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + 1, .user = USER, .srv_ms = 5, .body = pl_buf_slice(&buf)};
    const enum pl_status status = pl_doc_apply(doc, &envelope, NULL);
    pl_buf_done(&buf);
    return status;
}

/* One sticky 1.1 with the text "hey" (ids 1.2 to 1.4), one frame 1.5. */
static const char sticky_body[] =
    "[1, 1, 1, [[0, 3, {1: [0, 0]}], [2, [1, 1], 5, nil, nil, 'hey'], [0, 6, {}]]]";

static int with_sticky(void **state)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    assert_int_equal(apply(doc, sticky_body), PL_OK);
    *state = doc;
    return 0;
}

static int free_doc(void **state)
{
    pl_doc_free(*state);
    return 0;
}

static void counters_must_follow_on(void **state)
{
    assert_int_equal(decide(*state, "[1, 6, 9, [[1, [1, 1], 4, 2]]]"), PL_OK);
    assert_int_equal(decide(*state, "[1, 5, 9, [[1, [1, 1], 4, 2]]]"), PL_DUPLICATE);
    assert_int_equal(decide(*state, "[1, 7, 9, [[1, [1, 1], 4, 2]]]"), PL_GAP);
    assert_int_equal(decide(*state, "[2, 2, 9, [[1, [1, 1], 4, 2]]]"), PL_GAP);
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [1, 1], 4, 2]]]"), PL_OK);
}

static void what_it_never_had_is_an_orphan(void **state)
{
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [9, 9], 4, 2]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [1, 2], 4, 2]]]"), PL_ORPHAN); /* a scalar is no object */
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [1, 1], 3, [[9, 9], 'V']]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[0, 3, {3: [[9, 9], 'V']}]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[2, [1, 1], 5, [1, 9], nil, 'x']]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[3, [1, 1], 5, [[1, 2, 40]]]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[4, [9, 9], 30, 1, 1]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[3, [1, 1], 5, [[1, 2, 3]]]]]"), PL_OK);
}

static void a_batch_may_name_what_its_earlier_ops_made(void **state)
{
    assert_int_equal(decide(*state, "[2, 1, 9, [[0, 6, {}], [0, 3, {3: [[2, 1], 'V']}], [1, [2, 2], 4, 1],"
                                    " [2, [2, 2], 5, nil, nil, 'abc'], [3, [2, 2], 5, [[2, 4, 2]]],"
                                    " [2, [2, 2], 5, [2, 4], [2, 5], 'x']]]"),
                     PL_OK);
    /* ... but not what comes later, nor the text of another object */
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [2, 2], 4, 1], [0, 3, {}]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, "[2, 1, 9, [[0, 3, {}], [2, [2, 1], 5, nil, nil, 'abc'],"
                                    " [2, [1, 1], 5, [2, 2], nil, 'x']]]"),
                     PL_ORPHAN);
}

static void values_must_fit_their_fields(void **state)
{
    static const char *const wrong[] = {
        "[2, 1, 9, [[1, [1, 1], 1, [0]]]]",          "[2, 1, 9, [[1, [1, 1], 1, [0, 2000000000]]]]",
        "[2, 1, 9, [[1, [1, 1], 2, [-1, 5]]]]",      "[2, 1, 9, [[1, [1, 1], 0, 1]]]",
        "[2, 1, 9, [[1, [1, 1], 4, 'red']]]",        "[2, 1, 9, [[1, [1, 1], 5, 'text']]]",
        "[2, 1, 9, [[1, [1, 1], 3, [nil, 5]]]]",     "[2, 1, 9, [[0, 3, {0: false}]]]",
        "[2, 1, 9, [[0, 3, {4: 1, 4: 2}]]]",         "[2, 1, 9, [[0, 3, {5: 'text'}]]]",
        "[2, 1, 9, [[2, [1, 1], 4, nil, nil, 'x']]]", "[2, 1, 9, [[3, [1, 1], 5, []]]]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t ctr_n;
        assert_int_equal(decide_as(*state, wrong[i], USER, PL_ROLE_EDITOR, &ctr_n), PL_INVALID);
        assert_true(ctr_n > 0); /* it could be counted: a void settles it */
    }
    assert_int_equal(decide(*state, "[2, 1, 9, [[1, [1, 1], 9999, {1: ['any', 1.5]}]]]"), PL_OK);
    assert_int_equal(decide(*state, "[2, 1, 9, [[0, 4711, {1: [5, 5], 300: 'new'}]]]"), PL_OK);
}

static void misshapen_bytes_take_no_counter(void **state)
{
    static const char *const wrong[] = {"[]", "5", "[2, 0, 9, [[0, 3, {}]]]", "[2, 1, 9, [[7, 1]]]", "[2, 1, 9, [5]]",
                                        "[2, 1, 9, [[0, 3]]]", "[2, 1, 9, [[3, [1, 1], 5, [[1, 2, 0]]]]]",
                                        "[2, 1, 9, 5]", "[2, 1, 9, [[0, 3, {}]], 1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint64_t ctr_n;
        assert_int_equal(decide_as(*state, wrong[i], USER, PL_ROLE_EDITOR, &ctr_n), PL_MALFORMED);
        assert_true(ctr_n == 0);
    }
    static const char *const empty[] = {"[2, 1, 9, []]", "[2, 1, 9, [[2, [1, 1], 5, nil, nil, '']]]"};
    for (size_t i = 0; i < 2; i++) {
        uint64_t ctr_n;
        assert_int_equal(decide_as(*state, empty[i], USER, PL_ROLE_EDITOR, &ctr_n), PL_INVALID);
        assert_true(ctr_n == 0);
    }
}

static void roles_and_replicas_are_checked(void **state)
{
    uint64_t ctr_n;
    static const char body[] = "[2, 1, 9, [[1, [1, 1], 4, 2]]]";
    assert_int_equal(decide_as(*state, body, USER, PL_ROLE_VIEWER, &ctr_n), PL_PERM);
    assert_true(ctr_n == 0); /* may not write at all: no seq */
    assert_int_equal(decide_as(*state, body, USER, PL_ROLE_COMMENTER, &ctr_n), PL_PERM);
    assert_true(ctr_n == 1);
    assert_int_equal(decide_as(*state, "[1, 6, 9, [[1, [1, 1], 4, 2]]]", USER + 1, PL_ROLE_OWNER, &ctr_n), PL_PERM);
    assert_int_equal(decide_as(*state, "[0, 1, 9, [[0, 2, {}]]]", USER, PL_ROLE_OWNER, &ctr_n), PL_PERM);
    assert_int_equal(decide_as(*state, "[2, 1, 9, [[0, 2, {}]]]", USER, PL_ROLE_OWNER, &ctr_n), PL_PERM);
    assert_int_equal(decide_as(*state, "[0, 1, 9, [[0, 2, {8: 5}]]]", 0, PL_ROLE_SERVER, &ctr_n), PL_OK);
    assert_int_equal(decide_as(*state, "[2, 1, 9, [[0, 1, {}]]]", USER, PL_ROLE_OWNER, &ctr_n), PL_PERM);
}

static void a_clock_far_ahead_is_refused(void **state)
{
    char body[100];
    snprintf(body, sizeof body, "[2, 1, %u, [[1, [1, 1], 4, 2]]]", 3 + PL_LAM_AHEAD_MAX);
    assert_int_equal(decide(*state, body), PL_OK);
    snprintf(body, sizeof body, "[2, 1, %u, [[1, [1, 1], 4, 2]]]", 4 + PL_LAM_AHEAD_MAX);
    assert_int_equal(decide(*state, body), PL_CLOCK);
}

static void a_text_has_an_end(void **state)
{
    struct pl_buf buf;
    struct pl_batch batch;
    pl_buf_init(&buf, pl_mem_libc());
    char *big = test_malloc(PL_TEXT_SCALARS_MAX + 200);
    for (uint32_t over = 0; over < 2; over++) {
        const uint32_t n = PL_TEXT_SCALARS_MAX - 3 + over;
        int at = snprintf(big, 100, "[2, 1, 9, [[2, [1, 1], 5, nil, nil, '");
        for (uint32_t i = 0; i < n; i++)
            big[at++] = 'x';
        snprintf(big + at, 20, "']]]");
        pl_buf_clear(&buf);
        literal_write(&buf, big);
        assert_int_equal(pl_doc_decide(*state, pl_buf_slice(&buf), USER, PL_ROLE_EDITOR, &batch),
                         over ? PL_TOO_BIG : PL_OK);
    }
    test_free(big);
    pl_buf_done(&buf);
}

/* A batch of `op_n` ops that differ in one number, decided by the person of replica 1 and, when it may, applied. */
static enum pl_status many(struct pl_doc *doc, uint32_t op_n, const char *op_format, unsigned from)
{
    struct pl_buf buf;
    struct pl_batch batch;
    struct pl_replica_row row;
    char op[128];
    assert_true(pl_doc_replica(doc, 1, &row));
    pl_buf_init(&buf, pl_mem_libc());
    pl_write_array(&buf, 4);
    pl_write_uint(&buf, 1);
    pl_write_uint(&buf, row.hwm + 1);
    pl_write_uint(&buf, pl_doc_lam(doc) + 1);
    pl_write_array(&buf, op_n);
    for (unsigned i = 0; i < op_n; i++) {
        snprintf(op, sizeof op, op_format, from + i);
        literal_write(&buf, op);
    }
    enum pl_status status = pl_doc_decide(doc, pl_buf_slice(&buf), USER, PL_ROLE_EDITOR, &batch);
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + 1, .user = USER, .srv_ms = 5, .body = pl_buf_slice(&buf)};
    if (status == PL_OK)
        assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK); /* or the board is lost */
    pl_buf_done(&buf);
    return status;
}

static void an_object_takes_only_so_many_strange_fields(void **state)
{
    assert_int_equal(many(*state, PL_OBJECT_FIELDS_MAX + 1, "[1, [1, 1], %u, 1]", 1000), PL_QUOTA);
    assert_int_equal(many(*state, PL_OBJECT_FIELDS_MAX / 2, "[1, [1, 1], %u, 1]", 1000), PL_OK);
    assert_int_equal(many(*state, PL_OBJECT_FIELDS_MAX, "[1, [1, 1], %u, 1]", 2000), PL_QUOTA);
    assert_int_equal(many(*state, 1, "[1, [1, 1], %u, 2]", 1000), PL_OK);
    assert_int_equal(many(*state, PL_OBJECT_FIELDS_MAX + 1, "[2, [1, 1], %u, nil, nil, 'x']", 1000), PL_QUOTA);
    assert_int_equal(many(*state, PL_OBJECT_FIELDS_MAX - 1, "[2, [1, 1], %u, nil, nil, 'x']", 1000), PL_OK);
    assert_int_equal(many(*state, 1, "[2, [1, 1], %u, nil, nil, 'x']", 3000), PL_QUOTA);
    assert_int_equal(many(*state, 1, "[2, [1, 1], %u, nil, nil, 'y']", 1000), PL_OK);
}

/* Scalars side by side with the same origins never join: each is a run, and each insert beside them looks at them all. */
static void one_batch_makes_us_look_at_only_so_many_runs(void **state)
{
    const char *const apart = "[2, [1, 1], 5, nil, nil, 'x']";
    assert_int_equal(many(*state, 4000, apart, 0), PL_TOO_BIG); /* they would look at each other */
    for (int i = 0; i < 20; i++)
        assert_int_equal(many(*state, 100, apart, 0), PL_OK);
    assert_int_equal(many(*state, 1000, apart, 0), PL_TOO_BIG);
    assert_int_equal(many(*state, 4000, "[1, [1, 1], 4, %u]", 0), PL_OK); /* registers cost nothing */
    assert_int_equal(many(*state, 4000, "[2, [1, 1], 5, [1, 2], [1, 3], 'x']", 0), PL_TOO_BIG);
    assert_int_equal(many(*state, 500, "[2, [1, 1], 5, [1, 2], [1, 3], 'x']", 0), PL_OK);
    const char *const sweep = "[3, [1, 1], 5, [[1, 2, 2000], [1, 2, 2000], [1, 2, 2000], [1, 2, 2000]]]";
    assert_int_equal(many(*state, 100, sweep, 0), PL_OK);
    assert_int_equal(many(*state, 1000, sweep, 0), PL_TOO_BIG);
    assert_int_equal(many(*state, 1, "[2, [1, 5], 5, nil, nil, 'x']", 0), PL_OK); /* another text */
}

/* 4,096 of the smallest ops there are, and the longest lists: what they take is a small multiple of what they weigh. */
static void no_bytes_take_much_more_memory_than_they_are(void **state)
{
    static const struct {
        const char *op;
        size_t n;
        bool applies;
    } bodies[] = {
        {"[6, 1]", 4096, true},
        {"[0, 3, {}]", 4096, true},
        {"[2, [1, 1], 5, nil, nil, 'x']", 200, true},
        {"[2, [1, 1], 5, nil, nil, 'x']", 4096, false}, /* makes us look at too much */
        {"[3, [1, 1], 5, [[1, 2, 1], [1, 3, 1], [1, 4, 1], [1, 2, 3]]]", 4096, true},
        {"[4, [1, 1], 30, 1, 1]", 4096, true},
        {"[5, [1, 1], 5, 1, nil, nil, false, nil, true]", 1024, true},
        {"[9, [1, 1], 5, [1, 1], true]", 4096, true},
        {"[1, [1, 1], 4, 1]", 4096, true},
        {"[0, 3, {9000: 1, 9001: 1, 9002: 1, 9003: 1, 9004: 1, 9005: 1, 9006: 1, 9007: 1}]", 4096, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct count_mem count;
        struct pl_batch batch;
        struct pl_buf ops, body;
        count_mem_init(&count);
        struct pl_doc *doc = pl_doc_new(&count.mem);
        assert_int_equal(apply(doc, sticky_body), PL_OK);
        pl_buf_init(&ops, pl_mem_libc());
        pl_buf_init(&body, pl_mem_libc());
        for (size_t k = 0; k < bodies[i].n; k++)
            literal_write(&ops, bodies[i].op);
        pl_batch_write(&body, 2, 1, 9, (uint32_t)bodies[i].n, pl_buf_slice(&ops));
        const size_t before = count.peak = count.live;
        const enum pl_status status = pl_doc_decide(doc, pl_buf_slice(&body), USER, PL_ROLE_OWNER, &batch);
        assert_true((status == PL_OK) == bodies[i].applies);
        assert_int_equal(count.live, before);
        assert_true(count.peak - before <= DECIDE_FACTOR * body.len + CALL_BYTES);
        if (bodies[i].applies) {
            const struct pl_envelope envelope = {
                .seq = 2, .user = USER, .srv_ms = 5, .body = pl_buf_slice(&body)};
            count.peak = count.live;
            assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
            assert_true(count.peak - before <= APPLY_FACTOR * body.len + CALL_BYTES);
        }
        pl_doc_free(doc);
        pl_buf_done(&ops);
        pl_buf_done(&body);
        assert_int_equal(count.live, 0);
    }
}

static void a_void_settles_counters_and_changes_nothing_seen(void **state)
{
    struct pl_doc *doc = *state;
    struct pl_buf buf;
    struct pl_replica_row row;
    const uint64_t view = pl_doc_view_hash(doc);
    pl_buf_init(&buf, pl_mem_libc());
    pl_void_write(&buf, &(struct pl_batch){.replica = 1, .ctr0 = 6, .ctr_n = 4}, PL_QUOTA);
    const struct pl_envelope envelope = {.seq = 2, .user = USER, .srv_ms = 6, .body = pl_buf_slice(&buf)};
    assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
    assert_true(pl_doc_replica(doc, 1, &row) && row.hwm == 9);
    assert_true(view == pl_doc_view_hash(doc));
    assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_DUPLICATE);
    assert_int_equal(decide(doc, "[1, 9, 9, [[1, [1, 1], 4, 2]]]"), PL_DUPLICATE);
    assert_int_equal(decide(doc, "[1, 10, 9, [[1, [1, 1], 4, 2]]]"), PL_OK);
    pl_buf_done(&buf);
}

static void the_highest_stamp_wins_in_any_order(void **state)
{
    uint64_t color;
    assert_int_equal(apply(*state, "[3, 1, 20, [[1, [1, 1], 4, 3]]]"), PL_OK);
    assert_int_equal(apply(*state, "[2, 1, 20, [[1, [1, 1], 4, 2]]]"), PL_OK);
    assert_int_equal(apply(*state, "[4, 1, 19, [[1, [1, 1], 4, 9]]]"), PL_OK);
    assert_true(pl_object_uint(pl_doc_object(*state, (struct pl_id){1, 1}), PL_FIELD_COLOR, &color));
    assert_int_equal(color, 3);
}

static void edits_merge_below_a_delete(void **state)
{
    const struct pl_id id = {1, 1};
    uint64_t color;
    assert_int_equal(apply(*state, "[2, 1, 20, [[1, [1, 1], 0, false]]]"), PL_OK);
    assert_false(pl_object_alive(pl_doc_object(*state, id)));
    assert_int_equal(apply(*state, "[3, 1, 20, [[1, [1, 1], 4, 5], [2, [1, 1], 5, [1, 4], nil, '!']]]"), PL_OK);
    assert_int_equal(apply(*state, "[2, 2, 30, [[1, [1, 1], 0, true]]]"), PL_OK);
    const struct pl_object *object = pl_doc_object(*state, id);
    assert_true(pl_object_alive(object) && pl_object_uint(object, PL_FIELD_COLOR, &color) && color == 5);
    assert_true(text_reads(pl_object_text(object, PL_FIELD_TEXT), "hey!"));
}

#define WITH_STICKY(test) cmocka_unit_test_setup_teardown(test, with_sticky, free_doc)

/* The sticky is locked by user 77 as replica 1. */
static const char lock_body[] = "[1, 6, 9, [[1, [1, 1], 11, true]]]";

static void a_locked_object_is_changed_by_nobody(void **state)
{
    static const char *const ops[] = {
        "[1, [1, 1], 1, [5, 5]]",  "[1, [1, 1], 0, false]",       "[2, [1, 1], 5, [1, 4], nil, 'x']",
        "[1, [1, 1], 12, 1]",      "[3, [1, 1], 5, [[1, 2, 1]]]", "[5, [1, 1], 5, 1, true, [1, 2], false, nil, false]",
        "[9, [1, 1], 5, [1, 1], true]"};
    static const enum pl_role roles[] = {PL_ROLE_EDITOR, PL_ROLE_FACILITATOR, PL_ROLE_OWNER};
    uint64_t ctr_n;
    assert_int_equal(apply(*state, lock_body), PL_OK);
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        for (size_t k = 0; k < 3; k++) {
            char own[256], others[256];
            snprintf(own, sizeof own, "[1, 7, 19, [%s]]", ops[i]);
            snprintf(others, sizeof others, "[2, 1, 19, [%s]]", ops[i]);
            assert_int_equal(decide_as(*state, own, USER, roles[k], &ctr_n), PL_PERM);
            assert_int_equal(decide_as(*state, others, 5, roles[k], &ctr_n), PL_PERM);
        }
    }
    assert_int_equal(decide(*state, "[2, 1, 19, [[1, [1, 5], 1, [5, 5]]]]"), PL_OK); /* another object */
    assert_int_equal(decide_as(*state, "[2, 1, 19, [[4, [1, 1], 30, 1, 1]]]", 5, PL_ROLE_COMMENTER, &ctr_n), PL_OK);
}

static void who_locked_it_or_a_facilitator_opens_it_and_goes_on(void **state)
{
    static const char opens[] = "[2, 1, 19, [[1, [1, 1], 11, false], [1, [1, 1], 1, [5, 5]], [1, [1, 1], 11, true]]]";
    static const char before[] = "[2, 1, 19, [[1, [1, 1], 1, [5, 5]], [1, [1, 1], 11, false]]]";
    uint64_t ctr_n;
    assert_int_equal(apply(*state, lock_body), PL_OK);
    assert_int_equal(decide_as(*state, opens, 5, PL_ROLE_EDITOR, &ctr_n), PL_PERM);
    assert_int_equal(decide_as(*state, opens, 5, PL_ROLE_FACILITATOR, &ctr_n), PL_OK);
    assert_int_equal(decide_as(*state, opens, USER, PL_ROLE_EDITOR, &ctr_n), PL_OK); /* from another tab of theirs */
    assert_int_equal(decide_as(*state, before, USER, PL_ROLE_EDITOR, &ctr_n), PL_PERM);
    assert_int_equal(apply(*state, "[1, 7, 29, [[1, [1, 1], 11, false]]]"), PL_OK);
    assert_int_equal(decide_as(*state, before, 5, PL_ROLE_EDITOR, &ctr_n), PL_OK);
}

static void a_batch_may_finish_what_it_makes_locked(void **state)
{
    assert_int_equal(decide(*state, "[2, 1, 9, [[0, 3, {11: true}], [1, [2, 1], 1, [1, 1]],"
                                    " [2, [2, 1], 5, nil, nil, 'x']]]"),
                     PL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STICKY(counters_must_follow_on),
        WITH_STICKY(what_it_never_had_is_an_orphan),
        WITH_STICKY(a_batch_may_name_what_its_earlier_ops_made),
        WITH_STICKY(values_must_fit_their_fields),
        WITH_STICKY(misshapen_bytes_take_no_counter),
        WITH_STICKY(roles_and_replicas_are_checked),
        WITH_STICKY(a_clock_far_ahead_is_refused),
        WITH_STICKY(a_text_has_an_end),
        WITH_STICKY(an_object_takes_only_so_many_strange_fields),
        WITH_STICKY(one_batch_makes_us_look_at_only_so_many_runs),
        WITH_STICKY(no_bytes_take_much_more_memory_than_they_are),
        WITH_STICKY(a_void_settles_counters_and_changes_nothing_seen),
        WITH_STICKY(the_highest_stamp_wins_in_any_order),
        WITH_STICKY(edits_merge_below_a_delete),
        WITH_STICKY(a_locked_object_is_changed_by_nobody),
        WITH_STICKY(who_locked_it_or_a_facilitator_opens_it_and_goes_on),
        WITH_STICKY(a_batch_may_finish_what_it_makes_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
