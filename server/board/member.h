/* What a board and one who is on it say to each other. A board delivers upward through
 * member_port and knows nothing of sessions or sockets; frames go straight into the member's
 * outlet.
 *
 * A member is JOINING until `welcome`, then OPEN until member_leave, `refused` or `dismissed`;
 * after these three the pointer is dead. The callbacks never come from inside a call that names
 * the member, only from the loop. */
#ifndef BOARD_MEMBER_H
#define BOARD_MEMBER_H
#include "board/fanout.h"
#include "proto/id.h"
#include "proto/message.h"
#include "proto/status.h"

struct member;

/* As it stands in WELCOME and STATE (SPEC S16). */
enum board_state {
    BOARD_LOADING = 0,
    BOARD_READY = 1,
    BOARD_READ_ONLY =
        2,              /* the disk refuses: nothing is admitted, nothing is lost; left by itself */
    BOARD_DRAINING = 3, /* the server goes down */
    BOARD_FAILED = 4,   /* could not be loaded: never served from, never saved */
};

/* What WELCOME says. `head_seq` and `hwm` are durable. */
struct member_welcome {
    uint64_t lineage;
    uint64_t hwm;
    uint64_t head_seq;
    uint64_t session;
    uint64_t srv_ms;
    uint32_t replica;
    enum board_state board_state;
};

struct member_port {
    /* Admitted: push WELCOME now; the rest of what a joiner gets is pushed right after. */
    void (*welcome)(void *user, const struct member_welcome *welcome);
    /* Not admitted: PL_DRAINING, PL_READ_ONLY, PL_IO, PL_NO_MEMORY, ... */
    void (*refused)(void *user, enum pl_status code);
    /* The board lets go of an open member: PL_SLOW or PL_DRAINING (come back later), or a
     * failure. */
    void (*dismissed)(void *user, enum pl_status code, uint64_t retry_after_ms);
    void *user;
};

struct member_request {
    struct outlet *outlet; /* borrowed until the member is gone; not attached to another board */
    struct member_port port;
    uint64_t user;
    uint64_t link; /* they came by it */
    enum pl_role role;
    struct pl_slice name; /* copied */
    /* from HELLO */
    bool lineage_set;
    uint64_t lineage;
    struct pl_opt_u53 replica;
    struct pl_opt_u53 resume_seq;
};

void member_leave(struct member *member_or_null);
/* What it may do from now on; an open member is told by STATE. */
void member_role_set(struct member *member, enum pl_role role);
/* A BATCH. PL_OK: answered, or kept unanswered while the disk refuses. PL_PERM: answered too, by a
 * refusal for want of a role. PL_MALFORMED, PL_NO_MEMORY: end the session. */
PL_CHECKED enum pl_status member_batch(struct member *member, uint64_t doc, struct pl_slice body);
/* Asks for the document as it was at a seq (SPEC T): answered with PAST in any case, later. */
void member_past(struct member *member, uint64_t doc, uint64_t seq);
/* The same answer for one who asks too often: PL_LIMIT. */
void member_past_refuse(struct member *member, uint64_t doc, uint64_t seq, enum pl_status code);
/* From a PING: everything this tab made before it had this seq is committed (SPEC G3). */
void member_settled(struct member *member, uint64_t seq);
/* The latest presence state, one MessagePack value of at most PL_PRESENCE_BYTES_MAX; copied. */
void member_presence(struct member *member, struct pl_slice state);

#endif
