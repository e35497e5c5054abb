/* Running out of memory, one allocation at a time and for a spell, while a board and links are made: each request is
 * answered once, before it returns or later, nothing crashes, nothing leaks, and with memory back everything works. */
#include "base/log.h"
#include "tests/support/api_board.h"
#include "tests/support/core_check.h"
#include "tests/support/scarce_mem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void story(struct scarce_mem *scarce, unsigned fail_at)
{
    struct api_world *world = api_world_new_mem(&scarce->mem);
    struct api_request request = api_world_request(API_POST, "/api/boards");
    struct api_board board;
    (void)fail_at;
    api_board_make(world, &board);
    scarce_mem_arm(scarce);
    (void)api_world_ask(world, &request);
    (void)api_board_ask(world, API_POST, &board, "", board.owner.token, "{\"role\":\"viewer\"}");
    (void)api_board_ask(world, API_GET, &board, "", board.owner.token, "");
    scarce_mem_disarm(scarce);
    assert_int_equal(api_world_ask(world, &request), 201);
    assert_int_equal(api_board_ask(world, API_POST, &board, "", board.owner.token, "{\"role\":\"viewer\"}"), 201);
    api_world_free(world);
}

static void any_one_allocation_may_fail(void **state)
{
    (void)state;
    scarce_mem_walk(story, 1, 10);
}

static void a_spell_without_memory_is_survived(void **state)
{
    (void)state;
    scarce_mem_walk(story, 20, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_one_allocation_may_fail),
        cmocka_unit_test(a_spell_without_memory_is_survived),
    };
    log_set(LOG_LEVEL_SILENT, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
