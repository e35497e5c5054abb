/* A document folded from what a view of the data folder reads. */
#ifndef CMD_REPLAY_H
#define CMD_REPLAY_H
#include "proto/doc.h"
#include "store/view.h"

struct replay {
    const struct pl_mem *mem;
    struct pl_doc *doc; /* NULL: entries are only read through */
    uint64_t entry_n;
};

/* A journal_reader's functions, `user` being the replay. Its snapshot replaces the document, unless
 * another Plenum packed it: PL_VERSION. */
enum pl_status replay_snapshot(void *user, uint64_t seq, struct pl_slice bytes);
enum pl_status replay_entries(void *user, uint64_t first_seq, uint64_t last_seq,
                              struct pl_slice envelopes);
void replay_drop(struct replay *replay); /* the document */

static inline struct journal_reader replay_reader(struct replay *replay)
{
    return (struct journal_reader){
        .snapshot = replay_snapshot, .entries = replay_entries, .user = replay};
}

#endif
