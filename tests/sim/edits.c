/* Random edits: creates of every kind, sets of every field type, text at random places, deletes and undeletes, parents
 * that may form cycles, and now and then a field and a kind no schema knows. */
#include "edits.h"
#include "proto/id_text.h"
#include "proto/object.h"
#include "proto/order.h"

#define TARGETS_MAX 512u
#define FOCUS_N     2u /* objects everybody is at */
#define FOCUS_UTF16 6u /* and how far into their texts */

struct targets {
    struct pl_id ids[TARGETS_MAX];
    uint32_t n;
    uint32_t focus_percent;
};

static void collect(void *user, const struct pl_object *object)
{
    struct targets *targets = user;
    const uint32_t kind = pl_object_kind(object);
    if (kind != PL_KIND_BOARD && kind != PL_KIND_PERSON && targets->n < TARGETS_MAX)
        targets->ids[targets->n++] = pl_object_id(object);
}

static struct pl_id pick(struct rng *rng, const struct targets *targets)
{
    const bool focused = targets->n > FOCUS_N && rng_chance(rng, targets->focus_percent);
    return targets->ids[rng_below(rng, focused ? FOCUS_N : targets->n)];
}

static uint32_t pick_utf16(struct rng *rng, const struct targets *targets, uint32_t length)
{
    const bool focused = length > FOCUS_UTF16 && rng_chance(rng, targets->focus_percent);
    return rng_below(rng, focused ? FOCUS_UTF16 : length + 2);
}

static void write_pair(struct pl_buf *buf, double a, double b)
{
    pl_write_array(buf, 2);
    pl_write_number(buf, a);
    pl_write_number(buf, b);
}

static double coordinate(struct rng *rng)
{
    return (double)rng_below(rng, 4000) / 4.0 - 500.0;
}

/* A parent of any kind, dead or alive, or the board, and a key between random neighbours. */
static void write_place(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    struct pl_order_key key;
    uint8_t low = (uint8_t)('0' + rng_below(rng, 10));
    pl_order_between((struct pl_slice){&low, rng_below(rng, 2)}, (struct pl_slice){0},
                     (uint32_t)rng_next(rng), &key);
    pl_write_array(buf, 2);
    pl_write_id_text(buf, targets->n > 0 && rng_chance(rng, 60) ? pick(rng, targets)
                                                                : (struct pl_id){0});
    pl_write_str(buf, (struct pl_slice){key.bytes, key.len});
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

static void create(struct rng *rng, const struct targets *targets, uint64_t *mark_or_null, struct pl_buf *buf)
{
    static const uint32_t kinds[] = {PL_KIND_STICKY, PL_KIND_TEXT, PL_KIND_SHAPE, PL_KIND_FRAME, 4711};
    pl_write_array(buf, 3);
    pl_write_uint(buf, 1);
    pl_write_uint(buf, kinds[rng_below(rng, 5)]);
    pl_write_map(buf, mark_or_null == NULL ? 5 : 6);
    if (mark_or_null != NULL) {
        pl_write_uint(buf, EDITS_FIELD_MARK);
        pl_write_uint(buf, (*mark_or_null)++);
    }
    pl_write_uint(buf, PL_FIELD_POS);
    write_pair(buf, coordinate(rng), coordinate(rng));
    pl_write_uint(buf, PL_FIELD_SIZE);
    write_pair(buf, rng_below(rng, 400), rng_below(rng, 400));
    pl_write_uint(buf, PL_FIELD_PLACE);
    write_place(rng, targets, buf);
    pl_write_uint(buf, PL_FIELD_COLOR);
    pl_write_uint(buf, rng_below(rng, 12));
    pl_write_uint(buf, PL_FIELD_TEXT);
    write_words(rng, buf);
}

static void set(struct rng *rng, const struct targets *targets, struct pl_buf *buf)
{
    static const uint32_t fields[] = {PL_FIELD_POS,   PL_FIELD_SIZE,  PL_FIELD_PLACE, PL_FIELD_COLOR,
                                      PL_FIELD_ALIVE, PL_FIELD_FONT,  PL_FIELD_NAME,  PL_FIELD_LOCKED,
                                      PL_FIELD_POS,   9999};
    const uint32_t field = fields[rng_below(rng, 10)];
    pl_write_array(buf, 4);
    pl_write_uint(buf, 2);
    pl_write_id_text(buf, pick(rng, targets));
    pl_write_uint(buf, field);
    switch (field) {
    case PL_FIELD_POS:
        write_pair(buf, coordinate(rng), coordinate(rng));
        break;
    case PL_FIELD_SIZE:
        write_pair(buf, rng_below(rng, 300), rng_below(rng, 300));
        break;
    case PL_FIELD_PLACE:
        write_place(rng, targets, buf);
        break;
    case PL_FIELD_ALIVE:
    case PL_FIELD_LOCKED:
        pl_write_bool(buf, rng_chance(rng, 50));
        break;
    case PL_FIELD_NAME:
        write_words(rng, buf);
        break;
    default:
        pl_write_uint(buf, rng_below(rng, 100));
    }
}

static void text(struct rng *rng, struct pl_replica *replica, const struct targets *targets,
                 struct pl_buf *buf)
{
    const struct pl_id id = pick(rng, targets);
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

void edits_random(struct rng *rng, struct pl_replica *replica, const struct edits_wish *wish,
                  struct pl_buf *ret_edits)
{
    struct targets targets = {.focus_percent = wish->focus_percent};
    pl_replica_each(replica, collect, &targets);
    const uint32_t n = 1 + rng_below(rng, 4);
    pl_write_array(ret_edits, n);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t dice = rng_below(rng, 100);
        if (targets.n == 0 || dice < 15) {
            create(rng, &targets, wish->mark_or_null, ret_edits);
        } else if (dice < 50) {
            set(rng, &targets, ret_edits);
        } else if (dice < 92) {
            text(rng, replica, &targets, ret_edits);
        } else {
            pl_write_array(ret_edits, 2);
            pl_write_uint(ret_edits, 3);
            pl_write_id_text(ret_edits, pick(rng, &targets));
        }
    }
}
