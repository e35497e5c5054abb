/* The store keeps of a past what the plan says, takes whole stretches, and tells any state that is
 * kept: replay equals snapshot. Real documents, real LMDB, a clock that tests move. */
#include "base/deflate.h"
#include "base/envelope.h"
#include "base/log.h"
#include "proto/doc.h"
#include "store/store.h"
#include "store/view.h"
#include "tests/support/core_check.h"
#include "tests/support/core_loop.h"
#include "tests/support/core_world.h"
#include "tests/support/live_server.h"
#include "tests/support/random_doc.h"
#include "tests/support/samples.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOARD   0x0123456789abcdefULL
#define DAY_MS  UINT64_C(86400000)
#define START   (UINT64_C(1) << 41)
#define SEQ_MAX 4000u

struct fixture {
    char dir[64];
    struct core_loop *loop;
    struct store *store;
    struct journal journal;
    struct pl_doc *doc;
    struct rng rng;
    uint64_t wall_ms;
    uint64_t hashes[SEQ_MAX]; /* state_hash by seq */
    struct thin_limits limits;
};

static void open_store(struct fixture *fixture)
{
    const struct store_options options = {.map_bytes = 256u << 20, .history = fixture->limits};
    fixture->loop = core_loop_new();
    core_loop_wall_set(fixture->loop, fixture->wall_ms);
    CORE_CHECK(store_open(pl_mem_libc(), fixture->dir, core_loop_port(fixture->loop), &options,
                          &fixture->store) == PL_OK);
    fixture->journal = store_journal(fixture->store);
}

static void close_store(struct fixture *fixture)
{
    store_close(fixture->store);
    core_loop_free(fixture->loop);
}

struct answer {
    bool come;
    enum pl_status status;
};

static void answered(void *user, enum pl_status status)
{
    *(struct answer *)user = (struct answer){.come = true, .status = status};
}

static bool has_come(void *user)
{
    return ((struct answer *)user)->come;
}

static void wait_for(struct fixture *fixture, struct answer *answer)
{
    assert_true(core_loop_until(fixture->loop, has_come, answer));
    assert_int_equal(answer->status, PL_OK);
}

static void set_up_with(struct fixture *fixture, struct thin_limits limits)
{
    *fixture = (struct fixture){.wall_ms = START, .limits = limits, .rng = rng_of(7, 0)};
    core_dir_make(fixture->dir);
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    open_store(fixture);
    fixture->doc = pl_doc_new(pl_mem_libc());
}

static void tear_down(struct fixture *fixture)
{
    close_store(fixture);
    pl_doc_free(fixture->doc);
    core_dir_remove(fixture->dir);
}

/* The next n entries as one record, all of now. */
static void append(struct fixture *fixture, uint32_t n)
{
    struct answer answer = {0};
    struct pl_buf envelopes;
    const uint64_t first = pl_doc_head(fixture->doc) + 1;
    pl_buf_init(&envelopes, pl_mem_libc());
    for (uint32_t i = 0; i < n; i++) {
        struct pl_buf body;
        enum pl_role role;
        uint64_t user;
        pl_buf_init(&body, pl_mem_libc());
        if (first + i > 2 || !sample_body((size_t)(first + i - 1), &body, &role, &user))
            random_body(fixture->doc, &fixture->rng, &body, &user);
        const struct pl_envelope envelope = {.seq = first + i,
                                             .user = user,
                                             .srv_ms = fixture->wall_ms,
                                             .body = pl_buf_slice(&body)};
        CORE_CHECK(pl_doc_apply(fixture->doc, &envelope, NULL) == PL_OK);
        pl_envelope_write(&envelopes, &envelope);
        CORE_CHECK(envelope.seq < SEQ_MAX);
        fixture->hashes[envelope.seq] = pl_doc_state_hash(fixture->doc);
        pl_buf_done(&body);
    }
    if (first == 1)
        fixture->journal.vtable->create(fixture->journal.self, BOARD, pl_buf_slice(&envelopes),
                                        NULL, 0, 0, answered, &answer);
    else
        fixture->journal.vtable->append(fixture->journal.self, BOARD, 0, first, n,
                                        pl_buf_slice(&envelopes), NULL, 0, answered, &answer);
    wait_for(fixture, &answer);
    pl_buf_done(&envelopes);
}

/* A snapshot as of the head; the past is thinned with it. */
static void snapshot(struct fixture *fixture)
{
    struct answer answer = {0};
    struct pl_buf bytes;
    pl_buf_init(&bytes, pl_mem_libc());
    pl_doc_snapshot(fixture->doc, &bytes);
    fixture->journal.vtable->snapshot(fixture->journal.self, BOARD, 0, pl_doc_head(fixture->doc),
                                      pl_buf_slice(&bytes), answered, &answer);
    wait_for(fixture, &answer);
    pl_buf_done(&bytes);
}

static void pass(struct fixture *fixture, uint64_t ms)
{
    fixture->wall_ms += ms;
    core_loop_wall_set(fixture->loop, fixture->wall_ms);
}

/* The state at seq as a client would have it: the snapshot before it and the entries up to it. */
struct past {
    bool done, found;
    uint64_t as_of, hash;
};

static void past_read(void *user, enum pl_status status, const struct journal_past *told)
{
    struct past *past = user;
    struct pl_doc *doc = NULL;
    struct pl_buf inflated;
    past->done = true;
    past->found = status == PL_OK;
    if (!past->found)
        return;
    past->as_of = told->as_of;
    pl_buf_init(&inflated, pl_mem_libc());
    if (told->as_of > 0) {
        CORE_CHECK(inflate_raw(told->snapshot, told->snapshot_bytes, &inflated) == PL_OK);
        CORE_CHECK(pl_hash(PL_HASH_START, inflated.data, inflated.len) == told->snapshot_hash);
        CORE_CHECK(pl_doc_load(pl_mem_libc(), pl_buf_slice(&inflated), &doc) == PL_OK);
    } else {
        doc = pl_doc_new(pl_mem_libc());
    }
    pl_buf_done(&inflated);
    struct pl_reader reader = pl_reader_of(told->envelopes);
    for (struct pl_envelope envelope; !pl_reader_done(&reader);)
        CORE_CHECK(envelope_read(&reader, &envelope) &&
                   pl_doc_apply(doc, &envelope, NULL) == PL_OK);
    past->hash = pl_doc_head(doc) == told->seq ? pl_doc_state_hash(doc) : 0;
    pl_doc_free(doc);
}

static bool past_done(void *user)
{
    return ((struct past *)user)->done;
}

static bool tells(struct fixture *fixture, uint64_t seq)
{
    struct past past = {0};
    fixture->journal.vtable->past(fixture->journal.self, BOARD, 0, seq, past_read, &past);
    assert_true(core_loop_until(fixture->loop, past_done, &past));
    if (past.found)
        assert_true(past.hash == fixture->hashes[seq]);
    return past.found;
}

/* And `plenum check` finds nothing wrong with it. */
static void check(struct fixture *fixture)
{
    char text[4096];
    int rc =
        live_run((const char *const[]){"check", "--data", fixture->dir, NULL}, text, sizeof text);
    if (rc != 0 && strstr(text, "wrote something else") == NULL)
        fail_msg("%s", text);
    assert_null(strstr(text, "missing"));
    assert_null(strstr(text, "snapshot at"));
}

static void every_state_of_a_young_document_can_be_told(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up_with(&fixture, STORE_HISTORY);
    append(&fixture, 1);
    for (unsigned i = 0; i < 30; i++) {
        append(&fixture, 1 + i % 7);
        if (i % 4 == 3)
            snapshot(&fixture);
        pass(&fixture, 1000);
    }
    for (uint64_t seq = 1; seq <= pl_doc_head(fixture.doc); seq++)
        assert_true(tells(&fixture, seq));
    assert_false(tells(&fixture, pl_doc_head(fixture.doc) + 1));
    check(&fixture);
    tear_down(&fixture);
}

static void the_old_goes_in_whole_stretches_and_the_board_still_loads(void **state)
{
    struct fixture fixture;
    uint64_t kept = 0;
    (void)state;
    set_up_with(&fixture, (struct thin_limits){.whole_ms = 3 * DAY_MS,
                                               .hourly_ms = 6 * DAY_MS,
                                               .bytes_max = 1u << 30});
    append(&fixture, 1);
    for (unsigned i = 0; i < 60; i++) { /* each half day a record across two snapshots' border */
        append(&fixture, 9);
        append(&fixture, 5);
        snapshot(&fixture);
        pass(&fixture, DAY_MS / 2);
    }
    const uint64_t head = pl_doc_head(fixture.doc);
    for (uint64_t seq = head - 14 * 5; seq <= head; seq++)
        assert_true(tells(&fixture, seq)); /* the last days */
    for (uint64_t seq = 1; seq + 14 * 8 < head; seq++)
        kept += tells(&fixture, seq);
    assert_in_range(kept, 20, 60); /* one state a day, or two */
    check(&fixture);
    close_store(&fixture);
    open_store(&fixture);
    assert_true(tells(&fixture, head));
    append(&fixture, 3);
    tear_down(&fixture);
}

static void what_is_pinned_is_told_until_it_is_unpinned(void **state)
{
    struct fixture fixture;
    struct answer answer = {0};
    (void)state;
    set_up_with(&fixture, (struct thin_limits){
                              .whole_ms = DAY_MS, .hourly_ms = DAY_MS, .bytes_max = 1u << 30});
    append(&fixture, 1);
    for (unsigned i = 0; i < 5; i++) {
        append(&fixture, 10);
        snapshot(&fixture);
    }
    store_pin(fixture.store, BOARD, 0, 99, 17, 34, answered, &answer);
    wait_for(&fixture, &answer);
    for (unsigned i = 0; i < 10; i++) {
        pass(&fixture, DAY_MS);
        append(&fixture, 10);
        snapshot(&fixture);
    }
    for (uint64_t seq = 17; seq <= 34; seq++)
        assert_true(tells(&fixture, seq));
    assert_false(tells(&fixture, 5));
    assert_false(tells(&fixture, 55));
    check(&fixture);
    answer = (struct answer){0};
    store_unpin(fixture.store, BOARD, 0, 99, answered, &answer);
    wait_for(&fixture, &answer);
    append(&fixture, 10);
    snapshot(&fixture);
    assert_false(tells(&fixture, 20));
    check(&fixture);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_of_a_young_document_can_be_told),
        cmocka_unit_test(the_old_goes_in_whole_stretches_and_the_board_still_loads),
        cmocka_unit_test(what_is_pinned_is_told_until_it_is_unpinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
