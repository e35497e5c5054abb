/* One connection's end of the ring, and its own queue. See fanout.h. Not here: sockets, and what
 * is sent. */
#include "board/fanout_inner.h"
#include "proto/limits.h"
#include <assert.h>
#include <string.h>

#define OWN_CAP_MIN 4u
#define OWN_CAP_MAX 65536u

struct outlet *outlet_new(const struct pl_mem *mem, const struct outlet_port *port)
{
    struct outlet *outlet = pl_mem_get(mem, sizeof *outlet);
    if (outlet != NULL)
        *outlet = (struct outlet){.mem = mem, .port = *port};
    return outlet;
}

void outlet_on_drained(struct outlet *outlet, void (*drained)(void *user), void *user)
{
    outlet->port.drained = drained;
    outlet->drained_user = user;
}

static bool waiting(const struct outlet *outlet)
{
    return outlet->fanout != NULL && !outlet->behind && outlet->at < outlet->fanout->head;
}

/* Leaves the ring's counts; the position means nothing any more. */
static void unlink_live(struct outlet *outlet)
{
    if (outlet->behind)
        return;
    outlet->fanout->live_n--;
    if (waiting(outlet)) {
        outlet->fanout->waiting_n--;
        outlet->at = outlet->fanout->head;
        fanout_settle(outlet->fanout);
    }
}

void outlet_fall_behind(struct outlet *outlet)
{
    if (outlet->behind)
        return;
    unlink_live(outlet);
    outlet->fanout->losses.tail_n++;
    outlet->behind = true;
}

/* A frame of its own is lost: what comes behind it must not go out, or the reader would be told of effects without their
 * cause. */
static void break_off(struct outlet *outlet)
{
    outlet->broken = true;
    if (outlet->fanout != NULL)
        outlet_fall_behind(outlet);
}

void outlet_free(struct outlet *outlet_or_null)
{
    struct outlet *outlet = outlet_or_null;
    if (outlet == NULL)
        return;
    outlet_detach(outlet);
    for (uint32_t i = 0; i < outlet->own_n; i++)
        frame_unref(outlet->own[outlet->own_first + i].frame);
    pl_mem_put(outlet->mem, outlet->own);
    pl_mem_put(outlet->mem, outlet);
}

enum pl_status outlet_attach(struct outlet *outlet, struct fanout *fanout)
{
    assert(outlet->fanout == NULL);
    if (fanout->outlet_n == fanout->outlet_cap) {
        size_t cap = fanout->outlet_cap == 0 ? 8 : fanout->outlet_cap * 2;
        struct outlet **outlets =
            pl_mem_resize(fanout->mem, fanout->outlets, cap * sizeof *fanout->outlets);
        if (outlets == NULL)
            return PL_NO_MEMORY;
        fanout->outlets = outlets;
        fanout->outlet_cap = cap;
    }
    outlet->index = fanout->outlet_n;
    fanout->outlets[fanout->outlet_n++] = outlet;
    outlet->fanout = fanout;
    outlet->at = fanout->head;
    outlet->bytes_at = fanout->bytes;
    outlet->behind = outlet->broken;
    outlet->skipped = false;
    fanout->live_n += !outlet->behind;
    return PL_OK;
}

/* Whether the own frame numbered i goes before the ring's frame at `at`. */
static bool own_first(const struct outlet *outlet, uint32_t i, uint64_t at)
{
    return i < outlet->own_n && (outlet->behind || outlet->fanout == NULL ||
                                 outlet->own[outlet->own_first + i].at <= at);
}

/* Own frames and what the ring still owes, in sending order, as a queue of the outlet's alone. */
static bool owed_take(struct outlet *outlet)
{
    struct fanout *fanout = outlet->fanout;
    uint64_t at = outlet->at;
    size_t cap = outlet->own_n + (size_t)(fanout->head - at);
    struct own *merged = pl_mem_get(outlet->mem, cap * sizeof *merged);
    uint32_t n = 0, own = 0;
    if (merged == NULL)
        return false;
    while (own < outlet->own_n || at < fanout->head) {
        if (own_first(outlet, own, at)) {
            merged[n++] = outlet->own[outlet->own_first + own++];
            continue;
        }
        struct frame *frame = fanout_slot(fanout, at++)->frame;
        if (frame != NULL)
            merged[n++] = (struct own){.frame = frame_ref(frame), .shared = true};
    }
    pl_mem_put(outlet->mem, outlet->own);
    outlet->own = merged;
    outlet->own_first = 0;
    outlet->own_n = n;
    outlet->own_cap = (uint32_t)cap;
    return true;
}

void outlet_detach(struct outlet *outlet)
{
    struct fanout *fanout = outlet->fanout;
    if (fanout == NULL)
        return;
    if (waiting(outlet) && (outlet->at < fanout->tail || !owed_take(outlet)))
        outlet->broken = true;
    unlink_live(outlet);
    struct outlet *last = fanout->outlets[--fanout->outlet_n];
    fanout->outlets[outlet->index] = last;
    last->index = outlet->index;
    outlet->fanout = NULL;
    outlet->behind = false;
}

void outlet_rejoin(struct outlet *outlet)
{
    struct fanout *fanout = outlet->fanout;
    assert(fanout != NULL && outlet->behind);
    if (outlet->broken)
        return;
    outlet->behind = outlet->skipped = false;
    outlet->at = fanout->head;
    outlet->bytes_at = fanout->bytes;
    fanout->live_n++;
}

void outlet_forgive(struct outlet *outlet)
{
    outlet->skipped = false;
}

/* Room for one more behind the last; the queue moves to the front before it grows. */
static bool own_room(struct outlet *outlet)
{
    if (outlet->own_first + outlet->own_n < outlet->own_cap)
        return true;
    if (outlet->own_first > outlet->own_cap / 2) {
        memmove(outlet->own, outlet->own + outlet->own_first, outlet->own_n * sizeof *outlet->own);
        outlet->own_first = 0;
        return true;
    }
    uint32_t cap = outlet->own_cap == 0 ? OWN_CAP_MIN : outlet->own_cap * 2;
    struct own *own =
        cap > OWN_CAP_MAX ? NULL : pl_mem_resize(outlet->mem, outlet->own, cap * sizeof *own);
    if (own == NULL)
        return false;
    outlet->own = own;
    outlet->own_cap = cap;
    return true;
}

void outlet_push(struct outlet *outlet, struct frame *frame_or_null, enum outlet_place place,
                 bool shared)
{
    struct frame *frame = frame_or_null;
    size_t bytes = frame == NULL || shared ? 0 : frame_wire(frame).len;
    if (outlet->broken && (outlet->fanout != NULL || shared)) {
        frame_unref(frame);
    } else if (frame == NULL || outlet->own_bytes + bytes > PL_WAITING_BYTES_MAX || !own_room(outlet)) {
        frame_unref(frame);
        break_off(outlet);
    } else {
        bool last = place == OUTLET_LAST && waiting(outlet);
        outlet->own[outlet->own_first + outlet->own_n++] = (struct own){
            .frame = frame, .at = last ? outlet->fanout->head : outlet->at, .shared = shared};
        outlet->own_bytes += (uint32_t)bytes;
    }
    outlet->port.wake(outlet->port.user);
}

void outlet_offer(struct outlet *outlet, struct frame *frame)
{
    if (outlet->behind || outlet->own_lossy >= OFFERS_KEPT || !own_room(outlet)) {
        frame_unref(frame);
        outlet->skipped = true;
    } else {
        outlet->own[outlet->own_first + outlet->own_n++] =
            (struct own){.frame = frame, .at = outlet->at, .shared = true, .lossy = true};
        outlet->own_lossy++;
    }
    outlet->port.wake(outlet->port.user);
}

static void drained_tell(struct outlet *outlet)
{
    if (!outlet->broken && (outlet->behind || outlet->skipped) && outlet->own_n == 0 && !waiting(outlet) &&
        outlet->port.drained != NULL)
        outlet->port.drained(outlet->drained_user);
}

/* Passes over dropped lossy frames at the front. */
static void skip_dropped(struct outlet *outlet)
{
    while (waiting(outlet) && !own_first(outlet, 0, outlet->at) &&
           fanout_slot(outlet->fanout, outlet->at)->frame == NULL) {
        outlet->skipped = true;
        outlet->fanout->losses.lossy_n++;
        outlet->at++;
        if (outlet->at == outlet->fanout->head) {
            outlet->bytes_at = outlet->fanout->bytes;
            outlet->fanout->waiting_n--;
            fanout_settle(outlet->fanout);
        }
    }
}

size_t outlet_output(struct outlet *outlet, struct frame **ret_frames, size_t max)
{
    size_t n = 0;
    if (waiting(outlet) && outlet->at < outlet->fanout->tail)
        outlet_fall_behind(outlet);
    skip_dropped(outlet);
    uint32_t own = 0;
    for (uint64_t at = outlet->at; n < max;) {
        if (own_first(outlet, own, at)) {
            ret_frames[n++] = outlet->own[outlet->own_first + own++].frame;
        } else if (waiting(outlet) && at < outlet->fanout->head) {
            struct frame *frame = fanout_slot(outlet->fanout, at++)->frame;
            if (frame != NULL)
                ret_frames[n++] = frame;
        } else {
            break;
        }
    }
    if (n == 0 && max > 0)
        drained_tell(outlet);
    return n;
}

static void own_shift(struct outlet *outlet)
{
    struct own *own = &outlet->own[outlet->own_first];
    if (!own->shared)
        outlet->own_bytes -= (uint32_t)frame_wire(own->frame).len;
    outlet->own_lossy -= own->lossy;
    frame_unref(own->frame);
    outlet->own_first++;
    if (--outlet->own_n == 0) {
        pl_mem_put(outlet->mem, outlet->own);
        outlet->own = NULL;
        outlet->own_first = outlet->own_cap = 0;
    }
}

void outlet_sent(struct outlet *outlet, size_t count)
{
    while (count > 0) {
        if (own_first(outlet, 0, outlet->at)) {
            own_shift(outlet);
            count--;
            continue;
        }
        assert(waiting(outlet) && outlet->at >= outlet->fanout->tail);
        struct slot *slot = fanout_slot(outlet->fanout, outlet->at++);
        outlet->bytes_at = slot->bytes_end;
        if (slot->frame == NULL) {
            outlet->skipped = true;
            outlet->fanout->losses.lossy_n++;
        } else {
            count--;
        }
        if (outlet->at == outlet->fanout->head) {
            outlet->fanout->waiting_n--;
            fanout_settle(outlet->fanout);
        }
    }
    skip_dropped(outlet);
    drained_tell(outlet);
}

uint64_t outlet_waiting_bytes(const struct outlet *outlet)
{
    return outlet->own_bytes + (waiting(outlet) ? outlet->fanout->bytes - outlet->bytes_at : 0);
}

bool outlet_behind(const struct outlet *outlet)
{
    return outlet->behind;
}

bool outlet_skipped(const struct outlet *outlet)
{
    return outlet->skipped;
}

bool outlet_broken(const struct outlet *outlet)
{
    return outlet->broken;
}
