/* The world of endless coming and going: people make and delete objects and text for ever, the server collects, and
 * what everybody holds stays as small as what is there. Nothing is lost on the way here: that is world.h's. */
#ifndef SIM_CHURN_H
#define SIM_CHURN_H
#include "plan.h"

#define CHURN_KNOBS(X)                                                                                       \
    X(STEPS, "steps", 1)     /* rounds: everybody does something, everything is delivered */                 \
    X(CLIENTS, "clients", 1)                                                                                 \
    X(OBJECTS, "objects", 1) /* how many there are at a time */                                              \
    X(UTF16, "utf16", 1)     /* how long a text gets */                                                      \
    X(EVERY, "every", 1)     /* rounds between collections */                                                \
    X(UNDO, "undo", 0)       /* percent of acts that undo or redo */

extern const struct sim_kind churn_kind;

#endif
