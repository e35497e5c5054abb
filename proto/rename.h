/* Which stamps stand for which now: undo and redo write values back under stamps of their own, and what names the old
 * ones then means the new ones. Rule R5. Private to revert.c. */
#ifndef PL_RENAME_H
#define PL_RENAME_H
#include "proto/undo.h"

struct rename;
struct renames {
    const struct pl_mem *mem;
    struct rename *slots; /* owned; open addressing, a power of two */
    size_t slot_n;
    size_t n;
};

void renames_init(struct renames *renames, const struct pl_mem *mem);
void renames_done(struct renames *renames);
/* The register, or one's own in a tally, that the step speaks of: what its stamp `from` meant is now `to`. (A create
 * gives all its registers one stamp, so a stamp alone names no register.) False when out of memory. */
bool renames_add(struct renames *renames, const struct undo_step *step, struct pl_stamp from, struct pl_stamp to);
void renames_apply(const struct renames *renames, struct undo_step *step);

#endif
