/* Rich text: which marks show where, beside a brute-force model, and what writing, deleting and collecting do to them.
 * Rules M1 to M5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/limits.h"
#include "proto/marks.h"
#include "proto/op.h"
#include "tests/sim/rng.h"
#include "tests/support/desk.h"
#include <stdio.h>
#include <string.h>

static const struct pl_slice on = {(const uint8_t *)"\xc3", 1}, off = {(const uint8_t *)"\xc0", 1};

struct page {
    struct pl_text *text;
    struct pl_marks *marks;
    uint64_t ctr, lam;
};

static int with_page(void **state)
{
    static struct page page;
    page = (struct page){.text = pl_text_new(pl_mem_libc()), .marks = pl_marks_new(pl_mem_libc()), .ctr = 1, .lam = 1};
    *state = &page;
    return 0;
}

static int free_page(void **state)
{
    struct page *page = *state;
    pl_text_free(page->text);
    pl_marks_free(page->marks);
    return 0;
}

static void type_as(struct page *page, uint32_t replica, size_t at, const char *words)
{
    struct pl_id left, right;
    const struct pl_slice utf8 = {(const uint8_t *)words, strlen(words)};
    pl_text_origins(page->text, at, &left, &right);
    assert_int_equal(pl_text_insert(page->text, (struct pl_id){replica, page->ctr}, left, right, utf8, NULL), PL_OK);
    page->ctr += utf8.len;
}

static void type(struct page *page, size_t at, const char *words)
{
    type_as(page, 1, at, words);
}

static bool delete_run(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    struct pl_id_range *ranges = user;
    (void)utf8;
    while (ranges->n != 0)
        ranges++;
    *ranges = range;
    return true;
}

static void erase(struct page *page, size_t at, size_t n)
{
    struct pl_id_range ranges[64] = {0};
    pl_text_visible(page->text, at, n, delete_run, ranges);
    for (size_t i = 0; ranges[i].n != 0; i++)
        assert_int_equal(pl_text_delete(page->text, ranges[i], NULL), PL_OK);
}

static void mark(struct page *page, size_t at, size_t n, uint32_t kind, struct pl_slice value)
{
    const struct pl_mark fresh = {
        .id = {1, page->ctr++},
        .lam = page->lam++,
        .kind = kind,
        .start = pl_text_anchor(page->text, at, false),
        .end = pl_text_anchor(page->text, at + n, !pl_mark_grows(kind)),
        .value = value,
    };
    assert_int_equal(pl_marks_add(page->marks, &fresh), PL_OK);
}

/* The text with what shows of a kind in brackets. */
struct shown {
    uint32_t kind;
    char line[256];
    size_t froms[32], tos[32];
    size_t n;
};

static bool note_seen(void *user, const struct pl_mark_run *run)
{
    struct shown *shown = user;
    if (run->mark->kind == shown->kind && shown->n < 32) {
        shown->froms[shown->n] = run->at;
        shown->tos[shown->n++] = run->at + run->n;
    }
    return true;
}

static const char *show(const struct page *page, uint32_t kind)
{
    static struct shown shown;
    struct pl_buf utf8;
    size_t len = 0;
    shown = (struct shown){.kind = kind};
    assert_int_equal(pl_marks_seen(page->marks, page->text, note_seen, &shown), PL_OK);
    pl_buf_init(&utf8, pl_mem_libc());
    pl_text_write(page->text, &utf8);
    for (size_t i = 0; i <= utf8.len; i++) {
        for (size_t k = 0; k < shown.n; k++)
            if (shown.tos[k] == i)
                shown.line[len++] = ']';
        for (size_t k = 0; k < shown.n; k++)
            if (shown.froms[k] == i)
                shown.line[len++] = '[';
        if (i < utf8.len)
            shown.line[len++] = (char)utf8.data[i];
    }
    pl_buf_done(&utf8);
    shown.line[len] = '\0';
    return shown.line;
}

static void what_is_written_inside_or_at_a_growing_end_is_covered(void **state)
{
    struct page *page = *state;
    type(page, 0, "one two three");
    mark(page, 4, 3, PL_MARK_BOLD, on);
    assert_string_equal(show(page, PL_MARK_BOLD), "one [two] three");
    type(page, 7, "!");
    assert_string_equal(show(page, PL_MARK_BOLD), "one [two!] three");
    type(page, 4, "x");
    assert_string_equal(show(page, PL_MARK_BOLD), "one x[two!] three");
    type(page, 6, "-");
    assert_string_equal(show(page, PL_MARK_BOLD), "one x[t-wo!] three");
}

static void a_link_does_not_grow(void **state)
{
    struct page *page = *state;
    type(page, 0, "see here ok");
    mark(page, 4, 4, PL_MARK_LINK, (struct pl_slice){(const uint8_t *)"\xa1u", 2});
    type(page, 8, "!");
    assert_string_equal(show(page, PL_MARK_LINK), "see [here]! ok");
}

static void the_highest_stamp_shows_and_other_kinds_are_left_alone(void **state)
{
    struct page *page = *state;
    type(page, 0, "abcdefgh");
    mark(page, 0, 6, PL_MARK_BOLD, on);
    mark(page, 2, 6, PL_MARK_ITALIC, on);
    mark(page, 2, 2, PL_MARK_BOLD, off);
    assert_string_equal(show(page, PL_MARK_BOLD), "[ab]cd[ef]gh");
    assert_string_equal(show(page, PL_MARK_ITALIC), "ab[cdefgh]");
    mark(page, 1, 3, PL_MARK_BOLD, on);
    assert_string_equal(show(page, PL_MARK_BOLD), "[abcdef]gh");
}

static void marks_over_a_whole_text_reach_to_its_ends(void **state)
{
    struct page *page = *state;
    type(page, 0, "abc");
    mark(page, 0, 3, PL_MARK_BOLD, on);
    type(page, 3, "d");
    type(page, 0, "x");
    assert_string_equal(show(page, PL_MARK_BOLD), "x[abcd]");
}

static void an_end_stays_where_its_deleted_scalar_stood(void **state)
{
    struct page *page = *state;
    type(page, 0, "one two three");
    mark(page, 4, 3, PL_MARK_BOLD, on);
    erase(page, 3, 2); /* " t" */
    erase(page, 5, 2); /* " t" of three */
    assert_string_equal(show(page, PL_MARK_BOLD), "one[wo]hree");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pl_marks_collect(page->marks, page->text), PL_OK);
        assert_int_equal(pl_text_collect(page->text), PL_OK);
    }
    assert_string_equal(show(page, PL_MARK_BOLD), "one[wo]hree");
    type(page, 5, "!");
    assert_string_equal(show(page, PL_MARK_BOLD), "one[wo!]hree");
}

static void a_collection_drops_marks_that_show_nowhere(void **state)
{
    struct page *page = *state;
    type(page, 0, "abcdefgh");
    for (int i = 0; i < 200; i++)
        mark(page, 2, 3, PL_MARK_BOLD, i % 2 == 0 ? on : off);
    mark(page, 2, 3, PL_MARK_BOLD, on);
    mark(page, 6, 1, PL_MARK_STRIKE, on);
    erase(page, 6, 1);
    assert_int_equal(pl_marks_n(page->marks), 202);
    assert_int_equal(pl_marks_collect(page->marks, page->text), PL_OK);
    assert_int_equal(pl_marks_n(page->marks), 1);
    assert_string_equal(show(page, PL_MARK_BOLD), "ab[cde]fh");
}

/* ---- beside a model ---- */

#define SCALARS_MAX 600u
#define MARKS_MAX_HERE 120u

/* Whether the mark covers a scalar, by where all scalars, deleted ones too, stand: slot 2i is before scalar i. */
struct model {
    struct pl_id ids[SCALARS_MAX];
    size_t n;
};

static size_t model_slot(const struct model *model, struct pl_anchor anchor)
{
    if (pl_id_none(anchor.id))
        return anchor.after ? 0 : model->n * 2 + 2;
    for (size_t i = 0; i < model->n; i++)
        if (pl_id_equal(model->ids[i], anchor.id))
            return i * 2 + (anchor.after ? 1 : 0);
    fail();
    return 0;
}

/* The page's runs as the winner's id of each (kind, position). */
struct winners {
    struct pl_id by_kind[6][SCALARS_MAX];
};

static bool note_run(void *user, const struct pl_mark_run *run)
{
    struct winners *winners = user;
    for (size_t i = run->at; i < run->at + run->n; i++)
        winners->by_kind[run->mark->kind][i] = run->mark->id;
    return true;
}

static struct pl_id model_winner(const struct page *page, const struct model *model, uint32_t kind, size_t slot)
{
    struct pl_id best = {0};
    struct pl_stamp best_stamp = {0};
    struct pl_mark one;
    for (size_t i = 0; pl_marks_at(page->marks, i, &one); i++) {
        const struct pl_stamp stamp = {.lam = one.lam, .replica = one.id.replica};
        if (one.kind == kind && model_slot(model, one.start) <= slot && model_slot(model, one.end) > slot &&
            pl_stamp_compare(stamp, best_stamp) > 0) {
            best = one.id;
            best_stamp = stamp;
        }
    }
    return best;
}

/* Every scalar in its place, by asking where each stands: visible positions tell no order among the deleted, so the
 * model is kept beside the page from the start instead. */
static void model_insert(struct model *model, struct pl_id left, struct pl_id id, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < model->n && !pl_id_none(left); i++)
        if (pl_id_equal(model->ids[i], left))
            at = i + 1;
    memmove(model->ids + at + n, model->ids + at, (model->n - at) * sizeof *model->ids);
    for (size_t i = 0; i < n; i++)
        model->ids[at + i] = (struct pl_id){id.replica, id.ctr + i};
    model->n += n;
}

static bool visible_id(const struct pl_text *text, size_t at, struct pl_id *ret_id)
{
    struct pl_id_range ranges[2] = {0};
    pl_text_visible(text, at, 1, delete_run, ranges);
    *ret_id = ranges[0].id;
    return ranges[0].n != 0;
}

static void compare_with_model(const struct page *page, const struct model *model)
{
    static struct winners winners;
    memset(&winners, 0, sizeof winners);
    assert_int_equal(pl_marks_runs(page->marks, page->text, note_run, &winners), PL_OK);
    for (size_t at = 0; at < pl_text_utf16(page->text); at++) {
        struct pl_id id;
        assert_true(visible_id(page->text, at, &id));
        const size_t slot = model_slot(model, (struct pl_anchor){.id = id});
        for (uint32_t kind = 1; kind < 6; kind++)
            assert_true(pl_id_equal(winners.by_kind[kind][at], model_winner(page, model, kind, slot)));
    }
}

static void random_marks_show_as_the_model_says(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        void *fresh;
        static struct model model;
        struct rng rng = {.state = seed};
        with_page(&fresh);
        struct page *page = fresh;
        model.n = 0;
        for (int step = 0; step < 150 && model.n + 8 < SCALARS_MAX; step++) {
            const size_t units = pl_text_utf16(page->text);
            const size_t at = rng_below(&rng, (uint32_t)units + 1);
            const uint32_t dice = rng_below(&rng, 10);
            if (dice < 5 || units == 0) {
                struct pl_id left, right;
                const char *word = &"abcdef"[rng_below(&rng, 6)];
                pl_text_origins(page->text, at, &left, &right);
                model_insert(&model, left, (struct pl_id){1, page->ctr}, strlen(word));
                type(page, at, word);
            } else if (dice < 7) {
                erase(page, at, 1 + rng_below(&rng, 3));
            } else if (pl_marks_n(page->marks) < MARKS_MAX_HERE) {
                mark(page, at, rng_below(&rng, 6), 1 + rng_below(&rng, 5), rng_chance(&rng, 70) ? on : off);
            }
        }
        compare_with_model(page, &model);
        free_page(&fresh);
    }
}

static void packing_is_canonical_and_reading_checks(void **state)
{
    struct page *page = *state;
    struct pl_buf packed, again;
    struct pl_marks *read;
    type(page, 0, "abcdefgh");
    mark(page, 0, 6, PL_MARK_BOLD, on);
    mark(page, 2, 6, PL_MARK_ITALIC, on);
    mark(page, 3, 2, PL_MARK_LINK, (struct pl_slice){(const uint8_t *)"\xa3url", 4});
    pl_buf_init(&packed, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    pl_marks_pack(page->marks, &packed);
    struct pl_packed cursor = pl_packed_of(pl_buf_slice(&packed));
    assert_int_equal(pl_marks_unpack(pl_mem_libc(), &cursor, page->text, &read), PL_OK);
    assert_true(pl_packed_done(&cursor));
    pl_marks_pack(read, &again);
    assert_true(pl_slice_equal(pl_buf_slice(&packed), pl_buf_slice(&again)));
    pl_marks_free(read);
    for (size_t len = 0; len < packed.len; len++) { /* no shorter one is whole */
        cursor = pl_packed_of((struct pl_slice){packed.data, len});
        assert_int_equal(pl_marks_unpack(pl_mem_libc(), &cursor, page->text, &read), PL_MALFORMED);
    }
    for (size_t i = 0; i < packed.len * 8; i++) { /* a flipped bit is refused or means another mark, never a crash */
        packed.data[i / 8] ^= (uint8_t)(1u << i % 8);
        cursor = pl_packed_of(pl_buf_slice(&packed));
        if (pl_marks_unpack(pl_mem_libc(), &cursor, page->text, &read) == PL_OK)
            pl_marks_free(read);
        packed.data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    pl_buf_done(&packed);
    pl_buf_done(&again);
}

/* ---- through a replica ---- */

/* What shows on the desk's sticky, of one kind. */
static const char *desk_show(struct pl_replica *replica, uint32_t kind)
{
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, desk_sticky), PL_FIELD_TEXT);
    struct page page = {.text = (struct pl_text *)(uintptr_t)text, .marks = NULL};
    struct pl_marks *none = pl_marks_new(pl_mem_libc());
    page.marks = pl_text_marks(text) == NULL ? none : (struct pl_marks *)(uintptr_t)pl_text_marks(text);
    const char *shown = show(&page, kind);
    pl_marks_free(none);
    return shown;
}

static void marks_undo_and_redo_among_a_colleagues(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'one two three']]");
    desk_echo(*state);
    desk_echo(*state);
    desk_edit(*state, "[[7, '5.1', 5, 0, 7, 1, true]]");
    desk_edit(*state, "[[7, '5.1', 5, 2, 8, 1, nil]]");
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e two three");
    desk_echo(*state);
    desk_edit(*state, "[[7, '5.1', 5, 4, 3, 1, true]]");
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e [two] three");
    desk_echo(*state);
    /* A colleague takes the "w" out of it. */
    desk_colleague(*state, "[9, 1, 90, [[5, [5, 1], 5, 1, nil, [5, 7], false, [5, 8], false]]]");
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e [t]w[o] three");
    const uint64_t before = pl_replica_view_hash(*state);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e two three");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[one t]w[o] three"); /* the first one again */
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "one two three");
    for (int i = 0; i < 3; i++)
        assert_int_equal(pl_replica_redo(*state), PL_OK);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e [t]w[o] three");
    assert_true(pl_replica_view_hash(*state) == before);
    while (pl_replica_pending_n(*state) > 0)
        desk_echo(*state);
    const char *reason = "";
    if (!pl_replica_check(*state, &reason))
        fail_msg("%s", reason);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "[on]e [t]w[o] three");
}

/* Text that comes back by undo is new text; it shows what it showed, and what is hidden in it comes back with it. */
static void deleted_text_comes_back_with_its_marks(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'one two three']]");
    desk_edit(*state, "[[7, '5.1', 5, 4, 3, 1, true]]");
    desk_edit(*state, "[[7, '5.1', 5, 9, 4, 4, 'https://a.example']]");
    desk_echo_all(*state);
    desk_edit(*state, "[[4, '5.1', 5, 2, 11, '']]");
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "on");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_string_equal(desk_show(*state, PL_MARK_BOLD), "one [two] three");
    assert_string_equal(desk_show(*state, PL_MARK_LINK), "one two t[hree]");
    const uint64_t before = pl_replica_view_hash(*state);
    for (int i = 0; i < 3; i++) /* the link, the bold, and the text */
        assert_int_equal(pl_replica_undo(*state), PL_OK);
    desk_echo_all(*state);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pl_replica_redo(*state), PL_OK);
    assert_true(pl_replica_view_hash(*state) == before);
    assert_string_equal(desk_show(*state, PL_MARK_LINK), "one two t[hree]");
}

/* Both its ends hang on the letter that went. */
static void a_link_over_one_letter_comes_back_with_it(void **state)
{
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'abc']]");
    desk_edit(*state, "[[7, '5.1', 5, 1, 1, 4, 'https://a.example']]");
    desk_echo_all(*state);
    const uint64_t linked = pl_replica_view_hash(*state);
    desk_edit(*state, "[[4, '5.1', 5, 0, 3, '']]");
    const uint64_t empty = pl_replica_view_hash(*state);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(pl_replica_undo(*state), PL_OK);
        assert_string_equal(desk_show(*state, PL_MARK_LINK), "a[b]c");
        assert_true(pl_replica_view_hash(*state) == linked);
        desk_echo_all(*state);
        assert_int_equal(pl_replica_redo(*state), PL_OK);
        assert_true(pl_replica_view_hash(*state) == empty);
    }
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    assert_int_equal(pl_replica_undo(*state), PL_OK); /* the link */
    assert_string_equal(desk_show(*state, PL_MARK_LINK), "abc");
    assert_int_equal(pl_replica_redo(*state), PL_OK);
    assert_true(pl_replica_view_hash(*state) == linked);
}

static void marks_of_no_text_or_of_a_wrong_value_are_refused(void **state)
{
    assert_int_equal(desk_try(*state, 1, "[[7, '5.1', 5, 0, 7, 1, true]]"), PL_OK); /* nothing to mark */
    desk_edit(*state, "[[4, '5.1', 5, 0, 0, 'one']]");
    assert_int_equal(desk_try(*state, 1, "[[7, '5.1', 5, 0, 7, 1, 'bold']]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 1, "[[7, '5.1', 4, 0, 7, 1, true]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 1, "[[7, '5.1', 5, 0, 7, 4711, [1, 2]]]"), PL_OK); /* of a newer schema */
}

/* Its snapshot could not be loaded again. */
static void a_mark_at_a_letter_that_never_was_is_refused(void **state)
{
    struct page *page = *state;
    struct pl_op op = {.code = PL_OP_MARK, .id = {1, 50}, .stamp = {9, 1}, .sub = PL_MARK_BOLD, .value = on};
    const struct pl_id second = {1, page->ctr + 1}, never = {0, 1};
    bool changed = false;
    type(page, 0, "ab");
    erase(page, 1, 1);
    op.left = never;
    assert_int_equal(pl_text_mark(page->text, &op, &changed), PL_ORPHAN);
    op.left = second;
    op.right = never;
    assert_int_equal(pl_text_mark(page->text, &op, &changed), PL_ORPHAN);
    assert_true(!changed && pl_text_marks(page->text) == NULL);
    op.right = (struct pl_id){0}; /* from a letter that was deleted to the end */
    assert_int_equal(pl_text_mark(page->text, &op, &changed), PL_OK);
    assert_true(changed && pl_marks_n(pl_text_marks(page->text)) == 1);
}

int main(void)
{
#define D(name) cmocka_unit_test_setup_teardown(name, desk_new, desk_free)
#define T(name) cmocka_unit_test_setup_teardown(name, with_page, free_page)
    const struct CMUnitTest tests[] = {
        T(what_is_written_inside_or_at_a_growing_end_is_covered),
        T(a_link_does_not_grow),
        T(the_highest_stamp_shows_and_other_kinds_are_left_alone),
        T(marks_over_a_whole_text_reach_to_its_ends),
        T(an_end_stays_where_its_deleted_scalar_stood),
        T(a_collection_drops_marks_that_show_nowhere),
        cmocka_unit_test(random_marks_show_as_the_model_says),
        T(packing_is_canonical_and_reading_checks),
        T(a_mark_at_a_letter_that_never_was_is_refused),
        D(marks_undo_and_redo_among_a_colleagues),
        D(deleted_text_comes_back_with_its_marks),
        D(a_link_over_one_letter_comes_back_with_it),
        D(marks_of_no_text_or_of_a_wrong_value_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
