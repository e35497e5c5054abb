/* The batches that are not committed yet, oldest first, and the newest of them while it may still grow. Rules B1, R6.
 * Private to the replica.
 *
 * The newest batch is open until something else comes after it: its last op, the tail, stays decoded, so that what
 * adjoins it becomes part of it: typing on, deleting on, setting the same register again in one gesture. Its bytes are
 * written when somebody asks for them. */
#ifndef PL_PENDING_H
#define PL_PENDING_H
#include "proto/op.h"
#include "proto/writer.h"

struct pending {
    uint64_t ctr0;
    uint64_t ctr_n;
    uint64_t lam0;
    uint32_t replica;
    uint32_t op_n;
    bool rekey;      /* of another replica, or its counters were taken back: see rekey.c */
    size_t ops_at;   /* where in the body the ops array's elements begin */
    size_t body_len; /* of the bytes; stale while the batch is open and has grown since */
    size_t body_cap;
    uint8_t *body;   /* owned */
};

struct tail {
    struct pl_op op;         /* its slices are not used */
    struct pl_id_range last; /* a delete's last range: the others are in `bytes` */
    uint64_t gesture;        /* whose it is; 0: of none that goes on */
};

struct open_batch {
    bool open;             /* it is the newest pending batch */
    bool stale;            /* the pending body is behind */
    bool failed;           /* no memory to hold it: only open_return helps */
    bool has_tail;
    bool swapped;          /* the tail at the mark was replaced: its bytes are in `marked_bytes` */
    struct tail tail;
    struct pl_buf ops;     /* all but the tail, encoded */
    struct pl_buf bytes;   /* the tail's text, value, or ranges but the last */
    struct pl_buf marked_bytes;
};

struct open_mark {
    size_t n; /* pending batches */
    bool open;
    bool has_tail;
    struct tail tail;
    size_t ops_len, bytes_len;
    uint64_t ctr_n;
    uint32_t op_n;
};

struct pending_queue {
    const struct pl_mem *mem;
    struct pending *items; /* n of them from `first` on */
    size_t first;
    size_t n;
    size_t cap;
    struct open_batch newest;
    struct open_batch before; /* what was the newest when the edit under way began another */
};

void pending_init(struct pending_queue *queue, const struct pl_mem *mem);
void pending_done(struct pending_queue *queue);
static inline struct pending *pending_get(const struct pending_queue *queue, size_t index)
{
    return &queue->items[queue->first + index];
}
/* The bytes, or the ops, of a pending batch: until the queue changes. */
struct pl_slice pending_body(struct pending_queue *queue, size_t index);
struct pl_batch pending_batch(struct pending_queue *queue, size_t index);
/* Copies a whole body to the end. PL_NO_MEMORY, or what is wrong with the bytes. */
PL_CHECKED enum pl_status pending_add(struct pending_queue *queue, struct pl_slice body);
/* Takes `body`'s block as the batch's new bytes; its identity and counts are the caller's to set. */
void pending_replace(struct pending_queue *queue, size_t index, struct pl_buf *body, size_t ops_len);
void pending_drop(struct pending_queue *queue, size_t index);
/* Nothing is joined to the newest batch any more. */
void pending_close(struct pending_queue *queue);

/* The state to go back to when an edit fails. */
struct open_mark pending_mark(struct pending_queue *queue);
void pending_return(struct pending_queue *queue, const struct open_mark *mark);
/* Begins an empty batch at the end, open. False when out of memory. */
bool pending_open(struct pending_queue *queue, const struct open_mark *mark, uint32_t replica, uint64_t ctr0,
                  uint64_t lam0);
/* Whether the open batch has room for the op, and whether its tail takes it. */
bool open_has_room(const struct pending_queue *queue, const struct pl_op *op);
bool open_tail_takes(const struct pending_queue *queue, const struct pl_op *op, uint64_t gesture);
/* Adds the op, numbered by the caller: to the tail, when that takes it, or as one of its own. */
void open_extend(struct pending_queue *queue, const struct pl_op *op);
void open_append(struct pending_queue *queue, const struct pl_op *op, uint64_t gesture);
/* Makes sure that the body can be written later. False when out of memory, or when something was. */
bool open_reserve(struct pending_queue *queue);

#endif
