/* A sequence CRDT of Unicode scalars: FugueMax order by a YATA-style integrate with left and right origins
 * (Weidner and Kleppmann, "The Art of the Fugue", 2023). SPEC section 4.
 * Run-length spans in a counted tree, found by position and by id in logarithmic time. Deleted scalars stay as
 * tombstones without payload until two collections have passed over them. Positions are UTF-16 code units of the
 * visible text. A text takes 2^32-1 ids at most; whoever admits edits sets limits below that.
 * The inside is text_tree.h; text.c edits, text_order.c says where an insert belongs, text_read.c reads, text_pack.c
 * and text_unpack.c store, text_collect.c collects, text_check.c walks the invariants. */
#ifndef PL_TEXT_H
#define PL_TEXT_H
#include "proto/id.h"
#include "proto/mem.h"
#include "proto/packed.h"
#include "proto/status.h"
#include "proto/writer.h"

struct pl_text;
struct pl_slabs;

struct pl_text *pl_text_new(const struct pl_mem *mem); /* NULL when out of memory */
void pl_text_free(struct pl_text *text_or_null);
struct pl_text *pl_text_clone(const struct pl_text *text); /* NULL when out of memory */

/* Told each change of the visible text right after it was made, in order: at `utf16` so many units went away and
 * `inserted` (borrowed for the call) came. It must leave the text alone. */
struct pl_text_watch {
    void (*spliced)(void *user, size_t utf16, size_t removed, struct pl_slice inserted);
    void *user;
};

/* Edits, by id. After PL_NO_MEMORY a text may lack what it had; nothing but freeing it is worth doing. */
bool pl_text_has(const struct pl_text *text, struct pl_id id);
/* `utf8` is valid; its scalars get the ids from `id` on: PL_DUPLICATE when the text has one of them. Origins are in the
 * text or no id: PL_ORPHAN when not. PL_TOO_BIG, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_insert(struct pl_text *text, struct pl_id id, struct pl_id left,
                                         struct pl_id right, struct pl_slice utf8,
                                         const struct pl_text_watch *watch_or_null);
/* Deletes what of the range is not deleted yet; ids the text does not have are ignored. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_delete(struct pl_text *text, struct pl_id_range range,
                                         const struct pl_text_watch *watch_or_null);

/* What an insert costs beyond some lookups, in looks at runs that hang on the same scalar (a dozen nanoseconds each):
 * one for each, and eight more for each whose right origin may have to be looked up. Counted no further than `most`. 0
 * when the text lacks the left origin; one that lacks the right origin looks to the end.
 * (A range of a delete costs at most a lookup for each span it reaches into: no more than its n, nor pl_text_spans.) */
size_t pl_text_insert_cost(const struct pl_text *text, struct pl_id id, struct pl_id left, struct pl_id right,
                           size_t most);

/* Drops the deleted scalars that the collection before this one marked, and marks those deleted since. What names a
 * dropped scalar as its origin then names the nearest on that side that is still there. The visible text and the order
 * of what remains do not change; equal texts stay equal. Its marks (marks.h) are collected first. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_collect(struct pl_text *text);

/* Local edits, by position: what an insert at `utf16` (clamped, moved back to a scalar's border) must name as origins;
 * no id at an end. Marked scalars, soon to be dropped, are never named. */
void pl_text_origins(const struct pl_text *text, size_t utf16, struct pl_id *ret_left, struct pl_id *ret_right);
/* The origins for an insert where the scalar `id` stands, right after it; false when the text does not have it. The
 * left one is `id` itself unless that is marked. */
bool pl_text_after(const struct pl_text *text, struct pl_id id, struct pl_id *ret_left, struct pl_id *ret_right);

/* The last scalar of `old` up to and with `id` that `fresh` has too: where to go on when `fresh` collected `id`. No id
 * when there is none, or `old` does not have `id` either. */
struct pl_id pl_text_survivor(const struct pl_text *old, struct pl_id id, const struct pl_text *fresh);

/* A place between two scalars that stays beside one of them, or without an id at the start (`after`) or the end. */
struct pl_anchor {
    struct pl_id id;
    bool after; /* right after the scalar rather than right before it */
};
/* The place at `utf16`, tied to the scalar before it when `after`, else to the one behind it. */
struct pl_anchor pl_text_anchor(const struct pl_text *text, size_t utf16, bool after);
/* Where the place is now. A deleted scalar still has a place; one the text does not have is taken as no id. */
size_t pl_text_position(const struct pl_text *text, struct pl_anchor anchor);
/* The UTF-16 position of visible scalar number `scalar`, at most the end. */
size_t pl_text_utf16_at(const struct pl_text *text, size_t scalar);

/* Sees one run of visible scalars: its ids and its UTF-8, borrowed for the call. False stops the walk. */
typedef bool pl_text_visit(void *user, struct pl_id_range range, struct pl_slice utf8);
/* The runs of visible scalars in [utf16, utf16 + utf16_n), in order. */
void pl_text_visible(const struct pl_text *text, size_t utf16, size_t utf16_n, pl_text_visit *visit, void *user);
/* Every run, deleted ones too, whose `utf8` is empty; in order. */
void pl_text_all(const struct pl_text *text, pl_text_visit *visit, void *user);
/* Whether all its ids, deleted ones too, are this replica's, up to a counter. */
bool pl_text_within(const struct pl_text *text, uint32_t replica, uint64_t ctr_max);
/* The runs of a range of ids that are visible, in order of ids. */
void pl_text_range(const struct pl_text *text, struct pl_id_range range, pl_text_visit *visit, void *user);
/* Appends the visible text. */
void pl_text_write(const struct pl_text *text, struct pl_buf *buf);

size_t pl_text_utf16(const struct pl_text *text);   /* visible code units */
size_t pl_text_scalars(const struct pl_text *text); /* visible scalars */
size_t pl_text_bytes(const struct pl_text *text);   /* of the visible text's UTF-8; walks the text */
size_t pl_text_spans(const struct pl_text *text);   /* runs it is kept in */
uint64_t pl_text_ids(const struct pl_text *text);   /* scalars it has, tombstones included */

/* Appends the text's part of a snapshot's two text columns, the same for equal texts. `home` is the object's id: most
 * texts are typed by its maker right after it, and then their ids take no room. */
void pl_text_pack(const struct pl_text *text, struct pl_id home, struct pl_buf *spans, struct pl_buf *utf8);
/* Reads it back, and accepts only what pl_text_pack would write, from UTF-8 that is valid. PL_MALFORMED, PL_NO_MEMORY;
 * the columns are then of no more use. */
PL_CHECKED enum pl_status pl_text_unpack(struct pl_slabs *slabs, struct pl_id home, struct pl_packed *spans,
                                         struct pl_packed *utf8, struct pl_text **ret_text);
bool pl_text_check(const struct pl_text *text, const char **ret_reason);

#endif
