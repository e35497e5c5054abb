/* Admission: a member's batch, and the server's own, decided whole, given the next seq and
 * applied at once. What a refusal costs (a seq or none) is SPEC S9. Not here: when it becomes
 * durable and visible (release.c). */
#include "base/log.h"
#include "board/board_inner.h"
#include "proto/limits.h"
#include "proto/object.h"
#include <inttypes.h>
#include <string.h>

static void reject_push(struct member *member, const struct pl_batch *batch, enum pl_status code,
                        bool later)
{
    struct board *board = member->board;
    const char *text = pl_status_text(code);
    struct pl_buf message;
    pl_buf_init(&message, board->env.mem);
    struct pl_msg_reject reject = {.ctr0 = batch->ctr0, .n = batch->ctr_n, .code = (uint64_t)code};
    reject.text = (struct pl_slice){(const uint8_t *)text, strlen(text)};
    pl_msg_reject_write(&message, &reject);
    struct frame *frame = board_frame(board, &message);
    if (later)
        release_later(board, member, frame);
    else
        outlet_push(member->outlet, frame, OUTLET_NEXT, false);
}

static uint64_t replica_hwm(const struct board *board, uint32_t replica)
{
    struct pl_replica_row row;
    return pl_doc_replica(board->doc, replica, &row) ? row.hwm : 0;
}

static void ack(struct member *member)
{
    struct board *board = member->board;
    struct pl_buf message;
    pl_buf_init(&message, board->env.mem);
    struct pl_msg_ack msg = {.hwm = replica_hwm(board, member->replica)};
    pl_msg_ack_write(&message, &msg);
    release_later(board, member, board_frame(board, &message));
    metrics_add(board->env.metrics, METRIC_BATCHES_REPEATED, 1);
}

/* Asks once for what is missing: every batch behind the same hole would have its author send all of it again. */
static void gap(struct member *member)
{
    struct board *board = member->board;
    struct pl_batch from = {.ctr0 = replica_hwm(board, member->replica) + 1};
    metrics_add(board->env.metrics, METRIC_BATCHES_GAP, 1);
    if (member->gap_asked == from.ctr0)
        return;
    member->gap_asked = from.ctr0;
    reject_push(member, &from, PL_GAP, false);
}

void member_ask_again(struct member *member)
{
    member->gap_asked = 0; /* what came since the last time was not taken */
    if (member->role >= PL_ROLE_COMMENTER)
        gap(member);
}

static uint64_t next_srv_ms(const struct board *board)
{
    uint64_t now = loop_wall_ms(board->env.loop), last = pl_doc_srv_ms(board->doc);
    return now > last ? now : last; /* a clock set back must not show */
}

/* The body, a batch or a void, becomes the next entry. false: the board was lost over it. */
static bool admit(struct board *board, struct pl_slice body, uint64_t user,
                  const struct pl_batch *batch)
{
    struct pl_envelope envelope = {.seq = pl_doc_head(board->doc) + 1,
                                   .user = user,
                                   .srv_ms = next_srv_ms(board),
                                   .body = body};
    enum pl_status status = pl_doc_apply(board->doc, &envelope, NULL);
    if (status == PL_OK) {
        gather_add(&board->gather, &envelope, batch);
        board->admitted_bytes += body.len;
        status = gather_failed(&board->gather) ? PL_NO_MEMORY : PL_OK;
    }
    if (status != PL_OK) {
        board_lose(board, status);
        return false;
    }
    board_turn_schedule(board);
    return true;
}

/* Journals the void, then tells the author why. PL_OK, or PL_PERM for such a refusal: see
 * member_batch. */
static enum pl_status refuse(struct member *member, const struct pl_batch *batch,
                             enum pl_status code)
{
    struct board *board = member->board;
    metrics_add(board->env.metrics, METRIC_BATCHES_REFUSED, 1);
    if (batch->ctr_n == 0) { /* may not write at all, or the bytes could not be counted */
        reject_push(member, batch, code, false);
        return code == PL_PERM ? PL_PERM : PL_OK;
    }
    struct pl_buf body;
    pl_buf_init(&body, board->env.mem);
    pl_void_write(&body, batch, code);
    enum pl_status status = body.failed ? PL_NO_MEMORY : PL_OK;
    if (status == PL_OK && admit(board, pl_buf_slice(&body), member->user, batch))
        reject_push(member, batch, code, true);
    pl_buf_done(&body);
    return status == PL_OK && code == PL_PERM ? PL_PERM : status;
}

/* While nothing is admitted: kept by its author, whom recover asks for it. Who may not write at all is never asked
 * (S16), so is told now, which needs no board. */
static enum pl_status keep_unanswered(struct member *member, struct pl_slice body)
{
    struct pl_batch batch;
    if (member->role >= PL_ROLE_COMMENTER) {
        member->resend_due = true;
        return PL_OK;
    }
    enum pl_status status = pl_batch_read(body, false, &batch);
    if (status != PL_OK)
        return status == PL_MALFORMED ? status : PL_OK;
    batch.ctr_n = 0;
    return refuse(member, &batch, PL_PERM);
}

enum pl_status member_batch(struct member *member, uint64_t doc, struct pl_slice body)
{
    struct board *board = member->board;
    struct pl_batch batch;
    if (doc != 0)
        return PL_MALFORMED; /* there is no other document yet */
    if (!board_admits(board))
        return keep_unanswered(member, body);
    enum pl_status status = pl_doc_decide(board->doc, body, member->user, member->role, &batch);
    if (status == PL_MALFORMED || status == PL_NO_MEMORY)
        return status;
    if (batch.replica != member->replica) {
        batch.ctr_n = 0; /* not this tab's counters: no void may move them */
        return refuse(member, &batch, PL_PERM);
    }
    switch (status) {
    case PL_OK:
        if (admit(board, body, member->user, &batch)) {
            metrics_add(board->env.metrics, METRIC_BATCHES, 1);
            metrics_add(board->env.metrics, METRIC_OPS, batch.op_n);
        }
        return PL_OK;
    case PL_DUPLICATE:
        ack(member);
        return PL_OK;
    case PL_GAP:
        gap(member);
        return PL_OK;
    default:
        return refuse(member, &batch, status);
    }
}

/* The server's own batches. */

void board_server_batch(struct board *board, struct pl_slice ops, uint32_t op_n)
{
    struct pl_batch batch;
    struct pl_buf body;
    if (!board_admits(board))
        return;
    pl_buf_init(&body, board->env.mem);
    pl_write_array(&body, 4);
    pl_write_uint(&body, PL_REPLICA_SERVER);
    pl_write_uint(&body, replica_hwm(board, PL_REPLICA_SERVER) + 1);
    pl_write_uint(&body, pl_doc_lam(board->doc) + 1);
    pl_write_array(&body, op_n);
    pl_write_raw(&body, ops);
    enum pl_status status =
        body.failed ? PL_NO_MEMORY
                    : pl_doc_decide(board->doc, pl_buf_slice(&body), 0, PL_ROLE_SERVER, &batch);
    if (status == PL_OK)
        admit(board, pl_buf_slice(&body), 0, &batch);
    else if (status == PL_NO_MEMORY)
        board_lose(board, status); /* coming back makes up for it */
    else /* a full board, or a name no text field takes: the board goes without */
        log_event(LOG_LEVEL_WARN, "server_batch_refused", "board=%016" PRIx64 " code=%s", board->id,
                  pl_status_name(status));
    pl_buf_done(&body);
}

static void person_write(struct board *board, const struct member *member, uint64_t ctr_or_0)
{
    struct pl_slice name = {(const uint8_t *)member->name, member->name_len};
    struct pl_buf op;
    pl_buf_init(&op, board->env.mem);
    if (ctr_or_0 == 0) {
        pl_write_array(&op, 3);
        pl_write_uint(&op, PL_OP_CREATE);
        pl_write_uint(&op, PL_KIND_PERSON);
        pl_write_map(&op, 2);
        pl_write_uint(&op, PL_FIELD_USER);
        pl_write_uint(&op, member->user);
    } else {
        pl_write_array(&op, 4);
        pl_write_uint(&op, PL_OP_SET);
        pl_write_id(&op, (struct pl_id){PL_REPLICA_SERVER, ctr_or_0});
    }
    pl_write_uint(&op, PL_FIELD_NAME);
    pl_write_str(&op, name);
    if (op.failed)
        board_lose(board, PL_NO_MEMORY);
    else
        board_server_batch(board, pl_buf_slice(&op), 1);
    pl_buf_done(&op);
}

void person_ensure(struct board *board, const struct member *member)
{
    if (!board_admits(board))
        return; /* recover comes back to it */
    uint64_t ctr = (uint64_t)(uintptr_t)map_get(&board->persons, member->user);
    if (ctr != 0) {
        const struct pl_object *person =
            pl_doc_object(board->doc, (struct pl_id){PL_REPLICA_SERVER, ctr});
        struct pl_slice name = {(const uint8_t *)member->name, member->name_len}, known;
        if (person != NULL && pl_object_str(person, PL_FIELD_NAME, &known) &&
            pl_slice_equal(known, name))
            return;
        person_write(board, member, ctr);
        return;
    }
    if (map_len(&board->persons) >= PL_PERSONS_MAX)
        return; /* PEOPLE tells who is here all the same */
    ctr = replica_hwm(board, PL_REPLICA_SERVER) + 1;
    person_write(board, member, 0);
    if (board_admits(board) && replica_hwm(board, PL_REPLICA_SERVER) == ctr &&
        map_put(&board->persons, member->user, (void *)(uintptr_t)ctr) != PL_OK)
        board_lose(board, PL_NO_MEMORY); /* or the person would be made twice */
}

enum pl_status persons_index(struct board *board)
{
    const struct pl_object *object;
    map_done(&board->persons);
    for (size_t i = 0; (object = pl_doc_object_at(board->doc, i)) != NULL; i++) {
        uint64_t user;
        struct pl_id id = pl_object_id(object);
        if (id.replica != PL_REPLICA_SERVER)
            break; /* in id order: the server's come first */
        if (pl_object_kind(object) != PL_KIND_PERSON ||
            !pl_object_uint(object, PL_FIELD_USER, &user))
            continue;
        enum pl_status status = map_put(&board->persons, user, (void *)(uintptr_t)id.ctr);
        if (status != PL_OK)
            return status;
    }
    return PL_OK;
}

static struct pl_slice text_of(const struct board *board, uint64_t ctr, uint32_t field)
{
    struct pl_slice text = {0};
    const struct pl_object *object =
        board->doc == NULL || ctr == 0 ? NULL : pl_doc_object(board->doc, (struct pl_id){PL_REPLICA_SERVER, ctr});
    if (object != NULL)
        (void)pl_object_str(object, field, &text);
    return text;
}

void board_names(const struct board *board, uint64_t user, struct pl_slice *ret_title, struct pl_slice *ret_name)
{
    *ret_title = text_of(board, PL_CTR_BOARD, PL_FIELD_TITLE);
    *ret_name = text_of(board, (uint64_t)(uintptr_t)map_get(&board->persons, user), PL_FIELD_NAME);
}

void board_first_envelope(struct pl_buf *buf, struct pl_slice title, uint64_t srv_ms)
{
    pl_write_array(buf, 4);
    pl_write_uint(buf, 1); /* seq */
    pl_write_uint(buf, 0); /* user */
    pl_write_uint(buf, srv_ms);
    pl_write_array(buf, 4);
    pl_write_uint(buf, PL_REPLICA_SERVER);
    pl_write_uint(buf, PL_CTR_BOARD);
    pl_write_uint(buf, 1); /* lam */
    pl_write_array(buf, 1);
    pl_write_array(buf, 3);
    pl_write_uint(buf, PL_OP_CREATE);
    pl_write_uint(buf, PL_KIND_BOARD);
    pl_write_map(buf, 1);
    pl_write_uint(buf, PL_FIELD_TITLE);
    pl_write_str(buf, title);
}
