/* Time travel: wherever a history goes, and however it gets there, it is what folding from the start gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/history.h"
#include "tests/support/count_mem.h"
#include "tests/support/random_doc.h"
#include <string.h>

#define N 160u

/* A journal, and the state after each of its entries. */
struct journal {
    struct pl_envelope entries[N];
    struct pl_buf bodies;
    uint64_t states[N + 1];
};

static void make_journal(struct journal *journal, uint64_t seed)
{
    struct rng rng = {seed};
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    size_t ends[N];
    pl_buf_init(&journal->bodies, pl_mem_libc());
    journal->states[0] = pl_doc_state_hash(doc);
    for (unsigned i = 0; i < N; i++) {
        struct pl_envelope *entry = &journal->entries[i];
        const size_t start = journal->bodies.len;
        *entry = (struct pl_envelope){.seq = i + 1, .srv_ms = 1000 + i / 3 * 100};
        random_body(doc, &rng, &journal->bodies, &entry->user);
        ends[i] = journal->bodies.len;
        entry->body = (struct pl_slice){journal->bodies.data + start, journal->bodies.len - start};
        assert_int_equal(pl_doc_apply(doc, entry, NULL), PL_OK);
        journal->states[i + 1] = pl_doc_state_hash(doc);
    }
    for (unsigned i = 0; i < N; i++) { /* the buffer has grown away from under the first ones */
        const size_t start = i == 0 ? 0 : ends[i - 1];
        journal->entries[i].body = (struct pl_slice){journal->bodies.data + start, ends[i] - start};
    }
    pl_doc_free(doc);
}

static void append(struct pl_history *history, const struct journal *journal, unsigned from, unsigned until)
{
    for (unsigned i = from; i < until; i++)
        assert_int_equal(pl_history_append(history, &journal->entries[i]), PL_OK);
}

static void assert_at(struct pl_history *history, const struct journal *journal, uint64_t seq)
{
    const char *reason = "";
    assert_int_equal(pl_history_move(history, seq, NULL, NULL), PL_OK);
    assert_int_equal(pl_doc_head(pl_history_doc(history)), seq);
    assert_true(pl_doc_state_hash(pl_history_doc(history)) == journal->states[seq]);
    if (!pl_doc_check(pl_history_doc(history), &reason))
        fail_msg("%s", reason);
}

static void walk(const struct journal *journal, struct pl_history_limits limits, struct rng *rng)
{
    struct pl_history *history;
    unsigned had = N / 2;
    assert_int_equal(pl_history_open(pl_mem_libc(), (struct pl_slice){0}, limits, &history), PL_OK);
    append(history, journal, 0, had);
    assert_at(history, journal, 0);
    for (unsigned step = 0; step < 60; step++) {
        if (had < N && rng_chance(rng, 30)) { /* it goes on while somebody looks */
            const unsigned more = had + 1 + rng_below(rng, N - had);
            append(history, journal, had, more);
            had = more;
        }
        const uint64_t at = pl_doc_head(pl_history_doc(history));
        const uint64_t to = rng_chance(rng, 40) && at > 0 ? at - 1 : rng_below(rng, had + 1);
        assert_at(history, journal, to);
    }
    assert_int_equal(pl_history_last(history), had);
    pl_history_free(history);
}

static void every_walk_leads_where_folding_does(void **state)
{
    (void)state;
    struct rng rng = {11};
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct journal journal;
        make_journal(&journal, seed);
        walk(&journal, PL_HISTORY_LIMITS, &rng);
        walk(&journal, (struct pl_history_limits){.apart_bytes = 1, .bytes_max = 1u << 20}, &rng);
        walk(&journal, (struct pl_history_limits){.apart_bytes = 1, .bytes_max = 9000}, &rng);
        walk(&journal, (struct pl_history_limits){.apart_bytes = 1, .bytes_max = 0}, &rng);
        pl_buf_done(&journal.bodies);
    }
}

/* A history that begins in the middle is the same from there on. */
static void it_may_begin_with_a_snapshot(void **state)
{
    (void)state;
    struct journal journal;
    struct pl_history *history;
    struct pl_buf snapshot;
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    const unsigned first = N / 3;
    make_journal(&journal, 9);
    for (unsigned i = 0; i < first; i++)
        assert_int_equal(pl_doc_apply(doc, &journal.entries[i], NULL), PL_OK);
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_doc_snapshot(doc, &snapshot);
    assert_int_equal(pl_history_open(pl_mem_libc(), pl_buf_slice(&snapshot), PL_HISTORY_LIMITS, &history), PL_OK);
    assert_int_equal(pl_history_append(history, &journal.entries[first - 1]), PL_DUPLICATE);
    assert_int_equal(pl_history_append(history, &journal.entries[first + 1]), PL_GAP);
    append(history, &journal, first, N);
    assert_int_equal(pl_history_first(history), first);
    assert_int_equal(pl_history_move(history, first - 1, NULL, NULL), PL_NOT_FOUND);
    assert_int_equal(pl_history_move(history, N + 1, NULL, NULL), PL_NOT_FOUND);
    assert_at(history, &journal, N);
    assert_at(history, &journal, first);
    assert_at(history, &journal, first + 1);
    pl_history_free(history);
    pl_doc_free(doc);
    pl_buf_done(&snapshot);
    pl_buf_done(&journal.bodies);
}

static void seqs_and_times_name_each_other(void **state)
{
    (void)state;
    struct journal journal;
    struct pl_history *history;
    make_journal(&journal, 2);
    assert_int_equal(pl_history_open(pl_mem_libc(), (struct pl_slice){0}, PL_HISTORY_LIMITS, &history), PL_OK);
    assert_int_equal(pl_history_seq(history, 5000), 0);
    append(history, &journal, 0, N);
    assert_int_equal(pl_history_srv_ms(history, 0), 0);
    assert_int_equal(pl_history_srv_ms(history, 1), 1000);
    assert_int_equal(pl_history_srv_ms(history, 4), 1100);
    assert_int_equal(pl_history_srv_ms(history, N + 9), journal.entries[N - 1].srv_ms);
    assert_int_equal(pl_history_seq(history, 999), 0);
    assert_int_equal(pl_history_seq(history, 1000), 3); /* three entries a time */
    assert_int_equal(pl_history_seq(history, 1099), 3);
    assert_int_equal(pl_history_seq(history, 1100), 6);
    assert_int_equal(pl_history_seq(history, UINT64_MAX), N);
    pl_history_free(history);
    pl_buf_done(&journal.bodies);
}

static void count_change(void *user, const struct pl_change *change)
{
    (void)change;
    ++*(unsigned *)user;
}

static void going_on_tells_what_changes_and_going_back_that_all_may(void **state)
{
    (void)state;
    struct journal journal;
    struct pl_history *history;
    unsigned changes = 0;
    bool anew = true;
    const struct pl_observer observer = {.changed = count_change, .user = &changes};
    make_journal(&journal, 3);
    assert_int_equal(pl_history_open(pl_mem_libc(), (struct pl_slice){0}, PL_HISTORY_LIMITS, &history), PL_OK);
    append(history, &journal, 0, N);
    assert_int_equal(pl_history_move(history, N, &observer, &anew), PL_OK);
    assert_true(!anew && changes > N / 2);
    changes = 0;
    assert_int_equal(pl_history_move(history, N, &observer, &anew), PL_OK);
    assert_true(!anew && changes == 0);
    assert_int_equal(pl_history_move(history, N - 1, &observer, &anew), PL_OK);
    assert_true(anew && changes == 0);
    pl_history_free(history);
    pl_buf_done(&journal.bodies);
}

static void what_no_journal_holds_is_found_on_the_way(void **state)
{
    (void)state;
    static const uint8_t nonsense[] = {0x94, 1, 1, 1};
    struct pl_history *history;
    const struct pl_envelope entry = {.seq = 1, .body = {nonsense, sizeof nonsense}};
    assert_int_equal(pl_history_open(pl_mem_libc(), (struct pl_slice){0}, PL_HISTORY_LIMITS, &history), PL_OK);
    assert_int_equal(pl_history_append(history, &entry), PL_OK);
    assert_int_equal(pl_history_move(history, 1, NULL, NULL), PL_CORRUPT);
    pl_history_free(history);
    assert_int_equal(pl_history_open(pl_mem_libc(), (struct pl_slice){nonsense, 4}, PL_HISTORY_LIMITS, &history),
                     PL_VERSION);
}

/* Checkpoints take no more room than they may, the first and the newest aside. */
static void memory_is_bounded(void **state)
{
    (void)state;
    struct journal journal;
    size_t held[2];
    make_journal(&journal, 4);
    for (unsigned generous = 0; generous < 2; generous++) {
        struct count_mem count;
        struct pl_history *history;
        const struct pl_history_limits limits = {.apart_bytes = 1, .bytes_max = generous ? 1u << 20 : 0};
        count_mem_init(&count);
        assert_int_equal(pl_history_open(&count.mem, (struct pl_slice){0}, limits, &history), PL_OK);
        append(history, &journal, 0, N);
        assert_int_equal(pl_history_move(history, N, NULL, NULL), PL_OK);
        assert_int_equal(pl_history_move(history, 0, NULL, NULL), PL_OK);
        held[generous] = count.live;
        pl_history_free(history);
        assert_int_equal(count.live, 0);
    }
    assert_true(held[0] < held[1]);
    assert_true(held[0] < 3 * journal.bodies.len + N * 32 + 16384);
    pl_buf_done(&journal.bodies);
}

static void without_memory_nothing_leaks(void **state)
{
    (void)state;
    struct journal journal;
    enum pl_status status = PL_NO_MEMORY;
    make_journal(&journal, 5);
    for (size_t fail_at = 1; status != PL_OK; fail_at += 1 + fail_at / 16) {
        const struct pl_history_limits limits = {.apart_bytes = 1, .bytes_max = 20000};
        struct count_mem count;
        struct pl_history *history = NULL;
        count_mem_init(&count);
        count.fail_at = fail_at;
        status = pl_history_open(&count.mem, (struct pl_slice){0}, limits, &history);
        for (unsigned i = 0; i < N && status == PL_OK; i++)
            status = pl_history_append(history, &journal.entries[i]);
        if (status == PL_OK)
            status = pl_history_move(history, N, NULL, NULL);
        if (status == PL_OK)
            status = pl_history_move(history, N / 2, NULL, NULL);
        assert_true(status == PL_OK || status == PL_NO_MEMORY);
        pl_history_free(history);
        assert_int_equal(count.live, 0);
    }
    pl_buf_done(&journal.bodies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_walk_leads_where_folding_does),
        cmocka_unit_test(it_may_begin_with_a_snapshot),
        cmocka_unit_test(seqs_and_times_name_each_other),
        cmocka_unit_test(going_on_tells_what_changes_and_going_back_that_all_may),
        cmocka_unit_test(what_no_journal_holds_is_found_on_the_way),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(without_memory_nothing_leaks),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
