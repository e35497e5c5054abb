/* See board.h. */
#include "board.h"
#include "draw.h"

#define CALL_BYTES     (64u * 1024u)
#define INPUT_FACTOR   64u
#define STATE_FACTOR   3u

void memory_check(const struct count_mem *count, size_t live_before, size_t input_bytes)
{
    REQUIRE(count->peak <= STATE_FACTOR * live_before + INPUT_FACTOR * input_bytes + CALL_BYTES);
}

void board_init(struct board *board)
{
    *board = (struct board){.naive = naive_doc_new(false)};
    count_mem_init(&board->count);
    board->doc = pl_doc_new(&board->count.mem);
    REQUIRE(board->doc != NULL);
}

void board_done(struct board *board)
{
    for (uint32_t i = 0; i < board->n; i++)
        pl_buf_done(&board->entries[i].body);
    naive_doc_free(board->naive);
    pl_doc_free(board->doc);
    REQUIRE(board->count.live == 0);
}

static struct pl_envelope envelope_at(const struct board *board, uint32_t index)
{
    const struct board_entry *entry = &board->entries[index];
    return (struct pl_envelope){.seq = index + 1,
                                .user = entry->user,
                                .srv_ms = 1000 + index,
                                .body = pl_buf_slice(&entry->body)};
}

static bool adopts(struct pl_slice body)
{
    struct pl_batch batch;
    struct pl_op op;
    REQUIRE(pl_batch_read(body, true, &batch) == PL_OK);
    for (struct pl_op_iter iter = pl_batch_ops(&batch); pl_op_next(&iter, &op);)
        if (op.code == PL_OP_ADOPT)
            return true;
    return false;
}

static void fold_naively(struct board *board, const struct pl_envelope *envelope)
{
    const char *reason = "";
    if (board->naive == NULL)
        return;
    if (adopts(envelope->body)) {
        naive_doc_free(board->naive);
        board->naive = NULL;
        return;
    }
    REQUIRE_BECAUSE(naive_doc_apply(board->naive, envelope, NULL, &reason), reason);
}

static void commit(struct board *board, const struct pl_batch *batch, struct pl_slice body, uint64_t user,
                   enum pl_status status)
{
    struct board_entry *entry = &board->entries[board->n];
    const char *reason = "";
    entry->user = user;
    pl_buf_init(&entry->body, pl_mem_libc());
    if (status == PL_OK)
        pl_buf_append(&entry->body, body.data, body.len);
    else
        pl_void_write(&entry->body, batch, status);
    const struct pl_envelope envelope = envelope_at(board, board->n++);
    const size_t live = board->count.peak = board->count.live;
    REQUIRE(pl_doc_apply(board->doc, &envelope, NULL) == PL_OK);
    memory_check(&board->count, live, body.len);
    REQUIRE_BECAUSE(pl_doc_check(board->doc, &reason), reason);
    fold_naively(board, &envelope);
}

enum pl_status board_offer(struct board *board, struct pl_slice body, uint64_t user, enum pl_role role)
{
    struct pl_batch batch;
    if (board->n == BOARD_ENTRIES_MAX)
        return PL_LIMIT;
    const uint64_t hash = pl_doc_state_hash(board->doc), lam = pl_doc_lam(board->doc);
    const uint64_t head = pl_doc_head(board->doc);
    const size_t live = board->count.peak = board->count.live, rows = pl_doc_replica_n(board->doc);
    const enum pl_status status = pl_doc_decide(board->doc, body, user, role, &batch);
    memory_check(&board->count, live, body.len);
    REQUIRE(board->count.live == live);
    REQUIRE(pl_doc_state_hash(board->doc) == hash && pl_doc_lam(board->doc) == lam &&
            pl_doc_head(board->doc) == head && pl_doc_replica_n(board->doc) == rows);
    if (status == PL_OK || (status != PL_DUPLICATE && status != PL_GAP && batch.ctr_n != 0))
        commit(board, &batch, body, user, status);
    return status;
}

static void replay_is_equal(const struct board *board)
{
    struct pl_doc *again = pl_doc_new(pl_mem_libc());
    REQUIRE(again != NULL);
    for (uint32_t i = 0; i < board->n; i++) {
        const struct pl_envelope envelope = envelope_at(board, i);
        REQUIRE(pl_doc_apply(again, &envelope, NULL) == PL_OK);
        REQUIRE(pl_doc_apply(again, &envelope, NULL) == PL_DUPLICATE);
    }
    REQUIRE(pl_doc_state_hash(again) == pl_doc_state_hash(board->doc));
    pl_doc_free(again);
}

static void snapshot_is_equal(struct board *board)
{
    struct pl_buf snapshot, again;
    struct pl_doc *loaded = NULL;
    pl_buf_init(&snapshot, pl_mem_libc());
    pl_buf_init(&again, pl_mem_libc());
    pl_doc_snapshot(board->doc, &snapshot);
    REQUIRE(pl_doc_load(pl_mem_libc(), pl_buf_slice(&snapshot), &loaded) == PL_OK);
    pl_doc_snapshot(loaded, &again);
    REQUIRE(pl_slice_equal(pl_buf_slice(&snapshot), pl_buf_slice(&again)));
    REQUIRE(pl_doc_view_hash(loaded) == pl_doc_view_hash(board->doc));
    pl_doc_free(loaded);
    pl_buf_done(&snapshot);
    pl_buf_done(&again);
}

/* Memory ends at some allocation: nothing crashes, nothing leaks. */
static void replay_without_memory(const struct board *board, uint64_t fail_at)
{
    struct count_mem count;
    count_mem_init(&count);
    count.fail_at = fail_at;
    struct pl_doc *doc = pl_doc_new(&count.mem);
    enum pl_status status = doc == NULL ? PL_NO_MEMORY : PL_OK;
    for (uint32_t i = 0; i < board->n && status == PL_OK; i++) {
        const struct pl_envelope envelope = envelope_at(board, i);
        struct pl_batch batch;
        const enum pl_status decided =
            pl_doc_decide(doc, envelope.body, envelope.user, PL_ROLE_OWNER, &batch);
        (void)decided;
        status = pl_doc_apply(doc, &envelope, NULL);
        REQUIRE(status == PL_OK || status == PL_NO_MEMORY);
    }
    pl_doc_free(doc);
    REQUIRE(count.live == 0);
}

void board_check(struct board *board, uint64_t fail_at)
{
    const char *reason = "";
    if (board->naive != NULL)
        REQUIRE_BECAUSE(naive_doc_agrees(board->naive, board->doc, &reason), reason);
    replay_is_equal(board);
    snapshot_is_equal(board);
    if (fail_at > 0)
        replay_without_memory(board, fail_at);
}
