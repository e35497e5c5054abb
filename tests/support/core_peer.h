/* A client below the sockets: a real session on one side, the native engine's replica on the
 * other, frames carried by hand. It keeps what it was told, so that a test can ask. */
#ifndef SUPPORT_CORE_PEER_H
#define SUPPORT_CORE_PEER_H
#include "proto/message.h"
#include "proto/replica.h"
#include "session/session.h"
#include "tests/support/core_world.h"
#include "tests/support/past_taker.h"

struct core_peer {
    struct core_world *world;
    struct session *session; /* NULL: not connected */
    struct pl_replica *replica;
    uint64_t user;
    enum pl_role role;
    uint64_t link; /* it came by; 0: none */
    char name[32];

    /* from WELCOME */
    bool welcomed, identified;
    uint64_t lineage, head_seq, session_number, hwm;
    uint32_t id;
    uint64_t board_state; /* STATE too */
    enum pl_role told_role; /* STATE too */

    /* the socket */
    bool stalled; /* reads nothing */
    bool raw;     /* sends batches by hand: the replica stays a witness */
    bool closed, paused;
    uint16_t ws_status;

    /* counts of what came */
    uint32_t frames, ops_frames, ops, snapshots, acks, rejects, gaps, goaways, pongs, diverged;
    uint32_t people_frames, presence_frames, presence_states;
    uint32_t joined, left;
    enum pl_status error, reject_code; /* the last */
    uint64_t reject_ctr0, reject_n, ack_hwm, last_seq;
    struct pl_buf people, presence; /* the last of these messages' payload */

    /* the snapshot coming in */
    struct pl_buf snapshot;
    uint64_t snapshot_bytes, snapshot_hash, chunk_n;

    struct past_taker past;

    uint64_t sent_ctr; /* counters up to here were sent in this session */
};

struct core_peer *core_peer_new(struct core_world *world, uint64_t user, const char *name,
                                enum pl_role role);
void core_peer_free(struct core_peer *peer);

/* A socket and HELLO with a fresh ticket; what the replica has is named for resuming. */
void core_peer_hello(struct core_peer *peer, uint64_t board);
/* The same with this ticket. */
void core_peer_hello_with(struct core_peer *peer, const char *ticket);
/* Turns until it is welcomed and up to date, or closed. */
void core_peer_await(struct core_peer *peer);
/* HELLO and that. */
void core_peer_connect(struct core_peer *peer, uint64_t board);
void core_peer_drop(struct core_peer *peer); /* the socket is gone */
/* A socket that said nothing yet. */
void core_peer_socket(struct core_peer *peer);

/* Carries frames until there are none (not when stalled). */
void core_peer_pump(struct core_peer *peer);
/* Everything that can happen without time: turns and pumps of all given peers until quiet. */
void core_peers_settle(struct core_world *world, struct core_peer *const *peers, size_t n);

/* Edits in the replica's form (SPEC R4) as a literal, and sends what they made. The ctr of the
 * first object made. */
uint64_t core_peer_edit(struct core_peer *peer, const char *edits);
/* The same without sending. */
uint64_t core_peer_edit_quietly(struct core_peer *peer, const char *edits);
void core_peer_send_pending(struct core_peer *peer);
/* One message from a literal, or raw bytes. */
void core_peer_send(struct core_peer *peer, const char *literal);
void core_peer_send_bytes(struct core_peer *peer, struct pl_slice bytes);
uint64_t core_peer_hash(struct core_peer *peer); /* of the committed document */

#endif
