/* Reading editing histories: what their files may say, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/trace/history.h"
#include "proto/limits.h"
#include <stdio.h>
#include <string.h>

static struct history history;
static struct complaint complaint;

static enum pl_status parse(const char *json)
{
    history_done(&history);
    complaint.text[0] = '\0';
    return history_parse(json, strlen(json), &history, &complaint);
}

static void refused(const char *json, const char *why)
{
    assert_int_equal(parse(json), PL_MALFORMED);
    if (strstr(complaint.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", complaint.text, why);
}

static void patch_is(size_t index, uint32_t at, uint32_t removed, const char *inserted)
{
    const struct pl_slice got = history_inserted(&history, index);
    assert_int_equal(history.patches[index].at, at);
    assert_int_equal(history.patches[index].removed, removed);
    assert_int_equal(got.len, strlen(inserted));
    assert_memory_equal(got.data, inserted, got.len);
}

static int tidy(void **state)
{
    (void)state;
    history_done(&history);
    return 0;
}

static void patches_keep_their_order_and_text(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"startContent\": \"h\\u00e9\", \"endContent\": \"\\u20ac\", \"txns\": ["
                           "{\"time\": \"x\", \"patches\": [[1, 0, \"i\"], [0, 2, \"\"]]},"
                           "{\"patches\": []},"
                           "{\"patches\": [[3, 4, \"ab\", \"2023-11-22T04:50:00Z\"]], \"mood\": {}}]}"),
                     PL_OK);
    assert_false(history.concurrent);
    assert_false(history.astral);
    assert_int_equal(history.start_patch_n, 1);
    assert_int_equal(history.patch_n, 4);
    patch_is(0, 0, 0, "hé");
    patch_is(1, 1, 0, "i");
    patch_is(2, 0, 2, "");
    patch_is(3, 3, 4, "ab");
    assert_int_equal(history.txn_n, 3);
    assert_int_equal(history.txns[0].patch0, 1);
    assert_int_equal(history.txns[0].patch_n, 2);
    assert_int_equal(history.txns[1].patch_n, 0);
    assert_int_equal(history.end.len, 3);
    assert_memory_equal(history.end.data, "€", 3);
}

static void parents_make_a_history_concurrent(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"endContent\": \"\", \"numAgents\": 9, \"txns\": ["
                           "{\"parents\": [], \"agent\": 2, \"patches\": []},"
                           "{\"parents\": [0], \"numChildren\": 0, \"agent\": 0, \"patches\": []},"
                           "{\"parents\": [0, 1], \"agent\": 1, \"patches\": []}]}"),
                     PL_OK);
    assert_true(history.concurrent);
    assert_int_equal(history.agent_n, 3);
    assert_int_equal(history.txns[2].parent_n, 2);
    assert_int_equal(history.parents[history.txns[2].parent0 + 1], 1);
    assert_int_equal(history.txns[0].agent, 2);
}

static void a_kind_alone_makes_it_concurrent_too(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"kind\": \"concurrent\", \"endContent\": \"\", \"txns\": []}"), PL_OK);
    assert_true(history.concurrent);
    assert_int_equal(parse("{\"kind\": \"sequential\", \"startContent\": null, \"endContent\": \"\", \"txns\": []}"),
                     PL_OK);
    assert_false(history.concurrent);
}

static void scalars_beyond_16_bits_are_noticed(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 0, \"\\ud83d\\ude00\"]]}]}"), PL_OK);
    assert_true(history.astral);
    patch_is(0, 0, 0, "😀");
}

static void a_nul_is_a_character(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"endContent\": \"a\\u0000b\", \"txns\": [{\"patches\": [[0, 0, \"a\\u0000b\"]]}]}"),
                     PL_OK);
    assert_int_equal(history_inserted(&history, 0).len, 3);
    assert_int_equal(history.end.len, 3);
}

/* An op carries no more, so that the engine is asked for a long paste in pieces. */
static void a_long_paste_is_cut_between_scalars(void **state)
{
    static char json[PL_TEXT_SCALARS_MAX * 4 + 200];
    size_t len = (size_t)sprintf(json, "{\"endContent\": \"\", \"txns\": [{\"patches\": [[7, 5, \"");
    (void)state;
    for (size_t i = 0; i < PL_TEXT_SCALARS_MAX + 2; i++)
        len += (size_t)sprintf(json + len, "é");
    sprintf(json + len, "\"]]}]}");
    assert_int_equal(parse(json), PL_OK);
    assert_int_equal(history.patch_n, 2);
    assert_int_equal(history.txns[0].patch_n, 2);
    assert_int_equal(history.patches[0].removed, 5);
    assert_int_equal(history.patches[0].inserted_bytes, PL_TEXT_SCALARS_MAX * 2);
    patch_is(1, 7 + PL_TEXT_SCALARS_MAX, 0, "éé");
}

static void what_is_no_history_is_refused_with_a_reason(void **state)
{
    (void)state;
    refused("", "no JSON");
    refused("{\"txns\": [", "no JSON");
    refused("[]", "endContent");
    refused("{\"txns\": []}", "endContent");
    refused("{\"endContent\": \"\", \"txns\": {}}", "txns");
    refused("{\"endContent\": \"\", \"startContent\": 1, \"txns\": []}", "startContent");
    refused("{\"endContent\": \"\", \"txns\": [{}]}", "txn 0 has no list of patches");
    refused("{\"endContent\": \"\", \"txns\": [7]}", "txn 0 has no list of patches");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 0]]}]}", "txn 0: a patch is not");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[-1, 0, \"\"]]}]}", "a patch is not");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0.5, 0, \"\"]]}]}", "a patch is not");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 99999999999, \"\"]]}]}", "a patch is not");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 0, null]]}]}", "a patch is not");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [[0, 0, \"\\ud83d\"]]}]}", "no JSON");
}

static void an_impossible_past_is_refused(void **state)
{
    (void)state;
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [], \"parents\": [0], \"agent\": 0}]}", "earlier txn");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [], \"parents\": [-1], \"agent\": 0}]}", "earlier txn");
    refused("{\"endContent\": \"\", \"numAgents\": 1, \"txns\": [{\"patches\": []}]}", "txn 0 has no list of parents");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [], \"parents\": []}]}", "no agent");
    refused("{\"endContent\": \"\", \"txns\": [{\"patches\": [], \"parents\": [], \"agent\": 1048576}]}", "no agent");
    refused("{\"endContent\": \"\", \"numAgents\": 1, \"txns\": [{\"patches\": [], \"parents\": [], \"agent\": 1}]}",
            "numAgents");
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    assert_int_equal(history_read("/nonexistent/trace.json.gz", &history, &complaint), PL_IO);
    assert_string_equal(complaint.text, "No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(patches_keep_their_order_and_text, tidy),
        cmocka_unit_test_teardown(parents_make_a_history_concurrent, tidy),
        cmocka_unit_test_teardown(a_kind_alone_makes_it_concurrent_too, tidy),
        cmocka_unit_test_teardown(scalars_beyond_16_bits_are_noticed, tidy),
        cmocka_unit_test_teardown(a_nul_is_a_character, tidy),
        cmocka_unit_test_teardown(a_long_paste_is_cut_between_scalars, tidy),
        cmocka_unit_test_teardown(what_is_no_history_is_refused_with_a_reason, tidy),
        cmocka_unit_test_teardown(an_impossible_past_is_refused, tidy),
        cmocka_unit_test_teardown(a_file_that_is_not_there_is_told, tidy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
