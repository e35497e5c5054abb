/* A board as its people have it: links of every role, got and used through the routes alone. */
#ifndef SUPPORT_API_BOARD_H
#define SUPPORT_API_BOARD_H
#include "tests/support/api_world.h"
#include "tests/support/core_peer.h"

struct api_link {
    char id[16];
    char token[128];
};

struct api_board {
    char id[16];
    uint64_t board;
    struct api_link owner; /* the one it was made with */
};

void api_board_make(struct api_world *world, struct api_board *ret_board);
/* A request about the board's links, by a token: "" is the collection, else "/<link>". The status; the answer stands in
 * the world. */
unsigned api_board_ask(struct api_world *world, enum api_method method,
                       const struct api_board *board, const char *below, const char *token_or_null,
                       const char *body);
/* The owner makes a link; `lasts_ms` 0: without an end. */
void api_board_link(struct api_world *world, const struct api_board *board, const char *role,
                    uint64_t lasts_ms, struct api_link *ret_link);
/* POST .../ticket: the status. */
unsigned api_board_ticket(struct api_world *world, const struct api_board *board, const char *token,
                          char ret_ticket[TICKET_TEXT_BYTES]);
/* A person who came by the token, on the board. NULL when there was no ticket: the status is in the world. */
struct core_peer *api_board_visit(struct api_world *world, const struct api_board *board,
                                  const char *token);
/* The audit entries of the board as the data folder has them now, one per line: "act role outcome n". */
void api_board_record(struct api_world *world, uint64_t board, bool lasts, char *ret_text,
                      size_t cap);

#endif
