/* The engine's world: a document that decides and journals, and its clients' replicas, the network between them at
 * chance's mercy. No server core, no sessions: those are the meeting's (meeting.h). */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H
#include "plan.h"

#define WORLD_KNOBS(X)                                                                                       \
    X(STEPS, "steps", 1)                                                                                     \
    X(CLIENTS, "clients", 2)                                                                                 \
    X(DROP, "drop", 0)     /* percent of messages, either way, that are lost */                              \
    X(TWICE, "twice", 0)   /* percent that come twice */                                                     \
    X(SWAP, "swap", 0)     /* percent delivered out of order */                                              \
    X(REFUSE, "refuse", 0) /* percent of batches the server refuses by a void, for no fault of theirs */     \
    X(PACE, "pace", 1)     /* entries a client is brought at a time */                                       \
    X(FOCUS, "focus", 0)   /* percent of edits that go to the same few objects and places */                 \
    X(SCRIBBLE, "scribble", 0) /* percent of edits that go anywhere in one text */                           \
    X(UNDO, "undo", 0)     /* percent of acts that undo or redo */                                           \
    X(ROLES, "roles", 0)   /* one is a facilitator, one may only comment */                                  \
    X(AWAY, "away", 0)     /* percent of acts that lose the network, or find it again */                     \
    X(COLLECT, "collect", 0) /* percent of steps at which the server collects, if it may */                  \
    X(NOTES, "notes", 0)   /* percent of steps that write notes apart; a quarter as many reveal them */      \
    X(RELOAD, "reload", 0) /* percent of acts that load the page anew */                                     \
    X(RICH, "rich", 0)     /* percent of edits that mark a text */

extern const struct sim_kind engine_kind;

#endif
