/* See mirror.h. */
#include "mirror.h"
#include "proto/object.h"
#include "tests/support/naive_list.h"
#include "verdict.h"

struct seen_value {
    uint32_t field;
    uint8_t *bytes; /* owned */
    size_t len;
};

struct seen_text {
    uint32_t field;
    uint16_t *units; /* owned */
    size_t n;
};

struct seen {
    struct pl_id id;
    uint32_t kind;
    bool pending;
    struct seen_value *values;
    size_t value_n;
    struct seen_text *texts;
    size_t text_n;
    struct pl_tally *tallies; /* stamps are not seen */
    size_t tally_n;
};

/* Something that was told and is not read again yet. */
struct told {
    enum pl_change_kind kind;
    struct pl_id id;
    uint32_t field;
};

struct mirror {
    struct pl_replica *replica;
    struct seen *objects;
    size_t object_n;
    struct told *told;
    size_t told_n;
    const char *wrong; /* NULL: nothing impossible was told */
};

static void seen_clear(struct seen *seen)
{
    for (size_t i = 0; i < seen->value_n; i++)
        free(seen->values[i].bytes);
    for (size_t i = 0; i < seen->text_n; i++)
        free(seen->texts[i].units);
    free(seen->values);
    free(seen->texts);
    free(seen->tallies);
    *seen = (struct seen){.id = seen->id, .kind = seen->kind};
}

static struct seen *seen_of(struct mirror *mirror, struct pl_id id)
{
    for (size_t i = 0; i < mirror->object_n; i++)
        if (pl_id_equal(mirror->objects[i].id, id))
            return &mirror->objects[i];
    return NULL;
}

static struct seen_text *seen_text_of(struct seen *seen, uint32_t field)
{
    for (size_t i = 0; i < seen->text_n; i++)
        if (seen->texts[i].field == field)
            return &seen->texts[i];
    NAIVE_INSERT(seen->texts, seen->text_n, seen->text_n);
    seen->texts[seen->text_n - 1] = (struct seen_text){.field = field};
    return &seen->texts[seen->text_n - 1];
}

/* Reading. */

static void read_value(struct seen *seen, const struct pl_register *reg)
{
    size_t i = 0;
    while (i < seen->value_n && seen->values[i].field != reg->field)
        i++;
    if (i == seen->value_n) {
        NAIVE_INSERT(seen->values, seen->value_n, i);
        seen->values[i] = (struct seen_value){.field = reg->field};
    }
    seen->values[i].bytes = naive_grow(seen->values[i].bytes, reg->value.len, 1);
    seen->values[i].len = reg->value.len;
    memcpy(seen->values[i].bytes, reg->value.data, reg->value.len);
}

static void read_tallies(struct seen *seen, const struct pl_object *object)
{
    struct pl_tally tally;
    seen->tally_n = 0;
    free(seen->tallies);
    seen->tallies = NULL;
    for (size_t i = 0; pl_object_tally_at(object, i, &tally); i++) {
        tally.stamp = (struct pl_stamp){0};
        NAIVE_INSERT(seen->tallies, seen->tally_n, i);
        seen->tallies[i] = tally;
    }
}

static size_t units_of(struct pl_slice utf8, uint16_t *units)
{
    size_t n = 0;
    for (size_t at = 0; at < utf8.len;) {
        const uint8_t lead = utf8.data[at];
        const size_t wide = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        uint32_t scalar = wide == 1 ? lead : lead & (0x7fu >> wide);
        for (size_t k = 1; k < wide; k++)
            scalar = scalar << 6 | (utf8.data[at + k] & 0x3fu);
        if (wide == 4)
            units[n++] = (uint16_t)(0xd7c0u + (scalar >> 10));
        units[n++] = (uint16_t)(wide == 4 ? 0xdc00u + (scalar & 0x3ffu) : scalar);
        at += wide;
    }
    return n;
}

static void read_text(struct seen *seen, uint32_t field, const struct pl_text *text)
{
    struct pl_buf utf8;
    struct seen_text *seen_text = seen_text_of(seen, field);
    pl_buf_init(&utf8, pl_mem_libc());
    pl_text_write(text, &utf8);
    seen_text->units = naive_grow(seen_text->units, utf8.len, sizeof *seen_text->units);
    seen_text->n = units_of(pl_buf_slice(&utf8), seen_text->units);
    pl_buf_done(&utf8);
}

static void read_all(struct seen *seen, const struct pl_replica *replica, const struct pl_object *object)
{
    struct pl_register reg;
    const struct pl_text *text;
    uint32_t field;
    seen_clear(seen);
    seen->kind = pl_object_kind(object);
    seen->pending = pl_replica_object_pending(replica, seen->id);
    for (size_t i = 0; pl_object_register_at(object, i, &reg); i++)
        read_value(seen, &reg);
    for (size_t i = 0; (text = pl_object_text_at(object, i, &field)) != NULL; i++)
        read_text(seen, field, text);
    read_tallies(seen, object);
}

static struct seen *seen_make(struct mirror *mirror, struct pl_id id)
{
    NAIVE_INSERT(mirror->objects, mirror->object_n, mirror->object_n);
    mirror->objects[mirror->object_n - 1] = (struct seen){.id = id};
    return &mirror->objects[mirror->object_n - 1];
}

static void seen_drop(struct mirror *mirror, struct pl_id id)
{
    struct seen *seen = seen_of(mirror, id);
    if (seen == NULL)
        return;
    seen_clear(seen);
    *seen = mirror->objects[--mirror->object_n];
}

/* Being told. */

/* Whether all of the object will be read anyway. */
static bool awaits_reading(const struct mirror *mirror, struct pl_id id)
{
    for (size_t i = 0; i < mirror->told_n; i++) {
        const struct told *told = &mirror->told[i];
        if (pl_id_equal(told->id, id) && (told->kind == PL_CHANGE_WHOLE || told->kind == PL_CHANGE_MADE))
            return true;
    }
    return false;
}

static void splice(struct mirror *mirror, const struct pl_change *change)
{
    struct seen *seen = seen_of(mirror, change->object);
    if (awaits_reading(mirror, change->object))
        return;
    if (seen == NULL) {
        mirror->wrong = "a splice was told of an object that was not";
        return;
    }
    struct seen_text *text = seen_text_of(seen, change->field);
    if (change->at > text->n || change->removed > text->n - change->at) {
        mirror->wrong = "a splice was told that cannot be";
        return;
    }
    const size_t rest = text->n - change->at - change->removed;
    uint16_t *units = naive_grow(NULL, text->n + change->inserted.len, sizeof *units);
    if (change->at > 0)
        memcpy(units, text->units, change->at * sizeof *units);
    const size_t fresh = units_of(change->inserted, units + change->at);
    if (rest > 0)
        memcpy(units + change->at + fresh, text->units + change->at + change->removed, rest * sizeof *units);
    free(text->units);
    text->units = units;
    text->n = change->at + fresh + rest;
}

/* A text is spliced at once; objects are read when the call that told is over. */
static void changed(void *user, const struct pl_change *change)
{
    struct mirror *mirror = user;
    if (change->kind == PL_CHANGE_TEXT) {
        splice(mirror, change);
        return;
    }
    NAIVE_INSERT(mirror->told, mirror->told_n, mirror->told_n);
    mirror->told[mirror->told_n - 1] = (struct told){change->kind, change->object, change->field};
}

static void refresh_one(struct mirror *mirror, const struct told *told)
{
    const struct pl_object *object = pl_replica_object(mirror->replica, told->id);
    struct seen *seen = seen_of(mirror, told->id);
    struct pl_register reg;
    if (object == NULL) {
        seen_drop(mirror, told->id);
        return;
    }
    if (seen == NULL && told->kind != PL_CHANGE_DROPPED)
        seen = seen_make(mirror, told->id);
    switch (told->kind) {
    case PL_CHANGE_MADE:
    case PL_CHANGE_WHOLE:
        read_all(seen, mirror->replica, object);
        break;
    case PL_CHANGE_FIELD:
        if (pl_object_register(object, told->field, &reg))
            read_value(seen, &reg);
        break;
    case PL_CHANGE_TALLY:
        read_tallies(seen, object);
        break;
    case PL_CHANGE_PENDING:
        seen->pending = pl_replica_object_pending(mirror->replica, told->id);
        break;
    case PL_CHANGE_TEXT:
    case PL_CHANGE_MARKS:
    case PL_CHANGE_DROPPED:
        break;
    }
}

void mirror_refresh(struct mirror *mirror)
{
    for (size_t i = 0; i < mirror->told_n; i++)
        refresh_one(mirror, &mirror->told[i]);
    free(mirror->told);
    mirror->told = NULL;
    mirror->told_n = 0;
}

/* Comparing. */

static bool same_values(const struct seen *a, const struct seen *b)
{
    bool same = a->value_n == b->value_n;
    for (size_t i = 0; same && i < a->value_n; i++) {
        size_t k = 0;
        while (k < b->value_n && b->values[k].field != a->values[i].field)
            k++;
        same = k < b->value_n && a->values[i].len == b->values[k].len &&
               memcmp(a->values[i].bytes, b->values[k].bytes, a->values[i].len) == 0;
    }
    return same;
}

static bool same_texts(struct seen *a, struct seen *b)
{
    for (size_t i = 0; i < a->text_n; i++) {
        const struct seen_text *left = &a->texts[i], *right = seen_text_of(b, left->field);
        if (left->n != right->n || (left->n > 0 && memcmp(left->units, right->units, left->n * 2) != 0))
            return false;
    }
    return a->text_n == b->text_n;
}

static bool same_tallies(const struct seen *a, const struct seen *b)
{
    bool same = a->tally_n == b->tally_n;
    for (size_t i = 0; same && i < a->tally_n; i++) {
        const struct pl_tally *left = &a->tallies[i], *right = &b->tallies[i];
        same = left->field == right->field && left->sub == right->sub && left->user == right->user &&
               left->value == right->value;
    }
    return same;
}

static const char *difference(struct seen *a, struct seen *b)
{
    return a->kind != b->kind         ? "an object became another unnoticed"
           : !same_values(a, b)       ? "a value changed, and nobody was told"
           : !same_texts(a, b)        ? "a text is not what was told of it"
           : !same_tallies(a, b)      ? "a tally changed, and nobody was told"
           : a->pending != b->pending ? "nobody was told what is pending"
                                      : NULL;
}

struct comparing {
    struct mirror *mirror;
    size_t n;
    const char *reason;
};

static void compare_one(void *user, const struct pl_object *object)
{
    struct comparing *comparing = user;
    struct seen now = {.id = pl_object_id(object)};
    struct seen *seen = seen_of(comparing->mirror, now.id);
    comparing->n++;
    if (comparing->reason != NULL)
        return;
    read_all(&now, comparing->mirror->replica, object);
    comparing->reason = seen == NULL ? "an object was made, and nobody was told" : difference(&now, seen);
    seen_clear(&now);
}

bool mirror_agrees(struct mirror *mirror, const char **ret_reason)
{
    struct comparing comparing = {.mirror = mirror};
    mirror_refresh(mirror);
    pl_replica_each(mirror->replica, compare_one, &comparing);
    if (comparing.reason == NULL && comparing.n != mirror->object_n)
        comparing.reason = "an object went, and nobody was told";
    if (comparing.reason == NULL)
        comparing.reason = mirror->wrong;
    if (comparing.reason != NULL)
        *ret_reason = comparing.reason;
    return comparing.reason == NULL;
}

static void make_one(void *user, const struct pl_object *object)
{
    struct mirror *mirror = user;
    read_all(seen_make(mirror, pl_object_id(object)), mirror->replica, object);
}

struct mirror *mirror_new(struct pl_replica *replica)
{
    struct mirror *mirror = sim_get(sizeof *mirror);
    const struct pl_observer observer = {.changed = changed, .user = mirror};
    mirror->replica = replica;
    pl_replica_each(replica, make_one, mirror);
    pl_replica_observe(replica, &observer);
    return mirror;
}

void mirror_free(struct mirror *mirror_or_null)
{
    if (mirror_or_null == NULL)
        return;
    pl_replica_observe(mirror_or_null->replica, NULL);
    for (size_t i = 0; i < mirror_or_null->object_n; i++)
        seen_clear(&mirror_or_null->objects[i]);
    free(mirror_or_null->objects);
    free(mirror_or_null->told);
    free(mirror_or_null);
}
