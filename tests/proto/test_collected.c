/* A tab that was away while what its pending edits name was collected keeps every edit that can still have an effect,
 * whether it comes back by a snapshot or by the journal; edits pending in another document go on where its objects went.
 * Rules R7, D2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/op_write.h"
#include "proto/reader.h"
#include "tests/support/desk.h"
#include "tests/support/literal.h"
#include "tests/support/reads.h"
#include <stdio.h>
#include <string.h>

/* The server's side: a board that decides, and the journal it writes. */
struct board {
    struct pl_doc *doc;
    struct pl_buf journal; /* envelopes */
    uint64_t server_ctr;
};

static void board_take(struct board *board, uint64_t user, enum pl_role role, struct pl_slice body)
{
    struct pl_batch batch;
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(board->doc) + 1, .user = user, .srv_ms = 1, .body = body};
    assert_int_equal(pl_doc_decide(board->doc, body, user, role, &batch), PL_OK);
    assert_int_equal(pl_doc_apply(board->doc, &envelope, NULL), PL_OK);
    pl_envelope_write(&board->journal, &envelope);
}

static void board_literal(struct board *board, uint64_t user, const char *literal)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, literal);
    board_take(board, user, user == 0 ? PL_ROLE_SERVER : PL_ROLE_EDITOR, pl_buf_slice(&buf));
    pl_buf_done(&buf);
}

static void collect(struct board *board)
{
    char literal[96];
    snprintf(literal, sizeof literal, "[0, %u, %u, [[7]]]", (unsigned)++board->server_ctr,
             (unsigned)pl_doc_lam(board->doc) + 1);
    board_literal(board, 0, literal);
}

/* What the tab has pending reaches the board; nothing of it is refused. The tab hears of it with the rest. */
static void send(struct board *board, struct pl_replica *tab, uint64_t user)
{
    struct pl_pending pending;
    for (size_t i = 0; pl_replica_pending_at(tab, i, &pending); i++)
        board_take(board, user, PL_ROLE_EDITOR, pending.body);
}

static void hear(const struct board *board, struct pl_replica *tab)
{
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&board->journal));
    struct pl_envelope envelope;
    while (!pl_reader_done(&reader)) {
        assert_true(pl_envelope_read(&reader, &envelope));
        if (envelope.seq > pl_doc_head(pl_replica_doc(tab)))
            assert_int_equal(pl_replica_apply(tab, &envelope), PL_OK);
    }
}

static void load(const struct board *board, struct pl_replica *tab)
{
    struct pl_buf snapshot;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(board->doc, &snapshot);
    assert_int_equal(pl_replica_load(tab, pl_buf_slice(&snapshot)), PL_OK);
    pl_buf_done(&snapshot);
}

/* Back again: by the journal, by a snapshot, or as a new tab that took the outbox over. */
static struct pl_replica *come_back(const struct board *board, struct pl_replica *tab, unsigned how)
{
    if (how == 0)
        hear(board, tab);
    else if (how == 1)
        load(board, tab);
    struct pl_replica *back = tab;
    if (how == 2) {
        struct pl_pending pending;
        back = pl_replica_new(pl_mem_libc());
        load(board, back);
        for (size_t i = 0; pl_replica_pending_at(tab, i, &pending); i++)
            assert_int_equal(pl_replica_restore(back, pending.body), PL_OK);
        pl_replica_free(tab);
    }
    assert_int_equal(pl_replica_identify(back, DESK_ME, 0, DESK_USER), PL_OK);
    return back;
}

static void settle(struct board *board, struct pl_replica *tab)
{
    const char *reason = "";
    send(board, tab, DESK_USER);
    hear(board, tab);
    assert_int_equal(pl_replica_pending_n(tab), 0);
    assert_true(pl_replica_check(tab, &reason));
    assert_true(pl_doc_state_hash(board->doc) == pl_doc_state_hash(pl_replica_doc(tab)));
}

static struct board board_new(struct pl_replica *tab)
{
    struct board board = {.doc = pl_doc_new(pl_mem_libc())};
    pl_buf_init(&board.journal, pl_mem_libc());
    settle(&board, tab);
    return board;
}

static void board_free(struct board *board)
{
    pl_doc_free(board->doc);
    pl_buf_done(&board->journal);
}

/* "one two three": a colleague deletes " two" for good while the tab writes inside it, and beside it. */
static void words_written_inside_what_is_gone_stand_where_it_was(void **state)
{
    for (unsigned how = 0; how < 3; how++) {
        void *fresh;
        desk_new(&fresh);
        struct pl_replica *tab = fresh;
        desk_edit(tab, "[[4, '5.1', 5, 0, 0, 'one two three']]");
        struct board board = board_new(tab);
        desk_edit(tab, "[[4, '5.1', 5, 6, 0, 'WW']]");
        desk_edit(tab, "[[4, '5.1', 5, 5, 0, 'V']]");
        desk_edit(tab, "[[4, '5.1', 5, 8, 0, 'xx']]"); /* inside WW */
        desk_edit(tab, "[[7, '5.1', 5, 5, 6, 1, true]]");
        desk_text_is(tab, desk_sticky, "one tVwWxxWo three");
        board_literal(&board, DESK_USER + 1, "[9, 1, 90, [[3, [5, 1], 5, [[5, 5, 4]]]]]");
        collect(&board);
        collect(&board);
        tab = come_back(&board, tab, how);
        /* A new tab does not know where the collected words stood: what was written there goes to the end. */
        const char *const want = how < 2 ? "oneVWxxW three" : "one threeWxxWV";
        desk_text_is(tab, desk_sticky, want);
        settle(&board, tab);
        desk_text_is(tab, desk_sticky, want);
        pl_replica_free(tab);
        board_free(&board);
    }
    desk_echo_all(*state);
}

static void edits_of_what_is_gone_become_skips(void **state)
{
    for (unsigned how = 0; how < 3; how++) {
        void *fresh;
        struct pl_pending pending;
        struct pl_buf want;
        desk_new(&fresh);
        struct pl_replica *tab = fresh;
        struct board board = board_new(tab);
        desk_edit(tab, "[[1, 3, {1: [7, 7]}], [2, '5.1', 4, 9], [4, '5.1', 5, 0, 0, 'lost'], [2, 0, 4, 2], [2, 0, 14, '5.1']]");
        board_literal(&board, DESK_USER + 1, "[9, 1, 90, [[1, [5, 1], 0, false]]]");
        for (unsigned i = 0; i < 3; i++)
            collect(&board);
        tab = come_back(&board, tab, how);
        assert_true(pl_replica_pending_at(tab, 0, &pending));
        pl_buf_init(&want, pl_mem_libc());
        literal_write(&want, "[5, 2, 2, [[0, 3, {1: [7, 7]}], [6, 1], [6, 4], [1, [5, 2], 4, 2], [1, [5, 2], 14, [5, 1]]]]");
        assert_true(pl_slice_equal(pending.body, pl_buf_slice(&want)));
        pl_buf_done(&want);
        settle(&board, tab);
        assert_false(desk_alive(tab, desk_sticky));
        assert_int_equal(desk_color(tab, (struct pl_id){DESK_ME, 2}), 2);
        while (pl_replica_undo(tab) == PL_OK) /* what names what is gone is passed over */
            settle(&board, tab);
        while (pl_replica_redo(tab) == PL_OK)
            settle(&board, tab);
        pl_replica_free(tab);
        board_free(&board);
    }
    desk_echo_all(*state);
}

/* What was deleted comes back by an undo that is on its way while the next collection is decided; one that comes later
 * is no longer made, so that nothing honest is refused. */
static void a_deletion_is_undone_as_long_as_nothing_can_overtake_that(void **state)
{
    struct pl_replica *tab = *state;
    struct board board = board_new(tab);
    desk_edit(tab, "[[3, '5.1']]");
    settle(&board, tab);
    collect(&board);
    hear(&board, tab);
    assert_int_equal(pl_replica_undo(tab), PL_OK);
    collect(&board);
    settle(&board, tab);
    assert_true(desk_alive(tab, desk_sticky));
    desk_edit(tab, "[[3, '5.1']]");
    settle(&board, tab);
    collect(&board);
    collect(&board);
    hear(&board, tab);
    assert_int_equal(pl_replica_undo(tab), PL_NOT_FOUND);
    assert_int_equal(desk_try(tab, 0, "[[2, '5.1', 0, true]]"), PL_ORPHAN);
    assert_int_equal(pl_replica_pending_n(tab), 0);
    collect(&board);
    hear(&board, tab);
    assert_null(pl_replica_object(tab, desk_sticky));
    board_free(&board);
}

/* A snapshot may be older than what the tab knew: what its pending edits name is then still to come. */
static void what_comes_with_the_tail_is_not_gone(void **state)
{
    struct pl_replica *tab = *state;
    struct pl_buf old;
    struct board board = board_new(tab);
    pl_buf_init(&old, pl_mem_libc());
    pl_doc_snapshot(board.doc, &old);
    board_literal(&board, DESK_USER + 1, "[9, 1, 90, [[0, 3, {}], [2, [9, 1], 5, nil, nil, 'theirs']]]");
    hear(&board, tab);
    desk_edit(tab, "[[4, '9.1', 5, 3, 0, 'MINE'], [2, '9.1', 4, 4]]");
    assert_int_equal(pl_replica_load(tab, pl_buf_slice(&old)), PL_OK);
    pl_buf_done(&old);
    hear(&board, tab);
    assert_int_equal(pl_replica_identify(tab, DESK_ME, 0, DESK_USER), PL_OK);
    desk_text_is(tab, (struct pl_id){9, 1}, "theMINEirs");
    settle(&board, tab);
    desk_text_is(tab, (struct pl_id){9, 1}, "theMINEirs");
    board_free(&board);
}

static void adopt(struct board *board, struct pl_replica *notes)
{
    struct pl_buf snapshot, ops, body;
    struct pl_op op = {.code = PL_OP_ADOPT};
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_buf_init(&ops, pl_mem_libc());
    pl_buf_init(&body, pl_mem_libc());
    pl_doc_snapshot(pl_replica_doc(notes), &snapshot);
    op.text = pl_buf_slice(&snapshot);
    pl_op_write(&ops, &op);
    pl_batch_write(&body, PL_REPLICA_SERVER, ++board->server_ctr, pl_doc_lam(board->doc) + 1, 1, pl_buf_slice(&ops));
    board_take(board, 0, PL_ROLE_SERVER, pl_buf_slice(&body));
    pl_buf_done(&snapshot);
    pl_buf_done(&ops);
    pl_buf_done(&body);
}

/* A note is revealed while its author types on: what was not committed there is committed here, under its own ids. */
static void edits_of_a_note_go_on_after_its_reveal(void **state)
{
    const struct pl_id note = {8, 1}, another = {8, 8};
    struct pl_replica *tab = *state, *notes = pl_replica_new(pl_mem_libc());
    struct pl_pending pending;
    struct board board = board_new(tab);
    assert_int_equal(pl_replica_identify(notes, 8, 0, DESK_USER), PL_OK);
    desk_edit(notes, "[[1, 3, {1: [0, 0], 5: 'draft'}]]");
    desk_echo_all(notes);
    desk_edit(notes, "[[4, '8.1', 5, 5, 0, '!'], [1, 3, {1: [9, 9]}], [2, '8.1', 14, 1]]");
    desk_edit(tab, "[[2, '5.1', 4, 6]]");
    adopt(&board, notes);
    hear(&board, tab);
    desk_text_is(tab, note, "draft");
    assert_true(pl_replica_pending_at(notes, 0, &pending));
    assert_int_equal(pl_replica_restore(tab, pending.body), PL_OK);
    desk_text_is(tab, note, "draft!");
    desk_edit(tab, "[[4, '8.1', 5, 6, 0, '?'], [2, '8.8', 4, 2]]");
    settle(&board, tab);
    desk_text_is(tab, note, "draft!?");
    desk_value_is(tab, note, PL_FIELD_GROUP, "[8, 8]");
    assert_int_equal(desk_color(tab, another), 2);
    assert_int_equal(desk_color(tab, desk_sticky), 6);
    pl_replica_free(notes);
    board_free(&board);
}

static uint32_t dice(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

static size_t units(struct pl_replica *tab, unsigned ctr)
{
    const struct pl_object *object = pl_replica_object(tab, (struct pl_id){DESK_ME, ctr});
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, PL_FIELD_TEXT);
    return text == NULL ? 0 : pl_text_utf16(text);
}

/* Writes a word of its own into one of three texts, or deletes somewhere. False when it wrote none. */
static bool scribble(struct pl_replica *tab, uint32_t *seed, char mark, unsigned number, unsigned *ret_text)
{
    char edit[96];
    const unsigned ctr = 1 + dice(seed, 3);
    const bool writes = dice(seed, 3) > 0;
    const unsigned at = dice(seed, (uint32_t)units(tab, ctr) + 1);
    if (writes)
        snprintf(edit, sizeof edit, "[[4, '5.%u', 5, %u, 0, '%c%u;']]", ctr, at, mark, number);
    else
        snprintf(edit, sizeof edit, "[[4, '5.%u', 5, %u, %u, '']]", ctr, at, dice(seed, 6));
    const struct pl_object *object = pl_replica_object(tab, (struct pl_id){DESK_ME, ctr});
    if (object != NULL && pl_object_dying(object) < PL_DYING_MAX)
        assert_int_equal(desk_try_join(tab, 0, edit), PL_OK);
    *ret_text = ctr;
    return writes;
}

static bool holds(struct pl_replica *tab, unsigned ctr, const char *word)
{
    const struct pl_object *object = pl_replica_object(tab, (struct pl_id){DESK_ME, ctr});
    const struct pl_text *text = object == NULL ? NULL : pl_object_text(object, PL_FIELD_TEXT);
    struct pl_buf utf8;
    if (text == NULL)
        return object == NULL;
    pl_buf_init(&utf8, pl_mem_libc());
    pl_text_write(text, &utf8);
    pl_buf_append(&utf8, "", 1);
    const bool found = strstr((const char *)utf8.data, word) != NULL;
    pl_buf_done(&utf8);
    return found;
}

#define WORDS 12u

/* One tab writes while it is away; another writes, deletes and sees it collected. Nothing written away is refused, or
 * lost, or torn apart, unless its object is gone. */
static void away_and_back(uint32_t seed)
{
    void *fresh;
    desk_new(&fresh);
    struct pl_replica *away = fresh, *other = pl_replica_new(pl_mem_libc());
    unsigned words[WORDS] = {0}, ignored;
    desk_edit(away, "[[1, 3, {1: [0, 0]}], [1, 3, {1: [0, 0]}]]");
    desk_edit(away, "[[4, '5.1', 5, 0, 0, 'abcdefghij'], [4, '5.2', 5, 0, 0, 'klmnopqrst'], [4, '5.3', 5, 0, 0, 'uvwxyz']]");
    struct board board = board_new(away);
    hear(&board, other);
    assert_int_equal(pl_replica_identify(other, 8, 0, DESK_USER + 1), PL_OK);
    for (unsigned i = 0; i < WORDS; i++) {
        if (!scribble(away, &seed, 'A', i, &words[i]))
            words[i] = 0;
        for (unsigned k = 0; k < 3; k++)
            (void)scribble(other, &seed, 'B', i, &ignored);
        if (dice(&seed, 9) == 0 && desk_alive(other, (struct pl_id){DESK_ME, 3}))
            desk_edit(other, "[[2, '5.3', 0, false]]");
        send(&board, other, DESK_USER + 1);
        if (dice(&seed, 2) == 0)
            collect(&board);
        hear(&board, other);
    }
    /* Words may have been cut by what their own author wrote into them, or deleted of them, later. */
    bool whole[WORDS];
    char word[16];
    for (unsigned i = 0; i < WORDS; i++) {
        snprintf(word, sizeof word, "A%u;", i);
        whole[i] = words[i] != 0 && holds(away, words[i], word);
    }
    away = come_back(&board, away, dice(&seed, 3));
    settle(&board, away);
    for (unsigned i = 0; i < WORDS; i++) {
        snprintf(word, sizeof word, "A%u;", i);
        if (whole[i] && !holds(away, words[i], word))
            fail_msg("%s is lost", word);
    }
    pl_replica_free(away);
    pl_replica_free(other);
    board_free(&board);
}

static void nothing_written_away_is_lost(void **state)
{
    for (uint32_t seed = 1; seed <= 400; seed++)
        away_and_back(seed);
    desk_echo_all(*state);
}

#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, desk_new, desk_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DESK(words_written_inside_what_is_gone_stand_where_it_was),
        ON_DESK(edits_of_what_is_gone_become_skips),
        ON_DESK(a_deletion_is_undone_as_long_as_nothing_can_overtake_that),
        ON_DESK(what_comes_with_the_tail_is_not_gone),
        ON_DESK(edits_of_a_note_go_on_after_its_reveal),
        ON_DESK(nothing_written_away_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
