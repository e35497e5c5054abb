/* The codes a text's spans are packed in: what text_pack.c writes and text_unpack.c reads. Private to those two.
 *
 * A text that is one visible run of the home's replica without origins is a number: n << 1 | 1 if its ids come right
 * behind the home's; else n << 2 | 2, and then where they begin, from there on. Any other text is its number of runs
 * << 2, then the runs in order; a run goes as far as it can. Each begins with a byte:
 *   bits 0-2  what its origins are (enum pack_mode): mostly ends of neighbours, so that they need not be named
 *   bits 3-4  enum span_state
 *   bit 5     its replica is named, else it is that of the run before it (of the home for the first)
 *   bits 6-7  its n when 1 to 3, else 0
 * Then follows what the byte does not tell, in this order: the origins byte of PACK_OTHER; how many runs back its left
 * origin ends, or the id; how many runs ahead its right origin begins, or the id; its replica, as a number of those
 * named before or 0 and in full; where its ids begin, from the end of the replica's last run before it on; n - 4. */
#ifndef PL_TEXT_PACK_H
#define PL_TEXT_PACK_H
#include "proto/text_tree.h"

#define PACK_AT_ONCE 1u
#define PACK_AT_ONCE_SHIFT 1u
#define PACK_LATER 2u
#define PACK_FORM_SHIFT 2u

enum pack_mode {
    PACK_PREV_NEXT,  /* from the end of the run before it (none for the first) to the start of the next (or none) */
    PACK_GOES_ON,    /* goes on with the run before it: ids, left and right origin */
    PACK_GOES_ON_AT, /* with one further back */
    PACK_PREV_AHEAD,
    PACK_BACK_NEXT,
    PACK_BACK_AHEAD,
    PACK_PREV_NONE,
    PACK_OTHER, /* a byte: pack_left | pack_right << 2 */
};

enum pack_left { PACK_LEFT_PREV, PACK_LEFT_BACK, PACK_LEFT_NONE, PACK_LEFT_ID };
enum pack_right { PACK_RIGHT_NEXT, PACK_RIGHT_AHEAD, PACK_RIGHT_NONE, PACK_RIGHT_ID };

#define PACK_STATE_SHIFT 3u
#define PACK_REPLICA 0x20u
#define PACK_N_SHIFT 6u
#define PACK_N_NAMED 4u /* the least n that is named */

/* The replicas named so far, and where each one's last run ended. Those beyond a few are named in full every time: a
 * text with more is rare, and looking for one must not cost the more the more there are. */
#define PACK_REPLICAS_MAX 64u

struct pack_replica {
    uint32_t replica;
    uint64_t next; /* the ctr behind its last run */
};

struct pack_replicas {
    struct pack_replica known[PACK_REPLICAS_MAX];
    uint32_t n;
    struct pack_replica current; /* of the last run */
    uint32_t at;                 /* where the current one is known; PACK_REPLICAS_MAX when it is not */
};

void pl_pack_replicas_init(struct pack_replicas *replicas, struct pl_id home);
/* Where a replica is known; n when it is not. */
uint32_t pl_pack_replica_at(const struct pack_replicas *replicas, uint32_t replica);
/* Makes a replica the current one; a new one is known from now on if there is room. */
void pl_pack_replica_choose(struct pack_replicas *replicas, uint32_t replica);
/* A run of the current replica ended before the ctr `next`. */
void pl_pack_replica_ended(struct pack_replicas *replicas, uint64_t next);

#endif
