/* Batches that are well-formed mostly and mean harm (hostile_ops.h), offered to a board (board.h) by three users and
 * the server. */
#include "board.h"
#include "hostile_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pl_role roles[] = {PL_ROLE_SERVER, PL_ROLE_OWNER, PL_ROLE_EDITOR, PL_ROLE_COMMENTER};
    struct draw draw = {data, data + size};
    struct board board;
    board_init(&board);
    const uint64_t fail_at = draw_number(&draw);
    while (draw_more(&draw)) {
        const uint32_t who = draw_below(&draw, 4);
        struct pl_buf body;
        pl_buf_init(&body, pl_mem_libc());
        hostile_body(&draw, board.doc, who, who == 0, &body);
        board_offer(&board, pl_buf_slice(&body), who, roles[who]);
        pl_buf_done(&body);
    }
    board_check(&board, fail_at);
    board_done(&board);
    return 0;
}
