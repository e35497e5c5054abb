/* Forgetting what was deleted. Rules G1, G2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include "tests/support/reads.h"
#include "tests/support/text_trio.h"
#include <string.h>

static const struct pl_id none;

static struct pl_slice utf8(const char *text)
{
    return (struct pl_slice){(const uint8_t *)text, strlen(text)};
}

static void agrees(const struct text_trio *trio, uint64_t seed)
{
    const char *reason = "";
    const bool same = trio_agrees(trio, &reason);
    if (!same)
        print_error("seed %llu %s\n", (unsigned long long)seed, reason);
    assert_true(same);
}

static void what_is_deleted_goes_with_the_second_collection(void **state)
{
    (void)state;
    struct text_trio trio;
    trio_init(&trio, true);
    trio_type(&trio, 1, 0, utf8("abcdef"));
    trio_erase(&trio, 1, 2);
    trio_collect(&trio);
    assert_int_equal(pl_text_ids(trio.text), 6);
    assert_true(pl_text_has(trio.text, (struct pl_id){1, 2}));
    trio_erase(&trio, 2, 1); /* the e, after the mark */
    trio_collect(&trio);
    assert_int_equal(pl_text_ids(trio.text), 4);
    assert_false(pl_text_has(trio.text, (struct pl_id){1, 2}));
    assert_true(pl_text_has(trio.text, (struct pl_id){1, 5}));
    trio_collect(&trio);
    assert_int_equal(pl_text_ids(trio.text), 3);
    assert_true(text_reads(trio.text, "adf"));
    agrees(&trio, 0);
    /* Naming what is gone: a delete is nothing, an insert an orphan. */
    assert_int_equal(pl_text_delete(trio.text, (struct pl_id_range){{1, 2}, 2}, NULL), PL_OK);
    assert_int_equal(pl_text_insert(trio.text, (struct pl_id){2, 1}, (struct pl_id){1, 2}, none, utf8("x"), NULL),
                     PL_ORPHAN);
    assert_int_equal(pl_text_position(trio.text, (struct pl_anchor){.id = {1, 2}, .after = true}), 0);
    assert_int_equal(pl_text_position(trio.text, (struct pl_anchor){.id = {1, 2}}), 3);
    trio_done(&trio);
}

static void who_saw_the_mark_names_nothing_marked(void **state)
{
    (void)state;
    struct text_trio trio;
    struct pl_id left, right;
    trio_init(&trio, true);
    trio_type(&trio, 1, 0, utf8("abcdef"));
    trio_erase(&trio, 0, 1);
    trio_erase(&trio, 2, 2); /* [a]bc[de]f */
    pl_text_origins(trio.text, 2, &left, &right);
    assert_true(pl_id_equal(left, (struct pl_id){1, 3}) && pl_id_equal(right, (struct pl_id){1, 4}));
    trio_collect(&trio);
    pl_text_origins(trio.text, 2, &left, &right);
    assert_true(pl_id_equal(left, (struct pl_id){1, 3}) && pl_id_equal(right, (struct pl_id){1, 6}));
    pl_text_origins(trio.text, 0, &left, &right);
    assert_true(pl_id_none(left) && pl_id_equal(right, (struct pl_id){1, 2}));
    assert_true(pl_text_after(trio.text, (struct pl_id){1, 4}, &left, &right));
    assert_true(pl_id_equal(left, (struct pl_id){1, 3}) && pl_id_equal(right, (struct pl_id){1, 6}));
    assert_true(pl_text_after(trio.text, (struct pl_id){1, 1}, &left, &right));
    assert_true(pl_id_none(left) && pl_id_equal(right, (struct pl_id){1, 2}));
    trio_erase(&trio, 0, 3);
    trio_collect(&trio);
    pl_text_origins(trio.text, 0, &left, &right);
    assert_true(pl_id_none(left) && pl_id_none(right)); /* nothing but marked ones is left */
    trio_collect(&trio);
    assert_int_equal(pl_text_ids(trio.text), 0);
    trio_type(&trio, 1, 0, utf8("anew"));
    agrees(&trio, 0);
    trio_done(&trio);
}

static void insert(struct pl_text *text, struct pl_id id, struct pl_id left, struct pl_id right, const char *string)
{
    assert_int_equal(pl_text_insert(text, id, left, right, utf8(string), NULL), PL_OK);
}

/* Two type at the front around marked scalars, one of them in front of something those hold that was not known to the
 * other: each is where it is, whichever comes first. */
static void who_types_around_marked_scalars_is_where_others_put_it(void **state)
{
    (void)state;
    for (int x_first = 0; x_first < 2; x_first++) {
        struct pl_text *text = pl_text_new(pl_mem_libc());
        insert(text, (struct pl_id){4, 2}, none, none, "m");
        insert(text, (struct pl_id){4, 3}, (struct pl_id){4, 2}, none, "cdefghij");
        insert(text, (struct pl_id){4, 16}, (struct pl_id){4, 10}, none, "k");
        insert(text, (struct pl_id){2, 4}, (struct pl_id){4, 2}, (struct pl_id){4, 3}, "held");
        if (x_first)
            insert(text, (struct pl_id){3, 17}, none, (struct pl_id){4, 16}, "X");
        insert(text, (struct pl_id){2, 20}, none, (struct pl_id){2, 4}, "Y");
        if (!x_first)
            insert(text, (struct pl_id){3, 17}, none, (struct pl_id){4, 16}, "X");
        assert_true(text_reads(text, "YXmheldcdefghijk"));
        pl_text_free(text);
    }
}

/* The m is marked: who knows types X around it, who does not types h behind it. */
static void who_types_around_a_marked_scalar_leaves_those_behind_it_in_order(void **state)
{
    (void)state;
    for (int x_first = 0; x_first < 2; x_first++) {
        struct pl_text *text = pl_text_new(pl_mem_libc());
        insert(text, (struct pl_id){2, 1}, none, none, "m");
        insert(text, (struct pl_id){1, 1}, (struct pl_id){2, 1}, none, "k");
        if (x_first)
            insert(text, (struct pl_id){1, 2}, none, (struct pl_id){1, 1}, "XX");
        insert(text, (struct pl_id){2, 2}, (struct pl_id){2, 1}, none, "h");
        if (!x_first)
            insert(text, (struct pl_id){1, 2}, none, (struct pl_id){1, 1}, "XX");
        assert_true(text_reads(text, "XXmkh"));
        pl_text_free(text);
    }
}

static void random_edits_and_collections_agree_with_the_naive_text(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        trio_init(&trio, true);
        for (int i = 0; i < 120; i++) {
            uint8_t bytes[4 * 6];
            const uint32_t at = rng_below(&rng, (uint32_t)pl_text_utf16(trio.text) + 1);
            if (rng_chance(&rng, 35))
                trio_erase(&trio, at, 1 + rng_below(&rng, 8));
            else
                trio_type(&trio, 1 + rng_below(&rng, 3), at, trio_words(bytes, 1 + rng_below(&rng, 6), rng_next(&rng)));
            if (rng_chance(&rng, 6))
                trio_collect(&trio);
        }
        agrees(&trio, seed);
        trio_done(&trio);
    }
}

struct survivors {
    const struct pl_text *old, *fresh;
    struct pl_id last;
};

static bool check_survivors(void *user, struct pl_id_range range, struct pl_slice bytes)
{
    struct survivors *survivors = user;
    (void)bytes;
    for (uint64_t k = 0; k < range.n; k++) {
        const struct pl_id id = {range.id.replica, range.id.ctr + k};
        if (pl_text_has(survivors->fresh, id))
            survivors->last = id;
        assert_true(pl_id_equal(pl_text_survivor(survivors->old, id, survivors->fresh), survivors->last));
    }
    return true;
}

/* A journal: inserts, deletes and collections in one order, by people who have seen it up to somewhere. */

#define PEOPLE 4u
#define ENTRIES_MAX 300u
#define ORDERS 3u /* in which the entries between two collections are applied */

struct entry {
    enum { INSERT, DELETE, COLLECT } kind;
    uint32_t author;
    struct pl_id id, left, right;
    struct pl_id_range range;
    uint8_t bytes[3];
    uint32_t byte_n;
    uint32_t seen; /* entries its author had seen */
};

struct journal {
    struct entry entries[ENTRIES_MAX];
    uint32_t n;
    uint32_t last_collect, collect_before; /* entries up to and with the last one, and the one before it */
};

static void apply(struct pl_text *text, const struct entry *entry)
{
    const struct pl_slice bytes = {entry->bytes, entry->byte_n};
    switch (entry->kind) {
    case INSERT:
        assert_int_equal(pl_text_insert(text, entry->id, entry->left, entry->right, bytes, NULL), PL_OK);
        break;
    case DELETE:
        assert_int_equal(pl_text_delete(text, entry->range, NULL), PL_OK);
        break;
    case COLLECT:
        assert_int_equal(pl_text_collect(text), PL_OK);
        break;
    }
}

struct person {
    struct pl_text *text; /* as of `seen` entries */
    uint32_t seen;
    uint64_t next;
};

static bool first_range(void *user, struct pl_id_range range, struct pl_slice bytes)
{
    (void)bytes;
    *(struct pl_id_range *)user = range;
    return false;
}

static void person_writes(struct rng *rng, struct journal *journal, struct person *person, uint32_t author,
                          uint32_t within)
{
    struct entry *entry = &journal->entries[journal->n++];
    const uint32_t length = (uint32_t)pl_text_utf16(person->text);
    const uint32_t at = rng_below(rng, length < within ? length + 1 : within);
    *entry = (struct entry){.kind = INSERT, .author = author, .seen = person->seen};
    if (at < length && rng_chance(rng, 45)) {
        entry->kind = DELETE;
        pl_text_visible(person->text, at, 1 + rng_below(rng, 4), first_range, &entry->range);
        return;
    }
    entry->id = (struct pl_id){author + 1, person->next};
    entry->byte_n = 1 + rng_below(rng, 3);
    person->next += entry->byte_n;
    memset(entry->bytes, 'a' + (int)author, sizeof entry->bytes);
    pl_text_origins(person->text, at, &entry->left, &entry->right);
}

static void person_reads(const struct journal *journal, struct person *person, uint32_t upto)
{
    while (person->seen < upto)
        apply(person->text, &journal->entries[person->seen++]);
}

/* Collects when everybody, and so all that is under way, has seen the collection before. */
static void maybe_collect(struct journal *journal, const struct person *people)
{
    for (uint32_t i = 0; i < PEOPLE; i++)
        if (people[i].seen < journal->last_collect)
            return;
    journal->entries[journal->n++] = (struct entry){.kind = COLLECT};
    journal->collect_before = journal->last_collect;
    journal->last_collect = journal->n;
}

/* The journal, but what stands between two collections in another causal order. */
static void apply_shuffled(struct rng *rng, const struct journal *journal, struct pl_text *text)
{
    bool done[ENTRIES_MAX] = {false};
    for (uint32_t start = 0; start < journal->n; start++) {
        uint32_t end = start;
        while (end < journal->n && journal->entries[end].kind != COLLECT)
            end++;
        for (uint32_t left = end - start; left > 0;) {
            const uint32_t at = start + rng_below(rng, end - start);
            const struct entry *entry = &journal->entries[at];
            bool ready = !done[at];
            for (uint32_t i = start; i < at && ready; i++) /* what its author had seen, and wrote before */
                ready = done[i] || (i >= entry->seen && journal->entries[i].author != entry->author);
            if (!ready)
                continue;
            apply(text, entry);
            done[at] = true;
            left--;
        }
        if (end < journal->n)
            apply(text, &journal->entries[end]);
        start = end;
    }
}

static void same_states(const struct pl_text *a, const struct pl_text *b, uint64_t seed)
{
    struct pl_buf spans[2], bytes[2];
    const struct pl_text *texts[2] = {a, b};
    const char *reason = "";
    for (int i = 0; i < 2; i++) {
        pl_buf_init(&spans[i], pl_mem_libc());
        pl_buf_init(&bytes[i], pl_mem_libc());
        pl_text_pack(texts[i], none, &spans[i], &bytes[i]);
    }
    const bool same = pl_slice_equal(pl_buf_slice(&spans[0]), pl_buf_slice(&spans[1])) &&
                      pl_slice_equal(pl_buf_slice(&bytes[0]), pl_buf_slice(&bytes[1])) && pl_text_check(a, &reason);
    for (int i = 0; i < 2; i++) {
        pl_buf_done(&spans[i]);
        pl_buf_done(&bytes[i]);
    }
    if (!same)
        print_error("seed %llu %s\n", (unsigned long long)seed, reason);
    assert_true(same);
}

/* People write within the first `within` units of what they see. */
static void history(uint64_t seed, uint32_t entries_max, uint32_t within)
{
    static struct journal journal;
    struct rng rng = {.state = seed};
    struct person people[PEOPLE];
    journal = (struct journal){0};
    for (uint32_t i = 0; i < PEOPLE; i++)
        people[i] = (struct person){.text = pl_text_new(pl_mem_libc()), .next = 1};
    const uint32_t most = entries_max / 4 + rng_below(&rng, entries_max / 4 * 3), listen = 5 + rng_below(&rng, 60);
    while (journal.n < most) {
        const uint32_t author = rng_below(&rng, PEOPLE);
        struct person *person = &people[author];
        if (rng_chance(&rng, listen))
            person_reads(&journal, person, person->seen + rng_below(&rng, journal.n - person->seen + 1));
        person_writes(&rng, &journal, person, author, within);
        person_reads(&journal, person, journal.n); /* its own entry, and so all before it */
        if (rng_chance(&rng, 6))
            maybe_collect(&journal, people);
    }
    for (uint32_t i = 0; i < PEOPLE; i++)
        person_reads(&journal, &people[i], journal.n);
    for (uint32_t i = 1; i < PEOPLE; i++)
        same_states(people[0].text, people[i].text, seed);
    for (uint32_t i = 0; i < ORDERS; i++) {
        struct pl_text *text = pl_text_new(pl_mem_libc());
        apply_shuffled(&rng, &journal, text);
        same_states(text, people[0].text, seed);
        pl_text_free(text);
    }
    for (uint32_t i = 0; i < PEOPLE; i++)
        pl_text_free(people[i].text);
}

static void who_collects_at_the_same_points_stays_equal(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        history(seed, ENTRIES_MAX - 40, UINT32_MAX);
    for (uint64_t seed = 1; seed <= 1000; seed++)
        history(seed, 32, 5);
}

/* Who kept an old text finds where its places are in one that was collected since. */
static void what_is_gone_has_a_survivor_before_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rng rng = {.state = seed};
        struct text_trio trio;
        trio_init(&trio, false);
        for (int i = 0; i < 150; i++) {
            uint8_t bytes[4 * 6];
            const uint32_t at = rng_below(&rng, (uint32_t)pl_text_utf16(trio.text) + 1);
            if (rng_chance(&rng, 40))
                trio_erase(&trio, at, 1 + rng_below(&rng, 8));
            else
                trio_type(&trio, 1 + rng_below(&rng, 3), at, trio_words(bytes, 1 + rng_below(&rng, 6), rng_next(&rng)));
        }
        struct pl_text *old = pl_text_clone(trio.text);
        trio_collect(&trio);
        trio_collect(&trio);
        struct survivors survivors = {.old = old, .fresh = trio.text};
        pl_text_all(old, check_survivors, &survivors);
        assert_true(pl_id_none(pl_text_survivor(old, (struct pl_id){9, 1}, trio.text)));
        pl_text_free(old);
        trio_done(&trio);
    }
}

/* A text that is written and thrown away all day is as big as what it says. */
static void endless_churn_stays_small(void **state)
{
    (void)state;
    struct count_mem count;
    struct rng rng = {.state = 11};
    struct person person = {.next = 1};
    size_t settled = 0;
    count_mem_init(&count);
    person.text = pl_text_new(&count.mem);
    for (int round = 0; round < 60; round++) {
        struct journal journal = {0};
        for (int i = 0; i < 250; i++) {
            const size_t length = pl_text_utf16(person.text);
            person_writes(&rng, &journal, &person, 0, UINT32_MAX);
            apply(person.text, &journal.entries[--journal.n]);
            if (length <= 200)
                continue;
            struct pl_id_range range;
            pl_text_visible(person.text, rng_below(&rng, 100), 100, first_range, &range);
            assert_int_equal(pl_text_delete(person.text, range, NULL), PL_OK);
        }
        assert_int_equal(pl_text_collect(person.text), PL_OK);
        if (round == 10)
            settled = count.peak;
    }
    assert_true(pl_text_ids(person.text) < 3000);
    assert_true(count.peak < settled * 2);
    pl_text_free(person.text);
    assert_int_equal(count.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_deleted_goes_with_the_second_collection),
        cmocka_unit_test(who_saw_the_mark_names_nothing_marked),
        cmocka_unit_test(who_types_around_marked_scalars_is_where_others_put_it),
        cmocka_unit_test(who_types_around_a_marked_scalar_leaves_those_behind_it_in_order),
        cmocka_unit_test(random_edits_and_collections_agree_with_the_naive_text),
        cmocka_unit_test(who_collects_at_the_same_points_stays_equal),
        cmocka_unit_test(what_is_gone_has_a_survivor_before_it),
        cmocka_unit_test(endless_churn_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
