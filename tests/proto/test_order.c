/* Fractional keys. Rule V1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/order.h"
#include <string.h>

static const struct pl_id some_id = {1, 1};

static struct pl_slice slice(const struct pl_order_key *key)
{
    return (struct pl_slice){key->bytes, key->len};
}

static bool below(struct pl_slice a, struct pl_slice b)
{
    return pl_order_compare(a, some_id, b, some_id) < 0;
}

static void random_gaps_always_have_room(void **state)
{
    (void)state;
    struct pl_order_key keys[600];
    uint64_t chance = 1;
    size_t n = 0;
    while (n < 600) {
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        const size_t at = (size_t)(chance >> 33) % (n + 1);
        struct pl_order_key key;
        const struct pl_slice low = at > 0 ? slice(&keys[at - 1]) : (struct pl_slice){0};
        const struct pl_slice high = at < n ? slice(&keys[at]) : (struct pl_slice){0};
        pl_order_between(low, high, (uint32_t)(chance >> 20), &key);
        assert_true(at == 0 || below(low, slice(&key)));
        assert_true(at == n || below(slice(&key), high));
        memmove(&keys[at + 1], &keys[at], (n - at) * sizeof *keys);
        keys[at] = key;
        n++;
    }
}

static void ten_thousand_to_the_front_and_to_the_back_stay_short(void **state)
{
    (void)state;
    struct pl_order_key top = {.len = 0}, bottom, next;
    pl_order_between((struct pl_slice){0}, (struct pl_slice){0}, 7, &top);
    bottom = top;
    for (uint32_t i = 0; i < 10000; i++) {
        pl_order_between(slice(&top), (struct pl_slice){0}, i * 2654435761u, &next);
        assert_true(below(slice(&top), slice(&next)));
        top = next;
        pl_order_between((struct pl_slice){0}, slice(&bottom), i * 2654435761u, &next);
        assert_true(below(slice(&next), slice(&bottom)));
        bottom = next;
    }
    assert_true(top.len <= 8 && bottom.len <= 8);
}

static void equal_malformed_and_exhausted_neighbours_never_fail(void **state)
{
    (void)state;
    uint8_t full[PL_ORDER_BYTES_MAX], junk[3] = {0xff, 0x00, 0x80};
    memset(full, '0', sizeof full);
    const struct pl_slice odd[] = {{(const uint8_t *)"V", 1}, {full, sizeof full}, {junk, 3}, {full, 1}, {0}};
    for (size_t a = 0; a < 5; a++) {
        for (size_t b = 0; b < 5; b++) {
            struct pl_order_key key = {.len = 0};
            pl_order_between(odd[a], odd[b], 12345, &key);
            assert_true(key.len > 0 && key.len <= PL_ORDER_BYTES_MAX);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_gaps_always_have_room),
        cmocka_unit_test(ten_thousand_to_the_front_and_to_the_back_stay_short),
        cmocka_unit_test(equal_malformed_and_exhausted_neighbours_never_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
