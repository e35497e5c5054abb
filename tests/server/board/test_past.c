/* Looking back (SPEC T): any state that is kept, told beside the board that goes on, to those who
 * may see it. */
#include "base/log.h"
#include "proto/limits.h"
#include "tests/support/core_check.h"
#include "tests/support/core_peer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD  0x5555aaaa5555aaaaULL
#define STICKY "[[1, 3, {1: [10, 20], 4: 1}]]"

struct fixture {
    struct core_world *world;
    struct core_peer *ann, *vi;
    struct core_peer *all[2];
    uint64_t hashes[256]; /* by seq, from where Ann is */
};

static void settle(struct fixture *fixture)
{
    core_peers_settle(fixture->world, fixture->all, 2);
    core_loop_turn(fixture->world->loop); /* what a worker was asked for */
    core_peers_settle(fixture->world, fixture->all, 2);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    fixture = (struct fixture){.world = core_world_new()};
    fixture.all[0] = fixture.ann = core_peer_new(fixture.world, 7, "Ann", PL_ROLE_EDITOR);
    fixture.all[1] = fixture.vi = core_peer_new(fixture.world, 8, "Vi", PL_ROLE_VIEWER);
    fixture.vi->link = 9;
    core_world_board(fixture.world, BOARD, "Plans");
    core_peer_connect(fixture.ann, BOARD);
    core_peer_connect(fixture.vi, BOARD);
    settle(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    core_peer_free(fixture->ann);
    core_peer_free(fixture->vi);
    core_world_free(fixture->world);
    return 0;
}

static uint64_t head(const struct fixture *fixture)
{
    return pl_doc_head(pl_replica_doc(fixture->ann->replica));
}

/* n edits, each an entry of its own. */
static void edit(struct fixture *fixture, unsigned n, const char *edits)
{
    while (n-- > 0) {
        core_peer_edit(fixture->ann, edits);
        settle(fixture);
        CORE_CHECK(head(fixture) < 256);
        fixture->hashes[head(fixture)] = core_peer_hash(fixture->ann);
    }
}

static void ask(struct fixture *fixture, struct core_peer *peer, uint64_t seq)
{
    char text[40];
    core_loop_advance(fixture->world->loop, 1000); /* not too often */
    snprintf(text, sizeof text, "[17, 0, %u]", (unsigned)seq);
    core_peer_send(peer, text);
    settle(fixture);
}

static void is_told(struct fixture *fixture, uint64_t seq)
{
    const uint32_t before = fixture->ann->past.told_n;
    ask(fixture, fixture->ann, seq);
    assert_int_equal(fixture->ann->past.code, PL_OK);
    assert_int_equal(fixture->ann->past.told_n, before + 1);
    assert_true(pl_doc_state_hash(fixture->ann->past.doc) == fixture->hashes[seq]);
}

static void is_refused(struct fixture *fixture, struct core_peer *peer, uint64_t seq,
                       enum pl_status code)
{
    const uint32_t before = peer->past.refused_n;
    ask(fixture, peer, seq);
    assert_int_equal(peer->past.refused_n, before + 1);
    assert_int_equal(peer->past.code, code);
    assert_false(peer->closed);
}

static void an_editor_is_told_any_state(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t before = head(fixture);
    edit(fixture, 20, STICKY);
    for (uint64_t seq = before + 1; seq <= head(fixture); seq += 3)
        is_told(fixture, seq);
    is_told(fixture, head(fixture));
    edit(fixture, 2, STICKY); /* the board goes on, and so does she */
    assert_int_equal(pl_replica_pending_n(fixture->ann->replica), 0);
    is_refused(fixture, fixture->ann, head(fixture) + 1, PL_NOT_FOUND);
    is_refused(fixture, fixture->ann, 0, PL_NOT_FOUND);
    core_peer_send(fixture->ann, "[17, 3, 1]");
    settle(fixture);
    assert_int_equal(fixture->ann->past.code, PL_NOT_FOUND); /* there is no such document */
}

static void a_state_is_a_snapshot_and_the_entries_behind_it(void **state)
{
    struct fixture *fixture = *state;
    edit(fixture, 5, STICKY);
    core_peer_drop(fixture->ann);
    core_peer_drop(fixture->vi);
    core_world_restart(fixture->world); /* draining stores a snapshot */
    core_peer_connect(fixture->ann, BOARD);
    settle(fixture);
    const uint64_t before = head(fixture);
    edit(fixture, 5, STICKY);
    is_told(fixture, before + 3);
    assert_true(fixture->ann->past.head.as_of > 0 && fixture->ann->past.head.as_of <= before);
    assert_true(fixture->ann->past.chunk_sum > 0);
    is_told(fixture, before - 2); /* before the snapshot: from the start */
    assert_true(fixture->ann->past.head.as_of == 0);
}

/* Large and incompressible, so that one frame does not hold it. */
static void what_is_large_comes_in_pieces(void **state)
{
    struct fixture *fixture = *state;
    char *text = malloc(120000);
    uint32_t random = 1;
    for (unsigned i = 0; i < 3; i++) {
        size_t len = (size_t)sprintf(text, "[[1, 3, {1: [10, 20], 9000%u: '", i);
        for (unsigned k = 0; k < 100000; k++) {
            random = random * 1664525u + 1013904223u;
            text[len++] = (char)('a' + (random >> 24) % 26);
        }
        strcpy(text + len, "'}]]");
        edit(fixture, 1, text);
    }
    is_told(fixture, head(fixture));
    assert_in_range(fixture->ann->past.ops_frame_n, 2, 4);
    core_peer_drop(fixture->ann);
    core_peer_drop(fixture->vi);
    core_world_restart(fixture->world);
    core_peer_connect(fixture->ann, BOARD);
    settle(fixture);
    edit(fixture, 1, STICKY);
    is_told(fixture, head(fixture));
    assert_in_range(fixture->ann->past.chunk_sum, 2, 6);
    free(text);
}

/* Whoever came by a link may see one stretch. */
struct stretch {
    uint64_t link, first, last;
    unsigned asked_n; /* how often, of however many at once */
};

static void stretch_answer(void *self, uint64_t board, struct past_ask *asks)
{
    struct stretch *stretch = self;
    stretch->asked_n++;
    for (struct past_ask *ask = asks; ask != NULL; ask = ask->next) {
        const struct past_asker *asker = &ask->asker;
        const bool theirs = board == BOARD && asker->board == BOARD && asker->link == stretch->link &&
                            asker->role == PL_ROLE_VIEWER;
        if (theirs && stretch->first <= ask->seq && ask->seq <= stretch->last)
            ask->from = stretch->first;
    }
}

static void is_told_from(struct fixture *fixture, uint64_t seq, uint64_t as_of)
{
    const uint32_t before = fixture->vi->past.told_n;
    ask(fixture, fixture->vi, seq);
    assert_int_equal(fixture->vi->past.told_n, before + 1);
    assert_true(pl_doc_state_hash(fixture->vi->past.doc) == fixture->hashes[seq]);
    assert_int_equal(fixture->vi->past.head.as_of, as_of);
}

static void a_viewer_is_told_a_stretch_and_nothing_of_what_led_to_it(void **state)
{
    struct fixture *fixture = *state;
    edit(fixture, 10, STICKY);
    const uint64_t last = head(fixture);
    is_refused(fixture, fixture->vi, last, PL_PERM);
    struct stretch stretch = {fixture->vi->link, last - 6, last - 2, 0};
    fixture->world->past_right = (struct past_right){.answer = stretch_answer, .self = &stretch};
    is_told_from(fixture, last - 2, last - 6); /* all of it at once, the state it begins with first */
    assert_int_equal(fixture->vi->past.ops_frame_n, 1);
    is_told_from(fixture, last - 4, last - 6);
    is_told_from(fixture, last - 6, last - 6);
    is_refused(fixture, fixture->vi, last - 1, PL_PERM);
    is_refused(fixture, fixture->vi, last - 7, PL_PERM);
    core_peer_send(fixture->vi, "[17, 3, 1]");
    settle(fixture);
    assert_int_equal(fixture->vi->past.code, PL_NOT_FOUND); /* of another document nothing, whatever its right */
    stretch.link++;
    is_refused(fixture, fixture->vi, last - 4, PL_PERM);
}

/* A snapshot within the stretch is a state of it. */
static void a_viewer_is_told_from_a_snapshot_within_the_stretch(void **state)
{
    struct fixture *fixture = *state;
    edit(fixture, 5, STICKY);
    const uint64_t first = head(fixture);
    edit(fixture, 5, STICKY);
    const uint64_t stored = head(fixture);
    core_peer_drop(fixture->ann);
    core_peer_drop(fixture->vi);
    core_world_restart(fixture->world); /* draining stores a snapshot */
    core_peer_connect(fixture->ann, BOARD);
    core_peer_connect(fixture->vi, BOARD);
    settle(fixture);
    edit(fixture, 5, STICKY);
    struct stretch stretch = {fixture->vi->link, first, head(fixture), 0};
    fixture->world->past_right = (struct past_right){.answer = stretch_answer, .self = &stretch};
    is_told_from(fixture, head(fixture), stored);
    is_told_from(fixture, stored - 1, first);
}

#define HALL 24u

/* A hall presses the same button: one of them leaves, one asks for another moment, one came by another link. */
static void many_who_ask_at_once_are_answered_together(void **state)
{
    struct fixture *fixture = *state;
    struct core_peer *hall[HALL];
    edit(fixture, 10, STICKY);
    for (unsigned i = 0; i < HALL; i++) {
        hall[i] = core_peer_new(fixture->world, 100 + i, "Hall", PL_ROLE_VIEWER);
        hall[i]->link = i == 2 ? 77 : fixture->vi->link;
        core_peer_connect(hall[i], BOARD);
        core_peers_settle(fixture->world, hall, i + 1);
    }
    const uint64_t last = head(fixture);
    struct stretch stretch = {fixture->vi->link, last - 6, last, 0};
    fixture->world->past_right = (struct past_right){.answer = stretch_answer, .self = &stretch};
    fixture->world->fault.past_n = 0;
    core_loop_advance(fixture->world->loop, 1000);
    for (unsigned i = 0; i < HALL; i++) {
        char text[40];
        snprintf(text, sizeof text, "[17, 0, %u]", (unsigned)(i == 1 ? last - 5 : last - 4));
        core_peer_send(hall[i], text);
    }
    core_peer_drop(hall[0]);
    core_peers_settle(fixture->world, hall + 1, HALL - 1);
    core_loop_turn(fixture->world->loop);
    core_peers_settle(fixture->world, hall + 1, HALL - 1);
    assert_in_range(stretch.asked_n, 1, 2);
    assert_int_equal(fixture->world->fault.past_n, 2);
    assert_int_equal(hall[2]->past.code, PL_PERM);
    for (unsigned i = 1; i < HALL; i++) {
        assert_int_equal(hall[i]->past.told_n, i != 2);
        assert_false(hall[i]->closed);
        if (i != 2)
            assert_true(pl_doc_state_hash(hall[i]->past.doc) == fixture->hashes[i == 1 ? last - 5 : last - 4]);
    }
    for (unsigned i = 0; i < HALL; i++)
        core_peer_free(hall[i]);
}

static void who_asks_too_often_or_does_not_read_is_told_so(void **state)
{
    struct fixture *fixture = *state;
    edit(fixture, 5, STICKY);
    const uint64_t seq = head(fixture);
    fixture->ann->stalled = true;
    ask(fixture, fixture->ann, seq);
    ask(fixture, fixture->ann, seq); /* the answer to the first is not sent yet */
    fixture->ann->stalled = false;
    settle(fixture);
    assert_int_equal(fixture->ann->past.told_n, 1);
    assert_int_equal(fixture->ann->past.refused_n, 1);
    assert_int_equal(fixture->ann->past.code, PL_LIMIT);
    core_loop_advance(fixture->world->loop, 10000);
    for (unsigned i = 0; i < 2 * PL_PASTS_BURST; i++) { /* all in one moment */
        core_peer_send(fixture->ann, "[17, 0, 1]");
        settle(fixture);
    }
    assert_int_equal(fixture->ann->past.told_n, 1 + PL_PASTS_BURST);
    assert_int_equal(fixture->ann->past.refused_n, 1 + PL_PASTS_BURST);
    assert_false(fixture->ann->closed);
    is_told(fixture, seq);
}

static void who_leaves_before_the_answer_is_forgotten(void **state)
{
    struct fixture *fixture = *state;
    edit(fixture, 3, STICKY);
    core_loop_advance(fixture->world->loop, 1000);
    core_peer_send(fixture->ann, "[17, 0, 2]"); /* the worker has not run yet */
    core_peer_drop(fixture->ann);
    settle(fixture);
    core_peer_connect(fixture->ann, BOARD);
    settle(fixture);
    assert_int_equal(fixture->ann->past.told_n, 0);
    is_told(fixture, head(fixture) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_editor_is_told_any_state),
        TEST(a_state_is_a_snapshot_and_the_entries_behind_it),
        TEST(what_is_large_comes_in_pieces),
        TEST(a_viewer_is_told_a_stretch_and_nothing_of_what_led_to_it),
        TEST(a_viewer_is_told_from_a_snapshot_within_the_stretch),
        TEST(many_who_ask_at_once_are_answered_together),
        TEST(who_asks_too_often_or_does_not_read_is_told_so),
        TEST(who_leaves_before_the_answer_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
