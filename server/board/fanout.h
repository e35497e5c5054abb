/* One ring of immutable frames per board, and outlets that only hold a position in it.
 *
 * Reliable frames reach every outlet in order. Lossy ones (presence) are skipped by whoever is a
 * few of them behind. An outlet that is more than PL_WAITING_BYTES_MAX behind of what it was woken
 * for is cut off from the ring (`behind`): its owner gives it a fresh snapshot and puts it at the head again. Frames
 * are dropped as soon as every outlet has sent them.
 *
 * An outlet also has a queue of its own (answers, a joiner's snapshot), interleaved by position:
 * an own frame goes out before the ring's frames from its position on. */
#ifndef BOARD_FANOUT_H
#define BOARD_FANOUT_H
#include "base/frame.h"
#include "proto/status.h"

struct fanout;
struct outlet;

/* What slow readers were not sent. */
struct fanout_losses {
    uint64_t lossy_n; /* lossy frames passed over */
    uint64_t tail_n;  /* times one fell behind, for which a snapshot will stand in */
};

struct fanout *fanout_new(const struct pl_mem *mem); /* NULL when out of memory */
void fanout_free(struct fanout *fanout_or_null);     /* no outlet is attached any more */
/* Takes the caller's reference. NULL, or no room to keep it: a reliable frame is then lost to
 * all, so all outlets are `behind`; a lossy one is just lost. Wakes nobody. */
void fanout_push(struct fanout *fanout, struct frame *frame_or_null, bool lossy);
/* Wakes every outlet that has something to send and cuts off those too far behind. Once per
 * turn. */
void fanout_wake(struct fanout *fanout);
size_t fanout_outlet_n(const struct fanout *fanout);
/* Since the last time this was asked. */
struct fanout_losses fanout_losses_take(struct fanout *fanout);

struct outlet_port {
    void (*wake)(void *user); /* something is to be sent */
    /* All was sent, and the outlet is behind or has skipped lossy frames. Comes from inside
     * outlet_output and outlet_sent: only note it. */
    void (*drained)(void *user);
    void *user;
};

struct outlet *outlet_new(const struct pl_mem *mem,
                          const struct outlet_port *port); /* NULL: no memory */
void outlet_free(struct outlet *outlet_or_null);           /* detaches */
/* Who hears `drained`; wake stays as it was given. */
void outlet_on_drained(struct outlet *outlet, void (*drained)(void *user), void *user);

/* From the ring's head on. PL_NO_MEMORY. */
PL_CHECKED enum pl_status outlet_attach(struct outlet *outlet, struct fanout *fanout);
/* What of the ring is still to be sent moves into the outlet's own queue. */
void outlet_detach(struct outlet *outlet);
/* After `behind`, or after skipped frames were made up for: from the ring's head on. */
void outlet_rejoin(struct outlet *outlet);
void outlet_forgive(struct outlet *outlet); /* clears `skipped` */

enum outlet_place {
    OUTLET_NEXT, /* before any frame of the ring that is not sent yet */
    OUTLET_LAST, /* after all that the ring has now */
};
/* Takes the caller's reference and wakes. `shared` frames (a snapshot's) do not count as
 * waiting. NULL or no memory: the outlet is `broken`, and gets nothing more of the ring, nor of what is pushed, until it
 * is detached. */
void outlet_push(struct outlet *outlet, struct frame *frame_or_null, enum outlet_place place,
                 bool shared);

/* A lossy frame for this outlet and whoever else it is offered to: passed over, as in the ring, when
 * many of them wait. Takes the caller's reference and wakes. */
void outlet_offer(struct outlet *outlet, struct frame *frame);

/* The next frames in order, at most `max`, borrowed until outlet_sent or the next push. */
size_t outlet_output(struct outlet *outlet, struct frame **ret_frames, size_t max);
void outlet_sent(struct outlet *outlet, size_t count);

/* Reliable bytes not yet handed to the socket. */
uint64_t outlet_waiting_bytes(const struct outlet *outlet);
bool outlet_behind(const struct outlet *outlet);
bool outlet_skipped(const struct outlet *outlet);
/* A frame of its own was lost, or more of them wait than PL_WAITING_BYTES_MAX: only closing
 * helps. */
bool outlet_broken(const struct outlet *outlet);

#endif
