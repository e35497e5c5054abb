/* The board that is weighed: everybody has the same one, and its JSON tells all of it, or the comparison would be
 * with something smaller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench/board/board_json.h"
#include "bench/board/team.h"
#include "proto/object.h"
#include <jansson.h>

#define STICKIES 300u

static struct team *team;
static struct pl_buf buf;

static int make_team(void **state)
{
    (void)state;
    pl_buf_init(&buf, pl_mem_libc());
    team = team_new(STICKIES, (struct team_habits){0}, 5);
    return team == NULL;
}

static int drop_team(void **state)
{
    (void)state;
    team_free(team);
    pl_buf_done(&buf);
    return 0;
}

static json_t *written(void)
{
    json_error_t error;
    assert_false(buf.failed);
    json_t *json = json_loadb((const char *)buf.data, buf.len, 0, &error);
    if (json == NULL)
        fail_msg("%s", error.text);
    return json;
}

static const struct pl_text *text_at(size_t index)
{
    const struct pl_object *object = pl_doc_object_at(team_doc(team), index);
    assert_non_null(object);
    return pl_object_text(object, PL_FIELD_TEXT);
}

static void the_board_is_as_ordered(void **state)
{
    size_t deleted = 0;
    (void)state;
    assert_int_equal(pl_doc_object_n(team_doc(team)), STICKIES);
    assert_int_equal(pl_doc_replica_n(team_doc(team)), TEAM_MEMBERS);
    for (size_t i = 0; i < STICKIES; i++) {
        assert_true(pl_text_scalars(text_at(i)) > 0);
        deleted += pl_text_ids(text_at(i)) - pl_text_scalars(text_at(i));
    }
    assert_true(deleted > 0);
    assert_true(team_journal(team)->entry_n > 2 * STICKIES);
}

static void what_is_seen_is_told(void **state)
{
    (void)state;
    pl_buf_clear(&buf);
    board_json_seen(team_doc(team), &buf);
    json_t *board = written();
    assert_int_equal(json_array_size(board), STICKIES);
    for (size_t i = 0; i < STICKIES; i++) {
        const json_t *sticky = json_array_get(board, i);
        double x, y;
        pl_buf_clear(&buf);
        pl_text_write(text_at(i), &buf);
        assert_int_equal(json_string_length(json_object_get(sticky, "text")), buf.len);
        assert_memory_equal(json_string_value(json_object_get(sticky, "text")), buf.data, buf.len);
        assert_true(pl_object_point(pl_doc_object_at(team_doc(team), i), PL_FIELD_POS, &x, &y));
        assert_true(json_number_value(json_array_get(json_object_get(sticky, "pos"), 0)) == x);
        assert_true(json_number_value(json_array_get(json_object_get(sticky, "pos"), 1)) == y);
        assert_true(json_is_integer(json_object_get(sticky, "color")));
        assert_true(json_is_string(json_object_get(sticky, "order")));
    }
    json_decref(board);
}

/* Scalars an insert's parts account for: the letters of strings, and counts of deleted ones. */
static size_t parts_n(const json_t *insert)
{
    size_t n = 0;
    for (size_t i = 3; i < json_array_size(insert); i++) {
        const char *letters = json_string_value(json_array_get(insert, i));
        n += letters == NULL ? (size_t)json_integer_value(json_array_get(insert, i)) : 0;
        for (; letters != NULL && *letters != '\0'; letters++)
            n += (*letters & 0xc0) != 0x80;
    }
    return n;
}

static void every_id_and_stamp_is_told(void **state)
{
    (void)state;
    pl_buf_clear(&buf);
    board_json_whole(team_doc(team), team_journal(team), &buf);
    json_t *board = written();
    const json_t *objects = json_object_get(board, "objects");
    assert_int_equal(json_array_size(json_object_get(board, "replicas")), TEAM_MEMBERS);
    assert_int_equal(json_array_size(objects), STICKIES);
    for (size_t i = 0; i < STICKIES; i++) {
        const json_t *sticky = json_array_get(objects, i), *text = json_object_get(sticky, "text");
        size_t ids = 0;
        for (size_t k = 0; k < json_array_size(text); k++)
            ids += parts_n(json_array_get(text, k));
        assert_int_equal(ids, pl_text_ids(text_at(i)));
        struct pl_register reg;
        for (size_t k = 0; pl_object_register_at(pl_doc_object_at(team_doc(team), i), k, &reg); k++) {
            char field[12];
            snprintf(field, sizeof field, "%u", reg.field);
            const json_t *told = json_object_get(json_object_get(sticky, "fields"), field);
            assert_int_equal(json_integer_value(json_array_get(told, 1)), reg.stamp.lam);
            assert_int_equal(json_integer_value(json_array_get(told, 2)), reg.stamp.replica);
        }
    }
    json_decref(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_board_is_as_ordered),
        cmocka_unit_test(what_is_seen_is_told),
        cmocka_unit_test(every_id_and_stamp_is_told),
    };
    return cmocka_run_group_tests(tests, make_team, drop_team);
}
