/* The order of concurrent text beside two naive references: a list with one record per scalar and FugueMax as YATA's
 * integrate says it, by positions; and the tree the paper defines it as. Random people type and delete at once and
 * receive each other's ops in any causal order. Rules B6, B7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/text.h"
#include "tests/sim/rng.h"
#include "tests/support/naive_tree.h"
#include "tests/support/reads.h"
#include <stdio.h>
#include <string.h>

#define PEOPLE 4u
#define OPS_MAX 400u /* of one person */
#define RUN_MAX 3u
#define SCALARS_MAX (PEOPLE * OPS_MAX * RUN_MAX)

struct scalar {
    struct pl_id id, left, right;
    char byte;
    bool deleted;
};

struct naive {
    struct scalar scalars[SCALARS_MAX];
    int n;
};

/* An insert of `n` bytes, or a delete of a range when n is 0. */
struct op {
    uint32_t n;
    struct pl_id id, left, right;
    struct pl_id_range range;
    char bytes[RUN_MAX];
    uint32_t needs[PEOPLE]; /* how many ops of each person its author had seen */
};

struct person {
    struct pl_text *text;
    struct naive naive;
    struct naive_tree *tree;
    uint32_t has[PEOPLE];
    uint64_t ctr;
    struct op ops[OPS_MAX]; /* its own */
    uint32_t op_n;
};

/* What one history is like. */
struct manner {
    uint32_t ops;    /* of all */
    uint32_t gossip; /* percent: how often somebody listens rather than writes */
    uint32_t within; /* only so many places, from the start on, are written at */
};

static int find(const struct naive *naive, struct pl_id id, int otherwise)
{
    for (int i = 0; i < naive->n && !pl_id_none(id); i++)
        if (pl_id_equal(naive->scalars[i].id, id))
            return i;
    return otherwise;
}

static void naive_insert(struct naive *naive, struct scalar fresh)
{
    const int left = find(naive, fresh.left, -1), right = find(naive, fresh.right, naive->n);
    bool scanning = false;
    int dest = left + 1;
    for (int i = left + 1;; i++) {
        if (!scanning)
            dest = i;
        if (i == naive->n || i == right)
            break;
        const struct scalar *other = &naive->scalars[i];
        const int other_left = find(naive, other->left, -1), other_right = find(naive, other->right, naive->n);
        if (other_left < left ||
            (other_left == left && other_right == right && pl_id_compare(fresh.id, other->id) < 0))
            break;
        if (other_left == left)
            scanning = other_right < right;
    }
    memmove(&naive->scalars[dest + 1], &naive->scalars[dest], (size_t)(naive->n - dest) * sizeof fresh);
    naive->scalars[dest] = fresh;
    naive->n++;
}

static void receive(struct person *person, const struct op *op, uint32_t author)
{
    person->has[author]++;
    if (op->n == 0) {
        assert_int_equal(pl_text_delete(person->text, op->range, NULL), PL_OK);
        for (uint64_t k = 0; k < op->range.n; k++) {
            const int at = find(&person->naive, (struct pl_id){op->range.id.replica, op->range.id.ctr + k}, -1);
            person->naive.scalars[at].deleted = true;
        }
        return;
    }
    const struct pl_slice utf8 = {(const uint8_t *)op->bytes, op->n};
    assert_int_equal(pl_text_insert(person->text, op->id, op->left, op->right, utf8, NULL), PL_OK);
    struct scalar fresh = {.id = op->id, .left = op->left, .right = op->right};
    for (uint32_t k = 0; k < op->n; k++) {
        fresh.byte = op->bytes[k];
        naive_insert(&person->naive, fresh);
        assert_true(naive_tree_insert(person->tree, fresh.id, fresh.left, fresh.right));
        fresh.left = fresh.id;
        fresh.id.ctr++;
    }
}

static bool first_range(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    (void)utf8;
    *(struct pl_id_range *)user = range;
    return false;
}

/* One person's own op at a random place of what they see. */
static void write(struct rng *rng, struct person *person, uint32_t author, const struct manner *manner)
{
    struct op *op = &person->ops[person->op_n++];
    const uint32_t length = (uint32_t)pl_text_utf16(person->text);
    const uint32_t at = rng_below(rng, length < manner->within ? length + 1 : manner->within);
    *op = (struct op){0};
    memcpy(op->needs, person->has, sizeof op->needs);
    if (at < length && rng_chance(rng, 25)) {
        pl_text_visible(person->text, at, 1 + rng_below(rng, 3), first_range, &op->range);
    } else {
        op->n = 1 + rng_below(rng, RUN_MAX);
        for (uint32_t k = 0; k < op->n; k++)
            op->bytes[k] = (char)('a' + author * 6 + rng_below(rng, 6));
        op->id = (struct pl_id){author + 1, person->ctr + 1};
        person->ctr += op->n;
        pl_text_origins(person->text, at, &op->left, &op->right);
    }
    receive(person, op, author);
}

/* The next op of a random author that the person may have; false when there is none. */
static bool deliver(struct rng *rng, struct person *people, struct person *person)
{
    const uint32_t start = rng_below(rng, PEOPLE);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        const uint32_t author = (start + i) % PEOPLE;
        const struct op *op = &people[author].ops[person->has[author]];
        bool ready = person->has[author] < people[author].op_n;
        for (uint32_t k = 0; k < PEOPLE && ready; k++)
            ready = op->needs[k] <= person->has[k];
        if (ready) {
            receive(person, op, author);
            return true;
        }
    }
    return false;
}

static bool same_as_tree(const struct person *person)
{
    size_t n;
    const struct pl_id *order = naive_tree_order(person->tree, &n);
    bool same = n == (size_t)person->naive.n;
    for (size_t i = 0; same && i < n; i++)
        same = pl_id_equal(order[i], person->naive.scalars[i].id);
    return same;
}

static void reads_the_same(const struct person *person, const struct person *first, uint64_t seed)
{
    char want[SCALARS_MAX + 1];
    size_t n = 0;
    const char *reason = "";
    for (int i = 0; i < person->naive.n; i++)
        if (!person->naive.scalars[i].deleted)
            want[n++] = person->naive.scalars[i].byte;
    want[n] = '\0';
    const bool same = text_reads(person->text, want) && text_reads(first->text, want) &&
                      pl_text_check(person->text, &reason) && same_as_tree(person);
    if (!same)
        print_error("seed %llu %s\n", (unsigned long long)seed, reason);
    assert_true(same);
}

static void run(uint64_t seed, const struct manner *manner)
{
    static struct person people[PEOPLE];
    struct rng rng = {.state = seed};
    memset(people, 0, sizeof people);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        people[i].text = pl_text_new(pl_mem_libc());
        people[i].tree = naive_tree_new();
    }
    for (uint32_t op_n = 0; op_n < manner->ops;) {
        const uint32_t author = rng_below(&rng, PEOPLE);
        struct person *person = &people[author];
        if ((rng_chance(&rng, manner->gossip) && deliver(&rng, people, person)) || person->op_n == OPS_MAX)
            continue;
        write(&rng, person, author, manner);
        op_n++;
    }
    for (uint32_t i = 0; i < PEOPLE; i++)
        while (deliver(&rng, people, &people[i]))
            ;
    for (uint32_t i = 0; i < PEOPLE; i++)
        reads_the_same(&people[i], &people[0], seed);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        pl_text_free(people[i].text);
        naive_tree_free(people[i].tree);
    }
}

static void random_histories_agree_with_the_references(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct rng rng = {.state = seed * 1000};
        const struct manner manner = {
            .ops = 4 + rng_below(&rng, 150), .gossip = 1 + rng_below(&rng, 90), .within = UINT32_MAX};
        run(seed, &manner);
    }
}

/* Hardly anybody listens, and all write in a few places: hundreds hang on one scalar. */
static void crowds_at_one_place_agree_with_the_references(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct rng rng = {.state = seed * 1000};
        const struct manner manner = {
            .ops = 40 + rng_below(&rng, 160), .gossip = rng_below(&rng, 12), .within = 1 + rng_below(&rng, 4)};
        run(seed, &manner);
    }
}

static void a_long_history_agrees_with_the_references(void **state)
{
    (void)state;
    const struct manner manner = {.ops = PEOPLE * OPS_MAX * 3 / 4, .gossip = 60, .within = UINT32_MAX};
    run(1, &manner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_agree_with_the_references),
        cmocka_unit_test(crowds_at_one_place_agree_with_the_references),
        cmocka_unit_test(a_long_history_agrees_with_the_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
