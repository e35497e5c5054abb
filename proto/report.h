/* What changed, as a client is told: objects that are new as a whole, of the others only what is different. What a
 * replica's or a document's observer hears during a call is gathered here and written once, object by object.
 *
 *   changes = [reset, [view, ...], [patch, ...], [removed id, ...], seq, pending_n, undo_n, redo_n]
 *   view    = [id, kind, user, pending, {field: value}, {field: marks}]
 *   patch   = [id, pending, {field: value}, {field: [[at, removed, inserted], ...]}, {field: marks}]
 *   marks   = [[kind, at, n, value], ...]
 *
 * Ids are texts, inside values too. PLACE is [parent a person sees or nil, order]; a text is its visible string, and in
 * a patch the splices that changed it, one after the other, in UTF-16 units; a tally is [[user, sub, value], ...], a
 * clock [state, ms, rate, srv_ms]. The marks of a text are those that show; a view names only texts with
 * some. A patch speaks
 * of an object the client has a view of. */
#ifndef PL_REPORT_H
#define PL_REPORT_H
#include "proto/sight.h"

struct report_note;
struct pl_report {
    const struct pl_mem *mem;
    struct report_note *notes; /* owned; as they came */
    size_t note_n;
    size_t note_cap;
    struct pl_buf inserted; /* the splices' text */
    struct pl_tree *tree_or_null; /* while writing, when somebody's parent was asked for */
    bool reset;             /* the client shall forget everything first */
    bool failed;            /* no memory to note something */
};

void pl_report_init(struct pl_report *report, const struct pl_mem *mem);
void pl_report_done(struct pl_report *report);
/* Forgets what was noted: a call begins. */
void pl_report_begin(struct pl_report *report);
/* Notes into the report as long as that lives. */
struct pl_observer pl_report_observer(struct pl_report *report);
/* All there is, after a reset. */
void pl_report_all(struct pl_report *report, const struct pl_sight *sight);
/* Appends the changes. False when out of memory. */
bool pl_report_write(struct pl_report *report, const struct pl_sight *sight, struct pl_buf *buf);

#endif
