/* What an applied entry is said to have changed is what it changed: who draws from the changes alone sees the
 * document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/change.h"
#include "proto/doc.h"
#include "proto/object.h"
#include "proto/op.h"
#include "tests/support/literal.h"
#include "tests/support/random_doc.h"
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 400u
#define FIELDS_MAX 80u
#define UNITS_MAX 4000u

/* One field as a viewer draws it. */
struct drawn_field {
    uint32_t field;
    uint8_t value[256];
    size_t len;
};

/* A text is kept in UTF-16, as a browser has it. */
struct drawn_text {
    uint32_t field;
    uint16_t units[UNITS_MAX];
    size_t n;
};

struct drawn {
    struct pl_id id;
    struct drawn_field fields[FIELDS_MAX];
    size_t field_n;
    struct drawn_text texts[4];
    size_t text_n;
    uint64_t tallies; /* hash */
};

struct viewer {
    struct pl_doc *doc;
    struct drawn *objects;
    size_t n;
    size_t change_n;
};

static struct drawn *drawn_of(struct viewer *viewer, struct pl_id id)
{
    for (size_t i = 0; i < viewer->n; i++)
        if (pl_id_equal(viewer->objects[i].id, id))
            return &viewer->objects[i];
    assert_true(viewer->n < OBJECTS_MAX);
    struct drawn *object = &viewer->objects[viewer->n++];
    *object = (struct drawn){.id = id};
    return object;
}

static void draw_field(struct drawn *object, uint32_t field, struct pl_slice value)
{
    size_t i = 0;
    while (i < object->field_n && object->fields[i].field != field)
        i++;
    assert_true(i < FIELDS_MAX && value.len <= sizeof object->fields[i].value);
    object->field_n += i == object->field_n;
    object->fields[i].field = field;
    object->fields[i].len = value.len;
    memcpy(object->fields[i].value, value.data, value.len);
}

static size_t to_units(struct pl_slice utf8, uint16_t *units)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.len;) {
        const uint8_t lead = utf8.data[i];
        const size_t wide = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint32_t scalar = wide == 1 ? lead : lead & (0x7fu >> wide);
        for (size_t k = 1; k < wide; k++)
            scalar = scalar << 6 | (utf8.data[i + k] & 0x3fu);
        if (scalar >= 0x10000)
            units[n++] = (uint16_t)(0xd800 + ((scalar - 0x10000) >> 10));
        units[n++] = (uint16_t)(scalar >= 0x10000 ? 0xdc00 + ((scalar - 0x10000) & 0x3ff) : scalar);
        i += wide;
        assert_true(n < UNITS_MAX - 2);
    }
    return n;
}

static struct drawn_text *drawn_text_of(struct drawn *object, uint32_t field)
{
    size_t i = 0;
    while (i < object->text_n && object->texts[i].field != field)
        i++;
    assert_true(i < sizeof object->texts / sizeof object->texts[0]);
    object->text_n += i == object->text_n;
    object->texts[i].field = field;
    return &object->texts[i];
}

static void draw_splice(struct drawn_text *text, const struct pl_change *change)
{
    uint16_t inserted[UNITS_MAX];
    const size_t n = to_units(change->inserted, inserted);
    assert_true(change->at + change->removed <= text->n && text->n + n <= UNITS_MAX);
    assert_true(n + change->removed > 0);
    memmove(text->units + change->at + n, text->units + change->at + change->removed,
            (text->n - change->at - change->removed) * sizeof text->units[0]);
    memcpy(text->units + change->at, inserted, n * sizeof inserted[0]);
    text->n = text->n + n - change->removed;
}

static uint64_t hash_tallies(const struct pl_object *object)
{
    struct pl_tally tally;
    uint64_t hash = PL_HASH_START;
    for (size_t i = 0; pl_object_tally_at(object, i, &tally); i++) {
        const uint64_t parts[] = {tally.field, tally.user, tally.sub, tally.value};
        hash = pl_hash(hash, parts, sizeof parts);
    }
    return hash;
}

/* All of an object that was just made or brought in, but what its texts say. */
static void draw_whole(struct drawn *drawn, const struct pl_object *object)
{
    struct pl_register reg;
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        draw_field(drawn, reg.field, reg.value);
    drawn->tallies = hash_tallies(object);
}

static void see(void *user, const struct pl_change *change)
{
    struct viewer *viewer = user;
    struct drawn *drawn = drawn_of(viewer, change->object);
    const struct pl_object *object = pl_doc_object(viewer->doc, change->object);
    struct pl_register reg;
    viewer->change_n++;
    switch (change->kind) {
    case PL_CHANGE_MADE:
        draw_whole(drawn, object);
        break;
    case PL_CHANGE_FIELD:
        assert_true(pl_object_register(object, change->field, &reg));
        draw_field(drawn, change->field, reg.value);
        break;
    case PL_CHANGE_TEXT:
        draw_splice(drawn_text_of(drawn, change->field), change);
        break;
    case PL_CHANGE_TALLY:
        drawn->tallies = hash_tallies(object);
        break;
    case PL_CHANGE_DROPPED:
        *drawn = viewer->objects[--viewer->n];
        break;
    default:
        fail_msg("nothing here changes an object as a whole");
    }
}

static void assert_drawn(const struct drawn *drawn, const struct pl_object *object)
{
    struct pl_register reg;
    const struct pl_text *text;
    uint32_t field;
    size_t n = 0;
    for (; pl_object_register_at(object, n, &reg); n++) {
        size_t i = 0;
        while (i < drawn->field_n && drawn->fields[i].field != reg.field)
            i++;
        assert_true(i < drawn->field_n && drawn->fields[i].len == reg.value.len);
        assert_int_equal(memcmp(drawn->fields[i].value, reg.value.data, reg.value.len), 0);
    }
    assert_int_equal(n, drawn->field_n);
    assert_true(drawn->tallies == hash_tallies(object));
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++) {
        uint16_t units[UNITS_MAX];
        struct pl_buf utf8;
        pl_buf_init(&utf8, pl_mem_libc());
        pl_text_write(text, &utf8);
        size_t k = 0;
        while (k < drawn->text_n && drawn->texts[k].field != field)
            k++;
        const size_t units_n = to_units(pl_buf_slice(&utf8), units);
        const size_t drawn_n = k < drawn->text_n ? drawn->texts[k].n : 0;
        assert_int_equal(units_n, drawn_n);
        assert_true(units_n == 0 || memcmp(units, drawn->texts[k].units, units_n * sizeof units[0]) == 0);
        pl_buf_done(&utf8);
    }
}

static void fold(struct viewer *viewer, uint64_t user, struct pl_slice body)
{
    const struct pl_observer observer = {.changed = see, .user = viewer};
    const struct pl_envelope envelope = {
        .seq = pl_doc_head(viewer->doc) + 1, .user = user, .srv_ms = 77, .body = body};
    viewer->change_n = 0;
    assert_int_equal(pl_doc_apply(viewer->doc, &envelope, &observer), PL_OK);
}

static void who_draws_from_the_changes_sees_the_document(void **state)
{
    (void)state;
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct rng rng = {seed};
        struct viewer viewer = {.doc = pl_doc_new(pl_mem_libc())};
        viewer.objects = calloc(OBJECTS_MAX, sizeof *viewer.objects);
        assert_non_null(viewer.objects);
        for (unsigned i = 0; i < 250; i++) {
            uint64_t user;
            pl_buf_clear(&body);
            random_body(viewer.doc, &rng, &body, &user);
            fold(&viewer, user, pl_buf_slice(&body));
        }
        assert_int_equal(viewer.n, pl_doc_object_n(viewer.doc));
        for (size_t i = 0; i < viewer.n; i++)
            assert_drawn(&viewer.objects[i], pl_doc_object(viewer.doc, viewer.objects[i].id));
        pl_doc_free(viewer.doc);
        free(viewer.objects);
    }
    pl_buf_done(&body);
}

static size_t changes_of(struct viewer *viewer, const char *literal)
{
    struct pl_buf body;
    pl_buf_init(&body, pl_mem_libc());
    literal_write(&body, literal);
    fold(viewer, 7, pl_buf_slice(&body));
    pl_buf_done(&body);
    return viewer->change_n;
}

/* A write that came too late, a letter deleted twice: nobody sees a difference, and nobody is told. */
static void what_changes_nothing_is_not_told(void **state)
{
    (void)state;
    struct viewer viewer = {.doc = pl_doc_new(pl_mem_libc())};
    viewer.objects = calloc(OBJECTS_MAX, sizeof *viewer.objects);
    assert_non_null(viewer.objects);
    assert_int_equal(changes_of(&viewer, "[1, 1, 10, [[0, 3, {4: 1}]]]"), 1);
    assert_int_equal(changes_of(&viewer, "[1, 2, 11, [[2, [1, 1], 5, nil, nil, 'abc'], [4, [1, 1], 30, 1, 1]]]"), 2);
    assert_int_equal(changes_of(&viewer, "[2, 1, 3, [[1, [1, 1], 4, 2], [4, [1, 1], 30, 1, 0]]]"), 0);
    assert_int_equal(changes_of(&viewer, "[2, 3, 20, [[3, [1, 1], 5, [[1, 3, 1]]]]]"), 1);
    assert_int_equal(changes_of(&viewer, "[3, 1, 30, [[3, [1, 1], 5, [[1, 3, 1]]]]]"), 0);
    assert_int_equal(changes_of(&viewer, "[3, 2, 31, [[3, [1, 1], 5, [[1, 2, 1], [1, 4, 1]]]]]"), 2);
    assert_int_equal(changes_of(&viewer, "[3, 3, 40, [[6, 9]]]"), 0);
    pl_doc_free(viewer.doc);
    free(viewer.objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_draws_from_the_changes_sees_the_document),
        cmocka_unit_test(what_changes_nothing_is_not_told),
    };
    return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
