/* Objects put where they shall be drawn: the order is what was asked for, and keys stay short. Rules V1, R8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/id_text.h"
#include "proto/order.h"
#include "tests/support/count_mem.h"
#include "tests/support/desk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 600u
#define KEY_BYTES_MAX 24u

struct drawing {
    const struct pl_object *objects[OBJECTS_MAX];
    size_t n;
};

static void gather(void *user, const struct pl_object *object)
{
    struct drawing *drawing = user;
    struct pl_id parent;
    struct pl_slice key;
    if (pl_object_alive(object) && pl_object_place(object, &parent, &key))
        drawing->objects[drawing->n++] = object;
}

static struct pl_slice key_of(const struct pl_object *object)
{
    struct pl_id parent;
    struct pl_slice key = {0};
    (void)pl_object_place(object, &parent, &key);
    return key;
}

static int compare(const void *a, const void *b)
{
    const struct pl_object *const *left = a, *const *right = b;
    return pl_order_compare(key_of(*left), pl_object_id(*left), key_of(*right), pl_object_id(*right));
}

/* All that have a place, as they are drawn. */
static struct drawing drawing_of(struct pl_replica *replica)
{
    struct drawing drawing = {.n = 0};
    pl_replica_each(replica, gather, &drawing);
    qsort((void *)drawing.objects, drawing.n, sizeof *drawing.objects, compare);
    return drawing;
}

/* Their counters, one after the other. */
static void order_is(struct pl_replica *replica, const char *want)
{
    const struct drawing drawing = drawing_of(replica);
    char got[512] = "";
    for (size_t i = 0; i < drawing.n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%u", i == 0 ? "" : " ",
                 (unsigned)pl_object_id(drawing.objects[i]).ctr);
    assert_string_equal(got, want);
}

static unsigned newest(struct pl_replica *replica)
{
    const struct drawing drawing = drawing_of(replica);
    uint64_t ctr = 0;
    for (size_t i = 0; i < drawing.n; i++)
        ctr = pl_object_id(drawing.objects[i]).ctr > ctr ? pl_object_id(drawing.objects[i]).ctr : ctr;
    return (unsigned)ctr;
}

static void parent_is(struct pl_replica *replica, uint64_t ctr, uint64_t want)
{
    const struct pl_id id = {DESK_ME, ctr};
    assert_int_equal(pl_replica_parent(replica, id).ctr, want);
}

static void keys_are_short(const struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->n; i++)
        assert_true(key_of(drawing->objects[i]).len <= KEY_BYTES_MAX);
}

static void objects_stand_in_the_order_they_are_put(void **state)
{
    desk_edit(*state, "[[1, 3, {}], [1, 3, {}], [1, 3, {}], [1, 3, {}], [6, [0, 1, 2, 3], nil]]");
    order_is(*state, "1 2 3 4 5");
    desk_edit(*state, "[[6, ['5.5', '5.2'], '5.4']]");
    order_is(*state, "1 3 5 2 4");
    desk_edit(*state, "[[6, ['5.4'], '5.3']]");
    order_is(*state, "1 4 3 5 2");
    desk_edit(*state, "[[6, ['5.4', '5.3'], '5.4']]"); /* what moves itself says where, too */
    order_is(*state, "1 4 3 5 2");
    desk_edit(*state, "[[6, ['5.4'], nil]]");
    order_is(*state, "1 3 5 2 4");
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    order_is(*state, "1 4 3 5 2");
}

/* Who deletes the neighbour at the same time does not change where things go. */
static void a_dead_neighbour_still_says_where(void **state)
{
    desk_edit(*state, "[[1, 3, {3: [nil, nil]}], [1, 3, {3: [nil, nil]}], [1, 3, {3: [nil, nil]}], [3, 1],"
                      " [6, [2], 1]]");
    order_is(*state, "1 2 4");
    desk_edit(*state, "[[1, 3, {}], [6, ['5.4'], 0]]"); /* without a place: below all that have one */
    order_is(*state, "4 1 2");
}

static void parents_change_when_they_are_named(void **state)
{
    desk_edit(*state, "[[1, 6, {1: [0, 0], 2: [500, 500], 3: [nil, nil]}],"
                      " [1, 3, {1: [1, 1], 2: [9, 9], 3: [0, nil]}], [1, 3, {1: [1, 1], 2: [9, 9], 3: [nil, nil]}]]");
    order_is(*state, "1 2 3 4");
    parent_is(*state, 3, 2);
    parent_is(*state, 4, 0);
    desk_edit(*state, "[[6, ['5.4', '5.3'], '5.2']]");
    order_is(*state, "1 4 3 2");
    parent_is(*state, 3, 2);
    parent_is(*state, 4, 0);
    desk_edit(*state, "[[6, [['5.4', '5.2'], ['5.3', nil], '5.2'], nil]]");
    order_is(*state, "1 4 3 2");
    parent_is(*state, 3, 0);
    parent_is(*state, 4, 2);
}

/* Nested or not, all stand in one drawing order (V1). */
static void new_objects_go_above_everything(void **state)
{
    desk_edit(*state, "[[1, 6, {1: [0, 0], 2: [500, 500], 3: [nil, 'a']}], [1, 3, {1: [1, 1], 2: [9, 9], 3: [0, 'x']}],"
                      " [1, 3, {3: [nil, nil], 5: 'text'}], [1, 3, {5: 'text', 3: [0, nil]}]]");
    order_is(*state, "1 2 3 4 9");
    desk_edit(*state, "[[1, 3, {3: [nil, nil]}], [2, '5.2', 3, [nil, 'z']], [1, 3, {3: [nil, nil]}]]");
    order_is(*state, "1 3 4 9 14 2 16");
    const struct drawing drawing = drawing_of(*state);
    keys_are_short(&drawing);
}

static void above_the_last_key_there_is_room(void **state)
{
    desk_edit(*state, "[[1, 3, {3: [nil, 'm']}], [1, 3, {3: [nil, 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz']}],"
                      " [1, 3, {3: [nil, '~~']}]]");
    desk_edit(*state, "[[1, 6, {1: [0, 0], 2: [500, 500], 3: [nil, nil]}],"
                      " [1, 3, {1: [1, 1], 2: [9, 9], 3: [0, nil], 5: 'x'}], [1, 3, {3: [nil, nil]}]]");
    const struct drawing drawing = drawing_of(*state);
    assert_int_equal(drawing.n, 7);
    for (size_t i = 1; i < 7; i++)
        assert_true(pl_id_compare(pl_object_id(drawing.objects[i - 1]), pl_object_id(drawing.objects[i])) < 0);
    keys_are_short(&drawing);
    const uint64_t frame = pl_object_id(drawing.objects[4]).ctr;
    parent_is(*state, pl_object_id(drawing.objects[5]).ctr, frame);
    assert_int_equal(pl_replica_undo(*state), PL_OK);
    order_is(*state, "1 2 3 4");
}

static void what_cannot_be_arranged_is_refused(void **state)
{
    assert_int_equal(desk_try(*state, 0, "[[6, ['5.1', '5.1'], nil]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[6, ['9.9'], nil]]"), PL_ORPHAN);
    assert_int_equal(desk_try(*state, 0, "[[6, ['5.1'], 7]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[6, [['5.1']], nil]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[1, 3, {3: [7, nil]}]]"), PL_INVALID);
    assert_int_equal(desk_try(*state, 0, "[[1, 3, {3: [nil, 7]}]]"), PL_INVALID);
    desk_edit(*state, "[[6, [], nil], [6, ['5.1'], '9.9']]"); /* nothing; and below what nobody knows: on top */
    order_is(*state, "1");
}

/* Whatever keys others chose: equal ones, none, and bytes that are no keys. */
static void there_is_room_between_any_neighbours(void **state)
{
    static const unsigned order[] = {4, 5, 1, 2, 3, 8, 6, 7};
    struct pl_replica *replica = *state;
    desk_edit(replica, "[[1, 3, {3: [nil, 'V']}], [1, 3, {3: [nil, 'V']}], [1, 3, {3: [nil, '']}], [1, 3, {3: [nil, '']}],"
                       " [1, 3, {3: [nil, '~~']}], [1, 3, {3: [nil, '~~0']}], [1, 3, {3: [nil, 'V0']}]]");
    order_is(replica, "4 5 1 2 3 8 6 7");
    for (size_t at = 0; at < 8; at++) {
        char edit[96], want[64] = "";
        snprintf(edit, sizeof edit, "[[1, 3, {}], [6, [0], '5.%u']]", order[at]);
        desk_edit(replica, edit);
        const unsigned made = newest(replica);
        for (size_t i = 0; i < 8; i++) {
            if (i == at)
                snprintf(want + strlen(want), sizeof want - strlen(want), "%u ", made);
            snprintf(want + strlen(want), sizeof want - strlen(want), "%u%s", order[i], i < 7 ? " " : "");
        }
        order_is(replica, want);
        assert_int_equal(pl_replica_undo(replica), PL_OK); /* the neighbours' keys go back too */
        order_is(replica, "4 5 1 2 3 8 6 7");
    }
}

/* A TIMER is a facilitator's, a MESSAGE its maker's: a new key for one of these would be refused, and all with it. */
static void neighbours_that_are_not_every_editors_keep_their_keys(void **state)
{
    desk_colleague(*state, "[9, 1, 1, [[0, 16, {1: [0, 0], 3: [nil, 'V']}], [0, 13, {3: [nil, 'V']}],"
                           " [0, 3, {3: [nil, 'V']}], [0, 3, {3: [nil, 'V']}]]]");
    desk_edit(*state, "[[1, 3, {}], [6, [0], '9.4']]");
    const struct drawing drawing = drawing_of(*state);
    assert_int_equal(drawing.n, 6);
    desk_value_is(*state, (struct pl_id){9, 1}, PL_FIELD_PLACE, "[nil, 'V']");
    desk_value_is(*state, (struct pl_id){9, 2}, PL_FIELD_PLACE, "[nil, 'V']");
    size_t made = 0, below = 0, above = 0;
    for (size_t i = 0; i < drawing.n; i++) {
        const struct pl_id id = pl_object_id(drawing.objects[i]);
        if (id.replica == DESK_ME)
            made = i;
        if (id.replica == 9 && id.ctr == 3)
            below = i;
        if (id.replica == 9 && id.ctr == 4)
            above = i;
    }
    assert_true(below < made && made < above);
}

static uint32_t dice(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

/* One new object below the one drawn `at`-th, or on top. */
static void put_one(struct pl_replica *replica, size_t at)
{
    const struct drawing drawing = drawing_of(replica);
    struct pl_buf edits;
    pl_buf_init(&edits, pl_mem_libc());
    pl_write_array(&edits, 2);
    pl_write_array(&edits, 3);
    pl_write_uint(&edits, 1);
    pl_write_uint(&edits, PL_KIND_STICKY);
    pl_write_map(&edits, 0);
    pl_write_array(&edits, 3);
    pl_write_uint(&edits, 6);
    pl_write_array(&edits, 1);
    pl_write_uint(&edits, 0);
    pl_write_id_text(&edits, at < drawing.n ? pl_object_id(drawing.objects[at]) : (struct pl_id){0});
    assert_int_equal(pl_replica_edit(replica, 0, true, pl_buf_slice(&edits), NULL, NULL), PL_OK);
    pl_buf_done(&edits);
}

enum place { PLACE_SAME_GAP, PLACE_FRONT, PLACE_BACK, PLACE_BEHIND_THE_FIRST, PLACE_ANYWHERE, PLACES };

static void wherever_objects_are_put_keys_stay_short_and_in_order(void **state)
{
    uint32_t seed = 3;
    (void)state;
    for (enum place place = PLACE_SAME_GAP; place < PLACES; place++) {
        struct pl_replica *replica = pl_replica_new(pl_mem_libc());
        struct pl_id model[OBJECTS_MAX];
        assert_int_equal(pl_replica_identify(replica, DESK_ME, 0, DESK_USER), PL_OK);
        for (size_t n = 0; n < 400; n++) {
            const size_t spots[] = {n / 2, 0, n, n > 0, dice(&seed, (uint32_t)n + 1)};
            const size_t at = spots[place];
            put_one(replica, at);
            const struct drawing drawing = drawing_of(replica);
            assert_int_equal(drawing.n, n + 1);
            memmove(&model[at + 1], &model[at], (n - at) * sizeof *model);
            model[at] = pl_object_id(drawing.objects[at]);
            for (size_t i = 0; i <= n; i++)
                assert_true(pl_id_equal(pl_object_id(drawing.objects[i]), model[i]));
            keys_are_short(&drawing);
        }
        pl_replica_free(replica);
    }
}

/* Two who fill the same gap, and hear of each other now and then, come to the same order. */
static void two_people_at_once_agree(void **state)
{
    uint32_t seed = 9;
    struct pl_replica *tabs[2] = {pl_replica_new(pl_mem_libc()), pl_replica_new(pl_mem_libc())};
    (void)state;
    assert_int_equal(pl_replica_identify(tabs[0], DESK_ME, 0, DESK_USER), PL_OK);
    assert_int_equal(pl_replica_identify(tabs[1], 8, 0, DESK_USER + 1), PL_OK);
    for (int round = 0; round < 120; round++) {
        for (int k = 0; k < 2; k++)
            for (uint32_t i = dice(&seed, 4); i > 0; i--)
                put_one(tabs[k], 1);
        for (int k = 0; k < 2; k++) {
            struct pl_pending pending;
            while (pl_replica_pending_at(tabs[k], 0, &pending)) {
                struct pl_buf body;
                pl_buf_init(&body, pl_mem_libc());
                pl_buf_append(&body, pending.body.data, pending.body.len);
                for (int i = 0; i < 2; i++)
                    assert_int_equal(desk_commit(tabs[i], DESK_USER + (uint64_t)k, pl_buf_slice(&body)), PL_OK);
                pl_buf_done(&body);
            }
        }
        const struct drawing one = drawing_of(tabs[0]), other = drawing_of(tabs[1]);
        assert_int_equal(one.n, other.n);
        for (size_t i = 0; i < one.n; i++)
            assert_true(pl_id_equal(pl_object_id(one.objects[i]), pl_object_id(other.objects[i])));
        keys_are_short(&one);
    }
    pl_replica_free(tabs[0]);
    pl_replica_free(tabs[1]);
}

static void a_thousand_keys_in_one_gap_are_short(void **state)
{
    static struct pl_order_key keys[1000];
    (void)state;
    const struct pl_slice low = {(const uint8_t *)"V", 1}, high = {(const uint8_t *)"W", 1};
    pl_order_spread(low, high, 12345, keys, 1000);
    for (size_t i = 0; i < 1000; i++) {
        const struct pl_slice before = i == 0 ? low : pl_order_slice(&keys[i - 1]);
        assert_true(pl_order_compare_keys(before, pl_order_slice(&keys[i])) < 0);
        assert_true(keys[i].len <= 8);
    }
    assert_true(pl_order_compare_keys(pl_order_slice(&keys[999]), high) < 0);
}

/* A replica that a failed edit left behind is as it was, or is only good for being freed. */
static void without_memory_an_edit_is_refused_and_nothing_leaks(void **state)
{
    enum pl_status status = PL_NO_MEMORY;
    (void)state;
    for (size_t fail_at = 0; status != PL_OK || fail_at == 0; fail_at++) {
        struct count_mem count;
        count_mem_init(&count);
        struct pl_replica *replica = pl_replica_new(&count.mem);
        assert_int_equal(pl_replica_identify(replica, DESK_ME, 0, DESK_USER), PL_OK);
        desk_edit(replica, "[[1, 3, {3: [nil, '~~']}], [1, 3, {3: [nil, '~~']}], [1, 3, {3: [nil, 'm']}]]");
        count.fail_at = fail_at == 0 ? 0 : count.asked + fail_at;
        status = desk_try(replica, 0, "[[1, 3, {3: [nil, nil]}], [6, ['5.3', ['5.1', nil]], '5.2']]");
        assert_true(status == PL_OK || (status == PL_NO_MEMORY && fail_at > 0));
        pl_replica_free(replica);
        assert_int_equal(count.live, 0);
    }
}

#define ON_DESK(test) cmocka_unit_test_setup_teardown(test, desk_new, desk_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DESK(objects_stand_in_the_order_they_are_put),
        ON_DESK(a_dead_neighbour_still_says_where),
        ON_DESK(parents_change_when_they_are_named),
        ON_DESK(new_objects_go_above_everything),
        ON_DESK(above_the_last_key_there_is_room),
        ON_DESK(what_cannot_be_arranged_is_refused),
        ON_DESK(there_is_room_between_any_neighbours),
        ON_DESK(neighbours_that_are_not_every_editors_keep_their_keys),
        cmocka_unit_test(wherever_objects_are_put_keys_stay_short_and_in_order),
        cmocka_unit_test(two_people_at_once_agree),
        cmocka_unit_test(a_thousand_keys_in_one_gap_are_short),
        cmocka_unit_test(without_memory_an_edit_is_refused_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
