/* A board with its real server core and several tabs, sockets, disk and clock at chance's mercy (DESIGN section 13). */
#ifndef SIM_MEETING_H
#define SIM_MEETING_H
#include "hostile.h"

#define TABS_MAX 6u

struct meeting_config {
    uint64_t seed;
    uint32_t editors, viewers, steps;
    uint32_t cut_percent;       /* of the network's steps: a socket is lost */
    uint32_t disk_fail_percent; /* of the groups of writes */
    uint32_t crash_permille;    /* of steps: the server process dies */
    bool hostile, clones, forgets, restores, drains, insecure, bulk, leaves;
};

struct meeting { /* read by rest.c; changed by meeting.c and rest.c alone */
    struct meeting_config config;
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
    struct pl_buf ops; /* for meeting_ops */
    uint64_t state_hash;
};

struct meeting_config meeting_config_of(uint64_t seed);
void meeting_config_print(const struct meeting_config *config);
struct meeting *meeting_new(const struct meeting_config *config);
void meeting_free(struct meeting *meeting);
/* Runs the whole history and checks every oracle. False, and why (static), on the first that does not hold. */
bool meeting_run(struct meeting *meeting, const char **ret_reason);
/* After meeting_run: the journal as one OPS message, and the state hash it must lead to. Valid until free. */
struct pl_slice meeting_ops(struct meeting *meeting, uint64_t *ret_state_hash);
const uint32_t *meeting_met(const struct meeting *meeting); /* by enum sim_event */

/* For rest.c. */
void meeting_pass(struct meeting *meeting, uint64_t ms); /* time, for server and clients */
void meeting_stop_drained(struct meeting *meeting); /* a server that has said its last word */
/* One round in which all wires are emptied and every write is answered. */
void rest_round(struct meeting *meeting);
/* Everything is delivered until nobody has anything to say; false when that never comes. */
bool rest_reach(struct meeting *meeting);
bool rest_check(struct meeting *meeting);

#endif
