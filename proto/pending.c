/* The queue of pending batches and the open one at its end. Rules B1, R6. */
#include "proto/pending.h"
#include "proto/limits.h"
#include "proto/op_write.h"
#include <string.h>

#define HEADER_BYTES 48u   /* at most, in front of a batch's ops */
#define OP_BYTES 128u      /* at most, of an op without its value, text or ranges */
#define SLACK_BYTES 64u    /* what a finished body may waste */
#define KEPT_BYTES_MAX 16384u
#define QUEUE_MIN 16u

static void open_init(struct open_batch *open, const struct pl_mem *mem)
{
    *open = (struct open_batch){.open = false};
    pl_buf_init(&open->ops, mem);
    pl_buf_init(&open->bytes, mem);
    pl_buf_init(&open->marked_bytes, mem);
}

static void open_done(struct open_batch *open)
{
    pl_buf_done(&open->ops);
    pl_buf_done(&open->bytes);
    pl_buf_done(&open->marked_bytes);
}

void pending_init(struct pending_queue *queue, const struct pl_mem *mem)
{
    *queue = (struct pending_queue){.mem = mem};
    open_init(&queue->newest, mem);
    open_init(&queue->before, mem);
}

void pending_done(struct pending_queue *queue)
{
    for (size_t i = 0; i < queue->n; i++)
        pl_mem_put(queue->mem, pending_get(queue, i)->body);
    pl_mem_put(queue->mem, queue->items);
    open_done(&queue->newest);
    open_done(&queue->before);
}

static struct pending *pending_newest(const struct pending_queue *queue)
{
    return pending_get(queue, queue->n - 1);
}

/* The tail as an op with its slices; a delete's last range is put behind the others for the time being. */
static void write_tail(struct open_batch *open, struct pl_buf *buf)
{
    struct pl_op op = open->tail.op;
    const size_t len = open->bytes.len;
    if (op.code == PL_OP_DELETE)
        pl_range_write(&open->bytes, open->tail.last);
    op.text = op.value = pl_buf_slice(&open->bytes);
    pl_op_write(buf, &op);
    open->bytes.len = len;
}

/* Writes the open batch's body, for which open_reserve made room. */
static void refresh(struct pending_queue *queue)
{
    struct open_batch *open = &queue->newest;
    struct pending *pending = pending_newest(queue);
    struct pl_buf body = {.mem = queue->mem, .data = pending->body, .cap = pending->body_cap};
    pl_batch_write(&body, pending->replica, pending->ctr0, pending->lam0, pending->op_n, pl_buf_slice(&open->ops));
    pending->ops_at = body.len - open->ops.len;
    if (open->has_tail)
        write_tail(open, &body);
    pending->body = body.data;
    pending->body_cap = body.cap;
    pending->body_len = body.len;
    open->stale = false;
}

struct pl_slice pending_body(struct pending_queue *queue, size_t index)
{
    if (queue->newest.open && queue->newest.stale && index == queue->n - 1)
        refresh(queue);
    const struct pending *pending = pending_get(queue, index);
    return (struct pl_slice){.data = pending->body, .len = pending->body_len};
}

struct pl_batch pending_batch(struct pending_queue *queue, size_t index)
{
    const struct pl_slice body = pending_body(queue, index);
    const struct pending *pending = pending_get(queue, index);
    return (struct pl_batch){
        .replica = pending->replica,
        .ctr0 = pending->ctr0,
        .lam0 = pending->lam0,
        .ctr_n = pending->ctr_n,
        .op_n = pending->op_n,
        .refusal = PL_OK,
        .ops = {.data = body.data + pending->ops_at, .len = body.len - pending->ops_at},
    };
}

void pending_close(struct pending_queue *queue)
{
    if (queue->newest.open && queue->newest.stale)
        refresh(queue);
    queue->newest.open = false;
}

/* Room for one more at the end: what was settled at the front is used again first. */
static bool make_room(struct pending_queue *queue)
{
    if (queue->first + queue->n < queue->cap)
        return true;
    if (queue->first > queue->n) {
        memmove(queue->items, queue->items + queue->first, queue->n * sizeof *queue->items);
        queue->first = 0;
        return true;
    }
    const size_t cap = queue->cap == 0 ? QUEUE_MIN : queue->cap * 2;
    struct pending *items = pl_mem_resize(queue->mem, queue->items, cap * sizeof *items);
    if (items == NULL)
        return false;
    queue->items = items;
    queue->cap = cap;
    return true;
}

enum pl_status pending_add(struct pending_queue *queue, struct pl_slice body)
{
    struct pl_batch batch;
    const enum pl_status status = pl_batch_read(body, false, &batch);
    if (status != PL_OK)
        return status;
    pending_close(queue);
    uint8_t *copy = make_room(queue) ? pl_mem_get(queue->mem, body.len) : NULL;
    if (copy == NULL)
        return PL_NO_MEMORY;
    memcpy(copy, body.data, body.len);
    *pending_get(queue, queue->n++) = (struct pending){
        .ctr0 = batch.ctr0,
        .ctr_n = batch.ctr_n,
        .lam0 = batch.lam0,
        .replica = batch.replica,
        .op_n = batch.op_n,
        .ops_at = body.len - batch.ops.len,
        .body = copy,
        .body_len = body.len,
        .body_cap = body.len,
    };
    return PL_OK;
}

void pending_replace(struct pending_queue *queue, size_t index, struct pl_buf *body, size_t ops_len)
{
    struct pending *pending = pending_get(queue, index);
    pl_mem_put(queue->mem, pending->body);
    pending->body = body->data;
    pending->body_len = body->len;
    pending->body_cap = body->cap;
    pending->ops_at = body->len - ops_len;
    pl_buf_init(body, queue->mem);
}

void pending_drop(struct pending_queue *queue, size_t index)
{
    struct pending *pending = pending_get(queue, index);
    if (index == queue->n - 1)
        queue->newest.open = false;
    pl_mem_put(queue->mem, pending->body);
    queue->n--;
    if (index == 0)
        queue->first = queue->n == 0 ? 0 : queue->first + 1;
    else
        memmove(pending, pending + 1, (queue->n - index) * sizeof *pending);
}

/* A buffer begins anew, without the memory of something unusually big. */
static void renew_buf(struct pl_buf *buf)
{
    if (buf->cap > KEPT_BYTES_MAX)
        pl_buf_done(buf);
    pl_buf_clear(buf);
}

static void trim(struct pending_queue *queue)
{
    struct pending *pending = pending_newest(queue);
    if (pending->body_cap - pending->body_len <= SLACK_BYTES)
        return;
    uint8_t *body = pl_mem_resize(queue->mem, pending->body, pending->body_len);
    if (body == NULL)
        return; /* it stays as it is */
    pending->body = body;
    pending->body_cap = pending->body_len;
}

struct open_mark pending_mark(struct pending_queue *queue)
{
    struct open_batch *open = &queue->newest;
    struct open_mark mark = {.n = queue->n, .open = open->open};
    if (!open->open)
        return mark;
    open->swapped = false;
    mark.has_tail = open->has_tail;
    mark.tail = open->tail;
    mark.ops_len = open->ops.len;
    mark.bytes_len = open->bytes.len;
    mark.ctr_n = pending_newest(queue)->ctr_n;
    mark.op_n = pending_newest(queue)->op_n;
    return mark;
}

static void swap_open(struct pending_queue *queue)
{
    const struct open_batch newest = queue->newest;
    queue->newest = queue->before;
    queue->before = newest;
}

bool pending_open(struct pending_queue *queue, const struct open_mark *mark, uint32_t replica, uint64_t ctr0,
                  uint64_t lam0)
{
    struct open_batch *open = &queue->newest;
    if (open->failed || !make_room(queue))
        return false;
    if (open->open) {
        pending_close(queue);
        trim(queue);
    }
    if (queue->n == mark->n)
        swap_open(queue); /* it can come back */
    *pending_get(queue, queue->n++) = (struct pending){.ctr0 = ctr0, .lam0 = lam0, .replica = replica};
    open->open = open->stale = true;
    open->has_tail = open->swapped = open->failed = false;
    renew_buf(&open->ops);
    renew_buf(&open->bytes);
    return true;
}

bool open_has_room(const struct pending_queue *queue, const struct pl_op *op)
{
    const struct open_batch *open = &queue->newest;
    return pending_newest(queue)->op_n < PL_BATCH_OPS_MAX &&
           open->ops.len + open->bytes.len + op->value.len + op->text.len + 2 * OP_BYTES <= PL_BATCH_BYTES_SOFT;
}

bool open_tail_takes(const struct pending_queue *queue, const struct pl_op *op, uint64_t gesture)
{
    const struct open_batch *open = &queue->newest;
    const struct tail *tail = &open->tail;
    if (!open->has_tail || op->code != tail->op.code || op->field != tail->op.field ||
        !pl_id_equal(op->object, tail->op.object) ||
        open->ops.len + open->bytes.len + op->value.len + op->text.len + 2 * OP_BYTES > PL_BATCH_BYTES_SOFT)
        return false;
    switch (op->code) {
    case PL_OP_INSERT: /* the tail is the newest op, so its ids and the op's are contiguous */
        return op->left.replica == tail->op.id.replica && op->left.ctr == tail->op.id.ctr + tail->op.value_n - 1 &&
               pl_id_equal(op->right, tail->op.right) && tail->op.value_n + op->value_n <= PL_TEXT_SCALARS_MAX;
    case PL_OP_DELETE:
        return tail->op.value_n + op->value_n <= PL_DELETE_RANGES_MAX;
    case PL_OP_SET: /* within one gesture only: each has its own step to undo */
        return gesture != 0 && gesture == tail->gesture;
    default:
        return false;
    }
}

static void swap_bytes(struct open_batch *open)
{
    const struct pl_buf bytes = open->bytes;
    open->bytes = open->marked_bytes;
    open->marked_bytes = bytes;
}

/* The tail's bytes begin anew; those it had at the mark are kept. */
static void renew_bytes(struct open_batch *open)
{
    if (!open->swapped)
        swap_bytes(open);
    open->swapped = true;
    renew_buf(&open->bytes);
}

/* One more range: where it goes on with the last one, they are one. */
static void take_range(struct open_batch *open, struct pl_id_range range)
{
    struct pl_id_range *last = &open->tail.last;
    const bool near = last->n > 0 && last->id.replica == range.id.replica && last->n + range.n <= PL_TEXT_IDS_MAX;
    if (near && range.id.ctr + range.n == last->id.ctr) {
        last->id = range.id;
        last->n += range.n;
    } else if (near && last->id.ctr + last->n == range.id.ctr) {
        last->n += range.n;
    } else {
        if (last->n > 0)
            pl_range_write(&open->bytes, *last);
        *last = range;
        open->tail.op.value_n++;
    }
}

static void take_ranges(struct open_batch *open, const struct pl_op *op)
{
    struct pl_reader reader = pl_reader_of(op->value);
    struct pl_id_range range;
    for (uint32_t i = 0; i < op->value_n && pl_read_range(&reader, &range); i++)
        take_range(open, range);
}

static void note_failure(struct open_batch *open)
{
    open->failed = open->failed || open->ops.failed || open->bytes.failed;
}

void open_extend(struct pending_queue *queue, const struct pl_op *op)
{
    struct open_batch *open = &queue->newest;
    open->stale = true;
    switch (op->code) {
    case PL_OP_INSERT:
        pl_buf_append(&open->bytes, op->text.data, op->text.len);
        open->tail.op.value_n += op->value_n;
        pending_newest(queue)->ctr_n += op->value_n;
        break;
    case PL_OP_DELETE:
        take_ranges(open, op);
        break;
    default:
        renew_bytes(open);
        pl_write_raw(&open->bytes, op->value);
    }
    note_failure(open);
}

void open_append(struct pending_queue *queue, const struct pl_op *op, uint64_t gesture)
{
    struct open_batch *open = &queue->newest;
    if (open->has_tail)
        write_tail(open, &open->ops);
    note_failure(open);
    open->has_tail = op->code == PL_OP_INSERT || op->code == PL_OP_DELETE || op->code == PL_OP_SET;
    open->stale = true;
    open->tail = (struct tail){.op = *op, .gesture = gesture};
    pending_newest(queue)->op_n++;
    pending_newest(queue)->ctr_n += pl_op_counters(op);
    renew_bytes(open);
    if (op->code == PL_OP_DELETE) {
        open->tail.op.value_n = 0;
        take_ranges(open, op);
    } else if (open->has_tail) {
        pl_write_raw(&open->bytes, op->code == PL_OP_INSERT ? op->text : op->value);
    } else {
        pl_op_write(&open->ops, op);
    }
    note_failure(open);
}

bool open_reserve(struct pending_queue *queue)
{
    struct open_batch *open = &queue->newest;
    struct pending *pending = pending_newest(queue);
    const size_t need = HEADER_BYTES + open->ops.len + open->bytes.len + OP_BYTES;
    if (open->failed || !pl_buf_reserve(&open->bytes, OP_BYTES))
        return false;
    if (pending->body_cap >= need)
        return true;
    const size_t cap = need > pending->body_cap * 2 ? need : pending->body_cap * 2;
    uint8_t *body = pl_mem_resize(queue->mem, pending->body, cap);
    if (body == NULL)
        return false;
    pending->body = body;
    pending->body_cap = cap;
    return true;
}

void pending_return(struct pending_queue *queue, const struct open_mark *mark)
{
    struct open_batch *open = &queue->newest;
    const bool opened = queue->n > mark->n;
    while (queue->n > mark->n)
        pending_drop(queue, queue->n - 1);
    if (opened)
        swap_open(queue);
    open->open = mark->open;
    open->failed = false;
    if (!mark->open)
        return;
    if (open->swapped)
        swap_bytes(open);
    open->swapped = false;
    open->bytes.failed = open->ops.failed = false;
    open->bytes.len = mark->bytes_len;
    open->ops.len = mark->ops_len;
    open->has_tail = mark->has_tail;
    open->tail = mark->tail;
    open->stale = true;
    pending_newest(queue)->ctr_n = mark->ctr_n;
    pending_newest(queue)->op_n = mark->op_n;
}
