/* Blocks that many things lie in: all that was taken comes back, whoever leaves last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/slab.h"
#include "tests/sim/rng.h"
#include "tests/support/count_mem.h"
#include <string.h>

enum { THINGS = 2000 };

struct thing {
    uint8_t *at;
    struct pl_slab *slab;
    size_t bytes;
};

static void take(struct pl_slabs *slabs, struct thing *thing, size_t bytes, uint8_t mark)
{
    thing->bytes = bytes;
    thing->at = pl_slabs_take(slabs, bytes, &thing->slab);
    assert_non_null(thing->at);
    assert_int_equal((uintptr_t)thing->at % 8, 0);
    memset(thing->at, mark, bytes);
}

static void put(const struct pl_mem *mem, struct thing *thing, uint8_t mark)
{
    for (size_t i = 0; i < thing->bytes; i++)
        assert_int_equal(thing->at[i], mark);
    pl_slab_put(mem, thing->slab, thing->at);
}

static void things_of_all_sizes_stay_apart_and_leave_in_any_order(void **state)
{
    (void)state;
    static struct thing things[THINGS];
    static size_t order[THINGS];
    struct rng rng = {3};
    struct count_mem count;
    count_mem_init(&count);
    struct pl_slabs slabs = pl_slabs_of(&count.mem);
    size_t bytes = 0;
    for (size_t i = 0; i < THINGS; i++) {
        take(&slabs, &things[i], 1 + rng_below(&rng, rng_chance(&rng, 5) ? 20000 : 400), (uint8_t)i);
        bytes += things[i].bytes;
        order[i] = i;
    }
    pl_slabs_done(&slabs);
    assert_in_range(count.live, bytes, bytes + bytes / 8 + 65536);
    for (size_t left = THINGS; left > 0; left--) {
        const size_t at = rng_below(&rng, (uint32_t)left), i = order[at];
        order[at] = order[left - 1];
        put(&count.mem, &things[i], (uint8_t)i);
    }
    assert_int_equal(count.live, 0);
}

static void few_things_take_few_bytes(void **state)
{
    (void)state;
    struct count_mem count;
    struct thing things[2];
    count_mem_init(&count);
    struct pl_slabs slabs = pl_slabs_of(&count.mem);
    take(&slabs, &things[0], 100, 1);
    take(&slabs, &things[1], 50, 2);
    pl_slabs_done(&slabs);
    assert_int_equal(count.blocks, 1);
    assert_in_range(count.live, 150, 300);
    put(&count.mem, &things[0], 1);
    put(&count.mem, &things[1], 2);
    assert_int_equal(count.live, 0);
}

static void a_block_goes_with_the_last_of_its_things(void **state)
{
    (void)state;
    static struct thing things[THINGS];
    struct count_mem count;
    count_mem_init(&count);
    struct pl_slabs slabs = pl_slabs_of(&count.mem);
    for (size_t i = 0; i < THINGS; i++)
        take(&slabs, &things[i], 512, (uint8_t)i);
    pl_slabs_done(&slabs);
    const size_t all = count.live;
    for (size_t i = 0; i < THINGS / 2; i++)
        put(&count.mem, &things[i], (uint8_t)i);
    assert_in_range(count.live, THINGS / 2 * 512, all / 2 + 2 * 65536);
    for (size_t i = THINGS / 2; i < THINGS; i++)
        put(&count.mem, &things[i], (uint8_t)i);
    assert_int_equal(count.live, 0);
}

static void out_of_memory_nothing_is_taken(void **state)
{
    (void)state;
    for (size_t fails = 0; fails < 4; fails++) {
        static struct thing things[THINGS];
        struct count_mem count;
        size_t n = 0;
        count_mem_init(&count);
        count.fail_at = fails + 1;
        struct pl_slabs slabs = pl_slabs_of(&count.mem);
        while (n < THINGS && (things[n].at = pl_slabs_take(&slabs, 300, &things[n].slab)) != NULL)
            n++;
        assert_true(n < THINGS);
        pl_slabs_done(&slabs);
        for (size_t i = 0; i < n; i++)
            pl_slab_put(&count.mem, things[i].slab, things[i].at);
        assert_int_equal(count.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(things_of_all_sizes_stay_apart_and_leave_in_any_order),
        cmocka_unit_test(few_things_take_few_bytes),
        cmocka_unit_test(a_block_goes_with_the_last_of_its_things),
        cmocka_unit_test(out_of_memory_nothing_is_taken),
    };
    return cmocka_run_group_tests_name("slab", tests, NULL, NULL);
}
