/* A board's inside, shared by the files of this folder that each own one part of its life:
 *   board.c     states, loading and losing, draining
 *   decide.c    admission of batches, the server's own too
 *   release.c   from gathered to durable to everyone
 *   checkpoint.c  snapshots for the disk
 *   join.c      from HELLO to the ring; snapshots after falling behind
 *   supply.c    the snapshot that joiners share
 *   presence.c  who is here and what they are doing
 *   crowd.c     the same when too many are here: told by area
 *   past.c      the document as it was
 * Not for others. */
#ifndef BOARD_BOARD_INNER_H
#define BOARD_BOARD_INNER_H
#include "board/area.h"
#include "board/board.h"
#include "board/gather.h"
#include "board/pace.h"
#include "board/replicas.h"
#include "board/share.h"
#include "obs/metrics.h"
#include "proto/doc.h"

#define PROBE_MS_MIN 250u  /* the first try after disk trouble; doubles up to the second */
#define PROBE_MS_MAX 4000u /* the store fails such a try at once while the disk refuses */

/* What of a crowd is told without regard to area: to those who see everything, and, slowly, to those
 * who do not. */
enum crowd_round { ROUND_WIDE, ROUND_FAR, CROWD_ROUNDS };

enum member_stage {
    MEMBER_JOINING, /* in board->joiners */
    MEMBER_OPEN,    /* in board->members */
};

struct member {
    struct board *board;
    struct member *next; /* joiners */
    struct outlet *outlet;
    struct member_port port;
    uint64_t user;
    uint64_t link;
    uint64_t session;
    uint64_t lineage;
    uint64_t gap_asked;   /* the counter the last REJECT gap named; 0: none */
    uint64_t snapshot_ms; /* when a snapshot last replaced its tail; 0: never */
    struct pl_opt_u53 claim, resume;
    uint64_t settled_seq; /* what it made before it had this seq is committed */
    uint64_t known_seq;   /* it may have settled its own batches up to here: no older snapshot */
    uint64_t shown_ms;    /* when what came into view was last told whole */
    struct area_view view, shown; /* what it sees; what crowd.c told it of */
    struct area_cell at, told;    /* where it is; where it was when last told */
    uint8_t *state;       /* presence, or NULL */
    struct member *next_dirty;
    struct frame *past_end; /* the last of the last PAST's frames, or NULL */
    size_t index;           /* in members */
    uint32_t state_len;
    uint32_t replica; /* 0: none yet */
    uint16_t behind_s;
    enum pl_role role;
    enum member_stage stage;
    bool lineage_set;
    bool dirty;      /* presence changed since the last tick */
    bool due[CROWD_ROUNDS]; /* not told yet in a round (crowd.c) */
    bool announced;  /* in a PEOPLE */
    bool newcomer;   /* owed the full PEOPLE and PRESENCE */
    bool fenced;     /* its claim was held by an older socket, which was sent away: a fresh id */
    bool resync;     /* joining again, for a fresh snapshot */
    bool resend_due; /* was not answered while the disk refused */
    bool hopeless;   /* behind again too soon: the sweep sends it away */
    uint8_t name_len;
    char name[]; /* not NUL-terminated */
};

/* What a snapshot that is being made of the journal has to be: not older than known_seq, nor followed by a
 * longer tail, or else as of seq. */
struct share_wish {
    uint64_t known_seq, seq;
    uint64_t tail_max, tail_bytes_max;
};

/* An answer that may only go out when an entry is durable. */
struct later {
    uint64_t seq;
    struct member *member;
    struct frame *frame;
};

struct board {
    struct board_env env;
    uint64_t id;
    enum board_state state;
    struct pl_doc *doc; /* NULL while lost and not yet loaded again */
    uint64_t durable;   /* seq */
    struct gather gather, flight;
    struct fanout *fanout;
    struct replicas replicas;
    struct map persons; /* user -> ctr of their person object, as a pointer */

    struct member **members;
    size_t member_n, member_cap;
    struct member *joiners;
    struct pl_buf later; /* struct later, by seq */
    struct past *pasts;  /* under way */
    struct past_ask *asks_waiting, *asks_out; /* whether they may; the latter are with a worker */

    struct share *share;       /* NULL: none */
    uint64_t generation;       /* counts losses: work begun before one is void */
    uint64_t share_generation; /* of the one being made */
    struct share_wish share_wish;
    uint64_t share_used_ms, share_made_ms;
    uint64_t share_bytes;        /* admitted_bytes when it was taken */
    uint64_t share_bytes_next;   /* the same of the one being made */
    uint64_t admitted_bytes;     /* of envelopes, since the board was loaded */
    uint64_t tail_from, tail_to; /* what tail_frames hold */
    struct pl_buf tail_frames;   /* struct frame *: joiners of one moment share them */

    struct member *dirty, *dirty_last; /* presence */
    size_t round_at[CROWD_ROUNDS];     /* in members: who is next */
    struct pace pace;                  /* of presence */
    bool crowded;                      /* told by area */
    struct pl_buf left;                /* u64 sessions */
    uint32_t joined_n;                 /* open and not announced */
    uint32_t newcomer_n;
    struct loop_timer *tick;
    uint64_t tick_ms, due_ms; /* of presence: the last, as it was due, and the next */

    uint64_t tail_n, tail_bytes;     /* journal since the last snapshot */
    uint64_t snapshot_bytes;         /* of the last one */
    uint64_t snapshot_seq;           /* of the last that was loaded or stored; 0: none */
    uint64_t saving_n, saving_bytes; /* what the one being stored covers */
    uint64_t saving_seq;
    uint32_t save_failures;          /* one after another */
    struct pl_buf checkpoint;        /* waits for its seq to be durable */
    uint64_t checkpoint_seq;         /* 0: none waits */

    uint64_t collect_ms;  /* loop time of the last COLLECT, or when the board was loaded */
    uint64_t weighed_seq; /* when the dead were last weighed */

    uint64_t released_ms;     /* loop time of the last fan-out of entries */
    struct loop_timer *hold;  /* what gathered waits for its turn (release.c) */

    struct loop_timer *probe;
    uint64_t probe_ms;                   /* the next wait */
    uint32_t reserved_first, reserved_n; /* the reservation under way */
    uint64_t idle_since_ms;
    uint32_t busy_n; /* callbacks under way */
    bool flying, sharing, saving, reserving, reserve_failed;
    bool share_untold; /* the journal could not tell what one was to be made of */
    bool share_fresh; /* made for those who wait: serves them however much was admitted meanwhile */
    bool turn_due, wake_due, lost, dismissed;
};

/* board.c */
void board_move(struct board *board, enum board_state to);
/* The document in memory cannot be trusted, or did not reach the disk: discard it and load
 * again. */
void board_lose(struct board *board, enum pl_status why);
void board_broadcast(struct board *board, struct pl_buf *message,
                     bool lossy); /* done with message */
void board_turn_schedule(struct board *board);
/* A frame of the message; NULL when there was no memory. Done with message. */
struct frame *board_frame(struct board *board, struct pl_buf *message);
void board_reserve(struct board *board);
bool board_admits(const struct board *board); /* READY and not lost */
/* Whether packing it would hold the loop up: more than about two milliseconds. */
bool board_large(const struct board *board);

/* decide.c */
void board_server_batch(struct board *board, struct pl_slice ops, uint32_t op_n);
/* Once a second: a COLLECT when the dead outweigh the living and nobody can still name them. */
void collect_sweep(struct board *board);
void person_ensure(struct board *board, const struct member *member);
PL_CHECKED enum pl_status persons_index(struct board *board);
void member_ask_again(struct member *member); /* REJECT gap from hwm + 1 */

/* release.c */
void release_hand_over(struct board *board);
void release_later(struct board *board, struct member *member, struct frame *frame_or_null);
void release_forget(struct board *board, const struct member *member_or_null); /* NULL: all */

/* checkpoint.c */
/* So much became durable that a snapshot may be due. */
void checkpoint_consider(struct board *board);
void checkpoint_forget(struct board *board); /* of a state that was given up */

/* join.c */
void join_serve(struct board *board);
void join_again(struct member *member); /* all it had was sent, and it is behind */
void member_dismiss(struct member *member, enum pl_status code, uint64_t retry_after_ms);
void tail_drop(struct board *board);

/* supply.c */
void share_drop(struct board *board);
/* Whether there is one for somebody who knows the entries up to known_seq. */
bool share_good(const struct board *board, uint64_t known_seq);
/* Has one made, unless one is coming: join_serve runs when it is there. PL_NO_MEMORY. */
PL_CHECKED enum pl_status share_ask(struct board *board, uint64_t known_seq);
/* Once a second: a share that people came for lately is kept, and kept fresh. */
void share_sweep(struct board *board);

/* past.c */
void past_forget(struct board *board, const struct member *member);

/* crowd.c */
/* The tick's states, told by area. true: some are left for the next. */
bool crowd_tell(struct board *board);
/* Sets `crowded` by how many are here and how much time the loop has. */
void crowd_notice(struct board *board);

/* presence.c */
#define PRESENCE_BYTES_SOFT (64u * 1024u) /* per frame, the others wait: large states of many cost everyone */
/* A PRESENCE of n entries; done with entries. NULL: no memory. */
struct frame *presence_frame(struct board *board, struct pl_buf *entries, uint32_t n);
void presence_entry(struct pl_buf *entries, const struct member *member);
void presence_queue(struct member *member); /* its state is to be told */
void presence_joined(struct member *member);
void presence_left(struct member *member);
void presence_schedule(struct board *board);
void presence_owed(struct member *member); /* skipped some: owed the full state */
void presence_done(struct board *board);

#endif
