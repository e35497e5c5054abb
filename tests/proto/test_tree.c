/* What lies in what and which belong together, on boards that people made and on graphs that nobody would. V2, V5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/object.h"
#include "proto/op.h"
#include "proto/tree.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/literal.h"
#include <stdio.h>

static void apply(struct pl_doc *doc, const char *body)
{
    struct pl_buf buf;
    pl_buf_init(&buf, pl_mem_libc());
    literal_write(&buf, body);
    const struct pl_envelope envelope = {.seq = pl_doc_head(doc) + 1, .user = 7, .body = pl_buf_slice(&buf)};
    assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
    pl_buf_done(&buf);
}

/* Applies a literal op made by replica 1, under the next counter and stamp. */
static void op(struct pl_doc *doc, const char *literal)
{
    char body[512];
    struct pl_replica_row row = {0};
    (void)pl_doc_replica(doc, 1, &row);
    snprintf(body, sizeof body, "[1, %u, %u, [%s]]", (unsigned)row.hwm + 1, (unsigned)pl_doc_lam(doc) + 1, literal);
    apply(doc, body);
}

static struct pl_id parent(const struct pl_doc *doc, uint64_t ctr)
{
    struct pl_tree *tree = pl_tree_of_doc(pl_mem_libc(), doc);
    const struct pl_id id = pl_tree_parent(tree, (struct pl_id){1, ctr});
    pl_tree_free(tree);
    return id;
}

static struct pl_id group(const struct pl_doc *doc, uint64_t ctr)
{
    struct pl_tree *tree = pl_tree_of_doc(pl_mem_libc(), doc);
    const struct pl_id id = pl_tree_group(tree, (struct pl_id){1, ctr});
    pl_tree_free(tree);
    return id;
}

static int empty(void **state)
{
    *state = pl_doc_new(pl_mem_libc());
    return 0;
}

static int done(void **state)
{
    pl_doc_free(*state);
    return 0;
}

static void a_frame_holds_what_touches_it(void **state)
{
    op(*state, "[0, 6, {1: [0, 0], 2: [100, 100]}]");                 /* 1: frame */
    op(*state, "[0, 3, {1: [100, 50], 2: [10, 10], 3: [[1, 1], 'V']}]"); /* 2: at its edge */
    op(*state, "[0, 8, {1: [-20, 0], 2: [10, 10], 3: [[1, 1], 'V']}]");  /* 3: ink beside it */
    op(*state, "[0, 9, {3: [[1, 1], 'V']}]");                         /* 4: a connector has no place of its own */
    op(*state, "[0, 3, {1: [5, 5], 3: [[1, 2], 'V']}]");              /* 5: a sticky holds nothing */
    op(*state, "[0, 3, {1: [5, 5], 3: [[1, 99], 'V']}]");             /* 6: in what is not there */
    assert_int_equal(parent(*state, 2).ctr, 1);
    assert_int_equal(parent(*state, 3).ctr, 0);
    assert_int_equal(parent(*state, 4).ctr, 0);
    assert_int_equal(parent(*state, 5).ctr, 0);
    assert_int_equal(parent(*state, 6).ctr, 0);
    op(*state, "[1, [1, 3], 1, [-10, 0]]");
    assert_int_equal(parent(*state, 3).ctr, 1);
    op(*state, "[1, [1, 1], 0, false]");
    assert_int_equal(parent(*state, 2).ctr, 0);
    op(*state, "[1, [1, 1], 0, true]");
    assert_int_equal(parent(*state, 2).ctr, 1);
}

static void kinds_that_nest_need_no_touch(void **state)
{
    op(*state, "[0, 17, {1: [0, 0], 2: [10, 10]}]");       /* 1: kanban */
    op(*state, "[0, 18, {3: [[1, 1], 'V']}]");             /* 2: column */
    op(*state, "[0, 19, {3: [[1, 2], 'V']}]");             /* 3: card */
    op(*state, "[0, 19, {3: [[1, 1], 'V']}]");             /* 4: a card lies in no kanban by itself */
    op(*state, "[0, 12, {}]");                             /* 5: thread */
    op(*state, "[0, 13, {3: [[1, 5], 'V']}]");             /* 6: message */
    assert_int_equal(parent(*state, 2).ctr, 1);
    assert_int_equal(parent(*state, 3).ctr, 2);
    assert_int_equal(parent(*state, 4).ctr, 0);
    assert_int_equal(parent(*state, 6).ctr, 5);
    op(*state, "[1, [1, 2], 0, false]");
    assert_int_equal(parent(*state, 3).ctr, 0);
}

static void groups_nest_and_the_outermost_counts(void **state)
{
    op(*state, "[0, 7, {}]");              /* 1: group */
    op(*state, "[0, 7, {14: [1, 1]}]");    /* 2: group in it */
    op(*state, "[0, 3, {14: [1, 2]}]");    /* 3: sticky in that */
    op(*state, "[0, 3, {14: [1, 3]}]");    /* 4: a sticky is no group */
    op(*state, "[0, 3, {14: nil}]");       /* 5 */
    assert_int_equal(group(*state, 1).ctr, 0);
    assert_int_equal(group(*state, 2).ctr, 1);
    assert_int_equal(group(*state, 3).ctr, 1);
    assert_int_equal(group(*state, 4).ctr, 0);
    assert_int_equal(group(*state, 5).ctr, 0);
    op(*state, "[1, [1, 1], 0, false]");
    assert_int_equal(group(*state, 3).ctr, 2);
    op(*state, "[1, [1, 1], 0, true]");
    op(*state, "[1, [1, 1], 14, [1, 2]]"); /* a cycle: its newest edge is ignored */
    assert_int_equal(group(*state, 3).ctr, 1);
    assert_int_equal(group(*state, 1).ctr, 0);
    op(*state, "[1, [1, 2], 14, [1, 1]]");
    assert_int_equal(group(*state, 3).ctr, 2);
    assert_int_equal(group(*state, 1).ctr, 2);
}

#define N 40u

/* A random graph: every object names any, in both ways. */
struct graph {
    struct pl_doc *doc;
    uint64_t to[2][N + 1]; /* by place, by group: 0 for none */
    uint64_t lam[2][N + 1];
    bool alive[N + 1];
    bool holds[2][N + 1]; /* is a frame, is a group */
};

static void make_graph(struct graph *graph, struct rng *rng)
{
    char literal[128];
    *graph = (struct graph){.doc = pl_doc_new(pl_mem_libc())};
    for (uint64_t i = 1; i <= N; i++) {
        const uint32_t other = rng_chance(rng, 80) ? PL_KIND_GROUP : PL_KIND_STICKY;
        const uint32_t kind = rng_chance(rng, 45) ? PL_KIND_FRAME : other;
        graph->holds[0][i] = kind == PL_KIND_FRAME;
        graph->holds[1][i] = kind == PL_KIND_GROUP;
        graph->alive[i] = true;
        snprintf(literal, sizeof literal, "[0, %u, {1: [0, 0], 2: [9, 9]}]", (unsigned)kind);
        op(graph->doc, literal);
    }
    for (unsigned i = 0; i < N * 3; i++) {
        const uint64_t from = 1 + rng_below(rng, N), to = rng_chance(rng, 90) ? 1 + rng_below(rng, N) : 0;
        const unsigned way = rng_below(rng, 2);
        char name[32] = "nil";
        if (rng_chance(rng, 5)) {
            graph->alive[from] = !graph->alive[from];
            snprintf(literal, sizeof literal, "[1, [1, %u], 0, %s]", (unsigned)from,
                     graph->alive[from] ? "true" : "false");
            op(graph->doc, literal);
            continue;
        }
        if (to != 0)
            snprintf(name, sizeof name, "[1, %u]", (unsigned)to);
        snprintf(literal, sizeof literal, way == 0 ? "[1, [1, %u], 3, [%s, 'V']]" : "[1, [1, %u], 14, %s]",
                 (unsigned)from, name);
        op(graph->doc, literal);
        graph->to[way][from] = to;
        graph->lam[way][from] = pl_doc_lam(graph->doc);
    }
}

/* V2 in so many words: whether the object's edge is the newest of a cycle it lies on. */
static bool closes_cycle(const struct graph *graph, unsigned way, uint64_t from)
{
    bool newest = true;
    uint64_t at = graph->to[way][from];
    for (unsigned steps = 0; at != 0 && steps <= N; steps++, at = graph->to[way][at]) {
        if (at == from)
            return newest;
        newest = newest && graph->lam[way][at] < graph->lam[way][from];
    }
    return false;
}

static uint64_t holder(const struct graph *graph, unsigned way, uint64_t from)
{
    const uint64_t to = graph->to[way][from];
    const bool holds = to != 0 && graph->alive[to] && graph->holds[way][to];
    return holds && !closes_cycle(graph, way, from) ? to : 0;
}

static void every_graph_reads_as_the_rules_say(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct rng rng = {seed};
        struct graph graph;
        make_graph(&graph, &rng);
        struct pl_tree *tree = pl_tree_of_doc(pl_mem_libc(), graph.doc);
        for (unsigned i = 0; i < N * 3; i++) { /* in any order, some twice */
            const uint64_t from = 1 + rng_below(&rng, N);
            uint64_t top = 0;
            for (uint64_t at = holder(&graph, 1, from); at != 0; at = holder(&graph, 1, at))
                top = at;
            assert_int_equal(pl_tree_parent(tree, (struct pl_id){1, from}).ctr, holder(&graph, 0, from));
            assert_int_equal(pl_tree_group(tree, (struct pl_id){1, from}).ctr, top);
            assert_int_equal(parent(graph.doc, from).ctr, holder(&graph, 0, from));
            assert_int_equal(group(graph.doc, from).ctr, top);
        }
        pl_tree_free(tree);
        pl_doc_free(graph.doc);
    }
}

/* How often a tree looks an object up. */
struct counting {
    const struct pl_doc *doc;
    size_t *looks;
};

static const struct pl_object *look(const void *user, struct pl_id id)
{
    const struct counting *counting = user;
    ++*counting->looks;
    return pl_doc_object(counting->doc, id);
}

/* A thousand frames, each in the one before, the first in the last: asking for all is a matter of a few looks each. */
static void depth_costs_nothing(void **state)
{
    enum { DEEP = 1000 };
    char literal[128];
    size_t looks = 0;
    for (unsigned i = 1; i <= DEEP; i++) {
        const unsigned to = i == 1 ? DEEP : i - 1;
        snprintf(literal, sizeof literal, "[0, 6, {1: [0, 0], 3: [[1, %u], 'V'], 14: [1, %u]}]", to, to);
        op(*state, literal);
    }
    const struct counting counting = {.doc = *state, .looks = &looks};
    struct pl_tree *tree = pl_tree_new(pl_mem_libc(), look, &counting);
    for (uint64_t i = DEEP; i > 0; i--) {
        assert_int_equal(pl_tree_parent(tree, (struct pl_id){1, i}).ctr, i == DEEP ? 0 : i == 1 ? DEEP : i - 1);
        (void)pl_tree_group(tree, (struct pl_id){1, i});
    }
    assert_in_range(looks, DEEP, DEEP * 20);
    pl_tree_free(tree);
}

static void a_tree_without_memory_answers_none(void **state)
{
    op(*state, "[0, 7, {14: [1, 2]}]");
    op(*state, "[0, 7, {14: [1, 1]}]");
    op(*state, "[0, 6, {1: [0, 0], 3: [[1, 3], 'V']}]");
    for (size_t fail_at = 1; fail_at < 6; fail_at++) {
        struct count_mem count;
        count_mem_init(&count);
        count.fail_at = fail_at;
        struct pl_tree *tree = pl_tree_of_doc(&count.mem, *state);
        if (tree != NULL) {
            const struct pl_id found = pl_tree_group(tree, (struct pl_id){1, 1});
            assert_true(pl_id_none(pl_tree_parent(tree, (struct pl_id){1, 3})));
            assert_int_equal(found.ctr, fail_at < 3 ? 0 : 2);
        }
        pl_tree_free(tree);
        assert_int_equal(count.live, 0);
    }
}

#define WITH_DOC(test) cmocka_unit_test_setup_teardown(test, empty, done)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DOC(a_frame_holds_what_touches_it),
        WITH_DOC(kinds_that_nest_need_no_touch),
        WITH_DOC(groups_nest_and_the_outermost_counts),
        cmocka_unit_test(every_graph_reads_as_the_rules_say),
        WITH_DOC(depth_costs_nothing),
        WITH_DOC(a_tree_without_memory_answers_none),
    };
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
