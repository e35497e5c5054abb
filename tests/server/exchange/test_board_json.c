/* A board as JSON and back: nothing that a person sees is lost, and what is no board is refused by
 * name. */
#include "exchange/board_json.h"
#include "proto/object.h"
#include "tests/support/core_check.h"
#include "tests/support/random_doc.h"
#include "tests/support/samples.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS UINT64_C(1900000000000)

static struct pl_buf export(struct pl_doc *doc)
{
    struct pl_buf json;
    pl_buf_init(&json, pl_mem_libc());
    assert_int_equal(board_json_write(pl_mem_libc(), doc, (struct pl_slice){0}, &json), PL_OK);
    return json;
}

static struct board_import import(const struct pl_buf *json)
{
    struct board_import import;
    char error[BOARD_JSON_ERROR_BYTES] = "";
    enum pl_status status =
        board_json_read(pl_mem_libc(), pl_buf_slice(json), NOW_MS, &import, error);
    if (status != PL_OK)
        fail_msg("%s\n%.*s", error, (int)json->len, (const char *)json->data);
    return import;
}

/* The journal it came as folds into the same document, without holes, in order of time. */
static void journal_folds(const struct board_import *imported)
{
    struct pl_reader reader = pl_reader_of(pl_buf_slice(&imported->envelopes));
    struct pl_doc *doc = pl_doc_new(pl_mem_libc());
    struct pl_envelope envelope;
    uint64_t n = 0, srv_ms = 0;
    while (!pl_reader_done(&reader)) {
        assert_true(pl_envelope_read(&reader, &envelope));
        assert_true(envelope.srv_ms >= srv_ms);
        assert_int_equal(pl_doc_apply(doc, &envelope, NULL), PL_OK);
        srv_ms = envelope.srv_ms;
        n++;
    }
    assert_true(n == imported->entry_n);
    assert_true(pl_doc_state_hash(doc) == pl_doc_state_hash(imported->doc));
    for (size_t i = 0; i < pl_doc_object_n(doc); i++)
        assert_true(pl_object_id(pl_doc_object_at(doc, i)).replica < imported->replica_n);
    pl_doc_free(doc);
}

static void comes_back_the_same(struct pl_doc *doc)
{
    struct pl_buf first = export(doc);
    struct board_import imported = import(&first);
    struct pl_buf second = export(imported.doc);
    journal_folds(&imported);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    assert_true(pl_doc_view_hash(doc) == pl_doc_view_hash(imported.doc));
    pl_buf_done(&first);
    pl_buf_done(&second);
    board_import_done(&imported);
}

static void a_board_with_everything_comes_back_the_same(void **state)
{
    (void)state;
    struct pl_doc *doc = sample_doc();
    comes_back_the_same(doc);
    pl_doc_free(doc);
}

static void boards_nobody_planned_come_back_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct pl_doc *doc = sample_doc();
        struct rng rng = rng_of(seed, 0);
        random_fold(doc, &rng, 150);
        comes_back_the_same(doc);
        pl_doc_free(doc);
    }
}

static void refused(const char *json, const char *why)
{
    struct board_import imported;
    char error[BOARD_JSON_ERROR_BYTES] = "";
    enum pl_status status =
        board_json_read(pl_mem_libc(), (struct pl_slice){(const uint8_t *)json, strlen(json)},
                        NOW_MS, &imported, error);
    assert_int_equal(status, PL_INVALID);
    if (strstr(error, why) == NULL)
        fail_msg("'%s' is not in: %s", why, error);
}

#define HEAD  "{\"format\":\"plenum-board\",\"version\":1,\"makers\":[0,7],\"objects\":["
#define BOARD "{\"id\":\"0.1\",\"kind\":\"board\",\"fields\":{}}"

static void what_is_no_board_is_refused_by_name(void **state)
{
    (void)state;
    refused("{", "line 1");
    refused("[]", "\"format\"");
    refused("{\"format\":\"plenum-board\",\"version\":2}", "\"version\"");
    refused("{\"format\":\"plenum-board\",\"version\":1,\"makers\":[0],\"objects\":[]}", "lists");
    refused(HEAD "{\"id\":\"0.1\",\"kind\":\"sticky\"}]}", "the board itself");
    refused(HEAD BOARD ",{\"id\":\"0.3\",\"kind\":\"sticky\"}]}", "objects[1]: \"id\"");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"banana\"}]}", "objects[1]: \"kind\"");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"fields\":{\"colour\":1}}]}",
            "no such field");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"fields\":{\"pos\":{}}}]}",
            "a value is neither");
    refused(HEAD BOARD
            ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"fields\":{\"place\":[\"1.9\",\"V\"]}}]}",
            "name objects");
    refused(HEAD BOARD
            ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"texts\":{\"text\":{\"text\":\"\"}}}]}",
            "a text is not");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"texts\":{\"text\":{\"text\":\"ab\","
                       "\"marks\":[[\"bold\",1,2,true]]}}}]}",
            "a mark is not");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"tallies\":[[\"reaction\",7,1,0]]}]}",
            "a tally is not");
    refused(HEAD BOARD
            ",{\"id\":\"1.1\",\"kind\":\"timer\",\"fields\":{\"clock\":[1,2,1,4000000000000]}}]}",
            "a clock is not");
    refused(HEAD BOARD ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"fields\":{\"pos\":[1,\"x\"]}}]}",
            "schema");
    refused(HEAD BOARD
            ",{\"id\":\"1.1\",\"kind\":\"sticky\",\"fields\":{\"99\":{\"$msgpack\":\"kw==\"}}}]}",
            "a value is neither");
}

/* Bytes of a good document spoiled one at a time: refused or read, nothing worse. */
static void spoiled_documents_are_refused_or_read(void **state)
{
    (void)state;
    struct pl_doc *doc = sample_doc();
    struct pl_buf json = export(doc);
    unsigned read_n = 0;
    for (size_t i = 0; i < json.len; i++) {
        static const uint8_t bytes[] = {'"', '0', '9', '}', ',', '[', 0xff};
        const uint8_t before = json.data[i];
        struct board_import imported;
        char error[BOARD_JSON_ERROR_BYTES];
        json.data[i] = bytes[i % sizeof bytes];
        enum pl_status status =
            board_json_read(pl_mem_libc(), pl_buf_slice(&json), NOW_MS, &imported, error);
        if (status == PL_OK) {
            read_n++;
            board_import_done(&imported);
        } else {
            assert_int_equal(status, PL_INVALID);
        }
        json.data[i] = before;
    }
    assert_true(read_n > 0 && read_n < json.len / 2);
    pl_buf_done(&json);
    pl_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_with_everything_comes_back_the_same),
        cmocka_unit_test(boards_nobody_planned_come_back_the_same),
        cmocka_unit_test(what_is_no_board_is_refused_by_name),
        cmocka_unit_test(spoiled_documents_are_refused_or_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
