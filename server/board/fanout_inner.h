/* The ring and the outlets know each other's insides: what fanout.c and outlet.c share. */
#ifndef BOARD_FANOUT_INNER_H
#define BOARD_FANOUT_INNER_H
#include "board/fanout.h"
#include "proto/limits.h"

#define LOSSY_KEPT 4u /* presence ticks a reader may lag before it skips: 200 ms */

struct slot {
    struct frame *frame; /* NULL: a lossy one that was dropped */
    uint64_t bytes_end;  /* reliable bytes ever pushed, this one included */
};

/* Slots have absolute positions: [tail, head) are in the ring. */
struct fanout {
    const struct pl_mem *mem;
    struct slot *slots;
    size_t cap; /* 0 or a power of two */
    uint64_t tail, head;
    uint64_t bytes; /* reliable bytes ever pushed */
    uint64_t told;  /* of these, when readers were last woken */
    uint64_t lossy_at[LOSSY_KEPT];
    uint64_t lossy_n; /* ever pushed */
    struct outlet **outlets;
    size_t outlet_n, outlet_cap;
    size_t live_n;    /* attached and not behind */
    size_t waiting_n; /* of these, with at < head */
    struct fanout_losses losses;
};

#define OFFERS_KEPT 64u /* offered frames that wait for one outlet: some ticks of what it sees */

/* A frame of an outlet's own. */
struct own {
    struct frame *frame;
    uint64_t at; /* goes out before the ring's frame at this position */
    bool shared;
    bool lossy; /* was offered */
};

struct outlet {
    const struct pl_mem *mem;
    struct outlet_port port;
    void *drained_user;    /* whoever outlet_on_drained named */
    struct fanout *fanout; /* NULL: not attached */
    size_t index;          /* in fanout->outlets */
    uint64_t at;           /* the next ring position to send */
    uint64_t bytes_at;     /* reliable bytes up to there */
    struct own *own;       /* NULL when empty: an idle connection pays nothing */
    uint32_t own_first, own_n, own_cap;
    uint32_t own_bytes; /* not shared, waiting */
    uint32_t own_lossy; /* of them */
    bool behind;
    bool skipped;
    bool broken;
};

static inline struct slot *fanout_slot(const struct fanout *fanout, uint64_t at)
{
    return &fanout->slots[at & (fanout->cap - 1)];
}
/* Whether a reader that has all up to `bytes_at` is too far behind. What it was not woken for yet does not count: after a
 * disk that took its time, a turn may bring more than the limit to everybody. */
static inline bool fanout_too_far(const struct fanout *fanout, uint64_t bytes_at)
{
    return fanout->told > bytes_at && fanout->told - bytes_at > PL_WAITING_BYTES_MAX;
}
/* The outlet, which was waiting, no longer is; frees what nobody waits for. */
void fanout_settle(struct fanout *fanout);
/* Cuts the outlet off. */
void outlet_fall_behind(struct outlet *outlet);

#endif
