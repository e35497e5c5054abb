/* The order of concurrent text beside a naive reference: one record per scalar, FugueMax as YATA's integrate says it, by
 * positions. Random people type and delete at once and receive each other's ops in any causal order. Rules B6, B7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/text.h"
#include "tests/sim/rng.h"
#include "tests/support/reads.h"
#include <stdio.h>
#include <string.h>

#define PEOPLE 4u
#define OPS_MAX 160u
#define RUN_MAX 3u
#define SCALARS_MAX (OPS_MAX * RUN_MAX)

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
    uint32_t author;
    uint32_t n;
    struct pl_id id, left, right;
    struct pl_id_range range;
    char bytes[RUN_MAX];
    bool needs[OPS_MAX]; /* ops its author had seen */
};

struct person {
    struct pl_text *text;
    struct naive naive;
    bool has[OPS_MAX];
    uint64_t ctr;
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

static void receive(struct person *person, const struct op *op, uint32_t number)
{
    person->has[number] = true;
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
static struct op make(struct rng *rng, struct person *person, uint32_t author)
{
    struct op op = {.author = author};
    const uint32_t length = (uint32_t)pl_text_utf16(person->text);
    const uint32_t at = rng_below(rng, length + 1);
    memcpy(op.needs, person->has, sizeof op.needs);
    if (length > 0 && at < length && rng_chance(rng, 25)) {
        pl_text_visible(person->text, at, 1 + rng_below(rng, 3), first_range, &op.range);
        return op;
    }
    op.n = 1 + rng_below(rng, RUN_MAX);
    for (uint32_t k = 0; k < op.n; k++)
        op.bytes[k] = (char)('a' + author * 6 + rng_below(rng, 6));
    op.id = (struct pl_id){author + 1, person->ctr + 1};
    person->ctr += op.n;
    pl_text_origins(person->text, at, &op.left, &op.right);
    return op;
}

static bool ready(const struct person *person, const struct op *op, uint32_t op_n)
{
    for (uint32_t i = 0; i < op_n; i++)
        if (op->needs[i] && !person->has[i])
            return false;
    return true;
}

/* A random op the person lacks and may have; false when there is none. */
static bool deliver(struct rng *rng, struct person *person, const struct op *ops, uint32_t op_n)
{
    const uint32_t start = op_n > 0 ? rng_below(rng, op_n) : 0;
    for (uint32_t i = 0; i < op_n; i++) {
        const uint32_t number = (start + i) % op_n;
        if (!person->has[number] && ready(person, &ops[number], op_n)) {
            receive(person, &ops[number], number);
            return true;
        }
    }
    return false;
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
                      pl_text_check(person->text, &reason);
    if (!same)
        print_error("seed %llu %s\n", (unsigned long long)seed, reason);
    assert_true(same);
}

static void run(uint64_t seed)
{
    static struct person people[PEOPLE];
    static struct op ops[OPS_MAX];
    struct rng rng = {.state = seed};
    uint32_t op_n = 0;
    memset(people, 0, sizeof people);
    for (uint32_t i = 0; i < PEOPLE; i++)
        people[i].text = pl_text_new(pl_mem_libc());
    const uint32_t op_max = 4 + rng_below(&rng, OPS_MAX - 4), gossip = 1 + rng_below(&rng, 90);
    while (op_n < op_max) {
        const uint32_t author = rng_below(&rng, PEOPLE);
        if (rng_chance(&rng, gossip) && deliver(&rng, &people[author], ops, op_n))
            continue;
        ops[op_n] = make(&rng, &people[author], author);
        receive(&people[author], &ops[op_n], op_n);
        op_n++;
    }
    for (uint32_t i = 0; i < PEOPLE; i++)
        while (deliver(&rng, &people[i], ops, op_n))
            ;
    for (uint32_t i = 0; i < PEOPLE; i++)
        reads_the_same(&people[i], &people[0], seed);
    for (uint32_t i = 0; i < PEOPLE; i++)
        pl_text_free(people[i].text);
}

static void random_histories_agree_with_the_reference(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 600; seed++)
        run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_histories_agree_with_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
