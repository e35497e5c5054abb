/* Which replica id a joiner gets (SPEC S5, S6). Ids come from a block that the journal reserved
 * durably before the first of it was named; a claim is granted to the user it was issued to,
 * while nobody is connected with it. */
#ifndef BOARD_REPLICAS_H
#define BOARD_REPLICAS_H
#include "base/map.h"
#include "proto/doc.h"

#define REPLICA_BLOCK  64u  /* reserved at once */
#define REPLICA_RECENT 256u /* issued ones remembered before they first wrote */

struct replica_recent {
    uint64_t user;
    uint32_t replica;
};

struct replicas {    /* embedded in a board; private to replicas.c */
    struct map live; /* replica -> its member */
    uint32_t next, end;
    uint32_t recent_n;             /* ever issued */
    struct replica_recent *recent; /* a ring; NULL until the first issue */
    const struct pl_mem *mem;
};

void replicas_init(struct replicas *replicas, const struct pl_mem *mem);
void replicas_done(struct replicas *replicas);
/* A block [first, first + count) was reserved; what is left of the old one is never used. */
void replicas_reserved(struct replicas *replicas, uint32_t first, uint32_t count);
/* The member that holds a replica, or NULL. */
void *replicas_holder(const struct replicas *replicas, uint64_t replica);
/* Whether the claim may be granted. */
bool replicas_claimable(const struct replicas *replicas, const struct pl_doc *doc, uint32_t replica,
                        uint64_t user);
/* A fresh id; 0 when the block is used up. */
uint32_t replicas_issue(struct replicas *replicas, uint64_t user);
/* PL_NO_MEMORY. */
PL_CHECKED enum pl_status replicas_hold(struct replicas *replicas, uint32_t replica, void *member);
void replicas_release(struct replicas *replicas, uint32_t replica);

#endif
