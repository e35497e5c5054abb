/* The marks of one text (see marks.h): an array by id, and how they overlap. Rules M1 to M5. */
#include "proto/marks.h"
#include "proto/limits.h"
#include "proto/op.h"
#include "proto/value.h"
#include <stdlib.h>
#include <string.h>

struct pl_marks {
    const struct pl_mem *mem;
    struct pl_mark *marks; /* by id; their values are owned */
    size_t n, cap;
};

struct pl_marks *pl_marks_new(const struct pl_mem *mem)
{
    struct pl_marks *marks = pl_mem_get(mem, sizeof *marks);
    if (marks != NULL)
        *marks = (struct pl_marks){.mem = mem};
    return marks;
}

static void mark_done(const struct pl_mem *mem, struct pl_mark *mark)
{
    pl_mem_put(mem, (void *)(uintptr_t)mark->value.data);
}

void pl_marks_free(struct pl_marks *marks_or_null)
{
    struct pl_marks *marks = marks_or_null;
    if (marks == NULL)
        return;
    for (size_t i = 0; i < marks->n; i++)
        mark_done(marks->mem, &marks->marks[i]);
    pl_mem_put(marks->mem, marks->marks);
    pl_mem_put(marks->mem, marks);
}

struct pl_marks *pl_marks_clone(const struct pl_marks *marks)
{
    struct pl_marks *clone = pl_marks_new(marks->mem);
    for (size_t i = 0; clone != NULL && i < marks->n; i++) {
        if (pl_marks_add(clone, &marks->marks[i]) != PL_OK) {
            pl_marks_free(clone);
            return NULL;
        }
    }
    return clone;
}

/* Where the mark of this id stands, or would. */
static size_t mark_index(const struct pl_marks *marks, struct pl_id id)
{
    size_t low = 0, high = marks->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pl_id_compare(marks->marks[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum pl_status pl_marks_add(struct pl_marks *marks, const struct pl_mark *mark)
{
    const size_t at = mark_index(marks, mark->id);
    if (at < marks->n && pl_id_equal(marks->marks[at].id, mark->id))
        return PL_OK;
    if (marks->n == marks->cap) {
        const size_t cap = marks->cap == 0 ? 2 : marks->cap * 2;
        struct pl_mark *grown = pl_mem_resize(marks->mem, marks->marks, cap * sizeof *grown);
        if (grown == NULL)
            return PL_NO_MEMORY;
        marks->marks = grown;
        marks->cap = cap;
    }
    uint8_t *value = pl_mem_get(marks->mem, mark->value.len);
    if (value == NULL)
        return PL_NO_MEMORY;
    memcpy(value, mark->value.data, mark->value.len);
    memmove(marks->marks + at + 1, marks->marks + at, (marks->n - at) * sizeof *marks->marks);
    marks->marks[at] = *mark;
    marks->marks[at].value.data = value;
    marks->n++;
    return PL_OK;
}

static struct pl_mark *mark_of(const struct pl_marks *marks, struct pl_id id)
{
    const size_t at = mark_index(marks, id);
    return at < marks->n && pl_id_equal(marks->marks[at].id, id) ? &marks->marks[at] : NULL;
}

bool pl_marks_turn(struct pl_marks *marks, struct pl_id id, bool hidden, struct pl_stamp stamp)
{
    struct pl_mark *mark = mark_of(marks, id);
    if (mark == NULL || pl_stamp_compare(stamp, mark->turned) <= 0)
        return false;
    const bool changed = mark->hidden != hidden;
    mark->turned = stamp;
    mark->hidden = hidden;
    mark->marked = false;
    return changed;
}

bool pl_marks_get(const struct pl_marks *marks, struct pl_id id, struct pl_mark *ret_mark)
{
    const struct pl_mark *mark = mark_of(marks, id);
    if (mark != NULL)
        *ret_mark = *mark;
    return mark != NULL;
}

/* At the text's own end, or at a letter that it has or had. */
static bool anchored(const struct pl_text *text, struct pl_id id)
{
    return pl_id_none(id) || pl_text_has(text, id);
}

enum pl_status pl_text_mark(struct pl_text *text, const struct pl_op *op, bool *ret_changed)
{
    if (op->code == PL_OP_MARK && (!anchored(text, op->left) || !anchored(text, op->right)))
        return PL_ORPHAN;
    struct pl_marks *marks = pl_text_marks_make(text);
    if (marks == NULL)
        return PL_NO_MEMORY;
    if (op->code == PL_OP_TURN) {
        *ret_changed = pl_marks_turn(marks, op->left, op->value_n != 0, op->stamp);
        return PL_OK;
    }
    const struct pl_mark mark = {
        .id = op->id,
        .lam = op->stamp.lam,
        .kind = op->sub,
        .start = {.id = op->left, .after = op->left_after},
        .end = {.id = op->right, .after = op->right_after},
        .value = op->value,
    };
    *ret_changed = true;
    return pl_marks_add(marks, &mark);
}

size_t pl_marks_n(const struct pl_marks *marks)
{
    return marks->n;
}

bool pl_marks_at(const struct pl_marks *marks, size_t index, struct pl_mark *ret_mark)
{
    if (index >= marks->n)
        return false;
    *ret_mark = marks->marks[index];
    return true;
}

bool pl_mark_nil(const struct pl_mark *mark)
{
    return mark->value.len == 1 && mark->value.data[0] == 0xc0;
}

bool pl_mark_grows(uint32_t kind)
{
    switch (kind) {
#define PL_MARK(name, number, type, grows)                                                         \
    case number:                                                                                   \
        return grows;
#include "proto/schema.def"
#undef PL_MARK
    default:
        return false;
    }
}

static enum pl_value_type mark_type(uint32_t kind)
{
    switch (kind) {
#define PL_MARK(name, number, type, grows)                                                         \
    case number:                                                                                   \
        return PL_VALUE_##type;
#include "proto/schema.def"
#undef PL_MARK
    default:
        return PL_VALUE_UNKNOWN;
    }
}

enum pl_status pl_mark_check(uint32_t kind, struct pl_slice value)
{
    struct pl_reader reader = pl_reader_of(value);
    if (value.len > PL_MARK_BYTES_MAX)
        return PL_TOO_BIG;
    if (pl_peek(&reader) == PL_TYPE_NIL)
        return value.len == 1 ? PL_OK : PL_INVALID;
    return pl_value_check_type(mark_type(kind), value);
}

/* ---- where marks show ---- */

/* A mark over the visible text, as positions. */
struct cover {
    size_t from, to;
    const struct pl_mark *mark;
};

/* By kind, then the highest stamp first. */
static int compare_covers(const void *a, const void *b)
{
    const struct pl_mark *left = ((const struct cover *)a)->mark, *right = ((const struct cover *)b)->mark;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    const struct pl_stamp left_stamp = {.lam = left->lam, .replica = left->id.replica};
    const struct pl_stamp right_stamp = {.lam = right->lam, .replica = right->id.replica};
    return pl_stamp_compare(right_stamp, left_stamp);
}

static int compare_positions(const void *a, const void *b)
{
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

/* The stretches between neighbouring ends of marks of one kind, and the winner of each. */
struct painting {
    struct cover *covers; /* of one kind, the highest stamp first */
    size_t n;
    size_t *ends;         /* ascending, `end_n` of them */
    size_t end_n;
    size_t *next;         /* the first stretch from here on that nobody painted yet */
    const struct pl_mark **winners;
};

static size_t unpainted(struct painting *painting, size_t stretch)
{
    while (painting->next[stretch] != stretch) {
        painting->next[stretch] = painting->next[painting->next[stretch]];
        stretch = painting->next[stretch];
    }
    return stretch;
}

static size_t end_index(const struct painting *painting, size_t position)
{
    const size_t *found =
        bsearch(&position, painting->ends, painting->end_n, sizeof *painting->ends, compare_positions);
    return (size_t)(found - painting->ends);
}

/* Each stretch is painted once, by the highest stamp that covers it. */
static void paint(struct painting *painting)
{
    painting->end_n = 0;
    for (size_t i = 0; i < painting->n; i++) {
        painting->ends[painting->end_n++] = painting->covers[i].from;
        painting->ends[painting->end_n++] = painting->covers[i].to;
    }
    qsort(painting->ends, painting->end_n, sizeof *painting->ends, compare_positions);
    size_t n = 0;
    for (size_t i = 0; i < painting->end_n; i++)
        if (n == 0 || painting->ends[n - 1] != painting->ends[i])
            painting->ends[n++] = painting->ends[i];
    painting->end_n = n;
    for (size_t i = 0; i < n; i++) {
        painting->next[i] = i;
        painting->winners[i] = NULL;
    }
    for (size_t i = 0; i < painting->n; i++) {
        const size_t to = end_index(painting, painting->covers[i].to);
        size_t at = unpainted(painting, end_index(painting, painting->covers[i].from));
        for (; at < to; at = unpainted(painting, at)) {
            painting->winners[at] = painting->covers[i].mark;
            painting->next[at] = at + 1;
        }
    }
}

/* False when the visitor stopped the walk. */
static bool tell_runs(const struct painting *painting, pl_mark_visit *visit, void *user)
{
    for (size_t i = 0; i + 1 < painting->end_n;) {
        const struct pl_mark *winner = painting->winners[i];
        size_t to = i + 1;
        while (to + 1 < painting->end_n && painting->winners[to] == winner)
            to++;
        const struct pl_mark_run run = {
            .at = painting->ends[i], .n = painting->ends[to] - painting->ends[i], .mark = winner};
        if (winner != NULL && !visit(user, &run))
            return false;
        i = to;
    }
    return true;
}

/* The marks that cover visible text, in painting order. */
static size_t gather_covers(const struct pl_marks *marks, const struct pl_text *text, struct cover *covers)
{
    size_t n = 0;
    for (size_t i = 0; i < marks->n; i++) {
        const struct pl_mark *mark = &marks->marks[i];
        if (mark->hidden)
            continue;
        const struct cover cover = {.from = pl_text_position(text, mark->start),
                                    .to = pl_text_position(text, mark->end),
                                    .mark = mark};
        if (cover.from < cover.to)
            covers[n++] = cover;
    }
    qsort(covers, n, sizeof *covers, compare_covers);
    return n;
}

enum pl_status pl_marks_runs(const struct pl_marks *marks, const struct pl_text *text, pl_mark_visit *visit,
                             void *user)
{
    const struct pl_mem *mem = marks->mem;
    const size_t ends = marks->n * 2 + 1;
    struct cover *covers = pl_mem_get(mem, (marks->n + 1) * sizeof *covers);
    struct painting painting = {
        .ends = pl_mem_get(mem, ends * sizeof *painting.ends),
        .next = pl_mem_get(mem, ends * sizeof *painting.next),
        .winners = pl_mem_get(mem, ends * sizeof(const struct pl_mark *)),
    };
    enum pl_status status = PL_NO_MEMORY;
    if (covers != NULL && painting.ends != NULL && painting.next != NULL && painting.winners != NULL) {
        const size_t n = gather_covers(marks, text, covers);
        bool on = true;
        for (size_t i = 0; on && i < n; i += painting.n) {
            painting.covers = covers + i;
            painting.n = 1;
            while (i + painting.n < n && covers[i + painting.n].mark->kind == covers[i].mark->kind)
                painting.n++;
            paint(&painting);
            on = tell_runs(&painting, visit, user);
        }
        status = PL_OK;
    }
    pl_mem_put(mem, covers);
    pl_mem_put(mem, painting.ends);
    pl_mem_put(mem, painting.next);
    pl_mem_put(mem, (void *)painting.winners);
    return status;
}

/* Joins what looks alike: a stretch is held back until the next one shows that it is over. */
struct seeing {
    pl_mark_visit *visit;
    void *user;
    struct pl_mark_run held;
    bool holds, stopped;
};

static void see_held(struct seeing *seeing)
{
    if (seeing->holds && !pl_mark_nil(seeing->held.mark) && !seeing->visit(seeing->user, &seeing->held))
        seeing->stopped = true;
    seeing->holds = false;
}

static bool see_run(void *user, const struct pl_mark_run *run)
{
    struct seeing *seeing = user;
    struct pl_mark_run *held = &seeing->held;
    if (seeing->holds && held->mark->kind == run->mark->kind && held->at + held->n == run->at &&
        pl_slice_equal(held->mark->value, run->mark->value)) {
        held->n += run->n;
        return true;
    }
    see_held(seeing);
    *held = *run;
    seeing->holds = true;
    return !seeing->stopped;
}

enum pl_status pl_marks_seen(const struct pl_marks *marks, const struct pl_text *text, pl_mark_visit *visit,
                             void *user)
{
    struct seeing seeing = {.visit = visit, .user = user};
    const enum pl_status status = pl_marks_runs(marks, text, see_run, &seeing);
    if (!seeing.stopped)
        see_held(&seeing);
    return status;
}

/* ---- collecting ---- */

static bool see_scalar(void *user, struct pl_id_range range, struct pl_slice utf8)
{
    (void)range;
    (void)utf8;
    *(bool *)user = true;
    return false;
}

static void tie_to_visible(struct pl_anchor *anchor, const struct pl_text *text)
{
    bool visible = pl_id_none(anchor->id);
    if (!visible)
        pl_text_range(text, (struct pl_id_range){.id = anchor->id, .n = 1}, see_scalar, &visible);
    if (!visible)
        *anchor = pl_text_anchor(text, pl_text_position(text, *anchor), anchor->after);
}

struct winners {
    const struct pl_marks *marks;
    bool *wins; /* by index */
};

static bool note_winner(void *user, const struct pl_mark_run *run)
{
    struct winners *winners = user;
    winners->wins[run->mark - winners->marks->marks] = true;
    return true;
}

enum pl_status pl_marks_collect(struct pl_marks *marks, const struct pl_text *text)
{
    struct winners winners = {.marks = marks, .wins = pl_mem_get(marks->mem, marks->n + 1)};
    size_t kept = 0;
    if (winners.wins == NULL)
        return PL_NO_MEMORY;
    memset(winners.wins, 0, marks->n + 1);
    for (size_t i = 0; i < marks->n; i++) {
        tie_to_visible(&marks->marks[i].start, text);
        tie_to_visible(&marks->marks[i].end, text);
    }
    const enum pl_status status = pl_marks_runs(marks, text, note_winner, &winners);
    for (size_t i = 0; status == PL_OK && i < marks->n; i++) {
        struct pl_mark *mark = &marks->marks[i];
        if (!winners.wins[i] && (!mark->hidden || mark->marked)) {
            mark_done(marks->mem, mark);
            continue;
        }
        mark->marked = mark->hidden;
        marks->marks[kept++] = *mark;
    }
    if (status == PL_OK)
        marks->n = kept;
    pl_mem_put(marks->mem, winners.wins);
    return status;
}

/* ---- snapshots ---- */

#define MARK_TURNED 1u
#define MARK_HIDDEN 2u
#define MARK_MARKED 4u
#define ANCHOR_ID 1u
#define ANCHOR_AFTER 2u

static void pack_id(struct pl_buf *buf, struct pl_id id)
{
    pl_pack_uint(buf, id.replica);
    pl_pack_uint(buf, id.ctr);
}

static void pack_anchor(struct pl_buf *buf, struct pl_anchor anchor)
{
    const bool tied = !pl_id_none(anchor.id);
    pl_pack_uint(buf, (tied ? ANCHOR_ID : 0) | (anchor.after ? ANCHOR_AFTER : 0));
    if (tied)
        pack_id(buf, anchor.id);
}

uint64_t pl_marks_lam(const struct pl_marks *marks)
{
    uint64_t lam = 0;
    for (size_t i = 0; i < marks->n; i++) {
        const struct pl_mark *mark = &marks->marks[i];
        const uint64_t own = mark->lam > mark->turned.lam ? mark->lam : mark->turned.lam;
        lam = own > lam ? own : lam;
    }
    return lam;
}

void pl_marks_pack(const struct pl_marks *marks, struct pl_buf *buf)
{
    pl_pack_uint(buf, marks->n);
    for (size_t i = 0; i < marks->n; i++) {
        const struct pl_mark *mark = &marks->marks[i];
        pack_id(buf, mark->id);
        pl_pack_uint(buf, mark->lam);
        pl_pack_uint(buf, mark->kind);
        pack_anchor(buf, mark->start);
        pack_anchor(buf, mark->end);
        pl_pack_bytes(buf, mark->value);
        const bool turned = mark->turned.lam != 0;
        pl_pack_uint(buf, (turned ? MARK_TURNED : 0) | (mark->hidden ? MARK_HIDDEN : 0) |
                              (mark->marked ? MARK_MARKED : 0));
        if (turned) {
            pl_pack_uint(buf, mark->turned.lam);
            pl_pack_uint(buf, mark->turned.replica);
        }
    }
}

static bool unpack_id(struct pl_packed *packed, struct pl_id *ret_id)
{
    return pl_unpack_u32(packed, &ret_id->replica) && pl_unpack_uint(packed, PL_U53_MAX, &ret_id->ctr) &&
           ret_id->ctr != 0;
}

static bool unpack_anchor(struct pl_packed *packed, const struct pl_text *text, struct pl_anchor *ret_anchor)
{
    uint64_t flags;
    if (!pl_unpack_uint(packed, ANCHOR_ID | ANCHOR_AFTER, &flags))
        return false;
    *ret_anchor = (struct pl_anchor){.after = (flags & ANCHOR_AFTER) != 0};
    return (flags & ANCHOR_ID) == 0 || (unpack_id(packed, &ret_anchor->id) && pl_text_has(text, ret_anchor->id));
}

/* One that was never turned shows, and one that shows is not marked. */
static bool unpack_turned(struct pl_packed *packed, struct pl_mark *mark)
{
    uint64_t flags;
    if (!pl_unpack_uint(packed, MARK_TURNED | MARK_HIDDEN | MARK_MARKED, &flags))
        return false;
    mark->hidden = (flags & MARK_HIDDEN) != 0;
    mark->marked = (flags & MARK_MARKED) != 0;
    if ((mark->hidden && (flags & MARK_TURNED) == 0) || (mark->marked && !mark->hidden))
        return false;
    return (flags & MARK_TURNED) == 0 ||
           (pl_unpack_uint(packed, PL_U53_MAX, &mark->turned.lam) && mark->turned.lam != 0 &&
            pl_unpack_u32(packed, &mark->turned.replica));
}

enum pl_status pl_marks_unpack(const struct pl_mem *mem, struct pl_packed *packed, const struct pl_text *text,
                               struct pl_marks **ret_marks)
{
    uint64_t n;
    if (!pl_unpack_uint(packed, PL_MARKS_MAX, &n) || n == 0)
        return PL_MALFORMED;
    struct pl_marks *marks = pl_marks_new(mem);
    enum pl_status status = marks == NULL ? PL_NO_MEMORY : PL_OK;
    for (uint64_t i = 0; i < n && status == PL_OK; i++) {
        struct pl_mark mark = {0};
        const bool read = unpack_id(packed, &mark.id) && pl_unpack_uint(packed, PL_U53_MAX, &mark.lam) &&
                          pl_unpack_u32(packed, &mark.kind) && unpack_anchor(packed, text, &mark.start) &&
                          unpack_anchor(packed, text, &mark.end) && pl_unpack_bytes(packed, &mark.value) && unpack_turned(packed, &mark);
        const bool ascends = marks->n == 0 || (read && pl_id_compare(marks->marks[marks->n - 1].id, mark.id) < 0);
        if (!read || !ascends || mark.lam == 0 || mark.value.len == 0 ||
            pl_mark_check(mark.kind, mark.value) != PL_OK)
            status = PL_MALFORMED;
        else
            status = pl_marks_add(marks, &mark);
    }
    if (status != PL_OK) {
        pl_marks_free(marks);
        return status;
    }
    *ret_marks = marks;
    return PL_OK;
}
