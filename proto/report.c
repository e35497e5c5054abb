/* Gathering what changed, and writing it. What an object's view looks like is report_view.c's. */
#include "proto/report.h"
#include "proto/id_text.h"
#include "proto/object.h"
#include "proto/report_view.h"
#include "proto/tree.h"
#include "proto/value.h"
#include <stdlib.h>
#include <string.h>

#define NOTES_MIN 64u
#define PATCH_NOTES_MAX 256u /* what changed in more ways than these is told as a whole */

enum outcome { OUTCOME_NONE, OUTCOME_VIEW, OUTCOME_PATCH, OUTCOME_REMOVED };

struct report_note {
    struct pl_id object;
    enum pl_change_kind kind;
    uint32_t field;
    uint32_t order;         /* among all: sorting keeps each object's notes as they came */
    uint32_t at, removed;   /* text */
    uint32_t text_at, text_len; /* of the inserted text, in report->inserted */
    enum outcome outcome;   /* of the object, and the object as a person sees it; in its first note */
    const struct pl_object *seen;
};

void pl_report_init(struct pl_report *report, const struct pl_mem *mem)
{
    *report = (struct pl_report){.mem = mem};
    pl_buf_init(&report->inserted, mem);
}

void pl_report_done(struct pl_report *report)
{
    pl_mem_put(report->mem, report->notes);
    pl_buf_done(&report->inserted);
}

void pl_report_begin(struct pl_report *report)
{
    report->note_n = 0;
    report->reset = report->failed = false;
    pl_buf_clear(&report->inserted);
}

static void note_change(void *user, const struct pl_change *change)
{
    struct pl_report *report = user;
    if (report->note_n == report->note_cap) {
        const size_t cap = report->note_cap == 0 ? NOTES_MIN : report->note_cap * 2;
        struct report_note *notes = pl_mem_resize(report->mem, report->notes, cap * sizeof *notes);
        if (notes == NULL) {
            report->failed = true;
            return;
        }
        report->notes = notes;
        report->note_cap = cap;
    }
    /* A field of a newer schema may be a register and a text: which one shows, its view says. */
    const bool strange = change->kind == PL_CHANGE_TEXT && pl_field_type(change->field) != PL_VALUE_TEXT;
    report->notes[report->note_n] = (struct report_note){
        .object = change->object,
        .kind = strange ? PL_CHANGE_FIELD : change->kind,
        .field = change->field,
        .order = (uint32_t)report->note_n,
        .at = (uint32_t)change->at,
        .removed = (uint32_t)change->removed,
        .text_at = (uint32_t)report->inserted.len,
        .text_len = (uint32_t)change->inserted.len,
    };
    report->note_n++;
    pl_buf_append(&report->inserted, change->inserted.data, change->inserted.len);
}

struct pl_observer pl_report_observer(struct pl_report *report)
{
    return (struct pl_observer){.changed = note_change, .user = report};
}

static void note_whole(void *user, const struct pl_object *object)
{
    const struct pl_change change = {.kind = PL_CHANGE_WHOLE, .object = pl_object_id(object)};
    note_change(user, &change);
}

void pl_report_all(struct pl_report *report, const struct pl_sight *sight)
{
    pl_report_begin(report);
    report->reset = true;
    pl_sight_each(sight, note_whole, report);
}

static int compare_notes(const void *a, const void *b)
{
    const struct report_note *left = a, *right = b;
    const int order = pl_id_compare(left->object, right->object);
    return order != 0 ? order : left->order < right->order ? -1 : left->order > right->order;
}

static void sort_notes(struct pl_report *report)
{
    bool sorted = true;
    for (size_t i = 1; sorted && i < report->note_n; i++)
        sorted = compare_notes(&report->notes[i - 1], &report->notes[i]) < 0;
    if (!sorted)
        qsort(report->notes, report->note_n, sizeof *report->notes, compare_notes);
}

/* The first of the next object's notes. */
static size_t after_object(const struct pl_report *report, size_t i)
{
    const struct pl_id object = report->notes[i].object;
    while (i < report->note_n && pl_id_equal(report->notes[i].object, object))
        i++;
    return i;
}

/* A frame that changed may change what its children's parent reads as, and theirs, all the way down (V2). */
struct descent {
    struct pl_report *report;
    size_t known_n; /* notes before this pass, sorted */
};

/* The first note of an object among those known, or NULL. */
static const struct report_note *known_note(const struct descent *descent, struct pl_id object)
{
    size_t low = 0, high = descent->known_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (pl_id_compare(descent->report->notes[middle].object, object) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct report_note *note = &descent->report->notes[low];
    return low < descent->known_n && pl_id_equal(note->object, object) ? note : NULL;
}

/* Whether it may change what others' parents read as; and whether its own place is told anyway. */
static bool moves_children(const struct report_note *note)
{
    const bool moved = note->field == PL_FIELD_ALIVE || note->field == PL_FIELD_POS || note->field == PL_FIELD_SIZE ||
                       note->field == PL_FIELD_PLACE;
    return note->kind == PL_CHANGE_FIELD ? moved
                                         : note->kind == PL_CHANGE_MADE || note->kind == PL_CHANGE_WHOLE ||
                                               note->kind == PL_CHANGE_DROPPED;
}

static bool tells_place(const struct report_note *note)
{
    return moves_children(note) && (note->kind != PL_CHANGE_FIELD || note->field == PL_FIELD_ALIVE ||
                                    note->field == PL_FIELD_PLACE);
}

static bool any_note(const struct descent *descent, struct pl_id object, bool (*is)(const struct report_note *note))
{
    const struct report_note *note = known_note(descent, object);
    const struct report_note *end = descent->report->notes + descent->known_n;
    for (; note != NULL && note < end && pl_id_equal(note->object, object); note++)
        if (is(note))
            return true;
    return false;
}

/* What moved, or whose parent did, may have another parent now. */
static void note_moved(void *user, const struct pl_object *object)
{
    struct descent *descent = user;
    const struct pl_change change = {.kind = PL_CHANGE_FIELD, .object = pl_object_id(object), .field = PL_FIELD_PLACE};
    struct pl_id parent;
    struct pl_slice order;
    if (pl_object_place(object, &parent, &order) && !pl_id_none(parent) &&
        (any_note(descent, parent, moves_children) || any_note(descent, change.object, moves_children)) &&
        !any_note(descent, change.object, tells_place))
        note_change(descent->report, &change);
}

/* Whether an object of the kind can be a parent. */
static bool holds(uint32_t kind)
{
#define PL_NEST(child, parent)                                                                     \
    if (kind == PL_KIND_##parent)                                                                  \
        return true;
#include "proto/schema.def"
#undef PL_NEST
    return kind == PL_KIND_FRAME;
}

/* Whether somebody's parent, or parent's parent, may be among what changed. */
static bool any_parent(const struct pl_report *report, const struct pl_sight *sight)
{
    for (size_t i = 0; i < report->note_n; i++) {
        const struct report_note *note = &report->notes[i];
        if (!moves_children(note))
            continue;
        const struct pl_object *object = pl_sight_object(sight, note->object);
        const bool edge = note->kind == PL_CHANGE_WHOLE || note->field == PL_FIELD_PLACE; /* of a cycle, perhaps */
        if (edge || object == NULL || holds(pl_object_kind(object)))
            return true;
    }
    return false;
}

static void note_parents(struct pl_report *report, const struct pl_sight *sight)
{
    struct descent descent = {.report = report};
    bool any = false;
    for (size_t i = 0; i < report->note_n && !any; i++)
        any = moves_children(&report->notes[i]);
    sort_notes(report);
    if (report->reset || !any)
        return;
    const bool far = any_parent(report, sight);
    for (descent.known_n = report->note_n;; descent.known_n = report->note_n) {
        for (size_t i = 0; !far && i < descent.known_n; i = after_object(report, i)) {
            const struct pl_object *object = pl_sight_object(sight, report->notes[i].object);
            if (object != NULL)
                note_moved(&descent, object);
        }
        if (far)
            pl_sight_each(sight, note_moved, &descent);
        if (report->note_n == descent.known_n)
            return;
        sort_notes(report);
    }
}

static enum outcome outcome_of(const struct pl_report *report, size_t first, size_t end,
                               const struct pl_object *object_or_null)
{
    bool whole = end - first > PATCH_NOTES_MAX;
    for (size_t i = first; i < end && !whole; i++)
        whole = report->notes[i].kind == PL_CHANGE_MADE || report->notes[i].kind == PL_CHANGE_WHOLE ||
                report->notes[i].kind == PL_CHANGE_DROPPED ||
                (report->notes[i].kind == PL_CHANGE_FIELD && report->notes[i].field == PL_FIELD_ALIVE);
    if (object_or_null == NULL || !pl_object_alive(object_or_null))
        return whole ? OUTCOME_REMOVED : OUTCOME_NONE; /* what happens to the dead is not seen */
    return whole ? OUTCOME_VIEW : OUTCOME_PATCH;
}

/* The parts of a patch. */
enum part { PART_VALUES, PART_SPLICES, PART_MARKS };

/* Marks move with the text around them. */
static bool has_part(const struct report_note *note, enum part part, const struct pl_object *object)
{
    switch (note->kind) {
    case PL_CHANGE_FIELD:
    case PL_CHANGE_TALLY:
        return part == PART_VALUES;
    case PL_CHANGE_MARKS:
        return part == PART_MARKS;
    case PL_CHANGE_TEXT:
        return part == PART_SPLICES || (part == PART_MARKS && report_has_marks(object, note->field));
    default:
        return false;
    }
}

/* Whether the note is its field's first that has the part. */
static bool names_field(const struct pl_report *report, size_t first, size_t i, enum part part,
                        const struct pl_object *object)
{
    const struct report_note *notes = report->notes;
    if (!has_part(&notes[i], part, object))
        return false;
    for (size_t k = first; k < i; k++)
        if (notes[k].field == notes[i].field && has_part(&notes[k], part, object))
            return false;
    return true;
}

static void write_splices(const struct pl_report *report, size_t from, size_t end, struct pl_buf *buf)
{
    const struct report_note *first = &report->notes[from];
    size_t n = 0;
    for (size_t i = from; i < end; i++)
        n += report->notes[i].kind == PL_CHANGE_TEXT && report->notes[i].field == first->field;
    pl_write_uint(buf, first->field);
    pl_write_array(buf, n);
    for (size_t i = from; i < end; i++) {
        const struct report_note *note = &report->notes[i];
        if (note->kind != PL_CHANGE_TEXT || note->field != first->field)
            continue;
        pl_write_array(buf, 3);
        pl_write_uint(buf, note->at);
        pl_write_uint(buf, note->removed);
        pl_write_str(buf, (struct pl_slice){.data = report->inserted.data + note->text_at, .len = note->text_len});
    }
}

static void write_patch(struct pl_report *report, size_t first, size_t end, const struct pl_sight *sight,
                        struct pl_buf *buf)
{
    const struct pl_id id = report->notes[first].object;
    const struct pl_object *object = report->notes[first].seen;
    pl_write_array(buf, 5);
    pl_write_id_text(buf, id);
    pl_write_bool(buf, pl_sight_pending(sight, id));
    for (enum part part = PART_VALUES; part <= PART_MARKS; part++) {
        size_t n = 0;
        for (size_t i = first; i < end; i++)
            n += names_field(report, first, i, part, object);
        pl_write_map(buf, n);
        for (size_t i = first; i < end && n > 0; i++) {
            if (!names_field(report, first, i, part, object))
                continue;
            if (part == PART_SPLICES)
                write_splices(report, i, end, buf);
            else if (part == PART_VALUES)
                report_field_write(report, sight, object, report->notes[i].field, buf);
            else
                report_marks_write(object, report->notes[i].field, buf);
        }
    }
}

/* What becomes of each object, and of how many what. */
static void settle_outcomes(struct pl_report *report, const struct pl_sight *sight, size_t counts[4])
{
    for (size_t i = 0, end; i < report->note_n; i = end) {
        end = after_object(report, i);
        struct report_note *first = &report->notes[i];
        first->seen = pl_sight_object(sight, first->object);
        first->outcome = outcome_of(report, i, end, first->seen);
        counts[first->outcome]++;
    }
}

static void write_outcome(struct pl_report *report, const struct pl_sight *sight, enum outcome outcome, size_t n,
                          struct pl_buf *buf)
{
    pl_write_array(buf, n);
    for (size_t i = 0, end; n > 0 && i < report->note_n; i = end) {
        end = after_object(report, i);
        if (report->notes[i].outcome != outcome)
            continue;
        n--;
        if (outcome == OUTCOME_VIEW)
            report_view_write(report, sight, report->notes[i].seen, buf);
        else if (outcome == OUTCOME_PATCH)
            write_patch(report, i, end, sight, buf);
        else
            pl_write_id_text(buf, report->notes[i].object);
    }
}

bool pl_report_write(struct pl_report *report, const struct pl_sight *sight, struct pl_buf *buf)
{
    size_t counts[4] = {0};
    note_parents(report, sight);
    settle_outcomes(report, sight, counts);
    pl_write_array(buf, 8);
    pl_write_bool(buf, report->reset);
    for (enum outcome outcome = OUTCOME_VIEW; outcome <= OUTCOME_REMOVED; outcome++)
        write_outcome(report, sight, outcome, counts[outcome], buf);
    pl_tree_free(report->tree_or_null);
    report->tree_or_null = NULL;
    const struct pl_replica *replica = sight->replica_or_null;
    pl_write_uint(buf, pl_sight_head(sight));
    pl_write_uint(buf, replica == NULL ? 0 : pl_replica_pending_n(replica));
    pl_write_uint(buf, replica == NULL ? 0 : pl_replica_undo_n(replica));
    pl_write_uint(buf, replica == NULL ? 0 : pl_replica_redo_n(replica));
    return !report->failed && !report->inserted.failed;
}
