/* What older servers wrote is opened, and kept as it was beside. The fixtures are never made anew.
 * */
#include "store/env.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include "tests/support/live_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What check says of each, by format. */
static const char *const holds[STORE_FORMAT + 1] = {
    [1] = "1 boards, 22 entries, 1 snapshots, 3 links: ",
    [2] = "1 boards, 22 entries, 1 snapshots, 3 links: ",
    [3] = "1 boards, 21 entries, 1 snapshots, 3 links: ",
};

static void fixture_copy(uint32_t format, const char *dir)
{
    char from[512], to[128];
    static uint8_t bytes[1u << 20];
    snprintf(from, sizeof from, "%s/fixtures/format-%u/plenum.mdb", PLENUM_TESTS_DIR, format);
    snprintf(to, sizeof to, "%s/plenum.mdb", dir);
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CORE_CHECK(in != NULL && out != NULL);
    size_t n = fread(bytes, 1, sizeof bytes, in);
    CORE_CHECK(n > 0 && n < sizeof bytes && fwrite(bytes, 1, n, out) == n);
    fclose(in);
    CORE_CHECK(fclose(out) == 0);
}

static void check_says(const char *dir, int status, const char *what)
{
    char text[2048];
    assert_int_equal(
        live_run((const char *const[]){"check", "--data", dir, NULL}, text, sizeof text), status);
    if (strstr(text, what) == NULL)
        fail_msg("'%s' is not in: %s", what, text);
}

static void every_format_is_opened_and_holds_what_it_held(void **state)
{
    (void)state;
    for (uint32_t format = 1; format <= STORE_FORMAT; format++) {
        char dir[64], copy[128];
        struct env env;
        core_dir_make(dir);
        fixture_copy(format, dir);
        snprintf(copy, sizeof copy, "%s/plenum-format-%u.mdb", dir, format);
        if (format < STORE_FORMAT)
            check_says(dir, 1, "another format"); /* what only reads does not migrate */
        assert_int_equal(env_open(&env, pl_mem_libc(), dir, 64u << 20, random_system()), PL_OK);
        assert_int_equal(env.format, format);
        env_close(&env);
        check_says(dir, 0, holds[format]);
        check_says(dir, 0, "all is well");
        assert_int_equal(access(copy, F_OK), format < STORE_FORMAT ? 0 : -1);
        core_dir_remove(dir);
    }
}

/* The copy is a whole folder of the old format: put back, it is migrated again. */
static void the_copy_beside_is_what_was_there(void **state)
{
    char dir[64], copy[128], file[128];
    struct env env;
    (void)state;
    core_dir_make(dir);
    fixture_copy(1, dir);
    snprintf(copy, sizeof copy, "%s/plenum-format-1.mdb", dir);
    snprintf(file, sizeof file, "%s/plenum.mdb", dir);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(env_open(&env, pl_mem_libc(), dir, 64u << 20, random_system()), PL_OK);
        assert_int_equal(env.format, 1);
        env_close(&env);
        check_says(dir, 0, holds[1]);
        assert_int_equal(rename(copy, file), 0);
    }
    core_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_opened_and_holds_what_it_held),
        cmocka_unit_test(the_copy_beside_is_what_was_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
