/* Random edits: creates of every kind, sets of every field type, text at random places, deletes and undeletes, parents
 * that may form cycles, and now and then a field and a kind no schema knows. */
#include "edits.h"
#include "proto/id_text.h"
#include "proto/marks.h"
#include "proto/object.h"
#include "proto/order.h"
#include "proto/value.h"

#define TARGETS_MAX  512u
#define FIELDS_MAX   32u
#define EDITS_MAX    4u /* of one call */
#define IDS_MAX      4u
#define ARRANGED_MAX 3u /* objects at once */
#define FOCUS_N      2u /* objects everybody is at */
#define FOCUS_UTF16  6u /* and how far into their texts */
#define MARK_UTF16   9u /* the longest mark */
#define KIND_STRANGE 4711u
#define FIELD_STRANGE 9999u

struct targets {
    struct pl_id ids[TARGETS_MAX]; /* living ones: what is edited */
    uint32_t kinds[TARGETS_MAX];
    uint32_t n;
    struct pl_id dead[TARGETS_MAX]; /* what may be named all the same */
    uint32_t dead_n;
    uint32_t edit;                 /* the number of the one being written */
    bool makes[EDITS_MAX];         /* which of this call's edits are creates */
    const struct edits_wish *wish;
};

static const uint32_t kinds[] = {
#define PL_KIND(name, number, writer) number,
#include "proto/schema.def"
#undef PL_KIND
    KIND_STRANGE,
};
static const uint32_t fields[] = {
#define PL_FIELD(name, number, type) number,
#include "proto/schema.def"
#undef PL_FIELD
    FIELD_STRANGE,
};
static const struct {
    uint32_t kind, field;
} uses[] = {
#define PL_HAS(kind, field) {PL_KIND_##kind, PL_FIELD_##field},
#include "proto/schema.def"
#undef PL_HAS
    {KIND_STRANGE, PL_FIELD_POS},
    {KIND_STRANGE, PL_FIELD_PLACE},
    {KIND_STRANGE, PL_FIELD_TEXT},
    {KIND_STRANGE, FIELD_STRANGE},
};
static const uint32_t marks[] = {
#define PL_MARK(name, number, type, grows) number,
#include "proto/schema.def"
#undef PL_MARK
    KIND_STRANGE,
};
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static bool may_write(const struct edits_wish *wish, uint32_t kind)
{
    return kind != PL_KIND_BOARD && pl_kind_writer(kind) <= wish->role;
}

static void collect(void *user, const struct pl_object *object)
{
    struct targets *targets = user;
    const uint32_t kind = pl_object_kind(object);
    if (!may_write(targets->wish, kind) || pl_object_dying(object) == PL_DYING_MAX ||
        targets->n == TARGETS_MAX || targets->dead_n == TARGETS_MAX)
        return;
    if (!pl_object_alive(object)) {
        targets->dead[targets->dead_n++] = pl_object_id(object);
        return;
    }
    targets->ids[targets->n] = pl_object_id(object);
    targets->kinds[targets->n++] = kind;
}

static uint32_t pick(struct rng *rng, const struct targets *targets)
{
    const bool focused = targets->n > FOCUS_N && rng_chance(rng, targets->wish->focus_percent);
    return rng_below(rng, focused ? FOCUS_N : targets->n);
}

static uint32_t pick_utf16(struct rng *rng, const struct targets *targets, uint32_t length)
{
    const bool focused = length > FOCUS_UTF16 && rng_chance(rng, targets->wish->focus_percent);
    return rng_below(rng, focused ? FOCUS_UTF16 : length + 2);
}

/* Whether the field is written by a plain set. */
static bool is_plain(uint32_t field)
{
    const enum pl_value_type type = pl_field_type(field);
    return type != PL_VALUE_TALLY && type != PL_VALUE_TEXT;
}

/* The fields the kind uses that a create may bear. */
static uint32_t fields_of(uint32_t kind, uint32_t *ret_fields)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < COUNT(uses) && n < FIELDS_MAX; i++)
        if (uses[i].kind == kind && (is_plain(uses[i].field) || pl_field_type(uses[i].field) == PL_VALUE_TEXT))
            ret_fields[n++] = uses[i].field;
    return n;
}

/* Values. */

static void write_numbers(struct rng *rng, struct pl_buf *buf, uint32_t n, uint32_t sizes)
{
    pl_write_array(buf, n);
    for (uint32_t i = 0; i < n; i++)
        pl_write_number(buf, (double)rng_below(rng, 4000) / 4.0 - (i < sizes ? 500.0 : 0.0));
}

/* An object of any kind, dead or alive, or one that an earlier edit of the call makes, or nothing. */
static void write_ref(struct rng *rng, const struct targets *targets, bool may_be_nil, struct pl_buf *buf)
{
    const uint32_t made = rng_below(rng, EDITS_MAX);
    if (made < targets->edit && targets->makes[made])
        pl_write_uint(buf, made);
    else if (targets->dead_n > 0 && rng_chance(rng, 15))
        pl_write_id_text(buf, targets->dead[rng_below(rng, targets->dead_n)]);
    else if (targets->n > 0 && (!may_be_nil || rng_chance(rng, 60)))
        pl_write_id_text(buf, targets->ids[pick(rng, targets)]);
    else
        pl_write_nil(buf);
}

/* A parent, and a key between random neighbours: one of so few that equal ones are many, which leave no room. */
static void write_place(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    struct pl_order_key key;
    uint8_t low = (uint8_t)('0' + rng_below(rng, 3));
    pl_order_between((struct pl_slice){&low, rng_below(rng, 2)}, (struct pl_slice){0},
                     (uint32_t)rng_next(rng) % 2, &key);
    pl_write_array(buf, 2);
    write_ref(rng, targets, true, buf);
    pl_write_str(buf, (struct pl_slice){key.bytes, key.len});
}

/* The place of a new object that goes above everything. */
static void write_top_place(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    pl_write_array(buf, 2);
    write_ref(rng, targets, true, buf);
    pl_write_nil(buf);
}

static void write_words(struct rng *rng, struct pl_buf *buf)
{
    static const char *const words[] = {"a",  "word ", "更好", "🙂", "naïve", "\n",
                                        "设计", "x",     "e\xcc\x81", "longer run of text", "👩‍👧", "z"};
    struct pl_buf text;
    pl_buf_init(&text, buf->mem);
    for (uint32_t i = 0, n = 1 + rng_below(rng, 3); i < n; i++) {
        const char *word = words[rng_below(rng, sizeof words / sizeof *words)];
        for (const char *at = word; *at != '\0'; at++)
            pl_buf_append(&text, at, 1);
    }
    pl_write_str(buf, pl_buf_slice(&text));
    pl_buf_done(&text);
}

static void write_bytes(struct rng *rng, struct pl_buf *buf)
{
    uint8_t bytes[64];
    const uint32_t n = rng_below(rng, sizeof bytes);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_next(rng);
    pl_write_bin(buf, (struct pl_slice){bytes, n});
}

/* References and what comes with them. */
static void write_named(struct rng *rng, const struct targets *targets, enum pl_value_type type,
                        struct pl_buf *buf)
{
    const uint32_t n = targets->n == 0 ? 0 : rng_below(rng, IDS_MAX + 1);
    switch (type) {
    case PL_VALUE_END:
        pl_write_array(buf, 4);
        write_ref(rng, targets, true, buf);
        pl_write_uint(buf, rng_below(rng, 5));
        pl_write_number(buf, rng_below(rng, 900) / 2.0);
        pl_write_number(buf, rng_below(rng, 900));
        break;
    case PL_VALUE_MOMENT:
        pl_write_array(buf, 2);
        write_ref(rng, targets, true, buf);
        pl_write_uint(buf, rng_below(rng, 90000));
        break;
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
        pl_write_array(buf, n);
        for (uint32_t i = 0; i < n; i++) {
            if (type == PL_VALUE_COUNTS)
                pl_write_array(buf, 2);
            write_ref(rng, targets, false, buf);
            if (type == PL_VALUE_COUNTS)
                pl_write_uint(buf, rng_below(rng, 9));
        }
        break;
    default:
        write_ref(rng, targets, true, buf);
    }
}

static void write_value(struct rng *rng, const struct targets *targets, uint32_t field, struct pl_buf *buf)
{
    const enum pl_value_type type = pl_field_type(field);
    switch (type) {
    case PL_VALUE_BOOL:
        pl_write_bool(buf, rng_chance(rng, field == PL_FIELD_LOCKED ? 5 : 50)); /* what is locked is done with */
        break;
    case PL_VALUE_NUMBER:
        pl_write_number(buf, (double)rng_below(rng, 4000) / 8.0);
        break;
    case PL_VALUE_STR:
    case PL_VALUE_URL:
    case PL_VALUE_TEXT: /* of a create: it becomes an insert */
        write_words(rng, buf);
        break;
    case PL_VALUE_BIN:
        write_bytes(rng, buf);
        break;
    case PL_VALUE_POINT:
        write_numbers(rng, buf, 2, 2);
        break;
    case PL_VALUE_SIZE:
        write_numbers(rng, buf, 2, 0);
        break;
    case PL_VALUE_RECT:
        write_numbers(rng, buf, 4, 2);
        break;
    case PL_VALUE_PLACE:
        write_place(rng, targets, buf);
        break;
    case PL_VALUE_CLOCK:
        pl_write_array(buf, 3);
        pl_write_uint(buf, rng_below(rng, 2));
        pl_write_uint(buf, rng_below(rng, 600000));
        pl_write_number(buf, rng_chance(rng, 50) ? -1 : 1.5);
        break;
    case PL_VALUE_REF:
    case PL_VALUE_END:
    case PL_VALUE_IDS:
    case PL_VALUE_COUNTS:
    case PL_VALUE_MOMENT:
        write_named(rng, targets, type, buf);
        break;
    case PL_VALUE_UINT:
    case PL_VALUE_UNKNOWN:
    case PL_VALUE_TALLY:
        pl_write_uint(buf, rng_below(rng, 100));
    }
}

/* Edits. */

static uint32_t pick_kind(struct rng *rng, const struct edits_wish *wish)
{
    uint32_t kind = PL_KIND_STICKY;
    do
        kind = rng_chance(rng, 40) ? PL_KIND_STICKY + rng_below(rng, 4) : kinds[rng_below(rng, COUNT(kinds))];
    while (!may_write(wish, kind));
    return kind;
}

static void create(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    uint64_t *mark_or_null = targets->wish->mark_or_null;
    const uint32_t kind = pick_kind(rng, targets->wish);
    uint32_t used[FIELDS_MAX], n = 0;
    const uint32_t all = fields_of(kind, used);
    for (uint32_t i = 0; i < all; i++)
        if (rng_chance(rng, 75))
            used[n++] = used[i];
    pl_write_array(buf, 3);
    pl_write_uint(buf, 1);
    pl_write_uint(buf, kind);
    pl_write_map(buf, mark_or_null == NULL ? n : n + 1);
    if (mark_or_null != NULL) {
        pl_write_uint(buf, EDITS_FIELD_MARK);
        pl_write_uint(buf, (*mark_or_null)++);
    }
    for (uint32_t i = 0; i < n; i++) {
        pl_write_uint(buf, used[i]);
        if (used[i] == PL_FIELD_PLACE && targets->wish->role >= PL_ROLE_EDITOR && rng_chance(rng, 50))
            write_top_place(rng, targets, buf);
        else
            write_value(rng, targets, used[i], buf);
    }
}

/* A few objects below another one or above everything, some of them in another parent. */
static void arrange(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    const uint32_t n = 1 + rng_below(rng, targets->n < ARRANGED_MAX ? targets->n : ARRANGED_MAX);
    const uint32_t first = rng_below(rng, targets->n - n + 1);
    pl_write_array(buf, 3);
    pl_write_uint(buf, 6);
    pl_write_array(buf, n);
    for (uint32_t i = first; i < first + n; i++) {
        const bool moves = rng_chance(rng, 30);
        if (moves)
            pl_write_array(buf, 2);
        pl_write_id_text(buf, targets->ids[i]);
        if (moves)
            write_ref(rng, targets, true, buf);
    }
    write_ref(rng, targets, true, buf);
}

/* Mostly a field of the kind's own, also whether it exists; sometimes any. */
static uint32_t pick_field(struct rng *rng, uint32_t kind)
{
    uint32_t used[FIELDS_MAX], field;
    const uint32_t n = fields_of(kind, used);
    do {
        const uint32_t dice = rng_below(rng, 100);
        field = dice < 12            ? PL_FIELD_ALIVE
                : dice < 80 && n > 0 ? used[rng_below(rng, n)]
                                     : fields[rng_below(rng, COUNT(fields))];
    } while (!is_plain(field));
    return field;
}

static void set(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    const uint32_t target = pick(rng, targets), field = pick_field(rng, targets->kinds[target]);
    const bool revives = targets->dead_n > 0 && rng_chance(rng, 12);
    pl_write_array(buf, 4);
    pl_write_uint(buf, 2);
    pl_write_id_text(buf, revives ? targets->dead[rng_below(rng, targets->dead_n)] : targets->ids[target]);
    pl_write_uint(buf, revives ? PL_FIELD_ALIVE : field);
    if (revives)
        pl_write_bool(buf, true);
    else
        write_value(rng, targets, field, buf);
}

static void text(struct rng *rng, struct pl_replica *replica, const struct targets *targets,
                 struct pl_buf *buf)
{
    const struct pl_id id = targets->ids[pick(rng, targets)];
    const struct pl_text *target = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    const uint32_t length = target == NULL ? 0 : (uint32_t)pl_text_utf16(target);
    pl_write_array(buf, 6);
    pl_write_uint(buf, 4);
    pl_write_id_text(buf, id);
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_uint(buf, pick_utf16(rng, targets, length));
    pl_write_uint(buf, rng_chance(rng, 40) ? rng_below(rng, length + 1) : 0);
    write_words(rng, buf);
}

static void scribble(struct rng *rng, struct pl_replica *replica, const struct targets *targets,
                     struct pl_buf *buf)
{
    const struct pl_text *target =
        pl_object_text(pl_replica_object(replica, targets->ids[0]), PL_FIELD_TEXT);
    const uint32_t length = target == NULL ? 0 : (uint32_t)pl_text_utf16(target);
    pl_write_array(buf, 6);
    pl_write_uint(buf, 4);
    pl_write_id_text(buf, targets->ids[0]);
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_uint(buf, rng_below(rng, length + 1));
    pl_write_uint(buf, rng_chance(rng, 15) ? 1 : 0);
    pl_write_text(buf, rng_chance(rng, 50) ? "ab" : "🙂");
}

static void write_mark_value(struct rng *rng, uint32_t kind, struct pl_buf *buf)
{
    if (rng_chance(rng, 25))
        pl_write_nil(buf);
    else if (kind == PL_MARK_LINK)
        pl_write_text(buf, rng_chance(rng, 50) ? "https://a.example" : "https://b.example/?q");
    else if (kind == PL_MARK_LIST || kind == KIND_STRANGE)
        pl_write_uint(buf, 1 + rng_below(rng, 4));
    else
        pl_write_bool(buf, true);
}

/* In a text that somebody wrote in, where there is one. */
static void mark(struct rng *rng, struct pl_replica *replica, const struct targets *targets, struct pl_buf *buf)
{
    const struct pl_id id = targets->ids[pick(rng, targets)];
    const struct pl_text *target = pl_object_text(pl_replica_object(replica, id), PL_FIELD_TEXT);
    const uint32_t length = target == NULL ? 0 : (uint32_t)pl_text_utf16(target);
    uint32_t kind = marks[rng_below(rng, COUNT(marks))];
    if (targets->wish->rich_percent % 2 == 0 && !pl_mark_grows(kind))
        kind = PL_MARK_BOLD;
    pl_write_array(buf, 7);
    pl_write_uint(buf, 7);
    pl_write_id_text(buf, id);
    pl_write_uint(buf, PL_FIELD_TEXT);
    pl_write_uint(buf, pick_utf16(rng, targets, length));
    pl_write_uint(buf, rng_below(rng, MARK_UTF16));
    pl_write_uint(buf, kind);
    write_mark_value(rng, kind, buf);
}

/* Anybody's own register on anything. */
static void tally(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    pl_write_array(buf, 5);
    pl_write_uint(buf, 5);
    pl_write_id_text(buf, targets->ids[pick(rng, targets)]);
    pl_write_uint(buf, rng_chance(rng, 80) ? PL_FIELD_REACTION : FIELD_STRANGE);
    pl_write_uint(buf, rng_below(rng, 3));
    pl_write_uint(buf, rng_below(rng, 4));
}

void edits_random(struct rng *rng, struct pl_replica *replica, const struct edits_wish *wish,
                  struct pl_buf *ret_edits)
{
    struct targets targets = {.wish = wish};
    pl_replica_each(replica, collect, &targets);
    const uint32_t n = 1 + rng_below(rng, EDITS_MAX);
    pl_write_array(ret_edits, n);
    for (; targets.edit < n; targets.edit++) {
        const uint32_t dice = rng_below(rng, 100);
        if (targets.n == 0 || dice < 15) {
            targets.makes[targets.edit] = true;
            create(rng, &targets, ret_edits);
        } else if (rng_chance(rng, wish->scribble_percent)) {
            scribble(rng, replica, &targets, ret_edits);
        } else if (rng_chance(rng, wish->tally_percent)) {
            tally(rng, &targets, ret_edits);
        } else if (rng_chance(rng, wish->rich_percent)) {
            mark(rng, replica, &targets, ret_edits);
        } else if (dice < 23 && wish->role >= PL_ROLE_EDITOR) {
            arrange(rng, &targets, ret_edits);
        } else if (dice < 50) {
            set(rng, &targets, ret_edits);
        } else if (dice < 92) {
            text(rng, replica, &targets, ret_edits);
        } else {
            pl_write_array(ret_edits, 2);
            pl_write_uint(ret_edits, 3);
            pl_write_id_text(ret_edits, targets.ids[pick(rng, &targets)]);
        }
    }
}
