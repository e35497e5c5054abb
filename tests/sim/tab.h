/* A person's tab: the engine's replica and the client's half of the session protocol, as the web client speaks it. It
 * edits, loses its socket, resumes, is reloaded from what it kept, is cloned. */
#ifndef SIM_TAB_H
#define SIM_TAB_H
#include "company.h"
#include "ledger.h"
#include "network.h"
#include "proto/replica.h"

enum tab_phase {
    TAB_RESTING,
    TAB_GREETING, /* HELLO is on its way */
    TAB_SNAPSHOT, /* one is due, or coming in */
    TAB_TAIL,     /* entries up to WELCOME's head */
    TAB_LIVE,
};

/* What all tabs of a run share. */
struct tab_env {
    struct network *network;
    struct ledger *ledger;
    uint64_t board;
    uint64_t now_ms;
};

struct tab { /* read by all; changed by tab.c and tab_input.c alone */
    struct tab_env *env;
    struct pl_replica *replica;
    uint64_t user;
    enum pl_role role;
    enum tab_phase phase;
    struct socket *socket; /* NULL while resting; older ones may still deliver */
    bool want_snapshot, want_replica;
    bool secure; /* keeps its replica over a reload */
    bool cloned; /* another tab may claim its replica */
    bool patient; /* takes a snapshot in the middle, as SPEC S3 has it; the others come again for one */
    bool midway;  /* it is at that */
    bool held;    /* the board takes no edits */
    uint64_t retry_ms, heard_ms, pinged_ms;
    uint64_t settled; /* what it made before it had this seq is committed */

    uint64_t lineage; /* of the committed document; 0: not to be resumed */
    uint32_t id;      /* 0: edits cannot be made yet */
    uint64_t next;    /* the next counter */
    uint64_t from;    /* batches from this counter on were not sent over this socket */
    uint32_t sealed_id;
    uint64_t sealed_next; /* batches of sealed_id below it were handed to a socket once */

    struct pl_opt_u53 hello_replica, hello_resume;
    uint64_t hello_lineage;
    struct pl_msg_welcome welcome; /* numbers only */
    struct pl_buf snapshot;
    uint64_t snapshot_bytes, snapshot_hash, chunk_n, chunk_i, welcome_lineage;

    struct pl_buf kept; /* the snapshot on the device; empty: none */
    uint64_t kept_lineage;
    struct company company;
    uint32_t snapshots_n; /* ever loaded */
};

void tab_init(struct tab *tab, struct tab_env *env, uint64_t user, enum pl_role role, bool secure);
void tab_done(struct tab *tab);

/* Connects when it is time, notices a dead socket, pings. */
void tab_tick(struct tab *tab);
void tab_edit(struct tab *tab, struct rng *rng);
void tab_bulk(struct tab *tab, struct rng *rng); /* large values */
void tab_churn(struct tab *tab); /* makes a good many objects and deletes them */
void tab_undo(struct tab *tab);
void tab_redo(struct tab *tab);
void tab_presence(struct tab *tab, struct rng *rng);
void tab_keep(struct tab *tab); /* the committed document goes to the device */
void tab_reload(struct tab *tab);
void tab_clone(struct tab *tab, struct tab *from); /* what it was is closed */
void tab_lost(struct tab *tab); /* the socket is gone */

/* For tab_input.c and the network. */
void tab_receive(void *tab, struct socket *socket, struct pl_slice frame);
void tab_start_over(struct tab *tab, bool snapshot, bool replica);
void tab_doubt(struct tab *tab);  /* our counters are somebody else's */
void tab_flush(struct tab *tab);  /* sends what was not sent */
void tab_rest(struct tab *tab, uint64_t ms);
void tab_identify(struct tab *tab, uint32_t id, uint64_t hwm);
void tab_numbered(struct tab *tab); /* after any change of the pending list */
bool tab_pending_at(const struct tab *tab, uint64_t ctr0, struct pl_pending *ret_pending);
bool tab_fail(struct tab *tab, const char *reason);
void tab_met(struct tab *tab, enum sim_event event);

#endif
