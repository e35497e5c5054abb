/* The ops beside create, set and text: tallies, clocks, skips, collections, adoption, and what a person may do with
 * them. Rules O8, O9, B2 to B5, G1, D2. */
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
#include "proto/reveal.h"
#include "tests/support/literal.h"
#include "tests/support/reads.h"
#include <stdio.h>
#include <string.h>

#define ANN 77u
#define BO 78u

static enum pl_status apply_bytes(struct pl_doc *doc, struct pl_slice body, uint64_t user, uint64_t srv_ms)
{
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(doc) + 1, .user = user, .srv_ms = srv_ms, .body = body};
    return pl_doc_apply(doc, &envelope, NULL);
}

static void apply(struct pl_doc *doc, uint64_t user, uint64_t srv_ms, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    assert_int_equal(apply_bytes(doc, pl_buf_slice(&buf), user, srv_ms), PL_OK);
    const char *reason = "";
    if (!pl_doc_check(doc, &reason))
        fail_msg("%s", reason);
    pl_buf_done(&buf);
}

static enum pl_status decide(struct pl_doc *doc, uint64_t user, enum pl_role role, const char *body)
{
    struct pl_buf buf;
    struct pl_batch batch;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const enum pl_status status = pl_doc_decide(doc, pl_buf_slice(&buf), user, role, &batch);
    pl_buf_done(&buf);
    return status;
}

/* Ann's sticky 1.1 with "hey" (1.2 to 1.4) in a frame 1.5; Bo's first counter of replica 2 is free. */
static int with_sticky(void **state)
{
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    apply(doc, ANN, 5, "[1, 1, 1, [[0, 3, {1: [0, 0]}], [2, [1, 1], 5, nil, nil, 'hey'], [0, 6, {}]]]");
    *state = doc;
    return 0;
}

static int free_doc(void **state)
{
    pl_doc_free(*state);
    return 0;
}

static uint32_t reactions_of(const struct pl_doc *doc, uint64_t user)
{
    struct pl_tally tally;
    const struct pl_object *object = pl_doc_object(doc, (struct pl_id){1, 1});
    return pl_object_tally(object, PL_FIELD_REACTION, user, 3, &tally) ? tally.value : 99;
}

static void each_person_has_a_register_of_their_own_in_a_tally(void **state)
{
    apply(*state, ANN, 6, "[1, 6, 9, [[4, [1, 1], 30, 3, 1]]]");
    apply(*state, BO, 6, "[2, 1, 8, [[4, [1, 1], 30, 3, 1]]]");
    apply(*state, BO, 6, "[2, 2, 7, [[4, [1, 1], 30, 3, 0]]]"); /* an older stamp loses */
    assert_int_equal(reactions_of(*state, ANN), 1);
    assert_int_equal(reactions_of(*state, BO), 1);
    apply(*state, BO, 6, "[2, 3, 20, [[4, [1, 1], 30, 3, 0]]]");
    assert_int_equal(reactions_of(*state, BO), 0);
    assert_int_equal(reactions_of(*state, ANN), 1);
    assert_int_equal(pl_object_tally_n(pl_doc_object(*state, (struct pl_id){1, 1})), 2);
}

static void a_commenter_may_react_and_comment_but_not_edit(void **state)
{
    assert_int_equal(decide(*state, BO, PL_ROLE_COMMENTER, "[2, 1, 9, [[4, [1, 1], 30, 3, 1]]]"), PL_OK);
    assert_int_equal(decide(*state, BO, PL_ROLE_COMMENTER, "[2, 1, 9, [[0, 12, {27: [[1, 1], 0, 1, 2]}]]]"), PL_OK);
    assert_int_equal(decide(*state, BO, PL_ROLE_COMMENTER, "[2, 1, 9, [[1, [1, 1], 4, 2]]]"), PL_PERM);
    assert_int_equal(decide(*state, BO, PL_ROLE_VIEWER, "[2, 1, 9, [[4, [1, 1], 30, 3, 1]]]"), PL_PERM);
    assert_int_equal(decide(*state, BO, PL_ROLE_EDITOR, "[2, 1, 9, [[0, 16, {}]]]"), PL_PERM); /* a timer */
}

static void a_comment_is_its_makers_and_the_facilitators(void **state)
{
    apply(*state, ANN, 6, "[1, 6, 9, [[0, 13, {}]]]");
    assert_int_equal(decide(*state, BO, PL_ROLE_OWNER, "[2, 1, 9, [[1, [1, 6], 0, false]]]"), PL_OK);
    assert_int_equal(decide(*state, BO, PL_ROLE_EDITOR, "[2, 1, 9, [[1, [1, 6], 0, false]]]"), PL_PERM);
    assert_int_equal(decide(*state, BO, PL_ROLE_EDITOR, "[2, 1, 9, [[4, [1, 6], 30, 0, 1]]]"), PL_OK);
    assert_int_equal(decide(*state, ANN, PL_ROLE_COMMENTER, "[1, 7, 9, [[1, [1, 6], 0, false]]]"), PL_OK);
    assert_int_equal(decide(*state, ANN, PL_ROLE_COMMENTER, "[4, 1, 9, [[1, [1, 6], 0, false]]]"), PL_OK);
}

static void a_clock_keeps_the_time_of_its_envelope(void **state)
{
    struct pl_register reg;
    uint64_t mode = 0, ms = 0, srv_ms = 0;
    double rate = 0;
    apply(*state, ANN, 6, "[1, 6, 9, [[0, 16, {37: [0, 60000, -1]}]]]");
    apply(*state, ANN, 1234, "[1, 7, 10, [[1, [1, 6], 37, [1, 60000, -1]]]]");
    assert_true(pl_object_register(pl_doc_object(*state, (struct pl_id){1, 6}), PL_FIELD_CLOCK, &reg));
    struct pl_reader reader = pl_reader_of(reg.value);
    assert_true(pl_read_array_of(&reader, 4) && pl_read_u53(&reader, &mode) && pl_read_u53(&reader, &ms) &&
                pl_read_number(&reader, &rate) && pl_read_u53(&reader, &srv_ms) && pl_reader_done(&reader));
    assert_int_equal(mode, 1);
    assert_int_equal(srv_ms, 1234);
    assert_int_equal(decide(*state, ANN, PL_ROLE_OWNER, "[1, 8, 11, [[1, [1, 6], 37, [1, 60000, -1, 5]]]]"),
                     PL_INVALID);
}

static void a_skip_takes_counters_and_does_nothing(void **state)
{
    struct pl_replica_row row;
    apply(*state, ANN, 6, "[1, 6, 9, [[6, 100], [1, [1, 1], 4, 2]]]");
    assert_true(pl_doc_replica(*state, 1, &row));
    assert_int_equal(row.hwm, 106);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 107, 20, [[6, 0]]]"), PL_INVALID);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 107, 20, [[6, 32769]]]"), PL_TOO_BIG);
}

static void references_may_name_what_is_gone_but_not_what_never_was(void **state)
{
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[0, 9, {18: [[1, 1], 1, 0, 0], 19: [nil, 0, 5, 5]}]]]"),
                     PL_OK);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[1, [1, 1], 14, [1, 3]]]]"), PL_OK);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[1, [1, 1], 14, [1, 6]]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[1, [1, 1], 14, [9, 1]]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[1, [1, 1], 29, [[1, 7], 5]]]]"), PL_ORPHAN);
    assert_int_equal(decide(*state, ANN, PL_ROLE_EDITOR, "[1, 6, 9, [[0, 7, {}], [1, [1, 1], 14, [1, 6]]]]"), PL_OK);
    assert_int_equal(decide(*state, ANN, PL_ROLE_FACILITATOR, "[1, 6, 9, [[0, 14, {34: [[[1, 1], 3], [[8, 8], 1]]}]]]"),
                     PL_ORPHAN);
}

static void a_collection_drops_what_it_finds_dead_the_third_time(void **state)
{
    struct pl_doc *doc = *state;
    apply(doc, ANN, 6, "[1, 6, 9, [[1, [1, 1], 0, false]]]");
    apply(doc, 0, 7, "[0, 1, 9, [[7]]]");
    apply(doc, 0, 8, "[0, 2, 10, [[7]]]");
    assert_int_equal(pl_object_dying(pl_doc_object(doc, (struct pl_id){1, 1})), 2);
    apply(doc, ANN, 9, "[1, 7, 11, [[1, [1, 1], 0, true]]]");
    apply(doc, 0, 10, "[0, 3, 12, [[7]]]");
    assert_int_equal(pl_object_dying(pl_doc_object(doc, (struct pl_id){1, 1})), 0); /* it came back in time */
    apply(doc, ANN, 11, "[1, 8, 13, [[1, [1, 1], 0, false]]]");
    apply(doc, 0, 12, "[0, 4, 14, [[7]]]");
    apply(doc, ANN, 13, "[1, 9, 15, [[1, [1, 1], 0, false]]]"); /* deleted twice: it begins anew, in any order */
    apply(doc, 0, 14, "[0, 5, 16, [[7]]]");
    apply(doc, 0, 15, "[0, 6, 17, [[7]]]");
    assert_int_equal(pl_object_dying(pl_doc_object(doc, (struct pl_id){1, 1})), 2);
    apply(doc, 0, 16, "[0, 7, 18, [[7]]]");
    assert_null(pl_doc_object(doc, (struct pl_id){1, 1}));
    assert_int_equal(pl_doc_object_n(doc), 1);
    assert_int_equal(pl_doc_floor_seq(doc), pl_doc_collect_seq(doc) - 1);
    assert_int_equal(decide(doc, ANN, PL_ROLE_EDITOR, "[1, 10, 20, [[1, [1, 1], 4, 2]]]"), PL_ORPHAN);
    assert_int_equal(decide(doc, ANN, PL_ROLE_EDITOR, "[1, 10, 20, [[1, [1, 5], 3, [[1, 1], 'V']]]]"), PL_OK);
}

static void only_the_server_collects_and_adopts(void **state)
{
    assert_int_equal(decide(*state, ANN, PL_ROLE_OWNER, "[1, 6, 9, [[7]]]"), PL_PERM);
    assert_int_equal(decide(*state, 0, PL_ROLE_SERVER, "[0, 1, 9, [[7]]]"), PL_OK);
    /* What is swept away could be named by what stands beside it. */
    assert_int_equal(decide(*state, 0, PL_ROLE_SERVER, "[0, 1, 9, [[7], [7]]]"), PL_INVALID);
    assert_int_equal(decide(*state, 0, PL_ROLE_SERVER, "[0, 1, 9, [[1, [1, 1], 4, 2], [7]]]"), PL_INVALID);
}

static struct pl_doc *bos_notes(void)
{
    struct pl_doc *notes = pl_doc_new(pl_mem_libc());
    apply(notes, BO, 5, "[2, 1, 40, [[0, 3, {1: [7, 8]}], [2, [2, 1], 5, nil, nil, 'secret'], [0, 3, {}], [1, [2, 8], 0, false]]]");
    return notes;
}

static void reveal(struct pl_doc *notes, struct pl_doc *board, uint64_t ctr0)
{
    struct pl_buf ops, body;
    pl_buf_init(&ops, pl_mem_libc());
    pl_buf_init(&body, pl_mem_libc());
    while (pl_reveal_next(notes, &ops) == PL_OK) {
        struct pl_batch batch;
        pl_buf_clear(&body);
        pl_batch_write(&body, PL_REPLICA_SERVER, ctr0++, pl_doc_lam(board) + 1, 1, pl_buf_slice(&ops));
        assert_int_equal(pl_doc_decide(board, pl_buf_slice(&body), 0, PL_ROLE_SERVER, &batch), PL_OK);
        assert_int_equal(apply_bytes(board, pl_buf_slice(&body), 0, 9), PL_OK);
        pl_buf_clear(&ops);
    }
    pl_buf_done(&ops);
    pl_buf_done(&body);
}

static void revealed_notes_keep_their_ids_and_their_author(void **state)
{
    struct pl_doc *notes = bos_notes();
    struct pl_replica_row row;
    reveal(notes, *state, 1);
    const struct pl_object *note = pl_doc_object(*state, (struct pl_id){2, 1});
    assert_non_null(note);
    assert_true(text_reads(pl_object_text(note, PL_FIELD_TEXT), "secret"));
    assert_null(pl_doc_object(*state, (struct pl_id){2, 8})); /* the dead stay behind */
    assert_true(pl_doc_replica(*state, 2, &row));
    assert_int_equal(row.user, BO);
    assert_int_equal(row.hwm, 9);
    assert_true(pl_doc_lam(*state) >= 43);
    /* What Bo was still typing goes on under the same ids. */
    assert_int_equal(decide(*state, BO, PL_ROLE_EDITOR, "[2, 10, 50, [[2, [2, 1], 5, [2, 7], nil, 's']]]"), PL_OK);
    apply(*state, BO, 10, "[2, 10, 50, [[2, [2, 1], 5, [2, 7], nil, 's']]]");
    pl_doc_free(notes);
}

static void the_servers_own_stays_where_it_is_counted(void **state)
{
    struct pl_doc *notes = bos_notes();
    struct pl_replica_row row;
    apply(notes, 0, 6, "[0, 1, 50, [[0, 2, {6: 'Bo'}], [1, [2, 1], 4, 5]]]");
    for (unsigned i = 0; i < 3; i++) {
        char collect[32];
        snprintf(collect, sizeof collect, "[0, %u, 60, [[7]]]", 3 + i);
        apply(notes, 0, 7, collect);
    }
    reveal(notes, *state, 1);
    assert_true(pl_doc_replica(*state, PL_REPLICA_SERVER, &row));
    assert_int_equal(row.hwm, 1); /* the ADOPT */
    assert_null(pl_doc_object(*state, (struct pl_id){PL_REPLICA_SERVER, 1}));
    assert_int_equal(decide(*state, 0, PL_ROLE_SERVER, "[0, 2, 90, [[7]]]"), PL_OK);
    pl_doc_free(notes);
}

static void a_big_reveal_comes_in_parts_and_a_second_one_changes_nothing(void **state)
{
    struct pl_doc *notes = pl_doc_new(pl_mem_libc());
    char body[128];
    for (unsigned i = 0; i < 6000; i++) {
        snprintf(body, sizeof body, "[2, %u, %u, [[0, 3, {1: [%u, 8]}], [2, [2, %u], 5, nil, nil, 'note']]]",
                 1 + i * 5, 40 + i * 2, i, 1 + i * 5);
        struct pl_buf buf;
        pl_buf_init(&buf, pl_mem_libc());
        literal_write(&buf, body);
        assert_int_equal(apply_bytes(notes, pl_buf_slice(&buf), BO, 5), PL_OK);
        pl_buf_done(&buf);
    }
    struct pl_buf snapshot;
    struct pl_doc *copy;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(notes, &snapshot);
    assert_int_equal(pl_doc_load(pl_mem_libc(), pl_buf_slice(&snapshot), &copy), PL_OK);
    reveal(notes, *state, 1);
    const uint64_t head = pl_doc_head(*state), view = pl_doc_view_hash(*state);
    assert_true(head > 3); /* more than one part */
    assert_int_equal(pl_doc_object_n(*state), 6002);
    reveal(copy, *state, head);
    assert_int_equal(pl_doc_object_n(*state), 6002);
    assert_true(pl_doc_view_hash(*state) == view);
    pl_doc_free(copy);
    pl_doc_free(notes);
    pl_buf_done(&snapshot);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, with_sticky, free_doc)
    const struct CMUnitTest tests[] = {
        T(each_person_has_a_register_of_their_own_in_a_tally),
        T(a_commenter_may_react_and_comment_but_not_edit),
        T(a_comment_is_its_makers_and_the_facilitators),
        T(a_clock_keeps_the_time_of_its_envelope),
        T(a_skip_takes_counters_and_does_nothing),
        T(references_may_name_what_is_gone_but_not_what_never_was),
        T(a_collection_drops_what_it_finds_dead_the_third_time),
        T(only_the_server_collects_and_adopts),
        T(revealed_notes_keep_their_ids_and_their_author),
        T(the_servers_own_stays_where_it_is_counted),
        T(a_big_reveal_comes_in_parts_and_a_second_one_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
