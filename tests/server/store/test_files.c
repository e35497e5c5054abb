/* A folder's media are copied whole, whatever the kernel can do of it: between file systems it mostly copies nothing. */
#include "store/files.h"
#include "tests/support/core_check.h"
#include "tests/support/core_world.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES 200001u
#define WHOLE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* What the kernel says, and after how many bytes of a file. The one global that interposing needs. */
static struct {
    int error;
    size_t first;
    unsigned call_n;
} kernel;

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t len, unsigned flags)
{
    if (kernel.error != 0 && (kernel.call_n++ > 0 || kernel.first == 0)) {
        errno = kernel.error;
        return -1;
    }
    if (kernel.error != 0)
        len = kernel.first;
    return syscall(SYS_copy_file_range, from, from_at, to, to_at, len, flags);
}

struct fixture {
    char from[64], to[64];
};

static uint8_t byte_at(size_t i)
{
    return (uint8_t)(i * 2654435761u >> 13);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    char path[160];
    core_dir_make(fixture.from);
    core_dir_make(fixture.to);
    snprintf(path, sizeof path, "%s/" FILES_MEDIA, fixture.from);
    CORE_CHECK(mkdir(path, 0700) == 0);
    snprintf(path, sizeof path, "%s/" FILES_MEDIA "/" WHOLE, fixture.from);
    FILE *file = fopen(path, "wb");
    CORE_CHECK(file != NULL);
    for (size_t i = 0; i < BYTES; i++)
        CORE_CHECK(fputc(byte_at(i), file) != EOF);
    CORE_CHECK(fclose(file) == 0);
    kernel.error = 0;
    kernel.first = kernel.call_n = 0;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    core_dir_remove(fixture->from);
    core_dir_remove(fixture->to);
    return 0;
}

static void copy_is_whole(const struct fixture *fixture)
{
    char path[160];
    uint64_t n = 0;
    assert_int_equal(media_copy(fixture->from, fixture->to, &n), PL_OK);
    assert_int_equal(n, 1);
    snprintf(path, sizeof path, "%s/" FILES_MEDIA "/" WHOLE, fixture->to);
    FILE *file = fopen(path, "rb");
    CORE_CHECK(file != NULL);
    for (size_t i = 0; i < BYTES; i++)
        CORE_CHECK(fgetc(file) == byte_at(i));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

static void what_the_kernel_copies_is_whole(void **state)
{
    copy_is_whole(*state);
}

static void what_it_cannot_copy_is_whole_too(void **state)
{
    kernel.error = EXDEV;
    copy_is_whole(*state);
}

static void what_it_gave_up_in_the_midst_is_whole_too(void **state)
{
    kernel.error = EINVAL;
    kernel.first = 70000;
    copy_is_whole(*state);
}

static void a_disk_that_fails_is_told(void **state)
{
    const struct fixture *fixture = *state;
    uint64_t n = 0;
    kernel.error = ENOSPC;
    assert_int_equal(media_copy(fixture->from, fixture->to, &n), PL_IO);
    assert_int_equal(n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_kernel_copies_is_whole),
        TEST(what_it_cannot_copy_is_whole_too),
        TEST(what_it_gave_up_in_the_midst_is_whole_too),
        TEST(a_disk_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
