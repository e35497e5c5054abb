/* An honest person on a live server, over a raw socket: makes a board, asks for a ticket, says
 * HELLO. What hostile tests put beside their hostility. */
#ifndef SUPPORT_LIVE_PEER_H
#define SUPPORT_LIVE_PEER_H
#include "proto/message.h"
#include "tests/support/live_server.h"
#include "tests/support/raw_client.h"

struct live_board {
    char id[16];
    char owner[128]; /* tokens */
    char editor[128];
    char viewer[128];
};

struct live_peer {
    struct raw_client client;
    uint64_t replica;
    uint64_t session;
    uint64_t head_seq;
    uint64_t lineage;
    uint64_t board_state; /* STATE too, as far as was read */
};

void live_board_make(const struct live_server *server, struct live_board *ret_board);
/* A ticket for the board by a token; returns the HTTP status. */
unsigned live_ticket(const struct live_server *server, const struct live_board *board,
                     const char *token, char ret_ticket[64]);
/* Joins as far as WELCOME; false when the server, or the socket, refuses. */
bool live_peer_try(struct live_peer *ret_peer, const struct live_server *server,
                   const struct live_board *board, const char *token);
/* The same; aborts when that fails. */
void live_peer_join(struct live_peer *ret_peer, const struct live_server *server,
                    const struct live_board *board, const char *token);
/* PING and its PONG: the session is alive and answers. */
bool live_peer_answers(struct live_peer *peer);
/* Sends one message, a literal (literal.h). */
void live_peer_send(struct live_peer *peer, const char *literal);
/* Sends bytes that are one message. */
void live_peer_send_bytes(struct live_peer *peer, struct pl_slice message);
/* Makes a sticky, larger by a field of so many bytes that nobody knows; false when the socket
 * refuses. `ctr` is the first of this replica's that is not used yet. */
bool live_peer_try_write(struct live_peer *peer, uint64_t ctr, size_t bytes);
/* The same; aborts when that fails. */
void live_peer_write(struct live_peer *peer, uint64_t ctr, size_t bytes);
/* Reads on until this message comes; it borrows from `buffer`. Aborts when the socket ends or falls
 * silent. */
struct pl_message live_peer_until(struct live_peer *peer, enum pl_message_type type, void *buffer,
                                  size_t cap);
/* Reads on until STATE says so. */
void live_peer_await_state(struct live_peer *peer, uint64_t board_state);
void live_peer_leave(struct live_peer *peer);
/* HELLO with this ticket and schema, on an upgraded socket. */
bool live_hello(struct raw_client *client, const char *ticket, uint64_t schema);

#endif
