/* When tombstones go (SPEC G1, G3): the server writes a COLLECT when a document's dead outweigh its living and every
 * tab that is here has told that all it made before the last COLLECT is committed. What a COLLECT does is the engine's;
 * tabs that are away mend their pending batches when they come back (R7). */
#include "board/board_inner.h"
#include "proto/op.h"

#define COLLECT_MS_MIN      600000u        /* what was deleted can be brought back for so long at least */
#define DEAD_BYTES_MIN      (256u * 1024u) /* below, nobody would notice */
#define WEIGH_ENTRIES_MIN   256u           /* entries before it is worth weighing again */

void member_settled(struct member *member, uint64_t seq)
{
    if (seq > member->settled_seq && seq <= member->board->durable)
        member->settled_seq = seq;
}

static bool all_settled(const struct board *board, uint64_t seq)
{
    for (size_t i = 0; i < board->member_n; i++) {
        const struct member *member = board->members[i];
        if (member->role >= PL_ROLE_COMMENTER && member->settled_seq < seq)
            return false;
    }
    return board->joiners == NULL;
}

static bool outweighed(struct board *board)
{
    struct pl_doc_weight weight;
    if (pl_doc_head(board->doc) - board->weighed_seq < WEIGH_ENTRIES_MIN)
        return false;
    board->weighed_seq = pl_doc_head(board->doc);
    pl_doc_weigh(board->doc, &weight);
    return weight.dead_bytes >= DEAD_BYTES_MIN && weight.dead_bytes > weight.living_bytes;
}

void collect_sweep(struct board *board)
{
    const uint64_t now = loop_now_ms(board->env.loop);
    struct pl_buf op;
    if (!board_admits(board) || now - board->collect_ms < COLLECT_MS_MIN ||
        !all_settled(board, pl_doc_collect_seq(board->doc)) || !outweighed(board))
        return;
    pl_buf_init(&op, board->env.mem);
    pl_write_array(&op, 1);
    pl_write_uint(&op, PL_OP_COLLECT);
    if (!op.failed) /* without memory: another time */
        board_server_batch(board, pl_buf_slice(&op), 1);
    pl_buf_done(&op);
    board->collect_ms = now;
    board->weighed_seq = 0; /* what is only marked now shall go the next time, whatever else happens */
}
