/* A sequence CRDT of Unicode scalars: FugueMax order by a YATA-style integrate with left and right origins
 * (Weidner and Kleppmann, "The Art of the Fugue", 2023). Run-length spans in one flat array. SPEC section 4.
 * Deleted scalars stay as tombstones without payload. */
#ifndef PL_TEXT_H
#define PL_TEXT_H
#include "proto/id.h"
#include "proto/mem.h"
#include "proto/status.h"
#include "proto/writer.h"

struct pl_text;

struct pl_text *pl_text_new(const struct pl_mem *mem); /* NULL when out of memory */
void pl_text_free(struct pl_text *text_or_null);
struct pl_text *pl_text_clone(const struct pl_text *text); /* NULL when out of memory */

/* Remote edits, by id. */
bool pl_text_has(const struct pl_text *text, struct pl_id id);
/* How many ids of the range the text ever had. */
uint64_t pl_text_covered(const struct pl_text *text, struct pl_id_range range);
/* `utf8` is valid, n scalars; origins are in the text or no id. PL_ORPHAN when not; PL_NO_MEMORY. */
PL_CHECKED enum pl_status pl_text_insert(struct pl_text *text, struct pl_id id, struct pl_id left,
                                         struct pl_id right, struct pl_slice utf8);
/* Deletes what of the range is not deleted yet; ids never seen are ignored. */
PL_CHECKED enum pl_status pl_text_delete(struct pl_text *text, struct pl_id_range range);

/* Local edits, by position: what an insert at `utf16` (code units of visible text, clamped, moved back to a
 * scalar's border) must name as origins; no id at an end. */
void pl_text_origins(const struct pl_text *text, size_t utf16, struct pl_id *ret_left,
                     struct pl_id *ret_right);
/* The origins for an insert right after the scalar `id`, visible or not; false when the text never had it. */
bool pl_text_after(const struct pl_text *text, struct pl_id id, struct pl_id *ret_right);
/* The first id of all, deleted or not; no id in an empty text. */
struct pl_id pl_text_first(const struct pl_text *text);

/* Sees one run of visible scalars: its ids and its UTF-8, borrowed for the call. False stops the walk. */
typedef bool pl_text_visit(void *user, struct pl_id_range range, struct pl_slice utf8);
/* The runs of visible scalars in [utf16, utf16 + utf16_n), in order. */
void pl_text_visible(const struct pl_text *text, size_t utf16, size_t utf16_n, pl_text_visit *visit,
                     void *user);
/* The runs of a range of ids that are visible, in document order. */
void pl_text_range(const struct pl_text *text, struct pl_id_range range, pl_text_visit *visit, void *user);

size_t pl_text_utf16(const struct pl_text *text);   /* visible code units */
size_t pl_text_scalars(const struct pl_text *text); /* visible scalars */
size_t pl_text_spans(const struct pl_text *text);   /* runs it is kept in: what a walk costs */
uint64_t pl_text_ids(const struct pl_text *text);   /* scalars ever, tombstones included */
struct pl_slice pl_text_utf8(const struct pl_text *text); /* the visible text; until the next edit */

/* Canonical encoding for snapshots, and back: PL_MALFORMED, PL_NO_MEMORY. */
void pl_text_encode(const struct pl_text *text, struct pl_buf *buf);
PL_CHECKED enum pl_status pl_text_decode(const struct pl_mem *mem, struct pl_slice value,
                                         struct pl_text **ret_text);
bool pl_text_check(const struct pl_text *text, const char **ret_reason);

#endif
