/* The view's hash: the same for what looks the same, another for what does not. Rules V1, V5, N4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/doc.h"
#include "tests/support/literal.h"
#include <stdio.h>
#include <string.h>

static void apply_as(struct pl_doc *doc, uint64_t user, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + 1, .user = user, .srv_ms = 50, .body = pl_buf_slice(&buf)};
    assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
    pl_buf_done(&buf);
}

/* A frame 1, a sticky 2 in it with a text, a connector 3 between them, a vote 4 about both, a timer 5: made by
 * `replica` under the counters from `first` on. */
static struct pl_doc *a_board(unsigned replica, unsigned first, unsigned lam)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    char body[1024];
    if (first > 1) {
        snprintf(body, sizeof body, "[%u, 1, 1, [[6, %u]]]", replica, first - 1);
        apply_as(doc, 7, body);
    }
    snprintf(body, sizeof body,
             "[%u, %u, %u, [[0, 6, {3: [nil, 'B']}], [0, 3, {3: [[%u, %u], 'C'], 4: 2}],"
             " [0, 9, {3: [nil, 'D'], 18: [[%u, %u], 1, 0, 0.5], 19: [[%u, %u], 0, 0, 0]}],"
             " [0, 14, {3: [nil, 'E'], 32: [[%u, %u], [%u, %u]], 34: [[[%u, %u], 3]]}],"
             " [0, 16, {3: [nil, 'F'], 37: [1, 60000, 1]}], [2, [%u, %u], 5, nil, nil, 'hello']]]",
             replica, first, lam, replica, first, replica, first, replica, first + 1, replica, first, replica,
             first + 1, replica, first + 1, replica, first + 1);
    apply_as(doc, 7, body);
    return doc;
}

static uint64_t view(struct pl_doc *doc)
{
    return pl_doc_view_hash(doc);
}

static void ids_and_stamps_do_not_show(void **state)
{
    (void)state;
    struct pl_doc *one = a_board(3, 1, 1), *other = a_board(900, 40, 77);
    assert_true(view(one) == view(other));
    assert_false(pl_doc_state_hash(one) == pl_doc_state_hash(other));
    pl_doc_free(one);
    pl_doc_free(other);
}

/* Each write on top of the board shows, and another one than the others. */
static void what_differs_shows(void **state)
{
    (void)state;
    static const char *const writes[] = {
        "[4, 1, 90, [[1, [3, 2], 4, 3]]]",                       /* a colour */
        "[4, 1, 90, [[1, [3, 2], 3, [nil, 'C']]]]",              /* out of the frame */
        "[4, 1, 90, [[1, [3, 2], 3, [[3, 1], 'A']]]]",           /* behind it */
        "[4, 1, 90, [[1, [3, 3], 18, [[3, 2], 1, 0, 0.5]]]]",    /* an end on another object */
        "[4, 1, 90, [[1, [3, 3], 18, [nil, 1, 0, 0.5]]]]",
        "[4, 1, 90, [[1, [3, 4], 32, [[3, 1]]]]]",
        "[4, 1, 90, [[1, [3, 4], 34, [[[3, 1], 3]]]]]",
        "[4, 1, 90, [[1, [3, 5], 37, [0, 60000, 1]]]]",
        "[4, 1, 90, [[4, [3, 2], 30, 1, 1]]]",                   /* a reaction */
        "[4, 1, 90, [[4, [3, 2], 30, 2, 1]]]",
        "[4, 1, 90, [[4, [3, 1], 30, 1, 1]]]",
        "[4, 1, 90, [[2, [3, 2], 5, [3, 10], nil, '!']]]",
        "[4, 1, 90, [[1, [3, 1], 0, false]]]",
    };
    enum { N = sizeof writes / sizeof writes[0] };
    uint64_t seen[N + 1];
    for (size_t i = 0; i <= N; i++) {
        struct pl_doc *doc = a_board(3, 1, 1);
        if (i < N)
            apply_as(doc, 8, writes[i]);
        seen[i] = view(doc);
        for (size_t k = 0; k < i; k++)
            if (seen[i] == seen[k])
                fail_msg("writes %zu and %zu look the same", i, k);
        pl_doc_free(doc);
    }
}

static void a_reaction_counts_whoever_gave_it(void **state)
{
    (void)state;
    struct pl_doc *one = a_board(3, 1, 1), *other = a_board(3, 1, 1);
    const uint64_t before = view(one);
    apply_as(one, 8, "[4, 1, 90, [[4, [3, 2], 30, 1, 1]]]");
    apply_as(other, 9, "[5, 1, 90, [[4, [3, 2], 30, 1, 1]]]");
    assert_true(view(one) == view(other));
    apply_as(one, 9, "[5, 1, 91, [[4, [3, 2], 30, 1, 1]]]");
    assert_false(view(one) == view(other));
    apply_as(one, 9, "[5, 2, 92, [[4, [3, 2], 30, 1, 0]]]"); /* taken back: as if never given */
    assert_true(view(one) == view(other));
    apply_as(one, 8, "[4, 2, 93, [[4, [3, 2], 30, 1, 0]]]");
    assert_true(view(one) == before);
    pl_doc_free(one);
    pl_doc_free(other);
}

static void a_reference_to_the_dead_is_none(void **state)
{
    (void)state;
    struct pl_doc *one = a_board(3, 1, 1), *other = a_board(3, 1, 1);
    apply_as(one, 8, "[4, 1, 90, [[1, [3, 1], 0, false], [1, [3, 3], 18, [nil, 1, 0, 0.5]]]]");
    apply_as(other, 8, "[4, 1, 90, [[1, [3, 1], 0, false], [6, 1]]]");
    assert_true(view(one) == view(other));
    apply_as(one, 8, "[4, 3, 92, [[1, [3, 3], 18, [[9, 9], 1, 0, 0.5]]]]"); /* of what never was */
    assert_true(view(one) == view(other));
    pl_doc_free(one);
    pl_doc_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_stamps_do_not_show),
        cmocka_unit_test(what_differs_shows),
        cmocka_unit_test(a_reaction_counts_whoever_gave_it),
        cmocka_unit_test(a_reference_to_the_dead_is_none),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
