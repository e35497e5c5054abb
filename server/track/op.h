/* What is done to a track, as steps: decided on the loop, its bytes in a worker, its rows in one transaction, what is left
 * over in a worker again; then the answer. Not for others.
 *
 * Invariants: one op of a track is under way at a time, those behind it wait in its lane in order, so what `begin` saw
 * still holds in `settle`. No op runs while a sweep does, so a file without a row is nobody's. */
#ifndef TRACK_OP_H
#define TRACK_OP_H
#include "base/map.h"
#include "track/ledger.h"
#include "track/tracks.h"

#define LANE_MAX      4u   /* ops of one track, the one under way included */
#define BOARD_OPS_MAX 32u  /* of one board's: the others' are for others */
#define OPS_MAX       128u /* of all; each may hold a chunk */
/* Of those that take long, at once: the other workers and most of the disk are for everybody else. */
#define LONG_OPS_MAX   2u
#define LONG_OP_BYTES  (UINT64_C(8) << 20) /* an op that copies more is long */

struct track_op;

struct track_act {
    /* Whether the asker may do it: asked before the op takes a turn, and again when its turn comes. NULL: a new track's. */
    bool (*may_or_null)(const struct track *track, const struct track_asker *asker);
    /* On the loop; `op->track` is what the rows say, or as it was made. PL_OK goes on; `op->skip`: nothing is to be
     * done, answer. */
    enum pl_status (*begin)(struct track_op *op);
    void (*work_or_null)(struct track_op *op); /* on a worker; sets op->status */
    /* On the loop: changes `op->track`, and says what of it is to be written. */
    enum pl_status (*settle)(struct track_op *op, struct track_change *change);
    void (*clean_or_null)(struct track_op *op); /* on a worker, when all is durable */
};

struct track_op {
    struct tracks *tracks;
    struct track_op *next;      /* behind it in the lane */
    struct track_op *next_long; /* behind it, waiting for a turn */
    const struct track_act *act;
    struct track_asker asker;
    uint64_t id; /* the track's */
    struct track *track;
    tracks_done *done;
    void *user;
    enum pl_status status; /* the worker's */
    enum pl_status outcome; /* when all is written: not PL_OK, and something was written all the same */
    const char *why_or_null; /* a refusal's text, static, when it says more than its status */
    uint64_t promised;       /* of the board's room, until its rows are decided */
    uint64_t leaves;         /* bytes of a file that its track names no longer, for the sweep to take */
    uint64_t copies;         /* bytes that its work reads and writes again */
    bool skip, fresh; /* the latter: there was no such track */
    bool part_short; /* with PL_CORRUPT: so many bytes are there of `stream` of `segment` */
    uint64_t part_bytes;
    struct audit_entry audit;
    uint64_t now_ms;
    /* what acts need, and what they found */
    struct pl_buf bytes;
    struct track_upload upload; /* without its bytes */
    struct track_chunk written;
    uint32_t segment, length_ms;
    uint64_t media_ms; /* as its media tells, 0: it does not */
    bool counted;
    uint32_t counts[TRACK_STREAM_N];
    uint32_t next_chunk;
    enum track_stream stream;
    double said_ms;
    uint64_t said_seq; /* the newest entry that a chunk of the timeline names */
    uint64_t stood_at; /* of a timeline's chunk */
    char type[TRACK_TYPE_BYTES_MAX + 1];
    struct track_file files[TRACK_STREAM_N];
    struct track *wish;
    unsigned wished;
    enum track_beside beside;
};

struct tracks {
    struct tracks_env env;
    const char *dir;   /* the data folder */
    struct ledger *ledger;
    struct map lanes;  /* of tracks' ids: the op under way */
    struct track_op *long_first, *long_last; /* those that wait for one of LONG_OPS_MAX */
    unsigned long_n;                         /* at work */
    size_t op_n;       /* at work and waiting */
    size_t at_work_n;  /* whose turn has come */
    size_t other_n;    /* writes that are no op's: progress */
    size_t reading_n;  /* readings that are open or being opened */
    bool sweeping, draining;
    bool sweep_next;       /* it begins when those at work have ended: no other op does before */
    uint64_t sweep_due_ms; /* by the loop's clock */
    struct loop_timer *timer;
    void (*drained)(void *user);
    void *drained_user;
};

/* A new op of this track, not begun; NULL with `*ret_status`. */
struct track_op *op_new(struct tracks *tracks, const struct track_asker *asker, uint64_t track,
                        const struct track_act *act, tracks_done *done, void *user, enum pl_status *ret_status);
void op_free(struct track_op *op);
/* Takes the op. Begins it, or queues it behind those of its track; whoever may not do it takes nobody's turn. */
PL_CHECKED enum pl_status op_push(struct track_op *op);
/* The audit entry of an act, to be written with it. */
void op_audit(struct track_op *op, struct track_change *change, enum audit_act act);
/* Keeps so much of the board's room for the op until its end. PL_QUOTA. */
PL_CHECKED enum pl_status op_promise(struct track_op *op, uint64_t bytes);
/* Of which a part's name is made. */
static inline const char *stream_name(enum track_stream stream)
{
    return stream == TRACK_MEDIA ? "media" : "timeline";
}
/* A fixed-size copy of a slice; false when it is too long. */
bool text_keep(struct pl_slice text, char *ret_text, size_t bytes_max);

/* finish.c: an open segment becomes a done one. In begin; in the worker; in settle, after which its row is to be written;
 * and what is left over. */
PL_CHECKED enum pl_status segment_close_check(struct track_op *op);
void segment_close_work(struct track_op *op);
void segment_close(struct track_op *op);
void segment_close_clean(struct track_op *op);

/* desk.c: a write that is no op's has ended. */
void other_ended(struct tracks *tracks);
/* Those that wait for a sweep begin. */
void ops_resume(struct tracks *tracks);
/* mend.c: in the worker, when a part is shorter than its rows; and on the loop, what is to be written then. */
void part_measure(struct track_op *op, uint32_t segment, enum track_stream stream);
PL_CHECKED enum pl_status part_mend(struct track_op *op, struct track_change *change);
/* sweep.c: begins one if it is due and nothing is under way, or lets it be next when that was so for long. */
void sweep_maybe(struct tracks *tracks);
/* Nothing is at work. */
void sweep_begin(struct tracks *tracks);

#endif
