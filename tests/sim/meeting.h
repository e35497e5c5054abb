/* A board with its real server core and several tabs, sockets, disk and clock at chance's mercy (DESIGN section 13). */
#ifndef SIM_MEETING_H
#define SIM_MEETING_H
#include "hostile.h"
#include "plan.h"

#define TABS_MAX 6u

#define MEETING_KNOBS(X)                                                                                     \
    X(STEPS, "steps", 1)                                                                                     \
    X(EDITORS, "editors", 2)                                                                                 \
    X(VIEWERS, "viewers", 0)                                                                                 \
    X(CUT, "cut", 0)           /* percent of the network's steps: a socket is lost */                        \
    X(DEAF, "deaf", 0)         /* percent of sockets whose client never hears that they are over */          \
    X(FAIL, "fail", 0)         /* percent of the groups of writes the disk refuses */                        \
    X(CRASH, "crash", 0)       /* per mille of steps: the server process dies */                             \
    X(HOSTILE, "hostile", 0)   /* somebody means harm */                                                     \
    X(CLONES, "clones", 0)     /* tabs are cloned */                                                         \
    X(FORGETS, "forgets", 0)   /* the disk keeps no entries from before a snapshot */                        \
    X(RESTORES, "restores", 0) /* backups are gone back to */                                                \
    X(DRAINS, "drains", 0)                                                                                   \
    X(INSECURE, "insecure", 0) /* tabs never keep their replica */                                           \
    X(BULK, "bulk", 0)         /* the step at which one says more than another can take; 0: never */         \
    X(CHURN, "churn", 0)       /* the step at which so much comes and goes that the server collects; 0: never */ \
    X(LEAVES, "leaves", 0)     /* the step at which everybody goes away for a while; 0: never */

enum meeting_knob {
#define X(name, text, least) MEETING_##name,
    MEETING_KNOBS(X)
#undef X
        MEETING_KNOB_N
};

extern const struct sim_kind session_kind;

struct meeting { /* read by rest.c; changed by meeting.c and rest.c alone */
    const struct plan *plan;
    uint32_t knobs[PLAN_KNOBS_MAX];
    struct rng rng;
    struct verdict verdict;
    struct disk *disk;
    struct server *server;
    struct network network;
    struct ledger *ledger;
    struct tab_env env;
    struct tab tabs[TABS_MAX];
    uint32_t tab_n;
    struct hostile hostile;
    uint64_t down_until_ms;
    uint64_t state_hash; /* at rest */
};

/* For rest.c. */
void meeting_pass(struct meeting *meeting, uint64_t ms); /* time, for server and clients */
void meeting_stop_drained(struct meeting *meeting); /* a server that has said its last word */
/* One round in which all wires are emptied and every write is answered. */
void rest_round(struct meeting *meeting);
/* Everything is delivered until nobody has anything to say; false when that never comes. */
bool rest_reach(struct meeting *meeting);
bool rest_check(struct meeting *meeting);

#endif
