/* What an applied op changed in what a person sees, so that a client redraws only that. */
#ifndef PL_CHANGE_H
#define PL_CHANGE_H
#include "proto/id.h"
#include "proto/mem.h"

enum pl_change_kind {
    PL_CHANGE_MADE,    /* the object is new: all of it */
    PL_CHANGE_FIELD,   /* the register `field` has another value */
    PL_CHANGE_TEXT,    /* the text `field` was spliced: `removed` units at `at` became `inserted` */
    PL_CHANGE_MARKS,   /* the marks of the text `field` */
    PL_CHANGE_TALLY,   /* somebody's register in the tally `field` */
    PL_CHANGE_WHOLE,   /* anything about it may be different */
    PL_CHANGE_PENDING, /* whether a pending batch touches it: of a replica alone */
    PL_CHANGE_DROPPED, /* it was collected: a document that drew it knows it no longer */
};

struct pl_change {
    enum pl_change_kind kind;
    struct pl_id object;
    uint32_t field;           /* FIELD, TEXT, TALLY */
    size_t at;                /* TEXT: UTF-16 units, in the text as it was just before this splice */
    size_t removed;           /* TEXT: UTF-16 units */
    struct pl_slice inserted; /* TEXT: UTF-8, borrowed for the call */
};

/* Told of each change, in order, before the call that made it returns. A write that loses to a higher stamp is none. */
struct pl_observer {
    void (*changed)(void *user, const struct pl_change *change);
    void *user;
};

static inline void pl_observe(const struct pl_observer *observer_or_null, const struct pl_change *change)
{
    if (observer_or_null != NULL && observer_or_null->changed != NULL)
        observer_or_null->changed(observer_or_null->user, change);
}

#endif
