/* What the files of the engine's world share. */
#ifndef SIM_WORLD_STATE_H
#define SIM_WORLD_STATE_H
#include "mirror.h"
#include "proto/replica.h"
#include "rng.h"
#include "tests/support/naive_doc.h"
#include "verdict.h"
#include "world.h"

#define CLIENTS_MAX 5u
#define LINK_MAX    64u
#define NOTES_USER  100u /* the first client's */

enum world_knob {
#define X(name, text, least) WORLD_##name,
    WORLD_KNOBS(X)
#undef X
        WORLD_KNOB_N
};

/* One direction of a connection: message bytes in the order sent. */
struct link {
    struct pl_buf messages[LINK_MAX];
    uint32_t n;
};

struct client {
    struct pl_replica *replica;
    struct mirror *mirror; /* what a screen shows of it */
    struct link up;   /* batch bodies */
    struct link down; /* envelopes */
    uint64_t told;    /* the seq up to which the server has sent */
    uint64_t settled; /* what it made before it had this seq is committed */
    bool away;
    uint64_t handed;  /* the highest counter ever handed to the network under this replica id */
    uint64_t user;
    enum pl_role role;
};

struct entry {
    size_t at;      /* in the journal's bytes */
    uint32_t replica;
    uint64_t needs; /* its author had seen all entries up to this seq */
};

/* A pending batch, by the hash of its bytes, and what its author had seen when it was made. */
struct birth {
    uint64_t hash;
    uint64_t head;
};

/* A document apart, and what it was when an entry of the board's brought it in. */
struct notes {
    struct pl_doc *doc;
    struct naive_doc *naive;
    struct pl_replica *replica;
};

struct adoption {
    size_t index; /* of the entry */
    struct naive_doc *notes;
};

struct world {
    const struct plan *plan;
    uint32_t knobs[PLAN_KNOBS_MAX];
    struct rng rng;
    struct verdict verdict;
    const struct pl_mem *mem;
    struct pl_doc *doc;
    struct naive_doc *naive;
    struct pl_buf journal;  /* envelopes, one after another */
    struct pl_buf entries;  /* struct entry */
    struct pl_buf births;   /* struct birth */
    struct pl_buf adoptions;/* struct adoption */
    uint64_t barrier;       /* the last entry of the server's own */
    struct notes notes;
    struct pl_buf midway;   /* a snapshot taken on the way */
    uint64_t midway_head;
    struct client clients[CLIENTS_MAX];
    uint32_t replica_next;
};

bool world_fail(struct world *world, const char *reason);

/* world_server.c */
void world_server_init(struct world *world); /* counts replica_next up */
void world_server_done(struct world *world);
size_t world_entry_n(const struct world *world);
const struct entry *world_entry_at(const struct world *world, size_t index);
struct pl_slice world_entry_bytes(const struct world *world, size_t index);
struct pl_envelope world_envelope(const struct world *world, size_t index);
const struct naive_doc *world_adopted(const struct world *world, size_t index); /* for naive_doc_apply */
/* A pending batch that is new gets the head its author had seen. After every act of a client. */
void world_births(struct world *world, struct client *client);
void world_serve(struct world *world, struct client *client, struct pl_slice body);
void world_collect(struct world *world); /* nothing happens while it may not */
void world_notes_edit(struct world *world);
void world_reveal(struct world *world);

/* world_net.c */
void world_connect(struct world *world, struct client *client, uint32_t id, bool by_snapshot);
void world_disconnect(struct client *client);
void world_deliver_up(struct world *world, struct client *client);
void world_deliver_down(struct world *world, struct client *client);
/* Everybody comes, everything is delivered, in order and once, until nobody has anything pending. */
bool world_settle(struct world *world);

/* world_rest.c: what must hold at rest, and what must hold at any time. */
bool world_rest_check(struct world *world);
/* Whether a document is what the naive engine has made of the journal. */
bool world_compare(struct world *world, struct pl_doc *doc);
/* What a client sees is what the naive engine makes of the journal as far as the client has it, and its own pending
 * batches after that; and a screen that is told of changes shows it. */
bool world_overlay_check(struct world *world, struct client *client);
/* Undo n, redo n: what a person sees is as it was. */
bool world_undo_check(struct world *world, struct client *client);

#endif
