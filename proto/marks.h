/* Rich text: marks over ranges of one text, merged as in Peritext (Litt, Lim, Kleppmann, van Hardenberg, "Peritext: A
 * CRDT for Collaborative Rich Text Editing", 2022). Rules M1 to M5.
 *
 * A mark says: from here to there, this kind of mark has this value; nil takes it off. Its ends are tied to scalars, so
 * that it keeps covering what it covered whatever is written around it, and what is written at an end that grows is
 * covered too. Where marks of one kind overlap, the one with the highest stamp shows. A mark can be hidden and shown
 * again, which is how one is undone: whatever it covered shows as if it had never been. */
#ifndef PL_MARKS_H
#define PL_MARKS_H
#include "proto/packed.h"
#include "proto/text.h"

struct pl_marks;

struct pl_mark {
    struct pl_id id;         /* of its op */
    uint64_t lam;            /* its stamp is (lam, id.replica) */
    uint32_t kind;           /* PL_MARK_BOLD, ... */
    struct pl_anchor start;  /* without an id: `after` is the text's start, else its end */
    struct pl_anchor end;
    struct pl_slice value;   /* one MessagePack value */
    struct pl_stamp turned;  /* when it was last hidden or shown; zero: never */
    bool hidden;
    bool marked;             /* hidden at the last collection, and ever since */
};

struct pl_marks *pl_marks_new(const struct pl_mem *mem); /* NULL when out of memory */
void pl_marks_free(struct pl_marks *marks_or_null);
struct pl_marks *pl_marks_clone(const struct pl_marks *marks); /* NULL when out of memory */

/* Copies the mark, if it is not there yet. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_marks_add(struct pl_marks *marks, const struct pl_mark *mark);
/* Hides or shows the mark, if this stamp is the highest to do so; whether that made a difference. A mark that is not
 * there (collected) stays away. */
bool pl_marks_turn(struct pl_marks *marks, struct pl_id id, bool hidden, struct pl_stamp stamp);
/* false when there is no such mark. */
bool pl_marks_get(const struct pl_marks *marks, struct pl_id id, struct pl_mark *ret_mark);
size_t pl_marks_n(const struct pl_marks *marks);
/* By id: at(0)...; false beyond the last. Borrowed until the next change. */
bool pl_marks_at(const struct pl_marks *marks, size_t index, struct pl_mark *ret_mark);

/* One stretch of visible text and the mark that shows there, be its value nil. */
struct pl_mark_run {
    size_t at; /* UTF-16 units */
    size_t n;
    const struct pl_mark *mark;
};
typedef bool pl_mark_visit(void *user, const struct pl_mark_run *run);
/* The stretches by (kind, at), those of one winner joined. False stops the walk. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_marks_runs(const struct pl_marks *marks, const struct pl_text *text,
                                        pl_mark_visit *visit, void *user);
/* The same as a person sees it: values that are not nil, stretches of equal value joined. */
PL_CHECKED enum pl_status pl_marks_seen(const struct pl_marks *marks, const struct pl_text *text,
                                        pl_mark_visit *visit, void *user);

/* Before the text is collected: ends tied to deleted scalars are tied to visible ones. Marks that were hidden at the last
 * collection and ever since are dropped, and those that cover nothing, or nothing that another of their kind with a higher
 * stamp does not cover. PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_marks_collect(struct pl_marks *marks, const struct pl_text *text);

/* The highest lam of any stamp. */
uint64_t pl_marks_lam(const struct pl_marks *marks);
/* For snapshots, canonical; and back, at least one and checked against the text: PL_MALFORMED, PL_NO_MEMORY. */
void pl_marks_pack(const struct pl_marks *marks, struct pl_buf *buf);
PL_CHECKED enum pl_status pl_marks_unpack(const struct pl_mem *mem, struct pl_packed *packed,
                                          const struct pl_text *text, struct pl_marks **ret_marks);

/* Whether the value fits the kind of mark; anything goes for an unknown kind. PL_INVALID, PL_TOO_BIG. */
PL_CHECKED enum pl_status pl_mark_check(uint32_t kind, struct pl_slice value);
/* Whether what is written at its end is covered too. */
bool pl_mark_grows(uint32_t kind);
bool pl_mark_nil(const struct pl_mark *mark);

/* A text's marks: NULL while it never had any. They are cloned, collected, packed and freed with it. */
const struct pl_marks *pl_text_marks(const struct pl_text *text);
/* The same for writing, made when there are none; NULL when out of memory. */
struct pl_marks *pl_text_marks_make(struct pl_text *text);
/* Gives a text that has none the marks of a snapshot. PL_MALFORMED, PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_unpack_marks(struct pl_text *text, struct pl_packed *packed);
struct pl_op;
/* Folds a MARK or TURN op; whether anything may look different now. PL_ORPHAN: at a letter that the text never had;
 * PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_mark(struct pl_text *text, const struct pl_op *op, bool *ret_changed);

#endif
