/* Batches as any bytes. The input is a sequence of [who byte, length (2 bytes, big-endian), body]; each is offered to a
 * board (board.h), by a role and a user that the byte says. */
#include "board.h"
#include "draw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum pl_role roles[] = {PL_ROLE_EDITOR, PL_ROLE_VIEWER, PL_ROLE_OWNER, PL_ROLE_SERVER};
    struct draw draw = {data, data + size};
    struct board board;
    board_init(&board);
    while (draw_more(&draw)) {
        const uint8_t who = draw_byte(&draw);
        const struct pl_slice body = draw_bytes(&draw, UINT16_MAX);
        board_offer(&board, body, (who & 3) == 3 ? 0 : 7 + (who >> 2 & 1), roles[who & 3]);
    }
    board_check(&board, size % 200);
    board_done(&board);
    return 0;
}
