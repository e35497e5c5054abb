/* Names and stamps: who made an op, and which of two writes wins. SPEC section 3. */
#ifndef PL_ID_H
#define PL_ID_H
#include <stdbool.h>
#include <stdint.h>

#define PL_REPLICA_SERVER 0u /* the server's own; clients are issued 1 and up */
#define PL_CTR_BOARD 1u      /* (0, 1): the board object, the first op of every board */

/* An op's id, and so an object's and a text scalar's. ctr starts at 1; {0, 0} is no id. */
struct pl_id {
    uint32_t replica;
    uint64_t ctr;
};

/* n ids of one replica: (id.replica, id.ctr), (id.replica, id.ctr + 1), ... */
struct pl_id_range {
    struct pl_id id;
    uint64_t n;
};

/* A Lamport stamp, compared as a pair. lam starts at 1; {0, 0} is older than everything. */
struct pl_stamp {
    uint64_t lam;
    uint32_t replica;
};

enum pl_role {
    PL_ROLE_NONE = 0,
    PL_ROLE_VIEWER = 1,
    PL_ROLE_COMMENTER = 2,
    PL_ROLE_EDITOR = 3,
    PL_ROLE_FACILITATOR = 4,
    PL_ROLE_OWNER = 5,
    PL_ROLE_SERVER = 6, /* the server's own writes; never granted */
};

static inline int pl_id_compare(struct pl_id a, struct pl_id b)
{
    if (a.replica != b.replica)
        return a.replica < b.replica ? -1 : 1;
    return a.ctr < b.ctr ? -1 : a.ctr > b.ctr;
}
static inline bool pl_id_equal(struct pl_id a, struct pl_id b)
{
    return a.replica == b.replica && a.ctr == b.ctr;
}
static inline bool pl_id_none(struct pl_id id)
{
    return id.ctr == 0;
}
static inline int pl_stamp_compare(struct pl_stamp a, struct pl_stamp b)
{
    if (a.lam != b.lam)
        return a.lam < b.lam ? -1 : 1;
    return a.replica < b.replica ? -1 : a.replica > b.replica;
}

#endif
