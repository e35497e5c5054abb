/* See naive_marks.h. */
#include "naive_marks.h"
#include "naive_list.h"
#include "proto/marks.h"

struct mark {
    struct pl_id id;
    struct pl_stamp stamp;
    uint32_t kind;
    struct pl_anchor start, end;
    uint8_t *value; /* owned */
    size_t value_len;
    struct pl_stamp turned;
    bool hidden;
    bool marked; /* hidden at the last collection, and not turned since */
};

struct naive_marks {
    struct mark *marks;
    size_t n;
};

struct naive_marks *naive_marks_new(void)
{
    struct naive_marks *marks = naive_grow(NULL, 0, sizeof *marks);
    *marks = (struct naive_marks){0};
    return marks;
}

void naive_marks_free(struct naive_marks *marks_or_null)
{
    if (marks_or_null == NULL)
        return;
    for (size_t i = 0; i < marks_or_null->n; i++)
        free(marks_or_null->marks[i].value);
    free(marks_or_null->marks);
    free(marks_or_null);
}

static void add(struct naive_marks *marks, struct mark mark, struct pl_slice value)
{
    mark.value = naive_grow(NULL, value.len, 1);
    mark.value_len = value.len;
    memcpy(mark.value, value.data, value.len);
    NAIVE_INSERT(marks->marks, marks->n, marks->n);
    marks->marks[marks->n - 1] = mark;
}

struct naive_marks *naive_marks_clone(const struct naive_marks *marks)
{
    struct naive_marks *clone = naive_marks_new();
    for (size_t i = 0; i < marks->n; i++)
        add(clone, marks->marks[i], (struct pl_slice){marks->marks[i].value, marks->marks[i].value_len});
    return clone;
}

void naive_marks_add(struct naive_marks *marks, const struct pl_op *op)
{
    const struct mark mark = {.id = op->id,
                              .stamp = op->stamp,
                              .kind = op->sub,
                              .start = {.id = op->left, .after = op->left_after},
                              .end = {.id = op->right, .after = op->right_after}};
    add(marks, mark, op->value);
}

void naive_marks_turn(struct naive_marks *marks, const struct pl_op *op)
{
    for (size_t i = 0; i < marks->n; i++) {
        struct mark *mark = &marks->marks[i];
        if (!pl_id_equal(mark->id, op->left) || pl_stamp_compare(op->stamp, mark->turned) <= 0)
            continue;
        mark->turned = op->stamp;
        mark->hidden = op->value_n != 0;
        mark->marked = false;
    }
}

/* Where marks show. */

/* Visible units in front of a place; one that is tied to a scalar that is not there is at an end. */
static size_t position(struct naive_scalars scalars, struct pl_anchor anchor)
{
    size_t units = 0, total = 0, found = scalars.n;
    for (size_t i = 0; i < scalars.n; i++) {
        if (pl_id_equal(scalars.at[i].id, anchor.id)) {
            found = i;
            units = total + (anchor.after ? naive_scalar_units(&scalars.at[i]) : 0);
        }
        total += naive_scalar_units(&scalars.at[i]);
    }
    return found < scalars.n ? units : anchor.after ? 0 : total;
}

/* The mark of a kind that shows at a unit: of those that cover it, the one with the highest stamp. NULL: none. */
static struct mark *winner(const struct naive_marks *marks, struct naive_scalars scalars, uint32_t kind, size_t unit)
{
    struct mark *best = NULL;
    for (size_t i = 0; i < marks->n; i++) {
        struct mark *mark = &marks->marks[i];
        if (!mark->hidden && mark->kind == kind && position(scalars, mark->start) <= unit &&
            unit < position(scalars, mark->end) &&
            (best == NULL || pl_stamp_compare(mark->stamp, best->stamp) > 0))
            best = mark;
    }
    return best;
}

static size_t units_of(struct naive_scalars scalars)
{
    return position(scalars, (struct pl_anchor){.after = false});
}

/* Collecting. */

static const struct naive_scalar *scalar_of(struct naive_scalars scalars, struct pl_id id)
{
    for (size_t i = 0; i < scalars.n; i++)
        if (pl_id_equal(scalars.at[i].id, id))
            return &scalars.at[i];
    return NULL;
}

/* To the visible scalar on the side it was tied to, where the deleted one stood. */
static void tie_to_visible(struct pl_anchor *anchor, struct naive_scalars scalars)
{
    const struct naive_scalar *tied = scalar_of(scalars, anchor->id);
    if (pl_id_none(anchor->id) || (tied != NULL && !tied->deleted))
        return;
    const size_t place = position(scalars, *anchor);
    size_t units = 0;
    anchor->id = (struct pl_id){0};
    for (size_t i = 0; i < scalars.n; i++) {
        const struct naive_scalar *scalar = &scalars.at[i];
        if (!scalar->deleted && (anchor->after ? units + naive_scalar_units(scalar) == place : units == place))
            anchor->id = scalar->id;
        units += naive_scalar_units(scalar);
    }
}

void naive_marks_collect(struct naive_marks *marks, struct naive_scalars scalars)
{
    const size_t units = units_of(scalars);
    size_t kept = 0;
    for (size_t i = 0; i < marks->n; i++) {
        tie_to_visible(&marks->marks[i].start, scalars);
        tie_to_visible(&marks->marks[i].end, scalars);
    }
    bool *shows = naive_grow(NULL, marks->n, sizeof *shows);
    for (size_t i = 0; i < marks->n; i++) {
        shows[i] = false;
        for (size_t unit = 0; unit < units && !shows[i]; unit++)
            shows[i] = winner(marks, scalars, marks->marks[i].kind, unit) == &marks->marks[i];
    }
    for (size_t i = 0; i < marks->n; i++) {
        struct mark *mark = &marks->marks[i];
        if (mark->hidden ? mark->marked : !shows[i]) {
            free(mark->value);
            continue;
        }
        mark->marked = mark->hidden;
        marks->marks[kept++] = *mark;
    }
    marks->n = kept;
    free(shows);
}

/* Comparing. */

static bool same_anchor(struct pl_anchor a, struct pl_anchor b)
{
    return pl_id_equal(a.id, b.id) && a.after == b.after;
}

static bool same_mark(const struct mark *mark, const struct pl_marks *engine)
{
    struct pl_mark found;
    return pl_marks_get(engine, mark->id, &found) && found.lam == mark->stamp.lam && found.kind == mark->kind &&
           same_anchor(found.start, mark->start) && same_anchor(found.end, mark->end) &&
           pl_slice_equal(found.value, (struct pl_slice){mark->value, mark->value_len}) &&
           pl_stamp_compare(found.turned, mark->turned) == 0 && found.hidden == mark->hidden &&
           found.marked == mark->marked;
}

struct comparison {
    const struct naive_marks *marks;
    struct naive_scalars scalars;
    size_t units; /* that were told to show a mark */
    bool same;
};

static bool same_run(void *user, const struct pl_mark_run *run)
{
    struct comparison *comparison = user;
    for (size_t unit = run->at; unit < run->at + run->n && comparison->same; unit++) {
        const struct mark *want = winner(comparison->marks, comparison->scalars, run->mark->kind, unit);
        comparison->same = want != NULL && pl_slice_equal(run->mark->value, (struct pl_slice){want->value, want->value_len});
        comparison->units++;
    }
    return comparison->same;
}

/* Units that show a mark which is not nil, kind by kind. */
static size_t shown(const struct naive_marks *marks, struct naive_scalars scalars)
{
    const size_t units = units_of(scalars);
    size_t n = 0;
    for (size_t i = 0; i < marks->n; i++) {
        bool first = true; /* of its kind */
        for (size_t k = 0; k < i; k++)
            first = first && marks->marks[k].kind != marks->marks[i].kind;
        for (size_t unit = 0; first && unit < units; unit++) {
            const struct mark *best = winner(marks, scalars, marks->marks[i].kind, unit);
            n += best != NULL && !(best->value_len == 1 && best->value[0] == 0xc0);
        }
    }
    return n;
}

bool naive_marks_agree(const struct naive_marks *marks, struct naive_scalars scalars, const struct pl_text *engine,
                       const char **ret_reason)
{
    const struct pl_marks *found = pl_text_marks(engine);
    struct comparison comparison = {.marks = marks, .scalars = scalars, .same = true};
    bool same = (found == NULL ? 0 : pl_marks_n(found)) == marks->n;
    for (size_t i = 0; same && i < marks->n; i++)
        same = same_mark(&marks->marks[i], found);
    if (!same) {
        *ret_reason = "a text's marks differ from the naive one's";
        return false;
    }
    if (found != NULL && pl_marks_seen(found, engine, same_run, &comparison) != PL_OK)
        comparison.same = false;
    if (comparison.same && comparison.units == shown(marks, scalars))
        return true;
    *ret_reason = "a text shows other marks than the naive one";
    return false;
}
