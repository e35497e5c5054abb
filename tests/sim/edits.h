/* Random edits of every kind, as a person's client would make them. */
#ifndef SIM_EDITS_H
#define SIM_EDITS_H
#include "proto/replica.h"
#include "rng.h"

#define EDITS_FIELD_MARK 9998u /* a field no schema knows, with a number that tells one create from all others */

struct edits_wish {
    enum pl_role role;      /* the kinds it may write are made and changed; another person's own may be among them */
    uint64_t *mark_or_null; /* every create bears the number there, which is then counted up */
    uint32_t tally_percent; /* of edits: one's own register on anything */
    uint32_t rich_percent;  /* of edits: a mark over some of a text; of kinds that do not grow only when it is odd */
    uint32_t scribble_percent; /* of edits: a word anywhere in the one text everybody writes in, so that it gets long */
    uint32_t focus_percent; /* of edits that go to the same few objects, and the same few places of their texts */
};

/* Appends a MessagePack array of edits that are valid against the replica's view. */
void edits_random(struct rng *rng, struct pl_replica *replica, const struct edits_wish *wish,
                  struct pl_buf *ret_edits);

#endif
