/* plenum-trace as somebody would run it: small histories written here, natively and as WebAssembly, and what it says
 * and returns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

static char path[] = "/tmp/plenum-trace-XXXXXX";
static char output[8192];

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    if (fd >= 0)
        close(fd);
    return fd < 0;
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* Runs the program on the file; its status, and all it printed in `output`. */
static int run(const char *options)
{
    char command[512];
    snprintf(command, sizeof command, "%s %s %s 2>&1", PLENUM_TRACE, options, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    const size_t n = fread(output, 1, sizeof output - 1, pipe);
    output[n] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

static void write_file(const char *json)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(json, file);
    fclose(file);
}

static void says(const char *words)
{
    if (strstr(output, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", output, words);
}

static void matches(const char *json)
{
    write_file(json);
    if (run("--repeat 2") != 0)
        fail_msg("natively: %s", output);
    says(": match\n");
    if (run("--wasm --repeat 2") != 0)
        fail_msg("as WebAssembly: %s", output);
    says(" (WebAssembly): match\n");
}

static void a_sequential_history_matches(void **state)
{
    (void)state;
    matches("{\"startContent\": \"Hello world\", \"endContent\": \"Jello, world!\", \"txns\": ["
            "{\"time\": \"now\", \"patches\": [[0, 1, \"J\"]]}, {\"patches\": []},"
            "{\"patches\": [[11, 0, \"?\"], [5, 0, \",\"], [12, 1, \"!\", 7]], \"extra\": [1]}]}");
    says("4 edits by 1 replica");
}

static void an_empty_history_matches(void **state)
{
    (void)state;
    matches("{\"startContent\": \"\", \"endContent\": \"\", \"txns\": []}");
    matches("{\"kind\": \"concurrent\", \"endContent\": \"\", \"numAgents\": 0, \"txns\": []}");
    matches("{\"startContent\": \"x\", \"endContent\": \"x\", \"txns\": [{\"patches\": [[0, 0, \"\"]]}]}");
}

/* One scalar may be one to four bytes and one or two UTF-16 units: positions count none of these. */
static void positions_count_scalars(void **state)
{
    (void)state;
    matches("{\"startContent\": \"\", \"endContent\": \"z\\ud83d\\ude03\\u00e9b\\ud83d\\ude02\", \"txns\": ["
            "{\"patches\": [[0, 0, \"\\ud83d\\ude00\\ud83d\\ude01\\u20ac\\ud83d\\ude02\"]]},"
            "{\"patches\": [[2, 1, \"\\u00e9b\"]]}, {\"patches\": [[1, 1, \"\"]]},"
            "{\"patches\": [[0, 1, \"\\ud83d\\ude03\"]]}, {\"patches\": [[0, 0, \"z\"]]}]}");
}

static void two_people_at_once_match(void **state)
{
    (void)state;
    matches("{\"kind\": \"concurrent\", \"endContent\": \"yoooo ho \\ud83d\\ude00ho\\n\", \"numAgents\": 2, \"txns\": ["
            "{\"parents\": [], \"numChildren\": 2, \"agent\": 0, \"patches\": [[0, 0, \"hi ther\\ud83d\\ude00\\n\"]]},"
            "{\"parents\": [0], \"agent\": 0, \"patches\": [[0, 7, \"\"], [0, 0, \"yoooo\"]]},"
            "{\"parents\": [0], \"agent\": 1, \"patches\": [[7, 0, \" ho \"], [12, 0, \"ho\"]]}]}");
    says("2 replicas");
}

/* Two heads are left open, and a start content that all have. */
static void open_ends_are_merged(void **state)
{
    (void)state;
    matches("{\"startContent\": \"---\", \"endContent\": \"a-b-c\", \"numAgents\": 3, \"txns\": ["
            "{\"parents\": [], \"agent\": 2, \"patches\": [[2, 1, \"c\"]]},"
            "{\"parents\": [], \"agent\": 0, \"patches\": [[0, 0, \"a\"]]},"
            "{\"parents\": [], \"agent\": 1, \"patches\": [[1, 0, \"b\"]]}]}");
    says("3 replicas");
}

/* The third transaction does not know the second, though one person made both. */
static void one_person_beside_themselves_matches(void **state)
{
    (void)state;
    matches("{\"endContent\": \"xabcd\", \"numAgents\": 1, \"txns\": ["
            "{\"parents\": [], \"agent\": 0, \"patches\": [[0, 0, \"ab\"]]},"
            "{\"parents\": [0], \"agent\": 0, \"patches\": [[2, 0, \"c\"]]},"
            "{\"parents\": [0], \"agent\": 0, \"patches\": [[0, 0, \"x\"]]},"
            "{\"parents\": [2, 1], \"agent\": 0, \"patches\": [[4, 0, \"d\"]]}]}");
    says("2 replicas");
}

/* Each of sixty replaces a letter of their own, twice, the second time knowing all of the first. */
static void a_crowd_matches(void **state)
{
    enum { CROWD = 60 };
    static char json[32768];
    size_t len = 0;
    (void)state;
    len += (size_t)sprintf(json, "{\"endContent\": \"%0*d\", \"numAgents\": %d, \"txns\": [{\"parents\": [], "
                           "\"agent\": 3, \"patches\": [[0, 0, \"%0*d\"]]}", CROWD, 0, CROWD, CROWD, 0);
    memset(strchr(json, ':') + 3, 'b', CROWD);
    for (int i = 0; i < CROWD; i++)
        len += (size_t)sprintf(json + len, ",{\"parents\": [0], \"agent\": %d, \"patches\": [[%d, 1, \"a\"]]}", i, i);
    for (int i = 0; i < CROWD; i++) {
        len += (size_t)sprintf(json + len, ",{\"parents\": [");
        for (int k = 1; k <= CROWD; k++)
            len += (size_t)sprintf(json + len, "%s%d", k > 1 ? "," : "", k);
        len += (size_t)sprintf(json + len, "], \"agent\": %d, \"patches\": [[%d, 1, \"b\"]]}", i, i);
    }
    sprintf(json + len, "]}");
    matches(json);
    says("60 replicas");
}

static void a_paste_longer_than_an_op_matches(void **state)
{
    enum { LONG = 100000 };
    static char json[2 * LONG + 200];
    (void)state;
    sprintf(json,
            "{\"endContent\": \"<%0*d>\", \"txns\": [{\"patches\": [[0, 0, \"<>\"]]},"
            "{\"patches\": [[1, 0, \"%0*d\"]]}]}",
            LONG, 0, LONG, 0);
    matches(json);
}

static void a_gzipped_file_is_read(void **state)
{
    (void)state;
    gzFile file = gzopen(path, "wb");
    gzputs(file, "{\"endContent\": \"hi\", \"txns\": [{\"patches\": [[0, 0, \"hi\"]]}]}");
    gzclose(file);
    assert_int_equal(run(""), 0);
    says("match");
    assert_int_equal(truncate(path, 50), 0);
    assert_int_equal(run(""), 2);
}

static void a_mismatch_is_told_and_is_status_1(void **state)
{
    (void)state;
    write_file("{\"endContent\": \"abX\", \"txns\": [{\"patches\": [[0, 0, \"abc\"]]}]}");
    assert_int_equal(run(""), 1);
    says("MISMATCH: the text is not endContent: 3 bytes instead of 3, the same up to byte 2");
    assert_int_equal(run("--wasm"), 1);
    says("MISMATCH");
}

static void what_is_no_history_is_status_2(void **state)
{
    (void)state;
    write_file("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 0]]}]}");
    assert_int_equal(run(""), 2);
    says(path);
    says("txn 0: a patch is not [position, removed, \"inserted\"]");
    assert_int_equal(run("--settle 0"), 2);
    assert_int_equal(run("--no-such-option"), 2);
    write_file("");
    assert_int_equal(run("--wasm"), 2);
}

static void json_says_the_same(void **state)
{
    (void)state;
    write_file("{\"endContent\": \"hi\", \"txns\": [{\"patches\": [[0, 0, \"hi\"]]}]}");
    assert_int_equal(run("--json --repeat 2"), 0);
    says("\"match\":true");
    says("\"engine\":\"native\"");
    says("\"edits\":1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequential_history_matches),
        cmocka_unit_test(an_empty_history_matches),
        cmocka_unit_test(positions_count_scalars),
        cmocka_unit_test(two_people_at_once_match),
        cmocka_unit_test(open_ends_are_merged),
        cmocka_unit_test(one_person_beside_themselves_matches),
        cmocka_unit_test(a_crowd_matches),
        cmocka_unit_test(a_paste_longer_than_an_op_matches),
        cmocka_unit_test(a_gzipped_file_is_read),
        cmocka_unit_test(a_mismatch_is_told_and_is_status_1),
        cmocka_unit_test(what_is_no_history_is_status_2),
        cmocka_unit_test(json_says_the_same),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
