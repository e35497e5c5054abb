/* Entries decided and applied but not yet handed to the journal, or handed and not yet durable:
 * the envelopes one after another, the replica marks that go with them, and where OPS frames may
 * be cut. */
#ifndef BOARD_GATHER_H
#define BOARD_GATHER_H
#include "base/frame.h"
#include "base/journal.h"
#include "proto/doc.h"
#include "proto/message.h"
#include "proto/writer.h"

struct gather_cut {
    size_t end; /* byte offset behind the last envelope of this frame */
    uint32_t entry_n;
};

struct gather { /* private to gather.c but for reading */
    struct pl_buf envelopes;
    struct pl_buf marks; /* struct journal_mark, one after another */
    struct pl_buf cuts;  /* struct gather_cut */
    uint64_t first_seq;  /* 0 when empty */
    uint32_t entry_n;
};

void gather_init(struct gather *gather, const struct pl_mem *mem);
void gather_done(struct gather *gather);
/* Empties; keeps the memory of an ordinary turn. */
void gather_clear(struct gather *gather);
/* The next envelope and the counter it moved. A failed allocation shows in gather_failed. */
void gather_add(struct gather *gather, const struct pl_envelope *envelope,
                const struct pl_batch *batch);
bool gather_failed(const struct gather *gather);
uint64_t gather_last_seq(const struct gather *gather);
const struct journal_mark *gather_marks(const struct gather *gather, uint32_t *ret_n);
/* Whether an entry of the replica's is among them. */
bool gather_moves(const struct gather *gather, uint32_t replica);
/* The OPS frames, in order. `emit` takes the reference; it is given NULL once when there was no
 * memory. */
void gather_frames(const struct gather *gather, uint32_t doc,
                   void (*emit)(void *user, struct frame *frame_or_null), void *user);
/* One frame of n envelopes as OPS, or as another message of the same shape; NULL when out of
 * memory. */
struct frame *entries_frame(const struct pl_mem *mem, enum pl_message_type type, uint32_t doc,
                            struct pl_slice envelopes, uint32_t n);
struct frame *ops_frame(const struct pl_mem *mem, uint32_t doc, struct pl_slice envelopes,
                        uint32_t n);

#endif
