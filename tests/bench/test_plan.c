/* Planning a replay: on random histories every edit must find its peer at exactly the version it was made on. The
 * walks over parents are checked against sets of ancestors written out in full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/clock.h"
#include "bench/trace/dag.h"
#include "bench/trace/plan.h"
#include <stdio.h>
#include <string.h>

#define TXNS 90u
#define PEERS 120u

/* A history of transactions with one patch each; which is all that planning looks at. */
struct made {
    struct history history;
    struct txn txns[TXNS];
    uint32_t parents[TXNS * 3];
    struct patch patches[TXNS];
    bool before[TXNS][TXNS]; /* [a][b]: b is an ancestor of a, or a itself */
};

static void txn_add(struct made *made, uint32_t agent, const uint32_t *parents, uint32_t parent_n)
{
    struct history *history = &made->history;
    const uint32_t i = history->txn_n++;
    history->concurrent = true;
    history->txns = made->txns;
    history->parents = made->parents;
    history->patches = made->patches;
    made->txns[i] = (struct txn){
        .patch0 = history->patch_n++, .patch_n = 1, .parent0 = history->parent_n, .parent_n = parent_n, .agent = agent};
    if (agent >= history->agent_n)
        history->agent_n = agent + 1;
    made->before[i][i] = true;
    for (uint32_t k = 0; k < parent_n; k++) {
        made->parents[history->parent_n++] = parents[k];
        for (uint32_t j = 0; j < i; j++)
            made->before[i][j] = made->before[i][j] || made->before[parents[k]][j];
    }
}

/* Anything goes: several roots, agents beside themselves, parents that are each other's ancestors. */
static void make_random(struct made *made, uint64_t seed)
{
    uint64_t random = seed;
    *made = (struct made){0};
    const uint32_t agents = 1 + (uint32_t)(random_next(&random) % 6), reach = 1 + (uint32_t)(random_next(&random) % 20);
    for (uint32_t i = 0; i < TXNS; i++) {
        uint32_t parents[3];
        const bool root = i == 0 || random_next(&random) % 20 == 0;
        const uint32_t parent_n = root ? 0 : 1 + (uint32_t)(random_next(&random) % 3);
        for (uint32_t k = 0; k < parent_n; k++)
            parents[k] = i - 1 - (uint32_t)(random_next(&random) % (i < reach ? i : reach));
        txn_add(made, (uint32_t)(random_next(&random) % agents), parents, parent_n);
    }
}

static struct version one(const uint32_t *txn)
{
    return (struct version){.txns = txn, .n = 1};
}

static void what_is_missing_is_what_the_sets_differ_by(void **state)
{
    static struct made made;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make_random(&made, seed);
        struct dag *dag = dag_new(&made.history);
        for (uint32_t a = 0; a < TXNS; a += 3) {
            for (uint32_t b = 0; b < TXNS; b++) {
                const struct version missing = dag_missing(dag, one(&a), one(&b));
                size_t n = 0;
                for (uint32_t i = 0; i < TXNS; i++)
                    if (made.before[b][i] && !made.before[a][i])
                        assert_int_equal(missing.txns[n++], i);
                assert_int_equal(missing.n, n);
            }
        }
        dag_free(dag);
    }
}

static void the_heads_are_the_whole_history(void **state)
{
    static struct made made;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        make_random(&made, seed);
        struct dag *dag = dag_new(&made.history);
        assert_int_equal(dag_missing(dag, (struct version){0}, dag_heads(dag)).n, TXNS);
        for (size_t i = 0; i < dag_heads(dag).n; i++)
            for (uint32_t j = dag_heads(dag).txns[i] + 1; j < TXNS; j++)
                assert_false(made.before[j][dag_heads(dag).txns[i]]);
        dag_free(dag);
    }
}

/* Carries a plan out on sets of chapters. */
struct following {
    const struct made *made;
    bool has[PEERS][TXNS + 1]; /* chapters */
    bool awake[PEERS];
    uint32_t awake_n;
    uint32_t chapter_n;
    uint32_t agreed_n;
    uint32_t agent_of[PEERS];
};

static void follow_edit(struct following *following, const struct step *step)
{
    const struct made *made = following->made;
    const uint32_t txn = following->chapter_n - 1; /* it will be the chapter that is settled next */
    assert_int_equal(step->a, made->txns[txn].patch0);
    for (uint32_t i = 0; i < TXNS; i++) {
        bool wanted = false;
        for (uint32_t k = 0; k < made->txns[txn].parent_n; k++)
            wanted = wanted || made->before[made->parents[made->txns[txn].parent0 + k]][i];
        assert_int_equal(following->has[step->peer][i + 1], wanted);
    }
    assert_true(following->has[step->peer][0]);
    const uint32_t agent = made->txns[txn].agent + 1;
    assert_true(following->agent_of[step->peer] == 0 || following->agent_of[step->peer] == agent);
    following->agent_of[step->peer] = agent;
}

static void follow_wake(struct following *following, uint32_t peer)
{
    assert_false(following->awake[peer]);
    following->awake[peer] = true;
    assert_true(++following->awake_n <= PLAN_AWAKE_MAX);
}

static void follow(struct following *following, const struct step *step)
{
    bool *has = following->has[step->peer];
    assert_true(step->kind == STEP_OPEN || step->kind == STEP_WAKE || following->awake[step->peer]);
    switch ((enum step_kind)step->kind) {
    case STEP_OPEN:
    case STEP_WAKE:
        follow_wake(following, step->peer);
        break;
    case STEP_CREATE:
        assert_int_equal(step->peer, 0);
        break;
    case STEP_EDIT:
        follow_edit(following, step);
        break;
    case STEP_SETTLE:
        has[following->chapter_n++] = true;
        break;
    case STEP_TAKE:
        for (uint32_t i = 0; i < step->b; i++) {
            assert_true(step->a + i < following->chapter_n);
            assert_false(has[step->a + i]); /* nothing comes twice */
            has[step->a + i] = true;
        }
        break;
    case STEP_PARK:
        following->awake[step->peer] = false;
        following->awake_n--;
        break;
    case STEP_AGREE:
        for (uint32_t i = 0; i <= following->made->history.txn_n; i++)
            assert_true(has[i]);
        following->agreed_n++;
        break;
    }
}

static void follow_plan(const struct made *made, uint32_t *ret_peer_n)
{
    static struct following following;
    struct plan plan;
    following = (struct following){.made = made};
    assert_int_equal(plan_make(&made->history, 1, &plan), PL_OK);
    assert_true(plan.peer_n <= PEERS);
    for (size_t i = 0; i < plan.step_n; i++)
        follow(&following, &plan.steps[i]);
    assert_int_equal(following.chapter_n, made->history.txn_n + 1);
    assert_int_equal(following.chapter_n, plan.chapter_n);
    assert_int_equal(following.agreed_n, plan.peer_n);
    assert_true(following.awake[plan.last_peer]);
    *ret_peer_n = plan.peer_n;
    plan_done(&plan);
}

static void every_edit_finds_the_version_it_was_made_on(void **state)
{
    static struct made made;
    uint32_t peer_n;
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        make_random(&made, seed);
        follow_plan(&made, &peer_n);
    }
}

/* As in real recordings: a keystroke of each, on what both had a moment ago. */
static void agents_that_never_go_back_have_one_peer_each(void **state)
{
    static struct made made;
    uint32_t peer_n;
    (void)state;
    made = (struct made){0};
    txn_add(&made, 0, NULL, 0);
    for (uint32_t i = 1; i < TXNS; i++) {
        const uint32_t own = i < 3 ? 0 : i - 2, others = i < 5 ? 0 : i - 5;
        txn_add(&made, i % 2, (uint32_t[]){own, others}, own == others ? 1 : 2);
    }
    follow_plan(&made, &peer_n);
    assert_int_equal(peer_n, 2);
}

static void an_agent_beside_itself_has_a_peer_for_each(void **state)
{
    static struct made made;
    uint32_t peer_n;
    (void)state;
    made = (struct made){0};
    txn_add(&made, 0, NULL, 0);
    txn_add(&made, 0, (uint32_t[]){0}, 1);
    txn_add(&made, 0, (uint32_t[]){0}, 1);
    txn_add(&made, 0, (uint32_t[]){1}, 1);
    txn_add(&made, 0, (uint32_t[]){2}, 1);
    txn_add(&made, 0, (uint32_t[]){3, 4}, 2);
    follow_plan(&made, &peer_n);
    assert_int_equal(peer_n, 2);
}

static void a_crowd_is_held_as_snapshots(void **state)
{
    static struct made made;
    uint32_t peer_n;
    (void)state;
    made = (struct made){0};
    txn_add(&made, 0, NULL, 0);
    for (uint32_t i = 1; i < TXNS; i++)
        txn_add(&made, i % 44, (uint32_t[]){i < 44 ? 0 : i - 44}, 1);
    follow_plan(&made, &peer_n);
    assert_int_equal(peer_n, 44); /* more than are ever awake */
}

static void a_history_of_nothing_still_has_a_text(void **state)
{
    static struct made made;
    uint32_t peer_n;
    (void)state;
    made = (struct made){.history = {.concurrent = true}};
    follow_plan(&made, &peer_n);
    assert_int_equal(peer_n, 1);
}

static void typing_settles_as_often_as_asked(void **state)
{
    struct patch patches[8] = {{0}};
    const struct history history = {.patches = patches, .patch_n = 8, .start_patch_n = 1};
    struct plan plan;
    char steps[32] = "";
    (void)state;
    assert_int_equal(plan_make(&history, 3, &plan), PL_OK);
    for (size_t i = 0; i < plan.step_n; i++)
        steps[i] = "ocestpwa"[plan.steps[i].kind];
    assert_string_equal(steps, "oces" "eees" "eees" "es" "a");
    assert_int_equal(plan.setup_n, 4);
    assert_int_equal(plan.chapter_n, 4);
    plan_done(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_is_what_the_sets_differ_by),
        cmocka_unit_test(the_heads_are_the_whole_history),
        cmocka_unit_test(every_edit_finds_the_version_it_was_made_on),
        cmocka_unit_test(agents_that_never_go_back_have_one_peer_each),
        cmocka_unit_test(an_agent_beside_itself_has_a_peer_for_each),
        cmocka_unit_test(a_crowd_is_held_as_snapshots),
        cmocka_unit_test(a_history_of_nothing_still_has_a_text),
        cmocka_unit_test(typing_settles_as_often_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
