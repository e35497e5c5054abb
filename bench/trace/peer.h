/* One person at one text: a real replica, its edits by position, its own batches settled by their echo. */
#ifndef TRACE_PEER_H
#define TRACE_PEER_H
#include "bench/trace/counted.h"
#include "bench/trace/journal.h"
#include "proto/replica.h"

/* Must not move while in use; zeroed it can be passed to peer_done. */
struct peer {
    struct counted counted;
    struct pl_replica *replica; /* NULL while parked */
    struct pl_buf parked;       /* the snapshot meanwhile */
    struct pl_buf request;      /* edits, encoded for the replica */
    uint32_t id;
    uint64_t gesture;           /* of the edits that are not settled */
};

/* Every function but the first needs an open peer. All return what the engine says of it. */
PL_CHECKED enum pl_status peer_open(struct peer *peer, uint32_t id);
void peer_done(struct peer *peer);

/* Makes the one object there is, 1.1: the first thing the peer with id 1 does. */
PL_CHECKED enum pl_status peer_create(struct peer *peer);
/* One local edit, in UTF-16 units. */
PL_CHECKED enum pl_status peer_edit(struct peer *peer, uint64_t at, uint64_t removed, struct pl_slice inserted);
/* Appends what is pending to the journal's last chapter and folds its echoes. */
PL_CHECKED enum pl_status peer_settle(struct peer *peer, struct journal *journal);
/* Folds others' entries [first, end). */
PL_CHECKED enum pl_status peer_take(struct peer *peer, const struct journal *journal, size_t first, size_t end);
/* A replica becomes its snapshot, and a replica again. Nothing may be pending. */
PL_CHECKED enum pl_status peer_park(struct peer *peer);
PL_CHECKED enum pl_status peer_wake(struct peer *peer);

/* The UTF-16 units before the scalar at `scalar`; all of them past the end. */
size_t peer_utf16_at(struct peer *peer, size_t scalar);
/* Appends the text a replica shows for the object. */
void replica_text_write(const struct pl_replica *replica, struct pl_buf *buf);

#endif
