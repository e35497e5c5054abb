/* A tab whose memory runs out, at each allocation in turn. One that fails once: the edit, undo or redo that met it has
 * changed nothing, neither what is pending nor the clock and the counters; whatever else met it, a snapshot mends, and
 * the tab comes to what the board has. When none succeeds any more, nothing crashes. Nothing leaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/object.h"
#include "proto/reader.h"
#include "proto/replica_private.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/literal.h"
#include <stdio.h>

#define SEEDS     3u
#define STEPS     48u
#define TAB       5u
#define COLLEAGUE 9u
#define USER(id)  ((id) + 100u)

/* The board, and the tab and its colleague at it. */
struct scene {
    struct rng rng;
    struct count_mem count;
    struct pl_replica *tab;       /* of counted memory */
    struct pl_replica *colleague; /* of memory that never ends */
    struct pl_doc *board;
    struct pl_buf journal; /* envelopes */
    uint64_t server_ctr;
    uint32_t failed;
};

static void board_take(struct scene *scene, uint64_t user, enum pl_role role, struct pl_slice body)
{
    struct pl_batch batch;
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(scene->board) + 1, .user = user, .srv_ms = pl_doc_head(scene->board), .body = body};
    assert_int_equal(pl_doc_decide(scene->board, body, user, role, &batch), PL_OK);
    assert_int_equal(pl_doc_apply(scene->board, &envelope, NULL), PL_OK);
    pl_envelope_write(&scene->journal, &envelope);
}

/* The oldest of its batches reaches the board; one that is on its way already does not again. */
static void send(struct scene *scene, struct pl_replica *from)
{
    struct pl_pending pending;
    struct pl_replica_row row = {.hwm = 0};
    (void)pl_doc_replica(scene->board, pl_replica_id(from), &row);
    for (size_t i = 0; pl_replica_pending_at(from, i, &pending); i++) {
        if (pending.ctr0 <= row.hwm)
            continue;
        board_take(scene, USER(pl_replica_id(from)), PL_ROLE_FACILITATOR, pending.body);
        return;
    }
}

static void collect(struct scene *scene)
{
    char literal[96];
    struct pl_buf body;
    snprintf(literal, sizeof literal, "[0, %u, %u, [[7]]]", (unsigned)++scene->server_ctr,
             (unsigned)pl_doc_lam(scene->board) + 1);
    pl_buf_init(&body, pl_mem_libc());
    literal_write(&body, literal);
    board_take(scene, 0, PL_ROLE_SERVER, pl_buf_slice(&body));
    pl_buf_done(&body);
}

/* The next entry it does not have. */
static bool next_entry(const struct scene *scene, struct pl_replica *replica, struct pl_envelope *ret_envelope)
{
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&scene->journal));
    while (!pl_reader_done(&reader)) {
        assert_true(pl_envelope_read(&reader, ret_envelope));
        if (ret_envelope->seq == pl_doc_head(pl_replica_doc(replica)) + 1)
            return true;
    }
    return false;
}

/* What must not have changed. */
struct shape {
    uint64_t state, view, bodies, ctr_next, lam;
    size_t pending_n;
};

static struct shape shape_of(struct scene *scene)
{
    struct pl_replica *tab = scene->tab;
    const struct count_mem as_it_was = scene->count;
    scene->count.fail_at = 0; /* looking is the test's */
    struct shape shape = {.state = pl_doc_state_hash(pl_replica_doc(tab)),
                          .view = pl_replica_view_hash(tab),
                          .bodies = PL_HASH_START,
                          .ctr_next = tab->ctr_next,
                          .lam = tab->lam};
    struct pl_pending pending;
    for (; pl_replica_pending_at(tab, shape.pending_n, &pending); shape.pending_n++)
        shape.bodies = pl_hash(shape.bodies, pending.body.data, pending.body.len);
    scene->count.fail_at = as_it_was.fail_at;
    scene->count.asked = as_it_was.asked;
    return shape;
}

static void assert_unchanged(const struct shape *before, struct scene *scene)
{
    const struct shape after = shape_of(scene);
    assert_int_equal(before->pending_n, after.pending_n);
    assert_true(before->state == after.state && before->view == after.view && before->bodies == after.bodies);
    assert_true(before->ctr_next == after.ctr_next && before->lam == after.lam);
}

/* A snapshot makes good what a lack of memory left half done. */
static void mend(struct scene *scene)
{
    struct pl_buf snapshot;
    struct pl_replica_row row = {.hwm = 0};
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(scene->board, &snapshot);
    (void)pl_doc_replica(scene->board, TAB, &row);
    if (pl_replica_load(scene->tab, pl_buf_slice(&snapshot)) != PL_OK) {
        scene->failed++;
        assert_int_equal(pl_replica_load(scene->tab, pl_buf_slice(&snapshot)), PL_OK);
    }
    if (pl_replica_identify(scene->tab, TAB, row.hwm, USER(TAB)) != PL_OK) {
        scene->failed++;
        assert_int_equal(pl_replica_load(scene->tab, pl_buf_slice(&snapshot)), PL_OK);
        assert_int_equal(pl_replica_identify(scene->tab, TAB, row.hwm, USER(TAB)), PL_OK);
    }
    pl_buf_done(&snapshot);
}

/* What people do. */

struct targets {
    struct pl_id ids[64];
    uint32_t n;
};

static void gather(void *user, const struct pl_object *object)
{
    struct targets *targets = user;
    if (targets->n < 64 && pl_object_dying(object) < PL_DYING_MAX)
        targets->ids[targets->n++] = pl_object_id(object);
}

static void random_edit(struct rng *rng, struct pl_replica *replica, char *ret_edit, size_t room)
{
    struct targets targets = {.n = 0};
    pl_replica_each(replica, gather, &targets);
    if (targets.n == 0 || rng_chance(rng, 12)) {
        snprintf(ret_edit, room, "[[1, 3, {1: [%u, 1], 4: 2, 5: 'some words'}], [1, 16, {37: [1, 5, 1]}], [2, 0, 14, 1]]",
                 rng_below(rng, 99));
        return;
    }
    const struct pl_id id = targets.ids[rng_below(rng, targets.n)];
    const struct pl_text *text = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    const uint32_t units = text == NULL ? 0 : (uint32_t)pl_text_utf16(text);
    const uint32_t at = rng_below(rng, units + 1), n = rng_below(rng, 7);
    const unsigned r = id.replica, c = (unsigned)id.ctr;
    switch (rng_below(rng, 9)) {
    case 0:
        snprintf(ret_edit, room, "[[2, '%u.%u', 6, 'a title longer than what a register holds itself']]", r, c);
        break;
    case 1:
        snprintf(ret_edit, room, "[[2, '%u.%u', 0, %s]]", r, c, rng_chance(rng, 60) ? "false" : "true");
        break;
    case 2:
        snprintf(ret_edit, room, "[[5, '%u.%u', 30, %u, 1]]", r, c, rng_below(rng, 9));
        break;
    case 3:
        snprintf(ret_edit, room, "[[7, '%u.%u', 5, %u, %u, 1, true]]", r, c, at, n);
        break;
    default:
        snprintf(ret_edit, room, "[[4, '%u.%u', 5, %u, %u, '%s'], [2, '%u.%u', 4, %u]]", r, c, at,
                 rng_chance(rng, 40) ? n : 0, rng_chance(rng, 70) ? "words" : "", r, c, rng_below(rng, 12));
    }
}

/* Whether its newest batch never left (B1). */
static bool may_join(const struct scene *scene, struct pl_replica *replica)
{
    struct pl_pending newest;
    struct pl_replica_row row = {.hwm = 0};
    (void)pl_doc_replica(scene->board, pl_replica_id(replica), &row);
    const size_t n = pl_replica_pending_n(replica);
    return n > 0 && pl_replica_pending_at(replica, n - 1, &newest) && newest.ctr0 > row.hwm;
}

static enum pl_status edit(struct scene *scene, struct pl_replica *replica)
{
    char literal[256];
    struct pl_buf edits;
    struct rng *rng = &scene->rng;
    const bool joins = may_join(scene, replica) && rng_chance(rng, 70);
    random_edit(rng, replica, literal, sizeof literal);
    pl_buf_init(&edits, pl_mem_libc());
    literal_write(&edits, literal);
    const enum pl_status status =
        pl_replica_edit(replica, rng_below(rng, 3), joins, pl_buf_slice(&edits), NULL, NULL);
    pl_buf_done(&edits);
    return status;
}

static void hear(struct scene *scene, struct pl_replica *replica)
{
    struct pl_envelope envelope;
    if (!next_entry(scene, replica, &envelope))
        return;
    const enum pl_status status = pl_replica_apply(replica, &envelope);
    if (status == PL_NO_MEMORY && replica == scene->tab) {
        scene->failed++;
        mend(scene);
        return;
    }
    assert_int_equal(status, PL_OK);
}

static void colleague_edits(struct scene *scene)
{
    while (pl_doc_head(pl_replica_doc(scene->colleague)) < pl_doc_head(scene->board))
        hear(scene, scene->colleague);
    assert_int_equal(edit(scene, scene->colleague), PL_OK);
    send(scene, scene->colleague);
}

static enum pl_status act(struct scene *scene)
{
    struct pl_replica *tab = scene->tab;
    const uint32_t dice = rng_below(&scene->rng, 100);
    return dice < 60 ? edit(scene, tab) : dice < 85 ? pl_replica_undo(tab) : pl_replica_redo(tab);
}

static void step(struct scene *scene)
{
    const uint32_t dice = rng_below(&scene->rng, 100);
    if (dice < 45) {
        const struct shape before = shape_of(scene);
        const enum pl_status status = act(scene);
        if (status == PL_NO_MEMORY) {
            scene->failed++;
            assert_unchanged(&before, scene);
        } else {
            assert_true(status == PL_OK || status == PL_NOT_FOUND);
        }
    } else if (dice < 60) {
        send(scene, scene->tab);
    } else if (dice < 70) {
        colleague_edits(scene);
    } else if (dice < 73 && pl_replica_pending_n(scene->tab) == 0 &&
               pl_doc_head(pl_replica_doc(scene->tab)) == pl_doc_head(scene->board)) {
        collect(scene); /* as the rules have it: G3 */
    } else if (dice < 76) {
        mend(scene); /* a snapshot came midway */
    } else {
        hear(scene, scene->tab);
    }
}

static void scene_begin(struct scene *scene, uint64_t seed)
{
    *scene = (struct scene){.rng = {seed}, .board = pl_doc_new(pl_mem_libc())};
    count_mem_init(&scene->count);
    pl_buf_init(&scene->journal, pl_mem_libc());
    scene->tab = pl_replica_new(&scene->count.mem);
    scene->colleague = pl_replica_new(pl_mem_libc());
    assert_int_equal(pl_replica_identify(scene->tab, TAB, 0, USER(TAB)), PL_OK);
    assert_int_equal(pl_replica_identify(scene->colleague, COLLEAGUE, 0, USER(COLLEAGUE)), PL_OK);
}

static void scene_end(struct scene *scene)
{
    pl_replica_free(scene->tab);
    pl_replica_free(scene->colleague);
    pl_doc_free(scene->board);
    pl_buf_done(&scene->journal);
    assert_int_equal(scene->count.live, 0);
}

/* Everything arrives: the tab has what the board has. */
static void scene_settle(struct scene *scene)
{
    const char *reason = "";
    while (pl_replica_pending_n(scene->tab) > 0 ||
           pl_doc_head(pl_replica_doc(scene->tab)) < pl_doc_head(scene->board)) {
        send(scene, scene->tab);
        hear(scene, scene->tab);
    }
    if (!pl_replica_check(scene->tab, &reason))
        fail_msg("%s", reason);
    assert_true(pl_doc_state_hash(pl_replica_doc(scene->tab)) == pl_doc_state_hash(scene->board));
    assert_true(pl_replica_view_hash(scene->tab) == pl_doc_view_hash(scene->board));
}

static void one_failure_is_survived(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct scene scene;
        bool failed = true;
        for (uint64_t later = 1; failed; later++) {
            scene_begin(&scene, seed);
            scene.count.fail_at = scene.count.asked + later;
            scene.count.fails_once = true;
            for (uint32_t i = 0; i < STEPS; i++)
                step(&scene);
            failed = scene.count.asked >= scene.count.fail_at;
            scene.count.fail_at = 0;
            scene_settle(&scene);
            scene_end(&scene);
        }
    }
}

/* Whatever is tried, in whatever state the last failure left it. */
static void try_anything(struct scene *scene)
{
    struct pl_envelope envelope;
    struct pl_buf snapshot;
    enum pl_status status = PL_OK;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(scene->board, &snapshot);
    switch (rng_below(&scene->rng, 8)) {
    case 0:
        status = pl_replica_load(scene->tab, pl_buf_slice(&snapshot));
        break;
    case 1:
        status = pl_replica_identify(scene->tab, TAB, 0, USER(TAB));
        break;
    case 2:
        status = pl_replica_refuse(scene->tab, scene->tab->ctr_next - 1);
        break;
    case 3:
    case 4:
        if (next_entry(scene, scene->tab, &envelope))
            status = pl_replica_apply(scene->tab, &envelope);
        break;
    default:
        status = act(scene);
    }
    scene->failed += status == PL_NO_MEMORY;
    pl_buf_done(&snapshot);
}

static void no_memory_any_more_is_survived_too(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS * 20; seed++) {
        struct scene scene;
        const char *reason = "";
        scene_begin(&scene, seed);
        for (uint32_t i = 0; i < STEPS; i++)
            step(&scene);
        scene.count.fail_at = scene.count.asked + 1 + rng_below(&scene.rng, 60);
        for (uint32_t i = 0; i < STEPS / 2; i++)
            try_anything(&scene);
        assert_true(scene.failed > 0);
        scene.count.fail_at = 0;
        mend(&scene);
        if (!pl_replica_check(scene.tab, &reason))
            fail_msg("%s", reason);
        scene_end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure_is_survived),
        cmocka_unit_test(no_memory_any_more_is_survived_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
