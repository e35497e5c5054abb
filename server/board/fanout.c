/* The ring. Pushing costs nothing per outlet; waking is the one walk over them. See fanout.h. */
#include "board/fanout_inner.h"
#include "proto/limits.h"
#include <assert.h>
#include <string.h>

#define WAKE_AHEAD 8u /* outlets whose memory is fetched before their turn */
#define CAP_MIN 16u
#define CAP_MAX 65536u /* slots: more frames than that wait for nobody */

struct fanout *fanout_new(const struct pl_mem *mem)
{
    struct fanout *fanout = pl_mem_get(mem, sizeof *fanout);
    if (fanout != NULL)
        *fanout = (struct fanout){.mem = mem};
    return fanout;
}

static void drop_until(struct fanout *fanout, uint64_t tail)
{
    for (; fanout->tail < tail; fanout->tail++)
        frame_unref(fanout_slot(fanout, fanout->tail)->frame);
}

void fanout_free(struct fanout *fanout_or_null)
{
    if (fanout_or_null == NULL)
        return;
    assert(fanout_or_null->outlet_n == 0);
    drop_until(fanout_or_null, fanout_or_null->head);
    pl_mem_put(fanout_or_null->mem, fanout_or_null->slots);
    pl_mem_put(fanout_or_null->mem, fanout_or_null->outlets);
    pl_mem_put(fanout_or_null->mem, fanout_or_null);
}

static bool grow(struct fanout *fanout)
{
    size_t cap = fanout->cap == 0 ? CAP_MIN : fanout->cap * 2;
    struct slot *slots = pl_mem_get(fanout->mem, cap * sizeof *slots);
    if (slots == NULL)
        return false;
    for (uint64_t at = fanout->tail; at < fanout->head; at++)
        slots[at & (cap - 1)] = *fanout_slot(fanout, at);
    pl_mem_put(fanout->mem, fanout->slots);
    fanout->slots = slots;
    fanout->cap = cap;
    return true;
}

/* Drops from the tail what only outlets beyond the limit still want; they will find themselves
 * behind. */
static void trim(struct fanout *fanout)
{
    while (fanout->tail < fanout->head &&
           fanout_too_far(fanout, fanout_slot(fanout, fanout->tail)->bytes_end))
        drop_until(fanout, fanout->tail + 1);
}

static bool room(struct fanout *fanout)
{
    if (fanout->head - fanout->tail < fanout->cap)
        return true;
    if (fanout->cap < CAP_MAX && grow(fanout))
        return true;
    if (fanout->cap == 0)
        return false;
    drop_until(fanout, fanout->tail + 1);
    return true;
}

static void lose(struct fanout *fanout)
{
    for (size_t i = 0; i < fanout->outlet_n; i++)
        outlet_fall_behind(fanout->outlets[i]);
}

/* Remembers where the last few lossy frames are and lets go of the one before them. */
static void lossy_note(struct fanout *fanout, uint64_t at)
{
    uint64_t *oldest = &fanout->lossy_at[fanout->lossy_n % LOSSY_KEPT];
    if (fanout->lossy_n >= LOSSY_KEPT && *oldest >= fanout->tail) {
        frame_unref(fanout_slot(fanout, *oldest)->frame);
        fanout_slot(fanout, *oldest)->frame = NULL;
    }
    *oldest = at;
    fanout->lossy_n++;
}

void fanout_push(struct fanout *fanout, struct frame *frame_or_null, bool lossy)
{
    struct frame *frame = frame_or_null;
    if (fanout->live_n == 0) {
        frame_unref(frame);
        return;
    }
    if (frame == NULL || !room(fanout)) {
        frame_unref(frame);
        if (!lossy)
            lose(fanout);
        return;
    }
    if (!lossy)
        fanout->bytes += frame_wire(frame).len;
    uint64_t at = fanout->head++;
    *fanout_slot(fanout, at) = (struct slot){.frame = frame, .bytes_end = fanout->bytes};
    fanout->waiting_n = fanout->live_n;
    if (lossy)
        lossy_note(fanout, at);
    trim(fanout);
}

void fanout_wake(struct fanout *fanout)
{
    for (size_t i = 0; i < fanout->outlet_n; i++) {
        struct outlet *outlet = fanout->outlets[i];
        if (i + WAKE_AHEAD < fanout->outlet_n) {
            __builtin_prefetch(fanout->outlets[i + WAKE_AHEAD]);
            __builtin_prefetch(fanout->outlets[i + WAKE_AHEAD / 2]->port.user);
        }
        if (outlet->behind || outlet->at == fanout->head)
            continue;
        if (outlet->at < fanout->tail || fanout_too_far(fanout, outlet->bytes_at))
            outlet_fall_behind(outlet);
        outlet->port.wake(outlet->port.user);
    }
    fanout->told = fanout->bytes;
}

void fanout_settle(struct fanout *fanout)
{
    if (fanout->waiting_n > 0)
        return;
    drop_until(fanout, fanout->head);
    if (fanout->cap > CAP_MIN) { /* a burst's ring is not kept */
        pl_mem_put(fanout->mem, fanout->slots);
        fanout->slots = NULL;
        fanout->cap = 0;
    }
}

struct fanout_losses fanout_losses_take(struct fanout *fanout)
{
    struct fanout_losses losses = fanout->losses;
    fanout->losses = (struct fanout_losses){0};
    return losses;
}

size_t fanout_outlet_n(const struct fanout *fanout)
{
    return fanout->outlet_n;
}
